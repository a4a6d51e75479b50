"""The cache: what is stored is whole or not there, whoever writes it."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from ctlint.lineage.remote.cache import Cache, age_in_words, default_folder, sealed, unsealed
from ctlint.lineage.remote.cached_snapshot import (
    ListPage,
    RepositoryFacts,
    StoredFile,
    StoredOwner,
    StoredRepository,
    export_ignored,
    kept_file,
)
from ctlint.lineage.text.errors import InputError
from github_server import blob_id

SERVER = "github.com"


def stored(
    cache: Cache, owner: str = "acme", name: str = "app", data: bytes = b"FROM x\n", ref: str | None = None
) -> StoredRepository:
    file = kept_file("Dockerfile", False, len(data), blob_id(data), data, cache)
    record = StoredRepository(
        f"{owner}/{name}",
        ref,
        "c" * 40,
        1000.0,
        (file, StoredFile("l", "link", target="x")),
        "main",
        "2026",
        5.0,
        '"tag"',
        None,
        {"docs": "left out"},
        (("", "*.bak"),),
        ("a problem",),
        ("a note",),
    )
    cache.save_repository(SERVER, owner, name, record)
    return record


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def test_what_was_saved_is_loaded(cache: Cache) -> None:
    record = stored(cache)
    assert cache.load_repository(SERVER, "Acme", "APP", None) == record
    assert cache.load_repository(SERVER, "acme", "app", "main") is None
    assert cache.load_repository("ghe.example", "acme", "app", None) is None
    owner = StoredOwner(
        "orgs",
        3.0,
        (
            ListPage("t", True, (RepositoryFacts("a/b", "main", "2026", True, False, True, 7),)),
            ListPage(None, False, ()),
        ),
    )
    cache.save_owner(SERVER, "acme", owner)
    assert cache.load_owner(SERVER, "ACME") == owner
    assert cache.load_owner(SERVER, "other") is None


@pytest.mark.parametrize("ref", ["feature/x", "a" * 240, "Grün", "v1", "V1", "+default", "con"])
def test_refs_of_any_name_have_a_record_each(cache: Cache, ref: str) -> None:
    record = stored(cache, ref=ref)
    stored(cache, ref="other")
    assert cache.load_repository(SERVER, "acme", "app", ref) == record
    files = [path for path in cache.path.rglob("*") if path.is_file()]
    assert all(len(path.name) < 250 and path.name.isascii() for path in files)


def test_nothing_is_written_outside_of_the_folder(cache: Cache, tmp_path: Path) -> None:
    stored(cache, ref="../../../../escape")
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    assert not (cache.path.stat().st_mode & 0o077)


def test_a_record_whose_contents_are_gone_is_gone(cache: Cache) -> None:
    record = stored(cache)
    [content] = [path for path in (cache.path / "contents").rglob("*") if path.is_file()]
    content.unlink()
    again = Cache(cache.path.parent)
    assert again.load_repository(SERVER, "acme", "app", None) is None
    stored(again)
    assert again.load_repository(SERVER, "acme", "app", None) == record


@pytest.mark.parametrize("damage", [b"FROM y\n", b"FROM", b""])
def test_a_damaged_content_is_never_given_and_can_be_stored_again(cache: Cache, damage: bytes) -> None:
    record = stored(cache)
    [content] = [path for path in (cache.path / "contents").rglob("*") if path.is_file()]
    content.write_bytes(damage)
    snapshot = record.snapshot(cache, "acme/app/")
    with pytest.raises(InputError, match="damaged"):
        snapshot.read("Dockerfile")
    assert cache.load_repository(SERVER, "acme", "app", None) is None
    stored(cache)
    assert record.snapshot(cache, "acme/app/").read("Dockerfile") == b"FROM x\n"


def named(cache: Cache, path: Path) -> str:
    return path.relative_to(cache.path / "records").as_posix()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", '{"name": 3}', "[" * 100_000, '{"pages": [3]}', "\x00"])
def test_a_damaged_record_is_none(cache: Cache, text: str) -> None:
    stored(cache)
    cache.save_owner(SERVER, "acme", StoredOwner("orgs", 1.0, ()))
    for path in (cache.path / "records").rglob("*.json"):
        path.write_bytes(sealed(text.encode(), named(cache, path)))
    assert cache.load_repository(SERVER, "acme", "app", None) is None
    assert cache.load_owner(SERVER, "acme") is None
    cache.clear("acme", "other")


def test_a_record_of_another_version_is_none(cache: Cache) -> None:
    stored(cache)
    [path] = (cache.path / "records").rglob("*.json")
    record = json.loads(unsealed(path.read_bytes(), named(cache, path)) or b"")
    path.write_bytes(sealed(json.dumps({**record, "unheard_of": 1}).encode(), named(cache, path)))
    assert cache.load_repository(SERVER, "acme", "app", None) is None


def test_usage_counts_what_there_is(cache: Cache) -> None:
    assert (cache.usage().repositories, cache.usage().size, cache.usage().oldest) == (0, 0, None)
    stored(cache)
    stored(cache, name="twin")
    usage = cache.usage()
    assert (usage.repositories, usage.contents) == (2, 1)
    assert usage.size == sum(path.stat().st_size for path in cache.path.rglob("*") if path.is_file())
    assert usage.newest is not None
    assert abs(usage.newest - time.time()) < 60


def test_clearing_removes_the_cache_and_nothing_else(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    (tmp_path / "precious").write_text("mine")
    assert cache.clear() == 0
    stored(cache)
    size = cache.usage().size
    assert cache.clear() == size
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]
    stored(cache)
    assert cache.load_repository(SERVER, "acme", "app", None) is not None


def test_a_folder_without_our_mark_is_left_alone(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.path.mkdir()
    (cache.path / "precious").write_text("mine")
    assert cache.clear() == 0
    assert (cache.path / "precious").read_text() == "mine"


def test_clearing_one_repository_keeps_what_others_share(tmp_path: Path) -> None:
    cache = Cache(tmp_path, clock=lambda: time.time() + 7200)
    stored(cache, data=b"shared")
    twin = stored(cache, name="twin", data=b"shared")
    stored(cache, name="own", data=b"its own")
    stored(cache, owner="other", name="own", data=b"foreign")
    cache.save_owner(SERVER, "acme", StoredOwner("orgs", 1.0, ()))
    cache.clear("Acme", "own")
    assert cache.load_repository(SERVER, "acme", "own", None) is None
    assert cache.load_owner(SERVER, "acme") is None
    assert not cache.has(blob_id(b"its own"))
    assert cache.load_repository(SERVER, "acme", "twin", None) == twin
    cache.clear("acme")
    assert cache.load_repository(SERVER, "acme", "twin", None) is None
    assert cache.load_repository(SERVER, "other", "own", None) is not None
    assert cache.usage().contents == 1


def test_contents_that_a_running_fetch_may_be_about_to_name_stay(cache: Cache) -> None:
    stored(cache)
    cache.put(blob_id(b"new"), b"new")
    cache.clear("acme", "app")
    assert cache.has(blob_id(b"new"))


def test_what_killed_processes_left_behind_is_removed_after_a_day(cache: Cache) -> None:
    stored(cache)
    old, young = cache.path / "partial" / "1-old", cache.path / "partial" / "2-young"
    for path in (old, young):
        path.write_text("half")
    os.utime(old, (time.time() - 90_000,) * 2)
    cache.tidy()
    assert (old.exists(), young.exists()) == (False, True)


def test_threads_may_write_read_and_clear_at_once(cache: Cache) -> None:
    datas = [b"content %d\n" % number * 50 for number in range(20)]
    problems: list[str] = []

    def write(number: int) -> None:
        for data in datas:
            stored(Cache(cache.path.parent), name=f"app-{number % 3}", data=data)

    def look(number: int) -> None:
        for _ in range(100):
            record = cache.load_repository(SERVER, "acme", f"app-{number % 3}", None)
            if record is None:
                continue
            try:
                if record.snapshot(cache, "").read("Dockerfile") not in datas:
                    problems.append("other bytes than were written")
            except InputError as error:
                if "no longer" not in str(error):
                    problems.append(str(error))

    def wipe() -> None:
        for _ in range(5):
            time.sleep(0.02)
            cache.clear()

    with ThreadPoolExecutor(10) as pool:
        jobs = (
            [pool.submit(write, n) for n in range(4)] + [pool.submit(look, n) for n in range(4)] + [pool.submit(wipe)]
        )
        for job in jobs:
            job.result()
    assert problems == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="--cache-dir names another folder"):
        Cache(tmp_path / "file").put("ab", b"")


def test_the_default_is_the_platforms_folder_for_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert tmp_path in default_folder().parents
    assert Cache().path.is_relative_to(default_folder())


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "less than a minute ago"), (61, "1 minute ago"), (7200, "2 hours ago"), (86_400 * 3.5, "3 days ago")],
)
def test_ages_are_told_in_words(seconds: float, words: str) -> None:
    assert age_in_words(seconds) == words


def test_text_is_kept_whole_and_of_a_binary_the_beginning(cache: Cache) -> None:
    text, binary = b"x" * 50_000, b"\x7fELF\0" + b"y" * 50_000
    for data, kept, size in ((text, "whole", 50_000), (binary, "head", 8000)):
        file = kept_file("f", True, len(data), blob_id(data), data, cache)
        assert (file.kept, file.size, file.digest) == (kept, len(data), blob_id(data))
        assert len(cache.get(file.digest, file.size, kept == "head")) == size
    large = kept_file("f", False, 1 << 30, "d" * 40, None, cache)
    record = replace(stored(cache), files=(large,))
    with pytest.raises(InputError, match="larger"):
        record.snapshot(cache, "").read("f")


def test_export_ignore_is_read_off_gitattributes() -> None:
    text = (
        "\ufeff# *.c export-ignore\n/a export-ignore\nb\ttext\texport-ignore\nc -export-ignore\n"
        "!d export-ignore\n\ne text=auto\n  f  export-ignore\r\n"
    )
    assert export_ignored("sub", text) == (("sub", "/a"), ("sub", "b"), ("sub", "f"))
