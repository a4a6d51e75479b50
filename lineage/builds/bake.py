"""Builds in docker-bake files: JSON, and as much of HCL as targets are written in.

The form is that of docs.docker.com/build/bake/reference.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice, product

from ..late.patterns import pattern
from ..repository.snapshot import Snapshot
from ..text.budget import LONGEST_VALUE, LimitError, grown, spend
from ..text.places import Place, Span
from .build import Build
from .placeholders import has_hole, hole

_MOST = 64
_DEEPEST = 50
_TOKEN = pattern(
    r"""(?P<skip>[ \t\r]+|\#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<newline>\n)|(?P<string>"(?:[^"\\\n]|\\.)*")"""
    r"""|(?P<heredoc><<-?(?P<delimiter>\w+)\n(?P<body>(?:(?!<<).)*?)\n[ \t]*(?P=delimiter)(?=\n|$))"""
    r"""|(?P<name>[A-Za-z_][\w.-]*)|(?P<number>\d[\d.]*)|(?P<mark>[\[\]{}(),=:?]|.)""",
    re.DOTALL,
)

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
Value = str | list["Value"] | dict[str, "Value"]
"""A text (with holes), a list, or an object; numbers and booleans are texts."""


def bake_builds(snapshot: Snapshot, path: str) -> Iterator[Build]:
    """The targets of a bake file."""
    text = snapshot.text(path)
    lines: dict[str, int] = {}
    targets = _read_json(text) if path.endswith(".json") else _read_hcl(text, lines)
    folder = path.rpartition("/")[0]
    known: dict[str, dict[str, Value]] = {}
    for name in targets:
        resolved = _inherited(name, targets, 0, known)
        place = Place(snapshot.show(path), Span(lines.get(name, 1)))
        for values in _combinations(resolved.get("matrix")):
            yield _build(resolved, values, place, folder)


