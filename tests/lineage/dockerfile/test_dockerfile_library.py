"""dockerfile-parse is the reader of the files that it reads as BuildKit does, and no other file depends on it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dockerfile_parse import DockerfileParser

from ctlint.lineage.dockerfile import logical_lines
from ctlint.lineage.dockerfile.library import instruction_lines
from ctlint.lineage.dockerfile.parse import Dockerfile, parse

ROOT = Path(__file__).parents[3]
FIXTURES = sorted(path for path in (ROOT / "fixtures").rglob("Dockerfile*") if path.is_file())
TEXTS = [path.read_text("utf-8", "surrogateescape") for path in FIXTURES]
VERDICTS = [
    each["text"] for each in json.loads((ROOT / "fixtures/buildkit/verdicts.json").read_text("utf-8"))["dockerfiles"]
]
PLAIN = "FROM debian:12\n# why\nRUN apt-get update \\\n  # and\n    && apt-get install -y curl\nUSER 1000\n"
Structure = list[dict[str, Any]]


def lines_of(text: str) -> list[str]:
    return text.split("\n")[:-1] if text.endswith("\n") else text.split("\n")


def without_library(monkeypatch: pytest.MonkeyPatch, text: str) -> Dockerfile:
    with monkeypatch.context() as patch:
        patch.setattr(logical_lines, "instruction_lines", lambda *_: None)
        return parse(text)


def test_both_readers_agree_on_every_text(monkeypatch: pytest.MonkeyPatch) -> None:
    read = [text for text in {*TEXTS, *VERDICTS} if instruction_lines(text, lines_of(text))]
    assert len(read) > 400
    assert [text for text in read if parse(text) != without_library(monkeypatch, text)] == []


def test_most_files_are_read_by_the_library() -> None:
    told = sum(instruction_lines(text, lines_of(text)) is not None for text in TEXTS)
    assert told > 0.9 * len(TEXTS)


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN <<EOF\nx\nEOF\n",
        "FROM a\nRUN x \\\n\n  y\n",
        "FROM a\nRUN x \\\n",
        "FROM a\nRUN x \\\\\nUSER b\n",
        "FROM a\nHEALTHCHECK\n",
        "# escape=`\nFROM a\nRUN x `\n  y\n",
        "FROM a\r\nUSER b\r\n",
        "FROM a\nLABEL x=\u00e9\n",
        "FROM a\nRUN\\\nx y\n",
    ],
)
def test_what_the_library_reads_otherwise_than_buildkit_is_not_asked_of_it(text: str) -> None:
    assert instruction_lines(text, lines_of(text)) is None


@pytest.mark.parametrize(
    "mutation",
    [
        lambda found: [],
        lambda found: found[:-1],
        lambda found: [{**each, "instruction": "RUN"} for each in found],
        lambda found: [{**each, "endline": each["startline"]} for each in found],
        lambda found: [{**each, "startline": each["startline"] + 1, "endline": each["endline"] + 1} for each in found],
    ],
    ids=["nothing", "no last instruction", "wrong keyword", "wrong last line", "one line further down"],
)
def test_a_wrong_answer_of_the_library_is_never_taken_for_the_file(
    monkeypatch: pytest.MonkeyPatch, mutation: Callable[[Structure], Structure]
) -> None:
    """It is refused where it does not cover the file, and otherwise shows: nothing else reads such a file."""
    right = parse(PLAIN)
    told: list[Structure] = []

    def structure(self: DockerfileParser) -> Structure:
        told.append(mutation(original.fget(self)))  # type: ignore[attr-defined,misc]
        return told[-1]

    original = DockerfileParser.structure
    monkeypatch.setattr(DockerfileParser, "structure", property(structure))
    wrong = parse(PLAIN)
    assert told, "the library was not asked"
    covers = instruction_lines(PLAIN, lines_of(PLAIN)) is not None
    assert (wrong != right) is covers
