"""Shell text → tokens, and a skeleton of it that a grammar cannot misread.

What decides the tokens of a shell is not context-free (here-documents, quotes in substitutions, words that are reserved
only where a command may begin), and general grammars trip over it. So the tokens are found here, and the grammar gets
the text with every word blotted out, here-documents and redirections blanked: only reserved words and operators stay,
each at its offset.
"""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from ..late.patterns import pattern
from ..text.numbers import natural
from .shebang import Dialect
from .words import Unclosed, substitution_end, unquote, word_end

TokenKind = Literal["word", "redirect", "operator", "newline", "test", "arithmetic"]

_BLANK = pattern(r"(?:[ \t]|\\\r?\n)+")
_REDIRECT = pattern(r"(\d+|\{[A-Za-z_]\w*\})?(<<<|<<-|<<|<&|<>|>>|>&|>\||<|>)")
_BASH_REDIRECT = pattern(r"(&>>|&>)")
_OPERATOR = pattern(r"&&|\|\||;;&|;;|;&|\|&|[;&|()]")
_SIMPLE = pattern(r"[A-Za-z0-9_./:=@%,+-]+(?=[ \t\n;]|\Z)")
_OPENING = frozenset(("if", "then", "else", "elif", "while", "until", "do", "{", "!"))
_CLOSING = frozenset(("fi", "done", "esac", "}"))
_BEHIND = _CLOSING | {"then", "do", "else", "elif"}
"""Words that may stand right behind a compound command, without `;` between them."""
_NESTING = frozenset(("if", "while", "until", "for", "select", "case", "{"))
_RESERVED = _OPENING | _CLOSING | {"for", "case", "function", "select"}


class ShellToken(NamedTuple):
    """A stretch of the text. A redirection's `start` and `end` cover descriptor, operator and target word."""

    kind: TokenKind
    start: int
    end: int
    operator: str = ""
    fd: int | None = None
    target: tuple[int, int] | None = None
    document: tuple[int, int] | None = None
    """Of a here-document: its body, without the line of the delimiter."""
    quoted: bool = False


class Tokens(NamedTuple):
    tokens: tuple[ShellToken, ...]
    skeleton: bytes
    bashisms: tuple[tuple[str, int], ...]
    """(kind, offset): `[[`, `((`, `&>`, `<<<`, `|&`, `;&`, `array`, `function`, `select`, `<(`, `for ((`."""
    breaks: tuple[int, ...]
    """Offsets behind the newlines at which a shell runs what it has read so far."""
    error: int | None
    """Offset of a quote or bracket that is not closed; the text is read up to the command before it."""


_MOST_TRIES = 64
"""How many `((` of a text may turn out to be brackets in brackets: the whole text is looked through for each."""


