"""The fixtures keep their own conventions, so that a rule's test never passes for a slip in one of them."""

import re
import subprocess
from pathlib import Path

import dockerfile
import pytest

from expectations import FIXTURES, FLEET, INCIDENTS, ORGANISATIONS, PAIRS, expected_in, lines_of, named

SPECIAL = re.compile(r"^(?:Hidden=true|Type=X-XFCE-Helper)$", re.MULTILINE)
"""Entries that a desktop takes, for what they are, though the tool asks for more: one that hides another, and Xfce's own type."""


def clean_launchers(fixture: Path) -> list[Path]:
    faulty = {fixture / path for path, _, code in expected_in(fixture) if code == "CT408"}
    return sorted(
        path for path in set(fixture.rglob("*.desktop")) - faulty if not SPECIAL.search(path.read_text("utf-8"))
    )


def test_every_rule_has_both_sides() -> None:
    for folder in sorted(FIXTURES.glob("ct[0-9]*")):
        assert {"bad", "good"} <= {path.name for path in folder.iterdir()}, folder.name
    assert [named(path) for path in PAIRS if not re.fullmatch(r"(bad|good)(-[a-z0-9]+)*", path.name)] == []


@pytest.mark.parametrize("fixture", PAIRS, ids=named)
def test_a_bad_fixture_expects_its_own_rule_and_a_good_one_nothing(fixture: Path) -> None:
    own = {fixture.parent.name.upper()} if fixture.name.startswith("bad") else set[str]()
    assert {code for _, _, code in expected_in(fixture)} == own


def test_every_incident_has_both_sides() -> None:
    for folder in (FIXTURES / "incidents").iterdir():
        assert {"bad", "good"} <= {path.name for path in folder.iterdir()}, folder.name


@pytest.mark.parametrize("fixture", INCIDENTS, ids=named)
def test_only_the_bad_side_of_an_incident_expects_something(fixture: Path) -> None:
    assert fixture.name.startswith(("bad", "good"))
    assert bool(list(expected_in(fixture))) == fixture.name.startswith("bad")


@pytest.mark.parametrize("fixture", ORGANISATIONS, ids=named)
def test_a_correct_organisation_expects_nothing(fixture: Path) -> None:
    assert list(expected_in(fixture)) == []


@pytest.mark.parametrize("fixture", [*PAIRS, *INCIDENTS, FLEET], ids=named)
def test_expected_places_exist_and_are_named_once(fixture: Path) -> None:
    expected = list(expected_in(fixture))
    assert len(expected) == len(set(expected))
    for path, line, _ in expected:
        assert line <= max(len(lines_of(fixture / path)), 1), f"{path} has no line {line}"


@pytest.mark.parametrize("fixture", [*PAIRS, *INCIDENTS, *ORGANISATIONS, FLEET], ids=named)
def test_a_fixture_is_a_repository_or_says_that_it_is_a_workspace(fixture: Path) -> None:
    has_top = (fixture / "Dockerfile").exists() or (fixture / "Makefile").exists()
    says_workspace = (fixture / "ctlint.toml").exists()
    assert not (has_top and says_workspace)
    assert (
        has_top
        or says_workspace
        or any(path.is_file() for form in ("Dockerfile*", "*.dockerfile") for path in fixture.rglob(form))
    )


@pytest.mark.parametrize("fixture", [*PAIRS, *INCIDENTS, *ORGANISATIONS, FLEET], ids=named)
def test_dockerfiles_and_launchers_are_well_formed(fixture: Path) -> None:
    for path in [*fixture.rglob("Dockerfile*"), *fixture.rglob("Docker.*")]:
        assert dockerfile.parse_file(str(path))
    for launcher in clean_launchers(fixture):
        told = subprocess.run(["desktop-file-validate", launcher], capture_output=True, text=True, check=False)
        assert (told.returncode, told.stdout) == (0, "")
