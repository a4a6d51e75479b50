"""What is said of a tree of s6-rc definitions: the line, the words that tell one cause from another, and the cure."""

import pytest

from ctlint.lineage.effects.s6_directories import RC_D, USER_BUNDLES_D
from ctlint.lineage.s6.rc import Database, SourceEntry, SourceTree, compile_database, source_directory
from ctlint.lineage.s6.rc_problem import DefinitionProblem

FILES = dict[str, str]
LONGRUN: FILES = {
    "svc/type": "longrun\n",
    "svc/run": "#!/bin/sh\n",
    "svc/dependencies.d/base": "",
    "user/contents.d/svc": "",
}
ONESHOT: FILES = {
    "one/type": "oneshot\n",
    "one/up": "/bin/true",
    "one/dependencies.d/base": "",
    "user/contents.d/one": "",
}
WORKS = LONGRUN | ONESHOT
GROUP: FILES = {"g/type": "bundle", "g/contents.d/svc": ""}


def compiled(files: FILES, release: str = "3.2.1.0", bundles: FILES | None = None) -> Database:
    def entries(given: FILES) -> list[SourceEntry]:
        return [
            SourceEntry(path.rstrip("/"), "directory") if path.endswith("/") else SourceEntry(path, data=text.encode())
            for path, text in given.items()
        ]

    tree = SourceTree(source_directory(RC_D, entries(files)), source_directory(USER_BUNDLES_D, entries(bundles or {})))
    return compile_database(tree, release)


def told(database: Database) -> DefinitionProblem:
    (problem,) = database.problems
    return problem


