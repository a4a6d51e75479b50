"""A large graph as a picture: what is not at hand stands on the images that are built on it, not in boxes of its own."""

from collections.abc import Sequence

from ..late.dataclasses import replace
from .annotations import Marks
from .graph import Edge, Lineage
from .node_text import plain

FEW = 150
"""Up to so many nodes are all drawn."""
_LONGEST = 36


def folded(lineage: Lineage, marks: Marks) -> tuple[Lineage, Marks]:
    """The graph without its external images, which `Marks.folded` then names; of few nodes, the graph as it is.

    A public base that many build on would join what has nothing else in common.
    """
    if len(lineage.nodes) <= FEW:
        return lineage, marks
    outside = {node.id for node in lineage.nodes.values() if node.kind == "external"}
    above: dict[str, list[Edge]] = {}
    for edge in lineage.edges:
        if edge.source in outside and edge.target not in outside:
            above.setdefault(edge.target, []).append(edge)
    names = {node: _named(edges) for node, edges in above.items()}
    return lineage.part(set(lineage.nodes) - outside), replace(marks, folded=names)


def _named(edges: Sequence[Edge]) -> str:
    """`from debian:12 + 2 more`: the base, and how many others are copied from or run."""
    first = min(edges, key=lambda edge: edge.kind != "from")
    others = len({edge.source for edge in edges} - {first.source})
    verb = {"from": "from", "copy-from": "copies from", "consumes": "runs"}[first.kind]
    name = plain(first.reference)
    if len(name) > _LONGEST:
        name = f"{name[: _LONGEST // 2]}…{name[-_LONGEST // 2 + 1 :]}"
    return f"{verb} {name}" + (f" + {others} more" if others else "")
