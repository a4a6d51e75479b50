"""The graph as one self-contained HTML page: to pan, zoom, search and ask, with no network."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any

from ..late.dataclasses import replace
from ..remote.freshness import VERDICTS, Freshness
from ..workspace.workspace import Workspace
from .annotations import Counts, Marks
from .collapse import FEW
from .freshness_text import told
from .graph import GraphNode, Lineage, NodeKind
from .graphml import xml
from .layout import HEIGHT, GraphLayout
from .node_text import plain
from .page_facts import PageFacts
from .svg import STYLE, arranged, drawn_lines, notes, shortened

MOST_WHOLE_IMAGES = 500
"""Above so many images, what each is after its chain and how it starts are left out: the page would be slow to open."""


def as_page(lineage: Lineage, workspace: Workspace, marks: Marks, title: str = "Image lineage") -> str:
    """The page. All names are data in it: the script puts them into text nodes, and its policy forbids any other script,
    style or address.
    """
    grouped, sums, members = _by_repository(lineage, marks)
    images = sum(node.kind == "image" for node in lineage.nodes.values())
    facts = PageFacts(lineage, workspace, marks, whole=images <= MOST_WHOLE_IMAGES)
    large = len(lineage.nodes) > FEW
    data = {
        "large": large,
        "linted": marks.linted,
        "height": HEIGHT,
        "all": _view(lineage, marks, {}, facts, large=large),
        "repositories": _view(grouped, sums, members, None, large=large),
    }
    style, script = STYLE + _template("page.css"), _template("page.js")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    parts = {"title": xml(title), "policy": policy, "style": style, "script": script, "data": _embedded(data)}
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _template("page.html"))


def _template(name: str) -> str:
    return (files(__name__.rpartition(".")[0]) / "templates" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _embedded(data: Any) -> str:
    """JSON that can stand inside a script element: nothing in it ends that, or begins a comment."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _by_repository(lineage: Lineage, marks: Marks) -> tuple[Lineage, Marks, Mapping[str, list[str]]]:
    """The graph with one node for each repository that makes images, and one for each that runs some."""
    group: dict[str, str] = {}
    nodes: dict[str, GraphNode] = {}
    members: dict[str, list[str]] = {}
    for node in lineage.nodes.values():
        if node.repo is None or node.kind == "external":
            group[node.id] = node.id
            nodes[node.id] = node
            continue
        kind: NodeKind = "consumer" if node.kind == "consumer" else "image"
        name = f"{kind}:{node.repo}"
        group[node.id] = name
        members.setdefault(name, []).append(node.id)
        nodes.setdefault(name, GraphNode(name, kind, node.repo, repo=node.repo))
        if kind == "image" and node.kind == "image":
            nodes[name] = replace(nodes[name], names=(*nodes[name].names, node.name))
    edges = [
        replace(edge, source=group[edge.source], target=group[edge.target])
        for edge in lineage.edges
        if group[edge.source] != group[edge.target]
    ]
    findings = {name: sum((marks.own(node) for node in each), Counts()) for name, each in members.items()}
    inherited = {name: sum((marks.of_ancestors(node) for node in each), Counts()) for name, each in members.items()}
    drift = {name: tuple(text for node in each for text in marks.drifts(node)) for name, each in members.items()}
    freshness = {name: found for name, each in members.items() if (found := _worst(marks, each)) is not None}
    return Lineage.made(nodes.values(), edges), Marks(findings, inherited, drift, marks.linted, freshness), members


def _worst(marks: Marks, nodes: list[str]) -> Freshness | None:
    found = [marks.freshness[node] for node in nodes if node in marks.freshness]
    return min(found, key=lambda freshness: VERDICTS.index(freshness.verdict), default=None)


def _view(
    lineage: Lineage, marks: Marks, members: Mapping[str, list[str]], facts: PageFacts | None, *, large: bool
) -> dict[str, Any]:
    placed = arranged(lineage, marks)
    number = {node: index for index, node in enumerate(lineage.nodes)}
    closer = _without_externals(lineage, marks) if large else GraphLayout(0.0, 0.0, {}, {})
    nodes: list[dict[str, Any]] = []
    for node in lineage.nodes.values():
        box = placed.boxes[node.id]
        data = _about(node, marks) | {"x": round(box.x), "y": round(box.y), "w": round(box.width)}
        if node.id in closer.boxes:
            data["f"] = [round(closer.boxes[node.id].x), round(closer.boxes[node.id].y)]
        if facts is not None:
            data |= facts.of(node.id)
        if node.id in members:
            data["members"] = members[node.id]
        nodes.append({key: value for key, value in data.items() if value not in ("", [], None)})
    edges: list[dict[str, Any]] = []
    folded = {(line.parent, line.child): line for line in drawn_lines(lineage, closer)}
    for line in drawn_lines(lineage, placed):
        places = [[plain(str(edge.place)), plain(edge.reference)] for edge in line.edges]
        x, y = line.end
        ends: dict[str, Any] = {"s": number[line.parent], "t": number[line.child], "x": round(x), "y": round(y)}
        edges.append(ends | {"k": line.edges[0].kind, "g": line.tag, "d": line.path, "lines": places})
        if (line.parent, line.child) in folded:
            other = folded[line.parent, line.child]
            edges[-1]["f"] = [other.path, *map(round, other.end)]
    return {"width": round(placed.width), "height": round(placed.height), "nodes": nodes, "edges": edges}


def _without_externals(lineage: Lineage, marks: Marks) -> GraphLayout:
    """Where the others go while the external images are hidden, as they are at first in a large graph."""
    return arranged(lineage.part({node.id for node in lineage.nodes.values() if node.kind != "external"}), marks)


def _about(node: GraphNode, marks: Marks) -> dict[str, Any]:
    own, inherited = marks.own(node.id), marks.of_ancestors(node.id)
    return {
        "id": plain(node.id),
        "kind": node.kind,
        "name": plain(node.name),
        "short": shortened(node.name),
        "names": [plain(name) for name in node.names],
        "repo": plain(node.repo or ""),
        "path": plain(node.path or ""),
        "target": plain(node.target or ""),
        "s6": plain(node.s6 or ""),
        "notes": notes(node, marks),
        "findings": own.text or ("none" if marks.linted and node.kind == "image" else ""),
        "inherited": inherited.text,
        "worst": own.worst,
        "drift": [plain(text) for text in marks.drifts(node.id)],
        "registry": told(marks.freshness[node.id]) if node.id in marks.freshness else [],
    }
