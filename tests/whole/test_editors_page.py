"""docs/editors.md: the snippets are what their readers can read, and start the command that there is."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ctlint.lint.arguments.parser import parser
from ctlint.lint.cli import main

ROOT = Path(__file__).parents[2]
PAGE = (Path(__file__).parents[2] / "docs" / "editors.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\b.*\n([\s\S]*?)^```$", PAGE, re.MULTILINE)


def test_the_settings_of_visual_studio_code_start_the_server() -> None:
    [settings] = [found for each in blocks("json") if "glspc.server.command" in (found := json.loads(each))]
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


def test_neovim_asks_about_the_files_that_the_extension_asks_about() -> None:
    conversation = (ROOT / "editors" / "vscode" / "src" / "conversation.mjs").read_text("utf-8")
    (languages,) = re.findall(r"\[([^\]]*)\]\.map\(\(language\)", conversation)
    named = {"shellscript": "sh", "ini": "desktop", "makefile": "make"}
    wanted = {named.get(each, each) for each in re.findall(r'"(\w+)"', languages)}
    lists = re.findall(r"(?:filetypes|^ +pattern) = \{ ([^}]*) \}", "\n".join(blocks("lua")), re.MULTILINE)
    assert [wanted - set(re.findall(r'"(\w+)"', each)) for each in lists] == [set(), set()]


def test_the_example_with_a_schema_is_valid_by_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    [example] = [each for each in blocks("toml") if each.startswith("#:schema")]
    Draft202012Validator(schema).validate(tomllib.loads(example))


def test_the_task_finds_the_findings(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    [tasks] = [found for each in blocks("json") if "tasks" in (found := json.loads(each))]
    (task,) = tasks["tasks"]
    monkeypatch.chdir(ROOT / "fixtures" / "ct205" / "bad")
    assert main(task["command"].split()[1:]) == 1
    pattern = task["problemMatcher"]["pattern"]
    (found,) = (match for line in capsys.readouterr().out.splitlines() if (match := re.match(pattern["regexp"], line)))
    told = {key: found[group] for key, group in pattern.items() if key != "regexp"}
    assert told.pop("message").startswith("`SITE_NAME` is empty here")
    script = "root/etc/cont-init.d/10-site.sh"
    assert told == {"file": script, "line": "3", "column": "6", "severity": "error", "code": "CT205"}
