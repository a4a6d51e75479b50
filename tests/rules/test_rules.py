"""Every fixture is linted with all rules, and gives what it expects and nothing else."""

from pathlib import Path

import pytest

from ctlint.rules.discover import all_rules
from expectations import FLEET, INCIDENTS, PAIRS, expected_in, named
from linting import found_in

CODES = {rule.code for rule in all_rules()}


@pytest.mark.parametrize("fixture", [*PAIRS, *INCIDENTS, FLEET], ids=named)
def test_a_fixture_gives_what_it_expects(fixture: Path) -> None:
    expected = sorted(item for item in expected_in(fixture) if item[2] in CODES)
    assert sorted(found_in(fixture)) == expected
