"""Shell patterns (POSIX XCU 2.13) on values: `case`, `${x%pattern}`, `${x/pattern/text}`."""

import re
from functools import lru_cache

from ..text.symbolic import Opaque, Text
from ..text.wildcards import ALL, MANY, wildcard

_MOST_WORK = 1_000_000
_CLASSES = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "xdigit": "0-9A-Fa-f",
}


@lru_cache(maxsize=512)
def pattern_source(pattern: str, *, greedy: bool = True, path: bool = False) -> str:
    """A shell pattern as the source of a regular expression; `path`: `*` and `?` do not match `/`."""
    return "".join(_pieces(pattern, greedy=greedy, path=path))


def _pieces(pattern: str, *, greedy: bool = True, path: bool = False) -> list[str]:
    many, one = (MANY, "[^/]") if path else (ALL, ".")
    found: list[str] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "*":
            found.append(many if greedy else many + "?")
        elif character == "?":
            found.append(one)
        elif character == "\\" and at + 1 < len(pattern):
            at += 1
            found.append(re.escape(pattern[at]))
        elif character == "[" and (stop := _bracket_end(pattern, at)):
            found.append(_bracket(pattern[at + 1 : stop]))
            at = stop
        else:
            found.append(re.escape(character))
        at += 1
    return found


def _bracket_end(pattern: str, at: int) -> int:
    """The offset of the `]` that closes a bracket expression, 0 where there is none."""
    at += 1
    if pattern[at : at + 1] in ("!", "^"):
        at += 1
    if pattern[at : at + 1] == "]":
        at += 1
    while at < len(pattern):
        if pattern.startswith("[:", at):
            stop = pattern.find(":]", at)
            at = stop + 2 if stop > 0 else at + 2
        elif pattern[at] == "]":
            return at
        else:
            at += 1
    return 0


def _bracket(inside: str) -> str:
    negated = inside[:1] in ("!", "^")
    inside = inside[1:] if negated else inside
    inside = inside.replace("\\", "\\\\").replace("]", "\\]").replace("[", "\\[") if ":" not in inside else inside
    inside = re.sub(r"\[:(\w+):\]", lambda match: _CLASSES.get(match[1], ""), inside)
    if not inside:
        return "(?!)"
    return f"[{'^' if negated else ''}{inside}]"


def pattern_matches(pattern: str, value: str) -> bool | None:
    """Whether a value matches a whole pattern; None where the pattern uses what is not understood (extglob)."""
    if re.search(r"[@+?!*]\(", pattern):
        return None
    made = wildcard(tuple(_pieces(pattern)))
    return made.matches(value) if made is not None else None


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
