"""Every fixture is linted with all rules, and gives what it expects and nothing else."""

from pathlib import Path

import pytest

from ctlint.rules.discover import all_rules
from expectations import FIXED, FLEET, INCIDENTS, PAIRS, expected_in, named
from linting import run_on

CODES = {rule.code for rule in all_rules()}


@pytest.mark.parametrize("fixture", [*PAIRS, *INCIDENTS, FLEET], ids=named)
def test_a_fixture_gives_what_it_expects(fixture: Path) -> None:
    expected = sorted(item for item in expected_in(fixture) if item[2] in CODES)
    findings = run_on(fixture).findings()
    assert sorted((found.place.path, found.place.line, found.rule) for found in findings) == expected
    assert {found.rule for found in findings if found.fix is not None} <= FIXED
