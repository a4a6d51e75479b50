"""Where the nodes and lines of a picture go: layers from left to right, each family of images apart.

The only user of fast-sugiyama (layered drawing after Sugiyama, Tagawa and Toda 1981). Lengths are in pixels.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, sqrt

from fast_sugiyama import from_edges

from ..late.dataclasses import dataclass, replace

ROW, HEIGHT, GAP, COLUMN_GAP, MARGIN = 50.0, 38.0, 128.0, 108.0, 24.0
_FAMILY_GAP = 40.0
_FAN = 6
"""Up to so many leaves of one parent stand below each other; more are set in several columns."""
_LARGE = 1000
_MOST_CROSSINGS = 2_000_000
"""Above so many (nodes times lines beyond those of a tree) it would take long to look for places with few crossings."""
_SHAPE = 1.7
"""Width to height of the whole picture that is aimed at."""
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A node's place: its left upper corner and its width; the height of all is HEIGHT."""

    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class GraphLayout:
    """The picture's size, the boxes by node, and by pair of joined nodes the points that their line runs through."""

    width: float
    height: float
    boxes: Mapping[str, Box]
    lines: Mapping[tuple[str, str], Sequence[Point]]


@dataclass(slots=True)
class _Family:
    boxes: dict[str, Box]
    lines: dict[tuple[str, str], list[Point]]
    width: float
    height: float


def layout(widths: Mapping[str, float], edges: Iterable[tuple[str, str]]) -> GraphLayout:
    """Lay out nodes of the given widths. Cycles are allowed; the same input gives the same picture."""
    joined = sorted({(a, b) for a, b in edges if a in widths and b in widths and a != b})
    blocks = _blocks(widths, joined)
    families = [
        *_families(widths, joined, blocks),
        *(
            _Family({node: Box(0.0, 0.0, widths[node])}, {}, widths[node], HEIGHT)
            for node in sorted(set(widths) - {node for pair in joined for node in pair})
        ),
    ]
    placed = _packed(families)
    undrawn = [pair for pair in joined if pair not in placed.lines]
    direct = {(a, b): _through(placed.boxes[a], (), placed.boxes[b]) for a, b in undrawn}
    return replace(placed, lines={**placed.lines, **direct})


def _blocks(widths: Mapping[str, float], edges: Sequence[tuple[str, str]]) -> dict[str, list[list[str]]]:
    """By parent, the rows of its many leaves."""
    parents: dict[str, list[str]] = {}
    children: dict[str, list[str]] = {}
    for parent, child in edges:
        parents.setdefault(child, []).append(parent)
        children.setdefault(parent, []).append(child)
    found: dict[str, list[list[str]]] = {}
    for parent, below in children.items():
        leaves = [child for child in below if child not in children and len(parents[child]) == 1]
        if len(leaves) > _FAN:
            columns = min(ceil(sqrt(len(leaves) / 4)), 10)
            found[parent] = [leaves[start : start + columns] for start in range(0, len(leaves), columns)]
    return found


def _families(
    widths: Mapping[str, float], edges: Sequence[tuple[str, str]], blocks: Mapping[str, list[list[str]]]
) -> list[_Family]:
    head = {node: row[0] for rows in blocks.values() for row in rows for node in row}
    rows = {row[0]: row for each in blocks.values() for row in each}
    drawn = sorted({(parent, head.get(child, child)) for parent, child in edges})
    names = sorted({node for pair in drawn for node in pair})
    number = {node: index for index, node in enumerate(names)}
    pairs = _acyclic([(number[a], number[b]) for a, b in drawn])
    laid = from_edges(
        pairs if len(names) * (len(pairs) - len(names)) <= _MOST_CROSSINGS else _longest(pairs),
        vertex_spacing=ROW,
        dummy_vertices=True,
        transpose=len(pairs) < _LARGE,
        crossing_minimization="barycenter",
    )
    back = set(drawn) - {(names[a], names[b]) for a, b in pairs}
    families: list[_Family] = []
    for positions, _, _, segments in laid:
        at = {int(node): (float(x), float(y)) for node, (x, y) in positions}
        families.append(_placed(at, [(int(a), int(b)) for a, b in segments or ()], names, widths, rows, back))
    return families


