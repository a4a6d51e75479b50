"""The text of a file in an image."""

import pytest

from ctlint.lineage.image.image import Node
from ctlint.lineage.image.script_files import text_of
from ctlint.lineage.image.tree import Blob
from ctlint.lineage.text.places import MappedText, Place, Span


def file(data: bytes, line: int = 1, source: str | None = None) -> Node:
    return Node("file", Place("Dockerfile", Span(line, 3)), "image", blob=Blob.of(data), source=source)


def test_a_text_is_mapped_once_however_many_commands_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """To map it takes as long as it has lines: a rule that asks for each line's command would take the square of that."""
    mapped: list[str] = []
    whole = MappedText.whole

    def counted(text: str) -> MappedText:
        mapped.append(text)
        return whole(text)

    monkeypatch.setattr(MappedText, "whole", counted)
    texts = [text_of(file(b"a\r\nmapped\n", source="run")) for _ in range(100)]
    assert mapped == ["a\nmapped\n"]
    assert {text.position(2) for text in texts if text is not None} == {(2, 1)}


def test_a_text_within_another_file_begins_where_it_stands_there() -> None:
    first, second = (text_of(file(b"same\n", line)) for line in (4, 9))
    assert first is not None
    assert second is not None
    assert (first.position(0), second.position(0)) == ((4, 3), (9, 3))
    whole = text_of(file(b"same\n", 4, "run"))
    assert whole is not None
    assert whole.position(0) == (1, 1)
