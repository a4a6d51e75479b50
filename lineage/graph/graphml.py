"""The graph as GraphML (graphml.graphdrawing.org), as networkx, yEd and Gephi read it. Pure."""

from collections.abc import Iterable, Iterator

from .annotations import NO_MARKS, Marks
from .graph import Edge, GraphNode, Lineage
from .node_text import plain

_NODE_KEYS = (
    ("kind", "string"),
    ("name", "string"),
    ("names", "string"),
    ("repo", "string"),
    ("dockerfile", "string"),
    ("target", "string"),
    ("s6", "string"),
    ("errors", "int"),
    ("warnings", "int"),
    ("infos", "int"),
    ("inherited_errors", "int"),
    ("inherited_warnings", "int"),
    ("inherited_infos", "int"),
    ("drift", "string"),
    ("registry", "string"),
    ("registry_reason", "string"),
)
_EDGE_KEYS = (
    ("kind", "string"),
    ("reference", "string"),
    ("tag", "string"),
    ("digest", "string"),
    ("stage", "string"),
    ("path", "string"),
    ("line", "int"),
)


def as_graphml(lineage: Lineage, marks: Marks = NO_MARKS) -> str:
    """The graph; several names of an image are divided by blanks."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">']
    for domain, keys in (("node", _NODE_KEYS), ("edge", _EDGE_KEYS)):
        lines += [f'  <key id="{domain}_{n}" for="{domain}" attr.name="{n}" attr.type="{t}"/>' for n, t in keys]
    lines.append('  <graph id="lineage" edgedefault="directed">')
    for node in lineage.nodes.values():
        lines += [f'    <node id="{xml(node.id)}">', *_data("node", _node(node, marks)), "    </node>"]
    for index, edge in enumerate(lineage.edges):
        head = f'    <edge id="e{index}" source="{xml(edge.source)}" target="{xml(edge.target)}">'
        lines += [head, *_data("edge", _edge(edge)), "    </edge>"]
    return "\n".join([*lines, "  </graph>", "</graphml>", ""])


def xml(text: str) -> str:
    """`text` as XML character data or attribute value; what XML has no way to write becomes U+FFFD."""
    escaped = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" or c in "\ufffe\uffff" else c for c in escaped)


def _data(domain: str, values: Iterable[tuple[str, str | int | None]]) -> Iterator[str]:
    for key, value in values:
        if value is not None:
            yield f'      <data key="{domain}_{key}">{xml(str(value))}</data>'


def _node(node: GraphNode, marks: Marks) -> list[tuple[str, str | int | None]]:
    counts, inherited = marks.own(node.id), marks.of_ancestors(node.id)
    freshness = marks.freshness.get(node.id)
    known = marks.linted and node.kind == "image"
    return [
        ("kind", node.kind),
        ("name", node.name),
        ("names", " ".join(node.names)),
        ("repo", node.repo),
        ("dockerfile", node.dockerfile),
        ("target", node.target),
        ("s6", node.s6),
        ("errors", counts.error if known else None),
        ("warnings", counts.warning if known else None),
        ("infos", counts.info if known else None),
        ("inherited_errors", inherited.error if known else None),
        ("inherited_warnings", inherited.warning if known else None),
        ("inherited_infos", inherited.info if known else None),
        ("drift", " ".join(marks.drifts(node.id)) or None),
        ("registry", freshness.verdict if freshness else None),
        ("registry_reason", freshness.reason if freshness else None),
    ]


def _edge(edge: Edge) -> list[tuple[str, str | int | None]]:
    return [
        ("kind", edge.kind),
        ("reference", edge.reference),
        ("tag", edge.tag),
        ("digest", edge.digest),
        ("stage", edge.stage),
        ("path", edge.place.path),
        ("line", edge.place.line),
    ]
