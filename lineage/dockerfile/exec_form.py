"""The exec form: a complete JSON array of strings.

Source: BuildKit frontend/dockerfile/parser/line_parsers.go, parseJSON, and Go's encoding/json (which refuses nesting
deeper than 10,000 and takes a number too large for a float64 for a mismatch, not for an element).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..late.patterns import pattern
from ..text.go_strings import SPACE

_BLANK = r"[ \t\r\n]*+"
_PLAIN = r'[^"\\\x00-\x1f]*+'
_STRING = rf'"{_PLAIN}(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{{4}}){_PLAIN})*"'
_STRINGS = pattern(rf"\[{_BLANK}(?:{_STRING}{_BLANK}(?:,{_BLANK}{_STRING}{_BLANK})*)?\]{_BLANK}")
# No possessive group: CPython up to 3.11.4 matches too much with them (its issue 106052).
_NEXT_STRING = pattern(rf"[\[,]{_BLANK}({_STRING}){_BLANK}")
_TOKEN = (
    rf"{_BLANK}(?:(?P<string>{_STRING})|(?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)"
    r"|(?P<literal>true|false|null)|(?P<mark>[\[\]{},:]))"
)
_BLANKS = pattern(_BLANK)
_ESCAPE = pattern(r'\\(["\\/bfnrt])|(?:\\u[0-9a-fA-F]{4})+')
_SHORT = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_DEEPEST = 10_000


class NotStrings(Exception):  # noqa: N818 - named for what it says of the array
    """A complete JSON array, but not of strings only, which BuildKit refuses."""

    def __init__(self) -> None:
        super().__init__("when using JSON array syntax, arrays must be comprised of strings only")


class Element(NamedTuple):
    """A string of the array, and where it stands in the text that was read, its quotes included."""

    text: str
    start: int
    end: int


def exec_form(text: str, start: int = 0, end: int | None = None) -> tuple[Element, ...] | None:
    """The array that `text[start:end]` is; None where it is none, so that the shell form holds. Raises NotStrings."""
    end = len(text) if end is None else end
    while start < end and text[start] in SPACE:
        start += 1
    if not text.startswith("[", start, end):
        return None
    if _STRINGS.fullmatch(text, start, end):
        return tuple(_elements(text, start, end))
    if _is_json(text, start, end):
        raise NotStrings
    return None


def _elements(text: str, start: int, end: int) -> Iterator[Element]:
    while found := _NEXT_STRING.match(text, start, end):
        yield Element(_unescaped(found[1][1:-1]), *found.span(1))
        start = found.end()


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_unescape, text) if "\\" in text else text


def _unescape(found: re.Match[str]) -> str:
    if found[1]:
        return _SHORT[found[1]]
    codes = [int(code, 16) for code in found[0].split("\\u")[1:]]
    characters: list[str] = []
    position = 0
    while position < len(codes):
        code, following = codes[position], codes[position + 1] if position + 1 < len(codes) else 0
        position += 1
        if 0xD800 <= code < 0xDC00 <= following < 0xE000:
            characters.append(chr(0x10000 + ((code - 0xD800) << 10) + (following - 0xDC00)))
            position += 1
        else:
            characters.append("\ufffd" if 0xD800 <= code < 0xE000 else chr(code))
    return "".join(characters)


def _is_json(text: str, start: int, end: int) -> bool:
    """Whether all of the text is JSON that Go decodes; what may come next is followed without recursion."""
    token = re.compile(_TOKEN)
    nesting: list[str] = []
    expected = "value"
    position = start
    while True:
        found = token.match(text, position, end)
        if not found:
            return False
        position = found.end()
        mark = found["mark"] or ""
        if not mark:
            if expected in ("key", "key or end"):
                if found["string"] is None:
                    return False
                expected = "colon"
                continue
            if expected not in ("value", "value or end") or not _representable(found["number"]):
                return False
            expected = "more"
        elif mark in "[{":
            if expected not in ("value", "value or end") or len(nesting) >= _DEEPEST:
                return False
            nesting.append(mark)
            expected = "value or end" if mark == "[" else "key or end"
        elif mark in "]}":
            wanted = "[" if mark == "]" else "{"
            ending = "value or end" if mark == "]" else "key or end"
            if expected not in ("more", ending) or nesting[-1:] != [wanted]:
                return False
            nesting.pop()
            expected = "more"
        elif mark == ",":
            if expected != "more":
                return False
            expected = "value" if nesting[-1] == "[" else "key"
        else:
            if expected != "colon":
                return False
            expected = "value"
        if not nesting:
            rest = _BLANKS.match(text, position, end)
            return rest is not None and rest.end() == end


def _representable(number: str | None) -> bool:
    return number is None or float(number) not in (float("inf"), float("-inf"))
