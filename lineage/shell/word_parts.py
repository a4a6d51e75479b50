"""Of which parts a shell word is made: literals, parameters, substitutions, arithmetic; and Bash's brace expansion.

Follows POSIX XCU 2.2 (quoting) and 2.6 (expansions), and Bash's manual for `$'…'`, arrays and `${x/a/b}`. Nothing is
expanded here but braces.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from ..late.patterns import pattern
from ..text.numbers import integer
from .words import PLAIN, SHORT_NAME, Unclosed, arithmetic_end, skip_quoted, substitution_end, word_end

_NAME = pattern(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]")


_SUBSCRIPT = pattern(r"\[([^]]*)\]")


_OPERATOR = pattern(r":?[-=?+]|%%?|##?|//|/[#%]?|\^\^?|,,?|@|:")


_BROKEN_NAME = pattern(r"(\$\w+)\\\n(?=\w)")


_MOST_WORDS = 1000
"""How many words a brace expansion may make before it is left alone."""


_CONTROL = {"a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class Literal(NamedTuple):
    text: str
    quoted: bool
    at: int
    """Offset in the written word."""


class Parameter(NamedTuple):
    """`$NAME`, `${NAME}`, `${NAME<operator><argument>}`; operator `length` is `${#NAME}`, `indirect` is `${!NAME}`."""

    name: str
    operator: str
    argument: str
    quoted: bool
    at: int
    subscript: str | None = None


class Substitution(NamedTuple):
    """`$(…)`, backquotes (escapes removed), `<(…)` and `>(…)` (`process`)."""

    source: str
    quoted: bool
    at: int
    inner: int
    """Offset of the source in the written word."""
    process: bool = False


class Arithmetic(NamedTuple):
    source: str
    quoted: bool
    at: int


Part = Literal | Parameter | Substitution | Arithmetic


@lru_cache(maxsize=4096)
def word_parts(raw: str) -> tuple[Part, ...]:
    """The parts of a written word. Never raises: what is not closed is taken as it stands."""
    match = PLAIN.fullmatch(raw)
    if match:
        return (Literal(raw, False, 0),)
    if "\\\n" in raw:
        raw = _BROKEN_NAME.sub(r"\1", raw)
    return tuple(_parts(raw, 0, len(raw), quoted=False))


@lru_cache(maxsize=256)
def document_parts(raw: str) -> tuple[Part, ...]:
    """The parts of a here-document's body whose delimiter is not quoted: like double quotes, but `"` is itself."""
    return tuple(_parts(raw, 0, len(raw), quoted=True, document=True))


def _parts(text: str, at: int, end: int, *, quoted: bool, document: bool = False) -> list[Part]:
    parts: list[Part] = []
    while at < end:
        character = text[at]
        if character == "\\":
            at = _escape(text, at, end, parts, quoted=quoted, document=document)
        elif character in "$`" or (not quoted and character in "<>" and text[at + 1 : at + 2] == "(" and not parts):
            at = _expansion(text, at, end, parts, quoted=quoted)
        elif quoted:
            match = re.compile(r"[^\\$`]+").match(text, at, end)
            stop = match.end() if match else at + 1
            parts.append(Literal(text[at:stop], True, at))
            at = stop
        elif character == "'":
            stop = _closed(text, at, end)
            parts.append(Literal(text[at + 1 : stop - 1], True, at + 1))
            at = stop
        elif character == '"':
            stop = _closed(text, at, end)
            inside = _parts(text, at + 1, stop - 1, quoted=True)
            if not _vanishes(inside):
                parts.append(Literal("", True, at + 1))
            parts.extend(inside)
            at = stop
        else:
            match = PLAIN.match(text, at, end)
            stop = match.end() if match else at + 1
            parts.append(Literal(text[at:stop], False, at))
            at = stop
    return parts


def _vanishes(inside: list[Part]) -> bool:
    """Whether quotes hold nothing but `$@` (or an array's elements), which is no word at all where there are none."""
    only = inside[0] if len(inside) == 1 else None
    return isinstance(only, Parameter) and "@" in (only.name, only.subscript)


