"""The functions of docker-bake files that are evaluated (docs.docker.com/build/bake/stdlib); the others' results are unknown."""

from collections.abc import Callable, Sequence
from typing import Any, TypeGuard

from ..text.budget import grown
from .placeholders import has_hole

_THROUGH = frozenset(("format", "join", "concat", "coalesce", "flatten", "compact", "merge", "element"))
"""Functions that pass on what they are given: of a text with holes, the holes stay."""


def called(name: str, arguments: Sequence[Any]) -> tuple[Any] | None:
    """What a function makes of its arguments, in a tuple; None where that is not known."""
    function = _FUNCTIONS.get(name)
    if function is None or (name not in _THROUGH and any(_is_open(one) for one in arguments)):
        return None
    try:
        return (function(*arguments),)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, ZeroDivisionError):
        return None


def _is_open(value: Any) -> bool:
    if isinstance(value, str):
        return has_hole(value)
    inner: list[Any] = value if _is_list(value) else list(value.values()) if _is_object(value) else []
    return any(_is_open(one) for one in inner)


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value)
    raise TypeError("no text")


def _format(form: str, *values: Any) -> str:
    """Go's verbs %s, %d, %v and %q without widths."""
    if has_hole(form):
        raise ValueError("the form is not known")
    found, given, at = "", list(values), 0
    while at < len(form):
        if form[at] != "%":
            found, at = found + form[at], at + 1
            continue
        verb = form[at + 1]
        at += 2
        if verb == "%":
            found += "%"
        elif verb in "sdv":
            found = grown(found + _plain(given.pop(0)))
        else:
            raise ValueError("a verb that is not read")
    if given:
        raise ValueError("too many values")
    return found


def _join(separator: str, *lists: list[Any]) -> str:
    return grown(separator.join(_plain(one) for each in lists for one in _as_list(each)))


def _as_list(value: Any) -> list[Any]:
    if not _is_list(value):
        raise TypeError("no list")
    return value


def _concat(*lists: list[Any]) -> list[Any]:
    return [one for each in lists for one in _as_list(each)]


def _coalesce(*values: Any) -> Any:
    for value in values:
        if _is_open(value):
            raise ValueError("nothing tells whether it is empty")
        if value not in (None, ""):
            return value
    raise ValueError("nothing is given")


def _flatten(values: list[Any]) -> list[Any]:
    found: list[Any] = []
    for one in _as_list(values):
        inner: list[Any] = _flatten(one) if _is_list(one) else [one]
        found += inner
    return found


def _merge(*objects: dict[str, Any] | None) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for one in objects:
        merged.update({} if one is None else one)
    return merged


def _element(values: list[Any], at: int) -> Any:
    return _as_list(values)[at % len(values)]


def _compact(values: list[Any]) -> list[Any]:
    return [one for one in _as_list(values) if one not in (None, "")]


def _replace(text: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        raise ValueError("a pattern")
    return grown(text.replace(old, new))


def _equal(left: Any, right: Any) -> bool:
    return type(left) is type(right) and bool(left == right)


def _substr(text: str, start: int, length: int) -> str:
    begin = start if start >= 0 else len(text) + start
    return text[begin:] if length < 0 else text[begin : begin + length]


def _string(function: Callable[[str], str]) -> Callable[[str], str]:
    def only(text: Any) -> str:
        if not isinstance(text, str):
            raise TypeError("no text")
        return function(text)

    return only


def _trim(text: str, letters: str) -> str:
    return text.strip(letters)


def _trimprefix(text: str, prefix: str) -> str:
    return text.removeprefix(prefix)


def _trimsuffix(text: str, suffix: str) -> str:
    return text.removesuffix(suffix)


def _split(separator: str, text: str) -> list[str]:
    return text.split(separator)


def _notequal(left: Any, right: Any) -> bool:
    return not _equal(left, right)


def _and(left: bool, right: bool) -> bool:
    return left and right


def _or(left: bool, right: bool) -> bool:
    return left or right


def _not(value: bool) -> bool:
    return not value


def _contains(values: list[Any], value: Any) -> bool:
    return value in _as_list(values)


def _keys(value: dict[str, Any]) -> list[str]:
    return sorted(value)


def _values(value: dict[str, Any]) -> list[Any]:
    return [value[key] for key in sorted(value)]


def _lookup(value: dict[str, Any], key: str, otherwise: Any) -> Any:
    return value.get(key, otherwise)


def _distinct(values: list[Any]) -> list[Any]:
    return [one for i, one in enumerate(_as_list(values)) if one not in values[:i]]


def _chomp(text: str) -> str:
    return text.rstrip("\r\n")


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "format": _format,
    "join": _join,
    "concat": _concat,
    "coalesce": _coalesce,
    "flatten": _flatten,
    "merge": _merge,
    "element": _element,
    "compact": _compact,
    "lower": _string(str.lower),
    "upper": _string(str.upper),
    "title": _string(str.title),
    "trimspace": _string(str.strip),
    "chomp": _string(_chomp),
    "trim": _trim,
    "trimprefix": _trimprefix,
    "trimsuffix": _trimsuffix,
    "split": _split,
    "replace": _replace,
    "substr": _substr,
    "strlen": len,
    "equal": _equal,
    "notequal": _notequal,
    "and": _and,
    "or": _or,
    "not": _not,
    "length": len,
    "contains": _contains,
    "keys": _keys,
    "values": _values,
    "lookup": _lookup,
    "distinct": _distinct,
    "tostring": _plain,
}
