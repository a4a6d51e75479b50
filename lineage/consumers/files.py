"""The consumers of a repository: which files run images, and who reads each."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar
from weakref import WeakKeyDictionary

from ..builds.compose_builds import included_files
from ..builds.yaml_nodes import Node, documents, get, items, refused, scalar
from ..late.dataclasses import replace
from ..late.patterns import pattern
from ..repository.dockerfiles import NOT_SEARCHED
from ..repository.snapshot import Snapshot
from ..text.budget import LARGEST_BUILD_FILE, LARGEST_MANIFEST, LimitError, budget
from ..text.errors import InputError, Unknown
from ..text.places import Place, Span
from .app_registry import Registry, is_registry, read_registry, registry_consumers
from .compose import compose_consumers
from .container_run import document_consumers, makefile_consumers, script_consumers
from .devcontainer import changed_services, devcontainer_consumers
from .helm import chart_at, render
from .helm_functions import Chart
from .helm_values import values_consumers
from .home_assistant import add_on_consumers, is_add_on
from .kubernetes import pods
from .kustomize import NAMES, kustomize_consumers, patched
from .model import Consumer, Kind, first_reason
from .names import read_image
from .quadlet import quadlet_consumers
from .reading import SourceText, read_documents, without_jinja

T = TypeVar("T")
_IMAGE = pattern(rb"(?:^|[\s{,])[\"']?(?:image|build|repository|newName|newTag)[\"']?[ \t]*:", re.MULTILINE)
_PATCHES = pattern(rb"^[\"']?(?:patches|transformers|replacements)", re.MULTILINE)
_IMAGE_HEAD = pattern(r"[ \t]*+(?:-[ \t]++)?image:[ \t]*+")
_RUNS = pattern(rb"\b(?:docker|podman|nerdctl)[ \t]+(?:container[ \t]+)?(?:run|create)\b")
_DOCUMENTS = (".md", ".rst", ".adoc", ".markdown")
_MAKEFILES = ("makefile", "gnumakefile")
_DEVCONTAINERS = ("devcontainer.json", ".devcontainer.json")
_COMPOSE = pattern(r"(?:docker-)?compose(?:\.override)?\.ya?ml")
"""The names that compose reads without being told."""
_FILLED_IN = pattern(r"\{\{|\{%|<%|@@|__[A-Z]|@[A-Z_]+@|%[A-Z_]+%|\[\[")
"""What another program fills in."""
_OF_TESTS = pattern(r"(?i:_*(?:tests?|testdata|test[-_]\w+|fixtures?|specs?)_*)")
_ELSEWHERE = (".github/", ".circleci/", ".gitlab/")
"""Folders of CI systems: what they run is gone when they are done."""

_found: WeakKeyDictionary[Snapshot, tuple[Consumer, ...]] = WeakKeyDictionary()
_shown: WeakKeyDictionary[Snapshot, tuple[Consumer, ...]] = WeakKeyDictionary()


def consumers(snapshot: Snapshot) -> tuple[Consumer, ...]:
    """All that a repository's files run, but its documents; by path and line. Files that make no sense say nothing."""
    found = _found.get(snapshot)
    if found is None:
        found = _found[snapshot] = tuple(_Repository(snapshot).all())
    return found


def documented(snapshot: Snapshot) -> tuple[Consumer, ...]:
    """What a repository's documents show how to run, by path and line."""
    found = _shown.get(snapshot)
    if found is None:
        paths = (path for path in _files(snapshot) if path.lower().endswith(_DOCUMENTS))
        read = (
            _guarded(document_consumers(snapshot, path), snapshot, path)
            for path in paths
            if _has(snapshot, path, _RUNS)
        )
        found = _shown[snapshot] = tuple(one for each in read for one in each)
    return found


def unread_runs(snapshot: Snapshot) -> Unknown | None:
    """Why more may be run of a repository's images, and in another way, than is known: a compose file cannot be read."""
    for path in snapshot.entries:
        why = snapshot.unreadable(path) if _is_compose(path) else None
        if why is not None:
            return Unknown(f"{snapshot.show(path)} {why}", "unread")
    return None


def _files(snapshot: Snapshot) -> Iterator[str]:
    for path, entry in snapshot.entries.items():
        largest = LARGEST_BUILD_FILE if _is_compose(path) else LARGEST_MANIFEST
        readable = entry.kind == "file" and entry.size <= largest and not path.startswith(_ELSEWHERE)
        if readable and NOT_SEARCHED.isdisjoint(path.split("/")[:-1]) and snapshot.speaks(path):
            yield path


