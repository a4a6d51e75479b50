"""Every rule's page shows an example that really fails and one that is right, wherever ctlint is installed."""

import json
import re
from functools import cache
from pathlib import Path

import jsonschema
import pytest

from ctlint.lint.cli import main
from ctlint.lint.output.json_schema import schema
from ctlint.lint.output.rule_examples import Example, ExampleFile, example_of, shortened
from ctlint.lint.output.rule_lines import page_lines
from ctlint.lint.output.rule_page import page
from ctlint.rules.base import Rule
from ctlint.rules.discover import all_rules
from expectations import FIXTURES, expected_in

RULES = all_rules()


def named(rule: Rule) -> str:
    return rule.code


@cache
def shown_for(code: str) -> Example:
    example = example_of(code)
    assert example is not None
    return example


def unmarked(line: str) -> str:
    return re.sub(r"[ \t]*# expect: CT\d+(, CT\d+)*$", "", line)


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_page_shows_what_fails_and_what_is_right(rule: Rule) -> None:
    """What is found in the fixtures that it shows, another test holds to what they expect."""
    example = shown_for(rule.code)
    what_is_marked_is_what_is_found(rule, example)
    what_is_shown_as_right_is_right(rule, example)
    a_page_is_short_and_shows_every_marked_line(rule, example)


def what_is_marked_is_what_is_found(rule: Rule, example: Example) -> None:
    fixture = FIXTURES / rule.code.lower() / example.fixtures[0]
    found = set[tuple[str, str]]()
    for path, line, code in expected_in(fixture):
        if code == rule.code:
            rows = (fixture / path).read_bytes().decode("utf-8").split("\n")
            found.add((path, unmarked(rows[line - 1])))
    assert {(file.path, file.lines[line - 1]) for file in example.bad for line in file.marked} == found
    assert found


def what_is_shown_as_right_is_right(rule: Rule, example: Example) -> None:
    assert example.good
    assert not any(file.marked for file in example.good)
    assert list(expected_in(FIXTURES / rule.code.lower() / example.fixtures[1])) == []


def a_page_is_short_and_shows_every_marked_line(rule: Rule, example: Example) -> None:
    for file in (*example.bad, *example.good):
        assert set(file.marked) <= set(file.shown)
        assert "# expect" not in "\n".join(file.lines)
    assert example.size[1] <= 110, f"{rule.code} needs a smaller example: fixtures/{rule.code.lower()}/good-example"
    text = page(rule)
    headings = re.findall(r"^### (.+)$", text, re.MULTILINE)
    assert headings[-3:] == ["Example that fails", "Example that is right", "References"]
    assert text.count("```") % 2 == 0
    for file in example.bad:
        for line in file.marked:
            if file.lines != ("",):
                assert f"\n> {shortened(file.lines[line - 1])}".rstrip() in text


def test_both_sides_differ() -> None:
    same = [rule.code for rule in RULES if shown_for(rule.code).bad == shown_for(rule.code).good]
    assert same == []


def test_a_page_in_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "CT104"]) == 0
    out = capsys.readouterr().out
    assert "`root/etc/cont-init.d/10-stamp`, mode 644, with the finding on line 1:" in out
    assert "`root/etc/cont-init.d/10-stamp`, mode 755:" in out


def test_json_has_the_examples_as_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "CT205", "--format", "json"]) == 0
    rules = json.loads(capsys.readouterr().out)
    jsonschema.validate(rules, json.loads(schema("rule")))
    (rule,) = rules
    (bad,), (good,) = rule["examples"]["bad"], rule["examples"]["good"]
    assert bad["path"] == good["path"]
    assert bad["lines"] == [2]
    assert bad["text"].startswith("#!/bin/sh\n")
    assert "with-contenv" in good["text"]


def test_long_files_are_cut_to_what_matters() -> None:
    file = next(file for file in shown_for("CT401").bad if file.path == "Dockerfile")
    rows = list(file.excerpt())
    assert rows[0] == (1, "FROM ubuntu:22.04")
    assert None in rows
    assert [row for row in rows if row is not None][-1][1] == file.lines[-1]


def test_a_carriage_return_is_seen_and_a_long_line_is_cut() -> None:
    assert shortened("longrun\r") == "longrun␍"
    assert shortened("\ufeff#!/bin/sh") == "<U+FEFF>#!/bin/sh"
    assert len(shortened("x" * 500)) == 120


def test_a_rule_without_fixtures_has_a_page_all_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("ctlint.lint.output.rule_examples._fixtures", lambda: tmp_path)
    assert example_of("CT205") is None
    rule = RULES[0]
    assert page(rule) == page(rule, examples=False)
    assert "Example" not in page(rule).partition("### References")[0].split("### When")[-1]


def test_a_gap_is_told_at_the_end_too() -> None:
    file = ExampleFile("x", ("a", "b", "c"), shown=(2,))
    assert list(file.excerpt()) == [None, (2, "b"), None]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("sc2086", "https://www.shellcheck.net/wiki/SC2086"),
        ("CT2", "`CT2` stands for several rules"),
        ("init-before-acount", "did you mean `init-before-account`"),
        ("", "There is no rule"),
    ],
)
def test_what_is_no_rule_of_ctlints_is_wrong_use(capsys: pytest.CaptureFixture[str], wanted: str, told: str) -> None:
    assert main(["rule", wanted]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert told in captured.err


def test_a_terminal_gets_paragraphs_of_its_width_and_code_as_it_stands() -> None:
    for each in all_rules():
        shown = ["".join(text for text, _ in line) for line in page_lines(page(each), 80)]
        whole = page(each).splitlines()
        code = {row for at, row in enumerate(whole) if sum(one.startswith("```") for one in whole[:at]) % 2}
        assert "\n".join(shown).split() == [word for word in page(each).split() if not _is_mark(word)], each.code
        assert {row[4:] for row in shown if row.startswith("    ")} >= code - {"```"}, each.code
        assert [row for row in shown if len(row) > 80 and not row.startswith("    ") and " " in row.strip()] == []


def _is_mark(word: str) -> bool:
    return word.startswith("```") or (set(word) == {"#"} and len(word) > 1)