class _TokenReader:
    """One pass over the text, which knows whether a command, a pattern or the variable of a loop comes next."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text = text
        self.dialect = dialect
        self.tokens: list[ShellToken] = []
        self.skeleton = bytearray(b" " * len(text))
        self.bashisms: list[tuple[str, int]] = []
        self.command = True
        self.closed = False
        """A compound command has just been closed: redirections of it, or a function's body, may follow."""
        self.pattern = False
        self.expecting = ""
        """What `for`, `case` or `function` looks for next: name, in, subject, case-in, function."""
        self.documents: list[tuple[int, str, bool]] = []
        self.depth = 0
        self.breaks: list[int] = []
        self.tries = _MOST_TRIES
        self.braces: list[bool] = []
        """Of each `{` that is open, whether a `!` stands before it: the grammar knows that only before `(`."""

    def read(self) -> Tokens:
        text, end, at = self.text, len(self.text), 0
        error: int | None = None
        try:
            while at < end:
                at = at + 1 if text[at] == " " else self.step(at, end)
        except Unclosed as unclosed:
            error = unclosed.offset
        except RecursionError:
            error = at
        return Tokens(
            tuple(self.tokens), bytes(self.skeleton[: len(text)]), tuple(self.bashisms), tuple(self.breaks), error
        )

    def step(self, at: int, end: int) -> int:
        text = self.text
        character = text[at]
        if character in " \t\\":
            blank = _BLANK.match(text, at)
            if blank:
                return blank.end()
        if character == "#":
            return _line_end(text, at, end)
        if character == "\n":
            return self.newline(at, end)
        if character in "<>&0123456789{":
            stop = self.redirect(at, end)
            if stop:
                return stop
        if character in ";&|()":
            return self.operator(at, end)
        return self.word(at, end)

    def newline(self, at: int, end: int) -> int:
        self.skeleton[at] = 10
        self.tokens.append(ShellToken("newline", at, at + 1))
        self.closed = False
        if not self.expecting:
            self.command = not self.pattern
        at += 1
        for index, delimiter, strips in self.documents:
            begin = at
            while at < end:
                stop = _line_end(self.text, at, end)
                line = self.text[at:stop]
                if (line.lstrip("\t") if strips else line) == delimiter:
                    break
                at = min(stop + 1, end)
            token = self.tokens[index]
            self.tokens[index] = ShellToken(
                "redirect", token.start, token.end, token.operator, token.fd, token.target, (begin, at), token.quoted
            )
            at = min(_line_end(self.text, at, end) + 1, end)
        self.documents.clear()
        if self.depth <= 0 and not self.pattern and not self.expecting and not self.unfinished():
            self.breaks.append(at)
        return at

    def unfinished(self) -> bool:
        """Whether the line before this newline asks for more: it ends in `&&`, `|`, or a function's name."""
        if len(self.tokens) < 2:
            return False
        last, before = self.tokens[-2], self.tokens[-3] if len(self.tokens) > 2 else None
        if last.operator == ")" and before is not None and before.operator == "(":
            return True
        return last.kind == "operator" and last.operator in ("&&", "||", "|", "|&")

    def redirect(self, at: int, end: int) -> int | None:
        text = self.text
        match = _REDIRECT.match(text, at)
        if text[at] == "&":
            match = _BASH_REDIRECT.match(text, at)
            if match:
                self.bashisms.append(("&>", at))
            if not match or self.dialect == "sh":
                return None
            descriptor, operator = None, match.group()
        elif not match or (text.startswith("(", match.end()) and match.group() in "<>"):
            return None
        else:
            descriptor, operator = match.group(1), match.group(2)
        if operator == "<<<":
            self.bashisms.append(("<<<", at))
        begin = match.end()
        blank = _BLANK.match(text, begin)
        begin = blank.end() if blank else begin
        stop = word_end(text, begin, end)
        if operator == ">&" and descriptor is None and not re.fullmatch(r"\d+-?|-", text[begin:stop]):
            operator = "&>" if self.dialect == "bash" and not text[begin:stop].startswith("$") else operator
        raw = text[begin:stop]
        heredoc = operator in ("<<", "<<-")
        if heredoc:
            self.documents.append((len(self.tokens), unquote(raw), operator == "<<-"))
        fd = natural(descriptor)
        quoted = heredoc and any(character in raw for character in "'\"\\")
        self.tokens.append(ShellToken("redirect", at, stop, operator, fd, (begin, stop), None, quoted))
        if self.command and not self.closed:
            self.blot(at, stop)
            self.command = False
        return max(stop, at + 1)

    def operator(self, at: int, end: int) -> int:
        text = self.text
        if text.startswith("((", at) and (self.command or self.expecting == "name"):
            stop = _double_bracket_end(text, at, end) if self.tries else None
            if stop:
                return self.arithmetic(at, stop)
            self.tries -= bool(self.tries)
        match = _OPERATOR.match(text, at)
        operator = match.group() if match else text[at]
        if operator in ("|&", ";&", ";;&"):
            self.bashisms.append((operator, at))
        stop = at + len(operator)
        self.tokens.append(ShellToken("operator", at, stop, operator))
        self.skeleton[at:stop] = operator.encode()
        if not self.pattern:
            self.depth += (operator == "(") - (operator == ")")
        if operator in (";;", ";&", ";;&"):
            self.pattern, self.command = True, False
        elif self.pattern:
            if operator == ")":
                self.pattern, self.command = False, True
        else:
            self.command, self.closed = True, operator == ")"
        return stop

    def arithmetic(self, at: int, stop: int) -> int:
        self.tokens.append(ShellToken("arithmetic", at, stop))
        if self.expecting == "name":
            self.bashisms.append(("for ((", at))
            self.skeleton[at : at + 6] = b"w in w"
            self.expecting = ""
        else:
            self.bashisms.append(("((", at))
            self.blot(at, stop)
        self.command = self.closed = self.dialect == "bash"
        return stop

    def word(self, at: int, end: int) -> int:
        text = self.text
        match = _SIMPLE.match(text, at)
        stop = match.end() if match else word_end(text, at, end)
        if stop <= at:
            stop = at + 1
        while stop - at > 2 and text.startswith("\\\n", stop - 2) and text[stop : stop + 1] in (" ", "\t", "\n", ""):
            stop -= 2  # a continuation between two words belongs to neither
        raw = text[at:stop]
        if text.startswith(("<(", ">("), at):
            self.bashisms.append(("<(", at))
        if not (self.command or self.expecting or self.pattern):
            self.tokens.append(ShellToken("word", at, stop))
            self.skeleton[at:stop] = b"w" * (stop - at)
            if "=(" in raw:
                self.bashisms.append(("array", at))
            return stop
        if self.expecting and self.expected(raw, at, stop):
            return stop
        if self.pattern:
            if raw == "esac":
                self.pattern = False
                self.depth -= 1
                self.keep(at, stop)
                self.command = False
            else:
                self.blot(at, stop)
            self.tokens.append(ShellToken("word", at, stop))
            return stop
        if not self.command:  # what was looked for was not there
            self.tokens.append(ShellToken("word", at, stop))
            self.blot(at, stop)
            self.array(raw, at)
            return stop
        return self.first(raw, at, stop, end)

    def first(self, raw: str, at: int, stop: int, end: int) -> int:
        """A word where a command may begin."""
        if raw == "[[":
            closed = _test_end(self.text, stop, end)
            if closed:
                self.bashisms.append(("[[", at))
                self.tokens.append(ShellToken("test", at, closed))
                self.blot(at, closed)
                self.command = self.closed = self.dialect == "bash"  # reserved words count behind it
                return closed
        self.tokens.append(ShellToken("word", at, stop))
        if raw in _RESERVED:
            self.reserved(raw, at, stop)
            return stop
        self.blot(at, stop)
        self.array(raw, at)
        self.command = self.closed = False
        return stop

    def reserved(self, raw: str, at: int, stop: int) -> None:
        if self.closed and raw in _BEHIND and self.skeleton[at - 1] == 32:
            self.skeleton[at - 1] = 59  # `fi fi` is right, and the grammar wants `fi;fi`
        if raw in _CLOSING:
            self.keep(at, stop)
            if raw == "}" and self.braces and self.braces.pop():
                self.skeleton[at] = ord(")")
            self.depth -= 1
            self.command = self.closed = True
            return
        self.closed = False
        self.depth += raw in _NESTING
        if raw == "select":
            self.bashisms.append(("select", at))
            self.skeleton[at:stop] = b"for   "
        else:
            self.keep(at, stop)
        if raw == "{":
            before = self.tokens[-2] if len(self.tokens) > 1 else None
            self.braces.append(before is not None and self.text[before.start : before.end] == "!")
            if self.braces[-1]:
                self.skeleton[at] = ord("(")
        self.command = raw in _OPENING
        if raw == "function":
            self.bashisms.append(("function", at))
        self.expecting = {"for": "name", "select": "name", "case": "subject", "function": "function"}.get(raw, "")

    def expected(self, raw: str, at: int, stop: int) -> bool:
        """Takes a word that `for`, `case` or `function` looks for; false where it is none of theirs (`for x do`)."""
        wanted, self.expecting = self.expecting, ""
        if wanted in ("in", "case-in"):
            if raw != "in":
                self.command = True
                if raw == "do" and self.skeleton[at - 1] == 32:
                    self.skeleton[at - 1] = 59  # `for x do` is right, and the grammar wants `for x;do`
                return False
            self.keep(at, stop)
            self.pattern = wanted == "case-in"
            self.command = False
        else:
            self.blot(at, stop)
            self.expecting = {"name": "in", "subject": "case-in"}.get(wanted, "")
            self.command = wanted == "function"
        self.tokens.append(ShellToken("word", at, stop))
        return True

    def array(self, raw: str, at: int) -> None:
        if "=(" in raw:
            self.bashisms.append(("array", at))

    def blot(self, start: int, end: int) -> None:
        self.skeleton[start:end] = b"w" * (end - start)

    def keep(self, start: int, end: int) -> None:
        self.skeleton[start:end] = self.text[start:end].encode("ascii")


