"""Repositories together: what is at hand, whose a file is, and what rests on no assumption."""

import pytest

from ctlint.lineage.text.errors import Unknown
from ctlint.lineage.workspace.bump import parent_bump
from ctlint.lineage.workspace.workspace import Workspace
from folding import Files, source_of, workspace

MAKE = "b:\n\tdocker build -t acme/base:1 .\n"
BASE: Files = {"Dockerfile": "FROM debian:12\nENV A=1\nCOPY x /x\n", "x": "x", "Makefile": MAKE}
APP: Files = {"Dockerfile": "FROM acme/base:1\nCOPY y /y\n", "y": "y", "z": "z"}


def two() -> Workspace:
    return workspace({"base": BASE, "app": APP})


def test_parents_that_nobody_at_hand_makes() -> None:
    text = "FROM acme/a:1 AS a\nFROM $X AS b\nFROM scratch AS c\nFROM a\nCOPY --from=acme/copied /x /x\n"
    work = workspace(
        {"base": BASE, "app": APP, "other": {"Dockerfile": text}, "same": {"Dockerfile": "FROM acme/a:1\n"}}
    )
    assert work.missing_parents() == ["debian:12", "acme/a:1"]


def test_what_is_only_assumed_is_not_known_where_only_what_is_sure_counts() -> None:
    work = workspace({"base": BASE, "app": {"Dockerfile": "FROM acme/base:2\n"}, "sure": APP})
    sure = work.sure_only()
    assert sure.is_sure_only
    assert sure.sure_only() is sure
    assert not work.is_sure_only
    app, other = source_of(work, "app/Dockerfile"), source_of(work, "sure/Dockerfile")
    assert work.effective(app).variable("A") == "1"
    assert isinstance(sure.effective(app).variable("A"), Unknown)
    assert sure.effective(other).variable("A") == "1"


def test_what_was_folded_is_forgotten_and_made_again() -> None:
    work = two()
    app, base = source_of(work, "app/Dockerfile"), source_of(work, "base/Dockerfile")
    first, plan = work.effective(app), work.boot(app)
    assert work.effective(app) is first
    assert work.boot(app) is plan
    held = work.folded
    work.release([app])
    assert work.folded == held - 1
    assert work.effective(app) is not first
    assert work.boot(app) is not plan
    parent = work.effective(base)
    work.release()
    assert work.folded == 0
    assert work.effective(base) is not parent
    assert work.effective(app).tree.nodes.keys() == first.tree.nodes.keys()


def test_releasing_reaches_the_sure_one_too() -> None:
    work = two()
    app = source_of(work, "app/Dockerfile")
    held = work.sure_only().effective(app)
    work.release([app])
    assert work.sure_only().effective(app) is not held


def test_the_line_of_an_image_through_its_parents() -> None:
    app = "FROM acme/base:1 AS one\nFROM debian:12 AS beside\nFROM one\n"
    work = workspace({"base": BASE, "app": {"Dockerfile": app}})
    source = source_of(work, "app/Dockerfile")
    assert source.stage is not None
    line = [(owner.id, stage.index) for owner, stage in work.line(source, source.stage)]
    assert line == [("app/Dockerfile", 2), ("app/Dockerfile", 0), ("base/Dockerfile", 0)]


def test_an_image_that_descends_from_itself_has_an_end() -> None:
    made = "b:\n\tdocker build -t acme/{0}:1 .\n"
    work = workspace(
        {
            "a": {"Dockerfile": "FROM acme/b:1\n", "Makefile": made.format("a")},
            "b": {"Dockerfile": "FROM acme/a:1\n", "Makefile": made.format("b")},
        }
    )
    source = source_of(work, "a/Dockerfile")
    assert source.stage is not None
    assert [owner.id for owner, _ in work.line(source, source.stage)] == ["a/Dockerfile", "b/Dockerfile"]
    assert isinstance(work.effective(source).tree.get("/x"), Unknown)


