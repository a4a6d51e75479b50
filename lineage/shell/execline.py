"""Command lines of execline, as execlineb's own parser splits them (execline 2.9, libexecline/el_parse.c).

An `up`, `down` or `reload` file of s6-rc is one such command line, whatever its first line says: s6-rc-compile gives it
to the same parser. There is no shell in it: no operators, no single quotes, no variables, and a newline only separates
words.
"""

from collections.abc import Iterator
from typing import Literal, TypeAlias

from ..late.dataclasses import dataclass

_SPECIAL = {ord(letter): 7 + index for index, letter in enumerate("abtnvfr")}
_OCTAL = frozenset(b"01234567")
_DECIMAL = frozenset(b"0123456789")
_HEX = frozenset(b"0123456789abcdefABCDEF")
_QUOTE, _BACKSLASH, _NEWLINE, _HASH, _OPEN, _CLOSE = b'"\\\n#{}'


@dataclass(frozen=True, slots=True)
class ExeclineWord:
    """One argument. `quoted` says that quotes or a backslash stand in it. `line` and `column` start at 1."""

    text: str
    line: int
    column: int
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class ExeclineBlock:
    """`{ … }`: the arguments up to the end of the block."""

    items: tuple["Item", ...]
    line: int
    column: int


Item: TypeAlias = ExeclineWord | ExeclineBlock


