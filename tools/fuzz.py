"""Feeds every reader, and the whole of `lint`, what nobody writes: `make fuzz`, or `tools/fuzz.py --runs N [TARGET …]`.

Inputs are fixtures and earlier finds, changed at random: bits, bytes, slices taken away, doubled and put elsewhere, words
of the formats, long numbers, deep brackets. With --guided, atheris makes them instead, and follows the branches that are
taken; what it found worth keeping stays in build/fuzz-corpus. An input fails that raises anything but what the reader's
documentation names, that takes more than 1 s and 0.2 s a KB of processor time, or 500 MB. It is written to build/fuzz, cut
down as far as it still fails; put into tests/fuzz_corpus, it is tried by the tests for ever. The same seed tries the same
inputs.
"""

import argparse
import gc
import gzip
import importlib
import io
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout, suppress
from hashlib import sha256
from pathlib import Path
from types import FunctionType
from typing import Any, cast

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "src"))
sys.path.append(str(Path(__file__).parent))

from fuzz_seeds import (  # noqa: E402
    ADD_ON,
    BASELINE,
    CALL_FILTER,
    COMPOSE,
    CONFIGURATION,
    CONFIGURATIONS,
    CRON,
    DNSMASQ,
    ENTRY,
    FACTS,
    FILTERED,
    HELM_VALUES,
    HOOKS,
    JENKINSFILE,
    KUSTOMIZATION,
    LOCK,
    MANIFEST,
    NGINX,
    OWNER_RECORD,
    PIPELINE,
    POD,
    PREPARATIONS,
    QUADLET,
    RECORD,
    REGISTRY,
    SUPERVISORD,
    TABLES,
    TREE,
    WORKFLOW,
    archives,
    charts,
    indexes,
    repositories,
    seeds,
    unpacked,
)

