"""What a Dockerfile consists of once it is read: instructions with their places in the file, problems and warnings."""

from bisect import bisect_right
from typing import Literal, NamedTuple

from ..late.dataclasses import dataclass
from ..text.places import MappedText, Span
from .heredoc import Heredoc
from .split import Form

Offsets = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ParseProblem:
    """What BuildKit refuses: its message, the lines it names, and whether its parser or its checks say so."""

    message: str
    line: int
    end_line: int
    found_by: Literal["parser", "instructions", "reading"]


@dataclass(frozen=True, slots=True)
class ParseWarning:
    """What BuildKit's parser warns of. `line` is where the instruction's text ends, `empty_line` the one warned of."""

    message: str
    line: int
    empty_line: int


class Words(NamedTuple):
    """What the line of an instruction says, as the fields of the same names in `Instruction` have it."""

    keyword: str
    written: str
    flags: tuple[str, ...]
    form: Form
    arguments: tuple[str, ...]
    name_place: Offsets
    flag_places: tuple[Offsets, ...]
    argument_places: tuple[Offsets, ...]
    body_place: Offsets


class Instruction(NamedTuple):
    """An instruction of a Dockerfile.

    `keyword` is in capitals, `written` as it stands in the file. `arguments` are as BuildKit's parser has them: one
    text in shell form, the strings in exec form, three for each pair of ENV and LABEL (name, value, `=` or nothing),
    the held instruction's keyword and arguments for ONBUILD. `end_line` is that of the last heredoc's end mark, where
    there are heredocs. `line` is the joined text without heredocs, `body` the part of it behind keyword and flags.
    """

    keyword: str
    written: str
    flags: tuple[str, ...]
    form: Form
    arguments: tuple[str, ...]
    name_place: Offsets
    """Where `written` stands in `line.text`."""
    flag_places: tuple[Offsets, ...]
    """Where each of `flags` stands in `line.text`."""
    argument_places: tuple[Offsets, ...]
    """Where each of `arguments` stands in `line.text`; quotes of an exec form's string included."""
    body_place: Offsets
    """Where `body` stands in `line.text`."""
    start_line: int
    end_line: int
    line: MappedText
    heredocs: tuple[Heredoc, ...]
    onbuild: "Instruction | None" = None
    """What an ONBUILD holds, with the ONBUILD's lines and heredocs; none where that is ONBUILD again."""

    @property
    def body(self) -> MappedText:
        """The joined text behind keyword and flags."""
        return part(self.line, *self.body_place)

    @property
    def original(self) -> str:
        """The joined text, heredocs left out."""
        return self.line.text

    @property
    def span(self) -> Span:
        """From the keyword to the end of the joined text."""
        return self.line.span(0, len(self.line.text.rstrip()))

    @property
    def name_span(self) -> Span:
        """Where the keyword stands in the file."""
        return self.line.span(*self.name_place)

    def argument_span(self, index: int) -> Span:
        """Where the argument stands in the file."""
        return self.line.span(*self.argument_places[index])

    def flag_span(self, index: int) -> Span:
        """Where the flag stands in the file."""
        return self.line.span(*self.flag_places[index])

    def flag_values(self, name: str) -> tuple[str, ...]:
        """The values of the flag `--name=…`, in order; the empty string for a bare `--name`."""
        return tuple(value for _, value in self.flags_named(name))

    def flags_named(self, name: str) -> tuple[tuple[int, str], ...]:
        """(index in `flags`, value) of each `--name=…`."""
        if not self.flags:
            return ()
        parted = ((index, flag.partition("=")) for index, flag in enumerate(self.flags))
        return tuple((index, value) for index, (flag, _, value) in parted if flag == f"--{name}")

    def flag(self, name: str) -> str | None:
        """The value of the flag `--name=…`, the empty string for a bare `--name`, None where there is none."""
        return next(iter(self.flag_values(name)), None) if self.flags else None


def part(text: MappedText, start: int, end: int) -> MappedText:
    """`text.text[start:end]`, with its places."""
    if len(text.anchors) == 1:
        offset, line, column = text.anchors[0]
        return MappedText(text.text[start:end], ((0, line, column + start - offset),))
    first = max(bisect_right(text.anchors, (start, 1 << 60, 1 << 60)) - 1, 0)
    behind = bisect_right(text.anchors, (max(end - 1, start), 1 << 60, 1 << 60))
    offset, line, column = text.anchors[first]
    anchors = [(0, line, column + start - offset)]
    anchors += [(at - start, line, column) for at, line, column in text.anchors[first + 1 : behind]]
    return MappedText(text.text[start:end], tuple(anchors))


def joined(*texts: MappedText) -> MappedText:
    """The texts one behind the other, with their places."""
    anchors: list[tuple[int, int, int]] = []
    length = 0
    for text in texts:
        anchors += [(length + at, line, column) for at, line, column in text.anchors]
        length += len(text.text)
    return MappedText("".join(text.text for text in texts), tuple(anchors))
