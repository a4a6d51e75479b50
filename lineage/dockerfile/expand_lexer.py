"""The lexer behind `expand`: one word read, its substitutions made, its quotes and escapes taken away or kept.

Source: BuildKit frontend/dockerfile/shell/lex.go.
"""

from collections.abc import Callable, Generator, Mapping
from typing import Any, NamedTuple

from ..late.patterns import pattern
from ..text.budget import LimitError
from ..text.go_strings import SPACE, quoted
from .expand_patterns import Pattern, PatternError, expand_template, reversed_pattern, without_prefix, without_suffix

Environment = Mapping[str, str] | Callable[[str], str | None]
"""Values by name, or a function that gives a name's value, None where it has none."""

LONGEST_RESULT = 1 << 22
"""A word that grows beyond so many characters is not read: `ENV A=$A$A`, repeated, doubles each time."""
DEEPEST_NESTING = 10_000
LARGEST_SEARCH = 1 << 24
"""The same for the length of a value times that of the pattern or replacement applied to it."""

_SPECIAL = frozenset("@*#?-$!0")
_RUNS = {stop: pattern(f"[^$<'\"\\\\`{stop}]+") for stop in ("", "}", "/")}
_UNQUOTED_RUNS = {stop: pattern(f"[^$<\\\\`{stop}]+") for stop in ("", "}", "/")}
_DOUBLE_QUOTED_RUN = pattern(r'[^"$\\`]+')
_NAME = pattern("[A-Za-z0-9_]*")
_PIECES = pattern(f"[{SPACE}]+|[^{SPACE}]+")


class UsedVariable(NamedTuple):
    """A mention of a variable.

    `operator` is empty for `$X` and `${X}`, else `:-`, `-`, `:+`, `+`, `:?`, `?`, `#`, `%` or `/`.
    `offset` and `end` say where in the word the whole substitution stands.
    """

    name: str
    operator: str
    offset: int
    end: int

    @property
    def guarded(self) -> bool:
        """Whether the word says what is meant if the variable has no value (`:-`, `-`, `:+`, `+`, `:?`, `?`)."""
        return self.operator.lstrip(":") in ("-", "+", "?") and self.operator != ""


class Expansion(NamedTuple):
    """What became of a word.

    `text` is the word as one (ProcessWord), `words` the same split at white space after substitution (ProcessWords).
    `matched` and `unmatched` name the variables that had a value and those that had none, in order of first use.
    With an `error`, BuildKit's message, the text is empty.
    """

    text: str
    words: tuple[str, ...]
    matched: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
    error: str | None = None


class _LexError(Exception):
    """What is wrong with a word, in BuildKit's words."""


_Step = Generator[Any, str, str]
"""A part of the reading that may ask for a nested part: it yields the part's generator and is sent its result."""


