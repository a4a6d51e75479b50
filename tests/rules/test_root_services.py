"""Which services of an image derived from CloudTop are told to run as root without need (CT309), with and without `exec`."""

import pytest

from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.rules.discover import all_rules

RULES = tuple(rule for rule in all_rules() if rule.code in ("CT111", "CT309"))
OWN = "/usr/local/bin/own"


def told(run: str) -> list[tuple[str, int]]:
    """Codes and lines of what is found in a service's run script."""
    files: dict[str, bytes | str | FileSpec] = {
        "Dockerfile": "FROM helxplatform/cloudtop:latest\nCOPY root/ /\n",
        "root/etc/services.d/extra/run": FileSpec(f"#!/usr/bin/with-contenv sh\n{run}\n".encode(), 0o755),
        f"root{OWN}": FileSpec(b"#!/bin/sh\nwhile :; do date; sleep 60; done\n", 0o755),
    }
    done = run_rules(Workspace([(Snapshot.from_mapping("made", files), ["Dockerfile"])]), RULES)
    assert done.failed == 0
    return [(finding.rule, finding.place.line) for finding in done.findings()]


@pytest.mark.parametrize("program", ["python3 -m http.server 8600", OWN, f"s6-setuidgid root {OWN}"])
def test_a_program_that_needs_nothing_of_roots(program: str) -> None:
    assert told(f"exec {program}") == [("CT309", 2)]
    assert told(program) == [("CT111", 2), ("CT309", 2)]


@pytest.mark.parametrize(
    "program",
    [
        "python3 -m http.server 80",
        "nginx -g 'daemon off;'",
        "s6-setuidgid root nginx -g 'daemon off;'",
        "something --of somebody",
        's6-setuidgid "$USER_NAME" python3 -m http.server 8600',
        "node /root/server.js",
    ],
)
def test_a_program_that_needs_root_or_gives_it_up(program: str) -> None:
    assert told(f"exec {program}") == []
    assert told(program) == [("CT111", 2)]


@pytest.mark.parametrize("last", ["trap 'exit' TERM\npython3 -m http.server 8600", "while :; do python3 x.py; done"])
def test_what_is_supervised_by_the_script_itself_is_left_to_it(last: str) -> None:
    assert told(last) == []
