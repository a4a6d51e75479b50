"""The command line in a launcher's `Exec`: its words, its field codes, and what breaks the rules.

Source: Desktop Entry Specification, "The Exec key". Desktops are more tolerant than that page: `parse_exec` splits as
GLib's g_shell_parse_argv does, which starts the launchers of Xfce, MATE and GNOME, and lists what the page forbids.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from ..late.dataclasses import dataclass
from .entry import unescape_with_offsets

FILE_CODES = "fFuU"
FIELD_CODES = FILE_CODES + "ick"
DEPRECATED_CODES = "dDnNvm"
_RESERVED = "\t\n'><~|&;*?#()"
_OPERATORS = "|<>"
_EDGE_OPERATORS = "&;("

ExecCode = Literal[
    "exec-broken",
    "exec-escape-incomplete",
    "exec-field-code",
    "exec-field-code-deprecated",
    "exec-field-code-incomplete",
    "exec-field-code-repeated",
    "exec-reserved",
    "exec-unclosed",
    "exec-unescaped",
]


@dataclass(frozen=True, slots=True)
class ExecWord:
    """An argument without its quotes, field codes as written. `start` and `end` are offsets in the raw value."""

    text: str
    start: int
    end: int
    quoted: bool = False

    @property
    def literal(self) -> str | None:
        """The argument as the program gets it (`%%` is one percent sign); None if it has a field code."""
        pieces = self.text.split("%%")
        return None if any("%" in piece for piece in pieces) else "%".join(pieces)


class ExecProblem(NamedTuple):
    """What the specification forbids, at offsets of the raw value.

    `item` is the character or field code. `breaks`: the program does not start, or with other arguments than meant.
    """

    code: ExecCode
    start: int
    end: int
    item: str = ""
    breaks: bool = False


@dataclass(frozen=True, slots=True)
class ExecLine:
    """A parsed command line. `failure` says why it cannot be split into words at all, and at which offset."""

    words: tuple[ExecWord, ...]
    problems: tuple[ExecProblem, ...] = ()
    failure: tuple[Literal["quote", "backslash", "empty"], int] | None = None

    @property
    def program(self) -> ExecWord | None:
        """The word that names the program; behind `env` the one after its options and assignments."""
        words = iter(self.words)
        first = next(words, None)
        if first is None or first.text.rpartition("/")[2] != "env":
            return first
        for word in words:
            if word.text in ("-u", "--unset", "-C", "--chdir", "-S", "--split-string"):
                return first
            if not word.text.startswith("-") and "=" not in word.text:
                return word
        return first


def parse_exec(value: str) -> ExecLine:
    """Split the raw value of `Exec` (as `Entry.value` has it, escape sequences not undone)."""
    splitter = _Splitter(value)
    failure = splitter.split()
    words = () if failure else tuple(splitter.words)
    problems = list(_problems(value))
    harmful = splitter.harmful
    first_end = words[0].end if words else 0
    judged = [found._replace(breaks=_breaks(found, failure, harmful, first_end)) for found in problems]
    if failure and failure[0] != "empty" and not any(problem.breaks for problem in judged):
        judged.append(ExecProblem("exec-broken", failure[1], len(value), breaks=True))
    return ExecLine(words, tuple(sorted(judged, key=lambda found: (found.start, found.code))), failure)


def _breaks(problem: ExecProblem, failure: tuple[str, int] | None, harmful: set[int], first_end: int) -> bool:
    if problem.code == "exec-unclosed":
        return failure is not None
    if problem.code == "exec-unescaped":
        return problem.start < first_end
    if problem.code == "exec-reserved":
        return problem.start in harmful or (failure is not None and failure[1] == problem.start)
    return False


class _Splitter:
    """g_shell_parse_argv over the value with its escape sequences undone."""

    def __init__(self, value: str) -> None:
        self.value = value
        self.words: list[ExecWord] = []
        self.harmful: set[int] = set()

    def split(self) -> tuple[Literal["quote", "backslash", "empty"], int] | None:
        text, offsets = unescape_with_offsets(self.value)
        position = 0
        while position < len(text):
            if text[position] in " \t\n":
                position += 1
            elif _begins_comment(text, position):
                self.harmful.add(offsets[position])
                if position + 1 == len(text):
                    return "quote", offsets[position]  # GLib takes a lone last `#` for an open quote
                position = _end_of_line(text, position)
            else:
                start = position
                position, failure = self._word(text, offsets, start)
                if failure is not None:
                    return failure, offsets[position]
        return None if self.words else ("empty", 0)

    def _word(self, text: str, offsets: list[int], start: int) -> tuple[int, Literal["quote", "backslash"] | None]:
        """Read a word; the position behind it, or the failure with its position."""
        taken: list[str] = []
        plain: list[int] = []
        position, quoted, vanished = start, False, True
        while position < len(text) and text[position] not in " \t\n":
            char = text[position]
            if char == "\\":
                if position + 1 >= len(text):
                    return position, "backslash"
                if text[position + 1] != "\n":
                    taken.append(text[position + 1])
                    vanished = False
                position += 2
                continue
            if _begins_comment(text, position):
                if position + 1 == len(text):
                    return position, "quote"
                position = _end_of_line(text, position)
                continue
            vanished = False
            if char in "\"'":
                quoted = True
                end = _quoted(text, position, taken)
                if end is None:
                    return position, "quote"
                position = end
                continue
            plain.append(position)
            taken.append(char)
            position += 1
        if not vanished:
            self.words.append(ExecWord("".join(taken), offsets[start], offsets[position], quoted))
        for at in plain:
            if _means_shell(text[at], at == start, at == position - 1):
                self.harmful.add(offsets[at])
        return position, None


def _begins_comment(text: str, position: int) -> bool:
    return text[position] == "#" and (position == 0 or text[position - 1] in " \n")


def _end_of_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _means_shell(char: str, first: bool, last: bool) -> bool:
    """Whether an unquoted character is surely meant for a shell, which there is none of."""
    if char in "$`" or char in _OPERATORS:
        return True
    return (char in _EDGE_OPERATORS and (first or last)) or (char == "~" and first)


def _quoted(text: str, opening: int, taken: list[str]) -> int | None:
    """Take what stands in quotes; the position behind the closing one, None if there is none."""
    quote = text[opening]
    position = opening + 1
    while position < len(text):
        char = text[position]
        if char == quote:
            return position + 1
        if char == "\\" and quote == '"' and text[position + 1 : position + 2] in tuple('"\\`$\n'):
            position += 1
        taken.append(text[position])
        position += 1
    return None


def _problems(value: str) -> Iterator[ExecProblem]:
    """What desktop-file-validate complains of; it reads the raw value and knows double quotes only."""
    quote: int | None = None
    code: int | None = None
    escaped = file_code = False
    position = 0
    while position < len(value):
        char = value[position]
        start = position
        position += 1
        if char == "%":
            code = start if code is None else None
        elif char == " ":
            continue
        elif code is not None and char in FIELD_CODES + DEPRECATED_CODES:
            if char in DEPRECATED_CODES:
                yield ExecProblem("exec-field-code-deprecated", code, position, char)
            elif char in FILE_CODES:
                if file_code:
                    yield ExecProblem("exec-field-code-repeated", code, position, char)
                file_code = True
            code = None
        elif code is not None:
            yield ExecProblem("exec-field-code", code, position, char)
            code = None
        elif char == '"':
            if not escaped:
                quote = start if quote is None else None
            escaped = False
        elif char in "`$":
            if quote is None:
                yield ExecProblem("exec-reserved", start, position, char)
            elif not escaped:
                yield ExecProblem("exec-unescaped", start, position, char)
            else:
                escaped = False
        elif char == "\\":
            if position == len(value):
                yield ExecProblem("exec-escape-incomplete", start, position)
            elif value[position] == "\\" and quote is not None:
                escaped = not escaped
            position += 1
        elif char in _RESERVED and quote is None:
            yield ExecProblem("exec-reserved", start, position, char)
    if quote is not None:
        yield ExecProblem("exec-unclosed", quote, len(value))
    if code is not None:
        yield ExecProblem("exec-field-code-incomplete", code, len(value))
