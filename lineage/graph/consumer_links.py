"""Files that run images, as leaves of the graph."""

from collections.abc import Iterable

from ..builds.consumers import Consumer, consumers
from ..text.reference import Reference
from ..text.reference import parse as parse_reference
from ..workspace.workspace import Workspace
from .model import Edge, Node


def consumer_links(workspace: Workspace, known: Iterable[Node]) -> tuple[list[Node], list[Edge]]:
    """A node for each file that runs images, an edge for each line that names one; external images that are new with it.

    What a placeholder hides is no edge: nobody knows which image it is.
    """
    present = {node.id for node in known}
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    for snapshot in workspace.snapshots:
        for consumer in consumers(snapshot):
            image = _image(workspace, consumer)
            if image is None:
                continue
            path = consumer.place.path
            nodes.setdefault(path, Node(path, "consumer", path, repo=snapshot.name, path=path))
            if image not in present:
                nodes.setdefault(image, Node(image, "external", image, (image,)))
            written = parse_reference(consumer.written)
            digest = written.digest if isinstance(written, Reference) else None
            edges.append(
                Edge(image, path, "consumes", consumer.written, consumer.tag, digest, consumer.title, consumer.place)
            )
    return list(nodes.values()), edges


def _image(workspace: Workspace, consumer: Consumer) -> str | None:
    """The id of the image that a consumer runs."""
    if consumer.name is None:
        return None
    parsed = parse_reference(f"{consumer.name}:{consumer.tag}" if consumer.tag else consumer.name)
    if not isinstance(parsed, Reference):
        return None
    source = workspace.parent(parsed).source
    return source.id if source is not None and source.readable else workspace.identity(consumer.name)