def _build(target: Mapping[str, Value], values: Mapping[str, str], place: Place, folder: str) -> Build:
    def text(key: str) -> str | None:
        value = target.get(key)
        return _with(value, values) if isinstance(value, str) else None

    context = text("context") or "."
    dockerfile = text("dockerfile")
    given = target.get("args")
    args = (
        {key: _with(value, values) for key, value in given.items() if isinstance(value, str)}
        if isinstance(given, dict)
        else {}
    )
    tags = target.get("tags")
    return Build(
        "docker-bake",
        place,
        None if "dockerfile-inline" in target else context,
        f"{context}/{dockerfile}" if dockerfile else None,
        text("target"),
        {key: value for key, value in args.items() if not has_hole(value)},
        frozenset(key for key, value in args.items() if has_hole(value)),
        tuple(_with(tag, values) for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        (folder, "") if folder else ("",),
    )


def _with(text: str, values: Mapping[str, str]) -> str:
    if not has_hole(text):
        return text
    for name, value in values.items():
        filled = text.replace(hole(name), value) if len(value) <= LONGEST_VALUE else text
        text = grown(filled) if filled is not text and filled != text else text
    return text


def _inherited(
    name: str, targets: Mapping[str, dict[str, Value]], depth: int, known: dict[str, dict[str, Value]]
) -> dict[str, Value]:
    """What a target is with all that it inherits. `known` keeps those that were put together before."""
    if name in known:
        return known[name]
    own = targets.get(name, {})
    merged: dict[str, Value] = {}
    parents = own.get("inherits")
    if isinstance(parents, list) and depth >= _DEEPEST:
        raise LimitError(f"its targets inherit over more than {_DEEPEST} steps, so that they could not be read")
    known[name] = own  # of a circle, each is what stands in it
    if isinstance(parents, list):
        for parent in parents:
            if isinstance(parent, str):
                spend()
                merged = _merged(merged, _inherited(parent, targets, depth + 1, known))
    known[name] = _merged(merged, own)
    return known[name]


def _merged(base: Mapping[str, Value], own: Mapping[str, Value]) -> dict[str, Value]:
    merged = {**base, **own}
    old, new = base.get("args"), own.get("args")
    if isinstance(old, dict) and isinstance(new, dict):
        merged["args"] = {**old, **new}
    merged.pop("inherits", None)
    return merged


def _combinations(matrix: Value | None) -> list[dict[str, str]]:
    if not isinstance(matrix, dict):
        return [{}]
    axes: list[list[dict[str, str]]] = []
    for name, values in matrix.items():
        axis = [_flat(name, value) for value in values] if isinstance(values, list) else []
        if axis:
            axes.append(axis)
    return [{key: value for part in parts for key, value in part.items()} for parts in islice(product(*axes), _MOST)]


def _flat(name: str, value: Value) -> dict[str, str]:
    if isinstance(value, str):
        return {name: value}
    return (
        {f"{name}.{key}": text for key, text in value.items() if isinstance(text, str)}
        if isinstance(value, dict)
        else {}
    )


def _read_json(text: str) -> dict[str, dict[str, Value]]:
    try:
        root: Json = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(root, dict):
        return {}
    defaults = {name: variable.get("default") for name, variable in _objects(root.get("variable")).items()}
    variables = {name: str(value) for name, value in defaults.items() if value is not None}
    return {name: _object(target, variables) for name, target in _objects(root.get("target")).items()}


def _objects(value: "Json") -> dict[str, dict[str, "Json"]]:
    return {name: entry for name, entry in value.items() if isinstance(entry, dict)} if isinstance(value, dict) else {}


def _object(value: "dict[str, Json]", variables: Mapping[str, str]) -> dict[str, Value]:
    return {key: _plain(item, variables) for key, item in value.items()}


def _plain(value: "Json", variables: Mapping[str, str]) -> Value:
    if isinstance(value, dict):
        return _object(value, variables)
    if isinstance(value, list):
        return [_plain(item, variables) for item in value]
    return _interpolated(str(value), variables)


def _interpolated(text: str, variables: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        expression = found[1].strip()
        return variables.get(expression, hole(expression))

    return re.sub(r"(?<!\$)\$\{([^{}]*)\}", value, text).replace("$${", "${")


def _read_hcl(text: str, lines: dict[str, int]) -> dict[str, dict[str, Value]]:
    tokens = _Tokens(text)
    variables: dict[str, str] = {}
    raw: dict[str, dict[str, Value]] = {}
    while not tokens.done():
        kind, labels, line = tokens.header()
        if kind is None:
            continue
        body = tokens.body(0)
        default = body.get("default")
        if kind == "variable" and labels and isinstance(default, str):
            variables[labels[0]] = default
        elif kind == "target" and labels:
            raw[labels[0]] = body
            lines[labels[0]] = line
    return {name: _resolved(target, variables) for name, target in raw.items()}


def _resolved(value: Mapping[str, Value], variables: Mapping[str, str]) -> dict[str, Value]:
    return {key: _plain_holes(item, variables) for key, item in value.items()}


def _plain_holes(value: Value, variables: Mapping[str, str]) -> Value:
    if isinstance(value, dict):
        return _resolved(value, variables)
    if isinstance(value, list):
        return [_plain_holes(item, variables) for item in value]
    return _with(value, variables)


class _Tokens:
    """A reader of HCL that goes on behind whatever it does not understand."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str, int]] = []
        line = 1
        for found in _TOKEN.finditer(text):
            kind = found.lastgroup or "mark"
            if kind == "heredoc" or found["heredoc"]:
                self._tokens.append(("string", _interpolated(found["body"], {}), line))
            elif kind == "string":
                self._tokens.append((kind, _interpolated(re.sub(r'\\(["\\])', r"\1", found[0][1:-1]), {}), line))
            elif kind != "skip":
                self._tokens.append((kind, found[0], line))
            line += found[0].count("\n")
        self._at = 0

    def done(self) -> bool:
        return self._at >= len(self._tokens)

    def header(self) -> tuple[str | None, list[str], int]:
        """The kind, labels and line of the next block, `{` taken; no kind where there is none here."""
        kind, text, line = self._next()
        if kind != "name":
            return None, [], line
        labels: list[str] = []
        while not self.done():
            kind, label, _ = self._peek()
            if kind not in ("string", "name"):
                break
            labels.append(label)
            self._at += 1
        if not self.done() and self._peek()[1] == "{" and self._peek()[0] == "mark":
            self._at += 1
            return text, labels, line
        self._rest_of_line()
        return None, [], line

    def body(self, depth: int) -> dict[str, Value]:
        """The attributes of a block or object up to its `}`."""
        found: dict[str, Value] = {}
        while not self.done():
            kind, text, _ = self._next()
            if (kind, text) == ("mark", "}"):
                break
            if kind in ("name", "string") and not self.done():
                follows = self._peek()
                if follows[0] == "mark" and follows[1] in "=:":
                    self._at += 1
                    found[text] = self._value(depth + 1)
                elif follows[0] == "mark" and follows[1] == "{" and depth < _DEEPEST:
                    self._at += 1
                    found[text] = self.body(depth + 1)
        return found

    def _value(self, depth: int) -> Value:
        """An expression: a literal, or a hole named by its text."""
        self._newlines()
        if self.done():
            return ""
        kind, text, _ = self._peek()
        if kind == "mark" and text == "{" and depth < _DEEPEST:
            self._at += 1
            return self.body(depth)
        if kind == "mark" and text == "[" and depth < _DEEPEST:
            self._at += 1
            return self._list(depth)
        taken: list[tuple[str, str]] = []
        level = 0
        while not self.done():
            kind, text, _ = self._peek()
            if kind == "newline" and not level:
                break
            if kind == "mark":
                if not level and text in "]},":
                    break
                level += (text in "([{") - (text in ")]}")
            taken.append((kind, text))
            self._at += 1
        if len(taken) == 1:
            return hole(taken[0][1]) if taken[0][0] == "name" and taken[0][1] not in ("true", "false") else taken[0][1]
        return hole(" ".join(text for _, text in taken))

    def _list(self, depth: int) -> list[Value]:
        found: list[Value] = []
        while not self.done():
            self._newlines()
            if self.done():
                break
            kind, text, _ = self._peek()
            if kind == "mark" and text in "],":
                self._at += 1
                if text == "]":
                    break
                continue
            found.append(self._value(depth + 1))
            if not self.done() and self._peek()[0] == "mark" and self._peek()[1] == "}":
                break
        return found

    def _newlines(self) -> None:
        while not self.done() and self._peek()[0] == "newline":
            self._at += 1

    def _rest_of_line(self) -> None:
        while not self.done() and self._next()[0] != "newline":
            pass

    def _peek(self) -> tuple[str, str, int]:
        return self._tokens[self._at]

    def _next(self) -> tuple[str, str, int]:
        self._at += 1
        return self._tokens[self._at - 1]
