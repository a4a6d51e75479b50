"""What makes an image known, as the messages say it: each cure that is named has to work, and what has no effect is told."""

import subprocess
from pathlib import Path

import pytest

from ctlint.lint.cli import main

RUNS = 'services:\n  radio:\n    image: lscr.io/acme/radio:5.21.1\n    user: "1000:1000"\n    init: true\n'
MADE = "FROM lscr.io/linuxserver/baseimage-alpine:3.21\nCOPY radio /usr/bin/\n"


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that runs an image, with the clone of what makes it beside it."""
    write(tmp_path / "docker-radio", {"Dockerfile": MADE, "radio": ""})
    write(tmp_path / "stack", {"compose.yml": RUNS})
    monkeypatch.chdir(tmp_path / "stack")
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.delenv("GIT_INDEX_FILE", raising=False)
    return tmp_path / "stack"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def test_the_clone_of_an_image_that_is_run_makes_it_known(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint"]) == 0
    assert "1 image that is run here is not known" in capsys.readouterr().out
    write(stack, {"ctlint.toml": '[parents]\n"lscr.io/acme/radio" = "../docker-radio"\n'})
    assert main(["lint"]) == 1
    out, err = capsys.readouterr()
    assert "CT702" in out
    assert "is not known" not in out
    assert not err


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('"acme/other" = "../docker-radio"', "nothing here is built on an image of that name, or runs one"),
        ('"lscr.io/acme/radio" = "../nowhere"', "there is no such file or folder"),
        ('"lscr.io/acme/radio" = "github:acme/docker-radio"', "nothing is fetched without --fetch-parents"),
    ],
)
def test_an_entry_without_effect_is_told(
    entry: str, said: str, stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(stack, {"ctlint.toml": f"[parents]\n{entry}\n"})
    main(["lint"])
    err = capsys.readouterr().err
    assert err.startswith("ctlint: ctlint.toml:2: parents.")
    assert said in " ".join(err.split())


def test_an_entry_that_another_repository_asks_for_is_not_told(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(stack.parent, {"ctlint.toml": '[parents]\n"acme/other" = "docker-radio"\n'})
    main(["lint"])
    assert not capsys.readouterr().err


def test_what_makes_a_run_image_known_is_said_of_that_image(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["lint", "--verbose"])
    out = " ".join(capsys.readouterr().out.split())
    assert "linted along as a further target" in out
    assert "`ctlint lock`" not in out


def test_an_image_that_may_be_the_repositorys_own_is_guessed(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        stack,
        {"radio/Dockerfile": MADE, "radio/radio": "", "ctlint.toml": '[names]\n"radio/Dockerfile" = "own/radio"\n'},
    )
    main(["lint", "--verbose"])
    out = " ".join(capsys.readouterr().out.split())
    assert '[names] "radio/Dockerfile" = "lscr.io/acme/radio" in ctlint.toml' in out


def test_a_service_that_builds_what_is_not_there_says_so(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(stack, {"compose.yml": "services:\n  radio:\n    build: ./radio\n    user: '1'\n"})
    main(["lint", "--verbose"])
    out = " ".join(capsys.readouterr().out.split())
    assert "no Dockerfile for what compose.yml:3 builds is here" in out
    assert "Its clone" not in out


@pytest.mark.parametrize(("required", "parent", "said"), [
    ("--require-known", "acme/secret:1", "this fails by --require-known: acme/secret:1 is not known."),
    ("--require-known=proved", "lscr.io/linuxserver/baseimage-alpine:3.23", "3.23 is not proved."),
    ("--require-known=known", "lscr.io/linuxserver/baseimage-alpine:3.23", ""),
])  # fmt: skip
def test_a_run_that_asks_for_known_parents_says_why_it_fails(
    required: str, parent: str, said: str, stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(stack, {"compose.yml": "", "Dockerfile": f"FROM {parent}\n"})
    assert main(["lint", required]) == int(bool(said))
    err = " ".join(capsys.readouterr().err.split())
    assert said in err if said else not err


def test_with_since_only_what_changed_is_said_to_be_run_and_not_known(
    stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=stack, check=True)
    write(stack, {"Dockerfile": "FROM debian:12.8-slim\n"})
    assert main(["lint", "--since", "HEAD", "--require-known"]) == 0
    assert "run here" not in capsys.readouterr().out
    write(stack, {"compose.yml": RUNS + "    read_only: true\n"})
    assert main(["lint", "--since", "HEAD", "--require-known"]) == 1
    assert "1 image that is run here is not known" in capsys.readouterr().out


def test_a_registry_that_is_not_reached_takes_nothing_away_that_was_known(
    stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(stack, {"compose.yml": "", "Dockerfile": "FROM localhost:1/acme/base:1\n"})
    write(
        stack.parent,
        {
            "base/Dockerfile": "FROM debian:12.8-slim\n",
            "base/Makefile": "all:\n\tdocker build -t localhost:1/acme/base:2 .\n",
        },
    )
    assert main(["lint", "--parents-from", "registry", "--verbose", ".", "../base"]) == 3
    out = capsys.readouterr().out
    assert "localhost:1/acme/base:1" in out
    assert "only assumed" in out
    assert "does not know" not in out