def _acyclic(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pairs with those that would close a cycle turned round."""
    following: dict[int, list[int]] = {}
    for a, b in pairs:
        following.setdefault(a, []).append(b)
    state: dict[int, int] = {}
    turned: set[tuple[int, int]] = set()
    for start in sorted(following):
        stack: list[tuple[int, int]] = [(start, 0)] if start not in state else []
        state.setdefault(start, 1)
        while stack:
            node, index = stack.pop()
            below = following.get(node, [])
            if index == len(below):
                state[node] = 2
                continue
            stack.append((node, index + 1))
            child = below[index]
            if state.get(child) == 1:
                turned.add((node, child))
            elif child not in state:
                state[child] = 1
                stack.append((child, 0))
    return sorted({(b, a) if (a, b) in turned else (a, b) for a, b in pairs})


def _longest(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of each node's lines from its parents the one that the longest chain ends with: every node is as far from its root
    as it is in the whole, so that all other lines run forward too. A root that has none of them keeps one line."""
    parents: dict[int, list[int]] = {}
    following: dict[int, list[int]] = {}
    for parent, child in pairs:
        parents.setdefault(child, []).append(parent)
        following.setdefault(parent, []).append(child)
    level = {node: 0 for node in following if node not in parents}
    missing = {child: len(each) for child, each in parents.items()}
    waiting = sorted(level)
    for node in waiting:
        for child in following.get(node, ()):
            level[child] = max(level.get(child, 0), level[node] + 1)
            missing[child] -= 1
            if not missing[child]:
                waiting.append(child)
    kept = {(max(each, key=lambda parent: (level[parent], -parent)), child) for child, each in parents.items()}
    joined = {node for pair in kept for node in pair}
    return sorted(kept | {(node, min(below)) for node, below in following.items() if node not in joined})


def _placed(
    at: Mapping[int, Point],
    segments: Sequence[tuple[int, int]],
    names: Sequence[str],
    widths: Mapping[str, float],
    rows: Mapping[str, list[str]],
    back: set[tuple[str, str]],
) -> _Family:
    top = max(y for _, y in at.values())
    low = min(x for x, _ in at.values())
    layer = {node: round((top - y) / ROW) for node, (_, y) in at.items()}
    members = {names[node]: rows.get(names[node], [names[node]]) for node in at if node < len(names)}
    column = {node: max(widths[each] for each in row) for node, row in members.items()}
    room = [0.0] * (max(layer.values()) + 1)
    for node in at:
        if node < len(names):
            row = members[names[node]]
            room[layer[node]] = max(room[layer[node]], len(row) * (column[names[node]] + COLUMN_GAP) - COLUMN_GAP)
    wide = [False] * len(room)
    for node in at:
        if node < len(names) and len(members[names[node]]) > 1:
            wide[layer[node]] = True
    lefts = [sum(room[:index]) + index * GAP for index in range(len(room))]
    boxes: dict[str, Box] = {}
    lane: dict[int, Point] = {}
    for node, (x, _) in at.items():
        y = x - low
        lane[node] = (lefts[layer[node]], y + HEIGHT / 2)
        for index, each in enumerate(members[names[node]]) if node < len(names) else ():
            boxes[each] = Box(lefts[layer[node]] + index * (column[names[node]] + COLUMN_GAP), y, widths[each])
    lines: dict[tuple[str, str], list[Point]] = {}
    follow: dict[int, list[int]] = {}
    for a, b in segments:
        follow.setdefault(a, []).append(b)
    for start in sorted(follow):
        if start >= len(names):
            continue
        own = boxes[names[start]]
        edge_of_layer = lefts[layer[start]] + room[layer[start]]
        for step in follow[start]:
            # Beside boxes that stand in rows a line goes straight on first: below and above it there are other boxes.
            between: list[Point] = [(edge_of_layer, own.y + HEIGHT / 2)] if wide[layer[start]] else []
            end = step
            while end >= len(names):
                between.append((lane[end][0], lane[end][1]))
                between.append((lane[end][0] + room[layer[end]], lane[end][1]))
                end = follow[end][0]
            for child in members[names[end]]:
                parent = names[start]
                if (child, parent) in back:
                    lines[(child, parent)] = list(reversed(_through(boxes[parent], between, boxes[child])))
                else:
                    lines[(parent, child)] = _through(boxes[parent], between, boxes[child], lane[end][0])
    height = max(box.y for box in boxes.values()) + HEIGHT
    return _Family(boxes, lines, lefts[-1] + room[-1], height)


def _through(parent: Box, between: Sequence[Point], child: Box, left: float | None = None) -> list[Point]:
    """The points of a line; to a box behind others of its row it runs below them."""
    points = [(parent.x + parent.width, parent.y + HEIGHT / 2), *between]
    if left is not None and child.x > left:
        lane = child.y + HEIGHT + (ROW - HEIGHT) / 2
        points += [(left, lane), (child.x - COLUMN_GAP / 3, lane)]
    return [*points, (child.x, child.y + HEIGHT / 2)]


def _packed(families: Sequence[_Family]) -> GraphLayout:
    """The families in columns, the tallest first."""
    ordered = sorted(families, key=lambda family: (-family.height, -family.width, min(family.boxes)))
    area = sum((family.width + _FAMILY_GAP) * (family.height + _FAMILY_GAP) for family in ordered)
    limit = max(sqrt(area / _SHAPE), max((family.height for family in ordered), default=0.0))
    boxes: dict[str, Box] = {}
    lines: dict[tuple[str, str], Sequence[Point]] = {}
    x, y, wide, tall = MARGIN, MARGIN, 0.0, 0.0
    for family in ordered:
        if y > MARGIN and y + family.height > limit + MARGIN:
            x, y, wide = x + wide + _FAMILY_GAP, MARGIN, 0.0
        boxes |= {node: Box(box.x + x, box.y + y, box.width) for node, box in family.boxes.items()}
        lines |= {pair: [(a + x, b + y) for a, b in points] for pair, points in family.lines.items()}
        wide = max(wide, family.width)
        tall = max(tall, y + family.height)
        y += family.height + (_FAMILY_GAP if family.lines else ROW - HEIGHT)
    return GraphLayout(x + wide + MARGIN, tall + MARGIN, boxes, lines)
