"""The commands in README run, and print what it says they print."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ctlint.lint.cli import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize(("command", "output"), re.findall(r"```console\n\$ ctlint (.+)\n((?:.*\n)+?)```", README))
def test_the_examples_are_what_is_printed(
    command: str, output: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert main(command.split()) == ("error[" in output)
    assert capsys.readouterr().out == output


TRACKED = (
    ".dockerignore .github .gitignore .pre-commit-hooks.yaml Dockerfile README.md action.yml ctlint.toml docs editors "
    "fixtures lineage lint pyproject.toml rules tests tools"
).split()


def test_in_a_clone_lint_looks_at_what_is_ctlints_own(tmp_path: Path) -> None:
    # A checkout in use also holds what a run leaves in it (a TMPDIR with other tests' repositories, say).
    clone = tmp_path / "ctlint"
    clone.mkdir()
    skip = shutil.ignore_patterns("node_modules", "__pycache__")
    for name in TRACKED:
        there = ROOT / name
        if there.is_dir():
            shutil.copytree(there, clone / name, symlinks=True, ignore=skip)
        else:
            shutil.copy2(there, clone / name)
    ran = subprocess.run(
        [sys.executable, "-m", "ctlint", "lint", "--format", "json"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "src")},
        cwd=clone,
        capture_output=True,
        text=True,
    )
    assert ran.stderr == ""
    report = json.loads(ran.stdout)
    assert report["findings"] == []
    assert [image["dockerfile"] for image in report["images"]] == ["Dockerfile"]
    assert ran.returncode == 0


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
