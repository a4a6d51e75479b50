"""Wall time and peak memory of ctlint: a cold process on one repository, and the example organisation many times over.

Usage: python tools/bench.py [COPIES]
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLEET = ROOT / "fixtures" / "fleet"


def run(*arguments: str, cwd: Path) -> tuple[float, float, int]:
    """(seconds, peak memory in MiB, exit code) of a ctlint process of its own."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "ctlint", *arguments], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    return time.perf_counter() - start, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def fleet_times(copies: int, folder: Path) -> None:
    """The example organisation so many times, each copy under names of its own."""
    (folder / "ctlint.toml").write_text("workspace = true\n")
    for number in range(copies):
        for repository in FLEET.iterdir():
            if not repository.is_dir():
                continue
            target = folder / f"{number}-{repository.name}"
            shutil.copytree(repository, target)
            for file in target.rglob("*"):
                if file.is_file():
                    text = file.read_bytes()
                    for owner in (b"helxplatform", b"heliumdatastage"):
                        text = text.replace(owner + b"/", b"copy%d-%s/" % (number, owner))
                    file.write_bytes(text)


def main() -> None:
    copies = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    one = FLEET / "cloudtop-imagej-napari"
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / one.name
        shutil.copytree(one, alone)
        run("lint", cwd=alone)
        times = [run("lint", cwd=alone) for _ in range(15)]
        bare = [run("--version", cwd=alone)[0] for _ in range(5)]
    seconds = [each[0] for each in times]
    print(
        f"lint, one repository, cold: median {statistics.median(seconds) * 1000:.0f} ms, best {min(seconds) * 1000:.0f} ms, "
        f"{max(each[1] for each in times):.0f} MiB (--version: {min(bare) * 1000:.0f} ms)"
    )
    with tempfile.TemporaryDirectory() as folder:
        fleet_times(copies, Path(folder))
        for command in ("lint", "graph"):
            elapsed, memory, code = run(command, "--quiet", cwd=Path(folder))
            print(f"{command}, the example organisation × {copies}: {elapsed:.2f} s, {memory:.0f} MiB (exit {code})")


if __name__ == "__main__":
    main()
