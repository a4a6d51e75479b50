"""Files that another reader takes as they stand, and that are written so that a careless one does not."""

import json
from pathlib import Path

import pytest

from ctlint.lint.cli import main

S6 = "FROM lscr.io/linuxserver/baseimage-alpine:3.20\nCOPY run /etc/cont-init.d/10-x\n"
REFUSED_BY_BASH = "\nexport X=$(true\n"
POINTER = "version https://git-lfs.github.com/spec/v1\n"


def linted(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, set[tuple[str, str]]]:
    code = main(["lint", "--no-cache", "--format", "json", *argv])
    return code, {(found["rule"], found["path"]) for found in json.loads(capsys.readouterr().out)["findings"]}


def started(folder: Path, monkeypatch: pytest.MonkeyPatch, script: bytes) -> None:
    (folder / "Dockerfile").write_text(S6)
    (folder / "run").write_bytes(script)
    (folder / "run").chmod(0o755)
    monkeypatch.chdir(folder)


@pytest.mark.parametrize(
    "head",
    [
        b"#!/bin/bash\n# \0",
        b"#!/bin/bash\n" + b"# \0\n" * 4000,
        b"#!/bin/bash\n" + b"# " + b"x" * 5000 + b"\0",
        POINTER.encode(),
        POINTER.encode() + b"oid sha256:" + b"a" * 64 + b"\n: size 5\n",
    ],
)
def test_a_script_that_a_shell_reads_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], head: bytes
) -> None:
    """bash passes over zero bytes behind the first line; what only begins like a pointer of git LFS is none."""
    started(tmp_path, monkeypatch, head + REFUSED_BY_BASH.encode())
    assert linted(capsys) == (1, {("CT211", "run")})


