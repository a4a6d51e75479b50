"""Values that a part of a pipeline sets, and that are lost when it ends, as it is a process of its own."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from ....lineage.late.patterns import pattern
from ....lineage.shell.nodes import (
    Case,
    Compound,
    For,
    Function,
    If,
    Loop,
    Node,
    Pipeline,
    Script,
    Simple,
    children,
    walk,
)
from ....lineage.text.places import Place

_OTHER_GRAMMARS = frozenset(("zsh", "ksh", "ksh93", "mksh", "oksh", "yash"))
_ASSIGNS = pattern(r"([A-Za-z_]\w*)\+?=")
_COUNTS = pattern(r"\(\(\s*(?:([A-Za-z_]\w*)\s*(?:\+\+|--|[-+*/]?=(?!=))|(?:\+\+|--)([A-Za-z_]\w*)).*", re.DOTALL)
_DECLARE = frozenset(("local", "declare", "typeset", "export", "readonly"))
_MOST = 256
"""How many settings in pipelines of a script are looked at."""
_KEEPS_LAST = "lastpipe"


class LostValue(NamedTuple):
    """A variable whose value is lost. `place` is where it is set, `read` the line that reads it behind."""

    name: str
    place: Place
    read: int


class _Setting(NamedTuple):
    name: str
    command: Simple


def lost_values(tree: Script) -> Iterator[LostValue]:
    """The variables of a script of bash, dash or busybox that are set before a pipeline, in it and read behind it."""
    shell = tree.shebang.shell if tree.shebang is not None and tree.shebang.shell is not None else ""
    if shell.rpartition("/")[2] in _OTHER_GRAMMARS or _KEEPS_LAST in tree.text.text or "|" not in tree.text.text:
        return
    yield from _lost_in(tree, tree.body)
    for node in walk(tree.body):
        if isinstance(node, Function):
            yield from _lost_in(tree, node.body)


def _own(node: Node) -> Iterator[Node]:
    """A node and those below it, but for what functions hold."""
    yield node
    for child in children(node):
        if not isinstance(child, Function):
            yield from _own(child)


def _lost_in(tree: Script, scope: Node) -> Iterator[LostValue]:
    nodes = list(_own(scope))
    settings = [one for node in nodes if isinstance(node, Simple) for one in _set_by(tree, node)]
    starts = [one.command.start for one in settings]
    by_name: dict[str, list[Simple]] = {}
    for one in settings:
        by_name.setdefault(one.name, []).append(one.command)
    asked = 0
    for pipeline in nodes:
        parts = pipeline.items if isinstance(pipeline, Pipeline) and len(pipeline.items) > 1 else ()
        told: set[str] = set()
        for part in parts:
            if not isinstance(part, Loop | For | Compound | If | Case):
                continue
            for setting in settings[bisect_left(starts, part.start) : bisect_left(starts, part.end)]:
                asked += 1
                if asked > _MOST:
                    return
                if setting.name not in told and _is_for_behind(tree, part, setting.name, by_name[setting.name]):
                    told.add(setting.name)
                    yield from _lost(tree, scope, pipeline, setting, by_name[setting.name])


def _set_by(tree: Script, command: Simple) -> Iterator[_Setting]:
    """The variables that a command does nothing but set."""
    words = [tree.raw(token.start, token.end) for token in command.tokens]
    if len(words) == 1 and (counted := _COUNTS.fullmatch(words[0])) is not None:
        yield _Setting(counted[1] or counted[2], command)
    names = [_ASSIGNS.match(word) for word in (words[1:] if words[0] in _DECLARE else words)] if words else []
    if names and all(names):
        yield from (_Setting(name[1], command) for name in names if name is not None)


def _is_for_behind(tree: Script, part: Node, name: str, own: list[Simple]) -> bool:
    """Whether a part reads a variable only to set it anew."""
    mentions = _mentions(tree, name, part.start, part.end)
    return all(any(one.start <= at < one.end for one in own) for at in mentions)


def _mentions(tree: Script, name: str, start: int, end: int) -> list[int]:
    return [match.start() + start for match in re.finditer(rf"\b{name}\b", tree.text.text[start:end])]


def _lost(tree: Script, scope: Node, pipeline: Node, setting: _Setting, same: list[Simple]) -> Iterator[LostValue]:
    """The value, if the variable has one before the pipeline and what comes first behind it reads it."""
    name = setting.name
    if not any(scope.start <= one.start < pipeline.start for one in same):
        return
    read = re.compile(rf"\$(?:\{{[#!]?)?{name}\b|\(\([^()]*\b{name}\b")
    found = read.search(tree.text.text, pipeline.end, scope.end)
    if found is None or any(pipeline.end <= one.start <= found.start() for one in same):
        return
    if (
        _in_a_function(scope, found.start())
        or _in_another_branch(scope, pipeline, found.start())
        or _set_otherwise(tree, name, pipeline.end, found.start())
    ):
        return
    yield LostValue(
        name,
        tree.place(setting.command.start, setting.command.end),
        tree.place(found.start(), found.end()).line,
    )


def _in_a_function(scope: Node, at: int) -> bool:
    functions = (node for node in walk(scope) if isinstance(node, Function) and node is not scope)
    return any(node.start <= at < node.end for node in functions)


def _in_another_branch(scope: Node, pipeline: Node, at: int) -> bool:
    """Whether an `if` or `case` runs either the pipeline or what stands at an offset."""

    def branch(node: Node, offset: int) -> int:
        return sum(child.start <= offset for child in children(node))

    forks = (node for node in _own(scope) if isinstance(node, If | Case))
    both = (node for node in forks if node.start <= pipeline.start and at < node.end)
    return any(branch(node, pipeline.start) != branch(node, at) for node in both)


def _set_otherwise(tree: Script, name: str, start: int, end: int) -> bool:
    """Whether something between may set it: `read`, `for`, `printf -v`, a file that is taken in."""
    between = tree.text.text[start:end]
    return re.search(rf"\b{name}\b|(?m:^|[;&|]|\s)(?:\.|source|eval)\s", between) is not None
