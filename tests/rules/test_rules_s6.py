"""What the rules say of the service definitions in fixtures/s6, release by release, against what the real programs did.

Each tree is laid over an image that installs the release and has one init script and one service of its own, so that an
order relative to them means something.
"""

import base64
import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.rules.base import Finding, Severity
from ctlint.rules.discover import all_rules

FOLDER = Path(__file__).parents[2] / "fixtures" / "s6"
CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in json.loads((FOLDER / "verdicts.json").read_text())}
TABLE: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "cases.toml").read_text())
RELEASES = ("3.0.0.2", "3.1.6.2", "3.2.1.0", "3.2.3.2")
OF_S6 = tuple(rule for rule in all_rules() if rule.code.startswith("CT1"))
IGNORED = {"file-ignored", "descriptor-low"}
ORDER = {"before-cont-init", "beside-services-d"}
PROGRAMS = "sh bash env cat sleep echo mkdir chown date install rm touch nginx".split()
RELEASE = "https://github.com/just-containers/s6-overlay/releases/download"


@cache
def floor() -> Snapshot:
    """A parent that is wholly known: the programs that the trees use, and merged /usr."""
    files: dict[str, bytes | str | FileSpec] = {
        f"rootfs/usr/bin/{name}": FileSpec(b"\x7fELF\0", 0o755) for name in PROGRAMS
    }
    files["rootfs/bin"] = FileSpec(kind="link", target="usr/bin", mode=0o777)
    files["Dockerfile"] = "FROM scratch\nCOPY rootfs/ /\n"
    files["Makefile"] = "build:\n\tdocker build -t acme/floor:1.0.0 .\n"
    return Snapshot.from_mapping("floor", files)


def dockerfile(release: str) -> str:
    lines = ["FROM acme/floor:1.0.0"]
    for part in ("noarch", "x86_64"):
        lines.append(f"ADD --checksum=sha256:{'0' * 64} {RELEASE}/v{release}/s6-overlay-{part}.tar.xz /tmp/")
    lines += [f"RUN tar -C / -Jxpf /tmp/s6-overlay-{part}.tar.xz" for part in ("noarch", "x86_64")]
    return "\n".join((*lines, "COPY root/ /", 'ENTRYPOINT ["/init"]', ""))


def content(value: str | dict[str, str]) -> bytes:
    return value.encode() if isinstance(value, str) else base64.b64decode(value["base64"])


def repository(case: dict[str, Any], release: str) -> Snapshot:
    modes: dict[str, str] = case.get("modes") or {}
    files: dict[str, bytes | str | FileSpec] = {
        "Dockerfile": dockerfile(release),
        "root/etc/cont-init.d/10-first": FileSpec(b"#!/bin/sh\necho first\n", 0o755),
        "root/etc/services.d/other/run": FileSpec(b"#!/bin/sh\nexec sleep 1000\n", 0o755),
    }
    for path, value in case["tree"].items():
        files[f"root/{path}"] = FileSpec(content(value), int(modes.get(path, "0644"), 8))
    links: dict[str, str] = case.get("symlinks") or {}
    for path, target in links.items():
        files[f"root/{path}"] = FileSpec(kind="link", target=target, mode=0o777)
    for odd in case.get("files_with_odd_names") or ():
        path = odd["path_escaped"].encode().decode("unicode_escape")
        files[f"root/{path}"] = FileSpec(odd["content"].encode(), 0o644)
    for path in case.get("empty_dirs") or ():
        files["Dockerfile"] = str(files["Dockerfile"]).replace("ENTRYPOINT", f"RUN mkdir -p '/{path}'\nENTRYPOINT")
    return Snapshot.from_mapping(f"made-{release}", files)


Told = dict[str, list[Finding]]
"""What is found of a tree on each release."""


def findings(name: str) -> Told:
    """All releases beside each other: their parent is folded once."""
    made = [(repository(CASES[name], release), ["Dockerfile"]) for release in RELEASES]
    workspace = Workspace([(floor(), ["Dockerfile"]), *made])
    assert {image.name for image in workspace.images} >= {"acme/floor"}
    run = run_rules(workspace, OF_S6)
    assert run.failed == 0
    found = run.findings()
    return {release: [one for one in found if one.place.path.startswith(f"made-{release}/")] for release in RELEASES}


def errors(found: list[Finding]) -> set[str]:
    return {one.rule for one in found if one.severity is Severity.ERROR}


def verdict(case: dict[str, Any], release: str) -> tuple[int | None, str | None]:
    """(exit code of s6-rc-compile, rough verdict) of a case on a release."""
    if release == case["settled_with"]:
        return case["exit_code"], case["expected"]
    there = case["by_version"].get(release)
    if there is None:
        return None, None
    return there.get("exit_code"), there.get("differs") or case["expected"]


@pytest.mark.parametrize("name", CASES)
def test_what_is_told_of_a_tree_is_what_the_real_programs_did(name: str) -> None:
    """On each release; one test a tree, because the tree is judged once and held against all that was seen of it."""
    found = findings(name)
    for release in RELEASES:
        what_the_compiler_refuses_is_an_error_and_nothing_else_is_said_to_be_refused(name, release, found[release])
    for release in RELEASES[1:]:
        a_tree_that_works_gives_no_error(name, release, found[release])
    the_rule_of_the_table_tells_it(name, found["3.2.1.0"])


def what_the_compiler_refuses_is_an_error_and_nothing_else_is_said_to_be_refused(
    name: str, release: str, found: list[Finding]
) -> None:
    code, _ = verdict(CASES[name], release)
    if code is None:
        return
    refused = {"CT107", "CT121"} & errors(found)
    messages = " ".join(one.message for one in found)
    assert bool(refused and "refuses" in messages) == (code != 0), (release, messages)


def a_tree_that_works_gives_no_error(name: str, release: str, found: list[Finding]) -> None:
    _, rough = verdict(CASES[name], release)
    if rough in ("accept", "accept-with-warning"):
        spare = {"CT109"} if "never-started" in TABLE[name]["problems"] else set[str]()
        assert errors(found) <= spare, release


def the_rule_of_the_table_tells_it(name: str, found: list[Finding]) -> None:
    expected = {TABLE[name]["rule"]} - {"none"}
    if ORDER & set(TABLE[name]["problems"]):
        expected.add("CT110")
    if IGNORED & set(TABLE[name]["problems"]) and "CT107" not in expected:
        expected.add("CT125")
    assert {one.rule for one in found} == expected


def test_a_full_stop_in_a_file_does_not_part_the_message() -> None:
    case = {"tree": {"etc/s6-overlay/s6-rc.d/web/type": "long. run", "etc/s6-overlay/s6-rc.d/web/run": "#!/bin/sh\n"}}
    workspace = Workspace([(floor(), ["Dockerfile"]), (repository(case, "3.2.1.0"), ["Dockerfile"])])
    (found,) = [each for each in run_rules(workspace, OF_S6).findings() if each.rule == "CT107"]
    assert found.message.startswith("`type` holds `long. run`, and nothing but `longrun`")
    assert found.help == "Write one of the three words."
