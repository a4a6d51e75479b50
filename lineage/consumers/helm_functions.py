"""The values of a chart's templates, and the functions of Go's templates and Sprig that are followed on them.

A value is a text, a number, a truth, a list or map, a part of values.yaml (`ChartValue`), lines of YAML with their places
(`RenderedLines`), or Unknown where a template computes what only a cluster knows.
"""

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
# The values of a template are of any type, as in Go.

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..builds.placeholders import hole
from ..builds.yaml_nodes import Node, get, items, scalar, sequence, shape
from ..late.dataclasses import dataclass, field
from ..repository.snapshot import Snapshot
from ..text.budget import LONGEST_VALUE, LimitError
from ..text.errors import Unknown
from ..text.places import Place, Span
from .go_template import Part

COMPUTED = Unknown("a template computes it")


@dataclass(frozen=True, slots=True)
class RenderedLines:
    """Lines of a value as YAML, each with its place."""

    rows: tuple[tuple[str, Place], ...]


@dataclass
class Chart:
    """A chart of a repository: its values, its own data, and the templates that it names."""

    snapshot: Snapshot
    folder: str
    values: Node | None
    text: str
    shown: str
    about: Node | None
    defined: dict[str, list[Part]] = field(default_factory=lambda: dict[str, list[Part]]())


class TemplateRoot:
    """The dot of a template: `.Values`, `.Chart` and what a cluster knows."""


@dataclass(frozen=True, slots=True)
class ChartValue:
    """A mapping or sequence of values.yaml."""

    chart: Chart
    node: Node


def converted(chart: Chart, node: Node | None) -> Any:
    """The value that a node of values.yaml has in a template, by YAML 1.1's tags."""
    if node is None:
        return None
    if shape(node) != "scalar":
        return ChartValue(chart, node)
    text = scalar(node)
    if text is None:
        return None
    kind = node.tag.rpartition(":")[2]
    if kind == "bool":
        return text.lower() in ("true", "yes", "on")
    if kind == "int" and re.fullmatch(r"-?(?:0|[1-9]\d*)", text):
        return int(text)
    return text


def followed(value: Any, path: Sequence[str]) -> Any:
    """What fields, one in the other, lead to (`.a.b`); None where one is not there."""
    for name in path:
        if isinstance(value, Unknown) or value is None:
            return value
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, ChartValue):
            value = converted(value.chart, get(value.node, name))
        else:
            return COMPUTED
    return value


def truth(value: Any) -> bool:
    """Whether a condition of a template holds: what is empty does not (Go's text/template)."""
    if isinstance(value, ChartValue):
        return bool(list(items(value.node)) or sequence(value.node))
    if isinstance(value, RenderedLines):
        return bool(value.rows)
    return bool(value)


def pairs(value: Any) -> Iterator[tuple[Any, Any]]:
    """What `range` goes through: (index or key, value), keys in order."""
    if isinstance(value, ChartValue):
        listed = sequence(value.node)
        if listed:
            yield from ((number, converted(value.chart, item)) for number, item in enumerate(listed))
        else:
            yield from (
                (key, converted(value.chart, item)) for key, item in sorted(items(value.node), key=lambda p: p[0])
            )
    elif isinstance(value, dict):
        yield from sorted(value.items())
    elif isinstance(value, list):
        yield from enumerate(value)


