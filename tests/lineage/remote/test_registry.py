"""Whether images are built on their parents' current images, asked of a real registry on loopback."""

import json
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
import requests

from ctlint.lineage.graph.annotations import Marks
from ctlint.lineage.graph.dot import as_dot
from ctlint.lineage.graph.freshness_text import freshness_lines
from ctlint.lineage.graph.graph import Lineage
from ctlint.lineage.graph.graphml import as_graphml
from ctlint.lineage.graph.mermaid import as_mermaid
from ctlint.lineage.graph.page import as_page
from ctlint.lineage.graph.svg import as_svg
from ctlint.lineage.remote import transport
from ctlint.lineage.remote.cache import Cache
from ctlint.lineage.remote.freshness import Freshness, compared
from ctlint.lineage.remote.registry import Registries
from ctlint.lineage.remote.registry_image import Platform, RegistryConfiguration, RegistryImage
from ctlint.lineage.workspace.registry_state import Answers, ask, published_as
from ctlint.lineage.workspace.workspace import Settings, Workspace
from ctlint.lint.cli import main
from ctlint.lint.output.json_schema import schema
from lineage_graphs import image, repositories
from linting import workspace_of
from registry_server import Kind, RegistryServer, forget_proxies, image_of, registry

AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryServer]:
    with registry(tmp_path_factory.mktemp("registry")) as server:
        yield server


@pytest.fixture
def here(server: RegistryServer, request: pytest.FixtureRequest) -> str:
    """A name space of the registry for one test."""
    return f"{server.host}/t{abs(hash(request.node.nodeid)):x}"


@pytest.fixture(autouse=True)
def no_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_proxies(monkeypatch)
    monkeypatch.setattr(transport, "_FIRST_DELAY", 0.0)


def push(server: RegistryServer, reference: str, *images: Any, index: Kind | None = None) -> str:
    name, _, tag = reference.removeprefix(f"{server.host}/").rpartition(":")
    return server.push(name, tag, *images, index=index)


def workspace(folder: Path, dockerfiles: Mapping[str, tuple[str, str]]) -> Workspace:
    """Repositories by name, each with the Dockerfile's text and the reference that it is published under."""
    repositories(folder, {f"{name}/Dockerfile": text for name, (text, _) in dockerfiles.items()})
    names = {f"{name}/Dockerfile": [published] for name, (_, published) in dockerfiles.items() if published}
    found, errors = workspace_of(folder, Settings(names=names))
    assert errors == []
    return found


def answers(folder: Path, workspace: Workspace, platform: Platform = AMD64, **given: Any) -> Answers:
    registries = Registries(Cache(folder / "cache"), **given)
    return ask(workspace.images, registries, platform)


def verdict(folder: Path, text: str, published: str, platform: Platform = AMD64, **given: Any) -> Freshness:
    """What is said of one image."""
    (folder / "w").mkdir(exist_ok=True)
    found = answers(folder, workspace(folder / "w", {"app": (text, published)}), platform, **given)
    assert found.problems == ()
    return found.freshness["app/Dockerfile"]