def _closed(text: str, at: int, end: int) -> int:
    try:
        return skip_quoted(text, at, end)
    except Unclosed:
        return end + 1


def _escape(text: str, at: int, end: int, parts: list[Part], *, quoted: bool, document: bool) -> int:
    following = text[at + 1 : min(at + 2, end)]
    if following == "\n":
        return at + 2
    if not following or (quoted and following not in ("$`\\" if document else '$`"\\')):
        parts.append(Literal("\\", True, at))
        return at + 1
    parts.append(Literal(following, True, at + 1))
    return at + 2


def _expansion(text: str, at: int, end: int, parts: list[Part], *, quoted: bool) -> int:
    stop = min(_closed(text, at, end), end)
    opening = text[at : at + 2]
    if text[at] == "`":
        source = re.sub(r'\\([$`\\"])' if quoted else r"\\([$`\\])", r"\1", text[at + 1 : stop - 1])
        parts.append(Substitution(source, quoted, at, at + 1))
    elif text.startswith("$((", at) and text[stop - 2 : stop] == "))" and arithmetic_end(text, at + 3, end) == stop:
        parts.append(Arithmetic(text[at + 3 : stop - 2], quoted, at))
    elif opening == "$(":
        parts.append(Substitution(text[at + 2 : stop - 1], quoted, at, at + 2))
    elif opening in ("<(", ">("):
        stop = _process_end(text, at, end)
        parts.append(Substitution(text[at + 2 : stop - 1], quoted, at, at + 2, process=True))
    elif opening == "${":
        parts.append(_braced(text[at + 2 : stop - 1], quoted, at))
    elif opening == "$'" and not quoted:
        parts.append(Literal(ansi_text(text[at + 2 : stop - 1]), True, at + 2))
    elif opening == '$"' and not quoted:
        parts.append(Literal("", True, at))
        parts.extend(_parts(text, at + 2, stop - 1, quoted=True))
    else:
        match = SHORT_NAME.match(text, at + 1, end)
        if not match:
            parts.append(Literal("$", True, at))
            return at + 1
        parts.append(Parameter(match.group(), "", "", quoted, at))
        return match.end()
    return stop


def _process_end(text: str, at: int, end: int) -> int:
    try:
        return substitution_end(text, at + 2, end)
    except Unclosed:
        return end + 1


def _braced(inside: str, quoted: bool, at: int) -> Part:
    if inside.startswith("#") and len(inside) > 1 and inside[1] not in "}-=?+%:/":
        name = inside[1:]
        match = _NAME.match(name)
        subscript = _SUBSCRIPT.match(name, match.end()) if match else None
        return Parameter(
            match.group() if match else name, "length", "", quoted, at, subscript.group(1) if subscript else None
        )
    indirect = inside.startswith("!") and len(inside) > 1
    begin = 1 if indirect else 0
    match = _NAME.match(inside, begin)
    if not match:
        return Parameter(inside, "bad", "", quoted, at)
    subscript = _SUBSCRIPT.match(inside, match.end())
    behind = subscript.end() if subscript else match.end()
    if indirect:
        return Parameter(match.group(), "indirect", "", quoted, at, subscript.group(1) if subscript else None)
    operator = _OPERATOR.match(inside, behind)
    return Parameter(
        match.group(),
        operator.group() if operator else "",
        inside[operator.end() :] if operator else "",
        quoted,
        at,
        subscript.group(1) if subscript else None,
    )


def ansi_text(source: str) -> str:
    """What `$'…'` (and printf's format, echo -e) make of backslash escapes."""

    def character(match: re.Match[str]) -> str:
        escape = match.group(1)
        if escape[0] == "x" and len(escape) > 1:
            return chr(int(escape[1:], 16))
        if escape[0] in "uU" and len(escape) > 1:
            return chr(min(int(escape[1:], 16), 0x10FFFF))
        if escape[0] in "01234567":
            return chr(int(escape, 8) & 0xFF)
        return _CONTROL.get(escape, escape if escape in "\\'\"?" else "\\" + escape)

    if "\\" not in source:
        return source
    return re.sub(
        r"\\(x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|[0-7]{1,3}|.)", character, source, flags=re.S
    )


