"""Hostile archives and lists all the way through: what they cannot do, and who is told."""

import gzip
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctlint.lineage.remote.git_trees import list_tree
from ctlint.lineage.text.errors import InputError, Unknown
from github_server import GitHubServer, Link, Repo

from .test_github import World, fleet


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    server = GitHubServer()
    yield World(server, tmp_path / "cache")
    server.close()
    assert server.problems == []


def archive(*entries: tuple[str, bytes, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, kind, target in (("top/Dockerfile", tarfile.REGTYPE, ""), *entries):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname, entry.size = kind, target, 6 if kind == tarfile.REGTYPE else 0
            tar.addfile(entry, io.BytesIO(b"FROM x"))
    return out.getvalue()


def test_hostile_members_are_a_failure_that_names_them_and_write_nothing(world: World, tmp_path: Path) -> None:
    hostile = archive(
        ("../../../escaped", tarfile.REGTYPE, ""),
        (f"{tmp_path}/absolute", tarfile.REGTYPE, ""),
        ("top/device", tarfile.CHRTYPE, ""),
        ("top/pipe", tarfile.FIFOTYPE, ""),
        ("top/hard", tarfile.LNKTYPE, "/etc/passwd"),
    )
    world.server.add(Repo("acme", "evil", archive=hostile), *fleet(2))
    for _ in range(2):
        run = world.run("github:acme")
        assert len(run.snapshots) == 3
        assert list(run.snapshots["acme/evil/"].entries) == ["Dockerfile"]
        [error] = run.errors
        assert error.path == "acme/evil"
        for name in ("../../../escaped", "absolute", "device", "pipe", "hard"):
            assert name in str(error)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache"]
    assert all(path.is_relative_to(world.cache / "github-1") for path in world.cache.rglob("*") if path.is_file())


def test_links_out_of_the_repository_are_not_followed_and_told(world: World) -> None:
    files = {
        "Dockerfile": b"FROM x",
        "a/secret": Link("../../../../etc/passwd"),
        "b": Link("/etc/shadow"),
        "c": Link("a"),
    }
    world.server.add(Repo("acme", "app", dict(files)))
    for _ in range(2):
        run = world.run("github:acme")
        snapshot = run.snapshots["acme/app/"]
        assert isinstance(snapshot.holds("a/secret"), Unknown)
        assert isinstance(snapshot.content("b"), Unknown)
        assert run.errors == []
        [warning] = run.told.warnings
        assert "a/secret -> ../../../../etc/passwd, b -> /etc/shadow" in warning


def test_names_that_would_drive_a_terminal_are_left_out_and_told_escaped(world: World) -> None:
    world.server.add(Repo("acme", "app", archive=archive(("top/\x1b]0;owned\x07", tarfile.REGTYPE, ""))))
    run = world.run("github:acme")
    assert run.errors == []
    [warning] = run.told.warnings
    assert "\\x1b]0;owned\\x07 has control characters in its name" in warning
    assert warning.isprintable()
    assert isinstance(run.snapshots["acme/app/"].holds("anything"), Unknown)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "cut off"),
        (b"no archive at all", "no gzip archive"),
        (gzip.compress(b"no tar at all" * 100), "header"),
        (archive()[:-30], "cut off"),
    ],
    ids=["empty", "page", "no tar", "cut"],
)
def test_an_unusable_archive_is_one_failure(world: World, data: bytes, message: str) -> None:
    world.server.add(Repo("acme", "bad", archive=data), *fleet(3))
    run = world.run("github:acme")
    assert [error.path for error in run.errors] == ["acme/bad"]
    assert message in str(run.errors[0])
    assert len(run.snapshots) == 3


def test_thousands_of_entries_are_brought(world: World) -> None:
    files = {f"d{number % 50}/f{number}": b"%d" % (number % 7) for number in range(5000)}
    world.server.add(Repo("acme", "app", dict(files)))
    snapshot = world.run("github:acme").snapshots["acme/app/"]
    assert len(snapshot.entries) == 5000
    assert snapshot.text("d49/f4999") == str(4999 % 7)
    assert sum(path.is_file() for path in (world.cache / "github-1" / "contents").rglob("*")) == 7


def entry(path: object, mode: object = "100644", sha: object = "a" * 40, size: object = 1) -> dict[str, object]:
    return {"path": path, "mode": mode, "type": "blob", "sha": sha, "size": size}


def test_a_hostile_tree_gives_no_path_that_leads_out() -> None:
    bad = [
        entry("../x"),
        entry("/x"),
        entry("a\x1bb"),
        entry(3),
        entry("x", mode="0"),
        entry("x", sha="../.."),
        7,
        None,
    ]
    found = list_tree(lambda tree, whole: {"tree": [*bad, entry("good", size="big")], "truncated": False}, "c" * 40)
    assert {path: one.size for path, one in found.items()} == {"good": 0}


def test_a_tree_without_end_is_given_up() -> None:
    asked: list[str] = []

    def ask(tree: str, whole: bool) -> object:
        asked.append(tree)
        return {"tree": [entry("again", "040000", "b" * 40)], "truncated": whole}

    with pytest.raises(InputError, match="too large to be listed"):
        list_tree(ask, "c" * 40)
    assert len(asked) <= 102


@pytest.mark.parametrize("answer", [None, [], {"tree": 3}, {"tree": [], "truncated": True}, {"tree": []}])
def test_an_answer_that_is_no_whole_tree_is_not_taken_for_one(answer: object) -> None:
    with pytest.raises(InputError):
        list_tree(lambda tree, whole: answer, "c" * 40)
