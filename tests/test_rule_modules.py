"""Every rule keeps the form that the others have."""

import re
from pathlib import Path

import pytest

from ctlint.rules.base import Rule
from ctlint.rules.discover import all_rules

ROOT = Path(__file__).parent.parent
RULES = all_rules()
HEADINGS = ["What it does", "Why it matters at run time", "When to ignore it", "References"]


def named(rule: Rule) -> str:
    return rule.code


def test_codes_and_names_are_unique_and_codes_are_those_of_the_files() -> None:
    files = sorted(path.stem for path in (ROOT / "rules").glob("ct[0-9]*.py"))
    assert [f"{rule.code.lower()}_{rule.name.replace('-', '_')}" for rule in RULES] == files
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_rule_has_its_manual(rule: Rule) -> None:
    assert re.findall(r"^## (.+)$", rule.manual, re.MULTILINE) == HEADINGS
    assert rule.summary.endswith(".")
    assert len(rule.summary) <= 120
    for section in re.split(r"^## .+$", rule.manual, flags=re.MULTILINE)[1:]:
        assert section.strip(), f"{rule.code} has an empty section"


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_rule_has_a_bad_and_a_good_fixture(rule: Rule) -> None:
    folder = ROOT / "fixtures" / rule.code.lower()
    assert {"bad", "good"} <= {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_rule_has_a_name_that_can_be_typed(rule: Rule) -> None:
    assert re.fullmatch(r"CT[1-9]\d\d", rule.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)


def test_the_reference_is_that_of_the_modules(capsys: pytest.CaptureFixture[str]) -> None:
    from ctlint.lint.cli import main

    assert main(["rule", "--all", "--format", "markdown"]) == 0
    assert (ROOT / "docs" / "rules.md").read_text("utf-8") == capsys.readouterr().out, "run `make docs`"
