"""The graph as a Mermaid flowchart (mermaid.js.org, "Flowcharts - Basic Syntax"). Pure."""

import re

from ..late.patterns import pattern
from .annotations import NO_MARKS, Marks
from .graph import Lineage
from .node_text import node_lines, pairs_of, tag_of

MOST_EDGES, MOST_TEXT = 500, 50_000
"""What Mermaid draws by its defaults (maxEdges, maxTextSize), and GitHub with it."""

_STYLES = (
    ("image", "fill:#e8f0fe,stroke:#3b6fb6,color:#111"),
    ("external", "fill:#f3f3f3,stroke:#888,stroke-dasharray:4 3,color:#111"),
    ("stage", "fill:#fff,stroke:#888,stroke-dasharray:2 2,color:#111"),
    ("consumer", "fill:#e9f7ec,stroke:#3c8d52,color:#111"),
    ("error", "stroke:#c62828,stroke-width:3px"),
    ("warning", "stroke:#b7791f,stroke-width:3px"),
)
LOOK_ALIKES = {"*": "\u2217", "\\": "\u29f5", "`": "\u02cb", "~": "\u223c", "_": "\uff3f", " ": "\u00a0", ">": "\u203a"}
"""Mermaid reads Markdown in labels, whatever way its signs are written. In names of images none of these stands where it
would be one; elsewhere a character that looks the same is no sign."""
_MARKDOWN = pattern(r"[*\\`~> ]|(?<![^\W_])_+|_+(?![^\W_])")
_SPECIAL = pattern(r"[^\w ./:\-]", re.ASCII)


def as_mermaid(lineage: Lineage, marks: Marks = NO_MARKS) -> str:
    """The flowchart. In names every character that could be syntax or HTML is written as an entity code."""
    numbers = {node: f"n{index}" for index, node in enumerate(lineage.nodes)}
    lines = ["flowchart LR"]
    for node in lineage.nodes.values():
        label = " <br/>".join(_escaped(line) for line in node_lines(node, marks))
        worst = marks.own(node.id).worst
        lines.append(f'  {numbers[node.id]}["{label}"]:::{node.kind}')
        if worst in ("error", "warning"):
            lines.append(f"  class {numbers[node.id]} {worst}")
    for parent, child, edges in pairs_of(lineage):
        arrow = "-->" if edges[0].kind == "from" else "-.->"
        tag = tag_of(edges)
        lines.append(
            f"  {numbers[parent]} {arrow}{f'|{chr(34)}{_escaped(tag)}{chr(34)}|' if tag else ''} {numbers[child]}"
        )
    lines += [f"  classDef {name} {style}" for name, style in _STYLES]
    return "\n".join([*lines, ""])


def too_large(text: str, lineage: Lineage) -> bool:
    """Whether Mermaid refuses to draw the flowchart by its defaults."""
    return len(text) > MOST_TEXT or len(pairs_of(lineage)) > MOST_EDGES


def _escaped(text: str) -> str:
    text = _MARKDOWN.sub(lambda match: "".join(LOOK_ALIKES[c] for c in match[0]), text)
    return _SPECIAL.sub(lambda match: f"#{ord(match[0])};", text)
