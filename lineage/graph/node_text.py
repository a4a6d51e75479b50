"""What the pictures of a graph write on their nodes and lines, as plain text without control characters."""

from collections.abc import Sequence

from ..late.patterns import pattern
from .annotations import Marks
from .graph import Edge, GraphNode, Lineage

_ORDER = pattern(r"##(?=[a-z]*\[)")


def plain(text: str) -> str:
    """`text` on one line: whatever does not print becomes U+FFFD, and `# #[` what CI would take for an order."""
    text = _ORDER.sub("# #", text)
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)


def node_lines(node: GraphNode, marks: Marks) -> list[str]:
    """The name, then what there is to say of it: s6, findings, freshness."""
    lines = [plain(node.name)]
    if node.unresolved:
        lines.append("not known")
    if node.s6 is not None:
        lines.append(plain(f"s6 {node.s6}"))
    if node.id in marks.folded:
        lines.append(marks.folded[node.id])
    if marks.own(node.id):
        lines.append(marks.own(node.id).text)
    if marks.of_ancestors(node.id):
        lines.append(f"{marks.of_ancestors(node.id).text} inherited")
    if node.id in marks.freshness:
        lines.append(marks.freshness[node.id].words)
    return lines


def tag_of(edges: Sequence[Edge]) -> str:
    """The tags (or digests) that the lines between two nodes name."""
    found = dict.fromkeys(f":{e.tag}" if e.tag else f"@{(e.digest or '')[:19]}" for e in edges if e.tag or e.digest)
    return plain(" ".join(found))


def pairs_of(lineage: Lineage) -> list[tuple[str, str, Sequence[Edge]]]:
    """(parent, child, the lines between them), one for each pair of nodes that are joined."""
    joined = dict.fromkeys((edge.source, edge.target) for edge in lineage.edges)
    return [(parent, child, lineage.between(parent, child)) for parent, child in joined]
