"""Where images that belong together have parted: --drift, and the marks on nodes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from ..builds.build import Bound
from ..builds.contexts import bound_builds
from ..builds.placeholders import filled, has_hole
from ..builds.published_names import ANY_TAG, PublishedName
from ..consumers.files import consumers
from ..dockerfile.stages import parse_stages
from ..late.dataclasses import dataclass
from ..repository.snapshot import Snapshot
from ..text.places import Place
from ..text.platforms import without_platform
from ..text.reference import Reference, identity
from ..text.reference import parse as parse_reference
from ..text.reference import registry as registry_of
from ..text.renamed import left_for
from ..workspace.siblings import does_give, published_under
from ..workspace.workspace import ImageSource, Workspace
from .graph import Edge, Lineage
from .tree import Line

DriftKind = Literal["tags", "default", "renamed", "published-twice", "registries", "unpublished"]


@dataclass(frozen=True, slots=True)
class Drift:
    """Something that is adrift: a sentence, and the lines it is seen in, each with what it says.

    `subject` is the image it is about; `nodes` are the graph's nodes to be marked, none where it cannot be told which of
    several is the one that drifted.
    """

    kind: DriftKind
    subject: str
    message: str
    places: tuple[tuple[Place, str], ...]
    nodes: tuple[str, ...] = ()


def drifts(lineage: Lineage, workspace: Workspace) -> list[Drift]:
    """All that is adrift in a workspace, by kind and name: children on different tags of one parent, a Dockerfile's
    default base that the build files overrule, old names of an organisation, names that several repositories publish,
    images taken from another registry than they are published to, and consumers of images of the organisation that
    nothing publishes.
    """
    return [*_in_graph(lineage, workspace), *_registries(lineage, workspace), *_unpublished(workspace)]


def drift_marks(lineage: Lineage, workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """The sentences on each node that drifts."""
    marks: dict[str, list[str]] = {}
    for drift in _in_graph(lineage, workspace):
        for node in drift.nodes:
            marks.setdefault(node, []).append(drift.message)
    return {node: tuple(sentences) for node, sentences in marks.items()}


def _in_graph(lineage: Lineage, workspace: Workspace) -> Iterator[Drift]:
    sources = [source for source in workspace.images if source.readable and source.id in lineage.nodes]
    yield from _tags(lineage)
    yield from _defaults(workspace, sources)
    yield from _renamed(lineage, workspace)
    yield from _published_twice(sources)


def _tags(lineage: Lineage) -> Iterator[Drift]:
    """Images at hand built on different tags (or digests) of one parent, first those whose parent is at hand too. Marked
    are those that leave what most share, where it is: of another's image several releases are in order.
    """
    for parent in sorted(lineage.nodes.values(), key=lambda node: node.kind != "image"):
        edges = [
            edge
            for child in lineage.children(parent.id)
            if lineage.nodes[child].kind == "image"
            for edge in lineage.between(parent.id, child)
            if edge.kind == "from" and (edge.tag or edge.digest)
        ]
        counted = Counter(_version(edge) for edge in edges)
        if len(counted) < 2:
            continue
        (most, times), (_, second) = counted.most_common(2)
        known = parent.kind == "image" and times > second
        strays = [edge for edge in edges if known and _version(edge) != most]
        whose = parent.name if parent.kind == "image" else f"{parent.name}, whose Dockerfile is not here"
        yield Drift(
            "tags",
            parent.name,
            f"{len(edges)} images are built on {len(counted)} versions of {whose}: {', '.join(sorted(counted))}.",
            tuple(
                dict.fromkeys((edge.place, f"{lineage.nodes[edge.target].name} on {edge.reference}") for edge in edges)
            ),
            tuple(dict.fromkeys(edge.target for edge in strays)),
        )


def _version(edge: Edge) -> str:
    return f":{without_platform(edge.tag)}" if edge.tag else f"@{(edge.digest or '')[:19]}"


def _defaults(workspace: Workspace, sources: Sequence[ImageSource]) -> Iterator[Drift]:
    """Dockerfiles whose base, by their own defaults, is another than the one that a build file asks for."""
    paths: dict[Snapshot, dict[str, None]] = {}
    for source in workspace.images:
        paths.setdefault(source.snapshot, {})[source.path] = None
    bound = {snapshot: bound_builds(snapshot, tuple(each)) for snapshot, each in paths.items()}
    for source in sources:
        given_builds = bound[source.snapshot].get(source.path, ())
        if not given_builds:
            continue
        for (own, given), places in _differing(source, given_builds).items():
            sentence = f"{source.name} is built on {own} by its Dockerfile, and on {given} by its build files."
            yield Drift("default", source.name, sentence, tuple(places.items()), (source.id,))


def _differing(source: ImageSource, builds: Sequence[Bound]) -> dict[tuple[str, str], dict[Place, str]]:
    """By (base by the defaults, base as it is built): where the two are said."""
    plain = parse_stages(source.dockerfile, {}, source.build.target)
    found: dict[tuple[str, str], dict[Place, str]] = {}
    for bound in filter(does_give, builds):
        arguments = {name: filled(value, bound.values) for name, value in bound.build.args.items()}
        known = {name: value for name, value in arguments.items() if not has_hole(value)}
        built = parse_stages(source.dockerfile, known, source.build.target) if known else plain
        for own, given in zip(plain.stages, built.stages, strict=True):
            one, other = own.base.reference, given.base.reference
            if isinstance(one, str) and isinstance(other, str) and one != other and own.index in plain.reachable:
                said = {Place(source.shown, own.base.span): f"FROM {own.base.raw}"}
                places = found.setdefault((one, other), said)
                places[bound.build.place] = f"is given {', '.join(f'{k}={v}' for k, v in known.items())}"
    return found


def _renamed(lineage: Lineage, workspace: Workspace) -> Iterator[Drift]:
    """Images built on a name that its organisation has left."""
    for edge in lineage.edges:
        parsed = parse_reference(edge.reference)
        now = left_for(parsed, workspace.settings.aliases) if isinstance(parsed, Reference) else None
        if now is not None and isinstance(parsed, Reference) and lineage.nodes[edge.target].kind == "image":
            name = lineage.nodes[edge.target].name
            sentence = f"{name} is built on {parsed.familiar}, an old name of {now}."
            yield Drift("renamed", name, sentence, ((edge.place, edge.reference),), (edge.target,))


def _published_twice(sources: Sequence[ImageSource]) -> Iterator[Drift]:
    """Names that the Dockerfiles of several repositories, or several of one with the same tag, are published under."""
    by_name: dict[str, list[tuple[ImageSource, PublishedName]]] = {}
    for source in sources:
        for given in published_under(source):
            by_name.setdefault(given.name, []).append((source, given))
    for name, publishers in sorted(by_name.items()):
        meant = [(s, n) for s, n in publishers if any(_same(s, n, other, its) for other, its in publishers)]
        if meant:
            yield Drift(
                "published-twice",
                name,
                f"{name} is published by {len({source.id for source, _ in meant})} Dockerfiles.",
                tuple(
                    (
                        found.place or Place(source.shown, source.dockerfile.instructions[0].span),
                        f"{source.shown}: {found.how}",
                    )
                    for source, found in meant
                ),
                tuple(dict.fromkeys(source.id for source, _ in meant)),
            )


def _same(one: ImageSource, name: PublishedName, other: ImageSource, its: PublishedName) -> bool:
    if one.id == other.id or (one.path == other.path and one.snapshot is other.snapshot):
        return False
    if one.snapshot is not other.snapshot and ANY_TAG in (*name.tags, *its.tags):
        return True
    return any(tag in its.tags and ANY_TAG not in tag for tag in name.tags)


_Uses = dict[str, dict[str, dict[Place, Reference]]]
"""By the identity of an image, and by registry, where it is named and how."""


def _registries(lineage: Lineage, workspace: Workspace) -> Iterator[Drift]:
    """Images that are built on, or run, from a registry that nothing here publishes them to, though to another one; and
    images taken from two registries, with no tag in common.

    A name without registry tells nothing of where it is published: `docker tag` may follow `docker build`.
    """
    published: _Uses = {}
    unsure: set[str] = set()
    for source in workspace.images:
        for given in source.names:
            if given.place is None or given.local or given.assumed:
                continue
            if given.how == "compose" or "." not in given.written.partition("/")[0]:
                unsure.add(given.name)
            else:
                _note(published, workspace, given.written, given.place)
    used: _Uses = {}
    for edge in lineage.edges:
        if lineage.nodes[edge.target].kind == "image":
            _note(used, workspace, edge.reference, edge.place)
    for snapshot in workspace.snapshots:
        for consumer in consumers(snapshot):
            if consumer.name is not None and not consumer.registry_open and consumer.built is None:
                tag = f":{consumer.tag}" if consumer.tag else ""
                _note(used, workspace, f"{consumer.name}{tag}", consumer.place)
    for name, by_registry in sorted(used.items()):
        homes = {} if name in unsure else published.get(name, {})
        strays = [registry for registry in by_registry if homes and registry not in homes]
        tags = [{each.tag for each in found.values()} for found in by_registry.values()]
        if strays:
            message = f"{name} is published to {_listed(homes)}, and taken from {_listed(strays)}."
            shown = {registry: by_registry[registry] for registry in strays}
            places = [
                (place, f"published as {_with_registry(what)}")
                for each in homes.values()
                for place, what in each.items()
            ]
        elif _apart(tags):
            message = f"{name} is taken from {_listed(by_registry)}, with other tags from each."
            shown, places = by_registry, []
        else:
            continue
        places += [(place, _with_registry(what)) for each in shown.values() for place, what in each.items()]
        yield Drift("registries", name, message, tuple(places))


def _apart(tags: Sequence[set[str | None]]) -> bool:
    """Whether all tags are known, and each of several registries has others than the first."""
    known = all(None not in each for each in tags)
    return known and len(tags) > 1 and all(tags[0].isdisjoint(each) for each in tags[1:])


def _note(uses: _Uses, workspace: Workspace, written: str, place: Place) -> None:
    parsed = parse_reference(written)
    if isinstance(parsed, Reference):
        name = identity(parsed, workspace.settings.aliases)
        uses.setdefault(name, {}).setdefault(registry_of(parsed), {})[place] = parsed


def _with_registry(reference: Reference) -> str:
    version = f":{reference.tag}" if reference.tag else ""
    return f"{reference.name}{version}" + (f"@{reference.digest}" if reference.digest else "")


def _listed(registries: Iterable[str]) -> str:
    return " and ".join(sorted(registries))


def _unpublished(workspace: Workspace) -> Iterator[Drift]:
    """Consumers of images under a name space that repositories at hand publish to, which none of them publishes."""
    if len(workspace.snapshots) < 2:
        return
    published = [
        name.name for source in workspace.images for name in source.names if not name.local and not name.assumed
    ]
    spaces = {name.rpartition("/")[0] for name in published if "/" in name}
    guessed = _folders_of_unnamed(workspace)
    found: dict[str, list[tuple[Place, str]]] = {}
    for snapshot in workspace.snapshots:
        for consumer in consumers(snapshot):
            name = workspace.identity(consumer.name) if consumer.name else None
            if name is None or consumer.built is not None or name.rpartition("/")[0] not in spaces:
                continue
            parsed = parse_reference(name)
            if not isinstance(parsed, Reference) or parsed.last in guessed:
                continue
            if workspace.parent(parsed).source is None:
                found.setdefault(name, []).append((consumer.place, consumer.written))
    for name, places in sorted(found.items()):
        yield Drift("unpublished", name, f"{name} is used, and no Dockerfile here is published as it.", tuple(places))


def _folders_of_unnamed(workspace: Workspace) -> set[str]:
    """The names of folders and repositories with a Dockerfile that nothing names: it may be published as any of them."""
    found: set[str] = set()
    for source in workspace.images:
        if all(name.local or name.assumed for name in source.names):
            found.update(part.lower() for part in source.shown.split("/")[:-1])
            found.add(source.snapshot.name.rpartition("/")[2].lower())
    return found


def drift_lines(found: Iterable[Drift]) -> Iterator[Line]:
    """Each drift as a sentence, and below it the lines it is seen in."""
    for drift in found:
        yield [(f"{drift.kind}: ", "magenta"), (drift.message, "bold")]
        for place, what in drift.places:
            yield [("  ", ""), (str(place), "blue"), (f"  {what}", "")]


def drift_json(found: Iterable[Drift]) -> dict[str, Any]:
    """All drifts, as lint/output/schemas/graph.json describes them."""
    return {
        "schema": 1,
        "drift": [
            {
                "kind": drift.kind,
                "subject": drift.subject,
                "message": drift.message,
                "images": list(drift.nodes),
                "places": [{"path": p.path, "line": p.line, "text": what} for p, what in drift.places],
            }
            for drift in found
        ],
    }
