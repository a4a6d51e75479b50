"""What the lineage graph is made of: images, external parents and stages, and the lines of Dockerfiles between them.

An edge runs from the parent to what is built on it.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from ..dockerfile.stages import Stage
from ..image.image import EffectiveImage
from ..late.dataclasses import dataclass
from ..s6.release import S6Release, release_of
from ..text.errors import Unknown
from ..text.places import Place
from ..text.reference import InvalidReference, Reference, identity
from ..text.reference import parse as parse_reference
from ..workspace.deployments import deployments
from ..workspace.s6_releases import S6Marks
from ..workspace.workspace import ImageSource, Workspace

NodeKind = Literal["image", "external", "stage", "consumer"]
EdgeKind = Literal["from", "copy-from", "consumes"]


@dataclass(frozen=True, slots=True)
class GraphNode:
    """An image at hand, an external parent, or a stage. `id` is as INTERFACE has it; `names` are what it is published as."""

    id: str
    kind: NodeKind
    name: str
    names: tuple[str, ...] = ()
    repo: str | None = None
    dockerfile: str | None = None
    target: str | None = None
    s6: str | None = None
    profiled: bool = False
    unresolved: bool = False
    """It stands for an image whose name cannot be known: a variable without a value, what is no name."""
    path: str | None = None
    """The Dockerfile's path (of a consumer, the file's), as it is shown to the user."""
    context: str | None = None
    """The build context, as it is shown to the user."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A FROM or COPY --from: `reference` as written (after expansion), `stage` the stage it stands in."""

    source: str
    target: str
    kind: EdgeKind
    reference: str
    tag: str | None
    digest: str | None
    stage: str
    place: Place


def gather(workspace: Workspace, *, stages: bool = False) -> tuple[list[GraphNode], list[Edge]]:
    """The nodes and edges of all images of a workspace; with `stages`, of their stages too."""
    builder = _GraphBuilder(workspace, stages)
    for source in workspace.images:
        if source.readable:
            builder.image(source)
    return list(builder.nodes.values()), builder.edges


class _GraphBuilder:
    def __init__(self, workspace: Workspace, stages: bool) -> None:
        self.workspace = workspace
        self.stages = stages
        self.nodes: dict[str, GraphNode] = {}
        self.edges: list[Edge] = []
        self.marks = S6Marks(workspace)

    def image(self, source: ImageSource) -> None:
        root = source.build.root
        self.nodes[source.id] = GraphNode(
            source.id,
            "image",
            source.name,
            tuple(dict.fromkeys(self._names(source))),
            source.snapshot.name,
            source.path,
            source.build.target if "#" in source.id else None,
            self.marks.of(source),
            path=source.shown,
            context=source.snapshot.show(root).rstrip("/") or ".",
        )
        for stage in source.stages.needed:
            self._stage(source, stage)

    def _names(self, source: ImageSource) -> Iterator[str]:
        for name in source.names:
            yield name.name
            if name.written:
                parsed = parse_reference(name.written)
                yield parsed.familiar if isinstance(parsed, Reference) else name.written

    def _stage(self, source: ImageSource, stage: Stage) -> None:
        main = stage in source.stages.own_line
        here = self._stage_node(source, stage) if self.stages else source.id
        kind: EdgeKind = "from" if main or self.stages else "copy-from"
        place = Place(source.shown, stage.base.span)
        if stage.base.stage is not None:
            if self.stages:
                parent = self._stage_node(source, source.stages.stages[stage.base.stage])
                self.edges.append(Edge(parent, here, "from", stage.base.text, None, None, stage.title, place))
        elif (reference := stage.base.image) is not None:
            text = stage.base.raw if isinstance(reference, Unknown) else reference
            self._edge(source, here, kind, text, stage, place)
        self._copies(source, stage, here)

    def _copies(self, source: ImageSource, stage: Stage, here: str) -> None:
        for found in source.stages.taken_from(stage):
            place = Place(source.shown, found.span or stage.origin.span)
            if found.kind == "image":
                self._edge(source, here, "copy-from", found.text, stage, place)
            elif found.kind == "stage" and found.stage is not None and self.stages:
                parent = self._stage_node(source, source.stages.stages[found.stage])
                self.edges.append(Edge(parent, here, "copy-from", found.text, None, None, stage.title, place))

    def _stage_node(self, source: ImageSource, stage: Stage) -> str:
        if source.stage is not None and stage.index == source.stage.index:
            return source.id
        node = f"{source.id}:{stage.title}"
        self.nodes.setdefault(node, GraphNode(node, "stage", stage.title, (), source.snapshot.name, source.path))
        return node

    def _edge(self, source: ImageSource, here: str, kind: EdgeKind, reference: str, stage: Stage, place: Place) -> None:
        parsed = parse_reference(reference)
        if isinstance(parsed, InvalidReference):
            node = f"{reference} in {source.shown}"  # what two Dockerfiles call `$base` need not be one image
            self.nodes.setdefault(node, GraphNode(node, "external", reference, (), unresolved=True))
            self.edges.append(Edge(node, here, kind, reference, None, None, stage.title, place))
            return
        parent = self.workspace.parent(parsed, source)
        node = parent.source.id if parent.source is not None else self._external(parsed, parent.profile)
        self.edges.append(Edge(node, here, kind, reference, parsed.effective_tag, parsed.digest, stage.title, place))

    def _external(self, reference: Reference, profile: EffectiveImage | None) -> str:
        name = identity(reference, self.workspace.settings.aliases)
        if name not in self.nodes or (profile is not None and not self.nodes[name].profiled):
            release = release_of(profile) if profile is not None else None
            names = dict.fromkeys((name, reference.familiar, reference.name))
            s6 = release.label if isinstance(release, S6Release) else None
            self.nodes[name] = GraphNode(name, "external", name, tuple(names), s6=s6, profiled=profile is not None)
            if profile is not None:
                self._profile_chain(profile)
        return name

    def _profile_chain(self, profile: EffectiveImage) -> None:
        """The ancestors that a profile names: external nodes above it."""
        for child, parent in zip(profile.chain, profile.chain[1:], strict=False):
            self.nodes.setdefault(
                parent.name, GraphNode(parent.name, "external", parent.name, (parent.name,), profiled=True)
            )
            place = parent.place or Place(child.name, profile.first_line.span)
            reference = parent.reference or parent.name
            self.edges.append(Edge(parent.name, child.name, "from", reference, parent.tag, None, "", place))


def consumer_links(workspace: Workspace, known: Iterable[GraphNode]) -> tuple[list[GraphNode], list[Edge]]:
    """A node for each file that runs images, an edge for each line that names one; external images that are new with it.

    What a placeholder hides is no edge: nobody knows which image it is.
    """
    present = {node.id for node in known}
    nodes: dict[str, GraphNode] = {}
    edges: list[Edge] = []
    for deployment in deployments(workspace):
        consumer, source = deployment.consumer, deployment.source
        image = source.id if source is not None else workspace.identity(consumer.name) if consumer.name else None
        if image is None or consumer.kind == "documentation":
            continue
        path = consumer.place.path
        nodes.setdefault(path, GraphNode(path, "consumer", path, repo=deployment.snapshot.name, path=path))
        if image not in present:
            nodes.setdefault(image, GraphNode(image, "external", image, (image,)))
        written = parse_reference(consumer.written)
        digest = written.digest if isinstance(written, Reference) else None
        reference = consumer.written or (source.name if source is not None else "")
        edges.append(Edge(image, path, "consumes", reference, consumer.tag, digest, consumer.title, consumer.place))
    return list(nodes.values()), edges
