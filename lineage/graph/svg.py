"""The graph as an SVG picture, light or dark as the reader's system is. Pure."""

from collections.abc import Iterator, Sequence

from ..late.dataclasses import dataclass
from .annotations import NO_MARKS, Marks
from .graph import Edge, GraphNode, Lineage
from .graphml import xml
from .layout import HEIGHT, Box, GraphLayout, Point, layout
from .node_text import pairs_of, plain, tag_of

_CHARACTER, _PADDING, _NARROWEST = 7.3, 24, 90
_MOST_CHARACTERS, _LONGEST_TAG, _MOST_TAGS = 44, 15, 2

STYLE = """
  .lineage { --ink: #1b1f24; --faint: #59636e; --paper: #ffffff; --line: #9aa4b0; --image: #e9f1fd; --image-edge: #3b6fb6;
    --external: #f3f4f6; --external-edge: #7b8591; --consumer: #e8f7ec; --consumer-edge: #2f8148; --error: #c62828;
    --warning: #a86400; --drift: #8e44ad; font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
  @media (prefers-color-scheme: dark) { .lineage:not(.light) { --ink: #e6e9ee; --faint: #9aa4b2; --paper: #14181d;
    --line: #5c6773; --image: #1d2d44; --image-edge: #6ea1e6; --external: #22272e; --external-edge: #8a94a1;
    --consumer: #17301f; --consumer-edge: #5cc07c; --error: #ff7b72; --warning: #e3b341; --drift: #c792ea; } }
  .lineage.dark { --ink: #e6e9ee; --faint: #9aa4b2; --paper: #14181d; --line: #5c6773; --image: #1d2d44;
    --image-edge: #6ea1e6; --external: #22272e; --external-edge: #8a94a1; --consumer: #17301f; --consumer-edge: #5cc07c;
    --error: #ff7b72; --warning: #e3b341; --drift: #c792ea; }
  .lineage .paper { fill: var(--paper); }
  .lineage text { fill: var(--ink); }
  .lineage .note { fill: var(--faint); font-size: 10px; }
  .lineage .note .error { fill: var(--error); font-weight: 600; } .lineage .note .warning { fill: var(--warning); }
  .lineage .note .drift { fill: var(--drift); }
  .lineage .note .stale { fill: var(--error); font-weight: 600; } .lineage .note .unreachable { fill: var(--warning); }
  .lineage .note .fresh { fill: var(--consumer-edge); }
  .lineage .node rect { fill: var(--image); stroke: var(--image-edge); }
  .lineage .external rect { fill: var(--external); stroke: var(--external-edge); stroke-dasharray: 4 3; }
  .lineage .stage rect { fill: none; stroke: var(--external-edge); stroke-dasharray: 2 2; }
  .lineage .consumer rect { fill: var(--consumer); stroke: var(--consumer-edge); }
  .lineage .node.error rect { stroke: var(--error); stroke-width: 2; }
  .lineage .node.warning rect { stroke: var(--warning); stroke-width: 2; }
  .lineage .tag { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }
  .lineage .line { fill: none; stroke: var(--line); stroke-width: 1.3; }
  .lineage .copy-from, .lineage .consumes { stroke-dasharray: 5 4; }
"""


def as_svg(lineage: Lineage, marks: Marks = NO_MARKS) -> str:
    """A picture that stands alone: no script, no font, no address of anything else."""
    placed = arranged(lineage, marks)
    size = (
        f'width="{placed.width:.0f}" height="{placed.height:.0f}" viewBox="0 0 {placed.width:.0f} {placed.height:.0f}"'
    )
    count = len(lineage.nodes)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="lineage" role="img" {size}>',
            f"<title>Lineage of {count} image{'' if count == 1 else 's'}</title>",
            f"<style>{STYLE}</style>",
            '<rect class="paper" width="100%" height="100%"/>',
            *_lines(lineage, placed),
            *(_box(node, placed.boxes[node.id], marks) for node in lineage.nodes.values()),
            "</svg>",
            "",
        ]
    )


