"""YAML as nodes that know their lines. The only room that imports PyYAML.

Nodes are shared, not copied, where a document uses aliases, so that no document grows when it is read; documents
nested so deep that a reader's stack would not do are refused.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeGuard

from ..text.budget import LimitError, spend

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, ScalarNode, SequenceNode
    from yaml.nodes import Node as Node
else:
    Node = Any  # PyYAML is loaded with the first document: a repository without one does without

LARGEST = 4 << 20
"""Bytes of a YAML text."""
DEEPEST = 500


def documents(text: str) -> list[Node]:
    """The root nodes of a YAML text's documents; those before the first error.

    Raises LimitError for a text that is too large or nested too deeply.
    """
    found: list[Node] = []
    if len(text) > LARGEST:
        raise LimitError(f"it is larger than {LARGEST >> 20} MiB, so that it was not read")
    if _too_deep(text):
        raise LimitError(f"it is nested more than {DEEPEST} deep, so that it was not read")
    from yaml.error import YAMLError

    try:
        found.extend(_nodes(text, _loader()))
    except (RecursionError, ValueError):
        return found
    except YAMLError as error:
        return _with_anchors_again(text) if "duplicate anchor" in str(error) else found
    return found


def refused(text: str) -> tuple[str, int] | None:
    """Why a text is no YAML, in the parser's words, and on which line, from 1. None for one that is, for an anchor that is
    set twice, and for a line with a tab: other readers take these.

    Raises LimitError for a text that is too large or nested too deeply.
    """
    if len(text) > LARGEST or _too_deep(text):
        raise LimitError(f"it is larger than {LARGEST >> 20} MiB or nested more than {DEEPEST} deep")
    from yaml.error import MarkedYAMLError, YAMLError

    try:
        for _ in _nodes(text, _loader()):
            pass
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        rows = text.split("\n")
        lines = {each.line for each in (error.problem_mark, error.context_mark) if each is not None}
        if (
            mark is None
            or "duplicate anchor" in str(error)
            or any("\t" in rows[one] for one in lines if one < len(rows))
        ):
            return None
        words = ", ".join(part for part in (error.problem, error.context) if part)
        return words, min(mark.line + 1, len(rows))
    except (RecursionError, ValueError, YAMLError):
        return None
    return None


def _with_anchors_again(text: str) -> list[Node]:
    """The documents of a text that sets an anchor twice, which YAML 1.2 (3.2.2.2) and Go's readers allow and PyYAML does not.

    Raises LimitError for one that is nested too deeply.
    """
    from yaml.composer import Composer
    from yaml.error import YAMLError
    from yaml.events import AliasEvent

    loader: Any = _loader()

    class AnchorsAgain(Composer, loader):  # type: ignore[misc]
        def __init__(self, stream: str) -> None:
            loader.__init__(self, stream)
            Composer.__init__(self)

        def compose_node(self, parent: Any, index: Any) -> Any:
            if not self.check_event(AliasEvent):
                self.anchors.pop(self.peek_event().anchor, None)
            return super().compose_node(parent, index)

    found: list[Node] = []
    try:
        found.extend(_nodes(text, AnchorsAgain))
    except RecursionError:
        raise LimitError(f"it is nested more than {DEEPEST} deep, so that it was not read") from None
    except (YAMLError, ValueError):
        return found
    return found


def overlaid(roots: Sequence[Node], depth: int = 3) -> Node | None:
    """The mappings of several documents laid over each other, as compose does with those of one file (compose-go, loader): what
    a later one says counts. Below `depth` keys the later value counts whole. None where there is no mapping."""
    mappings = [root for root in roots if _is_mapping(root)]
    if len(mappings) < 2:
        return mappings[0] if mappings else None
    from yaml.nodes import MappingNode

    said: dict[str, tuple[Node, list[Node]]] = {}
    for key, value in (pair for mapping in mappings for pair in mapping.value):
        if _is_scalar(key):
            said.setdefault(key.value, (key, []))[1].append(value)
    whole = [(key, values, depth > 1 and all(map(_is_mapping, values))) for key, values in said.values()]
    pairs = [(key, overlaid(values, depth - 1) if all_ else values[-1]) for key, values, all_ in whole]
    return MappingNode(mappings[0].tag, pairs, mappings[0].start_mark, mappings[-1].end_mark)


def document(text: str) -> Node | None:
    """The root node of the first document, or None."""
    return next(iter(documents(text)), None)


def line(node: Node) -> int:
    """The line that a node begins on, from 1."""
    return node.start_mark.line + 1


def items(node: Node | None) -> Iterator[tuple[str, Node]]:
    """The keys and values of a mapping, in order; those of `<<` merges after its own, each mapping once, and without the
    keys that are said already. Nothing for any other node."""
    waiting = [node]
    seen: set[int] = set()
    told: set[str] = set()
    while waiting:
        mapping = waiting.pop()
        if not _is_mapping(mapping) or id(mapping) in seen:
            continue
        seen.add(id(mapping))
        merged: list[Node | None] = []
        own: list[str] = []
        spend(1 + len(mapping.value) // 8)
        for key, value in mapping.value:
            if not _is_scalar(key):
                continue
            if key.value == "<<":
                merged.extend(value.value if _is_sequence(value) else [value])
            elif key.value not in told:
                own.append(key.value)
                yield key.value, value
        told.update(own)
        waiting.extend(reversed(merged))


def get(node: Node | None, *keys: str) -> Node | None:
    """The value below a row of keys, or None."""
    for key in keys:
        node = next((value for name, value in items(node) if name == key), None)
    return node


def scalar(node: Node | None) -> str | None:
    """The text of a scalar, `~`, `null` and nothing as None; None for any other node."""
    if not _is_scalar(node) or (node.style is None and node.value in ("", "~", "null")):
        return None
    return str(node.value)


def shape(node: Node) -> Literal["scalar", "sequence", "mapping"]:
    """What a node is."""
    return "mapping" if _is_mapping(node) else "sequence" if _is_sequence(node) else "scalar"


def sequence(node: Node | None) -> list[Node]:
    """The items of a sequence; nothing for any other node."""
    return list(node.value) if _is_sequence(node) else []


def pairs(node: Node | None) -> dict[str, str | None]:
    """A mapping, or a sequence of `KEY=VALUE`, as a dictionary; a key without a value has None."""
    found = {key: scalar(value) for key, value in items(node)}
    for entry in sequence(node):
        key, equals, value = (scalar(entry) or "").partition("=")
        if key:
            found[key] = value if equals else None
    return found


def _is_scalar(node: Node | None) -> "TypeGuard[ScalarNode]":
    return getattr(node, "id", None) == "scalar"


def _is_sequence(node: Node | None) -> "TypeGuard[SequenceNode]":
    return getattr(node, "id", None) == "sequence"


def _is_mapping(node: Node | None) -> "TypeGuard[MappingNode]":
    return getattr(node, "id", None) == "mapping"


def _nodes(text: str, loader: Any) -> Iterator[Node]:
    from yaml import compose_all  # pyright: ignore[reportUnknownVariableType]

    return compose_all(text, loader)  # pyright: ignore[reportUnknownVariableType]


def _loader() -> Any:
    try:
        from yaml import CSafeLoader as Loader
    except ImportError:
        from yaml import SafeLoader as Loader  # type: ignore[assignment]
    return Loader


def _too_deep(text: str) -> bool:
    if re.search(rf"(?:[-?:][ \t]+){{{DEEPEST}}}", text):
        return True
    if text.count("[") + text.count("{") < DEEPEST:
        return False
    depth = 0
    for bracket in re.finditer(r"[\[\]{}]", text):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST:
            return True
        depth = max(depth, 0)
    return False
