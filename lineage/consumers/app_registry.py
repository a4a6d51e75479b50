"""HeLx app registries: which specs Tycho runs, in which context, as which user.

A registry (`api: Tycho`) has contexts with apps; an app's spec is `FOLDER/APP/docker-compose.yaml` below the folder that
`repositories` names, or what its own `spec` says. A context's `securityContext` of an app, or Tycho's settings, decide the user.
"""

import posixpath
from collections.abc import Iterator, Mapping, Sequence

from ..builds.yaml_nodes import Node, get, items, scalar, sequence
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
_SHOWN = 8
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
    """The specs as the registry's contexts run them: where a context says a user, and the ports that it offers.

    What a context says of an app, of its own or of a context that it `extends`, takes the place of what the app itself
    says (TychoContext.inherit and add_conf_impl of Tycho). A context that says nothing runs it as the app's own does.
    """
    contexts = {name: _Context.of(node) for name, node in items(get(registry.root, "contexts"))}
    mixed = {name for one in contexts.values() for name in one.mixin}
    offered = {name: _offered(contexts, name) for name in contexts}
    silent: dict[tuple[str, str], list[str]] = {}
    for context, apps in offered.items():
        for app, (owner, one) in apps.items():
            user = get(contexts[context].part(app, one, "securityContext"), "runAsUser")
            if user is None and context not in mixed:
                silent.setdefault((owner, app), []).append(context)
    for context, apps in offered.items():
        for app, (owner, one) in apps.items():
            spec = registry.specs.get((owner, app))
            if spec is None or (owner != context and app not in contexts[context].said):
                continue
            parts = {name: contexts[context].part(app, one, name) for name in ("securityContext", "services", "env")}
            if context in mixed and get(parts["securityContext"], "runAsUser") is None:
                continue  # it only adds to apps of others
            who = Unknown(_who(app, silent.get((owner, app), [context])), "platform")
            yield from _run(snapshot, registry.source, spec, parts, who)


@dataclass(frozen=True, slots=True)
class _Context:
    """A context of a registry: its own apps, what else it says by its keys, what it extends, and what adds to its apps."""

    apps: Mapping[str, Node]
    said: Mapping[str, Node]
    extends: tuple[str, ...]
    mixin: tuple[str, ...]

    @classmethod
    def of(cls, node: Node) -> "_Context":
        extends, mixin = (
            tuple(name for name in map(scalar, sequence(get(node, key))) if name is not None)
            for key in ("extends", "mixin")
        )
        return cls(dict(items(get(node, "apps"))), dict(items(node)), extends, mixin)

    def part(self, app: str, defined: Node, name: str) -> Node | None:
        """What holds of an app: what the context says, else what stands where the app is defined."""
        said = get(self.said.get(app), name)
        return said if said is not None else get(defined, name)


def _offered(contexts: Mapping[str, _Context], context: str) -> dict[str, tuple[str, Node]]:
    """The apps of a context, each with the context that it is defined in: the context's own win over what it extends."""
    found: dict[str, tuple[str, Node]] = {}
    for one in _line(contexts, context):
        found.update((app, (one, node)) for app, node in contexts[one].apps.items())
    return found


def _line(contexts: Mapping[str, _Context], context: str) -> list[str]:
    """A context and all that it extends, each once, in the order in which later ones win."""
    order: dict[str, None] = {}
    waiting = [context]
    while waiting:
        one = waiting.pop()
        if one in contexts and one not in order:
            order[one] = None
            waiting += contexts[one].extends
    return list(reversed(order))


def _who(app: str, contexts: Sequence[str]) -> str:
    shown = ", ".join(contexts[:_SHOWN]) + (f" and {len(contexts) - _SHOWN} more" if len(contexts) > _SHOWN else "")
    verb = "gives" if len(contexts) == 1 else "give"
    silence = f"{shown} of the app registry {verb} {app} no runAsUser"
    return f"{silence}: TYCHO_APP_RUN_AS_USER, among Tycho's settings, says which user"


def _run(
    snapshot: Snapshot, source: SourceText, spec: str, parts: Mapping[str, Node | None], who: Unknown
) -> Iterator[Consumer]:
    services, security = dict(items(parts["services"])), parts["securityContext"]
    user, group = source.text(get(security, "runAsUser")), source.text(get(security, "runAsGroup"))
    if user is not None and user.known and group is not None and group.known:
        user = ConsumerSetting(f"{user.known}:{group.known}", user.place)
    specified = list(compose_consumers(snapshot, spec, tycho=True))
    known = {found.title for found in specified}
    unmet = tuple(ConsumerSetting(name, source.place(port)) for name, port in services.items() if name not in known)
    for found in specified:
        port = services.get(found.title)
        declared = () if port is None else (Port(number(scalar(port)), None, "tcp", source.place(port)),)
        environment = {name: setting for name, setting, _ in source.entries(parts["env"])}
        yield replace(
            found,
            user=user,
            platform_user=None if user is not None else who,
            ports=(*found.ports, *declared),
            environment={**found.environment, **environment},
            base=found,
            unmet=unmet if len(unmet) == len(services) else (),  # else something of it can be reached
        )