@pytest.mark.parametrize("size", [1_100_000, 6_000_000])
@pytest.mark.parametrize("head", [b"#!/bin/bash\n", b"#!/bin/bash\n# \0\n"])
def test_a_script_that_was_padded_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], size: int, head: bytes
) -> None:
    started(tmp_path, monkeypatch, head + b"# padding\n" * (size // 10) + REFUSED_BY_BASH.encode())
    assert linted(capsys) == (3, {("CT001", "run")})


@pytest.mark.parametrize("how", [". /lib.sh", "/lib.sh", "bash /lib.sh"])
def test_a_padded_script_that_another_runs_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    started(tmp_path, monkeypatch, f"#!/bin/bash\n{how}\n".encode())
    (tmp_path / "lib.sh").write_bytes(b"#!/bin/bash\n" + b"# padding\n" * 200_000)
    (tmp_path / "lib.sh").chmod(0o755)
    (tmp_path / "Dockerfile").write_text(S6 + "COPY lib.sh /lib.sh\n")
    assert linted(capsys) == (3, {("CT001", "lib.sh")})


PROGRAMS = {
    "a program": b"\x7fELF\2\1\1\0" + bytes(range(256)) * 8000,
    "a bundle of JavaScript": b"#!/usr/bin/env node\n" + b"// padding\n" * 200_000,
    "a large bundle": b"#!/usr/bin/env node\n" + b"// padding\n" * 600_000,
    "an installer": b"#!/bin/sh\ntail -n +3 $0 | tar xz\nexit 0\n" + bytes(range(256)) * 8000,
    "a large installer": b"#!/bin/sh\ntail -n +3 $0 | tar xz\nexit 0\n" + bytes(range(256)) * 24_000,
}


@pytest.mark.parametrize("how", PROGRAMS)
def test_what_no_shell_reads_at_start_may_be_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    (tmp_path / "app").write_bytes(PROGRAMS[how])
    (tmp_path / "app").chmod(0o755)
    use = "RUN /app\n" if "installer" in how else 'ENTRYPOINT ["/app"]\n'
    install = "RUN apt-get update && apt-get install -y nodejs\n"
    (tmp_path / "Dockerfile").write_text(f"FROM debian:12.8-slim\n{install}COPY app /app\n{use}")
    monkeypatch.chdir(tmp_path)
    assert linted(capsys) == (0, set())


def test_a_pointer_of_git_lfs_is_still_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started(tmp_path, monkeypatch, f"{POINTER}oid sha256:{'a' * 64}\nsize 12\n".encode())
    assert linted(capsys) == (0, set())
    assert main(["lint", "--no-cache", "--verbose"]) == 0
    assert "the content of /etc/cont-init.d/10-x is not known" in capsys.readouterr().out


COMPOSE = "services:\n  a:\n    build: .\n    read_only: true\n"
WRITTEN: dict[str, bytes] = {
    "plain": COMPOSE.encode(),
    "an anchor twice": f"x-a: &a 1\nx-b: &a 2\n{COMPOSE}".encode(),
    "an anchor of a mapping twice": f"x-a: &a {{b: c}}\nx-b: &a [1, *a]\nx-c: *a\n{COMPOSE}".encode(),
    "behind another document": f"x-a: 1\n---\n{COMPOSE}".encode(),
    "behind an empty document": f"---\n---\n{COMPOSE}".encode(),
    "in two documents": b"services:\n  a:\n    build: .\n---\nservices:\n  a:\n    read_only: true\n",
    "UTF-16": COMPOSE.encode("utf-16"),
    "UTF-16, the other end first": b"\xfe\xff" + COMPOSE.encode("utf-16-be"),
    "a byte-order mark": b"\xef\xbb\xbf" + COMPOSE.encode(),
    "old line ends": COMPOSE.replace("\n", "\r").encode(),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_a_compose_file_is_read_as_compose_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM lscr.io/linuxserver/baseimage-alpine:3.20\n")
    (tmp_path / "compose.yaml").write_bytes(WRITTEN[how])
    monkeypatch.chdir(tmp_path)
    assert linted(capsys) == (1, {("CT703", "compose.yaml")})


def test_a_later_document_overrides_an_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM lscr.io/linuxserver/baseimage-alpine:3.20\n")
    (tmp_path / "compose.yaml").write_text(COMPOSE + "---\nservices:\n  a:\n    read_only: false\n")
    monkeypatch.chdir(tmp_path)
    assert linted(capsys) == (0, set())


KEYS = ('"bu\\x69ld"', "'build'", '"b\\u0075ild"', "build ", "? build\n    ")


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_one_however_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    """A build file says which Dockerfile is built, whatever that is called."""
    (tmp_path / "compose.yaml").write_text(f"services:\n  a:\n    {key}: {{context: ., dockerfile: image.txt}}\n")
    (tmp_path / "image.txt").write_text("FROM debian:12.8-slim\nENTRYPOINT /bin/true x\n")
    monkeypatch.chdir(tmp_path)
    assert linted(capsys) == (1, {("CT602", "image.txt")})


def test_a_step_of_a_workflow_is_one_however_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".github/workflows").mkdir(parents=True)
    step = 'jobs:\n  a:\n    steps:\n    - run: "dock\\x65r bu\\x69ld -f image.txt ."\n'
    (tmp_path / ".github/workflows/x.yml").write_text(step)
    (tmp_path / "image.txt").write_text("FROM debian:12.8-slim\nENTRYPOINT /bin/true x\n")
    monkeypatch.chdir(tmp_path)
    assert linted(capsys) == (1, {("CT602", "image.txt")})


TARGET = '{{"target": {{"a": {{"dockerfile": "image.txt"{}}}}}}}'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (TARGET.format(', "x": ' + "9" * 5000), 1),
        (TARGET.format("").replace("target", "t\\u0061rget"), 1),
        (TARGET.format(', "x": ' + "[" * 9000 + "]" * 9000), 3),
    ],
    ids=["a long number", "an escape", "deep brackets"],
)
def test_a_bake_file_in_json_is_read_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, code: int
) -> None:
    """Go's reader takes numbers of any length and 10,000 brackets in each other."""
    (tmp_path / "docker-bake.json").write_text(text)
    (tmp_path / "image.txt").write_text("FROM debian:12.8-slim\nENTRYPOINT /bin/true x\n")
    monkeypatch.chdir(tmp_path)
    found = {("CT602", "image.txt")} if code == 1 else {("CT001", "docker-bake.json")}
    assert linted(capsys) == (code, found)


@pytest.mark.parametrize("first", ["FORM alpine:3.20", "FRM alpine:3.20 AS build", "from: alpine:3.20"])
def test_a_dockerfile_that_begins_with_a_slip_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], first: str
) -> None:
    (tmp_path / "Dockerfile").write_text(f"# an image\n\n{first}\nRUN true\n")
    monkeypatch.chdir(tmp_path)
    assert linted(capsys) == (3, {("CT001", "Dockerfile")})


@pytest.mark.parametrize("first", ["form follows function and more", "Room for notes", "all:"])
def test_a_note_of_that_name_is_no_dockerfile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], first: str
) -> None:
    (tmp_path / "Dockerfile").write_text(f"{first}\nwords\n")
    monkeypatch.chdir(tmp_path)
    assert main(["lint", "--no-cache"]) == 0
    assert capsys.readouterr().out == "No Dockerfile was found.\n"
