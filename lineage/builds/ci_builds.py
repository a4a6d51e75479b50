"""Builds in the files of CI: GitHub workflows, GitLab CI, Home Assistant's build.yaml."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from math import prod

from ..late.dataclasses import replace
from ..late.patterns import pattern
from ..repository.snapshot import Snapshot
from ..text.budget import LONGEST_VALUE, LimitError, grown, spend
from ..text.places import Place, Span
from . import yaml_nodes as y
from .build import HOME_ASSISTANT, Build, named_contexts
from .build_commands import BuildCommand, commands
from .command_builds import builds_of, with_later_names
from .placeholders import TOP, has_hole, hole

MOST_JOBS = 256
"""Of a matrix; GitHub makes no more (Actions limits)."""
_ACTIONS: Mapping[str, tuple[str, str, str]] = {
    "docker/build-push-action": ("context", "file", "tags"),
    "elgohr/publish-docker-github-action": ("context", "dockerfile", "name"),
    "elgohr/publish-docker-action": ("context", "dockerfile", "name"),
    "redhat-actions/buildah-build": ("context", "containerfiles", "image"),
    "macbre/push-to-ghcr": ("context", "dockerfile", "image_name"),
    "mr-smithers-excellent/docker-build-push": ("directory", "dockerfile", "image"),
}
"""Actions that build an image, and their inputs for build context, Dockerfile and names."""

_WORKFLOWS: Mapping[str, tuple[str, str, str]] = {
    "docker/github-builder/.github/workflows/build.yml": ("context", "file", "meta-images"),
}
"""Reusable workflows that build an image, and their inputs as above."""
_BAKING: Mapping[str, str] = {
    "docker/github-builder/.github/workflows/bake.yml": "target",
    "docker/bake-action": "targets",
}
"""What builds a target of the bake file: the input that names it. What it is called, metadata-action is told: as `meta-images`,
or in a step before."""
_BAKE_FILES = ("docker-bake.json", "docker-bake.hcl")

Node = y.Node
_EXPRESSION = pattern(r"\$\{\{((?:(?!\$\{\{|\}\}).)*)\}\}", re.DOTALL)


def home_assistant_builds(snapshot: Snapshot, path: str) -> Iterator[Build]:
    """The build of a Home Assistant app: `build_from` gives its parent by architecture."""
    root = y.document(snapshot.text(path))
    parents = {name: parent for name, node in y.items(y.get(root, "build_from")) if (parent := y.scalar(node))}
    if not parents:
        return
    architecture = "amd64" if "amd64" in parents else min(parents)
    args = {key: value for key, value in y.pairs(y.get(root, "args")).items() if value is not None}
    args |= {"BUILD_FROM": parents[architecture], "BUILD_ARCH": architecture}
    folder = path.rpartition("/")[0]
    yield Build(HOME_ASSISTANT, Place(snapshot.show(path), Span(1)), args=args, bases=(folder,))


def workflow_builds(snapshot: Snapshot, path: str, owner_and_repo: str | None) -> Iterator[Build]:
    """The builds of a GitHub workflow or composite action: build actions, and commands in `run:`.

    `owner_and_repo` is what `${{ github.repository }}` stands for, where it is known. A matrix of literal values gives
    a build for each combination, up to 64.
    """
    root = y.document(snapshot.text(path))
    known = {}
    if owner_and_repo:
        owner, _, name = owner_and_repo.partition("/")
        known = {"github.repository": owner_and_repo, "github.repository_owner": owner}
        known["github.event.repository.name"] = name
    known |= {"github.workspace": TOP, "env.GITHUB_WORKSPACE": TOP}
    outer = _environment(y.get(root, "env"), known)
    for _, job in y.items(y.get(root, "jobs")):
        for combination in _combinations(y.get(job, "strategy", "matrix")):
            yield from _called(snapshot, path, job, outer | combination)
            yield from _steps(snapshot, path, job, outer | combination)
    yield from _steps(snapshot, path, y.get(root, "runs"), outer)


def gitlab_builds(snapshot: Snapshot, path: str) -> Iterator[Build]:
    """The build commands in the scripts of a GitLab pipeline.

    `before_script` and `script` of a job are one shell, whose folder and variables go from entry to entry; `after_script`
    is another (GitLab, "CI/CD YAML syntax reference").
    """
    root = y.document(snapshot.text(path))
    variables = {key: value for key, value in y.pairs(y.get(root, "variables")).items() if value is not None}
    for name, job in y.items(root):
        if name in _NO_JOBS:
            continue
        own = variables | {key: value for key, value in y.pairs(y.get(job, "variables")).items() if value is not None}
        found: list[BuildCommand] = []
        for sections in (("before_script", "script"), ("after_script",)):
            nodes = [_of_job(root, job, section) for section in sections]
            found += _shell([entry for node in nodes for entry in _entries(node)], dict(own))
        yield from with_later_names(builds_of(found, "GitLab CI", snapshot.show(path), ("",)), found)


_NO_JOBS = ("default", "variables", "before_script", "script", "after_script", "include", "stages", "workflow")


def _of_job(root: Node | None, job: Node | None, section: str) -> Node | None:
    """A part of a job, or what all jobs have that have none of their own."""
    own = y.get(job, section)
    if own is not None or section == "script" or y.get(job, "script") is None:
        return own
    return y.get(root, "default", section) or y.get(root, section)


def _entries(node: Node | None, depth: int = 0) -> Iterator[Node]:
    """The lines of a script: lists in it, as references to other scripts make them, are laid flat."""
    if node is None or depth > _DEEPEST_SCRIPT:
        return
    if y.scalar(node) is not None:
        yield node
    for entry in y.sequence(node):
        yield from _entries(entry, depth + 1)


_DEEPEST_SCRIPT = 10
"""How deep GitLab lets lists lie in a script."""


def _shell(entries: Iterable[Node], variables: dict[str, str]) -> Iterator[BuildCommand]:
    """The commands of texts that one shell runs one after the other."""
    folder = ""
    for entry in entries:
        folder = yield from commands(y.scalar(entry) or "", variables, line=_first_line(entry), folder=folder)


def _called(snapshot: Snapshot, path: str, job: Node | None, known: Mapping[str, str]) -> Iterator[Build]:
    """What a reusable workflow of `_WORKFLOWS` or `_BAKING` builds for a job that calls it."""
    node = y.get(job, "uses")
    workflow = (y.scalar(node) or "").partition("@")[0].lower()
    if node is None or job is None:
        return
    if workflow in _WORKFLOWS:
        yield _action(snapshot, path, job, _WORKFLOWS[workflow], known)
    elif workflow in _BAKING:
        names = _list(_github_text(y.scalar(y.get(job, "with", "meta-images")) or "", known))
        yield from _baked(snapshot, path, job, _BAKING[workflow], names, known)


def _baked(
    snapshot: Snapshot, path: str, step: Node, key: str, names: Iterable[str], known: Mapping[str, str]
) -> Iterator[Build]:
    """The build of the bake file's target that a step or job names, with the names that it gets; nothing where the targets
    build several images."""
    wanted = _list(_github_text(y.scalar(y.get(step, "with", key)) or "", known))
    files = [file for file in _BAKE_FILES if snapshot.get(file) is not None]
    tags = tuple(f"{name if has_hole(name) else name.lower()}:{hole('tag')}" for name in names)
    if not files or not tags:
        return
    from .bake import bake_builds

    made = list(bake_builds(snapshot, files[0]))
    chosen = [build for build in made if build.label in wanted] or made
    if len({(build.context, build.dockerfile, build.target) for build in chosen}) == 1:
        place = Place(snapshot.show(path), Span(y.line(y.get(step, "uses") or step)))
        yield replace(chosen[0], kind="GitHub workflow", place=place, tags=tags, label=None)


def _steps(snapshot: Snapshot, path: str, job: Node | None, outer: Mapping[str, str]) -> Iterator[Build]:
    known = _environment(y.get(job, "env"), outer)
    names: dict[str, str] = dict(known)
    made: list[Build] = []
    ran: list[BuildCommand] = []
    called: list[list[str]] = []
    for step in y.sequence(y.get(job, "steps")):
        spend(5)
        own = _environment(y.get(step, "env"), names)
        uses = y.scalar(y.get(step, "uses"))
        run = y.scalar(y.get(step, "run"))
        identifier = y.scalar(y.get(step, "id"))
        if uses and uses.startswith("docker/metadata-action") and identifier:
            images = _github_text(y.scalar(y.get(step, "with", "images")) or "", own)
            called.append(_list(images))
            names[f"steps.{identifier}.outputs.tags"] = "\n".join(
                f"{name if has_hole(name) else name.lower()}:{hole('tag')}" for name in called[-1]
            )
        elif uses and uses.partition("@")[0].lower() in _ACTIONS:
            made.append(_action(snapshot, path, step, _ACTIONS[uses.partition("@")[0].lower()], own))
        elif uses and uses.partition("@")[0].lower() in _BAKING:
            one = called[0] if len(called) == 1 else ()  # which of several it is given is not looked into
            made += _baked(snapshot, path, step, _BAKING[uses.partition("@")[0].lower()], one, own)
        elif run:
            folder = y.scalar(y.get(step, "working-directory")) or y.scalar(
                y.get(job, "defaults", "run", "working-directory")
            )
            variables = {key.removeprefix("env."): value for key, value in own.items() if key.startswith("env.")}
            variables["GITHUB_REPOSITORY"] = own.get("github.repository", hole("github.repository"))
            variables["GITHUB_REPOSITORY_OWNER"] = own.get("github.repository_owner", hole("github.repository_owner"))
            first = _first_line(y.get(step, "run") or step)
            text = _github_text(run, own)
            start = _github_text(folder or "", own)
            found = list(commands(text, variables, line=first))
            made += builds_of(found, "GitHub workflow", snapshot.show(path), (start,))
            ran += found
    yield from with_later_names(made, ran)


def _first_line(node: Node) -> int:
    """The line that the text of a node begins on."""
    return y.line(node) + (getattr(node, "style", None) in ("|", ">"))


def _action(snapshot: Snapshot, path: str, step: Node, inputs: tuple[str, str, str], known: Mapping[str, str]) -> Build:
    context_key, file_key, names_key = inputs

    def text(key: str) -> str:
        return _github_text(y.scalar(y.get(step, "with", key)) or "", known).strip()

    context = text(context_key).removeprefix("{{defaultContext}}").removeprefix(":") or "."
    args: dict[str, str] = {}
    unknown: set[str] = set()
    for row in text("build-args").splitlines():
        key, equals, value = row.strip().partition("=")
        if equals and not has_hole(value):
            args[key] = value.strip("\"'")
        elif key:
            unknown.add(key)
    rows = [
        (name, what.strip()) for name, _, what in (row.partition("=") for row in text("build-contexts").splitlines())
    ]
    place = Place(snapshot.show(path), Span(y.line(y.get(step, "uses") or step)))
    return Build(
        "GitHub workflow",
        place,
        context,
        text(file_key) or None,
        text("target") or None,
        args,
        frozenset(unknown),
        tuple(_list(text(names_key))),
        named=named_contexts({name.strip(): what for name, what in rows if name.strip()}),
    )


def _environment(node: Node | None, outer: Mapping[str, str]) -> dict[str, str]:
    """What expressions stand for: `outer`, and `env.NAME` for each variable of an `env:`."""
    known = dict(outer)
    for key, value in y.items(node):
        text = y.scalar(value)
        if text is not None:
            known[f"env.{key}"] = _github_text(text, known)
    return known


def _github_text(text: str, known: Mapping[str, str]) -> str:
    """A text with what is known in place of its `${{ … }}`, of `a || 'b'` the first that is; holes for the others."""

    def value(found: re.Match[str]) -> str:
        for alternative in found[1].split("||"):
            expression = alternative.strip()
            literal = re.fullmatch(r"'([^']*)'", expression)
            if literal:
                return literal[1]
            if expression in known:
                return known[expression]
        return hole(found[1])

    out: list[str] = []
    at = length = 0
    for found in _EXPRESSION.finditer(text):
        out += [text[at : found.start()], value(found)]
        length += len(out[-1]) + len(out[-2])
        if length > LONGEST_VALUE:
            break
        at = found.end()
    return grown("".join((*out, text[at:])))


def _combinations(matrix: Node | None) -> list[dict[str, str]]:
    """What `matrix.…` stands for in each job that a matrix of literal values makes; one job where there is none."""
    axes: list[list[dict[str, str]]] = []
    included: list[dict[str, str]] = []
    for key, node in y.items(matrix):
        if key == "include":
            included = [_flat(entry, "matrix") for entry in y.sequence(node)]
        elif key != "exclude":
            axes.append([_flat(entry, f"matrix.{key}") for entry in y.sequence(node)])
    axes = [axis for axis in axes if axis]
    if max(prod(map(len, axes)), len(included)) > MOST_JOBS:
        raise LimitError(f"a matrix of it makes more than {MOST_JOBS} jobs, so that they could not be read")
    rows = [{name: value for part in parts for name, value in part.items()} for parts in product(*axes)]
    if not axes:
        return included or [{}]
    extra = [entry for entry in included if not any(_agree(entry, row) for row in rows)]
    widened = [row | {k: v for entry in included if _agree(entry, row) for k, v in entry.items()} for row in rows]
    return widened + extra


def _agree(entry: Mapping[str, str], row: Mapping[str, str]) -> bool:
    shared = [key for key in entry if key in row]
    return bool(shared) and all(entry[key] == row[key] for key in shared)


def _flat(node: Node, prefix: str) -> dict[str, str]:
    text = y.scalar(node)
    if text is not None:
        return {prefix: text}
    return {f"{prefix}.{key}": text for key, value in y.items(node) if (text := y.scalar(value)) is not None}


def _list(text: str) -> list[str]:
    """The entries of an input that takes a list, one a line or with commas between; `KEY=VALUE` is none."""
    return [entry.strip() for entry in re.split(r"[\n,]", text) if entry.strip() and "=" not in entry]
