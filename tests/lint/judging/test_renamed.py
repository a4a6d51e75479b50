"""Codes and names of earlier releases are accepted wherever rules are named, with one word; preview rules."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ctlint.lint.cli import main
from ctlint.rules import renamed
from ctlint.rules.discover import all_rules

FIXTURE = Path(__file__).parents[3] / "fixtures" / "ct202" / "bad"
SCRIPT = Path("root/etc/cont-init.d/30-shared.sh")


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(renamed.RENAMED, "CT299", "CT202")
    monkeypatch.setitem(renamed.RENAMED, "old-order", "init-before-account")
    shutil.copytree(FIXTURE, tmp_path / "x")
    monkeypatch.chdir(tmp_path / "x")


def linted(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[list[str], str]:
    main(["lint", "--format", "json", *argv])
    said = capsys.readouterr()
    return [f"{each['rule']} {each['severity']}" for each in json.loads(said.out)["findings"]], said.err


def test_no_code_of_today_is_a_former_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    today = {rule.code for rule in all_rules()} | {rule.name for rule in all_rules()}
    assert set(renamed.RENAMED.values()) <= today
    assert not (set(renamed.RENAMED) | set(renamed.REMOVED)) & today


@pytest.mark.parametrize("word", ["CT299", "ct299", "old-order"])
def test_on_the_command_line(capsys: pytest.CaptureFixture[str], word: str) -> None:
    today = "init-before-account" if word == "old-order" else "CT202"
    found, said = linted(capsys, "--select", word)
    assert found == ["CT202 error"]
    assert said == f"ctlint: command line: `{word}` is called `{today}` now.\n"
    found, said = linted(capsys, "--ignore", word)
    assert found == []
    assert said.count("now.") == 1


@pytest.mark.parametrize(
    ("text", "expected", "line"),
    [
        ('ignore = ["CT299"]', [], ""),
        ('select = ["old-order"]', ["CT202 error"], ""),
        ('[severity]\nCT299 = "info"', ["CT202 info"], ":2"),
        ('[per-file-ignores]\n"root/**" = ["CT299"]', [], ":2"),
    ],
)
def test_in_the_configuration(capsys: pytest.CaptureFixture[str], text: str, expected: list[str], line: str) -> None:
    Path("ctlint.toml").write_text(text + "\n")
    found, said = linted(capsys)
    assert found == expected
    assert said.startswith(f"ctlint: ctlint.toml{line}: `")
    assert said.count("\n") == 1


@pytest.mark.parametrize("comment", ["ignore[CT299]", "ignore[old-order]", "ignore-file[ct299]"])
def test_in_a_comment(capsys: pytest.CaptureFixture[str], comment: str) -> None:
    lines = SCRIPT.read_text().split("\n")
    lines.insert(1 if "file" in comment else 4, f"# ctlint: {comment} the share is given away later")
    SCRIPT.write_text("\n".join(lines))
    found, said = linted(capsys)
    assert found == []
    assert said.startswith(f"ctlint: {SCRIPT}: `")
    assert said.count("now.") == 1


def test_in_many_comments_the_word_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    lines = SCRIPT.read_text().split("\n")
    lines[1:1] = ["# ctlint: ignore[CT299] one", "# ctlint: ignore-file[CT299] two"]
    SCRIPT.write_text("\n".join(lines))
    assert linted(capsys)[1].count("CT299") == 1


def test_a_baseline_from_before_still_holds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:  # the release in which the rule was CT299
        before.setattr("ctlint.lint.judging.run.first_code", lambda code: "CT299" if code == "CT202" else code)
        assert main(["lint", "--write-baseline", "base.json"]) == 0
    Path("base.json").write_text(Path("base.json").read_text().replace("CT202", "CT299"))
    capsys.readouterr()
    found, said = linted(capsys, "--baseline", "base.json")
    assert found == []
    assert said == "ctlint: base.json: `CT299` is called `CT202` now.\n"


def test_fingerprints_outlive_a_new_code(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert renamed.first_code("CT202") == "CT299"
    monkeypatch.setitem(renamed.RENAMED, "CT298", "CT202")
    assert renamed.first_code("CT202") == "CT202", "two rules became one: it keeps its own"


def test_its_page_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "CT299"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("## CT202 init-before-account\n")
    assert said.err == "ctlint: `CT299` is called `CT202` now.\n"


def test_a_rule_that_is_gone_is_accepted_with_a_word(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(renamed.REMOVED, "CT297", "s6-overlay does it by itself since 3.2")
    gone = "The rule `CT297` is gone: s6-overlay does it by itself since 3.2."
    for option in ("--ignore", "--extend-select"):
        assert linted(capsys, option, "CT297") == (["CT202 error"], f"ctlint: command line: {gone}\n")
    assert linted(capsys, "--select", "CT297")[0] == []
    Path("ctlint.toml").write_text('[severity]\nCT297 = "info"\n')
    assert linted(capsys) == (["CT202 error"], f"ctlint: ctlint.toml:2: {gone}\n")
    Path("ctlint.toml").unlink()
    lines = SCRIPT.read_text().split("\n")
    lines.insert(1, "# ctlint: ignore[CT297] not needed")
    SCRIPT.write_text("\n".join(lines))
    assert linted(capsys) == (["CT202 error"], f"ctlint: {SCRIPT}: {gone}\n")
    assert main(["rule", "CT297"]) == 2
    assert capsys.readouterr().err == f"ctlint: {gone}\n"


def test_without_use_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert linted(capsys) == (["CT202 error"], "")


def test_a_preview_rule_runs_with_preview_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tuple(replace(rule, preview=rule.code == "CT202") for rule in all_rules())
    for room in ("commands.lint", "commands.rule"):
        monkeypatch.setattr(f"ctlint.lint.{room}.all_rules", lambda: rules)
    assert linted(capsys) == ([], "")
    assert linted(capsys, "--preview") == (["CT202 error"], "")
    found, said = linted(capsys, "--select", "CT202")
    assert found == []
    assert "CT202 is a preview rule and stays off without --preview" in said
    assert linted(capsys, "--select", "CT202", "--preview")[0] == ["CT202 error"]
    assert main(["rule", "CT202"]) == 0
    assert "in preview: only with `--preview`" in capsys.readouterr().out
    assert main(["rule"]) == 0
    assert "(preview) " in capsys.readouterr().out
