"""Which consumers run an image: the compose service that builds it, and those that name it."""

from collections.abc import Iterator

from ...lineage.builds.build import Bound
from ...lineage.builds.consumers import Consumer, consumers
from ...lineage.builds.contexts import bound_builds
from ...lineage.text.places import Place
from ...lineage.workspace.workspace import ImageSource, Workspace


def consumers_of(workspace: Workspace, source: ImageSource) -> Iterator[Consumer]:
    """The consumers, in any repository at hand, that build the image or name it with a tag it may have."""
    builds = _builds(workspace, source)
    for snapshot in workspace.snapshots:
        for consumer in consumers(snapshot):
            if consumer.built is not None and snapshot is source.snapshot:
                if any(
                    bound.build.place.path == consumer.built.path and bound.build.place.line == consumer.built.line
                    for bound in builds
                ):
                    yield consumer
            elif consumer.name is not None and _named(workspace, source, consumer):
                yield consumer


def _builds(workspace: Workspace, source: ImageSource) -> tuple[Bound, ...]:
    """The builds of the image's Dockerfile, for its target, that the repository's files describe."""
    paths = list(dict.fromkeys(image.path for image in workspace.images if image.snapshot is source.snapshot))
    found = bound_builds(source.snapshot, paths).get(source.path, ())
    return tuple(bound for bound in found if bound.target == source.build.target)


def _named(workspace: Workspace, source: ImageSource, consumer: Consumer) -> bool:
    name = workspace.identity(consumer.name or "")
    tag = consumer.tag or "latest"
    return any(
        published.name == name and not published.assumed and (published.fits(tag) or consumer.tag is None)
        for published in source.names
        if not published.local
    )


def compose_inits(workspace: Workspace, source: ImageSource) -> Iterator[Place]:
    """The places of `init: true` in compose services that run the image."""
    for consumer in consumers_of(workspace, source):
        if consumer.init is not None:
            yield consumer.init
