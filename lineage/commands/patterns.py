"""Shell patterns (POSIX XCU 2.13) on values: `case`, `${x%pattern}`, `${x/pattern/text}`."""

import re
from functools import lru_cache

from ..text.globs import glob_matches, shell_pieces
from ..text.symbolic import Opaque, Text

_MOST_WORK = 1_000_000


@lru_cache(maxsize=512)
def pattern_source(pattern: str, *, greedy: bool = True, path: bool = False) -> str:
    """A shell pattern as the source of a regular expression; `path`: `*` and `?` do not match `/`."""
    return "".join(shell_pieces(pattern, greedy=greedy, path=path))


def pattern_matches(pattern: str, value: str) -> bool | None:
    """Whether a value matches a whole pattern; None where the pattern uses what is not understood (extglob)."""
    if re.search(r"[@+?!*]\(", pattern):
        return None
    return glob_matches(value, pattern)


def _is_costly(pattern: str, length: int, turns: int) -> bool:
    """Whether matching would take long: a regular expression tries every way to share the text among the stars."""
    work: int = turns * max(length, 1) ** pattern.count("*")
    return work > _MOST_WORK


def trimmed(value: Text, operator: str, pattern: str) -> Text:
    """`${value#pattern}` and its like, on a text of which only the end that matters need be known."""
    unknown = Text.of(Opaque("a part of a value"))
    literal = value.literal
    try:
        if literal is not None:
            return Text.of(_trimmed_literal(literal, operator, pattern))
        if operator in ("#", "##"):
            return _trimmed_front(value, operator, pattern) or unknown
        return _trimmed_back(value, operator, pattern) or unknown
    except re.error:
        return unknown


def _trimmed_literal(value: str, operator: str, pattern: str) -> str:
    if _is_costly(pattern, len(value), len(value)):
        raise re.error("costly")
    expression = re.compile(pattern_source(pattern), re.S)
    longest = len(operator) == 2
    if operator.startswith("#"):
        lengths = range(len(value), -1, -1) if longest else range(len(value) + 1)
        cut = next((size for size in lengths if expression.fullmatch(value, 0, size)), 0)
        return value[cut:]
    starts = range(len(value) + 1) if longest else range(len(value), -1, -1)
    cut = next((start for start in starts if expression.fullmatch(value, start)), len(value))
    return value[:cut]


def _trimmed_front(value: Text, operator: str, pattern: str) -> Text | None:
    first, last = value.pieces[0], value.pieces[-1]
    if operator == "##" and pattern == "*/":
        return Text.of(last.rpartition("/")[2]) if isinstance(last, str) and "/" in last else None
    if isinstance(first, str) and not any(character in pattern for character in "*?["):
        return Text.of(first.removeprefix(pattern), *value.pieces[1:]) if len(first) >= len(pattern) else None
    return None


def _trimmed_back(value: Text, operator: str, pattern: str) -> Text | None:
    last = value.pieces[-1]
    if not isinstance(last, str):
        return None
    if operator == "%":
        cut = _trimmed_literal(last, operator, pattern)
        if cut != last:
            return Text.of(*value.pieces[:-1], cut)
    if not any(character in pattern for character in "*?[") and len(last) >= len(pattern):
        return Text.of(*value.pieces[:-1], last.removesuffix(pattern))
    return None


def replaced(value: str, operator: str, pattern: str, text: str | None) -> Text:
    """`${value/pattern/text}`, `//`, `/#`, `/%` on a known value; `text` None where it is not known."""
    if text is None:
        return Text.of(Opaque("a replaced value"))
    if not pattern:
        return Text.of(value)
    if _is_costly(pattern, len(value), len(value)):
        return Text.of(Opaque("a replaced value"))
    source = pattern_source(pattern)
    if operator == "/#":
        source = r"\A" + source
    elif operator == "/%":
        source = "(?:" + source + r")\Z"
    try:
        return Text.of(re.sub(source, lambda _: text, value, count=0 if operator == "//" else 1, flags=re.S))
    except re.error:
        return Text.of(Opaque("a replaced value"))


def split_replacement(argument: str) -> tuple[str, str]:
    """The written `pattern/text` at its first slash that is not escaped."""
    match = re.match(r"((?:[^/\\]|\\.)*)/?(.*)\Z", argument, re.S)
    return (match[1], match[2]) if match else (argument, "")
