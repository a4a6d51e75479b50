"""Which paths of a tree an effect means: patterns, and what find's tests choose below a directory."""

from posixpath import basename, dirname

from ..effects.model import ChangeMode, ChangeOwner, Remove
from ..image.tree import Node
from ..late.dataclasses import replace
from ..text.globs import glob_matches
from ..text.paths import normal
from ..text.symbolic import Text
from .build_state import BuildState

_KINDS = {"f": "file", "d": "directory", "l": "link"}


def at(text: Text) -> str | None:
    """The absolute path that a text is; None where it cannot be known."""
    literal = text.literal
    return normal(literal) if literal is not None and literal.startswith("/") else None


def matches(state: BuildState, text: Text, globs: bool) -> list[str] | None:
    """The paths that an operand means; None where it cannot be known, an empty list where a pattern matches nothing
    that is known."""
    path = at(text)
    if path is None:
        return None
    if globs and any(character in path for character in "*?["):
        return state.tree.glob(path)
    return [path]


def others_match(state: BuildState, text: Text, globs: bool) -> bool:
    """Whether a pattern may match more than the files that are known."""
    path = at(text)
    if path is None or not globs:
        return False
    fixed = path
    for character in "*?[":
        fixed = fixed.partition(character)[0]
    folder = fixed.rpartition("/")[0] or "/"
    return state.tree.closed(folder) is not True


def chosen(state: BuildState, effect: Remove | ChangeMode | ChangeOwner, path: str) -> list[str] | None:
    """The known paths at and below `path` that find's tests choose; None where the effect has no such tests."""
    if effect.names is None and effect.types is None and not effect.least and effect.most is None:
        return None
    real = state.tree.resolve(path)
    wanted = {_KINDS[letter] for letter in effect.types if letter in _KINDS} if effect.types else set(_KINDS.values())
    node = state.tree.nodes.get(real)
    inside: list[tuple[str, Node]] = [(real, node)] if node is not None else []
    if effect.recursive:
        inside += sorted(state.tree.below(real))
    level = 0 if real == "/" else real.count("/")
    return [
        found
        for found, one in inside
        if one.kind in wanted
        and effect.least <= found.count("/") - level <= (effect.most if effect.most is not None else 1 << 30)
        and glob_matches(basename(found), effect.names or "*")
    ]


def doubt_entries(state: BuildState, text: Text) -> None:
    """Something at a path of which only the beginning is known is taken away: each path there may be the one."""
    prefix = text.prefix
    if not prefix.startswith("/") or prefix == "/":
        return
    start = normal(prefix) + ("/" if prefix.endswith("/") else "")
    for path, node in state.tree.below(dirname(start) if dirname(start) else "/"):
        if path.startswith(start):
            state.tree.nodes[path] = replace(node, sure=False)
