"""`ctlint fetch` and `ctlint cache`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ctlint.lineage.text.errors import UsageError
from ctlint.lint.cli import main
from ctlint.lint.commands.cache import CacheOptions, cache, size_in_words
from ctlint.lint.commands.fetch import FetchOptions, fetch
from github_server import GitHubServer, Repo

from .test_github import Told, fleet


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubServer]:
    server = GitHubServer()
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    for name in ("GH_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    yield server
    server.close()
    assert server.problems == []


def test_fetch_tells_what_came_of_it(server: GitHubServer, tmp_path: Path) -> None:
    server.add(*fleet(3))
    out: list[str] = []
    err: list[str] = []
    told = Told()
    options = FetchOptions(["github:acme"], tmp_path, agent="ctlint/9")
    assert fetch(options, out.append, err.append, told) == 0
    assert fetch(options, out.append, err.append) == 0
    assert out == [
        f"3 repositories: 3 fetched; cache: {tmp_path / 'github-1'}",
        f"3 repositories: 3 unchanged; cache: {tmp_path / 'github-1'}",
    ]
    assert (err, told.total, len(told.outcomes)) == ([], 3, 3)
    assert server.requests[0].headers["User-Agent"] == "ctlint/9"


def test_fetch_ends_with_3_where_something_could_not_be_had(server: GitHubServer, tmp_path: Path) -> None:
    server.add(*fleet(2))
    server.fail("^codeload/acme/app-001", status=451, times=-1)
    out: list[str] = []
    err: list[str] = []
    assert fetch(FetchOptions(["github:acme"], tmp_path, exclude=("x*",)), out.append, err.append) == 3
    assert err == ["acme/app-001: GitHub answered 451"]
    assert out[0].startswith("2 repositories: 1 fetched, 1 failed; ")


@pytest.mark.parametrize("targets", [[], ["."], ["github:"]])
def test_fetch_needs_targets_on_github(tmp_path: Path, targets: list[str]) -> None:
    with pytest.raises(UsageError):
        fetch(FetchOptions(targets, tmp_path), print, print)


def test_cache_shows_and_clears(server: GitHubServer, tmp_path: Path) -> None:
    server.add(*fleet(3))
    out: list[str] = []
    fetch(FetchOptions(["github:acme"], tmp_path), out.append, out.append)
    out.clear()
    assert cache(CacheOptions("where", cache_dir=tmp_path), out.append) == 0
    assert cache(CacheOptions(cache_dir=tmp_path), out.append) == 0
    assert cache(CacheOptions("size", cache_dir=tmp_path), out.append) == 0
    assert out[:4] == [str(tmp_path / "github-1"), f"folder: {tmp_path / 'github-1'}", "repositories: 3", "files: 3"]
    assert out[4] == f"size: {out[6]}"
    assert out[5] == "fetched: less than a minute ago"
    assert cache(CacheOptions("clear", "acme/app-001", tmp_path), out.append) == 0
    assert cache(CacheOptions("show", cache_dir=tmp_path), out.append) == 0
    assert "repositories: 2" in out
    assert cache(CacheOptions("clear", cache_dir=tmp_path), out.append) == 0
    assert list(tmp_path.iterdir()) == []
    assert cache(CacheOptions(cache_dir=tmp_path), out.append) == 0
    assert out[-1] == "size: 0 bytes"


@pytest.mark.parametrize("what", ["..", "acme/..", "acme/app@main", "https://example.org/a"])
def test_only_an_owner_or_a_repository_can_be_cleared(tmp_path: Path, what: str) -> None:
    with pytest.raises(UsageError):
        cache(CacheOptions("clear", what, tmp_path), print)


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 bytes"), (999, "999 bytes"), (3400, "3.4 kB"), (5.2e6, "5.2 MB"), (7e12, "7000.0 GB")]
)
def test_sizes_are_told_in_words(size: float, words: str) -> None:
    assert size_in_words(size) == words


BROKEN = b'FROM scratch\nENTRYPOINT [ "/init" ]\'\n'


def lint(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, dict[str, Any], str]:
    code = main(["lint", "--format", "json", *argv])
    captured = capsys.readouterr()
    return code, json.loads(captured.out), captured.err


def test_a_whole_organisation_is_linted_and_a_broken_repository_is_one_finding(
    server: GitHubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.add(*fleet(3))
    server.fail("^codeload/acme/app-001", status=451, times=-1)
    code, report, _ = lint(capsys, "github:acme", "--cache-dir", str(tmp_path))
    assert code == 3
    assert [(f["rule"], f["path"]) for f in report["findings"] if f["rule"] == "CT001"] == [("CT001", "acme/app-001")]
    assert [image["id"] for image in report["images"]] == ["acme/app-000/Dockerfile", "acme/app-002/Dockerfile"]
    assert report["summary"]["failed"] == 1


def test_a_finding_links_to_the_line_at_the_commit(
    server: GitHubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = Repo("acme", "app", {"Dockerfile": BROKEN})
    server.add(repository)
    assert main(["lint", "github:acme/app", "--cache-dir", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "--> acme/app/Dockerfile:2:23" in out
    assert f"{server.url('web')}/acme/app/blob/{repository.commit('main')}/Dockerfile#L2" in out


def test_offline_says_how_old_it_is(server: GitHubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server.add(*fleet(2))
    assert main(["fetch", "github:acme", "--cache-dir", str(tmp_path)]) == 0
    capsys.readouterr()
    server.forget()
    code, report, err = lint(capsys, "github:acme", "--offline", "--cache-dir", str(tmp_path))
    assert code in (0, 1)
    assert len(report["images"]) == 2
    assert "ago" in err
    assert server.requests == []


def test_parents_are_fetched_where_their_publisher_is_known(
    server: GitHubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add(
        Repo("acme", "base", {"Dockerfile": b"FROM scratch\nENV FROM_BASE=1\n"}),
        Repo("acme", "app", {"Dockerfile": b'FROM registry.example.org/acme/base:1.0\nCMD ["/x"]\n'}),
    )
    (tmp_path / "ctlint.toml").write_text('[parents]\n"registry.example.org/acme/base" = "github:acme/base"\n')
    monkeypatch.chdir(tmp_path)
    argv = ["inspect", "github:acme/app", "--cache-dir", str(tmp_path / "cache"), "--format", "json"]
    assert main([*argv, "--fetch-parents"]) == 0
    inspected = json.loads(capsys.readouterr().out)
    assert inspected["env"]["FROM_BASE"]["path"] == "acme/base/Dockerfile"
