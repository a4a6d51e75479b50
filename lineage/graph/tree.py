"""The graph as a tree for the terminal and as JSON. Pure: the same graph gives the same text."""

from collections.abc import Iterator, Sequence
from typing import Any

from ..late.dataclasses import dataclass, field
from ..remote.freshness import freshness_json
from .annotations import NO_MARKS, Counts, Marks
from .graph import Edge, GraphNode, Lineage

Line = list[tuple[str, str]]
"""A line of the terminal: pieces of text, each with a rich style."""

_STYLES = {"image": "bold", "external": "cyan", "stage": "dim", "consumer": "green"}
_FINDINGS = {"error": "red", "warning": "yellow", "info": "blue"}
FRESHNESS = {"stale": "red", "fresh": "green", "unknown": "dim", "unreachable": "yellow"}
_WIDEST_NAME, _WIDEST_TAG = 64, 40
_LONGEST_TAG = 24
"""Where there is little room."""
_GAP = "  "


@dataclass(slots=True)
class _Row:
    """A line of the tree before its columns are set: the lines that lead to it, the name, and the rest."""

    prefix: str
    name: str
    style: str
    columns: Line = field(default_factory=lambda: Line())
    brief: Line = field(default_factory=lambda: Line())
    """The columns where there is little room."""
    narrow: Line = field(default_factory=lambda: Line())
    """Those where there is none: what was found comes first."""
    tail: str = ""


def tree_lines(
    lineage: Lineage,
    *,
    invert: bool = False,
    depth: int | None = None,
    width: int | None = None,
    marks: Marks = NO_MARKS,
) -> Iterator[Line]:
    """The lineage as a tree: each parent with what is built on it, or (`invert`) each image with what it is built on.

    An image that stands in several places is drawn whole once; elsewhere it is marked with (*). External images that are
    only copied from are named beside the images that do, not drawn as trees of their own. Where a line would be wider than
    `width` columns, the Dockerfile's path and what is copied from are left out, findings are counted in letters, and long
    tags are clipped, or left out where that is not enough; without a width nothing is. What is copied from hangs on a
    dotted line.
    """
    tree = _Tree(lineage, invert, depth, marks)
    for node in lineage.leaves() if invert else lineage.roots():
        if invert or not tree.folded(node):
            yield from _aligned(list(tree.rows(node)), width)


class _Tree:
    def __init__(self, lineage: Lineage, invert: bool, depth: int | None, marks: Marks) -> None:
        self.lineage, self.invert, self.depth, self.marks = lineage, invert, depth, marks
        self.drawn: set[str] = set()

    def folded(self, node: str) -> bool:
        """Whether it is an external image that is only copied from."""
        lineage = self.lineage
        children = lineage.children(node)
        return (
            lineage.nodes[node].kind == "external"
            and bool(children)
            and all(
                edge.kind == "copy-from" and lineage.nodes[child].kind == "image"
                for child in children
                for edge in lineage.between(node, child)
            )
        )

    def rows(self, root: str) -> Iterator[_Row]:
        """The rows of one tree, without recursion: a chain may be longer than the stack."""
        yield self._row(root, "", ())
        stack = [(self._following(root), "", root)] if self._opens(root, 1) else []
        if not stack and self._following(root):
            yield self._more(root, "")
        path = [root]
        while stack:
            waiting, prefix, above = stack[-1]
            if not waiting:
                stack.pop()
                path.pop()
                continue
            node = waiting.pop(0)
            edges = self.lineage.between(node, above) if self.invert else self.lineage.between(above, node)
            row = self._row(node, prefix + _branch(last=not waiting, copied=_is_copied(edges)), edges)
            below = prefix + ("│   " if waiting else "    ")
            following = self._following(node)
            if node in path:
                row.tail = "a cycle"
            elif following and node in self.drawn:
                row.tail = "(*)"
            elif following and not self._opens(node, len(path) + 1):
                yield row
                yield self._more(node, below)
                continue
            yield row
            if following and not row.tail:
                stack.append((following, below, node))
                path.append(node)

    def _opens(self, node: str, level: int) -> bool:
        """Whether what follows `node` is drawn; it is then remembered as drawn."""
        if node in self.drawn or not self._following(node) or (self.depth is not None and level > self.depth):
            return False
        self.drawn.add(node)
        return True

    def _more(self, node: str, prefix: str) -> _Row:
        return _Row(f"{prefix}└── ", f"… {len(self._following(node))} more", "dim")

    def _following(self, node: str) -> list[str]:
        if self.invert:
            return self.lineage.parents(node)
        return self.lineage.children(node)

    def _row(self, node: str, prefix: str, edges: Sequence[Edge]) -> _Row:
        data = self.lineage.nodes[node]
        row = _Row(prefix, data.name, _STYLES[data.kind])
        if data.unresolved:
            row.style = "dim"
        head: Line = [
            ("not known", "dim") if data.unresolved else _tag(edges),
            (f"s6 {data.s6}" if data.s6 is not None else "", "green"),
        ]
        tail: Line = [(" ".join(self._copied(node)), "dim"), (_where(data, edges), "dim")]
        row.columns = [*head, *self._marks(node), *tail]
        brief = self._marks(node, brief=True)
        row.brief = [_clipped(head[0]), head[1], *brief, *tail]
        row.narrow = [*(brief or [("", "")]), _clipped(head[0]), head[1]]
        return row

    def _marks(self, node: str, *, brief: bool = False) -> Line:
        own, inherited = self.marks.own(node), self.marks.of_ancestors(node)
        pieces: Line = []
        if own:
            pieces.append((own.brief if brief else own.text, _FINDINGS[own.worst]))
        if inherited:
            pieces.append((f"({inherited.brief if brief else inherited.text} inherited)", "dim"))
        freshness = self.marks.freshness.get(node)
        if freshness is not None:
            pieces.append((freshness.words, FRESHNESS[freshness.verdict]))
        return pieces

    def _copied(self, node: str) -> Iterator[str]:
        if self.invert:
            return
        for parent in self.lineage.parents(node):
            if self.folded(parent):
                tags = dict.fromkeys(edge.tag for edge in self.lineage.between(parent, node) if edge.tag)
                yield f"+ {self.lineage.nodes[parent].name}{':' if tags else ''}{', :'.join(tags)}"