def printed(value: Any) -> str:
    """What stands in the text where a template prints a value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, ChartValue | list | dict | TemplateRoot):
        return hole("a list or map")
    return str(value)


def _replaced(old: str, new: str, text: str) -> str:
    _fits(text.count(old) * len(new))
    return text.replace(old, new)


def _fits(size: int) -> None:
    """Raises LimitError for a text that would be too long to be put together."""
    if size > LONGEST_VALUE:
        raise LimitError(f"it puts together a value of more than {LONGEST_VALUE:,} characters, so that it was not read")


def _indented(lines: Any, count: int, first: str) -> Any:
    if isinstance(lines, Unknown):
        return lines
    _fits(count * (len(lines.rows) if isinstance(lines, RenderedLines) else printed(lines).count("\n") + 1))
    if not isinstance(lines, RenderedLines):
        text = printed(lines)
        rows: Any = text.split("\n")
        return first + "\n".join(" " * count + row for row in rows)
    rows = tuple((" " * count + row, place) for row, place in lines.rows)
    start = (("", rows[0][1]),) if first and rows else ()
    return RenderedLines((*start, *rows))


def _as_yaml(value: Any) -> Any:
    if isinstance(value, Unknown | RenderedLines):
        return value
    if not isinstance(value, ChartValue):
        return (
            hole("a list or map") if isinstance(value, list | dict) else printed(value) if value is not None else "null"
        )
    node, chart = value.node, value.chart
    start, end = node.start_mark, node.end_mark
    rows = chart.text.split("\n")
    if start.line == end.line:
        return RenderedLines(((rows[start.line][start.column : end.column], Place(chart.shown, Span(start.line + 1))),))
    last = end.line if end.column else end.line - 1
    found: list[tuple[str, Place]] = []
    for number in range(start.line, min(last, len(rows) - 1) + 1):
        row = rows[number]
        if number == end.line and number != start.line:
            row = row[: end.column]
        if re.search(r"(?:^|[\s:])[*&]\w|<<:", row):
            return COMPUTED
        found.append((row[start.column :], Place(chart.shown, Span(number + 1))))
    while found and (not found[-1][0].strip() or found[-1][0].lstrip().startswith("#")):
        del found[-1]
    return RenderedLines(tuple(found))


def _known(function: Callable[..., Any]) -> Callable[[Chart, list[Any]], Any]:
    """A function that gives an unknown where any of its arguments is."""

    def call(chart: Chart, arguments: list[Any]) -> Any:
        unknown = next((one for one in arguments if isinstance(one, Unknown)), None)
        return unknown if unknown is not None else function(*arguments)

    return call


def _default(chart: Chart, arguments: list[Any]) -> Any:
    value = arguments[1] if len(arguments) > 1 else None
    if isinstance(value, Unknown):
        return value
    return value if truth(value) else arguments[0]


def _either(chart: Chart, arguments: list[Any]) -> Any:
    for one in arguments:
        if isinstance(one, Unknown) or truth(one):
            return one
    return arguments[-1]


def _both(chart: Chart, arguments: list[Any]) -> Any:
    for one in arguments:
        if not isinstance(one, Unknown) and not truth(one):
            return one
    return next((one for one in arguments if isinstance(one, Unknown)), arguments[-1])


def _format(pattern: str, *values: Any) -> Any:
    if any(isinstance(value, ChartValue | RenderedLines | TemplateRoot) for value in values):
        return COMPUTED
    pieces = re.split(r"%[sdvq]", pattern)
    if len(pieces) != len(values) + 1 or "%" in "".join(pieces):
        return COMPUTED
    return pieces[0] + "".join(printed(value) + piece for value, piece in zip(values, pieces[1:], strict=True))


def _text(function: Callable[..., Any]) -> Callable[[Chart, list[Any]], Any]:
    """A function of texts; its last argument is the text."""
    return _known(lambda *words: function(*[printed(word) if not isinstance(word, int) else word for word in words]))


FUNCTIONS: dict[str, Callable[[Chart, list[Any]], Any]] = {
    "default": _default,
    "coalesce": _either,
    "or": _either,
    "and": _both,
    "not": _known(lambda value: not truth(value)),
    "empty": _known(lambda value: not truth(value)),
    "eq": _known(lambda one, *others: any(printed(one) == printed(other) for other in others)),
    "ne": _known(lambda one, other: printed(one) != printed(other)),
    "ternary": _known(lambda yes, no, test: yes if truth(test) else no),
    "required": _known(lambda message, value: value),
    "quote": _known(lambda value: '"' + printed(value).replace("\\", "\\\\").replace('"', '\\"') + '"'),
    "squote": _known(lambda value: "'" + printed(value) + "'"),
    "toString": _known(printed),
    "int": _known(lambda value: int(printed(value) or 0)),
    "int64": _known(lambda value: int(printed(value) or 0)),
    "toYaml": _known(_as_yaml),
    "indent": _known(lambda count, text: _indented(text, int(count), "")),
    "nindent": _known(lambda count, text: _indented(text, int(count), "\n")),
    "trim": _text(lambda text: text.strip()),
    "lower": _text(lambda text: text.lower()),
    "upper": _text(lambda text: text.upper()),
    "trunc": _known(lambda count, text: printed(text)[: int(count)]),
    "trimSuffix": _text(lambda end, text: text.removesuffix(end)),
    "trimPrefix": _text(lambda start, text: text.removeprefix(start)),
    "replace": _text(_replaced),
    "contains": _text(lambda part, text: part in text),
    "hasPrefix": _text(lambda start, text: text.startswith(start)),
    "hasSuffix": _text(lambda end, text: text.endswith(end)),
    "printf": _known(_format),
    "hasKey": _known(lambda value, key: any(name == key for name, _ in pairs(value))),
    "get": _known(lambda value, key: dict(pairs(value)).get(key, "")),
    "list": lambda chart, arguments: list(arguments),
    "dict": lambda chart, arguments: dict(zip(arguments[::2], arguments[1::2], strict=False)),
    "tpl": _known(lambda text, dot: text if isinstance(text, str) and "{{" not in text else COMPUTED),
    "kindIs": lambda chart, arguments: COMPUTED,
}
"""What is followed; every other function is not known."""
