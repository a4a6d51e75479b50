"""Lines of a Dockerfile joined to instructions, after the parser directives at its top: continuations, comments, heredocs.

Source: BuildKit frontend/dockerfile/parser/parser.go, Parse. What a line's words mean is not known here, but for
whether heredocs may follow it, which the caller says.
"""

from collections.abc import Callable
from typing import NamedTuple

from ..late.patterns import pattern
from ..text.go_strings import SPACE
from .heredoc import Heredoc, Mark, marks_on
from .library import InstructionLines, instruction_lines

LONGEST_LINE = 65535
"""BuildKit reads lines of at most so many bytes (bufio.MaxScanTokenSize less one)."""
LARGEST_FILE = 16 << 20
"""BuildKit fetches a Dockerfile in one message, which may have 16 MiB."""
MOST_LINES = 500_000
MOST_INSTRUCTIONS = 100_000
"""More are refused, so that a file that is no Dockerfile does not fill the memory."""


class LineProblem(NamedTuple):
    """Why reading stopped: BuildKit's message and the lines it names."""

    message: str
    line: int
    end_line: int


class LogicalLine(NamedTuple):
    """An instruction's joined text. `anchors` say where its pieces stand in the file, as MappedText wants them."""

    text: str
    anchors: tuple[tuple[int, int, int], ...]
    start_line: int
    joined_to: int
    end_line: int
    """The last line, that of a heredoc's end mark included."""
    heredocs: tuple[Heredoc, ...] = ()
    empty_line: int | None = None
    """The first empty line inside the continuation, which BuildKit warns of."""
    split: tuple[str, int] | None = None
    """The keyword as it is written and the offset of what follows it, where the library told them."""


class Joined(NamedTuple):
    """All of a file's instructions up to `problem`, if there is one."""

    lines: tuple[LogicalLine, ...]
    escape: str
    directives: dict[str, str]
    problem: LineProblem | None


def join_lines(text: str, may_have_heredocs: Callable[[str, str], bool]) -> Joined:
    """Join the lines of `text`, a byte-order mark included.

    `may_have_heredocs` is asked, of a joined line that has `<<` in it and the escape character, whether it is an
    instruction that takes heredocs.
    """
    reader = _LineReader(text, may_have_heredocs)
    problem = reader.read()
    return Joined(tuple(reader.found), reader.directives.escape, reader.directives.values, problem)


