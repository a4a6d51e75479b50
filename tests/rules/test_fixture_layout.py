"""The fixtures keep their own conventions, so that a rule's test never passes for a slip in one of them."""

import re
import subprocess
from pathlib import Path

import dockerfile
import pytest

from expectations import FIXTURES, FLEET, INCIDENTS, ORGANISATIONS, PAIRS, Expectation, expected_in, lines_of, named

SPECIAL = re.compile(r"^(?:Hidden=true|Type=X-XFCE-Helper)$", re.MULTILINE)
"""Entries that a desktop takes, for what they are, though the tool asks for more: one that hides another, and Xfce's own type."""


def clean_launchers(fixture: Path, expected: list[Expectation]) -> list[Path]:
    faulty = {fixture / path for path, _, code in expected if code == "CT408"}
    return sorted(
        path for path in set(fixture.rglob("*.desktop")) - faulty if not SPECIAL.search(path.read_text("utf-8"))
    )


def test_every_rule_has_both_sides() -> None:
    for folder in sorted(FIXTURES.glob("ct[0-9]*")):
        assert {"bad", "good"} <= {path.name for path in folder.iterdir()}, folder.name
    assert [named(path) for path in PAIRS if not re.fullmatch(r"(bad|good)(-[a-z0-9]+)*", path.name)] == []


def test_every_incident_has_both_sides() -> None:
    for folder in (FIXTURES / "incidents").iterdir():
        assert {"bad", "good"} <= {path.name for path in folder.iterdir()}, folder.name


@pytest.mark.parametrize("fixture", [*PAIRS, *INCIDENTS, *ORGANISATIONS, FLEET], ids=named)
def test_a_fixture_keeps_the_conventions(fixture: Path) -> None:
    """One test a fixture, because its expectations are read once."""
    expected = list(expected_in(fixture))
    what_is_expected_is_what_its_name_says(fixture, expected)
    expected_places_exist_and_are_named_once(fixture, expected)
    it_is_a_repository_or_says_that_it_is_a_workspace(fixture)
    dockerfiles_and_launchers_are_well_formed(fixture, expected)


def what_is_expected_is_what_its_name_says(fixture: Path, expected: list[Expectation]) -> None:
    """A bad fixture expects its own rule, the bad side of an incident something, all that is good or correct nothing."""
    codes = {code for _, _, code in expected}
    if fixture.parent.name.startswith("ct"):
        assert codes == ({fixture.parent.name.upper()} if fixture.name.startswith("bad") else set[str]())
    elif fixture in ORGANISATIONS:
        assert codes == set()
    elif fixture != FLEET:
        assert fixture.name.startswith(("bad", "good"))
        assert bool(codes) == fixture.name.startswith("bad")


def expected_places_exist_and_are_named_once(fixture: Path, expected: list[Expectation]) -> None:
    assert len(expected) == len(set(expected))
    for path, line, _ in expected:
        assert line <= max(len(lines_of(fixture / path)), 1), f"{path} has no line {line}"


def it_is_a_repository_or_says_that_it_is_a_workspace(fixture: Path) -> None:
    has_top = (fixture / "Dockerfile").exists() or (fixture / "Makefile").exists()
    says_workspace = (fixture / "ctlint.toml").exists()
    assert not (has_top and says_workspace)
    assert (
        has_top
        or says_workspace
        or any(path.is_file() for form in ("Dockerfile*", "*.dockerfile") for path in fixture.rglob(form))
    )


def dockerfiles_and_launchers_are_well_formed(fixture: Path, expected: list[Expectation]) -> None:
    for path in [*fixture.rglob("Dockerfile*"), *fixture.rglob("Docker.*")]:
        assert dockerfile.parse_file(str(path))
    launchers = clean_launchers(fixture, expected)
    if launchers:
        told = subprocess.run(["desktop-file-validate", *launchers], capture_output=True, text=True, check=False)
        assert (told.returncode, told.stdout) == (0, "")
