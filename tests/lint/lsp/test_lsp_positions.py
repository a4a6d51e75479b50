"""Positions of ctlint and of editors, and addresses of files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from ctlint.lineage.text.places import Span
from ctlint.lint.lsp.positions import Positions, path_of, uri_of, written_path_of

TEXTS = st.text(st.sampled_from("a$ é€😀\u2028\x0b\r\n\t"), max_size=60)
ENCODINGS = st.sampled_from(("utf-8", "utf-16", "utf-32"))


@given(TEXTS, ENCODINGS, st.data())
def test_a_position_leads_back_to_its_character(text: str, encoding: str, data: st.DataObject) -> None:
    positions = Positions(text, encoding)
    offset = data.draw(st.integers(0, len(text)))
    if text[max(offset - 1, 0) : offset + 1] == "\r\n":
        return  # between the two there is no position
    assert positions.offset(positions.position(offset)) == offset
    line, column = positions.line_column(offset)
    assert positions.offset_at(line, column) == offset
    assert line == text.count("\n", 0, offset) + 1


@given(TEXTS, ENCODINGS)
def test_lines_are_those_of_the_protocol(text: str, encoding: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = Positions(text, encoding).position(len(text))
    units = {"utf-8": len(lines[-1].encode()), "utf-16": len(lines[-1].encode("utf-16-le")) // 2}
    assert end == types.Position(len(lines) - 1, units.get(encoding, len(lines[-1])))


@given(TEXTS, ENCODINGS, st.integers(0, 9), st.integers(0, 99))
def test_positions_beyond_the_text_are_its_nearest(text: str, encoding: str, line: int, character: int) -> None:
    positions = Positions(text, encoding)
    assert 0 <= positions.offset(types.Position(line, character)) <= len(text)
    assert 0 <= positions.offset_at(line + 1, character) <= len(text)


def test_a_span_without_width_becomes_visible() -> None:
    positions = Positions("a\n  word here \r\n\n")
    assert positions.range_of(Span(2)) == types.Range(types.Position(1, 2), types.Position(1, 11))
    assert positions.range_of(Span(2, 3, 2, 7)) == types.Range(types.Position(1, 2), types.Position(1, 6))
    assert positions.range_of(Span(3)) == types.Range(types.Position(2, 0), types.Position(2, 0))
    assert positions.range_of(Span(99)) == types.Range(types.Position(3, 0), types.Position(3, 0))


@pytest.mark.parametrize("name", ["a b", "c#d?e", "ü;x%20", "\udcff"])
def test_any_file_has_an_address(tmp_path: Path, name: str) -> None:
    file = tmp_path.resolve() / name
    assert path_of(uri_of(file)) == file


@pytest.mark.parametrize(
    "uri", ["untitled:Untitled-1", "git:/a/Dockerfile?x", "file://server/share/x", "file:relative"]
)
def test_what_is_no_file_of_this_machine_has_no_path(uri: str) -> None:
    assert written_path_of(uri) is None
    assert path_of(uri) is None


def test_addresses_as_editors_write_them() -> None:
    assert written_path_of("file:///a/b%20c/Dockerfile") == Path("/a/b c/Dockerfile")
    assert written_path_of("file://localhost/a") == Path("/a")
    assert written_path_of("file:/a") == Path("/a")