from ctlint.lineage.boot.plan import plan_of  # noqa: E402, F401  # pyright: ignore[reportUnusedImport] - before memory is limited
from ctlint.lineage.builds.build_files import builds  # noqa: E402
from ctlint.lineage.builds.prepared_files import brought, given_x, mended_ends  # noqa: E402
from ctlint.lineage.commands.model import Environment  # noqa: E402
from ctlint.lineage.consumers.files import consumers, documented  # noqa: E402
from ctlint.lineage.consumers.seccomp import call_filter  # noqa: E402
from ctlint.lineage.desktop.entry import parse_entry  # noqa: E402
from ctlint.lineage.desktop.validate import validate  # noqa: E402
from ctlint.lineage.dockerfile.parse import parse  # noqa: E402
from ctlint.lineage.dockerfile.stages import parse_stages  # noqa: E402
from ctlint.lineage.effects.read import effects_of  # noqa: E402
from ctlint.lineage.graph.annotations import Marks  # noqa: E402
from ctlint.lineage.graph.dot import as_dot  # noqa: E402
from ctlint.lineage.graph.drift import drift_marks  # noqa: E402
from ctlint.lineage.graph.graph import Lineage  # noqa: E402
from ctlint.lineage.graph.graphml import as_graphml  # noqa: E402
from ctlint.lineage.graph.mermaid import as_mermaid  # noqa: E402
from ctlint.lineage.graph.model import consumer_links  # noqa: E402
from ctlint.lineage.graph.page import as_page  # noqa: E402
from ctlint.lineage.graph.tree import as_json as graph_json  # noqa: E402
from ctlint.lineage.graph.tree import tree_lines  # noqa: E402
from ctlint.lineage.interpreter.interpret import interpret  # noqa: E402
from ctlint.lineage.interpreter.interpret_execline import interpret_execline  # noqa: E402
from ctlint.lineage.oci.limits import DEFAULT, Spent  # noqa: E402
from ctlint.lineage.oci.manifest import config_digest, configuration, layers_of  # noqa: E402
from ctlint.lineage.oci.merge import MergedFiles  # noqa: E402
from ctlint.lineage.oci.tar_stream import entries  # noqa: E402
from ctlint.lineage.oci.unpack import unpacked as unpacked_layer  # noqa: E402
from ctlint.lineage.real_images.facts import facts_from_json  # noqa: E402
from ctlint.lineage.real_images.lock import parse_lock  # noqa: E402
from ctlint.lineage.remote.archive import Archive, ArchiveLimits  # noqa: E402
from ctlint.lineage.remote.cached_snapshot import StoredOwner, StoredRepository  # noqa: E402
from ctlint.lineage.remote.git_trees import list_tree  # noqa: E402
from ctlint.lineage.remote.registry_auth import challenges  # noqa: E402
from ctlint.lineage.remote.untrusted import as_object  # noqa: E402
from ctlint.lineage.repository.dockerfiles import dockerfiles  # noqa: E402
from ctlint.lineage.repository.dockerignore import DockerIgnore, read_patterns  # noqa: E402
from ctlint.lineage.repository.git_files import parse_index, parse_staged  # noqa: E402
from ctlint.lineage.repository.gitignore import GitIgnore  # noqa: E402
from ctlint.lineage.repository.snapshot import Snapshot  # noqa: E402
from ctlint.lineage.shell.execline import ExeclineScript  # noqa: E402
from ctlint.lineage.shell.execline import parse as parse_execline  # noqa: E402
from ctlint.lineage.shell.parse import parse_script  # noqa: E402
from ctlint.lineage.text.errors import CtlintError, Unknown  # noqa: E402
from ctlint.lineage.text.globs import go_match  # noqa: E402
from ctlint.lineage.text.places import MappedText  # noqa: E402
from ctlint.lineage.text.reference import parse as parse_reference  # noqa: E402
from ctlint.lineage.workspace.workspace import Workspace  # noqa: E402
from ctlint.lint.commands.init_files import hook  # noqa: E402
from ctlint.lint.commands.precommit_file import with_hook  # noqa: E402
from ctlint.lint.config.effective import load_config  # noqa: E402
from ctlint.lint.config.files import FileVersions  # noqa: E402
from ctlint.lint.inspecting.image_json import as_json as image_json  # noqa: E402
from ctlint.lint.inspecting.image_text import image_lines  # noqa: E402
from ctlint.lint.judging.baseline import parse_baseline  # noqa: E402
from ctlint.lint.judging.engine import run_rules  # noqa: E402
from ctlint.lint.output.console import report_lines  # noqa: E402
from ctlint.lint.output.report_format_names import FORMATS  # noqa: E402
from ctlint.lint.output.report_formats import render  # noqa: E402
from ctlint.rules.discover import all_rules  # noqa: E402

CORPUS = ROOT / "tests" / "fuzz_corpus"
FOUND = ROOT / "build" / "fuzz"
_OFTEN = 50
"""How many times an input counts that holds what the fixtures of a kind lack."""
_COUNTED = 1_000
"""Executions of a target whose branches are counted: to count takes several times as long as to read, and later ones add few."""
_MOST_SEEDS = 200
"""Fixtures that a guided run begins with: each takes a run, and those of lint are slow."""
_WORDS = [
    *b'FROM |RUN |COPY --from=|ADD |ENV A=|ARG |USER |\\\n|<<EOF\n|EOF\n|ONBUILD |HEALTHCHECK CMD |SHELL ["'.split(
        b"|"
    ),
    *b"$(|`|${|}|$((|))|'|\"|\\|;;|&&|||case x in|esac|for i in|do|done|if |then|fi|{|}|(|)|eval |exec |. |source ".split(
        b"|"
    ),
    *b"\n|\r|\t|\0|\xff|\xef\xbb\xbf|%|%%|*|**/|[|]|!|#|@|:|=|,|<<: [*a]|&a|*a|- |{{|}}|{%|%}|---\n".split(b"|"),
    *(
        b"9" * 5000,
        "²".encode(),
        "\u202e".encode(),
        b"-1",
        b"0x" + b"f" * 40,
        b"1e999",
        b"../" * 20,
        b"/" * 50,
        b"a" * 5000,
    ),
    *(b"[" * 700, b"(" * 700, b"{" * 700, b"$(" * 300, b'"' * 301, b"\\" * 301, b" " * 2000, b"*a" * 40),
]


