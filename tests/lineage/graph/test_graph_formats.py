"""The formats for other programs, read back by those programs or their parsers."""

import io
import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import networkx
import pytest

from ctlint.lineage.graph.annotations import Counts, Marks
from ctlint.lineage.graph.collapse import folded
from ctlint.lineage.graph.dot import as_dot
from ctlint.lineage.graph.graph import GraphNode, Lineage
from ctlint.lineage.graph.graphml import as_graphml
from ctlint.lineage.graph.layout import HEIGHT, layout
from ctlint.lineage.graph.mermaid import LOOK_ALIKES, as_mermaid, too_large
from ctlint.lineage.graph.node_text import plain
from ctlint.lineage.graph.svg import as_svg
from ctlint.lineage.graph.tree import as_json, tree_lines
from ctlint.lint.cli import main
from lineage_graphs import HOSTILE, browser, built_on, fleet_of, hostile, image, repositories

ROOT = Path(__file__).parents[3]
MERMAID = ROOT / "build" / "tools" / "mermaid.min.js"
SVG = "{http://www.w3.org/2000/svg}"
MARKS = Marks(
    {HOSTILE[0]: Counts(2, 1)}, {HOSTILE[1]: Counts(warning=3)}, {HOSTILE[1]: ("a <b> sentence",)}, linted=True
)