def _tag(edges: Sequence[Edge]) -> tuple[str, str]:
    tags = dict.fromkeys(_short(edge) for edge in edges if edge.kind == "from" and (edge.tag or edge.digest))
    if tags:
        return f"from {', '.join(tags)}", "yellow"
    if _is_copied(edges):
        return "copied from", "dim"
    return "", ""


def _is_copied(edges: Sequence[Edge]) -> bool:
    """Whether one takes files of the other, and is not built on it."""
    return bool(edges) and all(edge.kind == "copy-from" for edge in edges)


def _branch(*, last: bool, copied: bool) -> str:
    """What leads to a row: dotted where it is copied from, not built on."""
    return ("└" if last else "├") + ("┄┄ " if copied else "── ")


def _clipped(tag: tuple[str, str]) -> tuple[str, str]:
    """The tag; of a very long one the beginning and the end."""
    text, style = tag
    return (text if len(text) <= _LONGEST_TAG else f"{text[: _LONGEST_TAG - 9]}…{text[-8:]}"), style


def _short(edge: Edge) -> str:
    """The tag, or the beginning of the digest where there is only that."""
    return f":{edge.tag}" if edge.tag else f"@{(edge.digest or '').partition(':')[2][:12]}"


def _where(node: GraphNode, edges: Sequence[Edge]) -> str:
    if node.kind == "image":
        return node.id
    return str(edges[0].place) if node.kind == "consumer" and edges else ""


def _aligned(rows: list[_Row], width: int | None) -> Iterator[Line]:
    """The rows with names and tags as columns. Very long ones do not push the columns of all others."""
    lines = list(_lines(rows, width))
    found_some = any(row.narrow[:1] != [("", "")] for row in rows if row.narrow)
    for columns in ("brief", "narrow") if found_some else ("brief",):
        if width is not None and any(sum(len(text) for text, _ in line) > width for line in lines):
            for row in rows:
                row.columns = getattr(row, columns)
            lines = list(_lines(rows, width))
    return iter(lines)


def _lines(rows: list[_Row], width: int | None) -> Iterator[Line]:
    names = [len(row.prefix) + len(row.name) for row in rows if row.columns]
    column = max((length for length in names if length <= _WIDEST_NAME), default=0)
    tags = [len(row.columns[0][0]) for row in rows if row.columns]
    second = max((length for length in tags if length <= _WIDEST_TAG), default=0)
    for row in rows:
        line: Line = [(row.prefix, "dim")] if row.prefix else []
        line.append((row.name, row.style))
        used = len(row.prefix) + len(row.name)
        start = column
        for index, (text, style) in enumerate(row.columns):
            dispensable = index >= len(row.columns) - 2  # what is copied from, and the path
            if text and not (dispensable and width is not None and max(used, start) + len(_GAP) + len(text) > width):
                blank = " " * max(start - used, 0) + _GAP
                line += [(blank, ""), (text, style)]
                used += len(blank) + len(text)
                start = used
            if index == 0:
                start = max(used, column + len(_GAP) + second if second else column)
        if row.tail:
            line.append((_GAP + row.tail, "red" if row.tail == "a cycle" else "dim"))
        yield line


def as_json(lineage: Lineage, marks: Marks = NO_MARKS) -> dict[str, Any]:
    """The graph as lint/output/schemas/graph.json describes it."""
    return {
        "schema": 1,
        "directed": True,
        "nodes": [node_json(node, marks) for node in lineage.nodes.values()],
        "edges": [edge_json(edge) for edge in lineage.edges],
    }


def node_json(node: GraphNode, marks: Marks = NO_MARKS) -> dict[str, Any]:
    """A node of the graph's JSON."""
    data: dict[str, Any] = {"id": node.id, "kind": node.kind, "name": node.name}
    if node.kind in ("image", "stage"):
        data |= {"repo": node.repo, "dockerfile": node.dockerfile, "target": node.target}
        data |= {"names": list(node.names), "origin": "target", "s6": node.s6}
    elif node.kind == "external":
        data |= {"names": list(node.names), "s6": node.s6} | ({"unresolved": True} if node.unresolved else {})
    else:
        data |= {"names": list(node.names), "repo": node.repo}
    if marks.linted and node.kind in ("image", "consumer"):
        data["findings"] = _counts(marks.own(node.id))
        if node.kind == "image":
            data["inherited"] = _counts(marks.of_ancestors(node.id))
    if marks.drifts(node.id):
        data["drift"] = list(marks.drifts(node.id))
    if node.id in marks.freshness:
        data["registry"] = freshness_json(marks.freshness[node.id])
    return data


def _counts(counts: Counts) -> dict[str, int]:
    return {"error": counts.error, "warning": counts.warning, "info": counts.info}


def edge_json(edge: Edge) -> dict[str, Any]:
    """An edge of the graph's JSON."""
    return {
        "source": edge.source,
        "target": edge.target,
        "kind": edge.kind,
        "reference": edge.reference,
        "tag": edge.tag,
        "digest": edge.digest,
        "stage": edge.stage,
        "path": edge.place.path,
        "line": edge.place.line,
    }