def too_large(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """The files that seem to run images, and are too large to be read for it: (path, why)."""
    for path, entry in snapshot.entries.items():
        if entry.size <= LARGEST_MANIFEST or not path.endswith((".yaml", ".yml")) or path.startswith(_ELSEWHERE):
            continue
        searched = entry.kind == "file" and NOT_SEARCHED.isdisjoint(path.split("/")[:-1]) and snapshot.speaks(path)
        if searched and not _is_compose(path) and _has(snapshot, path, _IMAGE):
            yield path, f"it is larger than {LARGEST_MANIFEST >> 10} KiB, so that it was not read for what it runs"


def _is_compose(path: str) -> bool:
    name = path.rpartition("/")[2]
    return "compose" in name and name.endswith((".yaml", ".yml"))


def _has(snapshot: Snapshot, path: str, wanted: "re.Pattern[bytes]") -> bool:
    try:
        return wanted.search(snapshot.read(path)) is not None
    except InputError:
        return False


def _guarded(found: Iterable[Consumer], snapshot: Snapshot, path: str) -> tuple[Consumer, ...]:
    """All of them; none of a file that cannot be read, which is told where it asks for more than is followed."""
    try:
        with budget():
            return tuple(found)
    except LimitError as limit:
        snapshot.trouble(path, str(limit))
        return ()
    except RecursionError:
        snapshot.trouble(path, "it is nested too deeply, so that it could not be read")
        return ()
    except InputError:
        return ()


def _listed(snapshot: Snapshot, path: str) -> tuple[tuple[str, Unknown], ...]:
    _, roots = read_documents(snapshot.show(path), snapshot.text(path))
    return tuple(one for root in roots for one in patched(snapshot, path, root))


def _all_included(snapshot: Snapshot, path: str) -> tuple[str, ...]:
    return tuple(included_files(snapshot, path))


def _all_changed(snapshot: Snapshot, path: str) -> tuple[tuple[str, str, Unknown], ...]:
    return tuple(changed_services(snapshot, path))


def _doubted(consumer: Consumer, *doubts: Unknown | None) -> Consumer:
    reason = first_reason(consumer.open, *doubts)
    return consumer if reason is consumer.open else replace(consumer, open=reason)


class _Repository:
    """The consumers of one repository, file by file, each read once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.read: dict[str, tuple[Consumer, ...]] = {}
        self.charts: dict[str, Chart | None] = {}
        self.rendered: dict[str, set[str | None]] = {}
        self.registries: list[Registry] = []
        self.compose: set[str] = set()
        self.patched: dict[str, Unknown] = {}
        self.changed: dict[tuple[str, str], Unknown] = {}

    def all(self) -> Iterator[Consumer]:
        paths = list(_files(self.snapshot))
        self._registries(paths)
        self._included(paths)
        self._patched(paths)
        self._changed(paths)
        for path in paths:
            yield from self.file(path)
        for registry in self.registries:
            yield from _guarded(
                registry_consumers(self.snapshot, registry),
                self.snapshot,
                registry.source.shown.removeprefix(self.snapshot.label),
            )

    def file(self, path: str) -> tuple[Consumer, ...]:
        if path not in self.read:
            self.read[path] = ()
            found = _guarded(self._in(path), self.snapshot, path)
            doubt = self.patched.get(path)
            self.read[path] = tuple(_doubted(one, doubt, self.changed.get((path, one.title))) for one in found)
        return self.read[path]

    def _patched(self, paths: Iterable[str]) -> None:
        """Which files are not run as they stand, since a kustomization changes what is in them."""
        for path in paths:
            if path.rpartition("/")[2] in NAMES and _has(self.snapshot, path, _PATCHES):
                none: tuple[tuple[str, Unknown], ...] = ()
                for file, why in self._safely(path, partial(_listed, self.snapshot, path), none):
                    self.patched.setdefault(file, why)

    def _changed(self, paths: Iterable[str]) -> None:
        """Which services of compose files run another image than they say, since an editor makes one of it."""
        for path in paths:
            if path.rpartition("/")[2] in _DEVCONTAINERS:
                none: tuple[tuple[str, str, Unknown], ...] = ()
                read = partial(_all_changed, self.snapshot, path)
                for file, service, why in self._safely(path, read, none):
                    self.changed.setdefault((file, service), why)

    def _registries(self, paths: Iterable[str]) -> None:
        for path in paths:
            if path.endswith((".yaml", ".yml")) and "registry" in path.rpartition("/")[2]:
                registry = self._safely(path, partial(read_registry, self.snapshot, path), None)
                if registry is not None:
                    self.registries.append(registry)

    def _included(self, paths: Iterable[str]) -> None:
        for path in paths:
            if path.endswith((".yaml", ".yml")) and "compose" in path.rpartition("/")[2]:
                self.compose.add(path)
                self.compose.update(self._safely(path, partial(_all_included, self.snapshot, path), ()))

    def _safely(self, path: str, read: Callable[[], T], otherwise: T) -> T:
        """What is read of a file; `otherwise` where it asks for more than is followed, which is told, or cannot be read."""
        try:
            with budget():
                return read()
        except LimitError as limit:
            self.snapshot.trouble(path, str(limit))
            return otherwise
        except InputError:
            return otherwise

    def _in(self, path: str) -> Iterable[Consumer]:
        name = path.rpartition("/")[2]
        lower = name.lower()
        if lower.endswith((".yaml", ".yml")) or lower == "kustomization":
            return self._yaml(path, name)
        if name == "config.json" or name in _DEVCONTAINERS:
            return self._json(path, name)
        if lower.endswith(".container"):
            return quadlet_consumers(self.snapshot, path)
        script, makefile = lower.endswith((".sh", ".bash")), lower in _MAKEFILES or lower.endswith(".mk")
        if (script or makefile) and _has(self.snapshot, path, _RUNS):
            return script_consumers(self.snapshot, path) if script else makefile_consumers(self.snapshot, path)
        return ()

    def _json(self, path: str, name: str) -> Iterator[Consumer]:
        if name != "config.json":
            yield from devcontainer_consumers(self.snapshot, path)
            return
        source, roots = read_documents(self.snapshot.show(path), self.snapshot.text(path).replace("\t", " "))
        if roots and is_add_on(roots[0]):
            yield from add_on_consumers(self.snapshot, path, source, roots[0])

    def _yaml(self, path: str, name: str) -> Iterator[Consumer]:
        chart = self._chart_of(path)
        if chart is not None:
            yield from self._template(chart, path)
            return
        text = self.snapshot.text(path)
        if (path in self.compose or _is_manifest(text)) and not documents(without_jinja("", text)[1]):
            self._refused(path, text)
            yield from _by_lines("compose" if path in self.compose else "Kubernetes", self.snapshot.show(path), text)
            return
        if path in self.compose:
            yield from compose_consumers(self.snapshot, path, tycho=self._is_tycho(path, text))
            return
        if name in ("config.yaml", "config.yml") and "slug:" in text:
            yield from self._add_on(path, text)
            return
        if is_registry(text) or _IMAGE.search(text.encode("utf-8", "replace")) is None:
            return
        if re.search(r"^services:", text, re.MULTILINE) is not None and not _is_manifest(text):
            if _looks_like_compose(text):
                yield from compose_consumers(self.snapshot, path)
            return
        yield from self._manifest(path, name, text)

    def _refused(self, path: str, text: str) -> None:
        """Tell of a compose file that compose itself reads, and refuses since it is no YAML; none that something fills in or
        that tests are there to see refused."""
        *folders, name = path.split("/")
        if _COMPOSE.fullmatch(name) is None or _FILLED_IN.search(text) or any(map(_OF_TESTS.fullmatch, folders)):
            return
        why = refused(text)
        if why is not None:
            words, line = why
            self.snapshot.trouble(path, f"It is no YAML, so that compose refuses it: {words}.", line)

    def _manifest(self, path: str, name: str, text: str) -> Iterator[Consumer]:
        manifest, is_values = _is_manifest(text), "values" in name
        if name in NAMES:
            source, roots = read_documents(self.snapshot.show(path), text)
            for root in roots:
                yield from kustomize_consumers(self.snapshot, path, source, root, self.file)
            return
        if not manifest and not is_values:
            return
        source, roots = read_documents(self.snapshot.show(path), text)
        if (
            not manifest
            and roots
            and self.snapshot.get(f"{path.rpartition('/')[0]}/Chart.yaml".lstrip("/")) is not None
        ):
            rendered = self._rendered(path.rpartition("/")[0])
            found = values_consumers(source, roots[0], source.shown)
            yield from (one for one in found if one.name not in rendered)
            return
        for root in roots:
            yield from (_document(source, root) if manifest else values_consumers(source, root, source.shown))

    def _add_on(self, path: str, text: str) -> Iterator[Consumer]:
        source, roots = read_documents(self.snapshot.show(path), text)
        if roots and is_add_on(roots[0]):
            yield from add_on_consumers(self.snapshot, path, source, roots[0])

    def _is_tycho(self, path: str, text: str) -> bool:
        return "pvc://" in text or any(path in registry.specs.values() for registry in self.registries)

    # Charts

    def _chart_of(self, path: str) -> Chart | None:
        """The chart that a file is a template of."""
        folder, found, _ = f"/{path}".rpartition("/templates/")
        if not found:
            return None
        while "/templates/" in f"{folder}/":
            folder = folder.rpartition("/templates")[0]
        folder = folder.lstrip("/")
        if folder not in self.charts:
            self.charts[folder] = chart_at(self.snapshot, folder)
        return self.charts[folder]

    def _rendered(self, folder: str) -> set[str | None]:
        """What the containers of the templates of a chart's folder are called."""
        if folder not in self.rendered:
            below = self.snapshot.files_below(f"{folder}/templates".lstrip("/"))
            templates = [entry.path for entry in below if entry.path.endswith((".yaml", ".yml"))]
            self.rendered[folder] = {one.name for path in templates for one in self.file(path)}
        return self.rendered[folder]

    def _template(self, chart: Chart, path: str) -> Iterator[Consumer]:
        if not _has(self.snapshot, path, _IMAGE) and not _has(self.snapshot, path, re.compile(rb"include|define")):
            return
        rendered = render(chart, path)
        if rendered is None:
            return
        source, text = rendered
        for root in documents(text):
            yield from pods(source, root, "Helm")


def _by_lines(kind: Kind, shown: str, text: str) -> Iterator[Consumer]:
    """The lines `image: …` of a file that is no YAML as it stands: which image is run is known, and nothing of how."""
    unknown = Unknown("the file is no YAML as it stands")
    for number, row in enumerate(text.splitlines(), 1):
        found = _image_in(row)
        if found is not None and not re.match(r"\[|\{(?!\{)|[&*|>]", found[0]):
            place = Place(shown, Span(number, found[1] + 1))
            yield Consumer(kind, "", found[0], *read_image(found[0]), place, open=unknown)


def _image_in(row: str) -> tuple[str, int] | None:
    """What a line `image: …` names, and at which offset; None for another line."""
    head = _IMAGE_HEAD.match(row)
    if head is None:
        return None
    quote = row[head.end() : head.end() + 1] if row[head.end() : head.end() + 1] in ("'", '"') else ""
    start = head.end() + len(quote)
    text, mark, _ = row[start:].partition("#")
    if mark and not text.endswith((" ", "\t")):
        return None
    text = text.rstrip(" \t")
    if not text.endswith(quote):
        return None
    text = text.removesuffix(quote) if quote else text
    return (text, start) if text else None


def _document(source: SourceText, root: Node) -> Iterator[Consumer]:
    """The consumers of a document of a manifest; a release of a chart by its values."""
    kind, name = scalar(get(root, "kind")), scalar(get(root, "metadata", "name")) or ""
    releases = {"HelmRelease": ("spec", "values"), "Application": ("spec", "source", "helm", "valuesObject")}
    values = get(root, *releases[kind]) if kind in releases else None
    if values is not None:
        yield from values_consumers(source, values, f"{source.shown}:{name}")
        return
    if kind in ("HelmChart", "HelmChartConfig"):
        return
    yield from pods(source, root, "Kubernetes")


def _is_manifest(text: str) -> bool:
    return re.search(r"^[\"']?apiVersion[\"']?:", text, re.MULTILINE) is not None and "kind:" in text


def _looks_like_compose(text: str) -> bool:
    """Whether `services` maps names to mappings, as compose has it, not to a list or to images alone."""
    roots = documents(text)
    services = get(roots[0], "services") if roots else None
    pairs = list(items(services))
    return bool(pairs) and all(get(node, "image") is not None or get(node, "build") is not None for _, node in pairs)
