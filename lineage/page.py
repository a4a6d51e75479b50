"""The graph as one self-contained HTML page: to pan, zoom, search and ask, with no network."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from importlib.resources import files
from typing import Any

from .boot import BootPlan
from .errors import Unknown
from .graph import Lineage, Node, NodeKind
from .graphml import xml
from .labels import plain
from .layout import HEIGHT
from .marks import Counts, Marks
from .resolve import Workspace
from .svg import STYLE, arranged, drawn_lines, notes, shortened

FEW = 150
"""Up to so many nodes are all shown when the page opens; of more, the external images are hidden at first."""
MOST_BOOT_PLANS = 500
"""Above so many images their boot plans are left out: reading every start script would take long."""


def as_page(lineage: Lineage, workspace: Workspace, marks: Marks, title: str = "Image lineage") -> str:
    """The page. All names are data in it: the script puts them into text nodes, and its policy forbids any other script,
    style or address.
    """
    grouped, sums, members = _by_repository(lineage, marks)
    images = sum(node.kind == "image" for node in lineage.nodes.values())
    boots = _boot_plans(lineage, workspace) if images <= MOST_BOOT_PLANS else {}
    data = {
        "images": len(lineage.nodes),
        "few": FEW,
        "height": HEIGHT,
        "all": _view(lineage, marks, {}, boots),
        "repositories": _view(grouped, sums, members, {}),
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
    nodes: dict[str, Node] = {}
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
        nodes.setdefault(name, Node(name, kind, node.repo, repo=node.repo))
        if kind == "image" and node.kind == "image":
            nodes[name] = replace(nodes[name], names=(*nodes[name].names, node.name))
    edges = [
        replace(edge, source=group[edge.source], target=group[edge.target])
        for edge in lineage.edges
        if group[edge.source] != group[edge.target]
    ]
    findings = {name: sum((marks.own(node) for node in each), Counts()) for name, each in members.items()}
    drift = {name: tuple(text for node in each for text in marks.drifts(node)) for name, each in members.items()}
    return Lineage.made(nodes.values(), edges), Marks(findings, {}, drift, marks.linted), members


def _view(
    lineage: Lineage, marks: Marks, members: Mapping[str, list[str]], boots: Mapping[str, list[list[str]]]
) -> dict[str, Any]:
    placed = arranged(lineage, marks)
    number = {node: index for index, node in enumerate(lineage.nodes)}
    nodes: list[dict[str, Any]] = []
    for node in lineage.nodes.values():
        box = placed.boxes[node.id]
        data = _about(node, marks) | {"x": round(box.x), "y": round(box.y), "w": round(box.width)}
        data["boot"] = boots.get(node.id, [])
        if node.id in members:
            data["members"] = members[node.id]
        nodes.append(data)
    edges: list[dict[str, Any]] = []
    for line in drawn_lines(lineage, placed):
        places = [[plain(str(edge.place)), plain(edge.reference)] for edge in line.edges]
        x, y = line.end
        ends: dict[str, Any] = {"s": number[line.parent], "t": number[line.child], "x": round(x), "y": round(y)}
        edges.append(ends | {"k": line.edges[0].kind, "g": line.tag, "d": line.path, "lines": places})
    return {"width": round(placed.width), "height": round(placed.height), "nodes": nodes, "edges": edges}


def _about(node: Node, marks: Marks) -> dict[str, Any]:
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
    }


def _boot_plans(lineage: Lineage, workspace: Workspace) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for source in workspace.images:
        if source.id in lineage.nodes and source.readable:
            try:
                found[source.id] = _steps(workspace.boot(source))
            except Unknown:
                continue
    return found


def _steps(plan: BootPlan) -> list[list[str]]:
    return [[plain(f"{step.kind} {step.name}"), plain(str(step.place))] for step in plan.steps]
