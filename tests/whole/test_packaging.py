"""The distributions hold all that ctlint needs, under its own name only."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from distributions import ROOT, distributions, listed_in, wheel_in


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return distributions(tmp_path_factory)


@pytest.fixture(scope="module")
def site(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the wheel puts into an environment: it is unpacked, as it has nothing to be built. What pip says of it, action.yml's
    test sees.
    """
    folder = tmp_path_factory.mktemp("installed") / "site"
    with zipfile.ZipFile(wheel_in(built)) as archive:
        archive.extractall(folder)
        for entry in archive.infolist():
            if entry.external_attr >> 16 & 0o111:
                (folder / entry.filename).chmod(0o755)
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
    assert {
        "lint/cli.py",
        "rules/base.py",
        "lineage/folding/fold.py",
        "tests/lint/commands/test_cli.py",
        "pyproject.toml",
        "LICENSE",
        "README.md",
    } <= listed_in(built)


def test_the_wheel_can_be_built_from_the_sdist(built: Path) -> None:
    folders = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-dir"]
    with zipfile.ZipFile(wheel_in(built)) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    sources: list[str] = []
    for name in names:
        package = max((each for each in folders if name.startswith(each.replace(".", "/") + "/")), key=len)
        sources.append(folders[package] + name[len(package) :])
    assert len(sources) > 1000
    assert set(sources) - listed_in(built) == set()


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
