"""The distributions hold all that ctlint needs, under its own name only."""

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from distributions import ROOT, distributions, wheel_in


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return distributions(tmp_path_factory)


@pytest.fixture(scope="module")
def site(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What pip makes of the wheel. Only the modules that are used are compiled, when they are."""
    folder = tmp_path_factory.mktemp("installed") / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    subprocess.run(
        [*pip, "--no-compile", "--target", str(folder), str(wheel_in(built))], check=True, capture_output=True
    )
    return folder


def test_the_wheel_runs(built: Path, site: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel_in(built)) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"ctlint"}
    assert {"ctlint/py.typed", "ctlint/lint/output/schemas/lint.json", "ctlint/lineage/profiles/index.json"} <= set(
        names
    )
    done = subprocess.run(
        [sys.executable, "-m", "ctlint", "lint", str(ROOT / "fixtures" / "ct202" / "bad"), "--format", "concise"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
    )
    assert done.returncode == 1, done.stderr
    assert "CT202" in done.stdout


def test_the_wheel_holds_the_examples_of_the_rules(site: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ctlint", "rule", "--all", "--format", "markdown"],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
    )
    assert done.stdout == (ROOT / "docs" / "rules.md").read_bytes(), "the installed pages are those of the reference"


def test_the_sdist_holds_the_sources_and_the_tests(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "lint/cli.py",
        "rules/base.py",
        "lineage/folding/fold.py",
        "tests/lint/commands/test_cli.py",
        "pyproject.toml",
        "LICENSE",
    } <= names


def test_no_pattern_repeats_a_group_possessively() -> None:
    """CPython 3.11.0 to 3.11.4, which Debian 12 has, match too much with them (its issue 106052)."""
    group = re.compile(r"\)(?:[*+?]|\{[\d,]+\})\+|\(\?>")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("lineage", "rules", "lint")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if group.search(line)
    ]
    assert found == []
