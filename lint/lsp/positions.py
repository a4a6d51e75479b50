"""Positions in a text as an editor counts them, and addresses of files.

ctlint counts lines that end at LF from 1 and characters from 1; the Language Server Protocol counts lines that end at
LF, CR LF or CR from 0 and code units of the negotiated encoding from 0 (LSP 3.17, "Position").
"""

import os
from bisect import bisect_right
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from lsprotocol import types

from ...lineage.late.patterns import pattern
from ...lineage.text.places import Span

_LINE_END = pattern("\r\n|\r|\n")
_LONGEST_PATH, _LONGEST_NAME = 4095, 255
"""Bytes of a path, and of a name in it, by limits.h of Linux."""


class Positions:
    """The positions of one text for a client of one encoding (`utf-8`, `utf-16` or `utf-32`)."""

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.text = text
        self.encoding = encoding
        self._starts = [0]
        self._ends: list[int] = []
        for end in _LINE_END.finditer(text):
            self._ends.append(end.start())
            self._starts.append(end.end())
        self._ends.append(len(text))
        self._rows = [0]
        at = text.find("\n")
        while at >= 0:
            self._rows.append(at + 1)
            at = text.find("\n", at + 1)

    def position(self, offset: int) -> types.Position:
        """The client's position of the character at `offset`."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset) - 1
        start = self._starts[line]
        return types.Position(line, self._units(self.text[start : min(offset, self._ends[line])]))

    def offset(self, position: types.Position) -> int:
        """The offset of a client's position; beyond a line's end, that end."""
        if position.line >= len(self._starts):
            return len(self.text)
        start, end = self._starts[position.line], self._ends[position.line]
        row = self.text[start:end]
        if self.encoding == "utf-32" or row.isascii():
            return start + min(position.character, len(row))
        units = 0
        for index, character in enumerate(row):
            if units >= position.character:
                return start + index
            units += self._units(character)
        return end

    def range_between(self, start: int, end: int) -> types.Range:
        """The client's range of `text[start:end]`."""
        return types.Range(self.position(start), self.position(end))

    def range_of(self, span: Span) -> types.Range:
        """The client's range of a span. One without width becomes the rest of its line, so that it can be seen."""
        start, end = self.offset_at(span.line, span.column), self.offset_at(span.end_line, span.end_column)
        if end <= start:
            row = self._row(span.line)
            text = self.text[row[0] : row[1]]
            if start == row[0]:
                start += len(text) - len(text.lstrip())
            end = max(row[0] + len(text.rstrip()), start)
        return self.range_between(start, end)

    def offset_at(self, line: int, column: int) -> int:
        """The offset of a line and column of ctlint's; beyond a line's end, that end."""
        start, end = self._row(line)
        return min(start + max(column - 1, 0), end)

    def line_column(self, offset: int) -> tuple[int, int]:
        """ctlint's line and column of the character at `offset`."""
        line = bisect_right(self._rows, offset)
        return line, offset - self._rows[line - 1] + 1

    def _row(self, line: int) -> tuple[int, int]:
        if line > len(self._rows):
            return len(self.text), len(self.text)
        start = self._rows[max(line, 1) - 1]
        end = self._rows[line] - 1 if 0 < line < len(self._rows) else len(self.text)
        return start, max(end, start)

    def _units(self, text: str) -> int:
        if self.encoding == "utf-32" or text.isascii():
            return len(text)
        if self.encoding == "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text.encode("utf-16-le", "surrogatepass")) // 2


def path_of(uri: str) -> Path | None:
    """The file that a URI names, links on the way followed; None for what is no file of this machine."""
    written = written_path_of(uri)
    return Path(os.path.realpath(written)) if written is not None else None


def written_path_of(uri: str) -> Path | None:
    """The path that a URI names, as it is written; None where it names none, or one that no file can have."""
    scheme, _, rest = uri.partition(":")
    try:
        if scheme.lower() != "file" or urlsplit(uri).netloc not in ("", "localhost"):
            return None
        path = unquote(rest.removeprefix("//").removeprefix("localhost"), errors="surrogateescape")
        encoded = os.fsencode(path)
    except ValueError:  # half an IPv6 address for a host, half a character
        return None
    too_long = len(encoded) > _LONGEST_PATH or any(len(name) > _LONGEST_NAME for name in encoded.split(b"/"))
    return Path(os.path.normpath(path)) if path.startswith("/") and "\0" not in path and not too_long else None


def uri_of(path: Path) -> str:
    """The URI of a file of this machine (RFC 8089)."""
    return "file://" + quote(os.fsencode(path))