@dataclass(frozen=True, slots=True)
class ExeclineScript:
    """A parsed command line. `shebang` is the text after `#!` where the first line has one: to execline a comment."""

    items: tuple[Item, ...]
    shebang: str | None = None

    @property
    def argv(self) -> tuple[str, ...]:
        """The arguments as the first program gets them: a space per level before words of blocks, `""` ends a block."""
        return tuple(_flat(self.items, 0))


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Why the parser refuses the text, and where.

    `number` (an escaped character that is zero or above 255) is refused from execline 2.9.0.0 on only.
    """

    kind: Literal["unmatched-open", "unmatched-close", "quote", "escape", "number", "backslash", "brace-at-end"]
    line: int
    column: int


class _ExeclineRefusesError(Exception):
    def __init__(self, kind: str, offset: int) -> None:
        super().__init__(kind)
        self.kind = kind
        self.offset = offset


def parse(data: bytes) -> ExeclineScript | SyntaxProblem:
    """Split the bytes of a script; a null byte ends it."""
    text = data.split(b"\0", 1)[0]
    reader = _ExeclineReader(text)
    try:
        items = reader.read()
    except _ExeclineRefusesError as refused:
        line, column = reader.place(refused.offset)
        return SyntaxProblem(refused.kind, line, column)  # type: ignore[arg-type]
    shebang = text[2:].split(b"\n", 1)[0].decode("utf-8", "surrogateescape") if text.startswith(b"#!") else None
    return ExeclineScript(items, shebang)


def _flat(items: tuple[Item, ...], depth: int) -> Iterator[str]:
    for item in items:
        if isinstance(item, ExeclineWord):
            yield " " * depth + item.text
        else:
            yield from _flat(item.items, depth + 1)
            yield " " * depth


class _ExeclineReader:
    """Reads words one after the other; the levels of open blocks are a stack of the items found in them so far."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.at = 0
        self.levels: list[list[Item]] = [[]]
        self.opened: list[int] = []
        self.word = bytearray()
        self.start = 0
        self.quoted = False

    def place(self, offset: int) -> tuple[int, int]:
        line_start = self.text.rfind(b"\n", 0, offset) + 1
        column = len(self.text[line_start:offset].decode("utf-8", "replace")) + 1
        return self.text.count(b"\n", 0, offset) + 1, column

    def read(self) -> tuple[Item, ...]:
        while self._seek_word():
            if not self._lone_brace():
                self._read_word()
        if self.opened:
            raise _ExeclineRefusesError("unmatched-open", self.opened[-1])
        return tuple(self.levels[0])

    def _next(self) -> int:
        """The character at hand, 0 at the end."""
        return self.text[self.at] if self.at < len(self.text) else 0

    def _seek_word(self) -> bool:
        """Go past blanks and comments; whether a word begins here."""
        while True:
            char = self._next()
            if char == 0:
                return False
            if char == _HASH:
                end = self.text.find(b"\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif char == _BACKSLASH and self._continues():
                continue
            elif char > 32:
                if not self.word:
                    self.start = self.at
                    self.quoted = False
                return True
            else:
                self.at += 1

    def _continues(self) -> bool:
        """Between words, a backslash before a newline or the end vanishes with it."""
        following = self.text[self.at + 1 : self.at + 2]
        if following not in (b"", b"\n"):
            return False
        self.at += 2
        return True

    def _lone_brace(self) -> bool:
        """Take a brace that stands alone; any other is the beginning of a word."""
        char = self._next()
        if char not in (_OPEN, _CLOSE):
            return False
        following = self.text[self.at + 1 : self.at + 2]
        if following and following[0] > 32:
            return False
        if char == _CLOSE:
            self._close()
        elif not following:
            raise _ExeclineRefusesError("brace-at-end", self.at)
        else:
            self.opened.append(self.at)
            self.levels.append([])
        self.at += 1
        return True

    def _close(self) -> None:
        if not self.opened:
            raise _ExeclineRefusesError("unmatched-close", self.at)
        items = self.levels.pop()
        line, column = self.place(self.opened.pop())
        self.levels[-1].append(ExeclineBlock(tuple(items), line, column))

    def _read_word(self) -> None:
        depth = b" " * len(self.opened)
        if self.word:
            self.word += depth
        if self._next() in (_OPEN, _CLOSE):
            self.word.append(self._next())
            self.at += 1
            # Before a backslash the parser goes on as if between words: the brace may be left to the word that follows.
            if self._next() == _BACKSLASH:
                if self._continues():
                    return
                self.word += depth
        while (char := self._next()) > 32:
            self.at += 1
            if char == _QUOTE:
                self._quoted(self.at - 1)
            elif char == _BACKSLASH:
                self.quoted = True
                if self.at >= len(self.text):
                    raise _ExeclineRefusesError("backslash", self.at - 1)
                self.word.append(self.text[self.at])
                self.at += 1
            else:
                self.word.append(char)
        line, column = self.place(self.start)
        self.levels[-1].append(ExeclineWord(self.word.decode("utf-8", "surrogateescape"), line, column, self.quoted))
        self.word = bytearray()

    def _quoted(self, opening: int) -> None:
        self.quoted = True
        while (char := self._next()) != _QUOTE:
            self.at += 1
            if char == 0:
                raise _ExeclineRefusesError("quote", opening)
            if char != _BACKSLASH:
                self.word.append(char)
            elif self._escape(opening):
                return
        self.at += 1

    def _escape(self, opening: int) -> bool:
        """What follows a backslash within quotes; whether the text ends with it, which ends the quotes too."""
        char = self._next()
        if char == 0:
            raise _ExeclineRefusesError("quote", opening)
        if char in _DECIMAL:
            return self._number()
        self.at += 1
        if char in _SPECIAL:
            self.word.append(_SPECIAL[char])
        elif char != _NEWLINE:
            self.word.append(char)
        return False

    def _number(self) -> bool:
        begin = self.at - 1
        digits, base, limit = _DECIMAL, 10, 3
        if self._next() == ord("0"):
            self.at += 1
            digits, base = _OCTAL, 8
            if self._next() == ord("x"):
                self.at += 1
                digits, base, limit = _HEX, 16, 2
        first = self.at
        while self.at - first < limit and self._next() in digits:
            self.at += 1
        if self.at == first:
            raise _ExeclineRefusesError("escape", begin)
        value = int(self.text[first : self.at], base)
        if not 0 < value <= 255:
            raise _ExeclineRefusesError("number", begin)
        self.word.append(value)
        return self._next() == 0
