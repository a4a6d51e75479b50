"""Helm charts with their default values: each template rendered as far as that can be told without a cluster.

`.Values`, `.Chart`, the chart's own named templates and the plain functions are followed; what else a template computes
(`.Release`, `.Capabilities`, `lookup`, random values) is a placeholder, and a block under a condition that cannot be told is
left out and noted. A line that a value brought (`toYaml`) keeps its place in values.yaml.
"""

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
# The values of a template are of any type, as in Go.

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..builds.placeholders import has_hole, hole
from ..builds.yaml_nodes import Node, document, get, items, scalar, sequence, shape
from ..late.dataclasses import dataclass, field
from ..repository.snapshot import Snapshot
from ..text.budget import LONGEST_VALUE, LimitError, grown
from ..text.errors import InputError, Unknown
from ..text.numbers import integer
from ..text.places import Place, Span
from .go_template import Action, Malformed, Part, TemplateBlock, TemplateToken, TextPart, parse_template
from .reading import SourceText

_LARGEST = 1 << 18
_DEEPEST = 12
_MOST_TURNS = 200
_UNKNOWN = Unknown("a template computes it")


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


def chart_at(snapshot: Snapshot, folder: str) -> Chart | None:
    """The chart whose Chart.yaml lies in a folder of the repository; None where there is none that can be read."""
    prefix = f"{folder}/" if folder else ""
    about = _read(snapshot, f"{prefix}Chart.yaml")
    if about is None:
        return None
    path = f"{prefix}values.yaml"
    text = _read(snapshot, path) or ""
    chart = Chart(snapshot, folder, document(text), text, snapshot.show(path), document(about))
    for name in snapshot.entries:
        if name.startswith(f"{prefix}templates/") and name.endswith((".tpl", ".yaml", ".yml")):
            source = _read(snapshot, name)
            if source is not None and "define" in source:
                try:
                    chart.defined.update(parse_template(source).defined)
                except Malformed:
                    continue
    return chart


def render(chart: Chart, path: str) -> tuple[SourceText, str] | None:
    """The YAML that a template of the chart makes with its default values; None for a template that cannot be read."""
    text = _read(chart.snapshot, path)
    if text is None:
        return None
    try:
        template = parse_template(text)
    except Malformed:
        return None
    shown = chart.snapshot.show(path)
    out = _RenderedText(shown)
    try:
        _Renderer(chart, out).parts(template.parts, _Scope(_Root(), {}))
    except (_TooMuch, RecursionError):
        raise LimitError("its template does not come to an end within what is followed") from None
    rows, places, computed = out.finished()
    return SourceText(shown, places, computed), "\n".join(rows)


def _read(snapshot: Snapshot, path: str) -> str | None:
    entry = snapshot.get(path)
    if entry is None or entry.kind != "file":
        return None
    if entry.size > _LARGEST:
        raise LimitError(f"{path} is larger than {_LARGEST >> 10} KiB, so that its chart could not be read")
    try:
        return snapshot.text(path)
    except InputError:
        return None


class _TooMuch(Exception):  # noqa: N818
    """A template that does not come to an end in reason."""


class _Root:
    """The dot of a template: `.Values`, `.Chart` and what a cluster knows."""


@dataclass(frozen=True, slots=True)
class _Scope:
    dot: Any
    variables: dict[str, Any]


