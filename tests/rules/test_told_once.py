"""One defect, one finding: what several rules, lines or places speak of is told once."""

import pytest

from ctlint.lint.judging.engine import run_rules
from ctlint.rules.discover import all_rules
from folding import Files, program, workspace


def told(dockerfile: str, files: Files | None = None) -> list[tuple[str, str]]:
    """The (rule, message) of each finding of warning and above in a lone repository."""
    found = run_rules(workspace({"desk": {"Dockerfile": dockerfile, **(files or {})}}), all_rules()).findings()
    return [(finding.rule, finding.message) for finding in found if finding.severity.label != "info"]


def test_an_undeclared_variable_is_told_once_for_all_its_stages() -> None:
    text = "FROM debian:$RELEASE AS tools\nRUN true\nFROM debian:$RELEASE\nCOPY --from=tools /etc/motd /\n"
    assert [rule for rule, _ in told(text)] == ["CT503"]


def test_an_account_that_is_taken_is_told_by_the_rule_that_knows_why_it_fails() -> None:
    script = program('#!/bin/sh\nuseradd -u "$USER_ID" "$USER_NAME"\nchown "$USER_NAME" /srv\n')
    text = 'FROM ubuntu:24.04\nENV USER_ID=1000\nCOPY start.sh /\nCMD ["/start.sh"]\n'
    rules = [rule for rule, _ in told(text, {"start.sh": script})]
    assert "CT305" in rules
    assert "CT208" not in rules


def test_two_keys_that_a_launcher_lacks_are_one_defect() -> None:
    text = "FROM debian:12.8-slim\nCOPY viewer.desktop /usr/share/applications/\n"
    found = told(text, {"viewer.desktop": "[Desktop Entry]\nExec=sh\n"})
    assert [message for rule, message in found if rule == "CT408"] == [
        "The group `[Desktop Entry]` has no Name and no Type, which it must have."
    ]


@pytest.mark.parametrize(
    ("mount", "expected"),
    [
        ("source=root,target=/x", []),
        ("type=bind,source=root,target=/x", []),
        ("type=bind,from=acme/other:1.0,source=root,target=/x", ["CT102"]),
        ("type=cache,target=/root", ["CT102"]),
    ],
)
def test_a_folder_that_a_run_mounts_from_the_context_is_taken(mount: str, expected: list[str]) -> None:
    text = f"FROM lscr.io/linuxserver/baseimage-alpine:3.20\nRUN --mount={mount} install-it\n"
    found = told(text, {"root/etc/cont-init.d/10-a": program("#!/bin/sh\ntrue\n")})
    assert [rule for rule, _ in found if rule == "CT102"] == expected


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        ("COPY rot/ /", ["CT511"]),
        ("COPY overlay /", ["CT511"]),
        ("COPY rot/etc/cont-init.d/10-a /etc/cont-init.d/", ["CT511"]),
        ("COPY root/etc/cont-init.d/20-b /etc/cont-init.d/", ["CT511"]),
        ("COPY motd.txt /", ["CT102", "CT511"]),
        ("COPY rot/ /opt", ["CT511"]),
        ("COPY other/ /opt", ["CT102", "CT511"]),
    ],
)
def test_a_copy_of_a_folder_that_is_not_there_is_told_and_not_that_nothing_takes_what_was_meant(
    copy: str, expected: list[str]
) -> None:
    text = f"FROM lscr.io/linuxserver/baseimage-alpine:3.20\n{copy}\n"
    files = {
        "root/etc/cont-init.d/10-a": program("#!/bin/sh\ntrue\n"),
        "Makefile": "all:\n\tdocker build -t acme/x .\n",
    }
    assert sorted(rule for rule, _ in told(text, files) if rule in ("CT102", "CT511")) == expected


@pytest.mark.parametrize(("line", "expected"), [("chown $USER_NAME /srv", ["CT205"]), ("chown /srv", ["CT212"])])
def test_an_owner_that_is_missing_because_its_variable_is_empty_is_told_by_the_variable(
    line: str, expected: list[str]
) -> None:
    text = "FROM helxplatform/cloudtop:develop-latest\nCOPY --chmod=755 x.sh /etc/cont-init.d/60-x.sh\n"
    found = told(text, {"x.sh": program(f"#!/bin/sh\n{line}\n")})
    assert [rule for rule, _ in found if rule.startswith("CT2")] == expected


def test_another_tag_of_a_bundled_desktop_is_assumed_to_be_like_it() -> None:
    text = "FROM helxplatform/cloudtop:bullseye-v0.0.6\nCOPY --chmod=755 x.sh /etc/cont-init.d/30-x.sh\n"
    files = {"desk": {"Dockerfile": text, "x.sh": program("#!/bin/sh\ntouch $USER_NAME\n")}}
    found = run_rules(workspace(files), all_rules()).findings()
    assert [one.rests_on for one in found if one.rule == "CT205"] == ["helxplatform/cloudtop:bullseye-v0.0.6"]
