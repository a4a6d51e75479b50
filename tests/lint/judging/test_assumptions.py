"""A finding that would not be said without an assumed parent says so, in every format; others do not."""

import pytest

from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.lint.judging.run import Run
from ctlint.lint.output.console import report_lines
from ctlint.lint.output.report_format_names import FORMATS
from ctlint.lint.output.report_formats import render
from ctlint.rules.discover import all_rules

S6 = "https://github.com/just-containers/s6-overlay/releases/download/v3.1.6.2/s6-overlay"
BASE = {
    "Dockerfile": "FROM debian:12.8\n"
    "RUN apt-get update && apt-get install -y xz-utils\n"
    f"ADD {S6}-noarch.tar.xz {S6}-x86_64.tar.xz /tmp/\n"
    "RUN tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz && tar -C / -Jxpf /tmp/s6-overlay-x86_64.tar.xz\n"
    'ENTRYPOINT ["/init"]\n',
    "Makefile": "build:\n\tdocker build -t acme/base:1 .\n",
}
CHILD = {
    "root/etc/cont-init.d/50-work.sh": FileSpec(b"#!/bin/sh\ntrue\n", 0o644),
}


def linted(tag: str, more: str = "") -> Run:
    app = Snapshot.from_mapping("app", {**CHILD, "Dockerfile": f"FROM acme/base:{tag}\nCOPY root/ /\n{more}"})
    base = Snapshot.from_mapping("base", BASE)
    return run_rules(Workspace([(base, ["Dockerfile"]), (app, ["Dockerfile"])]), all_rules())


def test_what_rests_on_an_assumed_parent_says_so() -> None:
    found = {finding.rule: finding for finding in linted("2", "COPY nothing /srv/nothing\n").findings()}
    assert {"CT104", "CT511"} <= set(found)
    assert found["CT104"].rests_on == "acme/base:2"
    last = found["CT104"].related[-1]
    assert (last.place.path, last.place.line) == ("app/Dockerfile", 1)
    assert last.message == (
        "it rests on acme/base:2, which is only assumed: base/Dockerfile publishes the tag 1, not 2"
    )
    assert found["CT511"].rests_on is None


def test_what_rests_on_a_proved_parent_says_nothing() -> None:
    found = {finding.rule: finding for finding in linted("1").findings()}
    assert {finding.rests_on for finding in found.values()} == {None}
    assert "CT104" in found


def test_a_finding_that_another_image_proves_says_nothing() -> None:
    app = Snapshot.from_mapping(
        "app",
        {
            **CHILD,
            "Dockerfile": "FROM acme/base:2\nCOPY root/ /\n",
            "Dockerfile.one": "FROM acme/base:1\nCOPY root/ /\n",
        },
    )
    base = Snapshot.from_mapping("base", BASE)
    run = run_rules(Workspace([(base, ["Dockerfile"]), (app, ["Dockerfile", "Dockerfile.one"])]), all_rules())
    assert [finding.rests_on for finding in run.findings() if finding.rule == "CT104"] == [None]


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_tells_it(format: str) -> None:
    said = "its parent acme/base:2 is only assumed" if format == "concise" else "it rests on acme/base:2"
    run = linted("2")
    assert said in render(run.report(run.findings()), format)
    run = linted("1")
    assert "only assumed" not in render(run.report(run.findings()), format)


def test_the_terminal_tells_it() -> None:
    run = linted("2")
    shown = " ".join(text for line in report_lines(run.report(run.findings()), 200) for text, _ in line)
    assert "it rests on acme/base:2" in shown
