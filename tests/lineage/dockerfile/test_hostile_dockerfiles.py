"""What BuildKit builds is linted, however it is written; what cannot be read is a failure, never a missing file."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctlint.lineage.dockerfile.parse import parse
from ctlint.lint.cli import main
from github_server import GitHubServer, Link, Repo

SHELL_FORM = "\nENTRYPOINT /bin/true x\n"
BUILT = {
    "a shebang": "#!/usr/bin/env -S docker build -f\nFROM debian:12.8-slim",
    "a shell's shebang": "#!/bin/sh\nfrom debian:12.8-slim as import",
    "a stage called import": "FROM debian:12.8-slim AS import",
    "an instruction in pieces": "FRO\\\nM debian:12.8-slim",
    "another escape": "# escape=`\nFRO`\nM debian:12.8-slim",
    "comments between the pieces": "\n# c\n  FR\\\n# comment\nOM debian:12.8-slim",
    "a byte-order mark": "\ufeff#!/x\nFROM debian:12.8-slim",
    "a template's mark that is never seen": "FROM debian:12.8-slim${X+@A@}${X+${X+%%B%%}}",
    "a mark within a here-document": "FROM debian:12.8-slim\nRUN cat <<EOF >/t\nFROM {{x}}\nEOF",
    "a copy of BuildKit's own frontend": "# syntax=example.net/copy\nFROM debian:12.8-slim",
    "a stage before the import": "ARG X\nFROM debian:12.8-slim AS import\nFROM import AS import",
}
NOT_BUILT = {
    "Docker.py": "from os import path\nprint(1)\n",
    "Dockerfile.sh": "#!/bin/sh\ncat > x <<E\nFROM y\nE\n",
    "Dockerfile.nanorc": 'syntax "Dockerfile"\ncolor red "FROM"\n',
    "Docker.notes": "ARG x\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def linted(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, set[tuple[str, str]], str]:
    code = main(["lint", *argv, "--format", "json"])
    out, err = capsys.readouterr()
    return code, {(found["path"], found["rule"]) for found in json.loads(out)["findings"]}, err


@pytest.mark.parametrize("how", BUILT)
def test_what_buildkit_builds_is_linted(folder: Path, capsys: pytest.CaptureFixture[str], how: str) -> None:
    assert parse(BUILT[how] + SHELL_FORM).error is None, "it must be one that BuildKit builds"
    (folder / "Dockerfile.x").write_text(BUILT[how] + SHELL_FORM, "utf-8")
    assert linted(capsys)[:2] == (1, {("Dockerfile.x", "CT602")})


TOLD = {
    "a compose file": ("compose.yaml", "services:\n  a:\n    build:\n      context: .\n      dockerfile: PATH\n"),
    "a docker-bake file": ("docker-bake.hcl", 'target "a" {\n  dockerfile = "PATH"\n}\n'),
    "a workflow": (
        ".github/workflows/x.yml",
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n    - run: docker build -f PATH .\n",
    ),
    "a Makefile": ("Makefile", "x:\n\tdocker build -f PATH .\n"),
    "a script": ("build.sh", "docker build -f PATH .\n"),
}


@pytest.mark.parametrize("path", ["vendor/Dockerfile", "build/image.txt", "Dockerfile.md"])
@pytest.mark.parametrize("how", TOLD)
def test_what_a_build_file_has_built_is_linted_whatever_it_is_called(
    folder: Path, capsys: pytest.CaptureFixture[str], how: str, path: str
) -> None:
    name, text = TOLD[how]
    for file, content in ((name, text.replace("PATH", path)), (path, "FROM debian:12.8-slim" + SHELL_FORM)):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(content)
    assert linted(capsys)[:2] == (1, {(path, "CT602")})
    (folder / "ctlint.toml").write_text(f'exclude = ["{path}"]\n')
    assert linted(capsys)[:2] == (0, set())


def test_a_text_that_a_build_names_and_that_is_no_dockerfile_is_left_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "Makefile").write_text("x:\n\tdocker build -f notes.txt .\n")
    (folder / "notes.txt").write_text("FROM is a word.\n")
    assert linted(capsys)[:2] == (0, set())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("compose.yaml", "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM debian\n"),
        ("compose.yaml", 'services: {a: {build: {"dockerfile_inline": "FROM debian"}}}\n'),
        ("docker-bake.hcl", 'target "a" {\n  dockerfile-inline = "FROM debian"\n}\n'),
    ],
)
def test_a_dockerfile_within_a_build_file_is_said_not_to_be_read(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    (folder / name).write_text(text)
    assert main(["lint", "--format", "json"]) == 0
    skipped = json.loads(capsys.readouterr().out)["skipped"]
    assert [(each["image"], each["rule"]) for each in skipped] == [(name, "CT001")]


@pytest.mark.parametrize("name", NOT_BUILT)
def test_what_it_does_not_is_passed_over(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (folder / name).write_text(NOT_BUILT[name])
    assert linted(capsys)[:2] == (0, set())


def unreadable(folder: Path) -> Iterator[str]:
    """Dockerfiles that cannot be read, beside one that can."""
    for name in ("outside", "nothing", "fifo", "loop", "chain", "good"):
        (folder / name).mkdir()
        yield name
    (folder / "outside" / "Dockerfile").symlink_to("/etc/passwd")
    (folder / "nothing" / "Dockerfile").symlink_to("nowhere")
    os.mkfifo(folder / "fifo" / "Dockerfile")
    (folder / "loop" / "Dockerfile").symlink_to("other")
    (folder / "loop" / "other").symlink_to("Dockerfile")
    for number in range(100):
        (folder / "chain" / f"l{number}").symlink_to(f"l{number + 1}")
    (folder / "chain" / "l100").write_text("FROM debian:12.8-slim\n")
    (folder / "chain" / "Dockerfile").symlink_to("l0")
    (folder / "good" / "Dockerfile").write_text("FROM debian:12.8-slim" + SHELL_FORM)
    (folder / "circle").symlink_to("circle")


@pytest.mark.parametrize("workspace", [False, True])
def test_a_dockerfile_that_cannot_be_read_fails_by_itself(
    folder: Path, capsys: pytest.CaptureFixture[str], workspace: bool
) -> None:
    (folder / "ctlint.toml").write_text(f"workspace = {str(workspace).lower()}\n")
    names = list(unreadable(folder))
    code, found, _ = linted(capsys)
    assert code == 3
    assert found == {
        *((f"{name}/Dockerfile", "CT001") for name in names if name != "good"),
        ("good/Dockerfile", "CT602"),
    }
    for name in names[:-1]:
        code, found, _ = linted(capsys, f"{name}/Dockerfile")
        assert (code, {rule for _, rule in found}) == (3, {"CT001"})


def test_so_does_one_of_a_repository_on_github(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = GitHubServer()
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    chain = {f"chain/l{n}": Link(f"l{n + 1}") for n in range(100)}
    files = {
        "outside/Dockerfile": Link("../../../etc/passwd"),
        "absolute/Dockerfile": Link("/etc/passwd"),
        "nothing/Dockerfile": Link("nowhere"),
        "loop/Dockerfile": Link("Dockerfile"),
        **chain,
        "chain/Dockerfile": Link("l0"),
        "chain/l100": b"FROM debian:12.8-slim\n",
        "good/Dockerfile": b"FROM debian:12.8-slim" + SHELL_FORM.encode(),
    }
    server.add(Repo("acme", "app", files))
    code, found, _ = linted(capsys, "github:acme/app", "--cache-dir", str(tmp_path))
    server.close()
    assert code == 3
    assert found == {
        *((f"acme/app/{name}/Dockerfile", "CT001") for name in ("outside", "absolute", "nothing", "loop", "chain")),
        ("acme/app/good/Dockerfile", "CT602"),
    }
