"""Values of HCL: what its literals, members and operators come to (hashicorp/hcl, hclsyntax/spec.md)."""

from typing import TypeAlias

from .placeholders import has_hole, hole

Known: TypeAlias = "str | int | float | bool | list[Known] | dict[str, Known] | None"
"""A value; a text may have holes in it, and a text that is one hole is a value of which nothing is known."""

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def as_text(value: Known) -> str | None:
    """A value as it stands in a text; None for one that cannot."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if value is None or isinstance(value, str | int):
        return "" if value is None else str(value)
    return None


def member(value: Known, key: Known) -> tuple[Known] | None:
    """The member of a value under a key, in a tuple; None where it has none."""
    if isinstance(value, dict) and isinstance(key, str) and key in value:
        return (value[key],)
    if isinstance(value, list) and type(key) is int and 0 <= key < len(value):
        return (value[key],)
    return None


def number(text: str) -> Known:
    """What a number in the text is; a hole for what is none."""
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return hole(text)


def unescaped(text: str) -> str:
    """The text of a quoted literal."""
    found, at = "", 0
    while at < len(text):
        letter = text[at]
        following = text[at + 1 : at + 2]
        digits = {"u": 4, "U": 8}.get(following, 0)
        if letter != "\\":
            found, at = found + letter, at + 1
        elif digits and _is_hexadecimal(text[at + 2 : at + 2 + digits], digits):
            found, at = found + chr(int(text[at + 2 : at + 2 + digits], 16)), at + 2 + digits
        else:
            found, at = found + _ESCAPES.get(following, f"\\{following}"), at + 2
    return found


def _is_hexadecimal(text: str, digits: int) -> bool:
    return len(text) == digits and set(text) <= set("0123456789abcdefABCDEF") and int(text, 16) < 0x110000


OPERATORS = frozenset(("==", "!=", "&&", "||", "<", ">", "<=", ">=", "+", "-", "*", "/", "%"))


def operated(sign: str, left: Known, right: Known) -> Known:
    """What an operator makes of two values; None where one of them is not known or not of its kind."""
    if any(isinstance(one, str) and has_hole(one) for one in (left, right)):
        return None
    if sign in ("==", "!="):
        same = type(left) is type(right) and left == right
        return same if sign == "==" else not same
    if sign in ("&&", "||"):
        if not (isinstance(left, bool) and isinstance(right, bool)):
            return None
        return (left and right) if sign == "&&" else (left or right)
    if isinstance(left, bool) or isinstance(right, bool):
        return None
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        return None
    return _reckoned(sign, left, right)


def _reckoned(sign: str, left: float, right: float) -> Known:
    match sign:
        case "<":
            return left < right
        case ">":
            return left > right
        case "<=":
            return left <= right
        case ">=":
            return left >= right
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return None