class _RenderedText:
    """The rendered text, line by line, each with the place it came from."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.rows: list[str] = [""]
        self.places: list[Place | None] = [None]
        self.computed: list[int] = []
        self.size = 0

    def write(self, text: str, line: int) -> None:
        self._grow(len(text))
        for number, piece in enumerate(text.split("\n")):
            if number:
                self._next()
            if piece:
                self.rows[-1] += piece
                if self.places[-1] is None or not self.rows[-1].strip():
                    self.places[-1] = Place(self.shown, Span(line + number))

    def lines(self, lines: RenderedLines) -> None:
        for number, (row, place) in enumerate(lines.rows):
            self._grow(len(row) + 1)
            if number:
                self._next()
            self.rows[-1] += row
            if row:
                self.places[-1] = place

    def note(self) -> None:
        """Something that is not known would stand here."""
        self.computed.append(len(self.rows))

    def _next(self) -> None:
        self.rows.append("")
        self.places.append(None)

    def _grow(self, size: int) -> None:
        self.size += size
        if self.size > 1 << 20:
            raise _TooMuch

    def finished(self) -> tuple[list[str], list[Place], list[int]]:
        first = Place(self.shown, Span(1))
        places: list[Place] = []
        for place in self.places:
            places.append(place or (places[-1] if places else first))
        return self.rows, places, self.computed


@dataclass
class _Renderer:
    chart: Chart
    out: _RenderedText
    depth: int = 0
    turns: int = 0

    def parts(self, parts: Sequence[Part], scope: _Scope) -> None:
        for part in parts:
            self.turns += 1
            if self.turns > 20_000:
                raise _TooMuch
            if isinstance(part, TextPart):
                self.out.write(part.text, part.line)
            elif isinstance(part, Action):
                self.action(part, scope)
            elif part.kind == "range":
                self.turn(part, scope)
            else:
                self.block(part, scope)

    def action(self, action: Action, scope: _Scope) -> None:
        value = self.value(action.tokens, scope)
        if action.variable is not None:
            scope.variables[action.variable] = value
            return
        if isinstance(value, Unknown):
            alone = not self.out.rows[-1].strip()
            if "nindent" in action.source or (alone and re.search(r"\b(?:indent|toYaml|include|tpl)\b", action.source)):
                self.out.note()
            else:
                self.out.write(hole(action.source), action.line)
        elif isinstance(value, RenderedLines):
            self.out.lines(value)
        else:
            self.out.write(_printed(value), action.line)

    def block(self, block: TemplateBlock, scope: _Scope) -> None:
        for condition, names, parts in block.branches:
            value = self.value(condition, scope) if condition is not None else True
            if isinstance(value, Unknown):
                self.out.note()
                return
            if _truth(value):
                inner = scope
                if condition is not None and (block.kind == "with" or names):
                    variables = scope.variables if block.kind != "with" else {**scope.variables}
                    variables.update(dict.fromkeys(names[:1], value))
                    inner = _Scope(value if block.kind == "with" else scope.dot, variables)
                self.parts(parts, inner)
                return

    def turn(self, block: TemplateBlock, scope: _Scope) -> None:
        condition, names, parts = block.branches[0]
        value = self.value(condition or (), scope)
        if isinstance(value, Unknown | RenderedLines | str | int | float | bool) or value is _Root:
            self.out.note()
            return
        pairs = list(_pairs(value))
        if len(pairs) > _MOST_TURNS:
            raise _TooMuch
        for key, each in pairs:
            variables = {**scope.variables}
            variables.update(
                zip(names[-1:] if len(names) == 1 else names, [each] if len(names) == 1 else [key, each], strict=False)
            )
            self.parts(parts, _Scope(each, variables))
        if not pairs and len(block.branches) > 1:
            self.parts(block.branches[1][2], scope)

    # Values

    def value(self, tokens: Sequence[TemplateToken], scope: _Scope) -> Any:
        """What a pipeline gives."""
        stages: list[list[TemplateToken]] = [[]]
        depth = 0
        for token in tokens:
            depth += (token.kind == "open") - (token.kind == "close")
            if token.kind == "pipe" and depth == 0:
                stages.append([])
            else:
                stages[-1].append(token)
        value: Any = None
        for index, stage in enumerate(stages):
            value = self.command(stage, scope, () if index == 0 else (value,))
        return value

    def command(self, tokens: list[TemplateToken], scope: _Scope, piped: tuple[Any, ...]) -> Any:
        if not tokens:
            return _UNKNOWN
        first = tokens[0]
        if first.kind == "field" and first.text[0].isalpha() and first.text not in ("true", "false", "nil"):
            return self.call(first.text, [*self.operands(tokens[1:], scope), *piped], scope)
        operands = self.operands(tokens, scope)
        return operands[0] if len(operands) == 1 and not piped else _UNKNOWN

    def operands(self, tokens: list[TemplateToken], scope: _Scope) -> list[Any]:
        found: list[Any] = []
        position = 0
        while position < len(tokens):
            token = tokens[position]
            if token.kind == "open":
                end = _closing(tokens, position)
                value = self.value(tokens[position + 1 : end], scope)
                found.append(_followed(value, tokens[end].text[1:].split(".")[1:]) if end < len(tokens) else _UNKNOWN)
                position = end + 1
                continue
            found.append(self.operand(token, scope))
            position += 1
        return found

    def operand(self, token: TemplateToken, scope: _Scope) -> Any:
        if token.kind == "string":
            return token.text[1:-1].replace('\\"', '"') if token.text[0] == '"' else token.text[1:-1]
        if token.kind == "number":
            if "." in token.text:
                return float(token.text)
            number = integer(token.text)
            return number if number is not None else _UNKNOWN
        if token.text in ("true", "false"):
            return token.text == "true"
        if token.text == "nil":
            return None
        if token.text.startswith("$"):
            name, _, rest = token.text.partition(".")
            start: Any = _Root() if name == "$" else scope.variables.get(name, _UNKNOWN)
            return self.member(start, rest.split(".") if rest else [])
        if token.text.startswith("."):
            return self.member(scope.dot, [part for part in token.text[1:].split(".") if part])
        return self.call(token.text, [], scope)

    def member(self, value: Any, path: list[str]) -> Any:
        if not isinstance(value, _Root) or not path:
            return _followed(value, path)
        if path[0] == "Values":
            return _followed(_converted(self.chart, self.chart.values), path[1:])
        if path[0] == "Chart" and len(path) == 2:
            found = get(self.chart.about, path[1][:1].lower() + path[1][1:])
            return scalar(found)
        return _UNKNOWN

    def call(self, name: str, arguments: list[Any], scope: _Scope) -> Any:
        if name in ("include", "template") and len(arguments) == 2 and isinstance(arguments[0], str):
            return self.included(arguments[0], arguments[1])
        function = _FUNCTIONS.get(name)
        if function is None:
            return _UNKNOWN
        try:
            value = function(self.chart, arguments)
            return grown(value) if isinstance(value, str) else value
        except (IndexError, TypeError, ValueError, AttributeError):
            return _UNKNOWN

    def included(self, name: str, dot: Any) -> Any:
        parts = self.chart.defined.get(name)
        if parts is None or self.depth >= _DEEPEST:
            return _UNKNOWN
        out = _RenderedText(self.out.shown)
        inner = _Renderer(self.chart, out, self.depth + 1, self.turns)
        inner.parts(parts, _Scope(dot, {}))
        self.turns = inner.turns
        rows, places, computed = out.finished()
        text = "\n".join(rows)
        if computed or has_hole(text):
            return _UNKNOWN
        if "\n" in text.strip():
            while rows and not rows[-1].strip():
                del rows[-1]
            return RenderedLines(tuple(zip(rows, places, strict=False)))
        return text.strip("\n")


def _closing(tokens: Sequence[TemplateToken], start: int) -> int:
    depth = 0
    for position in range(start, len(tokens)):
        depth += (tokens[position].kind == "open") - (tokens[position].kind == "close")
        if depth == 0:
            return position
    return len(tokens)


@dataclass(frozen=True, slots=True)
class _Yaml:
    """A mapping or sequence of values.yaml."""

    chart: Chart
    node: Node


def _converted(chart: Chart, node: Node | None) -> Any:
    if node is None:
        return None
    if shape(node) != "scalar":
        return _Yaml(chart, node)
    text = scalar(node)
    if text is None:
        return None
    kind = node.tag.rpartition(":")[2]
    if kind == "bool":
        return text.lower() in ("true", "yes", "on")
    if kind == "int" and re.fullmatch(r"-?(?:0|[1-9]\d*)", text):
        return int(text)
    return text


def _followed(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        if isinstance(value, Unknown) or value is None:
            return value
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, _Yaml):
            value = _converted(value.chart, get(value.node, name))
        else:
            return _UNKNOWN
    return value


def _truth(value: Any) -> bool:
    if isinstance(value, _Yaml):
        return bool(list(items(value.node)) or sequence(value.node))
    if isinstance(value, RenderedLines):
        return bool(value.rows)
    return bool(value)


def _pairs(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, _Yaml):
        listed = sequence(value.node)
        if listed:
            yield from ((number, _converted(value.chart, item)) for number, item in enumerate(listed))
        else:
            yield from (
                (key, _converted(value.chart, item)) for key, item in sorted(items(value.node), key=lambda p: p[0])
            )
    elif isinstance(value, dict):
        yield from sorted(value.items())
    elif isinstance(value, list):
        yield from enumerate(value)


def _printed(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _Yaml | list | dict | _Root):
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
    _fits(count * (len(lines.rows) if isinstance(lines, RenderedLines) else _printed(lines).count("\n") + 1))
    if not isinstance(lines, RenderedLines):
        text = _printed(lines)
        rows: Any = text.split("\n")
        return first + "\n".join(" " * count + row for row in rows)
    rows = tuple((" " * count + row, place) for row, place in lines.rows)
    start = (("", rows[0][1]),) if first and rows else ()
    return RenderedLines((*start, *rows))


def _as_yaml(value: Any) -> Any:
    if isinstance(value, Unknown | RenderedLines):
        return value
    if not isinstance(value, _Yaml):
        return (
            hole("a list or map")
            if isinstance(value, list | dict)
            else _printed(value)
            if value is not None
            else "null"
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
            return _UNKNOWN
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
    return value if _truth(value) else arguments[0]


def _either(chart: Chart, arguments: list[Any]) -> Any:
    for one in arguments:
        if isinstance(one, Unknown) or _truth(one):
            return one
    return arguments[-1]


def _both(chart: Chart, arguments: list[Any]) -> Any:
    for one in arguments:
        if not isinstance(one, Unknown) and not _truth(one):
            return one
    return next((one for one in arguments if isinstance(one, Unknown)), arguments[-1])


def _format(pattern: str, *values: Any) -> Any:
    if any(isinstance(value, _Yaml | RenderedLines | _Root) for value in values):
        return _UNKNOWN
    pieces = re.split(r"%[sdvq]", pattern)
    if len(pieces) != len(values) + 1 or "%" in "".join(pieces):
        return _UNKNOWN
    return pieces[0] + "".join(_printed(value) + piece for value, piece in zip(values, pieces[1:], strict=True))


def _text(function: Callable[..., Any]) -> Callable[[Chart, list[Any]], Any]:
    """A function of texts; its last argument is the text."""
    return _known(lambda *words: function(*[_printed(word) if not isinstance(word, int) else word for word in words]))


_FUNCTIONS: dict[str, Callable[[Chart, list[Any]], Any]] = {
    "default": _default,
    "coalesce": _either,
    "or": _either,
    "and": _both,
    "not": _known(lambda value: not _truth(value)),
    "empty": _known(lambda value: not _truth(value)),
    "eq": _known(lambda one, *others: any(_printed(one) == _printed(other) for other in others)),
    "ne": _known(lambda one, other: _printed(one) != _printed(other)),
    "ternary": _known(lambda yes, no, test: yes if _truth(test) else no),
    "required": _known(lambda message, value: value),
    "quote": _known(lambda value: '"' + _printed(value).replace("\\", "\\\\").replace('"', '\\"') + '"'),
    "squote": _known(lambda value: "'" + _printed(value) + "'"),
    "toString": _known(_printed),
    "int": _known(lambda value: int(_printed(value) or 0)),
    "int64": _known(lambda value: int(_printed(value) or 0)),
    "toYaml": _known(_as_yaml),
    "indent": _known(lambda count, text: _indented(text, int(count), "")),
    "nindent": _known(lambda count, text: _indented(text, int(count), "\n")),
    "trim": _text(lambda text: text.strip()),
    "lower": _text(lambda text: text.lower()),
    "upper": _text(lambda text: text.upper()),
    "trunc": _known(lambda count, text: _printed(text)[: int(count)]),
    "trimSuffix": _text(lambda end, text: text.removesuffix(end)),
    "trimPrefix": _text(lambda start, text: text.removeprefix(start)),
    "replace": _text(_replaced),
    "contains": _text(lambda part, text: part in text),
    "hasPrefix": _text(lambda start, text: text.startswith(start)),
    "hasSuffix": _text(lambda end, text: text.endswith(end)),
    "printf": _known(_format),
    "hasKey": _known(lambda value, key: any(name == key for name, _ in _pairs(value))),
    "get": _known(lambda value, key: dict(_pairs(value)).get(key, "")),
    "list": lambda chart, arguments: list(arguments),
    "dict": lambda chart, arguments: dict(zip(arguments[::2], arguments[1::2], strict=False)),
    "tpl": _known(lambda text, dot: text if isinstance(text, str) and "{{" not in text else _UNKNOWN),
    "kindIs": lambda chart, arguments: _UNKNOWN,
}
"""What is followed; every other function is not known."""
