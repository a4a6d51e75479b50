"""The wheel of this source tree, and what its sdist would hold, made once for all processes of a run of the tests."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LISTED = ROOT / "ctlint.egg-info" / "SOURCES.txt"
"""What setuptools puts into an sdist, which it works out for a wheel as well."""


def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the list of what goes into the sdist. Whoever comes while another builds it waits.

    To pack, unpack and build from the sdist costs twice what the wheel does, and says no more than that list: what the wheel is
    made of has to be on it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = shared / "distributions", shared / "distributions.done"
    with (shared / "distributions.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            LISTED.unlink(missing_ok=True)  # what an earlier build listed counts as to be listed
            build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
            subprocess.run(build, check=True, capture_output=True)
            shutil.copy(LISTED, folder)
            done.touch()
    return folder


def wheel_in(folder: Path) -> Path:
    (wheel,) = folder.glob("*.whl")
    return wheel


def listed_in(folder: Path) -> set[str]:
    """The paths that the sdist would hold."""
    return set((folder / LISTED.name).read_text("utf-8").splitlines())