def changed(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """An input like another, a few steps away."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 6, 12))):
        at = chance.randrange(len(made) + 1)
        size = min(int(chance.paretovariate(1.0)), 400)
        kind = chance.randrange(8)
        if kind == 0 and made:
            made[at % len(made)] ^= 1 << chance.randrange(8)
        elif kind == 1:
            made[at:at] = chance.choice(_WORDS)
        elif kind == 2:
            del made[at : at + size]
        elif kind == 3:
            made[at:at] = made[at : at + size] * chance.choice((1, 2, 30))
        elif kind == 4:
            other = chance.choice(others)
            begin = chance.randrange(len(other) + 1)
            made[at:at] = other[begin : begin + 10 * size]
        elif kind == 5:
            made[at : at + size] = chance.choice(_WORDS)
        elif kind == 6:
            made[at:at] = bytes(chance.randrange(256) for _ in range(min(size, 20)))
        elif kind == 7 and b"\n" in made:
            rows = bytes(made).split(b"\n")
            chance.shuffle(rows)
            made = bytearray(b"\n".join(rows))
    return bytes(made[: 1 << 17])


def repository(files: Mapping[str, bytes]) -> Snapshot:
    return Snapshot.from_mapping("fuzz", files, label="")


def read_dockerfile(data: bytes) -> None:
    stages = parse_stages(parse(data), {"A": "b"})
    for stage in stages.stages:
        assert stage.base.raw or not stage.base.raw


def read_shell(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for dialect in ("bash", "sh"):
        script = parse_script(MappedText(text), "x", dialect)  # type: ignore[arg-type]
        reading = interpret(script, Environment({}))
        effects_of(reading.commands, reading.unread)


def read_execline(data: bytes) -> None:
    script = parse_execline(data)
    if isinstance(script, ExeclineScript):
        reading = interpret_execline(script, "x", Environment({}))
        effects_of(reading.commands, reading.unread)


def read_desktop(data: bytes) -> None:
    parse_entry(data)
    validate(data, "x.desktop")


def read_builds(name: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        builds(repository({"Dockerfile": b"FROM scratch\n", name: data, ".env": b"A=b\n"}))

    return read


def read_dot_env(data: bytes) -> None:
    builds(repository({"Dockerfile": b"FROM scratch\n", "compose.yaml": COMPOSE, ".env": data}))


def read_consumers(name: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        chart = {"chart/Chart.yaml": b"name: x\n", "chart/values.yaml": b"image: {repository: a/b, tag: c}\n"}
        snapshot = repository({**chart, "pod.yaml": POD, name: data})
        consumers(snapshot)
        documented(snapshot)

    return read


def read_ignores(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    git = GitIgnore()
    git.add("", text)
    docker = DockerIgnore(read_patterns(text))
    for path in ("a/b/c", "a" * 60, "a/" * 30 + "b", "x.sh"):
        git.ignored(path, False)
        docker.excluded(path)
        for row in text.split("\n")[:20]:
            go_match(row)(path)


def read_configuration(data: bytes) -> None:
    folder = Path("/nonexistent/fuzz")
    files = FileVersions({str(folder / "ctlint.toml"): data})
    config = load_config(folder, folder / "ctlint.toml", files)
    config.selected(all_rules())
    list(config.entries())
    config.ignored_in("/nonexistent/fuzz/a/b", all_rules())


def read_index(data: bytes) -> None:
    parse_index(data)
    parse_staged(data)


def read_archive(data: bytes) -> None:
    for _ in Archive([gzip.compress(data, 1)], ArchiveLimits()):
        pass


def read_record(data: bytes) -> None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    for kind in (StoredRepository, StoredOwner):
        try:
            made = kind.from_json(value)
        except (KeyError, TypeError, ValueError):
            continue
        kept = json.dumps(made.to_json())
        assert json.dumps(kind.from_json(json.loads(kept)).to_json()) == kept


def read_layer(data: bytes) -> None:
    for pieces in ([data], [gzip.compress(data, 1)]):
        spent = Spent(DEFAULT)
        MergedFiles().add_layer(entries(unpacked_layer(pieces, spent), spent))


def read_image_documents(data: bytes) -> None:
    for read in (lambda: layers_of(data, DEFAULT), lambda: config_digest(data), lambda: configuration(data, 1)):
        with suppress(CtlintError):
            read()


def read_lock(data: bytes) -> None:
    with suppress(CtlintError):
        parse_lock(data, "ctlint.lock")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    facts_from_json(as_object(value) or {})


def read_reference(data: bytes) -> None:
    parse_reference(data.decode("utf-8", "replace"))


def read_hooks(data: bytes) -> None:
    for anew in (False, True):
        with_hook(data, hook("ctlint==1"), anew=anew)


def read_chart(data: bytes) -> None:
    snapshot = repository({"Chart.yaml": b"name: x\nversion: 1.0.0\n", **unpacked(data)})
    consumers(snapshot)


def workspace_of(data: bytes) -> Workspace:
    snapshot = repository(unpacked(data))
    return Workspace([(snapshot, dockerfiles(snapshot))])


def read_repository(data: bytes) -> None:
    """Lint it, and tell what was found to the terminal or in one of the formats: which, the input decides."""
    run = run_rules(workspace_of(data), all_rules())
    report = run.report(run.findings())
    turn = sum(data) % (len(FORMATS) + 1)
    if turn < len(FORMATS):
        render(report, FORMATS[turn])
    else:
        list(report_lines(report, 80, verbose=True))
    crashed = [finding for finding in report.findings if finding.rule == "CT002"]
    assert not crashed, crashed[0].message


def read_in_image(dockerfile: str, path: str, *codes: str) -> Callable[[bytes], None]:
    """Reads a file as the rules do that look at it in an image: its configuration, its scripts, what is run before its build."""

    def read(data: bytes) -> None:
        wanted = [rule for rule in all_rules() if rule.code in codes]
        snapshot = repository({"Dockerfile": dockerfile.encode(), "bin/x": b"#!/bin/sh\necho $1\r\n", path: data})
        run = run_rules(Workspace([(snapshot, dockerfiles(snapshot))]), wanted)
        crashed = [finding for finding in run.findings() if finding.rule == "CT002"]
        assert not crashed, crashed[0].message

    return read


def read_prepared(data: bytes) -> None:
    for name in ("Makefile", ".github/workflows/x.yml", "package.json", "build.sh"):
        snapshot = repository({"Dockerfile": b"FROM scratch\n", "a/b": b"", name: data})
        for path in ("a/b", "a/c.conf", "run"):
            for ask in (given_x, mended_ends, brought):
                ask(snapshot, path)


def read_call_filter(data: bytes) -> None:
    snapshot = repository({"compose.yaml": FILTERED, "p.json": data})
    for consumer in consumers(snapshot):
        found = call_filter(snapshot, consumer)
        if found is not None and not isinstance(found, Unknown):
            found.refuses("ptrace")


def read_registry_of_apps(data: bytes) -> None:
    consumers(repository({"registry.yaml": data, "x/docker-compose.yaml": COMPOSE, "a/y.yml": COMPOSE}))


def read_baseline(data: bytes) -> None:
    parse_baseline(Path("b"), data).stale((), frozenset())


def read_challenge(data: bytes) -> None:
    list(challenges(data.decode("latin-1")))


def read_tree(data: bytes) -> None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    list_tree(lambda digest, deep: value, "c" * 40)


def read_graph(data: bytes) -> None:
    """Draw the lineage of a repository with those who run its images, in one of the forms: which, the input decides."""
    workspace = workspace_of(data)
    lineage = Lineage.of(workspace, stages=True)
    nodes, edges = consumer_links(workspace, lineage.nodes.values())
    lineage = lineage.made([*lineage.nodes.values(), *nodes], [*lineage.edges, *edges])
    marks = Marks(drift=drift_marks(lineage, workspace))
    drawn: list[Callable[[], object]] = [
        lambda: list(tree_lines(lineage, invert=False, depth=None, width=80, marks=marks)),
        lambda: json.dumps(graph_json(lineage, marks)),
        lambda: as_dot(lineage, marks),
        lambda: as_mermaid(lineage, marks),
        lambda: as_graphml(lineage, marks),
        lambda: as_page(lineage, workspace, marks),
    ]
    drawn[sum(data) % len(drawn)]()


def read_inspected(data: bytes) -> None:
    """Show each image of a repository as `inspect` does."""
    workspace = workspace_of(data)
    for source in workspace.selected:
        if not source.readable:
            continue
        image, plan = workspace.effective(source), workspace.boot(source)
        json.dumps(image_json(source, image, plan))
        list(image_lines(source, image, plan, 80))


_SCRIPTS = ("run", "*.sh", "[0-9][0-9]-*", "finish", "entrypoint*")

_OF_ENTRIES = (
    "CT206",
    "CT211",
    "CT212",
    "CT213",
    "CT215",
    "CT216",
    "CT217",
    "CT320",
    "CT321",
    "CT611",
    "CT612",
    "CT614",
)

TARGETS: dict[str, tuple[Callable[[bytes], None], Callable[[], list[bytes]]]] = {
    "dockerfile": (read_dockerfile, lambda: seeds("Dockerfile*")),
    "shell": (read_shell, lambda: seeds(*_SCRIPTS)),
    "execline": (read_execline, lambda: seeds("up", "down", *_SCRIPTS)),
    "desktop": (read_desktop, lambda: seeds("*.desktop")),
    "compose": (read_builds("docker-compose.yml"), lambda: [COMPOSE] * _OFTEN + seeds("*compose*.y*ml")),
    "workflow": (read_builds(".github/workflows/x.yml"), lambda: [WORKFLOW] * _OFTEN + seeds("*.yml")),
    "gitlab": (read_builds(".gitlab-ci.yml"), lambda: [PIPELINE] * _OFTEN + seeds("*.yml")),
    "bake": (read_builds("docker-bake.hcl"), lambda: seeds("*.hcl", "*bake*")),
    "makefile": (read_builds("Makefile"), lambda: seeds("Makefile*", "*.mk")),
    "jenkinsfile": (read_builds("Jenkinsfile"), lambda: [JENKINSFILE]),
    "build-script": (
        read_builds("build.sh"),
        lambda: [b"#!/bin/sh\ndocker build -t a/b:1 .\n"] * _OFTEN + seeds("*.sh"),
    ),
    "readme": (read_builds("README.md"), lambda: seeds("*.md")),
    "consumers": (read_consumers("compose.yaml"), lambda: seeds("*.y*ml")),
    "devcontainer": (read_consumers(".devcontainer/devcontainer.json"), lambda: seeds("devcontainer.json")),
    "quadlet": (read_consumers("a.container"), lambda: [QUADLET, *seeds("*.container")]),
    "kustomize": (read_consumers("kustomization.yaml"), lambda: [KUSTOMIZATION, *seeds("kustomization*", "*.y*ml")]),
    "manifests": (read_consumers("k8s.yaml"), lambda: seeds("*.y*ml")),
    "templates": (read_consumers("chart/templates/d.yaml"), lambda: seeds("*.y*ml", "*.tpl")),
    "ignores": (read_ignores, lambda: seeds(".gitignore", ".dockerignore", "*.dockerignore")),
    "configuration": (read_configuration, lambda: seeds("ctlint.toml", ".ctlint.toml", "*.toml")),
    "index": (read_index, indexes),
    "archive": (read_archive, archives),
    "record": (read_record, lambda: [json.dumps(RECORD).encode(), json.dumps(OWNER_RECORD).encode()]),
    "chart": (read_chart, charts),
    "layer": (read_layer, archives),
    "image": (read_image_documents, lambda: [json.dumps(each).encode() for each in (MANIFEST, CONFIGURATION)]),
    "lock": (read_lock, lambda: [json.dumps(each).encode() for each in (LOCK, FACTS)]),
    "reference": (read_reference, lambda: [b"a/b:c", b"h:5/a/b@sha256:" + b"a" * 64, b"${A:-b}/c:d"]),
    "hooks": (read_hooks, lambda: [HOOKS] * _OFTEN + seeds("*.y*ml")),
    "nginx": (read_in_image(NGINX, "x", "CT614", "CT112"), lambda: CONFIGURATIONS * _OFTEN + seeds("*.conf")),
    "supervisord": (
        read_in_image(SUPERVISORD, "x", "CT614", "CT112"),
        lambda: CONFIGURATIONS * _OFTEN + seeds("*.conf"),
    ),
    "dnsmasq": (read_in_image(DNSMASQ, "x", "CT614", "CT112"), lambda: CONFIGURATIONS * _OFTEN + seeds("*.conf")),
    "cron": (read_in_image(CRON, "x", "CT613", "CT612"), lambda: TABLES * _OFTEN + seeds("*cron*")),
    "entry": (read_in_image(ENTRY, "x", *_OF_ENTRIES), lambda: seeds(*_SCRIPTS)),
    "prepared": (read_prepared, lambda: PREPARATIONS * _OFTEN + seeds("Makefile*", "*.yml", "*.sh", "package.json")),
    "add-on": (read_consumers("config.yaml"), lambda: [ADD_ON] * _OFTEN + seeds("config.yaml", "*.json")),
    "helm-values": (read_consumers("values.yaml"), lambda: [HELM_VALUES, *seeds("values*.y*ml", "*.y*ml")]),
    "seccomp": (read_call_filter, lambda: [CALL_FILTER] * _OFTEN + seeds("*.json")),
    "app-registry": (read_registry_of_apps, lambda: [REGISTRY] * _OFTEN + seeds("registry.yaml", "*.y*ml")),
    "dot-env": (read_dot_env, lambda: [b"A=b\nC=${A:-x}\nexport D='e f'\n", *seeds(".env", "*.env")]),
    "baseline": (read_baseline, lambda: [json.dumps(BASELINE).encode()]),
    "challenge": (read_challenge, lambda: [b'Bearer realm="https://a/t",service="a",scope="x:y", Basic realm="b"']),
    "tree": (read_tree, lambda: [json.dumps(TREE).encode()]),
    "inspect": (read_inspected, repositories),
    "graph": (read_graph, repositories),
    "lint": (read_repository, repositories),
}

READS: dict[str, tuple[str, ...]] = {
    "dockerfile": ("dockerfile/*",),
    "shell": ("shell/*", "commands/*", "interpreter/*", "effects/*"),
    "execline": ("shell/execline*", "interpreter/interpret_execline*"),
    "desktop": ("desktop/entry*", "desktop/keys*", "desktop/values*", "desktop/exec_line*", "desktop/validate*"),
    "compose": ("builds/compose_builds*", "builds/yaml_nodes*", "builds/placeholders*"),
    "workflow": ("builds/ci_builds*", "builds/yaml_nodes*", "builds/placeholders*"),
    "gitlab": ("builds/ci_builds*", "builds/yaml_nodes*"),
    "bake": ("builds/bake*", "builds/hcl*"),
    "makefile": ("builds/script_builds*", "builds/build_commands*"),
    "jenkinsfile": ("builds/script_builds*", "builds/build_commands*"),
    "build-script": ("builds/script_builds*", "builds/build_commands*"),
    "readme": ("builds/script_builds*", "builds/build_commands*"),
    "consumers": ("consumers/compose*", "consumers/ports_and_mounts*", "consumers/reading*", "builds/yaml_nodes*"),
    "devcontainer": ("consumers/devcontainer*",),
    "quadlet": ("consumers/quadlet*", "consumers/container_run*"),
    "kustomize": ("consumers/kustomize*", "consumers/kubernetes*"),
    "manifests": ("consumers/kubernetes*",),
    "templates": ("consumers/helm*", "consumers/go_template*"),
    "ignores": ("repository/gitignore*", "repository/dockerignore*", "text/globs*"),
    "configuration": ("../lint/config/*",),
    "index": ("repository/git_files*",),
    "archive": ("remote/archive*", "remote/tar_headers*"),
    "record": ("remote/cached_snapshot*", "remote/untrusted*"),
    "chart": ("consumers/helm*", "consumers/go_template*"),
    "layer": ("oci/tar_stream*", "oci/merge*", "oci/unpack*"),
    "image": ("oci/manifest*",),
    "lock": ("real_images/lock*", "real_images/facts*"),
    "reference": ("text/reference*",),
    "hooks": ("../lint/commands/precommit_file*",),
    **dict.fromkeys(
        ("nginx", "supervisord", "dnsmasq"), ("../rules/shared/services/servers*", "../rules/shared/services/included*")
    ),
    "cron": ("../rules/ct613*", "../rules/ct612*"),
    "entry": tuple(f"../rules/{code.lower()}*" for code in _OF_ENTRIES),
    "prepared": ("builds/prepared_files*",),
    "add-on": ("consumers/home_assistant*",),
    "helm-values": ("consumers/helm_values*",),
    "seccomp": ("consumers/seccomp*",),
    "app-registry": ("consumers/app_registry*",),
    "dot-env": ("builds/placeholders*",),
    "baseline": ("../lint/judging/baseline*",),
    "challenge": ("remote/registry_auth*",),
    "tree": ("remote/git_trees*",),
    "inspect": ("../lint/inspecting/image_*",),
    "graph": ("graph/*",),
    "lint": ("*/*", "../lint/judging/*", "../rules/*", "../rules/shared/*", "../rules/shared/*/*"),
}
"""The files of lineage/ that are the reader of a target: of these the branches that were taken are counted."""


def attempt(read: Callable[[bytes], None], data: bytes) -> str | None:
    """Why an input fails; None where it does not."""
    begin = time.process_time()
    try:
        read(data)
    except (CtlintError, Unknown):
        pass
    except Exception as error:
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        at = f"{where.tb_frame.f_code.co_filename.rpartition('/')[2]}:{where.tb_lineno}" if where else ""
        return f"{type(error).__name__} at {at}: {str(error)[:120]}"
    spent = time.process_time() - begin
    if spent > 1 + 0.2 * len(data) / 1024:
        return f"slow: {spent:.1f} s for {len(data)} bytes"
    return None


def smaller(read: Callable[[bytes], None], data: bytes, reason: str) -> bytes:
    """The input with what does not matter to its failure taken away."""
    kind = reason.partition(":")[0].partition(" at ")[0]
    size = len(data) // 2
    turns = 0
    while size and turns < 300:
        at = 0
        while at < len(data) and turns < 300:
            turns += 1
            shorter = data[:at] + data[at + size :]
            if (attempt(read, shorter) or "").startswith(kind):
                data = shorter
            else:
                at += size
        size //= 2
    return data


def corpus(target: str) -> Iterator[tuple[str, bytes]]:
    """The inputs that failed once, by file name."""
    for path in sorted(CORPUS.glob(f"{target}-*")):
        yield path.name, path.read_bytes()


def fuzz(target: str, runs: int, seed: int, counted: Callable[[], object] = lambda: None) -> list[str]:
    """Try changed inputs on a target; what failed, each reason once. `counted` is called where no more branches are counted."""
    read, made = TARGETS[target]
    base = [*made(), *(data for _, data in corpus(target))]
    chance = random.Random(f"{target} {seed}")
    failed: dict[str, str] = {}
    gc.collect()
    gc.freeze()  # what was loaded stays, and need not be looked through at each collection
    for number in range(runs):
        if number == _COUNTED:
            counted()
        data = base[number] if number < len(base) else changed(chance.choice(base), base, chance)
        reason = attempt(read, data)
        if reason is None:
            continue
        place = reason.partition(": ")[0]
        if place not in failed:
            data = smaller(read, data, reason)
            FOUND.mkdir(parents=True, exist_ok=True)
            file = FOUND / f"{target}-{sha256(data).hexdigest()[:12]}"
            file.write_bytes(data)
            failed[place] = f"{target}: {reason} ({file.relative_to(ROOT)})"
    return list(failed.values())


def guided(target: str, runs: int, seconds: int, seed: int) -> None:
    """Let atheris make the inputs of a target, at most so many and for so long. Does not return: the process ends with 77
    where one fails."""
    atheris = cast("Any", importlib.import_module("atheris"))
    read, made = TARGETS[target]
    folder = ROOT / "build" / "fuzz-corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    given = made()
    random.Random(seed).shuffle(given)
    for data in (*given[:_MOST_SEEDS], *(data for _, data in corpus(target))):
        (folder / sha256(data).hexdigest()[:16]).write_bytes(data)
    end, tried = float("inf"), 0

    def one(data: bytes) -> None:
        nonlocal tried
        if time.monotonic() > end:  # libFuzzer looks at its own clock only when it has read the corpus
            print(f"{target:14} {tried:8,} runs guided, {seconds} s, no failure", flush=True)
            os._exit(0)
        tried += 1
        reason = attempt(read, data)
        if reason is not None:
            FOUND.mkdir(parents=True, exist_ok=True)
            (FOUND / f"{target}-{sha256(data).hexdigest()[:12]}").write_bytes(data)
            raise RuntimeError(reason)

    for function in gc.get_objects():
        if isinstance(function, FunctionType) and str(function.__module__).startswith("ctlint."):
            with suppress(ValueError, AttributeError):  # a function that was made from another's code
                atheris.instrument_func(function)
    end = time.monotonic() + seconds
    atheris.Setup(
        [sys.argv[0], f"-runs={runs}", f"-seed={seed + 1}", "-max_len=16384", "-rss_limit_mb=3000", str(folder)], one
    )
    atheris.Fuzz()


NO_BRANCH = "no branch of its reader"
"""What is told of a target whose inputs do not reach its reader at all, which is a failure of the target."""


class Branches:
    """Counts the branches of a target's reader that are taken from now on."""

    def __init__(self, target: str) -> None:
        import coverage

        files = [
            str(Path(os.path.normpath(ROOT / "lineage" / f"{one.removesuffix('*')}*.py"))) for one in READS[target]
        ]
        from coverage.exceptions import NoDataError

        self.nothing = NoDataError
        self.measured = coverage.Coverage(include=files, branch=True, data_file=None, config_file=False)
        self.measured.start()

    def stop(self) -> None:
        """Count no further."""
        self.measured.stop()

    def told(self) -> str:
        """How many branches of its reader a target has taken, for its line of the report."""
        self.stop()
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
            file = Path(folder) / "coverage.json"
            try:
                self.measured.json_report(outfile=str(file), ignore_errors=True)
            except self.nothing:
                return NO_BRANCH
            totals = json.loads(file.read_bytes())["totals"]
        taken, all_ = totals["covered_branches"], totals["num_branches"]
        return f"{taken:,} of {all_:,} branches of its reader ({100 * taken // max(all_, 1)} %)"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(TARGETS)} (all)")
    parser.add_argument("--runs", type=int, default=20_000, help="executions of each target (20000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--guided", action="store_true", help="let atheris (pip install atheris) make the inputs of one target"
    )
    parser.add_argument("--seconds", type=int, default=300, help="how long a guided run may last")
    parser.add_argument(
        "--coverage",
        action="store_true",
        help=f"report the branches of each reader that its first {_COUNTED:,} executions took",
    )
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    if options.guided:
        for target in options.targets[:1]:
            guided(target, options.runs, options.seconds, options.seed)
    failed: list[str] = []
    for target in options.targets or TARGETS:
        begin = time.process_time()
        taken = Branches(target) if options.coverage else None
        found = fuzz(target, options.runs, options.seed, taken.stop if taken is not None else lambda: None)
        told = f"  {taken.told()}" if taken is not None else ""
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(
            f"{target:14} {options.runs:8,} runs  {time.process_time() - begin:7.1f} s  {most:5} MB"
            f"  {len(found)} failures{told}",
            flush=True,
        )
        failed += found
        if told.endswith(NO_BRANCH):
            failed.append(f"{target}: {NO_BRANCH}")
        if most > 500:
            failed.append(f"{target}: {most} MB")
    for reason in failed:
        print(reason)
    return 1 if failed else 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
