"""The model of s6-rc against what the real programs did: 182 source trees, compiled and booted on several releases."""

import json
import tomllib
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ctlint.lineage.effects.s6_directories import RC_D, USER_BUNDLES_D
from ctlint.lineage.s6.rc import (
    Database,
    Definition,
    SourceDirectory,
    SourceEntry,
    SourceTree,
    certain_problems,
    compile_database,
    source_directory,
)
from ctlint.lineage.s6.rc_database import CONT_INIT
from ctlint.lineage.s6.rc_source import release_numbers
from ctlint.lineage.text.errors import Unknown

FIXTURES = Path(__file__).parents[3] / "fixtures" / "s6"
CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in json.loads((FIXTURES / "verdicts.json").read_text("utf-8"))
}
TABLE: dict[str, dict[str, Any]] = tomllib.loads((FIXTURES / "cases.toml").read_text("utf-8"))
SETTLED = "3.2.1.0"
RULES = {"compile": "CT107", "up": "CT108", "start": "CT109", "order": "CT110", "place": "CT121", "ignored": "none"}
UNKNOWN = Unknown("a parent may have put more there")


def entries_of(case: Mapping[str, Any]) -> dict[str, SourceEntry]:
    """The tree of a case by absolute path, links followed as s6-rc-compile does."""
    found: dict[str, SourceEntry] = {}
    for path, text in case["tree"].items():
        data = text.encode() if isinstance(text, str) else b64decode(text["base64"])
        found[f"/{path}"] = SourceEntry("", data=data)
    for path in case.get("empty_dirs", ()):
        found[f"/{path}"] = SourceEntry("", "directory")
    for odd in case.get("files_with_odd_names", ()):
        path = odd["path_escaped"].encode().decode("unicode_escape")
        found[f"/{path}"] = SourceEntry("", data=odd["content"].encode())
    for path, target in case.get("symlinks", {}).items():
        place = Path("/", path)
        goal = str(place.parent / target)
        linked = {f"{place}{name[len(goal) :]}": e for name, e in found.items() if f"{name}/".startswith(f"{goal}/")}
        found |= linked or {str(place): SourceEntry("", "dangling")}
    return found


def tree_of(case: Mapping[str, Any]) -> SourceTree:
    found = entries_of(case)

    def directory(root: str) -> SourceDirectory:
        below = {path[len(root) + 1 :]: entry for path, entry in found.items() if path.startswith(f"{root}/")}
        return source_directory(root, (replace(entry, path=path) for path, entry in below.items()))

    return SourceTree(directory(RC_D), directory(USER_BUNDLES_D))


def rc(files: Mapping[str, str]) -> SourceTree:
    """A tree of files below s6-rc.d."""
    entries = (SourceEntry(path, data=text.encode()) for path, text in files.items())
    return SourceTree(source_directory(RC_D, entries))