class Lexer:
    """Reads one word. Substitutions nest as deep as the word does; that is held in a list, not in Python's stack.

    `keep_unset`, `keep_quotes`, `keep_escapes` leave unset variables, quotes and escapes in the text; without `quotes`
    quote characters mean nothing. `hole` gives the text for a variable without value, which is empty otherwise.
    """

    def __init__(
        self,
        env: Environment,
        escape: str = "\\",
        *,
        keep_unset: bool = False,
        keep_quotes: bool = False,
        keep_escapes: bool = False,
        quotes: bool = True,
        hole: Callable[[str], str] | None = None,
    ) -> None:
        self._get: Callable[[str], str | None] = env if callable(env) else env.get
        self._escape = escape
        self._keep_unset = keep_unset
        self._keep_quotes = keep_quotes
        self._keep_escapes = keep_escapes
        self._quotes = quotes
        self._hole = hole
        self._runs = _RUNS if quotes else _UNQUOTED_RUNS
        self._text = ""
        self._at = 0
        self._open: list[str] = []
        self._words: list[str] = []
        self._word: list[str] = []
        self._matched: dict[str, None] = {}
        self._unmatched: dict[str, None] = {}
        self.mentions: list[UsedVariable] = []

    def read(self, word: str) -> Expansion:
        """The expansion of `word`; to be called once."""
        self._text = word
        self._at = 1 if word.startswith("\ufeff") else 0
        try:
            text = _run(self._until("", self._keep_escapes))
        except _LexError as problem:
            # At the end of the word, what the outermost open substitution misses is said, whatever went wrong inside.
            what = f"syntax error: {self._open[0]}" if self._open and self._ended() else problem
            message = f"failed to process {quoted(word)}: {what}"
            return Expansion("", (), tuple(self._matched), tuple(self._unmatched), message)
        return Expansion(text, tuple(self._words), tuple(self._matched), tuple(self._unmatched))

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        char = self._text[self._at : self._at + 1]
        self._at += 1
        return char

    def _ended(self) -> bool:
        return self._at >= len(self._text)

    def _until(self, stop: str, keep_escapes: bool) -> _Step:
        """Read on to `stop`, or to the end if that is empty. The word under way is shared by all levels of nesting."""
        saved, self._keep_escapes = self._keep_escapes, keep_escapes
        result: list[str] = []
        words: list[str] = []
        word = self._word
        word.clear()
        in_word = False
        run = self._runs[stop]
        size = 0
        while not self._ended():
            char = self._peek()
            raw = True
            if char == stop:
                self._at += 1
                self._finish(words)
                self._keep_escapes = saved
                return "".join(result)
            if char == "$":
                piece = yield from self._dollar()
                raw = False
            elif char == "<":
                piece = self._possible_heredoc()
            elif char == "'" and self._quotes:
                piece = self._single_quoted()
            elif char == '"' and self._quotes:
                piece = yield from self._double_quoted()
            elif char == self._escape:
                piece = self._escaped()
            else:
                found = run.match(self._text, self._at)
                piece = found[0] if found else char
                self._at += len(piece)
                raw = False
            result.append(piece)
            size += len(piece)
            if size > LONGEST_RESULT:
                if self._keep_unset:  # no value was filled in: the word itself is too long
                    raise _LexError("the result is too long")
                raise LimitError("it puts together a value that is too long, so that it could not be read")
            if raw:
                word.append(piece)
                in_word = True
                continue
            for part in _PIECES.findall(piece):
                if part[0] not in SPACE:
                    word.append(part)
                    in_word = True
                elif in_word and any(word):
                    words.append("".join(word))
                    word.clear()
                    in_word = False
        if stop:
            raise _LexError(f"unexpected end of statement while looking for matching {stop}")
        self._finish(words)
        self._words = words
        return "".join(result)

    def _finish(self, words: list[str]) -> None:
        rest = "".join(self._word)
        if rest:
            words.append(rest)
        self._word.clear()

    def _escaped(self) -> str:
        self._at += 1
        char = self._next()
        return self._escape + char if self._keep_escapes else char

    def _possible_heredoc(self) -> str:
        self._at += 1
        if self._peek() != "<":
            return "<"
        start = self._at = self._at + 1
        while self._peek() in ("\t", "\r", " "):
            self._at += 1
        return "<<" + self._text[start : self._at]

    def _single_quoted(self) -> str:
        start = self._at
        end = self._text.find("'", start + 1)
        if end < 0:
            self._at = len(self._text)
            raise _LexError("unexpected end of statement while looking for matching single-quote")
        self._at = end + 1
        return self._text[start : end + 1] if self._keep_quotes else self._text[start + 1 : end]

    def _double_quoted(self) -> _Step:
        self._at += 1
        result = ['"'] if self._keep_quotes else []
        while not self._ended():
            char = self._peek()
            if char == '"':
                self._at += 1
                if self._keep_quotes:
                    result.append('"')
                return "".join(result)
            if char == "$":
                result.append((yield from self._dollar()))
                continue
            found = _DOUBLE_QUOTED_RUN.match(self._text, self._at)
            if found:
                result.append(found[0])
                self._at = found.end()
                continue
            self._at += 1
            if char == self._escape:
                if self._keep_escapes:
                    result.append(char)
                if self._ended():
                    break
                if self._peek() in ('"', "$", self._escape):
                    char = self._next()
            result.append(char)
        raise _LexError("unexpected end of statement while looking for matching double-quote")

    def _name(self) -> str:
        start = self._at
        first = self._peek()
        if first.isdecimal():
            while self._peek().isdecimal():
                self._at += 1
        elif first in _SPECIAL:
            self._at += 1
        else:
            while (char := self._peek()) and (char == "_" or char.isalpha() or char.isdecimal()):
                found = _NAME.match(self._text, self._at)
                self._at = max(found.end() if found else 0, self._at + 1)
        return self._text[start : self._at]

    def _value(self, name: str) -> str | None:
        value = self._get(name)
        (self._unmatched if value is None else self._matched)[name] = None
        return value

    def _shown(self, name: str, value: str | None) -> str:
        if value is None:
            return self._hole(name) if self._hole else ""
        return value

    def _mention(self, name: str, operator: str, start: int) -> None:
        self.mentions.append(UsedVariable(name, operator, start, self._at))

    def _plain(self) -> str:
        """`$name`."""
        start = self._at
        self._at += 1
        name = self._name()
        if not name:
            return "$"
        self._mention(name, "", start)
        value = self._value(name)
        if value is None and self._keep_unset:
            return "$" + name
        return self._shown(name, value)

    def _dollar(self) -> _Step:
        """`$name` or `${…}`."""
        start = self._at
        if self._text[start + 1 : start + 2] != "{":
            return self._plain()
        self._at += 2
        first = self._peek()
        if not first:
            raise _LexError("syntax error: missing '}'")
        if first in "{}:":
            raise _LexError("syntax error: bad substitution")
        name = self._name()
        operator = self._next()
        if operator == "}":
            self._mention(name, "", start)
            value = self._value(name)
            if value is None and self._keep_unset:
                return f"${{{name}}}"
            return self._shown(name, value)
        if operator == "/":
            return (yield from self._replacing(name, start))
        written = operator or "\ufffd"
        if operator == ":":
            operator = self._next()
            written += operator or "\ufffd"
            if operator and operator in "#%":
                raise _LexError(f"unsupported modifier ({written}) in substitution")
        elif not operator or operator not in "+-?#%":
            raise _LexError(f"unsupported modifier ({written}) in substitution")
        word = yield from self._nested("}", operator in ("#", "%"), "missing '}'")
        self._mention(name, written, start)
        value = self._value(name)
        if value is None and self._keep_unset:
            return f"${{{name}{written}{word}}}"
        return _modified(name, self._shown(name, value), value is not None, operator, word, written)

    def _replacing(self, name: str, start: int) -> _Step:
        """`${name/pattern/text}` and `${name//pattern/text}`."""
        every = self._peek() == "/"
        if every:
            self._at += 1
        pattern = yield from self._nested("/", True, "missing '/' in ${}")
        replacement = yield from self._nested("}", True, "missing '}'")
        self._mention(name, "/", start)
        value = self._value(name)
        if value is None and self._keep_unset:
            return f"${{{name}/{pattern}/{replacement}}}"
        try:
            compiled = Pattern(pattern, greedy=True)
        except PatternError as problem:
            raise _LexError(f"invalid pattern ({pattern}) in substitution: {problem}") from None
        text = self._shown(name, value)
        _bounded(text, max(len(pattern), len(replacement)))
        if every:
            return compiled.replace_all(text, lambda matched: expand_template(replacement, matched))
        found = compiled.search(text)
        return text[: found[0]] + replacement + text[found[1] :] if found else text

    def _nested(self, stop: str, keep_escapes: bool, missing: str) -> _Step:
        """Read a part of a substitution, up to `stop`; `missing` is what is said if the word ends before."""
        if len(self._open) > DEEPEST_NESTING:
            if self._keep_unset:
                raise _LexError("substitutions nest too deeply")
            raise LimitError("its substitutions are nested too deeply, so that it could not be read")
        self._open.append(missing)
        text = yield self._until(stop, keep_escapes)
        self._open.pop()
        return text


