"""Which repositories the configuration of a linted repository can make ctlint fetch, with whose permission."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checkouts import Checkout
from ctlint.lint.cli import main
from github_server import GitHubServer, Repo

TOKEN = "ghp_s3cret"
BASE = {"Dockerfile": b"FROM scratch\nENV FROM_BASE=1\n"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubServer]:
    server = GitHubServer()
    server.tokens = {TOKEN}
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    for name in ("GH_TOKEN", "GITHUB_REPOSITORY", "GITHUB_REPOSITORY_OWNER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    yield server
    server.close()
    assert server.problems == []


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose parent is to be read from a repository of another owner. Its own remote is nobody's word."""
    checkout = Checkout.of(
        tmp_path / "work",
        {
            "Dockerfile": 'FROM registry.example.org/acme/base:1.0\nCMD ["/x"]\n',
            "ctlint.toml": '[parents]\n"registry.example.org/acme/base" = "github:victim/base"\n',
        },
    )
    checkout.git("remote", "add", "origin", "https://github.com/victim/base")
    monkeypatch.chdir(checkout.root)
    return checkout.root


def inspected(capsys: pytest.CaptureFixture[str], tmp_path: Path, *argv: str) -> tuple[int, dict[str, Any], str]:
    cache = ["--cache-dir", str(tmp_path / "cache"), "--no-progress"]
    code = main(["inspect", *argv, "--format", "json", "--fetch-parents", *cache])
    out, err = capsys.readouterr()
    return code, json.loads(out)["env"], err


def authorised(server: GitHubServer) -> list[str]:
    return [request.path for request in server.requests if "Authorization" in request.headers]


@pytest.mark.usefixtures("work")
def test_a_repository_cannot_have_another_owners_repository_fetched(
    server: GitHubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.add(Repo("victim", "base", BASE, private=True))
    code, env, err = inspected(capsys, tmp_path)
    assert code == 3
    assert "FROM_BASE" not in env
    assert (
        'ctlint.toml:2: the repository names github:victim/base as the parent "registry.example.org/acme/base"' in err
    )
    assert "--fetch-from victim" in err
    assert server.requests == []


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize("private", [False, True])
def test_an_owner_that_a_flag_names_is_asked_without_the_token(
    server: GitHubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], private: bool
) -> None:
    server.add(Repo("victim", "base", BASE, private=private))
    code, env, _ = inspected(capsys, tmp_path, "--fetch-from", "Victim")
    assert (code, "FROM_BASE" in env) == ((3, False) if private else (0, True))
    assert server.requests
    assert authorised(server) == []


def test_an_entry_of_the_users_own_configuration_is_fetched_without_the_token(
    server: GitHubServer, tmp_path: Path, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (work / "ctlint.toml").rename(tmp_path / "mine.toml")
    server.add(Repo("victim", "base", BASE))
    code, env, _ = inspected(capsys, tmp_path, "--config", str(tmp_path / "mine.toml"))
    assert (code, "FROM_BASE" in env) == (0, True)
    assert authorised(server) == []


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize(
    ("name", "value"), [("GITHUB_REPOSITORY_OWNER", "Victim"), ("GITHUB_REPOSITORY", "victim/other")]
)
def test_the_owner_that_ci_runs_for_is_asked_with_the_token(
    server: GitHubServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv(name, value)
    server.add(Repo("victim", "base", BASE, private=True))
    code, env, _ = inspected(capsys, tmp_path)
    assert (code, "FROM_BASE" in env) == (0, True)
    assert authorised(server)


def test_an_alias_leads_to_no_token_either(
    server: GitHubServer, tmp_path: Path, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The publisher is one that ctlint knows by itself; its repository is asked for as anybody would."""
    (work / "ctlint.toml").write_text('[aliases]\n"registry.example.org/acme/" = "helxplatform/"\n')
    server.add(Repo("helxplatform", "base", BASE, private=True))
    _, env, _ = inspected(capsys, tmp_path)
    assert "FROM_BASE" not in env
    assert server.requests
    assert authorised(server) == []


@pytest.mark.usefixtures("work")
def test_a_repository_that_moved_to_another_owner_is_not_followed_there(
    server: GitHubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY_OWNER", "victim")
    server.add(Repo("other", "private", BASE, private=True))
    server.fail(
        "^api/repos/victim/base$",
        status=301,
        headers={"Location": server.url("api") + "/repos/other/private"},
        times=-1,
    )
    code, env, err = inspected(capsys, tmp_path)
    assert code == 3
    assert "FROM_BASE" not in env
    assert "belongs to another owner now, as other/private" in err


def test_extend_leads_to_files_of_the_repository_and_to_configurations_above_it(
    tmp_path: Path, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret.toml").write_text('token = "hunter2"\n')
    (tmp_path / "ctlint.toml").write_text('fail-on = "error"\n')
    (work / "shared.toml").write_text('fail-on = "info"\n')
    (work / "link.toml").symlink_to("../secret.toml")
    for extend, code in (("shared.toml", 0), ("../ctlint.toml", 0), ("../secret.toml", 2), ("link.toml", 2)):
        (work / "ctlint.toml").write_text(f'extend = "{extend}"\n')
        assert main(["config"]) == code, extend
        told = capsys.readouterr().err
        assert "hunter2" not in told
        assert ("leads out of the repository" in told) is (code == 2)


def test_extend_of_a_home_that_is_nobodys_is_told(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "ctlint.toml").write_text('extend = "~nosuchuser/x.toml"\n')
    assert main(["lint"]) == 2
    assert "~nosuchuser/x.toml, which is not there" in capsys.readouterr().err