SETUP: FILES = {"setup-home/type": "oneshot", "setup-home/up": "true", "user/contents.d/setup-home": ""}
ROWS: list[tuple[str, FILES, str, str, int | None, str]] = [
    # (release, files over a tree that works, code, words of the message, line, words of the cure)
    ("3.2.1.0", {"one/type": "Oneshot"}, "type-invalid", "holds `Oneshot`", 1, "Write it in lower case."),
    ("3.2.1.0", {"one/type": " oneshot"}, "type-invalid", "holds ` oneshot`", 1, "Remove the blanks around it."),
    ("3.2.1.0", {"one/type": "oneshot\r\n"}, "type-invalid", r"holds `oneshot\r\n`", 1, "Convert its line end from CRLF."),
    ("3.2.1.0", {"one/type": "\ufeffoneshot"}, "type-invalid", "holds", 1, "Remove the byte-order mark."),
    ("3.2.1.0", {"one/type": "service"}, "type-invalid", "holds `service`", 1, "Write one of the three words."),
    ("3.2.1.0", {"new/": ""}, "type-missing", "`new` has no file `type`", None, "remove the empty directory"),
    ("3.2.1.0", {"new/README": ""}, "type-missing", "`new` has no file `type`", None, "move the directory elsewhere"),
    ("3.2.1.0", {"new/run": ""}, "type-missing", "`new` has no file `type`", None, "holds `longrun`, or"),
    ("3.2.1.0", {"new/run": "", "new/up": ""}, "type-missing", "`new` has", None, "Add one that holds `oneshot`."),
    ("3.2.1.0", {"new/contents.d/svc": ""}, "type-missing", "`new` has", None, "Add one that holds `bundle`."),
    ("3.1.0.1", {"user2/contents.d/svc": ""}, "type-missing", "`user2` has", None, "list the services in `user`"),
    ("3.2.1.0", {"one/timeout-up": "5s"}, "number-invalid", "holds `5s`, and must hold digits only (milliseconds)", 1, "bare"),
    ("3.2.1.0", {"svc/timeout-kill": "1 "}, "number-invalid", "digits only (milliseconds)", 1, "bare"),
    ("3.2.1.0", {"svc/notification-fd": "x"}, "number-invalid", "digits only (a number)", 1, "bare"),
    ("3.2.1.0", {"svc/notification-fd": "4294967296"}, "number-invalid", "holds `4294967296`", 1, "bare"),
    ("3.2.1.0", {"svc/notification-fd": "2"}, "descriptor-low", "`notification-fd` is 2", 1, "Use 3"),
    ("3.2.1.0", {"svc/notification-fd": "3", "svc/lock-fd": "3"}, "descriptor-clash", "are both 3", 1, "another number"),
    ("3.2.1.0", {"svc/data": ""}, "not-a-directory", "`data` must be a directory", None, "Rename"),
    ("3.2.1.0", {"one/dependencies.d": "base"}, "list-unreadable", "must be a directory", None, "call it `dependencies`"),
    ("3.2.1.0", {"one/down": "if { true"}, "script-syntax", "does not parse", 1, "only its absolute path into `down`"),
    ("3.2.1.0", {"svc/pipeline-name": "p"}, "file-ignored", "counts only in the last consumer", None, "Move it"),
    ("3.2.1.0", {"svc/producer-for": "a\nb\n"}, "pipeline-not-one-name", "exactly one name, and holds 2", None, "Leave one."),
    ("3.2.1.0", {"svc/producer-for": "\n"}, "pipeline-not-one-name", "and holds none", None, "Leave one."),
    ("3.2.1.0", {"svc/dependencies": "x"}, "file-ignored", "`dependencies.d` hides it", None, "for every name"),
    ("3.2.1.0", {"svc/log/run": ""}, "file-ignored", "Loggers are services of their own", None, "`producer-for`"),
    ("3.2.1.0", {"svc/depends.d/x": ""}, "file-ignored", "No file of that name", None, "`dependencies.d`"),
    ("3.2.1.0", {**GROUP, "g/members.d/x": ""}, "file-ignored", "No file of that name", None, "`contents.d`"),
    ("3.2.1.0", {**GROUP, "g/dependencies.d/one": ""}, "file-ignored", "no dependencies", None, "to the services in it"),
    ("3.2.1.0", {**GROUP, "g/contents": "one"}, "file-ignored", "`contents.d` hides it", None, "for every name"),
    ("3.2.1.0", {"user/contents": "one"}, "place-old-contents", "hides the file `contents`", None, "Make an empty file"),
    ("3.2.1.0", {**SETUP, "user/contents.d/setup-hme": ""}, "name-undefined", "`setup-hme`", None, "mean `setup-home`?"),
    ("3.2.1.0", {**SETUP, "user/contents.d/setup-home~": ""}, "name-undefined", "`setup-home~`", None, "remove the file"),
    ("3.2.1.0", {"i/type": "oneshot", "i/up": ""}, "never-started", "Nothing starts `i`.", None, "/user/contents.d/i"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("release", "files", "code", "message", "line", "cure"), ROWS, ids=[f"{row[2]}-{row[5]}" for row in ROWS]
)
def test_what_is_said(release: str, files: FILES, code: str, message: str, line: int | None, cure: str) -> None:
    problems = [problem for problem in compiled(WORKS | files, release).problems if problem.code == code]
    assert [(problem.line, message in problem.message, cure in problem.cure) for problem in problems] == [
        (line, True, True)
    ], problems


def test_a_tree_that_works_is_silent() -> None:
    assert compiled(WORKS).problems == ()


@pytest.mark.parametrize(
    "files",
    [
        {"svc/notification-fd": "3", "svc/lock-fd": "4"},
        {"svc/notification-fd": "003"},
        {"svc/timeout-up": "0"},
        {"svc/data/": "", "svc/env/A": "x"},
        {"one/down": "/bin/true", "one/timeout-down": "4294967295"},
        {"svc/dependencies.d/.keep": ""},
        {"one/dependencies": "base\n# a comment\n\n  base\n", "one/dependencies.d/base": ""},
        {"svc/finish": "#!/bin/sh\n", "svc/flag-essential": ""},
    ],
)
def test_what_is_taken_as_it_is(files: FILES) -> None:
    given = WORKS | files
    if "one/dependencies" in files:
        given = {path: text for path, text in given.items() if path != "one/dependencies.d/base"}
    assert compiled(given).problems == ()


@pytest.mark.parametrize(
    ("empty", "release", "refused"),
    [("one/timeout-up", "3.1.0.1", False), ("one/timeout-up", "3.2.1.0", True)],
)
def test_an_empty_timeout(empty: str, release: str, refused: bool) -> None:
    assert compiled({**WORKS, empty: ""}, release).refused is refused


def test_a_producer_whose_consumer_alone_is_listed() -> None:
    pipe = {"p/type": "longrun", "p/run": "", "p/producer-for": "c", "p/dependencies.d/base": ""}
    pipe |= {
        "c/type": "longrun",
        "c/run": "",
        "c/consumer-for": "p",
        "c/dependencies.d/base": "",
        "user/contents.d/c": "",
    }
    assert "Its consumer `c` starts, but does not draw it in." in told(compiled(pipe)).message
    idle = {path: text for path, text in pipe.items() if path != "user/contents.d/c"}
    assert all("consumer" not in problem.message for problem in compiled(idle).problems)


@pytest.mark.parametrize(
    ("release", "files", "bundles", "code"),
    [
        ("3.2.1.0", LONGRUN, {"user/contents.d/svc": ""}, "place-bundles-not-read"),
        ("3.2.1.0", LONGRUN, {"user/type": "bundle", "user/contents.d/": "", "user/.empty": ""}, None),
        ("3.2.3.2", LONGRUN, {"user/contents.d/svc": ""}, "place-bundles-hidden"),
        ("3.2.3.2", LONGRUN, {"user/type": "bundle"}, None),
        ("3.2.3.1", {**LONGRUN, "user/type": "bundle", "user2/type": "bundle", "user2/contents.d/": ""}, {}, None),
        ("3.2.3.1", {**LONGRUN, "user/type": "bundle"}, {}, "place-user-in-rc-d"),
        ("3.2.3.1", LONGRUN, {}, "place-user-in-rc-d"),
        ("3.2.3.2", LONGRUN, {}, None),
    ],
)
def test_where_user_stands(release: str, files: FILES, bundles: FILES, code: str | None) -> None:
    found = [problem.code for problem in compiled(files, release, bundles).problems]
    assert found == ([code] if code else [])


def test_user2_alone_belongs_to_the_bundles() -> None:
    alone = {path: text for path, text in LONGRUN.items() if not path.startswith("user/")}
    problems = compiled({**alone, "user2/contents.d/svc": ""}, "3.2.3.2").problems
    assert [(problem.code, problem.fatal) for problem in problems if problem.service == "user2"] == [
        ("place-user2-alone", True)
    ]


@pytest.mark.parametrize("release", ["1.22.1.0", "2.2.0.3"])
def test_older_generations_pass_over_every_definition(release: str) -> None:
    problem = next(one for one in compiled(WORKS, release).problems if one.service == "svc")
    assert problem.message == f"s6-overlay {release} does not look at {RC_D}: `svc` is never started."
    assert {one.service for one in compiled(WORKS, release).problems} == {"svc", "one"}


def test_problems_stand_in_the_order_of_their_places() -> None:
    files = {"a/type": "oneshot", "a/up": "", "a/dependencies": "base\nx\ny\n", "user/contents.d/a": ""}
    found = [(problem.path.rpartition("/")[2], problem.line) for problem in compiled(files).problems]
    assert found == [("dependencies", 2), ("dependencies", 3)]


UP_ROWS: list[tuple[str, str | None]] = [
    ("/etc/x.sh", None),
    ("echo $HOME", "up-variable"),
    ("echo $home", None),
    ("mkdir $HOME_DIR", "up-variable"),
    ("mkdir ${HOME_DIR}", "up-variable"),
    ("mkdir $(pwd)", "up-variable"),
    ("importas -i A A mkdir $A", None),
    ("backtick -n A { hostname } importas -i A A mkdir $HOME_DIR", None),
    ('sh -c "mkdir $HOME_DIR"', None),
    ("mkdir /a && /b", "up-shell-operator"),
    ("mkdir /a ; touch /b", "up-shell-operator"),
    ("touch /a > /b", "up-shell-operator"),
    ("touch /a 2>/dev/null", "up-shell-operator"),
    ('touch "&&"', None),
    ("find / -name x -exec touch {} ;", None),
    ("find / -name x ;", "up-shell-operator"),
    ("test 1 < 2", None),
    ("export A b /x", None),
    ("A=b /x", "up-shell-word"),
    ('"A=b" /x', None),
    ("set -e", "up-shell-word"),
    ("main() x", "up-shell-word"),
    ("scripts/x.sh", "up-relative-path"),
    ("./x.sh", "up-relative-path"),
    ("cd /srv ./x.sh", None),
    ("mkdir /a\nchown x /a", "up-several-commands"),
    ("mkdir /a\n  /b", None),
    ("mkdir\n  -p /a", None),
    ("/etc/a.sh\n/etc/b.sh", "up-several-commands"),
    ("/etc/a.sh --x\n/var/b", None),
    ("s6-setuidgid app\nmkdir /a", None),
    ("echo a\necho b", "up-several-commands"),
    ("case x", "up-execline-usage"),
    ("if x", "up-execline-usage"),
]


@pytest.mark.parametrize(("up", "code"), UP_ROWS, ids=[up for up, _ in UP_ROWS])
def test_a_command_line_that_was_written_for_a_shell(up: str, code: str | None) -> None:
    found = [problem.code for problem in compiled({**WORKS, "one/up": up}).problems]
    assert found[:1] == ([code] if code else [])