def arranged(lineage: Lineage, marks: Marks = NO_MARKS) -> GraphLayout:
    """The layout of a graph's picture."""
    widths = {node.id: width_of(node, marks) for node in lineage.nodes.values()}
    return layout(widths, [(parent, child) for parent, child, _ in pairs_of(lineage)])


def width_of(node: GraphNode, marks: Marks) -> float:
    """The width that a node's texts need, in pixels."""
    note = sum(len(text) + 2 for text, _ in notes(node, marks))
    return max(len(shortened(node.name)) * _CHARACTER + _PADDING, note * 5.6 + _PADDING, _NARROWEST)


def shortened(name: str) -> str:
    """The name; of a very long one the beginning and the end."""
    text = plain(name)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:14]}…{text[-(_MOST_CHARACTERS - 15) :]}"


def notes(node: GraphNode, marks: Marks) -> list[tuple[str, str]]:
    """(text, class) of what stands below the name."""
    found: list[tuple[str, str]] = []
    if node.s6 is not None:
        found.append((plain(f"s6 {node.s6}"), ""))
    own, inherited = marks.own(node.id), marks.of_ancestors(node.id)
    if node.id in marks.folded:
        found.append((marks.folded[node.id], ""))
    if own:
        found.append((own.text, own.worst))
    if inherited:
        found.append((f"{inherited.text} inherited", ""))
    if node.id in marks.freshness:
        found.append((marks.freshness[node.id].words, marks.freshness[node.id].verdict))
    return found or [(node.kind, "")]


def curve(points: Sequence[Point]) -> str:
    """The path of a line through points: straight along a layer, curved from one to the next."""
    (x, y), *rest = points
    pieces = [f"M{x:.0f} {y:.0f}"]
    for a, b in rest:
        bend = max(abs(a - x) / 2, 14) if b != y else 0
        pieces.append(
            f"C{x + bend:.0f} {y:.0f} {a - bend:.0f} {b:.0f} {a:.0f} {b:.0f}" if bend else f"L{a:.0f} {b:.0f}"
        )
        x, y = a, b
    return "".join(pieces)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line of the picture: the nodes it joins, its path, and the tag with the place where that ends."""

    parent: str
    child: str
    edges: Sequence[Edge]
    path: str
    tag: str
    end: Point


def drawn_lines(lineage: Lineage, placed: GraphLayout) -> Iterator[Drawn]:
    """The lines between nodes. Tags of two that end at one node stand above and below them; more have no room."""
    ends: dict[str, int] = {}
    for parent, child, edges in pairs_of(lineage):
        points = placed.lines.get((parent, child))
        if not points:
            continue
        tag = tag_of(edges)
        x, y = points[-1]
        below = ends.get(child, 0) if tag else 0
        ends[child] = below + bool(tag)
        short = tag if len(tag) <= _LONGEST_TAG else f"{tag[:7]}…{tag[-7:]}"
        if below >= _MOST_TAGS:
            short = ""
        yield Drawn(parent, child, edges, curve(points), short, (x - 5, y - 4 + 15 * below))


def _lines(lineage: Lineage, placed: GraphLayout) -> Iterator[str]:
    for line in drawn_lines(lineage, placed):
        what = "; ".join(f"{edge.place} {edge.reference}" for edge in line.edges)
        yield f'<path class="line {line.edges[0].kind}" d="{line.path}"><title>{xml(what)}</title></path>'
        if line.tag:
            x, y = line.end
            yield f'<text class="note tag" x="{x:.0f}" y="{y:.0f}" text-anchor="end">{xml(line.tag)}</text>'


def _box(node: GraphNode, box: Box, marks: Marks) -> str:
    worst = marks.own(node.id).worst
    text = "  ".join(
        f'<tspan class="{kind}">{xml(note)}</tspan>' if kind else xml(note) for note, kind in notes(node, marks)
    )
    return (
        f'<g class="node {node.kind} {worst}" transform="translate({box.x:.0f} {box.y:.0f})">'
        f'<title>{xml(node.id)}</title><rect width="{box.width:.0f}" height="{HEIGHT:.0f}" rx="6"/>'
        f'<text x="12" y="16">{xml(shortened(node.name))}</text>'
        f'<text class="note" x="12" y="30" xml:space="preserve">{text}</text></g>'
    )