def _modified(name: str, text: str, is_set: bool, operator: str, word: str, written: str) -> str:
    """`${name…word}` for a variable whose text is `text`."""
    empty = not is_set or (written[0] == ":" and not text)
    match operator:
        case "-":
            return word if empty else text
        case "+":
            return "" if empty else word
        case "?":
            if empty:
                default = f"is not allowed to be {'empty' if is_set else 'unset'}"
                raise _LexError(f"{name}: {word or default}")
            return text
        case "#" | "%":
            greedy = word.startswith(operator)
            pattern = word[1:] if greedy else word
            without = without_prefix if operator == "#" else without_suffix
            _bounded(text, len(pattern))
            try:
                return without(pattern, text, greedy=greedy)
            except PatternError as problem:
                shown = pattern if operator == "#" else reversed_pattern(pattern)
                raise _LexError(f"invalid pattern ({shown}) in substitution: {problem}") from None
        case _:
            raise _LexError(f"unsupported modifier ({written}) in substitution")


def _bounded(text: str, length: int) -> None:
    if len(text) * length > LARGEST_SEARCH:
        raise LimitError("it holds a value against a pattern, and they are too long, so that it could not be read")


def _run(step: _Step) -> str:
    """Drive `step` and all nested steps it asks for."""
    pending = [step]
    value: str | None = None
    while True:
        try:
            asked = pending[-1].send(value)  # type: ignore[arg-type]
        except StopIteration as done:
            pending.pop()
            if not pending:
                return str(done.value)
            value = done.value
        else:
            pending.append(asked)
            value = None
