"""Text edits: spans of a text to offsets, edits that do not touch each other, and the text after them."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from ...lineage.late.dataclasses import dataclass
from ...lineage.text.places import Span
from ...rules.base import Edit


@dataclass(frozen=True, slots=True, order=True)
class TextChange:
    """`text` in place of the characters from `start` to `end` (exclusive) of a text."""

    start: int
    end: int
    text: str

    def touches(self, other: "TextChange") -> bool:
        """Whether the two cannot both be made, or not in either order: they overlap or insert at one spot."""
        if self.start == other.start and (self.start == self.end or other.start == other.end):
            return True
        return self.start < other.end and other.start < self.end


def decoded(content: bytes) -> str:
    """A file's text, byte-order mark included. Bytes that are no UTF-8 become lone surrogates; `encoded` undoes it."""
    return content.decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """The bytes of a text from `decoded`."""
    return text.encode("utf-8", "surrogateescape")


def changes(text: str, edits: Iterable[Edit]) -> tuple[TextChange, ...] | str:
    """The text edits as changes of `text`, by position, or the reason why they do not fit it.

    New lines get carriage returns where the line that is edited ends in one.
    """
    starts = _line_starts(text)
    found: list[TextChange] = []
    for edit in edits:
        span = edit.place.span
        start, end = (
            _offset(text, starts, span.line, span.column),
            _offset(text, starts, span.end_line, span.end_column),
        )
        if start is None or end is None or end < start:
            return f"line {span.line} is not as it was"
        first, last = starts[span.line - 1], _line_end(text, end)
        if any("\ud800" <= character <= "\udfff" for character in text[first:last]):
            return f"line {span.line} is not UTF-8, so its columns are not certain"
        found.append(TextChange(start, end, _with_line_ends(edit.text, text, starts, span)))
    return tuple(sorted(found))


def changed(text: str, by: Sequence[TextChange]) -> str:
    """The text after changes that do not touch each other."""
    for change in sorted(by, reverse=True):
        text = text[: change.start] + change.text + text[change.end :]
    return text


def _line_starts(text: str) -> list[int]:
    starts = [0]
    position = text.find("\n")
    while position >= 0:
        starts.append(position + 1)
        position = text.find("\n", position + 1)
    return starts


def _offset(text: str, starts: Sequence[int], line: int, column: int) -> int | None:
    if not 1 <= line <= len(starts) or column < 1:
        return None
    offset = starts[line - 1] + column - 1
    limit = starts[line] - 1 if line < len(starts) else len(text)
    return offset if offset <= limit else None


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


def _with_line_ends(new: str, text: str, starts: Sequence[int], span: Span) -> str:
    if "\n" not in new:
        return new
    line = bisect_left(starts, starts[span.line - 1])
    if line == len(starts) - 1 and line:
        line -= 1
    crlf = text[starts[line] : _line_end(text, starts[line])].endswith("\r")
    return new.replace("\r\n", "\n").replace("\n", "\r\n") if crlf else new