class _LineReader:
    def __init__(self, text: str, may_have_heredocs: Callable[[str, str], bool]) -> None:
        self._text = text
        self._lines = text.split("\n")
        if self._lines[-1] == "":
            self._lines.pop()
        self._too_long = _first_too_long(self._lines)
        if self._too_long is not None:
            del self._lines[self._too_long :]
        if self._lines:
            self._lines[0] = self._lines[0].removeprefix("\ufeff")
        self._may_have_heredocs = may_have_heredocs
        self._read = 0
        self.directives = Directives()
        self.found: list[LogicalLine] = []

    def read(self) -> LineProblem | None:
        if len(self._lines) > MOST_LINES:
            return LineProblem(f"the file has more than {MOST_LINES} lines", 1, 1)
        told = instruction_lines(self._text, self._lines) if self._too_long is None else None
        if told and len(told) <= MOST_INSTRUCTIONS and self._take(told):
            return None
        while self._read < len(self._lines):
            problem = self._instruction()
            if problem:
                return problem
            if len(self.found) > MOST_INSTRUCTIONS:
                return LineProblem(f"the file has more than {MOST_INSTRUCTIONS} instructions", self._read, self._read)
        if not self.found:
            return LineProblem("file with no instructions", 1, max(len(self._lines), 1))
        if self._too_long is not None:
            message = f"dockerfile line greater than max allowed size of {LONGEST_LINE}"
            return LineProblem(message, self._too_long + 1, self._too_long + 1)
        return None

    def _take(self, told: list[InstructionLines]) -> bool:
        """Join the lines that the library says belong together; False where a directive stands in the way."""
        for line in self._lines[: told[0].start + 1]:
            try:
                self.directives.read(line.lstrip(SPACE))
            except DirectiveError:
                self.directives = Directives()
                return False
        for start, end, keyword in told:
            whole = self._lines[start]
            line = whole.lstrip(SPACE)
            pieces = [self._cut(line)[0]]
            anchors = [(0, start + 1, len(whole) - len(line) + 1)]
            length = len(pieces[0])
            for number, more in enumerate(self._lines[start + 1 : end + 1], start + 2):
                if more.lstrip(SPACE).startswith("#"):
                    continue
                piece = self._cut(more)[0]
                if piece:
                    if anchors[-1][0] == length:
                        anchors.pop()
                    anchors.append((length, number, 1))
                    pieces.append(piece)
                    length += len(piece)
            text = "".join(pieces)
            rest = len(text) - len(text[len(keyword) :].lstrip(" \t"))
            split = (text[: len(keyword)], rest)
            self.found.append(LogicalLine(text, tuple(anchors), start + 1, end + 1, end + 1, split=split))
        return True

    def _next(self) -> str:
        line = self._lines[self._read].rstrip("\r")
        self._read += 1
        return line

    def _instruction(self) -> LineProblem | None:
        """Read on to the end of the next instruction, or over a line that holds none."""
        whole = self._next()
        start = self._read
        line = whole.lstrip(SPACE)
        if not self.directives.over:
            try:
                self.directives.read(line)
            except DirectiveError as problem:
                return LineProblem(str(problem), start, start)
        if line.startswith("#"):
            return None
        piece, continues = self._cut(line)
        if not piece and not continues:
            return None
        pieces = [piece]
        anchors = [(0, start, len(whole) - len(line) + 1)]
        length = len(piece)
        empty_line: int | None = None
        while continues and self._read < len(self._lines):
            line = self._next()
            bare = line.lstrip(SPACE)
            if not bare:
                empty_line = empty_line or self._read
                continue
            if bare[0] == "#":
                continue
            piece, continues = self._cut(line)
            if piece:
                if anchors[-1][0] == length:
                    anchors.pop()
                anchors.append((length, self._read, 1))
                pieces.append(piece)
                length += len(piece)
        text = "".join(pieces)
        joined_to = self._read
        heredocs: list[Heredoc] = []
        if "<<" in text and self._may_have_heredocs(text, self.directives.escape):
            for mark in marks_on(text):
                heredoc = self._heredoc(mark)
                if heredoc is None:
                    return LineProblem("unterminated heredoc", start, self._read)
                heredocs.append(heredoc)
        self.found.append(LogicalLine(text, tuple(anchors), start, joined_to, self._read, tuple(heredocs), empty_line))
        return None

    def _cut(self, line: str) -> tuple[str, bool]:
        """`line` without the escape character that continues it, and whether there was one."""
        escape = self.directives.escape
        if escape not in line:
            return line, False
        body = line.rstrip(" \t")
        if body.endswith(escape) and body[-2:] != escape * 2:
            return body[:-1], True
        return line, False

    def _heredoc(self, mark: Mark) -> Heredoc | None:
        """The heredoc whose content begins on the next line; None where it has no end."""
        first = self._read
        while self._read < len(self._lines):
            line = self._next()
            if (line.lstrip("\t") if mark.chomp else line) == mark.name:
                content = "".join(f"{line}\n" for line in self._lines[first : self._read - 1])
                return Heredoc(mark.name, content, mark.expand, mark.chomp, first + 1, mark.fd)
        return None


def _first_too_long(lines: list[str]) -> int | None:
    if max(map(len, lines), default=0) <= LONGEST_LINE // 4:
        return None
    sizes = ((index, len(line.encode("utf-8", "surrogateescape"))) for index, line in enumerate(lines))
    return next((index for index, size in sizes if size > LONGEST_LINE), None)


_KEY = pattern(r"([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=")
_BLANKS = "\t\n\f\r "
_KNOWN = frozenset(("escape", "syntax", "check"))


class DirectiveError(Exception):
    """A directive that BuildKit refuses; the text is BuildKit's."""


class Directives:
    """Reads line by line; the first line that is no directive ends them (`over`). `values` holds them by lower-case name."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.escape = "\\"
        self.over = False

    def read(self, line: str) -> None:
        """Take the next line, without white space before it and line end behind it. Raises DirectiveError."""
        if self.over:
            return
        found = self._split(line)
        if found is None:
            self.over = True
            return
        name, value = found
        if name in self.values:
            raise DirectiveError(f"only one {name} parser directive can be used")
        self.values[name] = value
        if name == "escape":
            if value not in ("\\", "`"):
                raise DirectiveError(f"invalid escape token '{value}' does not match ` or \\")
            self.escape = value

    @staticmethod
    def _split(line: str) -> tuple[str, str] | None:
        if not line.startswith("#"):
            return None
        line = line[1:].lstrip(SPACE)
        found = _KEY.match(line)
        if not found or found[1].lower() not in _KNOWN or found.end() == len(line):
            return None
        # A value of white space alone is one blank: the expression asks for at least one character.
        return found[1].lower(), line[found.end() :].strip(_BLANKS) or line[-1]
