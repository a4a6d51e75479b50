"""What ctlint says when the world does not do what was asked of it."""

import os
from pathlib import Path

import pytest

from ctlint.lint.cli import main

S6 = "FROM lscr.io/linuxserver/baseimage-alpine:3.20\n"


def test_a_fix_that_could_not_be_written_is_not_said_to_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One file can be written and one cannot, as on a read-only mount."""
    (tmp_path / "Dockerfile").write_text(S6 + "COPY a /etc/services.d/a/run\nCOPY b /etc/services.d/b/run\n")
    for name in "ab":
        (tmp_path / name).write_text("#!/bin/sh\nexec sleep 1\n")
    monkeypatch.chdir(tmp_path)
    chmod = os.chmod

    def refused(path: Path | str, mode: int) -> None:
        if Path(path).name == "a":
            raise PermissionError(30, "Read-only file system")
        chmod(path, mode)

    monkeypatch.setattr(os, "chmod", refused)
    assert main(["lint", "--select", "CT104", "--fix", "--format", "concise"]) == 3
    out, err = capsys.readouterr()
    assert err.splitlines() == ["a was not changed: Read-only file system", "Fixed 1 finding in 1 file.", "  b"]
    assert [line.partition(":")[0] for line in out.splitlines() if "CT104" in line] == ["a"]
