"""What cannot be read or is not known is said: CT001, the list of what was not decided, exit codes."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text.errors import InputError
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.cli import main
from ctlint.lint.judging.engine import run_rules
from ctlint.lint.judging.run import Run
from ctlint.rules.discover import all_rules

FILES = {
    "Dockerfile": "FROM debian:12.8-slim\nCOPY root /\nCOPY extra /opt/extra\n",
    "root/etc/cont-init.d/10-x": "#!/bin/sh\necho x\n",
    "extra/y": "y\n",
    "Makefile": "all:\n\tdocker build -t acme/x .\n",
}


def judged(unread: str | None, files: Mapping[str, str] = FILES) -> Run:
    """A run on files of which one cannot be read, as one of mode 000 cannot."""
    snapshot = Snapshot.from_mapping("x", dict(files))
    if unread is not None:
        snapshot = snapshot.overlaid({unread: InputError("cannot be read: Permission denied")})
    return run_rules(Workspace([(snapshot, ("Dockerfile",))]), all_rules())


@pytest.mark.parametrize("path", ["root/etc/cont-init.d/10-x", "Makefile", "Dockerfile"])
def test_a_file_that_cannot_be_read_fails_the_run_and_is_named(path: str) -> None:
    run = judged(path)
    told = [(finding.rule, finding.place.path) for finding in run.findings() if finding.rule == "CT001"]
    assert told == [("CT001", f"x/{path}")]
    assert run.report(run.findings()).exit_code(min(rule.severity for rule in all_rules())) == 3
    assert not any("BuildKit refuses" in finding.message for finding in run.findings())


@pytest.mark.parametrize("path", ["root/etc/cont-init.d/10-x", "Makefile"])
def test_what_it_leaves_open_is_listed(path: str) -> None:
    assert {skipped.rule for skipped in judged(path).skipped} >= {"CT205", "CT206", "CT313"}
    assert {skipped.rule for skipped in judged(None).skipped}.isdisjoint({"CT206", "CT313"})


def test_a_gate_may_ask_for_known_parents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM private.example.org/base:1\n", "utf-8")
    assert main(["lint"]) == 0
    assert main(["lint", "--require-known"]) == 1
    (tmp_path / "Dockerfile").write_text("FROM debian:12.8-slim\n", "utf-8")
    assert main(["lint", "--require-known=proved"]) == 0
    (tmp_path / "Dockerfile").write_text("ARG V=12.8-slim\nFROM debian:$V\n", "utf-8")
    (tmp_path / "docker-bake.hcl").write_text('target "default" {\n  args = { V = upper(X) }\n}\n', "utf-8")
    assert main(["lint", "--require-known"]) == 0
    assert main(["lint", "--require-known=proved"]) == 1


def test_an_unknown_parent_is_named_and_no_findings_is_not_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM private.example.org/base:1\nCOPY x /etc/cont-init.d/x\n", "utf-8")
    (tmp_path / "x").write_text("#!/bin/sh\necho $USER_NAME\n", "utf-8")
    assert main(["lint"]) == 0
    out = capsys.readouterr().out
    assert "1 image stands on a parent that ctlint does not know: private.example.org/base:1 (Dockerfile:1)." in out
    assert "No findings" not in out
    assert main(["lint", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {"CT107", "CT111", "CT118", "CT205", "CT403"} <= {each["rule"] for each in document["skipped"]}
    assert [(parent["reference"], parent["line"]) for parent in document["images"][0]["doubtful_parents"]] == [
        ("private.example.org/base:1", 1)
    ]
