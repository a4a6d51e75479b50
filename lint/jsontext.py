"""JSON over several lines, of large data: the standard library writes it indented in Python alone, value by value."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from json.encoder import encode_basestring as _quoted
from typing import Any, cast

_Put = Callable[[str], None]


def indented(data: Any) -> str:
    """What `json.dumps(data, indent=2, ensure_ascii=False)` gives, for data whose objects have strings for keys."""
    pieces: list[str] = []
    _write(data, "\n", pieces.append)
    return "".join(pieces)


def _write(value: object, margin: str, put: _Put) -> None:
    """Hand the text of a value to `put`; `margin` is the line end with the blanks that the value stands behind."""
    if isinstance(value, str):
        put(_quoted(value))
    elif isinstance(value, dict) and value:
        held = cast("Mapping[str, object]", value)
        _inside([(f"{_quoted(key)}: ", each) for key, each in held.items()], "{}", margin, put)
    elif isinstance(value, list | tuple) and value:
        _inside([("", each) for each in cast("Sequence[object]", value)], "[]", margin, put)
    else:
        put(json.dumps(value))


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
