"""Places in files, and values that know where they were set."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Generic, TypeVar

from ..late.dataclasses import dataclass

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text file. Lines and columns start at 1, columns count characters, `end_column` is exclusive."""

    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0

    def __post_init__(self) -> None:
        if self.end_line == 0:
            object.__setattr__(self, "end_line", self.line)
        if self.end_column == 0:
            object.__setattr__(self, "end_column", self.column)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of a named file.

    `path` is as it is shown to the user: relative to the working directory, or `OWNER/REPO/path`, or, for a fact of a
    bundled profile, `OWNER/REPO@COMMIT/path`.
    """

    path: str
    span: Span

    @property
    def line(self) -> int:
        return self.span.line

    def __str__(self) -> str:
        return f"{self.path}:{self.span.line}"


@dataclass(frozen=True, slots=True)
class Sourced(Generic[T_co]):
    """A value with the place that set it and the id of the image whose Dockerfile or script that was."""

    value: T_co
    place: Place
    image: str


@dataclass(frozen=True, slots=True)
class MappedText:
    """A text assembled from pieces of a file (continuation lines joined, comments dropped) that knows where each came from.

    `anchors` are (offset in `text`, line, column) in rising order of offset: from that offset on, characters stand in
    the file from that line and column on, up to the next anchor. A newline within a piece begins a new anchor.
    """

    text: str
    anchors: Sequence[tuple[int, int, int]] = ((0, 1, 1),)

    @classmethod
    def whole(cls, text: str, line: int = 1, column: int = 1) -> "MappedText":
        """A text that stands in the file as it is, beginning at `line` and `column`."""
        anchors = [(0, line, column)]
        position = text.find("\n")
        while position >= 0:
            line += 1
            anchors.append((position + 1, line, 1))
            position = text.find("\n", position + 1)
        return cls(text, tuple(anchors))

    def position(self, offset: int) -> tuple[int, int]:
        """(line, column) in the file of the character at `offset`."""
        index = max(bisect_right(self.anchors, (offset, 1 << 60, 1 << 60)) - 1, 0)
        start, line, column = self.anchors[index]
        return line, column + max(offset - start, 0)

    def offset(self, line: int, column: int) -> int | None:
        """The offset of the character that stands in the file at `line` and `column`; None where none of the text does."""
        index = bisect_right(self.anchors, (line, column), key=lambda anchor: anchor[1:]) - 1
        if index < 0 or self.anchors[index][1] != line:
            return None
        start, _, first = self.anchors[index]
        offset = start + column - first
        return offset if offset <= len(self.text) else None

    def lines(self, span: Span) -> tuple[int, int]:
        """(start, end) of the whole lines of the text that a span of the file reaches into; (0, 0) where it does not."""
        first, last = self.offset(span.line, span.column), self.offset(span.end_line, span.end_column)
        if first is None:
            return 0, 0
        end = self.text.find("\n", first if last is None else max(first, last))
        return self.text.rfind("\n", 0, first) + 1, end if end >= 0 else len(self.text)

    def span(self, start: int, end: int) -> Span:
        """The span in the file of `text[start:end]`."""
        if len(self.anchors) == 1:
            begins, line, column = self.anchors[0]
            first = column + max(start - begins, 0)
            return Span(line, first, line, max(column + end - begins, first))
        line, column = self.position(start)
        if end <= start:
            return Span(line, column, line, column)
        end_line, end_column = self.position(end - 1)
        return Span(line, column, end_line, end_column + 1)
