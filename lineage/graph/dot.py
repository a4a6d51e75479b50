"""The graph in Graphviz's DOT language (graphviz.org, "DOT Language"). Pure."""

from .annotations import NO_MARKS, Marks
from .graph import GraphNode, Lineage
from .node_text import node_lines, pairs_of, plain, tag_of

_STYLES = {
    "image": 'shape=box style="rounded,filled" fillcolor="#e8f0fe" color="#3b6fb6"',
    "external": 'shape=box style="filled,dashed" fillcolor="#f3f3f3" color="#888888"',
    "stage": 'shape=box style="rounded,dotted" color="#888888"',
    "consumer": 'shape=note style="filled" fillcolor="#e9f7ec" color="#3c8d52"',
}
_WORST = {"error": ' color="#c62828" penwidth=2', "warning": ' color="#b7791f" penwidth=2', "info": "", "": ""}


def as_dot(lineage: Lineage, marks: Marks = NO_MARKS) -> str:
    """The graph for `dot`. Names stand in quoted strings, where graphviz reads neither escapes nor entities in them."""
    numbers = {node: f"n{index}" for index, node in enumerate(lineage.nodes)}
    lines = ["digraph lineage {", "  rankdir=LR;", '  node [fontname="sans-serif" fontsize=11];']
    lines += ['  edge [fontname="sans-serif" fontsize=9 color="#777777"];']
    lines += [f"  {numbers[node.id]} [{_node(node, marks)}];" for node in lineage.nodes.values()]
    for parent, child, edges in pairs_of(lineage):
        dashed = "" if edges[0].kind == "from" else " style=dashed"
        where = _quoted(", ".join(str(edge.place) for edge in edges))
        lines.append(
            f"  {numbers[parent]} -> {numbers[child]} [label={_quoted(tag_of(edges))} tooltip={where}{dashed}];"
        )
    return "\n".join([*lines, "}", ""])


def _node(node: GraphNode, marks: Marks) -> str:
    label = "\\n".join(_escaped(line) for line in node_lines(node, marks))
    pieces = [f'label="{label}"', _STYLES[node.kind] + _WORST[marks.own(node.id).worst], f"tooltip={_quoted(node.id)}"]
    if node.names:
        pieces.append(f"names={_quoted(' '.join(node.names))}")
    return " ".join(pieces)


def _quoted(text: str) -> str:
    return f'"{_escaped(plain(text))}"'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
