"""What the graph answers: chains, impact, cycles, neighbourhoods, drift, consumers, findings."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ctlint.lineage.graph.annotations import Marks
from ctlint.lineage.graph.graph import Lineage
from ctlint.lineage.graph.page_facts import PageFacts
from ctlint.lineage.workspace.s6_releases import S6Marks
from ctlint.lint.cli import main
from ctlint.lint.output.json_schema import schema
from folding import workspace
from lineage_graphs import built_on, image, repositories
from linting import workspace_of

ROOT = Path(__file__).parents[3]
FLEET = ROOT / "fixtures" / "fleet"


def said(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str]:
    code = main(argv)
    return code, capsys.readouterr().out


def data(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    answer = json.loads(said(capsys, "graph", "--format", "json", *argv)[1])
    jsonschema.validate(answer, json.loads(schema("graph")))
    return answer


@pytest.fixture(autouse=True)
def in_fleet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FLEET)


def test_why_names_the_lines_from_child_to_ancestor(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = said(capsys, "graph", "--why", "cloudtop-octave-gnuplot", "tomcat")
    assert code == 0
    assert [row.split()[0].rpartition(":")[0] for row in out.splitlines()] == [
        "cloudtop-octave-gnuplot/Docker.gnuplot",
        "cloudtop-octave/Docker.octave",
        "cloudtop/Dockerfile",
    ]
    assert said(capsys, "graph", "--why", "tomcat", "cloudtop-octave-gnuplot") == (code, out)
    edges = data(capsys, "--why", "cloudtop-ohif", "heliumdatastage/cloudtop")["why"]
    assert [(edge["path"], edge["tag"]) for edge in edges] == [("cloudtop-ohif/Dockerfile", "develop-latest")]


def test_why_without_a_chain_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = said(capsys, "graph", "--why", "cloudtop-ohif", "webtop-base")
    assert code == 1
    assert "descends from the other" in out
    assert said(capsys, "graph", "--why", "cloudtop-ohif", "no-such-image")[0] == 2


def test_why_prefers_from_to_a_shorter_way_by_copy() -> None:
    edges = [built_on("a", "b"), built_on("b", "c"), built_on("a", "c", kind="copy-from")]
    lineage = Lineage.made(map(image, "abc"), edges)
    assert [edge.kind for edge in lineage.why("a", "c")] == ["from", "from"]


def test_impact_is_a_build_order(capsys: pytest.CaptureFixture[str]) -> None:
    answer = data(capsys, "--impact", "helxplatform/cloudtop")
    waves = [[build["id"] for build in wave["include"]] for wave in answer["waves"]]
    assert waves[0] == ["cloudtop/Dockerfile"]
    assert waves[2] == ["cloudtop-octave-gnuplot/Docker.gnuplot"]
    edges = data(capsys)["edges"]
    wave_of = {image: number for number, wave in enumerate(waves) for image in wave}
    for edge in edges:
        if edge["source"] in wave_of:
            assert wave_of[edge["source"]] < wave_of[edge["target"]]
    for wave in answer["waves"]:
        for build in wave["include"]:
            assert Path(build["dockerfile"]).is_file()
            assert Path(build["context"]).is_dir()


def test_impact_of_an_external_image_leaves_it_out(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = said(capsys, "graph", "--impact", "node")
    assert code == 0
    built, restarted = out.split("\nthen restart\n")
    assert [row.split()[1:] for row in built.splitlines()] == [
        ["helxplatform/cloudtop-ohif", "cloudtop-ohif/Dockerfile"]
    ]
    assert restarted.split()[1:] == ["cloudtop-ohif", "runs", "helxplatform/cloudtop-ohif"]


@pytest.mark.parametrize("page", ["https://hub.docker.com/_/node", "hub.docker.com/_/node/tags?page=2"])
def test_an_image_is_found_by_its_page_on_docker_hub(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "graph", "--impact", page) == said(capsys, "graph", "--impact", "node")
    cloudtop = "https://hub.docker.com/r/helxplatform/cloudtop/"
    assert said(capsys, "graph", "--why", "cloudtop-ohif", cloudtop)[0] == 0
    assert said(capsys, "inspect", ".", cloudtop) == said(capsys, "inspect", ".", "helxplatform/cloudtop")


def test_impact_ends_with_the_deployments_that_restart(capsys: pytest.CaptureFixture[str]) -> None:
    (deployment,) = data(capsys, "--impact", "node")["restart"]
    assert deployment["path"] == "app-specs/cloudtop-ohif/docker-compose.yaml"


def test_impact_takes_images_that_descend_from_each_other_together() -> None:
    edges = [built_on("a", "b"), built_on("b", "c"), built_on("c", "b"), built_on("c", "d")]
    assert Lineage.made(map(image, "abcd"), edges).impact(["a"]) == [["a"], ["b", "c"], ["d"]]


def test_cycles(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(capsys, "graph", "--cycles") == (0, "No image descends from itself.\n")
    monkeypatch.chdir(
        repositories(
            tmp_path,
            {
                "one/Dockerfile": "FROM acme/two:1\n",
                "one/config.env": "IMAGE_REPO=acme\nAPP_NAME=one\nTAG=1\n",
                "two/Dockerfile": "FROM acme/one:1\n",
                "two/config.env": "IMAGE_REPO=acme\nAPP_NAME=two\nTAG=1\n",
            },
        )
    )
    (cycle,) = data(capsys, "--cycles")["cycles"]
    assert {edge["path"] for edge in cycle} == {"one/Dockerfile", "two/Dockerfile"}
    code, out = said(capsys, "graph", "--cycles")
    assert code == 1
    assert "cycle: acme/one → acme/two → acme/one" in out
    assert "a cycle" in said(capsys, "graph")[1]


def test_focus_is_two_hops(capsys: pytest.CaptureFixture[str]) -> None:
    nodes = {node["id"] for node in data(capsys, "--focus", "cloudtop-octave-gnuplot")["nodes"]}
    assert nodes == {"cloudtop-octave-gnuplot/Docker.gnuplot", "cloudtop-octave/Docker.octave", "cloudtop/Dockerfile"}


def test_drift(capsys: pytest.CaptureFixture[str]) -> None:
    found = data(capsys, "--drift")["drift"]
    assert [(each["kind"], each["subject"], each["images"]) for each in found] == [
        ("tags", "helxplatform/cloudtop", ["cloudtop-imagej-napari/Dockerfile"]),
        ("renamed", "helxplatform/cloudtop-imagej-napari", ["cloudtop-imagej-napari/Dockerfile"]),
    ]
    code, out = said(capsys, "graph", "--drift")
    assert code == 1
    assert "cloudtop-imagej-napari/Dockerfile:1" in out
    assert "drift" not in said(capsys, "graph")[1], "a word that explains nothing stands on no row"
    (adrift,) = (node for node in data(capsys)["nodes"] if node.get("drift"))
    assert adrift["id"] == "cloudtop-imagej-napari/Dockerfile"


def test_drift_of_defaults_names_and_consumers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(
        repositories(
            tmp_path,
            {
                "one/Dockerfile": "ARG TAG=1.0\nFROM debian:$TAG\n",
                "one/Makefile": "build:\n\tdocker build --build-arg TAG=2.0 -t acme/app:1 .\nagain:\n\tdocker build --build-arg TAG=2.0 -t acme/app:1 .\n",
                "two/Dockerfile": "FROM debian:1.0\n",
                "two/Makefile": "build:\n\tdocker build -t acme/app:1 .\n",
                "use/docker-compose.yaml": "services:\n  x:\n    image: acme/gone:1\n  y:\n    image: other/thing:1\n",
                "use/Dockerfile": "FROM alpine\n",
            },
        )
    )
    found = {each["kind"]: each for each in data(capsys, "--drift")["drift"]}
    assert "debian:1.0 by its Dockerfile, and on debian:2.0" in found["default"]["message"]
    assert [place["path"] for place in found["default"]["places"]] == ["one/Dockerfile", "one/Makefile", "one/Makefile"]
    assert found["published-twice"]["images"] == ["one/Dockerfile", "two/Dockerfile"]
    assert [(p["path"], p["line"]) for p in found["unpublished"]["places"]] == [("use/docker-compose.yaml", 3)]
    assert found["unpublished"]["subject"] == "acme/gone"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (
            ".github/workflows/build.yml",
            "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n"
            "      - uses: docker/build-push-action@v6\n        with:\n          context: .\n          tags: acme/app:1\n"
            "          build-args: |\n            TAG=2.0\n",
        ),
        (".gitlab-ci.yml", "build:\n  script:\n    - docker build --build-arg TAG=2.0 -t acme/app:1 .\n"),
        (
            "docker-compose.yml",
            "services:\n  app:\n    image: acme/app:1\n    build:\n      context: .\n      args:\n        TAG: '2.0'\n",
        ),
        ("config.env", "TAG=2.0\n"),
    ],
    ids=["github", "gitlab", "compose", "config.env"],
)
def test_drift_of_a_default_from_what_a_build_file_passes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str
) -> None:
    makefile = "include config.env\nbuild:\n\tdocker build --build-arg TAG=$(TAG) -t acme/app:1 .\n"
    files = {"one/Dockerfile": "ARG TAG=1.0\nFROM debian:$TAG\n", f"one/{file}": text}
    if file == "config.env":
        files["one/Makefile"] = makefile
    monkeypatch.chdir(repositories(tmp_path, files))
    (found,) = data(capsys, "--drift")["drift"]
    assert found["kind"] == "default"
    assert "debian:1.0 by its Dockerfile, and on debian:2.0" in found["message"]
    assert found["places"][0]["path"] == "one/Dockerfile"


def test_what_a_readme_shows_is_no_drift(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = "```sh\ndocker build --build-arg TAG=2.0 -t acme/app:1 .\n```\n"
    files = {"one/Dockerfile": "ARG TAG=1.0\nFROM debian:$TAG\n", "one/README.md": readme}
    monkeypatch.chdir(repositories(tmp_path, files))
    assert data(capsys, "--drift")["drift"] == []


def test_drift_between_registries(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, renci = "helxplatform", "containers.renci.org/helxplatform"
    monkeypatch.chdir(
        repositories(
            tmp_path,
            {
                "base/Dockerfile": "FROM debian:12\n",
                "base/config.env": f"IMAGE_REPO={renci}\nAPP_NAME=base\nTAG=v2\n",
                "same/Dockerfile": f"FROM {renci}/base:v2\n",
                "other/Dockerfile": f"FROM {hub}/base:v1\n",
                "open/Dockerfile": "FROM debian:12\n",
                "open/config.env": f"IMAGE_REPO={hub}\nAPP_NAME=open\nTAG=v2\n",
                "use/docker-compose.yaml": f"services:\n  a:\n    image: {renci}/open:v2\n"
                f"  b:\n    image: {hub}/split:v1\n  c:\n    image: {renci}/split:v2\n"
                "  d:\n    image: lscr.io/linuxserver/webtop:1\n  e:\n    image: linuxserver/webtop:2\n"
                f'  f:\n    image: "{{{{ registry }}}}/helxplatform/base:v3"\n',
                "use/values.yaml": f"a:\n  image: {hub}/chart\nb:\n  image: {renci}/chart:v1\n",
            },
        )
    )
    found = {each["subject"]: each for each in data(capsys, "--drift")["drift"] if each["kind"] == "registries"}
    assert list(found) == ["helxplatform/base", "helxplatform/split"]
    assert "published to containers.renci.org, and taken from docker.io" in found["helxplatform/base"]["message"]
    assert [(p["path"], p["line"]) for p in found["helxplatform/base"]["places"]] == [
        ("base/config.env", 2),
        ("other/Dockerfile", 1),
    ]
    assert "from containers.renci.org and docker.io, with other tags" in found["helxplatform/split"]["message"]


def test_drift_of_tags_puts_own_parents_first_and_processors_aside(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def own(name: str) -> str:
        return f"IMAGE_REPO=acme\nAPP_NAME={name}\nTAG=1\n"

    files = {"base/Dockerfile": "FROM debian:12\n", "base/config.env": own("base")}
    for name, tag in (("a", "1"), ("b", "1"), ("c", "2")):
        files |= {f"{name}/Dockerfile": f"FROM acme/base:{tag}\n"}
    files |= {"d/Dockerfile": "FROM debian:11\n", "e/Dockerfile": "FROM linuxserver/baseimage-alpine:3.22\n"}
    files |= {"f/Dockerfile": "FROM linuxserver/baseimage-alpine:arm64v8-3.22\n"}
    files |= {"g/Dockerfile": "FROM linuxserver/baseimage-alpine:3.22-arm64\n"}
    monkeypatch.chdir(repositories(tmp_path, files))
    found = [each for each in data(capsys, "--drift")["drift"] if each["kind"] == "tags"]
    assert [(each["subject"], each["images"]) for each in found] == [("acme/base", ["c/Dockerfile"]), ("debian", [])]


def test_drift_is_silent_where_an_unnamed_dockerfile_may_publish(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(
        repositories(
            tmp_path,
            {
                "base/Dockerfile": "FROM debian:12\n",
                "base/config.env": "IMAGE_REPO=acme\nAPP_NAME=base\nTAG=1\n",
                "ops/master/docker/Dockerfile": "FROM debian:12\n",
                "ops/agent/Dockerfile.x": "FROM debian:12\n",
                "ops/compose.yaml": "services:\n  a:\n    image: acme/master:1\n  b:\n    image: acme/gone:1\n",
            },
        )
    )
    found = [each["subject"] for each in data(capsys, "--drift")["drift"] if each["kind"] == "unpublished"]
    assert found == ["acme/gone"]


def test_consumers_are_leaves_with_file_and_line(capsys: pytest.CaptureFixture[str]) -> None:
    graph = data(capsys, "--consumers")
    edges = {edge["target"]: edge for edge in graph["edges"] if edge["kind"] == "consumes"}
    spec = "app-specs/octave/docker-compose.yaml"
    assert edges[spec]["source"] == "cloudtop-octave-gnuplot/Docker.gnuplot"
    line: int = edges[spec]["line"]
    text = Path(spec).read_text().splitlines()[line - 1]
    assert text.strip().removeprefix("image: ").strip('"') == edges[spec]["reference"]
    assert not any(edge["source"] in edges for edge in graph["edges"])


def test_lint_counts_own_and_inherited_findings(capsys: pytest.CaptureFixture[str]) -> None:
    main(["lint", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    nodes = {node["id"]: node for node in data(capsys, "--lint")["nodes"] if node["kind"] == "image"}
    for severity in ("error", "warning", "info"):
        assert sum(n["findings"][severity] for n in nodes.values()) == report["summary"][severity]
    child = nodes["cloudtop-octave-gnuplot/Docker.gnuplot"]
    assert child["inherited"]["warning"] > 0
    assert nodes["cloudtop/Dockerfile"]["inherited"] == {"error": 0, "warning": 0, "info": 0}


def test_lint_counts_what_is_found_of_those_who_run_images(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT / "fixtures/ct708/bad")
    main(["lint", "--format", "json", "."])
    report = json.loads(capsys.readouterr().out)
    nodes = data(capsys, "--lint", "--consumers", ".")["nodes"]
    (consumer,) = (node for node in nodes if node["kind"] == "consumer")
    assert consumer["findings"] == {kind: report["summary"][kind] for kind in ("error", "warning", "info")}
    assert sum(consumer["findings"].values()) == 2


def test_what_is_found_in_another_repository_is_not_the_images(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    files = {
        "desk/Dockerfile": 'FROM debian:12\nCMD ["sleep", "9"]\n',
        "apps/docker-compose.yml": "services:\n  view:\n    image: docker.io/quay.io/acme/view:1\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(text)
    (tmp_path / "ctlint.toml").write_text("workspace = true\n")
    main(["lint", "--format", "json", "."])
    assert [one["rule"] for one in json.loads(capsys.readouterr().out)["findings"]] == ["CT510"]
    nodes = {node["id"]: node for node in data(capsys, "--lint", "--consumers", ".")["nodes"]}
    assert nodes["desk/Dockerfile"]["findings"] == {"error": 0, "warning": 0, "info": 0}
    assert sum(nodes["apps/docker-compose.yml"]["findings"].values()) == 1


def test_lint_loads_nothing_of_the_graph() -> None:
    program = (
        "import sys; from ctlint.lint.cli import main; main(['lint', '-q']);"
        "print([m for m in ('networkx', 'fast_sugiyama', 'ctlint.lineage.graph.model') if m in sys.modules], file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert run.stderr.splitlines()[-1] == "[]"


def test_the_s6_mark_is_what_folding_finds(tmp_path: Path) -> None:
    url = "https://github.com/just-containers/s6-overlay/releases/download/v2.2.0.3/s6-overlay-amd64.tar.gz"
    folder = repositories(
        tmp_path,
        {
            "base/Dockerfile": f"FROM debian:11\nADD {url} /tmp/s.tgz\nRUN tar xzf /tmp/s.tgz -C /\n",
            "plain/Dockerfile": "FROM acme/base\nRUN apt-get install -y x\nCOPY a /opt/a\n",
            "plain/a": "",
            "gone/Dockerfile": "FROM acme/plain\nRUN rm -f /init\n",
            "child/Dockerfile": "FROM acme/gone\nENV A=b\n",
            "copied/Dockerfile": "FROM acme/plain AS x\nFROM debian:11\nCOPY --from=x / /\n",
            "script/Dockerfile": "FROM debian:11\nCOPY setup /tmp/setup\nRUN /tmp/setup\n",
            "script/setup": f"#!/bin/sh\ncurl -fsSL {url} | tar xz -C /\n",
            "heredoc/Dockerfile": f"FROM debian:11\nRUN <<EOF\ncurl -fsSL {url} | tar xz -C /\nEOF\n",
        }
        | {
            f"{name}/config.env": f"IMAGE_REPO=acme\nAPP_NAME={name}\nTAG=latest\n"
            for name in ("base", "plain", "gone", "child", "copied", "script", "heredoc")
        },
    )
    for place in (folder, FLEET):
        workspace, _ = workspace_of(place)
        marks = S6Marks(workspace)
        found = {source.id: marks.of(source) for source in workspace.images}
        assert found == {source.id: workspace.effective(source).s6_version for source in workspace.images}
        assert any(found.values())


def test_who_deploys_an_image_is_told_once_however_many_contexts_run_it() -> None:
    files = {
        "Dockerfile": "FROM debian:12\n",
        "app-registry.yaml": "repositories:\n  here:\n    url: specs\ncontexts:\n"
        + "".join(f"  {context}:\n    apps:\n      web: {{name: Web}}\n" for context in ("one", "two", "three")),
        "specs/web/docker-compose.yaml": "services:\n  web:\n    image: acme/web:1\n",
    }
    work = workspace({"web": {**files, "README.md": "    docker build -t acme/web:1 .\n"}})
    facts = PageFacts(Lineage.of(work), work, Marks(), whole=False)
    assert facts.of("web/Dockerfile")["runs"] == [["acme/web:1", "web/specs/web/docker-compose.yaml:3"]]
