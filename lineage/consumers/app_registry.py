"""HeLx app registries: which specs Tycho runs, in which context, as which user.

A registry (`api: Tycho`) has contexts with apps; an app's spec is `FOLDER/APP/docker-compose.yaml` below the folder that
`repositories` names, or what its own `spec` says. A context's `securityContext` of an app, or Tycho's settings, decide the user.
"""

import posixpath
from collections.abc import Iterator

from ..builds.yaml_nodes import Node, get, items, scalar
from ..late.dataclasses import dataclass, replace
from ..late.patterns import pattern
from ..repository.snapshot import Snapshot
from ..text.budget import LimitError, grown
from ..text.errors import InputError, Unknown
from .compose import compose_consumers
from .model import Consumer, ConsumerSetting, Port
from .ports_and_mounts import number
from .reading import SourceText, read_documents

_LARGEST = 1 << 20
_RAW = pattern(
    r"https?://(?:[^/]+/[^/]+/(?P<repository>[^/]+)/(?:-/)?raw|raw\.githubusercontent\.com/[^/]+/(?P<other>[^/]+))/(?P<path>.+)"
)
"""The address of a file as a forge gives it out: owner, repository, branch and path."""
_PLACEHOLDER = pattern(r"\$(?:\{(\w+)\}|(\w+))")
"""Tycho fills in where its `repositories` are (string.Template)."""
_LONGEST_WRITTEN = 4096
"""Characters of an address or a spec as it is written: no system has a longer path."""
_BRANCH_PARTS = 20
"""Parts of an address that may be its branch."""


@dataclass(frozen=True)
class Registry:
    """An app registry of a repository, with the spec's repository path of each app of each context."""

    source: SourceText
    root: Node
    specs: dict[tuple[str, str], str]


def is_registry(text: str) -> bool:
    """Whether a YAML text may be an app registry."""
    return "contexts:" in text and "apps:" in text


def read_registry(snapshot: Snapshot, path: str) -> Registry | None:
    """The registry at a path; None for another file."""
    entry = snapshot.get(path)
    if entry is None or entry.size > _LARGEST:
        return None
    try:
        text = snapshot.text(path)
    except InputError:
        return None
    if not is_registry(text):
        return None
    source, roots = read_documents(snapshot.show(path), text)
    root = next((root for root in roots if get(root, "contexts") is not None), None)
    if root is None:
        return None
    return Registry(source, root, dict(_specs(snapshot, path, root)))


def _specs(snapshot: Snapshot, path: str, root: Node) -> Iterator[tuple[tuple[str, str], str]]:
    folder = path.rpartition("/")[0]
    repositories = {name: _written(get(one, "url")) or "" for name, one in items(get(root, "repositories"))}
    places = list(repositories.values()) or [""]
    for context, node in items(get(root, "contexts")):
        for app, one in items(get(node, "apps")):
            spec = _written(get(one, "spec"))
            names = (
                [_PLACEHOLDER.sub(lambda found: repositories.get(found[1] or found[2], found[0]), spec)]
                if spec
                else (f"{place}/{app}/docker-compose.{end}" for place in places for end in ("yaml", "yml"))
            )
            wanted = (found for name in names for found in _paths(snapshot, folder, grown(name)))
            found = next((path for path in wanted if snapshot.get(path) is not None), None)
            if found is not None:
                yield (context, app), found


def _written(node: Node | None) -> str | None:
    """An address or a spec. Raises LimitError for one that is longer than a path can be."""
    text = scalar(node)
    if text is not None and len(text) > _LONGEST_WRITTEN:
        raise LimitError(f"it names a path of more than {_LONGEST_WRITTEN:,} characters, so that it could not be read")
    return text


def _paths(snapshot: Snapshot, folder: str, name: str) -> Iterator[str]:
    """Where a spec may lie in the repository: below the registry's folder, or where an address of this very repository at a
    forge leads, whose branch may have slashes.
    """
    if "://" not in name:
        yield posixpath.normpath(posixpath.join(folder, name)).lstrip("/")
        return
    address = _RAW.match(name)
    if address is None or (address["repository"] or address["other"]).lower() not in _names_of(snapshot):
        return
    parts = address["path"].split("/")
    yield from (grown("/".join(parts[at:])) for at in range(1, min(len(parts), _BRANCH_PARTS)))


def _names_of(snapshot: Snapshot) -> set[str]:
    """What the repository is called, by its folder and by its remotes."""
    named = (snapshot.name, *snapshot.remotes.values())
    return {one.rstrip("/").rpartition("/")[2].removesuffix(".git").lower() for one in named}


def registry_consumers(snapshot: Snapshot, registry: Registry) -> Iterator[Consumer]:
    """The specs as the registry's contexts run them: where a context says a user, and the ports that it offers."""
    for context, node in items(get(registry.root, "contexts")):
        for app, one in items(get(node, "apps")):
            spec = registry.specs.get((context, app))
            if spec is None:
                continue
            security = get(one, "securityContext") or get(node, app, "securityContext")
            yield from _run(snapshot, registry.source, spec, one, security)


def _run(snapshot: Snapshot, source: SourceText, spec: str, app: Node, security: Node | None) -> Iterator[Consumer]:
    services = dict(items(get(app, "services")))
    user, group = source.text(get(security, "runAsUser")), source.text(get(security, "runAsGroup"))
    if user is not None and user.known and group is not None and group.known:
        user = ConsumerSetting(f"{user.known}:{group.known}", user.place)
    for found in compose_consumers(snapshot, spec, tycho=True):
        port = services.get(found.title)
        declared = () if port is None else (Port(number(scalar(port)), None, "tcp", source.place(port)),)
        environment = {name: setting for name, setting, _ in source.entries(get(app, "env"))}
        yield replace(
            found,
            user=user,
            platform_user=None if user is not None else Unknown("Tycho's settings say which user"),
            ports=(*found.ports, *declared),
            environment={**found.environment, **environment},
            base=found,
        )
