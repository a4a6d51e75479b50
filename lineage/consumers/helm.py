"""Helm charts with their default values: each template rendered as far as that can be told without a cluster.

`.Values`, `.Chart`, the chart's own named templates and the plain functions are followed; what else a template computes
(`.Release`, `.Capabilities`, `lookup`, random values) is a placeholder, and a block under a condition that cannot be told is
left out and noted. A line that a value brought (`toYaml`) keeps its place in values.yaml.
"""

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
# The values of a template are of any type, as in Go.

import re
from collections.abc import Sequence
from typing import Any

from ..builds.placeholders import has_hole, hole
from ..builds.yaml_nodes import document, get, scalar
from ..late.dataclasses import dataclass
from ..repository.snapshot import Snapshot
from ..text.budget import LimitError, grown
from ..text.errors import InputError, Unknown
from ..text.numbers import integer
from ..text.places import Place, Span
from .go_template import Action, Malformed, Part, TemplateBlock, TemplateToken, TextPart, parse_template
from .helm_functions import (
    COMPUTED,
    FUNCTIONS,
    Chart,
    RenderedLines,
    TemplateRoot,
    converted,
    followed,
    pairs,
    printed,
    truth,
)
from .reading import SourceText

_LARGEST = 1 << 18
_DEEPEST = 12
_MOST_TURNS = 200


def chart_at(snapshot: Snapshot, folder: str) -> Chart | None:
    """The chart whose Chart.yaml lies in a folder of the repository; None where there is none that can be read."""
    prefix = f"{folder}/" if folder else ""
    about = _read(snapshot, f"{prefix}Chart.yaml")
    if about is None:
        return None
    path = f"{prefix}values.yaml"
    text = _read(snapshot, path) or ""
    chart = Chart(snapshot, folder, document(text), text, snapshot.show(path), document(about))
    for entry in snapshot.files_below(f"{prefix}templates"):
        if entry.path.endswith((".tpl", ".yaml", ".yml")):
            source = _read(snapshot, entry.path)
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
        _Renderer(chart, out).parts(template.parts, _Scope(TemplateRoot(), {}))
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
            self.out.write(printed(value), action.line)

    def block(self, block: TemplateBlock, scope: _Scope) -> None:
        for condition, names, parts in block.branches:
            value = self.value(condition, scope) if condition is not None else True
            if isinstance(value, Unknown):
                self.out.note()
                return
            if truth(value):
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
        if isinstance(value, Unknown | RenderedLines | TemplateRoot | str | int | float | bool):
            self.out.note()
            return
        entries = list(pairs(value))
        if len(entries) > _MOST_TURNS:
            raise _TooMuch
        for key, each in entries:
            variables = {**scope.variables}
            variables.update(
                zip(names[-1:] if len(names) == 1 else names, [each] if len(names) == 1 else [key, each], strict=False)
            )
            self.parts(parts, _Scope(each, variables))
        if not entries and len(block.branches) > 1:
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
            return COMPUTED
        first = tokens[0]
        if first.kind == "field" and first.text[0].isalpha() and first.text not in ("true", "false", "nil"):
            return self.call(first.text, [*self.operands(tokens[1:], scope), *piped], scope)
        operands = self.operands(tokens, scope)
        return operands[0] if len(operands) == 1 and not piped else COMPUTED

    def operands(self, tokens: list[TemplateToken], scope: _Scope) -> list[Any]:
        found: list[Any] = []
        position = 0
        while position < len(tokens):
            token = tokens[position]
            if token.kind == "open":
                end = _closing(tokens, position)
                value = self.value(tokens[position + 1 : end], scope)
                found.append(followed(value, tokens[end].text[1:].split(".")[1:]) if end < len(tokens) else COMPUTED)
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
            return number if number is not None else COMPUTED
        if token.text in ("true", "false"):
            return token.text == "true"
        if token.text == "nil":
            return None
        if token.text.startswith("$"):
            name, _, rest = token.text.partition(".")
            start: Any = TemplateRoot() if name == "$" else scope.variables.get(name, COMPUTED)
            return self.member(start, rest.split(".") if rest else [])
        if token.text.startswith("."):
            return self.member(scope.dot, [part for part in token.text[1:].split(".") if part])
        return self.call(token.text, [], scope)

    def member(self, value: Any, path: list[str]) -> Any:
        if not isinstance(value, TemplateRoot) or not path:
            return followed(value, path)
        if path[0] == "Values":
            return followed(converted(self.chart, self.chart.values), path[1:])
        if path[0] == "Chart" and len(path) == 2:
            found = get(self.chart.about, path[1][:1].lower() + path[1][1:])
            return scalar(found)
        return COMPUTED

    def call(self, name: str, arguments: list[Any], scope: _Scope) -> Any:
        if name in ("include", "template") and len(arguments) == 2 and isinstance(arguments[0], str):
            return self.included(arguments[0], arguments[1])
        function = FUNCTIONS.get(name)
        if function is None:
            return COMPUTED
        try:
            value = function(self.chart, arguments)
            return grown(value) if isinstance(value, str) else value
        except (IndexError, TypeError, ValueError, AttributeError):
            return COMPUTED

    def included(self, name: str, dot: Any) -> Any:
        parts = self.chart.defined.get(name)
        if parts is None or self.depth >= _DEEPEST:
            return COMPUTED
        out = _RenderedText(self.out.shown)
        inner = _Renderer(self.chart, out, self.depth + 1, self.turns)
        inner.parts(parts, _Scope(dot, {}))
        self.turns = inner.turns
        rows, places, computed = out.finished()
        text = "\n".join(rows)
        if computed or has_hole(text):
            return COMPUTED
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
