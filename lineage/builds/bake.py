"""Builds in docker-bake files, in HCL and in JSON.

The form is that of docs.docker.com/build/bake/reference.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from ..repository.snapshot import Snapshot
from ..text.budget import LONGEST_VALUE, LimitError, grown, spend
from ..text.places import Place, Span
from .build import NO_CONTEXTS, Build, NamedContexts, named_contexts
from .hcl import read_hcl
from .hcl_values import Known, as_text
from .placeholders import has_hole, hole

MOST = 256
DEEPEST = 50

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
            yield _build(name, resolved, values, place, folder)


def _build(name: str, target: Mapping[str, Value], values: Mapping[str, str], place: Place, folder: str) -> Build:
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
        _named(target.get("contexts"), values),
        name.partition("\0")[0],
    )


def _named(given: Value | None, values: Mapping[str, str]) -> NamedContexts:
    if given is None:
        return NO_CONTEXTS
    if not isinstance(given, dict):
        return NamedContexts(whole=False)
    return named_contexts(
        {_with(key, values): _with(value, values) for key, value in given.items() if isinstance(value, str)}
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
    if isinstance(parents, list) and depth >= DEEPEST:
        raise LimitError(f"its targets inherit over more than {DEEPEST} steps, so that they could not be read")
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
    old, new = base.get("contexts"), own.get("contexts")
    if isinstance(old, dict) and isinstance(new, dict):
        merged["contexts"] = {**old, **new}
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
    if prod(map(len, axes)) > MOST:
        raise LimitError(f"a matrix of it makes more than {MOST} targets, so that they could not be read")
    return [{key: value for part in parts for key, value in part.items()} for parts in product(*axes)]


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
        root: Json = json.loads(text, parse_int=str)  # a number of 5,000 digits is one, too
    except ValueError:
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
    """The targets of a file, one of a matrix once for each of its values."""
    document = read_hcl(text)
    found: dict[str, dict[str, Value]] = {}
    for block in document.blocks:
        if block.kind != "target" or not block.labels:
            continue
        matrix = document.attribute(block.body, "matrix")
        for number, names in enumerate(_values_of(document.value(matrix, {})) if matrix is not None else [{}]):
            body = _as_object(document.attributes(block.body, names))
            body.pop("matrix", None)
            key = block.labels[0] if not number else f"{block.labels[0]}\0{number}"
            found[key] = body
            lines[key] = block.line
            named = body.get("name")
            if isinstance(named, str) and not has_hole(named):
                found.setdefault(named, body)
                lines.setdefault(named, block.line)
    return found


def _values_of(matrix: Known) -> list[dict[str, Known]]:
    """The combinations of a matrix's values; one without any where they are not known."""
    if not isinstance(matrix, dict):
        return [{}]
    axes = [
        [{name: value} for value in values] for name, values in matrix.items() if isinstance(values, list) and values
    ]
    if prod(map(len, axes)) > MOST:
        raise LimitError(f"a matrix of it makes more than {MOST} targets, so that they could not be read")
    return [{key: value for part in parts for key, value in part.items()} for parts in product(*axes)]


def _as_object(value: Mapping[str, Known]) -> dict[str, Value]:
    return {key: _as_value(item) for key, item in value.items() if item is not None}


def _as_value(value: Known) -> Value:
    if isinstance(value, dict):
        return _as_object(value)
    if isinstance(value, list):
        return [_as_value(item) for item in value]
    return as_text(value) or ""
