"""JSON over several lines, of large data: the standard library writes it indented in Python alone, value by value.

Its fast encoder writes no line ends, but takes any text for the comma: it is given those of objects and lists that hold
no others.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import Any, cast

from .terminal import harmless_json

_Put = Callable[[str], None]
_SCALARS = frozenset((str, int, float, bool, type(None)))


def indented(data: Any) -> str:
    """What `json.dumps(data, indent=2, ensure_ascii=False)` gives, for data whose objects have strings for keys; what
    does not print is escaped."""
    return harmless_json(as_it_is(data))


def as_it_is(data: Any) -> str:
    """The same, with nothing escaped that JSON may hold."""
    pieces: list[str] = []
    _write(data, "\n", pieces.append)
    return "".join(pieces)


def _write(value: object, margin: str, put: _Put) -> None:
    """Hand the text of a value to `put`; `margin` is the line end with the blanks that the value stands behind."""
    if isinstance(value, str):
        put(_quoted(value))
    elif isinstance(value, dict) and value:
        held = cast("Mapping[str, object]", value)
        if _is_flat(held.values()):
            put(_flat(held, margin))
        else:
            _inside([(f"{_quoted(key)}: ", each) for key, each in held.items()], "{}", margin, put)
    elif isinstance(value, list | tuple) and value:
        members = cast("Sequence[object]", value)
        if _is_flat(members):
            put(_flat(members, margin))
        else:
            _inside([("", each) for each in members], "[]", margin, put)
    else:
        put(json.dumps(value))


def _is_flat(values: Iterable[object]) -> bool:
    return _SCALARS.issuperset(map(type, values))


def _flat(value: object, margin: str) -> str:
    """The text of an object or list that holds something, but nothing that holds anything."""
    inner = margin + "  "
    text = _encoder(inner)(value)
    return f"{text[0]}{inner}{text[1:-1]}{margin}{text[-1]}"


@lru_cache(maxsize=64)
def _encoder(between: str) -> Callable[[object], str]:
    """An encoder that writes `between` behind each comma."""
    return json.JSONEncoder(ensure_ascii=False, separators=(f",{between}", ": ")).encode


def _inside(items: Iterable[tuple[str, object]], brackets: str, margin: str, put: _Put) -> None:
    inner = margin + "  "
    before = brackets[0] + inner
    for head, value in items:
        put(before + head)
        if isinstance(value, str):
            put(_quoted(value))
        elif value is None:
            put("null")
        else:
            _write(value, inner, put)
        before = "," + inner
    put(margin + brackets[1])
