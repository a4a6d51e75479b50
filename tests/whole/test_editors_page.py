"""docs/editors.md: the snippets are what their readers can read, and start the command that there is."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ctlint.lint.cli import main
from ctlint.lint.commands.arguments import parser

PAGE = (Path(__file__).parents[2] / "docs" / "editors.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\b.*\n([\s\S]*?)^```$", PAGE, re.MULTILINE)


def test_the_settings_of_visual_studio_code_start_the_server() -> None:
    [settings] = [json.loads(each) for each in blocks("json")]
    assert settings["glspc.server.command"] == "ctlint"
    assert parser().parse_args(settings["glspc.server.commandArguments"]).stdio is True


def test_the_settings_of_helix_start_the_server() -> None:
    documents: list[dict[str, Any]] = [tomllib.loads(each) for each in blocks("toml")]
    [helix] = [each for each in documents if "language-server" in each]
    server = helix["language-server"]["ctlint"]
    assert server["command"] == "ctlint"
    assert parser().parse_args(server["args"]).run
    assert all("ctlint" in language["language-servers"] for language in helix["language"])


def test_the_settings_of_neovim_start_the_server() -> None:
    commands = re.findall(r"cmd = \{ ([^}]*) \}", "\n".join(blocks("lua")))
    assert commands == ['"ctlint", "lsp"'] * 2


def test_the_example_with_a_schema_is_valid_by_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    [example] = [each for each in blocks("toml") if each.startswith("#:schema")]
    Draft202012Validator(schema).validate(tomllib.loads(example))
