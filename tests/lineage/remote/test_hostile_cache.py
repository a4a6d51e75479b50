"""A server that answers with something else, and a cache that was damaged: the same answer or none, never another."""

import gzip
import io
import random
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctlint.lineage.remote.cache import Cache, sealed, unsealed
from ctlint.lineage.remote.registry_auth import Login
from ctlint.lineage.remote.registry_cache import RegistryCache
from ctlint.lineage.text.sent import masked
from ctlint.lint.cli import main
from github_server import GitHubServer, Link, Repo

from .test_github import World

SECRET = "ghp_0123456789abcdef"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    server = GitHubServer()
    yield World(server, tmp_path / "cache")
    server.close()
    assert server.problems == []


def archive_of(commit: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT, pax_headers={"comment": commit}) as tar:
        member = tarfile.TarInfo("top/Dockerfile")
        member.size = 6
        tar.addfile(member, io.BytesIO(b"FROM z"))
    return out.getvalue()


def test_an_archive_of_another_commit_is_not_taken_for_the_one_asked_for(world: World) -> None:
    asked, other = "a" * 40, "b" * 40
    repository = Repo("acme", "app", {"Dockerfile": b"FROM x"}, refs={asked: {"Dockerfile": b"FROM x"}})
    repository.archive = archive_of(other)
    world.server.add(repository)
    for _ in range(2):
        run = world.run(f"github:acme/app@{asked}")
        assert run.snapshots == {}
        [error] = run.errors
        assert f"is of the commit {other}, not of {asked}" in str(error)
    repository.archive = archive_of(asked)
    assert world.run(f"github:acme/app@{asked}").snapshots["acme/app/"].commit == asked


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b"", mtime=0), gzip.compress(b"\0" * 10240, mtime=0), b""],
    ids=["nothing packed", "zeros packed", "nothing"],
)
def test_an_archive_of_nothing_is_no_empty_repository(world: World, body: bytes) -> None:
    world.server.add(Repo("acme", "app", {"Dockerfile": b"FROM x"}, archive=body))
    run = world.run("github:acme/app")
    assert run.snapshots == {}
    assert len(run.errors) == 1


def test_a_token_that_the_server_repeats_is_masked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = GitHubServer()
    server.tokens = {SECRET}
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    said = f"the token {SECRET} of {SECRET.upper()} {'x' * 110}{SECRET} may not"
    server.fail("^api/", status=403, body={"message": said}, times=-1, headers={"Content-Type": "application/json"})
    for argv in (
        ["fetch"],
        ["lint"],
        ["lint", "--format", "json"],
        ["lint", "--format", "sarif", "-o", "report"],
        ["inspect"],
    ):
        target = "github:acme" if argv[0] != "inspect" else "github:acme/app"
        assert main([*argv, target, "--cache-dir", str(tmp_path / "cache")]) == 3
        out, err = capsys.readouterr()
        report = Path("report")
        printed = out + err + (report.read_text() if report.exists() else "")
        report.unlink(missing_ok=True)
        assert "***" in printed
        assert SECRET.lower()[:12] not in printed.lower()
    server.close()


FILES = {
    "Dockerfile": b"FROM debian:12.8-slim\nCOPY run.sh /etc/services.d/x/run\nCOPY b /b\nCOPY l /l\n",
    "run.sh": b"#!/bin/sh\nexec sleep 1\n",
    "b": b"#!/bin/sh\0" + bytes(range(256)) * 4,
    "l": Link("run.sh"),
    ".gitattributes": b"left export-ignore\n",
}


def read(world: World) -> tuple[object, ...]:
    """All that is known of the repository, from the cache alone; what cannot be read is told so."""
    run = world.run("github:acme", offline=True)
    found: list[object] = [len(run.errors)]
    for snapshot in run.snapshots.values():
        contents = tuple((entry, snapshot.content(path)) for path, entry in snapshot.entries.items())
        found.append(
            (snapshot.name, snapshot.label, snapshot.commit, contents, snapshot.holds("left"), snapshot.remotes)
        )
    return tuple(map(repr, found))


def test_a_damaged_cache_gives_the_same_answer_or_none(world: World, tmp_path: Path) -> None:
    """A bit, a byte or the end of a file is lost: what is read is what was there, or said to be damaged or missing."""
    world.server.add(Repo("acme", "app", FILES), Repo("acme", "base", {"Dockerfile": b"FROM scratch\n"}))
    world.run("github:acme")
    whole = read(world)
    assert "debian:12.8-slim" in repr(whole)
    kept = tmp_path / "kept"
    shutil.copytree(world.cache, kept)
    files = sorted(path.relative_to(kept) for path in kept.rglob("*") if path.is_file() and path.name != "CACHEDIR.TAG")
    chance = random.Random(13)
    refused = 0
    for number in range(250):
        path = files[number % len(files)]
        data = bytearray((kept / path).read_bytes())
        kind = chance.choice(("bit", "byte", "cut", "zeros", "swap", "more"))
        at = chance.randrange(len(data))
        if kind == "bit":
            data[at] ^= 1 << chance.randrange(8)
        elif kind == "byte":
            data[at] = chance.randrange(256)
        elif kind == "cut":
            del data[at:]
        elif kind == "zeros":
            data[at:] = bytes(len(data) - at)
        elif kind == "swap":
            data = bytearray((kept / chance.choice(files)).read_bytes())
        else:
            data[at:at] = data[: chance.randrange(1, 9)]
        (world.cache / path).write_bytes(data)
        now = read(world)
        if now != whole:
            refused += 1
            assert int(now[0]) or "damaged" in repr(now), (path, kind)
            assert set(repr(now).split("'")) <= set(repr(whole).split("'")) or "damaged" in repr(now) or int(now[0])
            for before, after in zip(whole[1:], now[1:], strict=False):
                assert before == after or "damaged" in after or "no longer" in after or int(now[0]), (path, kind)
            assert read_again(world) == whole, "a fetch mends it"
        shutil.copyfile(kept / path, world.cache / path)
    assert refused > 100


def read_again(world: World) -> tuple[object, ...]:
    world.run("github:acme")
    return read(world)


def test_a_record_is_sealed(tmp_path: Path) -> None:
    record = sealed(b"data\nmore", "name")
    assert unsealed(record, "name") == b"data\nmore"
    for at in range(len(record)):
        assert unsealed(record[:at] + bytes([record[at] ^ 1]) + record[at + 1 :], "name") is None
        assert unsealed(record[:at], "name") is None
    assert unsealed(record, "other") is None
    cache = RegistryCache(Cache(tmp_path))
    cache.save_tag("docker.io", "library/debian", "12", "sha256:" + "a" * 64)
    [file] = tmp_path.rglob("*.json")
    assert cache.load_tag("docker.io", "library/debian", "12") is not None
    file.write_bytes(file.read_bytes().replace(b"aaaa", b"abaa", 1))
    assert cache.load_tag("docker.io", "library/debian", "12") is None


def test_a_login_that_a_server_repeats_is_masked_in_whatever_form_it_was_sent() -> None:
    header = Login("robot", "hunter2hunter2").header
    for sent in ("hunter2hunter2", header.removeprefix("Basic ")):
        assert sent not in masked(f"{header} was refused, as was hunter2hunter2")