def recorded(rows: list[str]) -> Callable[[], requests.Session]:
    """Sessions that note each request: `HEAD /v2/acme/base/manifests/1`."""

    class Session(requests.Session):
        def request(self, method: str, url: str, *given: Any, **named: Any) -> requests.Response:  # type: ignore[override]
            rows.append(f"{method} {urlsplit(url).path}")
            return super().request(method, url, *given, **named)

    return Session


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called, every request fails the test."""

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("there is a request")

    return lambda: monkeypatch.setattr(requests.Session, "request", refused)


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


# The command


def configured(folder: Path, here: str, down: str) -> Path:
    """A workspace of five images on one base: fresh, stale, not published, published where nobody answers, and local."""
    published = {"base": "base:1", "fresh": "fresh:2", "stale": "stale", "gone": "gone:1"}
    rows = [f'"{name}/Dockerfile" = "{here}/{tag}"' for name, tag in published.items()]
    rows += [f'"{name}/Dockerfile" = "{down}/acme/{name}:1"' for name in ("down", "off")]
    on_base = f"FROM {here}/base:1\nRUN echo built\n"
    repositories(folder, {f"{name}/Dockerfile": on_base for name in ("fresh", "stale", "gone", "down", "off", "local")})
    repositories(folder, {"base/Dockerfile": "FROM scratch\nCOPY x /\n"})
    (folder / "ctlint.toml").write_text("\n".join(["workspace = true", "[names]", *rows, ""]))
    return folder


@pytest.fixture
def fleet(server: RegistryServer, here: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """That workspace, as the working directory, with its images pushed; the address where nobody answers."""
    push(server, f"{here}/base:1", image_of(["debian 2", "base 2"], "2026-03-01T08:30:00.5+02:00"))
    push(server, f"{here}/fresh:2", image_of(["debian 2", "base 2", "own"], "2026-03-02T00:00:00Z"))
    push(server, f"{here}/stale:latest", image_of(["debian 1", "base 1", "own"], "2026-01-02T00:00:00Z"))
    down = f"127.0.0.1:{closed_port()}"
    (tmp_path / "w").mkdir()
    monkeypatch.chdir(configured(tmp_path / "w", here, down))
    return down


def graph(capsys: pytest.CaptureFixture[str], tmp_path: Path, *argv: str) -> tuple[int, str, str]:
    code = main(["graph", "--registry", "--cache-dir", str(tmp_path / "cache"), *argv])
    out, err = capsys.readouterr()
    return code, out, err


def test_json_tells_verdicts_digests_and_dates(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, server: RegistryServer, here: str, fleet: str
) -> None:
    code, out, err = graph(capsys, tmp_path, "--format", "json")
    data = json.loads(out)
    jsonschema.validate(data, json.loads(schema("graph")))
    told = {node["repo"]: node["registry"] for node in data["nodes"] if "registry" in node}
    assert {name: one["verdict"] for name, one in told.items()} == {
        "fresh": "fresh",
        "stale": "stale",
        "gone": "unknown",
        "local": "unknown",
        "down": "unreachable",
        "off": "unreachable",
    }
    base = image_of(["debian 2", "base 2"], "2026-03-01T08:30:00.5+02:00")
    old = image_of(["debian 1", "base 1", "own"], "2026-01-02T00:00:00Z")
    assert told["stale"] == {
        "verdict": "stale",
        "reason": f"{here}/stale:latest is not built on {here}/base:1 as it is now.",
        "platform": "linux/amd64",
        "image": {"reference": f"{here}/stale:latest", "digest": old.digest, "created": "2026-01-02T00:00:00Z"},
        "parent": {"reference": f"{here}/base:1", "digest": base.digest, "created": "2026-03-01T06:30:00Z"},
    }
    assert "has no such image" in told["gone"]["reason"]
    assert code == 3
    assert err.splitlines() == [
        f"ctlint: waiting 0 s: {fleet} cannot be reached (connection)",
        f"ctlint: {fleet} cannot be reached (connection).",
    ]


def test_the_tree_marks_images_and_lists_what_is_stale(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, here: str, fleet: str
) -> None:
    code, out, _ = graph(capsys, tmp_path, "--select", f"{here}/fresh,{here}/stale,{here}/gone,{here}/base")
    assert code == 0
    rows = [" ".join(row.split()) for row in out.splitlines()]
    assert f"├── {here}/fresh from :1 fresh fresh/Dockerfile" in rows
    assert f"└── {here}/stale from :1 stale stale/Dockerfile" in rows
    at = rows.index(f"stale: {here}/stale:latest lacks its parent's current layers.")
    assert [(row.split()[0], row[-16:]) for row in rows[at + 1 : at + 3]] == [
        (f"{here}/stale:latest", "2026-01-02 00:00"),
        (f"{here}/base:1", "2026-03-01 06:30"),
    ]
    assert rows[-1] == "In the registries (linux/amd64): 1 stale, 1 unknown, 1 fresh; --verbose says why."
    _, out, _ = graph(capsys, tmp_path, "--verbose")
    assert f"unknown: {here}/gone:1: {here.partition('/')[0]} has no such image." in out
    assert f"unreachable: {fleet} cannot be reached (connection)." in out
    assert "unknown: local: under which name and tag it is published is not known." in out


@pytest.mark.parametrize("kind", ["dot", "mermaid", "svg", "graphml", "html"])
def test_every_picture_says_what_is_stale(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, here: str, fleet: str, kind: str
) -> None:
    code, out, _ = graph(capsys, tmp_path, "--select", f"{here}/stale,{here}/base", "--format", kind)
    assert (code, "stale" in out.replace("/stale", "").replace("stale/", "").replace(".stale", "")) == (0, True)
    main(["graph", "--select", f"{here}/stale,{here}/base", "--format", kind])
    assert out != capsys.readouterr().out


def test_no_network_without_the_option(
    capsys: pytest.CaptureFixture[str], fleet: str, no_network: Callable[[], None]
) -> None:
    no_network()
    assert main(["graph", "--format", "json"]) == 0
    assert '"registry"' not in capsys.readouterr().out


def test_offline_answers_from_the_cache_alone(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, fleet: str, no_network: Callable[[], None]
) -> None:
    def told(out: str) -> dict[str, str]:
        return {n["repo"]: n["registry"]["verdict"] for n in json.loads(out)["nodes"] if "registry" in n}

    unknown = dict.fromkeys(("fresh", "stale", "gone", "local", "down", "off"), "unknown")
    code, out, _ = graph(capsys, tmp_path, "--offline", "--format", "json")
    assert (code, told(out)) == (0, unknown)
    graph(capsys, tmp_path)
    no_network()
    code, out, err = graph(capsys, tmp_path, "--offline", "--format", "json")
    assert (code, told(out)) == (0, unknown | {"fresh": "fresh", "stale": "stale"})
    assert "tags are as registries last told them, the oldest less than a minute ago" in err


def test_wrong_use_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path, fleet: str) -> None:
    assert graph(capsys, tmp_path, "--platform", "amd64")[0] == 2
    assert graph(capsys, tmp_path, "--drift")[0] == 2


def test_clearing_the_cache_clears_what_registries_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, here: str, fleet: str
) -> None:
    graph(capsys, tmp_path, "--select", f"{here}/fresh,{here}/base")
    assert main(["cache", "clear", "--cache-dir", str(tmp_path / "cache")]) == 0
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_without_a_cache_that_can_be_written_all_is_asked_anew(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, here: str, fleet: str
) -> None:
    (tmp_path / "file").write_text("")
    argv = ["graph", "--registry", "--select", f"{here}/fresh,{here}/base", "--cache-dir", str(tmp_path / "file")]
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert "1 fresh" in out
    assert err.count("the cache cannot be written") == 1


# What is compared


@pytest.mark.parametrize("parent_kind", ["oci", "docker"])
@pytest.mark.parametrize("kind", ["oci", "docker"])
@pytest.mark.parametrize("index", [None, "oci", "docker"])
def test_all_formats_of_manifests_are_compared(
    tmp_path: Path, server: RegistryServer, here: str, parent_kind: Kind, kind: Kind, index: Kind | None
) -> None:
    push(server, f"{here}/base:1", image_of(["a", "b"], kind=parent_kind), index=index)
    push(server, f"{here}/app:1", image_of(["a", "b", "c"], kind=kind), index=index)
    text = f"FROM {here}/base:1\nRUN true\n"
    assert verdict(tmp_path, text, f"{here}/app:1").verdict == "fresh"
    push(server, f"{here}/base:1", image_of(["a", "b 2"], kind=parent_kind), index=index)
    assert verdict(tmp_path, text, f"{here}/app:1").verdict == "stale"


def test_the_same_platform_of_both_is_compared(tmp_path: Path, server: RegistryServer, here: str) -> None:
    arm = "linux/arm64"
    attestation = image_of(["in-toto"], platform="unknown/unknown")
    push(server, f"{here}/base:1", attestation, image_of(["r"], platform=arm), image_of(["a"]), index="docker")
    push(server, f"{here}/app:1", image_of(["r", "c"], platform=arm), image_of(["a old", "c"]), attestation)
    text = f"FROM {here}/base:1\nRUN true\n"
    assert verdict(tmp_path, text, f"{here}/app:1").verdict == "stale"
    assert verdict(tmp_path, text, f"{here}/app:1", ARM64).verdict == "fresh"
    told = verdict(tmp_path, text, f"{here}/app:1", Platform("linux", "s390x"))
    assert (told.verdict, told.reason) == ("unknown", f"{here}/app:1: it is not there for linux/s390x.")


def test_an_image_for_another_platform_alone_is_unknown(tmp_path: Path, server: RegistryServer, here: str) -> None:
    push(server, f"{here}/base:1", image_of(["a"]), image_of(["r"], platform="linux/arm64"))
    push(server, f"{here}/app:1", image_of(["r", "c"], platform="linux/arm64"))
    assert verdict(tmp_path, f"FROM {here}/base:1\nRUN true\n", f"{here}/app:1").verdict == "unknown"
    told = verdict(tmp_path, f"FROM --platform=linux/arm64 {here}/base:1\nRUN true\n", f"{here}/app:1")
    assert (told.verdict, "its FROM asks for linux/arm64" in told.reason) == ("unknown", True)


def test_a_squashed_image_is_unknown(tmp_path: Path, server: RegistryServer, here: str) -> None:
    push(server, f"{here}/base:1", image_of(["a", "b"]))
    push(server, f"{here}/app:1", image_of(["a and b and c"]))
    told = verdict(tmp_path, f"FROM {here}/base:1\nRUN true\n", f"{here}/app:1")
    assert (told.verdict, "single layer" in told.reason) == ("unknown", True)


def test_an_image_without_layers_of_its_own_is_fresh(tmp_path: Path, server: RegistryServer, here: str) -> None:
    push(server, f"{here}/base:1", image_of(["a"]))
    push(server, f"{here}/app:1", image_of(["a"], created=None))
    told = verdict(tmp_path, f"FROM {here}/base:1\nENV A=1\n", f"{here}/app:1")
    assert told.verdict == "fresh"
    assert told.image is not None
    assert told.image.configuration.created is None


def test_an_image_on_another_tag_of_its_name_is_compared_and_on_its_own_is_not(
    tmp_path: Path, server: RegistryServer, here: str
) -> None:
    push(server, f"{here}/app:1", image_of(["a"]))
    push(server, f"{here}/app:2", image_of(["a", "b"]))
    assert verdict(tmp_path, f"FROM {here}/app:1\nRUN true\n", f"{here}/app:2").verdict == "fresh"
    told = verdict(tmp_path, f"FROM {here}/app:2\nRUN true\n", f"{here}/app:2")
    assert (told.verdict, "the name that it is built on" in told.reason) == ("unknown", True)


def test_a_parent_given_by_digest_stays_current(tmp_path: Path, server: RegistryServer, here: str) -> None:
    digest = push(server, f"{here}/base:1", image_of(["a"]), index="oci")
    push(server, f"{here}/app:1", image_of(["a", "b"]))
    push(server, f"{here}/base:1", image_of(["a 2"]), index="oci")
    assert verdict(tmp_path, f"FROM {here}/base:1@{digest}\nRUN true\n", f"{here}/app:1").verdict == "fresh"
    assert verdict(tmp_path, f"FROM {here}/base:1\nRUN true\n", f"{here}/app:1").verdict == "stale"
    gone = "sha256:" + "0" * 64
    assert verdict(tmp_path, f"FROM {here}/base@{gone}\nRUN true\n", f"{here}/app:1").verdict == "unknown"


def test_the_parent_is_found_through_stages_and_arguments(tmp_path: Path, server: RegistryServer, here: str) -> None:
    push(server, f"{here}/base:1", image_of(["a"]))
    push(server, f"{here}/app:1", image_of(["a", "b"]))
    text = f"ARG TAG=1\nFROM node:22 AS web\nFROM {here}/base:${{TAG}} AS one\nFROM one\nCOPY --from=web /x /x\n"
    assert verdict(tmp_path, text, f"{here}/app:1").verdict == "fresh"
    told = verdict(tmp_path, f"ARG TAG\nFROM {here}/base:$TAG\nRUN true\n", f"{here}/app:1")
    assert (told.verdict, "what it is built on is not known" in told.reason) == ("unknown", True)
    (tmp_path / "s").mkdir()
    built = workspace(tmp_path / "s", {"app": (f"FROM {here}/base:1 AS a\nFROM scratch\nCOPY --from=a / /\n", "")})
    assert answers(tmp_path, built).freshness == {}


def test_names_are_tried_in_order_until_one_is_published(tmp_path: Path, server: RegistryServer, here: str) -> None:
    push(server, f"{here}/base:1", image_of(["a"]))
    push(server, f"{here}/app:latest", image_of(["a", "b"]))
    push(server, f"{here}/app:3", image_of(["old", "b"]))
    text = f"FROM {here}/base:1\nRUN true\n"
    repositories(tmp_path, {"app/Dockerfile": text})
    for names, expected, asked in (
        ([f"{here}/gone:1", f"{here}/app:3", f"{here}/app"], "stale", 3),
        ([f"{here}/app", f"{here}/app:3"], "stale", 1),
        ([f"{here}/app"], "fresh", 1),
        ([f"{here}/gone:1", f"{here}/gone:2"], "unknown", 2),
    ):
        found, _ = workspace_of(tmp_path, Settings(names={"app/Dockerfile": names}))
        assert answers(tmp_path, found).freshness["app/Dockerfile"].verdict == expected, names
        assert len(published_as(found.images[0])) <= asked


def test_names_of_build_files_are_asked_for_with_their_tags(tmp_path: Path) -> None:
    bake = "docker build -t ghcr.io/acme/app:1.2 -t acme/app:dev -t app .\n"
    repositories(tmp_path, {"app/Dockerfile": "FROM debian:12\nRUN true\n", "app/build.sh": f"#!/bin/sh\n{bake}"})
    found, _ = workspace_of(tmp_path)
    assert [str(name) for name in published_as(found.images[0])] == ["ghcr.io/acme/app:1.2", "acme/app:dev"]


# The cache, and how often is asked


def test_contents_are_fetched_once_and_tags_asked_for_each_time(
    tmp_path: Path, server: RegistryServer, here: str
) -> None:
    push(server, f"{here}/base:1", image_of(["a"]), index="oci")
    names = [f"app{number:02}" for number in range(12)]
    for name in names:
        push(server, f"{here}/{name}:1", image_of(["a", name]))
    built = {name: (f"FROM {here}/base:1\nRUN echo {name}\n", f"{here}/{name}:1") for name in names}
    (tmp_path / "w").mkdir()
    found = workspace(tmp_path / "w", built)
    space = here.partition("/")[2]
    rows: list[str] = []
    first = answers(tmp_path, found, session=recorded(rows))
    assert list(first.freshness) == [f"{name}/Dockerfile" for name in names]
    assert {one.verdict for one in first.freshness.values()} == {"fresh"}
    assert sum(row.startswith(f"HEAD /v2/{space}/base/") for row in rows) == 1
    assert sum(row.startswith(f"GET /v2/{space}/base/") for row in rows) == 3
    assert len(rows) == 4 + 12 * 3
    rows.clear()
    push(server, f"{here}/app03:1", image_of(["older", "app03"]))
    second = answers(tmp_path, found, session=recorded(rows))
    assert [name for name, one in second.freshness.items() if one.verdict == "stale"] == ["app03/Dockerfile"]
    assert len([row for row in rows if row.startswith("HEAD ")]) == 13
    assert len([row for row in rows if row.startswith("GET ")]) == 2


def test_what_is_damaged_in_the_cache_is_fetched_again(tmp_path: Path, server: RegistryServer, here: str) -> None:
    push(server, f"{here}/base:1", image_of(["a"]))
    push(server, f"{here}/app:1", image_of(["a", "b"]))
    text = f"FROM {here}/base:1\nRUN true\n"
    assert verdict(tmp_path, text, f"{here}/app:1").verdict == "fresh"
    for folder in ("contents", "tags"):
        for path in (tmp_path / "cache").rglob(f"registries/{folder}/**/*"):
            if path.is_file():
                path.write_bytes(b"{" if folder == "tags" else b"{}")
        told = verdict(tmp_path, text, f"{here}/app:1", offline=True)
        assert (told.verdict, "--offline was given" in told.reason) == ("unknown", True)
    assert verdict(tmp_path, text, f"{here}/app:1").verdict == "fresh"
    assert verdict(tmp_path, text, f"{here}/app:1", offline=True).verdict == "fresh"


# Images that other programs made and pushed


@pytest.mark.parametrize("kind", ["oci", "v2s2"])
def test_images_of_umoci_pushed_by_skopeo(tmp_path: Path, here: str, kind: str) -> None:
    layout = tmp_path / "layout"

    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)

    def insert(image: str, tag: str, text: str) -> None:
        (tmp_path / "file").write_text(text)
        run("umoci", "insert", "--rootless", "--image", f"{layout}:{image}", "--tag", tag, "file", f"/{text}")

    def copy(tag: str, name: str) -> None:
        target = f"docker://{here}/{name}"
        run(
            "skopeo",
            "--insecure-policy",
            "copy",
            "--dest-tls-verify=false",
            "--format",
            kind,
            f"oci:{layout}:{tag}",
            target,
        )

    run("umoci", "init", "--layout", str(layout))
    run("umoci", "new", "--image", f"{layout}:empty")
    insert("empty", "base", "one")
    insert("base", "newer", "two")
    insert("base", "app", "own")
    copy("base", "base:1")
    copy("app", "app:1")
    text = f"FROM {here}/base:1\nRUN true\n"
    # umoci makes images for the architecture of the machine it runs on; Debian and OCI have the same names for it.
    told = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    platform = Platform("linux", told)
    assert verdict(tmp_path, text, f"{here}/app:1", platform).verdict == "fresh"
    copy("newer", "base:1")
    found = verdict(tmp_path, text, f"{here}/app:1", platform)
    assert found.verdict == "stale"
    assert found.image is not None
    assert found.image.configuration.created is not None
    raw = subprocess.run(
        ["skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}", f"docker://{here}/app:1"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.image.digest == raw.stdout.strip()


# Pictures


def test_names_and_reasons_stay_data_in_pictures() -> None:
    evil = "</script><img src=x onerror=alert(1)>\x1b[31m"
    said = Freshness("unknown", f"{evil}.", AMD64)
    lineage = Lineage.made([image("acme/app")], [])
    marks = Marks(freshness={"acme/app": said})
    for text in (as_page(lineage, Workspace([]), marks), as_svg(lineage, marks), as_graphml(lineage, marks)):
        assert "<img" not in text
        assert "\x1b" not in text
    assert "freshness unknown" in as_dot(lineage, marks)
    assert "freshness" in as_mermaid(lineage, marks)


def test_what_is_below_the_tree_can_be_quiet() -> None:
    def told(name: str, *layers: str) -> RegistryImage:
        return RegistryImage(name, "sha256:" + "a" * 64, RegistryConfiguration(layers, None, AMD64))

    found = [compared(told("app", "x", "y"), told("base", "z"), AMD64), compared(told("b", "z"), told("c", "z"), AMD64)]
    rows = ["".join(text for text, _ in line) for line in freshness_lines(found, quiet=True)]
    assert rows == [
        "stale: app lacks its parent's current layers.",
        "  app   @aaaaaaaaaaaa  no date",
        "  base  @aaaaaaaaaaaa  no date",
    ]
    assert list(freshness_lines([])) == []