def releases(case: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from ((release, seen) for release, seen in case["by_version"].items() if release_numbers(release) >= (3,))


def codes(database: Database) -> list[str]:
    return sorted({problem.code for problem in database.problems})


def keys(database: Database) -> set[tuple[str, str]]:
    return {(problem.code, problem.service) for problem in database.problems}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_tree_is_compiled_and_started_as_the_real_programs_do(case: dict[str, Any]) -> None:
    """One test a tree: it is compiled once for a release, and held against all that was seen there."""
    tree, row = tree_of(case), TABLE[case["id"]]
    compiled = {release: compile_database(tree, release) for release, _ in releases(case)}
    for release, seen in releases(case):
        database = compiled[release]
        assert database.refused == (seen["exit_code"] != 0), (release, database.problems)
        assert codes(database) == row.get("by_release", {}).get(release, row["problems"]), release
        if not database.refused:
            starts_what_was_seen_to_start(case, database, release, seen)
    for release in (SETTLED, "3.2.3.2", "3.0.0.2"):
        known = compiled[release] if release in compiled else compile_database(tree, release)
        what_is_said_of_a_part_holds_for_the_whole(tree, known, release)


def test_the_table_says_which_rule_each_case_is_for() -> None:
    assert TABLE.keys() == CASES.keys()
    for name, row in TABLE.items():
        database = compile_database(tree_of(CASES[name]), SETTLED)
        if database.problems:
            aspects = {RULES[problem.aspect] for problem in database.problems}
            assert row["rule"] in aspects, name
        expected = CASES[name]["expected"]
        if expected == "reject":
            assert row["rule"] == "CT107", name


def starts_what_was_seen_to_start(
    case: Mapping[str, Any], database: Database, release: str, seen: Mapping[str, Any]
) -> None:
    running = {name for name, count in seen.get("started", {}).items() if count and name in database.services}
    assert running <= database.started, release
    verdict = seen.get("differs", case["expected"])
    if verdict == "accept-but-never-started":
        assert not {name for name in database.started if database.services[name].own}, release
    for name in database.services:
        assert database.starts(name) is (name in database.started), release


def what_is_said_of_a_part_holds_for_the_whole(whole: SourceTree, known: Database, release: str) -> None:
    """A tree of which something is unknown has no problem, and gets no answer, that the whole tree does not."""
    for part in parts(whole):
        database = compile_database(part, release)
        told = {key for key in keys(database) - keys(known) if key[0] != "never-started"}
        assert not told, part
        idle = {problem.service for problem in database.problems if problem.code == "never-started"}
        assert known.refused or not any(known.started & known.expand(name) for name in idle), part
        if known.refused:
            continue
        for name in database.services.keys() & known.services.keys():
            assert isinstance(starts := database.starts(name), Unknown) or starts == known.starts(name), (part, name)
            waits = database.depends(name, CONT_INIT)
            assert isinstance(waits, Unknown) or waits == known.depends(name, CONT_INIT), (part, name)


def parts(tree: SourceTree) -> Iterator[SourceTree]:
    """The tree with one definition, or one file, or one content unknown."""
    yield replace(tree, rc=replace(tree.rc, open=UNKNOWN))
    for name, definition in tree.rc.definitions.items():
        others = {other: found for other, found in tree.rc.definitions.items() if other != name}
        yield replace(tree, rc=replace(tree.rc, definitions=others, open=UNKNOWN))
        for path, entry in definition.entries.items():
            rest = {other: found for other, found in definition.entries.items() if other != path}
            opened = Definition(name, definition.path, rest, UNKNOWN)
            yield replace(tree, rc=replace(tree.rc, definitions={**others, name: opened}))
            if entry.data is not None:
                doubtful = {**definition.entries, path: replace(entry, data=None)}
                unread = Definition(name, definition.path, doubtful)
                yield replace(tree, rc=replace(tree.rc, definitions={**others, name: unread}))


LONGRUN = {"svc/type": "longrun\n", "svc/run": "#!/bin/sh\n", "user/contents.d/svc": ""}


def test_messages_name_the_fault_and_the_cure() -> None:
    tree = rc({**LONGRUN, "svc/type": "longrun \n", "old/type": "oneshot\n", "old/dependencies.d/base~": ""})
    problems = {problem.code: problem for problem in compile_database(tree, SETTLED).problems}
    assert problems["type-invalid"].cure == "Remove the blanks around it."
    assert problems["type-invalid"].path == f"{RC_D}/svc/type"
    assert problems["type-invalid"].line == 1
    assert "remove the file" in problems["name-undefined"].cure
    assert problems["name-undefined"].path == f"{RC_D}/old/dependencies.d/base~"
    assert problems["up-missing"].path == f"{RC_D}/old"


def test_a_list_with_crlf_is_told_with_the_line() -> None:
    tree = rc({**LONGRUN, "svc/dependencies": "base\nlegacy-cont-init\r\n"})
    (problem,) = compile_database(tree, SETTLED).problems
    assert problem.code == "name-undefined"
    assert problem.line == 2
    assert "CRLF" in problem.cure


def test_dependencies_are_expanded_and_implied() -> None:
    tree = rc(
        {
            "prod/type": "longrun",
            "prod/run": "",
            "prod/producer-for": "log",
            "prod/notification-fd": "3",
            "prod/timeout-up": "5000",
            "log/type": "longrun",
            "log/run": "",
            "log/consumer-for": "prod",
            "log/pipeline-name": "pipe",
            "shot/type": "oneshot",
            "shot/up": "/bin/true",
            "shot/dependencies.d/pipe": "",
            "all/type": "bundle",
            "all/contents.d/shot": "",
            "all/contents.d/pipe": "",
            "all/flag-essential": "",
            "user/contents.d/all": "",
        }
    )
    database = compile_database(tree, SETTLED)
    assert codes(database) == ["before-cont-init"]
    assert database.services["shot"].dependencies == {"prod", "log", "s6rc-oneshot-runner"}
    assert database.services["prod"].dependencies == {"log", "s6rc-fdholder"}
    assert database.services["log"].dependencies == {"s6rc-fdholder"}
    assert database.services["prod"].notification_fd == 3
    assert database.services["prod"].timeouts == {"timeout-up": 5000}
    assert database.services["log"].essential
    assert database.services["shot"].program == f"{RC_D}/shot/up"
    assert database.bundles["pipe"].services == {"prod", "log"}
    assert database.depends("shot", "pipe") is True
    assert database.depends("prod", "shot") is False
    assert database.depends("legacy-services", "all") is True
    assert database.in_both_places(["prod", "shot", "other"]) == ("prod",)


def test_the_order_of_the_boot() -> None:
    early = {"early/type": "longrun", "early/run": "", "user/contents.d/early": ""}
    chain = {"next/type": "longrun", "next/run": "", "next/dependencies.d/early": "", "user/contents.d/next": ""}
    database = compile_database(rc({**early, **chain, **LONGRUN, "svc/dependencies": "base"}), SETTLED)
    waiting = {name: database.depends(name, CONT_INIT) for name in ("early", "next", "svc")}
    assert waiting == {"early": False, "next": False, "svc": True}
    assert keys(database) == {("before-cont-init", "early")}


def test_user2_may_wait_for_services_d() -> None:
    files = {"svc/type": "longrun", "svc/run": "", "svc/dependencies.d/base": "", "user2/contents.d/svc": ""}
    assert codes(compile_database(rc(files), SETTLED)) == ["beside-services-d"]
    assert codes(compile_database(rc({**files, "svc/dependencies.d/legacy-services": ""}), SETTLED)) == []


def test_an_idle_group_is_told_once() -> None:
    files = {
        "a/type": "longrun",
        "a/run": "",
        "a/dependencies.d/b": "",
        "b/type": "oneshot",
        "b/up": "",
        "group/type": "bundle",
        "group/contents.d/a": "",
    }
    assert keys(compile_database(rc(files), SETTLED)) == {("never-started", "group")}
    assert keys(compile_database(rc({k: v for k, v in files.items() if "group" not in k}), SETTLED)) == {
        ("never-started", "a")
    }


def test_an_overlay_of_an_unknown_parent_is_silent() -> None:
    tree = rc({"svc/run": "#!/bin/sh\n", "init-x/dependencies.d/init-parent": "", "user/contents.d/init-y": ""})
    tree = replace(tree, rc=replace(tree.rc, open=UNKNOWN))
    database = compile_database(tree, "3.1.6.2")
    assert database.problems == ()
    assert database.starts("svc") == UNKNOWN
    assert isinstance(database.depends("init-x", "base"), Unknown)


def test_what_is_there_is_wrong_whatever_the_parent_adds() -> None:
    tree = rc({"svc/type": "longrun\r\n", "svc/run": "", "s6rc-mine/type": "oneshot", "b/type": "bundle"})
    tree = replace(tree, rc=replace(tree.rc, open=UNKNOWN))
    assert codes(compile_database(tree, SETTLED)) == ["name-reserved", "type-invalid"]


def test_generation_two_reads_no_definition() -> None:
    database = compile_database(rc(LONGRUN), "2.2.0.3")
    assert not database.refused
    assert keys(database) == {("never-started", "svc")}
    assert "/etc/services.d" in database.problems[0].cure
    assert database.services == {}


def test_user_in_s6_rc_d_on_3_2_3_1_alone() -> None:
    assert codes(compile_database(rc(LONGRUN), "3.2.3.0")) == ["before-cont-init"]
    assert codes(compile_database(rc(LONGRUN), "3.2.3.1")) == ["place-user-in-rc-d"]
    assert codes(compile_database(rc(LONGRUN), "3.2.3.2")) == ["before-cont-init"]
    typed = {**LONGRUN, "user/type": "bundle", "user2/type": "bundle", "user2/contents.d/svc": ""}
    assert not compile_database(rc(typed), "3.2.3.1").refused


def test_what_all_releases_with_these_numbers_share() -> None:
    assert [problem.code for problem in certain_problems(rc(LONGRUN), "3.2")] == []
    tree = rc({**LONGRUN, "svc/type": "daemon", "svc/timeout-up": ""})
    assert [problem.code for problem in certain_problems(tree, (3,))] == ["type-invalid"]


def test_a_release_must_be_one() -> None:
    assert release_numbers("v3.0.0.2-1") == (3, 0, 0, 2)
    with pytest.raises(ValueError, match="not a release"):
        release_numbers("latest")


def test_a_bundle_needs_a_list() -> None:
    (problem,) = compile_database(rc({"grp/type": "bundle\n"}), SETTLED).problems
    assert (problem.code, problem.path, problem.fatal) == ("contents-missing", f"{RC_D}/grp", True)


def test_a_definition_in_both_directories_is_taken_twice() -> None:
    service = (SourceEntry("svc/type", data=b"longrun"), SourceEntry("svc/run", data=b""))
    tree = SourceTree(source_directory(RC_D, service), source_directory(USER_BUNDLES_D, service))
    (problem,) = (found for found in compile_database(tree, "3.2.3.2").problems if found.fatal)
    assert problem.code == "name-taken"
    assert {problem.path, *problem.related} == {f"{RC_D}/svc", f"{USER_BUNDLES_D}/svc"}


def test_pipes_to_what_is_not_there() -> None:
    pipe = {"prod/type": "longrun", "prod/run": "", "prod/producer-for": "log\n"}
    (problem,) = compile_database(rc(pipe), SETTLED).problems
    assert (problem.code, problem.line) == ("name-undefined", 1)
    two: dict[str, str] = {}
    for log, prod in (("a", "c"), ("b", "d")):
        two |= {f"{log}/type": "longrun", f"{log}/run": "", f"{log}/consumer-for": prod, f"{log}/pipeline-name": "pipe"}
        two |= {f"{prod}/type": "longrun", f"{prod}/run": "", f"{prod}/producer-for": log}
    assert codes(compile_database(rc(two), SETTLED)) == ["name-taken"]


@pytest.mark.parametrize(
    ("consumed", "more", "told"),
    [
        ("gone", {}, "name-undefined"),
        ("shot", {"shot/type": "oneshot", "shot/up": "true"}, "pipeline-not-longrun"),
        ("prod", {"prod/type": "longrun", "prod/run": "", "prod/producer-for": "log", "prod/consumer-for": "log"}, "dependency-cycle"),
    ],
)  # fmt: skip
def test_a_pipeline_of_what_is_missing_no_longrun_or_a_circle_is_refused(
    consumed: str, more: dict[str, str], told: str
) -> None:
    log = {"log/type": "longrun", "log/run": "", "log/consumer-for": consumed, "log/pipeline-name": "pipe"}
    if told == "dependency-cycle":
        log["log/producer-for"] = "prod"
    database = compile_database(rc({**log, **more}), SETTLED)
    assert database.refused
    assert told in codes(database)


def test_an_entry_of_unknown_kind_may_be_anything() -> None:
    entries = [SourceEntry("link", "unknown"), SourceEntry("svc/type", data=b"longrun"), SourceEntry("svc/run")]
    entries += [SourceEntry("svc/dependencies.d/other"), SourceEntry("grp/type", data=b"bundle")]
    entries += [SourceEntry("grp/contents.d", "unknown")]
    database = compile_database(SourceTree(source_directory(RC_D, entries)), SETTLED)
    assert not database.refused
    assert isinstance(database.depends("svc", "base"), Unknown)
    assert isinstance(database.depends("svc", "nothing"), Unknown)


def test_a_changed_package_counts_as_it_is() -> None:
    package = source_directory("/package", [SourceEntry("top/type", data=b"bundle"), SourceEntry("top/contents.d/svc")])
    tree = replace(rc({"svc/type": "oneshot", "svc/up": ""}), package=package)
    assert "svc" in compile_database(tree, SETTLED).started


@pytest.mark.parametrize(
    ("release", "expected"), [("3.1.2.1", []), ("3.1.4.0", ["template"]), ("3.2.3.2", ["template"])]
)
def test_a_template_must_be_a_directory_from_the_release_that_reads_it(release: str, expected: list[str]) -> None:
    problems = compile_database(rc({**LONGRUN, "svc/template": "x"}), release).problems
    assert [each.path.rpartition("/")[2] for each in problems if each.code == "not-a-directory"] == expected


@pytest.mark.parametrize(
    ("up", "expected"),
    [
        ("echo 'a b'", True),
        ("echo 'tis the season", False),
        ("echo 'a", False),
        ('echo "a b"', False),
        ("sh -c 'a'", False),
        ("tr '[A-Z]' '[a-z]'", False),
        ("tr 'A-Z' 'x'", True),
        ("tr '-a' 'b-'", True),
        ("tr '-d' '[a-z]'", True),
        ("cut '[A-Z]' '[a-z]'", True),
    ],
)
def test_single_quotes_count_where_they_would_hold_words_together(up: str, expected: bool) -> None:
    database = compile_database(rc({"once/type": "oneshot", "once/up": up, "user/contents.d/once": ""}), SETTLED)
    assert ("up-single-quotes" in codes(database)) is expected