def texts(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return ["".join(element.itertext()).strip() for element in root.iter(f"{SVG}text")]


def graphviz(text: str, kind: str) -> str:
    run = subprocess.run(["dot", f"-T{kind}"], input=text, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


def _read_mermaid(text: str) -> str:
    return text.replace("#160;", " ").replace("#44;", ",")


def test_every_format_tells_inherited_findings_from_own_ones() -> None:
    lineage = Lineage.made([image("a"), image("b")], [built_on("a", "b")])
    marks = Marks({"a": Counts(2, 1), "b": Counts()}, {"b": Counts(error=2)}, linted=True)
    own, inherited = "2 errors, 1 warning", "2 errors inherited"
    written = "\n".join(texts(as_svg(lineage, marks)))
    assert own in written
    assert inherited in written
    for text in (as_dot(lineage, marks), _read_mermaid(as_mermaid(lineage, marks))):
        first, second = (line for line in text.splitlines() if line.startswith(("  n0 [", "  n1 [", "  n0[", "  n1[")))
        assert own in first
        assert "inherited" not in first
        assert inherited in second
    tree = ["".join(piece for piece, _ in line) for line in tree_lines(lineage, marks=marks)]
    assert own in tree[0]
    assert f"({inherited})" in tree[1]
    nodes = {node["id"]: node for node in as_json(lineage, marks)["nodes"]}
    assert (nodes["a"]["findings"]["error"], nodes["a"]["inherited"]["error"]) == (2, 0)
    assert (nodes["b"]["findings"]["error"], nodes["b"]["inherited"]["error"]) == (0, 2)
    data = networkx.read_graphml(io.BytesIO(as_graphml(lineage, marks).encode())).nodes
    assert (data["a"]["errors"], data["a"]["inherited_errors"]) == (2, 0)
    assert (data["b"]["errors"], data["b"]["inherited_errors"]) == (0, 2)


def test_a_narrow_tree_counts_in_letters() -> None:
    lineage = Lineage.made([image("a"), image("b")], [built_on("a", "b")])
    marks = Marks({"a": Counts(2, 1), "b": Counts(info=1)}, {"b": Counts(error=2)}, linted=True)

    def rows(width: int) -> list[str]:
        return ["".join(piece for piece, _ in line).rstrip() for line in tree_lines(lineage, width=width, marks=marks)]

    assert "2 errors, 1 warning" in rows(80)[0]
    narrow = rows(44)
    assert "2E 1W" in narrow[0]
    assert "1I  (2E inherited)" in narrow[1]
    assert max(map(len, narrow)) <= 44


def test_a_large_picture_names_external_images_on_what_is_built_on_them() -> None:
    few, large = fleet_of(20), fleet_of(200)
    assert folded(few, Marks()) == (few, Marks())
    lineage, marks = folded(large, Marks())
    assert {node.kind for node in lineage.nodes.values()} == {"image"}
    assert len(lineage.families()) > len(large.families())
    assert marks.folded["acme/app0"] == "from base0:0.0"
    assert any("from base0:0.0" in text for text in texts(as_svg(lineage, marks)))
    assert "from base0:0.0" in graphviz(as_dot(lineage, marks), "canon")
    several = Lineage.made(
        [*large.nodes.values(), GraphNode("x", "external", "x")],
        [*large.edges, built_on("x", "acme/app0", kind="copy-from")],
    )
    assert folded(several, Marks())[1].folded["acme/app0"] == "from base0:0.0 + 1 more"


def test_a_large_picture_is_whole_where_it_was_selected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {f"r/a{number}/Dockerfile": f"FROM base{number % 9}:1\n" for number in range(160)}
    monkeypatch.chdir(repositories(tmp_path, files))
    for kind in ("svg", "dot", "mermaid"):
        assert main(["graph", "--format", kind, "-o", "all"]) == 0
        assert "9 external images are named" in capsys.readouterr().err
        assert "from base3:1" in _read_mermaid(Path("all").read_text())
        assert main(["graph", "--format", kind, "--select", "base3+", "-o", "some"]) == 0
        assert "external images" not in capsys.readouterr().err
        assert "base3" in Path("some").read_text()


def test_graphviz_draws_every_name_as_it_is() -> None:
    lineage = hostile()
    graphviz(as_dot(lineage, MARKS), "canon")
    drawn = json.loads(graphviz(as_dot(lineage, MARKS), "json"))
    assert len(drawn["objects"]) == len(HOSTILE)
    assert len(drawn["edges"]) == len(HOSTILE) - 1
    written = texts(graphviz(as_dot(lineage, MARKS), "svg"))
    for name in HOSTILE:
        assert plain(name) in written
        assert f":{plain(name)}" in written or name == HOSTILE[-1]


@pytest.mark.parametrize("marks", [Marks(), MARKS])
def test_networkx_reads_the_graphml_back(marks: Marks) -> None:
    lineage = hostile()
    graph = networkx.read_graphml(io.BytesIO(as_graphml(lineage, marks).encode()))
    assert set(graph.nodes) == {plain(name) for name in HOSTILE}
    assert {data["name"] for _, data in graph.nodes(data=True)} == {plain(name) for name in HOSTILE}
    assert sorted(graph.edges) == sorted((plain(e.source), plain(e.target)) for e in lineage.edges)
    assert all(data["line"] == 1 and data["kind"] == "from" for _, _, data in graph.edges(data=True))


def test_the_svg_is_xml_and_holds_names_as_text() -> None:
    svg = as_svg(hostile(), MARKS)
    written = texts(svg)
    assert {plain(name) for name in HOSTILE if len(name) <= 44} <= set(written)
    tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()}
    assert tags == {"svg", "title", "style", "rect", "path", "text", "g", "tspan"}
    assert "2 errors, 1 warning" in " ".join(written)


def test_mermaid_parses_and_draws_names_as_text(tmp_path: Path) -> None:
    assert MERMAID.exists(), "`tools/mermaid build/tools/mermaid.min.js` brings Mermaid"
    lineage = hostile()
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><meta charset=utf-8><script src=mermaid.js></script><div id=x></div>")
    (tmp_path / "mermaid.js").write_bytes(MERMAID.read_bytes())
    with browser(tmp_path / "profile") as driver:
        driver.get(page.as_uri())
        for strict in ("strict", "loose"):
            result = driver.execute_async_script(
                """const [text, level, done] = arguments;
                mermaid.initialize({ startOnLoad: false, securityLevel: level });
                mermaid.parse(text).then(() => mermaid.render("graph1", text)).then(({ svg }) => {
                  const x = document.getElementById("x"); x.innerHTML = svg;
                  done({ names: [...x.querySelectorAll(".node .nodeLabel")].map((n) => n.innerText),
                    foreign: x.querySelectorAll("img, script, b, strong, em, a, li, code").length,
                    edges: x.querySelectorAll("path.flowchart-link").length });
                }).catch((error) => done(String(error)));""",
                as_mermaid(lineage, MARKS),
                strict,
            )
            assert isinstance(result, dict), result
            back = str.maketrans({alike: sign for sign, alike in LOOK_ALIKES.items()})
            first = {" ".join(name.split("\n")[0].translate(back).split()) for name in result["names"]}
            assert first == {" ".join(plain(name).split()) for name in HOSTILE}
            assert (result["foreign"], result["edges"]) == (0, len(HOSTILE) - 1)


def test_mermaid_says_when_it_is_too_much() -> None:
    large, small = fleet_of(600), fleet_of(20)
    assert too_large(as_mermaid(large), large)
    assert not too_large(as_mermaid(small), small)


@pytest.mark.parametrize("count", [1, 5, 60, 500])
def test_no_two_boxes_overlap(count: int) -> None:
    lineage = fleet_of(count)
    widths = {node: 60.0 + len(node) * 7 for node in lineage.nodes}
    placed = layout(widths, [(edge.source, edge.target) for edge in lineage.edges])
    boxes = sorted(placed.boxes.values(), key=lambda box: box.x)
    assert len(boxes) == len(lineage.nodes)
    for index, one in enumerate(boxes):
        assert one.x >= 0
        assert one.x + one.width <= placed.width
        assert 0 <= one.y <= placed.height - HEIGHT
        for other in boxes[index + 1 :]:
            if other.x >= one.x + one.width:
                break
            assert abs(other.y - one.y) >= HEIGHT, (one, other)
    for edge in lineage.edges:
        points = placed.lines[edge.source, edge.target]
        parent, child = placed.boxes[edge.source], placed.boxes[edge.target]
        assert points[0] == (parent.x + parent.width, parent.y + HEIGHT / 2)
        assert points[-1] == (child.x, child.y + HEIGHT / 2)
        assert parent.x + parent.width < child.x


def test_many_lines_are_laid_out_in_time_and_run_forward() -> None:
    nodes = [f"n{number:03}" for number in range(400)]
    edges = [(nodes[a], nodes[b]) for b in range(1, 400) for a in range(max(0, b - 40), b) if (a * 7 + b) % 2]
    began = time.process_time()
    nodes.append("lone")
    edges.append(("lone", "n399"))
    placed = layout(dict.fromkeys(nodes, 100.0), edges)
    assert time.process_time() - began < 5
    assert set(placed.boxes) == set(nodes)
    assert set(placed.lines) == set(edges)
    assert all(placed.boxes[a].x < placed.boxes[b].x for a, b in edges)


def test_the_layout_bears_cycles_and_loops() -> None:
    edges = [("a", "b"), ("b", "c"), ("c", "a"), ("a", "a"), ("c", "d"), ("a", "d")]
    placed = layout(dict.fromkeys("abcd", 80.0), edges)
    assert set(placed.boxes) == set("abcd")
    assert set(placed.lines) == {edge for edge in edges if edge != ("a", "a")}


def test_the_tree_has_columns_and_leaves_out_what_does_not_fit() -> None:
    lineage = Lineage.made(
        [image("a/b", s6="3"), image("c/d"), image("b/e")],
        [built_on("a/b", "c/d", "2.0"), built_on("a/b", "b/e", "1")],
    )
    lines = ["".join(text for text, _ in line) for line in tree_lines(lineage, width=30)]
    assert lines == ["a/b                 s6 3  a/b", "├── b/e  from :1    b/e", "└── c/d  from :2.0  c/d"]
    narrow = ["".join(text for text, _ in line) for line in tree_lines(lineage, width=20)]
    assert narrow == ["a/b                 s6 3", "├── b/e  from :1", "└── c/d  from :2.0"]


KINDS = ("dot", "mermaid", "svg", "html", "json", "graphml", "tree")
DRAWN = """\
import sys
from ctlint.lint.cli import main
for kind in sys.argv[2:]:
    assert main(["graph", "--stages", "--consumers", "--format", kind, "-o", f"{sys.argv[1]}/{kind}"]) == 0
"""


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    found: dict[str, set[bytes]] = {kind: set() for kind in KINDS}
    for seed in ("0", "1", "2"):
        subprocess.run(
            [sys.executable, "-c", DRAWN, tmp_path, *KINDS],
            cwd=ROOT / "fixtures" / "fleet",
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "src")},
            check=True,
        )
        for kind in KINDS:
            found[kind].add((tmp_path / kind).read_bytes())
    assert {kind: len(bytes_of) for kind, bytes_of in found.items()} == dict.fromkeys(KINDS, 1)


def test_files_are_written_where_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "fixtures" / "fleet")
    target = tmp_path / "lineage.svg"
    assert main(["graph", "--format", "svg", "-o", str(target)]) == 0
    assert "helxplatform/cloudtop-ohif" in texts(target.read_text())