@pytest.mark.parametrize(
    ("shown", "place", "lasting"),
    [
        ("app/y", ("app", "y"), "app/y"),
        ("base/x", ("base", "x"), "base/x"),
        ("app/none", None, "app/none"),
        ("a", None, "a"),
    ],
)
def test_where_a_file_is(shown: str, place: tuple[str, str] | None, lasting: str) -> None:
    work = two()
    found = work.locate(shown)
    assert (found and (found[0].name, found[1])) == place
    assert work.lasting_path(shown) == lasting
    assert work.text_of(shown) == (place and place[1])


def test_a_file_of_a_lone_repository_is_called_without_the_repository() -> None:
    assert workspace({"app": APP}).lasting_path("app/y") == "y"


@pytest.mark.parametrize(
    ("shown", "owner"),
    [
        ("app/Dockerfile", "app/Dockerfile"),
        ("app/y", "app/Dockerfile"),
        ("app/z", "app/Dockerfile"),
        ("base/x", "base/Dockerfile"),
        ("base/Dockerfile", "base/Dockerfile"),
        ("base/Makefile", "base/Dockerfile"),
        ("elsewhere", "base/Dockerfile"),
    ],
)
def test_whose_a_file_is(shown: str, owner: str) -> None:
    work = two()
    assert work.owner_of(shown, work.effective(source_of(work, "app/Dockerfile"))) == owner


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        ("FROM acme/base:1\nENV A=2\n", ("acme/base", True)),
        ("FROM acme/base:1 AS a\nFROM a\n", ("acme/base", True)),
        ("FROM debian:12\n", ("debian", True)),
        ("FROM scratch\n", (None, False)),
        ("FROM acme/unknown:1\n", ("acme/unknown", False)),
    ],
)
def test_what_start_scripts_replace_is_the_parents(dockerfile: str, expected: tuple[str | None, bool]) -> None:
    work = workspace({"base": BASE, "app": {"Dockerfile": dockerfile}})
    replaced = work.replaced(source_of(work, "app/Dockerfile"))
    assert replaced.parent is not None
    name = replaced.parent.chain[0].name if replaced.parent.chain else None
    assert (name, replaced.parent.tree.find("/etc/passwd") is not None) == expected


def test_a_parent_that_moves_names_what_changes_and_who_stands_on_it() -> None:
    newer: Files = {**BASE, "Dockerfile": "FROM debian:12\nENV A=2\nUSER games\n"}
    before, after = two(), workspace({"base": newer, "app": APP, "apart": {"Dockerfile": "FROM debian:12\n"}})
    moved = parent_bump(before, after, "acme/base")
    assert moved.children == ("app/Dockerfile",)
    assert (moved.before, moved.after) == ("base/Dockerfile", "base/Dockerfile")
    told = {(one.kind, one.name): (one.before, one.after) for one in moved.differences}
    assert told[("env", "A")] == ("1", "2")
    unknown = parent_bump(workspace({"app": APP}), after, "acme/base")
    assert (unknown.before, unknown.differences) == (None, ())
    gone = parent_bump(before, workspace({"app": {"Dockerfile": "FROM debian:12\n"}}), "acme/base")
    assert (gone.after, gone.children) == ("not a parent of any image here", ())


def test_of_a_parent_that_only_a_profile_tells_of_its_moves_are_told_too() -> None:
    before, after = (workspace({"app": {"Dockerfile": f"FROM debian:{tag}\n"}}) for tag in (12, 13))
    moved = parent_bump(before, after, "debian")
    assert (moved.before, moved.after, moved.children) == ("debian", "debian", ("app/Dockerfile",))
    unknown = workspace({"app": {"Dockerfile": "FROM acme/unknown:1\n"}})
    assert parent_bump(unknown, unknown, "acme/unknown").after == "not a parent of any image here"


def test_of_two_repositories_the_inner_one_holds_the_file() -> None:
    work = workspace(
        {"a": {"Dockerfile": "FROM scratch\n", "b/x": "outer"}, "a/b": {"Dockerfile": "FROM scratch\n", "x": "inner"}}
    )
    assert work.text_of("a/b/x") == "inner"
