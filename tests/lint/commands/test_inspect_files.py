"""`inspect --files`: owner, link target and doubt of each path, in text and JSON; s6-overlay's commands as links."""

import json
from pathlib import Path
from typing import Any

import pytest

from ctlint.lint.cli import main

S6 = "https://github.com/just-containers/s6-overlay/releases/download/v3.2.1.0"
DOCKERFILE = f"""FROM debian:12
RUN useradd -u 1200 kim && mkdir /opt/app && ln -s app /opt/current
COPY --chown=kim --chmod=0750 run.sh /opt/app/
RUN if [ "$(date +%u)" = 7 ]; then touch /opt/app/sunday; chmod 0600 /opt/app/run.sh; fi
RUN chown "$(cat /opt/who)" /opt/app/run.sh.d || true; mkdir -p /opt/app/run.sh.d && chown 4242 /opt/app/run.sh.d
ADD {S6}/s6-overlay-noarch.tar.xz {S6}/s6-overlay-x86_64.tar.xz {S6}/s6-overlay-symlinks-noarch.tar.xz /tmp/
RUN for one in noarch x86_64 symlinks-noarch; do tar -C / -Jxpf /tmp/s6-overlay-$one.tar.xz; done
"""


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "run.sh").write_text("#!/bin/sh\n")
    monkeypatch.chdir(tmp_path)

    def rows(glob: str) -> dict[str, Any]:
        assert main(["inspect", ".", "--files", glob, "--format", "json"]) == 0
        found = json.loads(capsys.readouterr().out)
        return {row["path"]: row for row in found["files"]}

    return rows


def test_owner_link_and_doubt_of_a_path_are_told(listed: Any) -> None:
    rows = listed("/opt/**")
    told = {path: (row["kind"], row["mode"], row["owner"], row["link"], row["sure"]) for path, row in rows.items()}
    assert told["/opt/app"] == ("directory", "0755", "root", None, True)
    assert told["/opt/current"] == ("link", "0777", "root", "app", True)
    assert told["/opt/app/run.sh"] == ("file", None, "kim", None, True)  # 0750 or 0600
    assert told["/opt/app/sunday"] == ("file", "0644", "root", None, False)
    assert told["/opt/app/run.sh.d"] == ("directory", "0755", "4242", None, True)
    assert rows["/opt/current"]["blob"] is None
    assert rows["/opt/app/run.sh"]["source"] == {"path": "run.sh", "line": 1}


def test_the_commands_of_s6_overlay_are_links(listed: Any) -> None:
    rows = listed("/command/*")
    assert rows["/command/s6-svscan"]["link"] == "../package/admin/s6/command/s6-svscan"
    assert rows["/command/with-contenv"]["link"] == "../package/admin/s6-overlay/command/with-contenv"
    assert rows["/command/execlineb"]["link"] == "../package/admin/execline/command/execlineb"
    assert {row["kind"] for row in rows.values()} == {"link"}
    assert all(row["sure"] and row["owner"] == "root" for row in rows.values())
    usr = listed("/usr/bin/with-contenv")["/usr/bin/with-contenv"]
    assert (usr["kind"], usr["link"]) == ("link", "../../command/with-contenv")


def test_what_is_there_under_a_condition_is_marked_in_the_text(listed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", ".", "--files", "/opt/**"]) == 0
    out = capsys.readouterr().out
    lines = {line.split("  ")[1].rstrip("/"): line for line in out.splitlines() if "  /opt/" in line}
    assert lines["/opt/app/sunday"] == "0644 root  /opt/app/sunday  perhaps  Dockerfile:4"
    assert lines["/opt/app/run.sh"] == "???? kim  /opt/app/run.sh  run.sh:1"
    assert lines["/opt/app/run.sh.d"] == "0755 4242  /opt/app/run.sh.d/  Dockerfile:5"
    assert lines["/opt/current -> app"] == "0777 root  /opt/current -> app  Dockerfile:2"


def test_what_cannot_match_is_no_reason_why_more_may_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / ".gitignore").write_text("*.conf\n*.o\n")
    (tmp_path / "Dockerfile").write_text("FROM debian:12\nCOPY d /made/d\n")
    monkeypatch.chdir(tmp_path)
    for glob, ends in (
        ("/w*", "No other can be there."),
        ("/us*", "its profile does not list every file of the distribution"),
        ("*.conf", "--verbose lists them"),
        ("/made/d*", "so a build step may make it"),
    ):
        assert main(["inspect", ".", "--files", glob]) == 0
        assert capsys.readouterr().out.rstrip().endswith(ends), glob