def split_braces(raw: str) -> list[str]:
    """Bash's brace expansion of a written word: `a{b,c}d`, `{1..3}`; quotes and `${` are left alone."""
    if "{" not in raw or "}" not in raw:
        return [raw]
    for at in _bare_places(raw, 0):
        if raw[at] == "{":
            choices, behind = _brace_choices(raw, at + 1)
            if choices is not None:
                head, tails = raw[:at], split_braces(raw[behind:])
                if len(choices) * len(tails) > _MOST_WORDS:
                    return [raw]
                return [head + one + tail for choice in choices for one in split_braces(choice) for tail in tails]
    return [raw]


def _bare_places(raw: str, at: int) -> Iterator[int]:
    """The places of a word from `at` on that are neither quoted, escaped nor of a `$`; none behind a quote without its end."""
    end = len(raw)
    while at < end:
        character = raw[at]
        if character == "\\":
            at += 2
        elif character in "'\"`$":
            try:
                at = skip_quoted(raw, at, end)
            except Unclosed:
                return
        else:
            yield at
            at += 1


def _brace_choices(raw: str, begin: int) -> tuple[list[str] | None, int]:
    pieces: list[str] = []
    depth = 0
    for at in _bare_places(raw, begin):
        character = raw[at]
        if character == "{":
            depth += 1
        elif character == "," and not depth:
            pieces.append(raw[begin:at])
            begin = at + 1
        elif character == "}":
            if not depth:
                pieces.append(raw[begin:at])
                return (pieces if len(pieces) > 1 else _sequence(pieces[0])), at + 1
            depth -= 1
    return None, begin


def _sequence(inside: str) -> list[str] | None:
    match = re.fullmatch(r"(-?[0-9]+)\.\.(-?[0-9]+)(?:\.\.(-?[0-9]+))?", inside)
    if match:
        first, last, step = integer(match[1]), integer(match[2]), integer(match[3] or "1")
        if first is None or last is None or step is None:
            return None
        step = abs(step) or 1
        if abs(last - first) // step > 1000:
            return None
        width = (
            max(len(match[1]), len(match[2]))
            if re.match(r"-?0[0-9]", match[1]) or re.match(r"-?0[0-9]", match[2])
            else 0
        )
        numbers = range(first, last + 1, step) if first <= last else range(first, last - 1, -step)
        return [f"{number:0{width}d}" for number in numbers]
    match = re.fullmatch(r"([A-Za-z])\.\.([A-Za-z])", inside)
    if match:
        first, last = ord(match[1]), ord(match[2])
        return [chr(code) for code in (range(first, last + 1) if first <= last else range(first, last - 1, -1))]
    return None


@lru_cache(maxsize=1024)
def argument_parts(raw: str, quoted: bool) -> tuple[Part, ...]:
    """The parts of the word in `${X:-word}`, which stands within double quotes if the expansion does."""
    if quoted:
        return tuple(_parts(raw.replace('"', ""), 0, len(raw.replace('"', "")), quoted=True))
    return tuple(_parts_with_blanks(raw))


def _parts_with_blanks(raw: str) -> list[Part]:
    parts: list[Part] = []
    at, end = 0, len(raw)
    while at < end:
        match = re.compile(r"[ \t\n;&|<>()]+").match(raw, at)
        if match:
            parts.append(Literal(match.group(), False, at))
            at = match.end()
            continue
        stop = max(min(_safe_word_end(raw, at, end), end), at + 1)
        parts.extend(_parts(raw, at, stop, quoted=False))
        at = stop
    return parts


def _safe_word_end(raw: str, at: int, end: int) -> int:
    try:
        return word_end(raw, at, end)
    except Unclosed:
        return end