def tokenise(text: str, dialect: Dialect = "bash") -> Tokens:
    """The tokens of a shell text and its skeleton, which has one byte for each character."""
    return _tokens(text, dialect if "&>" in text or ">&" in text else "bash")  # in nothing else do they differ


@lru_cache(256)
def _tokens(text: str, dialect: Dialect) -> Tokens:
    return _TokenReader(text, dialect).read()


def _line_end(text: str, at: int, end: int) -> int:
    found = text.find("\n", at, end)
    return end if found < 0 else found


def _double_bracket_end(text: str, at: int, end: int) -> int | None:
    """Where `((…))` ends, None where it is a subshell in a subshell."""
    try:
        inner = substitution_end(text, at + 2, end)
    except Unclosed:
        return None
    return inner + 1 if text.startswith(")", inner) else None


def _test_end(text: str, at: int, end: int) -> int | None:
    """Where the `]]` ends that closes a `[[` before `at`."""
    while at < end:
        character = text[at]
        if character in " \t\n":
            at += 1
        elif text.startswith("]]", at) and text[at + 2 : at + 3] in ("", " ", "\t", "\n", ";", "&", "|", ")", "\r"):
            return at + 2
        elif character in "&|()<>;":
            at += 1
        else:
            at = max(word_end(text, at, end), at + 1)
    return None
