"""Heredocs of RUN, COPY and ADD: finding their marks on a line, and what is done with their content.

Source: BuildKit frontend/dockerfile/parser/parser.go (heredocsFromLine, ParseHeredoc, ChompHeredocContent).
"""

import re
from typing import NamedTuple

from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..text.go_strings import presentable
from ..text.places import MappedText
from .expand import unset_kept

_MARK = pattern(r"([0-9]*)<<(-?)[\t\n\f\r ]*([^<]*)")
_LEADING_TABS = pattern(r"^\t+", re.MULTILINE)
_LARGEST_DESCRIPTOR = (1 << 64) - 1


class Mark(NamedTuple):
    """`2<<-"NAME"` on an instruction's line: the heredoc that begins behind it. `fd` is 0 where no number is given."""

    name: str
    fd: int
    chomp: bool
    expand: bool


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A heredoc with its content as it stands in the file, line ends included.

    `expand` is false where the name was quoted; `chomp` is true for `<<-`: leading tabs are to be taken away.
    `line` is that of the first line of content (the end mark's, where there is none).
    """

    name: str
    content: str
    expand: bool
    chomp: bool
    line: int
    fd: int = 0

    @property
    def body(self) -> MappedText:
        """The content as it stands in the file."""
        return MappedText.whole(self.content, self.line)

    @property
    def data(self) -> MappedText:
        """The content as it is used: without leading tabs where `chomp` says so."""
        return chomped(self.content, self.line) if self.chomp else self.body

    @property
    def end_line(self) -> int:
        """The line of the end mark."""
        return self.line + self.content.count("\n")


def parse_mark(word: str) -> Mark | None:
    """The mark that `word` is, if it is one."""
    found = _MARK.fullmatch(word) if "<<" in word else None
    if not found or not found[3]:
        return None
    read = unset_kept(found[3]).words
    raw = unset_kept(found[3], keep_quotes=True).words
    if len(read) != 1 or len(raw) != 1:
        return None
    name = presentable(read[0])
    return Mark(name, _descriptor(found[1]), found[2] == "-", _quotes(name) == _quotes(raw[0]))


def marks_on(line: str) -> tuple[Mark, ...]:
    """The heredoc marks on a joined line, in order; none where the line's quoting is not closed.

    The escape character is the backslash here, whatever the Dockerfile's `# escape=` says.
    """
    words = unset_kept(line, keep_quotes=True, keep_escapes=True).words
    return tuple(mark for word in words if (mark := parse_mark(word)))


def _quotes(text: str) -> int:
    return text.count("'") + text.count('"')


def _descriptor(digits: str) -> int:
    digits = digits.lstrip("0")
    return min(int(digits or "0"), _LARGEST_DESCRIPTOR) if len(digits) <= 20 else _LARGEST_DESCRIPTOR


def chomp(content: str) -> str:
    """`content` without the tabs at the start of each line."""
    return _LEADING_TABS.sub("", content)


def chomped(content: str, first_line: int) -> MappedText:
    """`content`, which stands in the file from column 1 of `first_line` on, without its leading tabs."""
    anchors: list[tuple[int, int, int]] = []
    pieces: list[str] = []
    offset = 0
    for number, line in enumerate(content.split("\n"), first_line):
        kept = line.lstrip("\t")
        anchors.append((offset, number, len(line) - len(kept) + 1))
        pieces.append(kept)
        offset += len(kept) + 1
    return MappedText("\n".join(pieces), tuple(anchors))
