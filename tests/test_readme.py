"""The commands in README run, and print what it says they print."""

import re
from pathlib import Path

import pytest

from ctlint.lint.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_first_example_is_what_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    block = re.search(r"```console\n\$ ctlint (?P<command>.+)\n(?P<output>(?:.*\n)+?)```", README)
    assert block is not None
    assert main(block["command"].split()) == 1
    printed = capsys.readouterr().out
    assert block["output"] in printed


def test_the_inspect_example_is_what_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT / "fixtures" / "fleet")
    block = re.search(
        r"`ctlint (?P<command>inspect [^`]+)` in the example.*?```text\n(?P<output>.*?)```", README, re.DOTALL
    )
    assert block is not None
    assert main(block["command"].split()) == 0
    printed = capsys.readouterr().out
    for line in block["output"].splitlines():
        assert line in printed


def test_the_commands_in_the_table_exist(capsys: pytest.CaptureFixture[str]) -> None:
    commands = re.findall(r"^\| `ctlint (\w+)", README, re.MULTILINE)
    assert len(commands) >= 5
    for command in commands:
        assert main([command, "--help"]) == 0
        assert capsys.readouterr().out.startswith(f"usage: ctlint {command}")
