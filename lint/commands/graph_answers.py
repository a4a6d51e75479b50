"""What the graph answers, as lines for the terminal and as JSON: --why, --impact, --cycles. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ...lineage.graph.graph import Edge, Lineage
from ...lineage.graph.tree import Line, edge_json


def edge_lines(lineage: Lineage, edges: Sequence[Edge]) -> Iterator[Line]:
    """One line for each edge: where it stands, and what it says."""
    places = [str(edge.place) for edge in edges]
    wide = max(map(len, places), default=0)
    for edge, place in zip(edges, places, strict=True):
        keyword = {"from": "FROM", "copy-from": "COPY --from", "consumes": "uses"}[edge.kind]
        target = lineage.nodes[edge.target]
        yield [
            (f"{place:<{wide}}", "blue"),
            ("  ", ""),
            (target.name, "bold"),
            (f"  {keyword} ", "dim"),
            (edge.reference, "yellow"),
        ]


def why_json(edges: Sequence[Edge]) -> dict[str, Any]:
    """The chain of lines by which one image descends from another, the descendant's first."""
    return {"schema": 1, "why": [edge_json(edge) for edge in edges]}


def cycle_lines(lineage: Lineage, cycles: Iterable[Sequence[Edge]]) -> Iterator[Line]:
    """Each cycle: the images in it, and the lines that make it."""
    for number, cycle in enumerate(cycles):
        if number:
            yield []
        names = [lineage.nodes[edge.source].name for edge in cycle]
        yield [("cycle: ", "red"), (" → ".join([*names, names[0]]), "bold")]
        for line in edge_lines(lineage, cycle):
            yield [("  ", ""), *line]


def cycles_json(cycles: Iterable[Sequence[Edge]]) -> dict[str, Any]:
    """All cycles, each as its lines."""
    return {"schema": 1, "cycles": [[edge_json(edge) for edge in cycle] for cycle in cycles]}


def impact_lines(lineage: Lineage, waves: Sequence[Sequence[str]], restarted: Sequence[Edge] = ()) -> Iterator[Line]:
    """The images to rebuild in build order, a wave at a time: those of one wave need only earlier ones; and then the
    deployments that restart with them.
    """
    names = [lineage.nodes[node].name for wave in waves for node in wave]
    wide = max(map(len, names), default=0)
    for number, wave in enumerate(waves, 1):
        for index, node in enumerate(wave):
            data = lineage.nodes[node]
            head = str(number) if index == 0 else ""
            target = f"  --target {data.target}" if data.target else ""
            yield [
                (f"{head:>{len(str(len(waves)))}}  ", "cyan"),
                (f"{data.name:<{wide}}", "bold"),
                (f"  {data.path or ''}{target}", ""),
            ]
    yield from _restart_lines(lineage, restarted)


def _restart_lines(lineage: Lineage, restarted: Sequence[Edge]) -> Iterator[Line]:
    if not restarted:
        return
    places = [str(edge.place) for edge in restarted]
    wide = max(map(len, places))
    yield []
    yield [("then restart", "bold")]
    for edge, place in zip(restarted, places, strict=True):
        title = f"  {edge.stage}" if edge.stage else ""
        yield [
            ("  ", ""),
            (f"{place:<{wide}}", "blue"),
            (f"{title}  runs ", "dim"),
            (lineage.nodes[edge.source].name, "bold"),
        ]


def impact_json(
    lineage: Lineage, changed: Sequence[str], waves: Sequence[Sequence[str]], restarted: Sequence[Edge] = ()
) -> dict[str, Any]:
    """What to rebuild. Each of `waves` is a matrix for a CI job (`matrix: ${{ fromJSON(…).waves[0] }}`)."""
    return {
        "schema": 1,
        "changed": list(changed),
        "waves": [{"include": [_build(lineage, node) for node in wave]} for wave in waves],
        "restart": [
            {
                "path": edge.place.path,
                "line": edge.place.line,
                "service": edge.stage,
                "image": lineage.nodes[edge.source].name,
                "reference": edge.reference,
            }
            for edge in restarted
        ],
    }


def _build(lineage: Lineage, node: str) -> dict[str, str]:
    data = lineage.nodes[node]
    return {
        "id": data.id,
        "image": data.name,
        "repo": data.repo or "",
        "dockerfile": data.path or "",
        "context": data.context or "",
        "target": data.target or "",
    }
