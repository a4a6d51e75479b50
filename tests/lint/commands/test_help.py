"""`--help` as a newcomer reads it: it fits a terminal of 80 columns, explains every option, and its examples are right."""

import argparse
import re
import shlex

import pytest

from ctlint.lint.arguments.help_format import HelpFormatter
from ctlint.lint.arguments.parser import parser
from ctlint.lint.cli import main

TOP = parser()
(COMMANDS,) = (action.choices for action in TOP._actions if isinstance(action, argparse._SubParsersAction))
NAMES = sorted(COMMANDS)


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def page(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    assert main([*command, "--help"]) == 0
    return capsys.readouterr().out


def test_the_first_page_leads_on(capsys: pytest.CaptureFixture[str]) -> None:
    out = page(capsys)
    assert main([]) == 2
    assert out == capsys.readouterr().out
    for name in NAMES:
        assert re.search(rf"^    {name} ", out, re.MULTILINE)
    assert "`ctlint COMMAND --help`" in out


@pytest.mark.parametrize("name", ["", *NAMES])
def test_a_page_fits_and_has_its_parts(capsys: pytest.CaptureFixture[str], name: str) -> None:
    out = page(capsys, *filter(None, [name]))
    assert [line for line in out.splitlines() if len(line) > 80] == []
    assert out.startswith(f"usage: ctlint {name}".rstrip())
    assert "\nexamples:\n  ctlint " in out
    assert re.search(r"\nexit codes:\n  0  .+\n(?:  1  .+\n)?  2  wrong use", out)


@pytest.mark.parametrize("name", NAMES)
def test_every_argument_is_explained(name: str) -> None:
    for action in COMMANDS[name]._actions:
        assert action.help, f"{name} {action.option_strings or action.dest}"


@pytest.mark.parametrize("name", ["", *NAMES])
def test_examples_can_be_typed_and_say_what_for(name: str) -> None:
    epilog = (COMMANDS[name] if name else TOP).epilog or ""
    block = epilog.partition("examples:\n")[2].partition("\n\n")[0]
    for line in block.splitlines():
        command, _, purpose = line.strip().partition("  ")
        words = shlex.split(command.split(" < ")[0])
        assert words[0] == "ctlint"
        TOP.parse_args(words[1:])
        assert purpose.strip(), line


def test_lists_paragraphs_and_columns_are_kept() -> None:
    text = (
        "A heading:\n  One sentence that is\n  written over lines: it is joined.\n  - an item that\n    goes on\n"
        "  - another\n\n  ctlint x --option    " + "a long purpose " * 5
    )
    made = argparse.ArgumentParser(prog="x", formatter_class=HelpFormatter, epilog=text)
    rows = made.format_help().partition("A heading:")[2].splitlines()
    assert rows[1:4] == [
        "  One sentence that is written over lines: it is joined.",
        "  - an item that goes on",
        "  - another",
    ]
    assert rows[5].startswith("  ctlint x --option    a long purpose")
    assert rows[6].startswith(" " * 23 + "purpose a long")
