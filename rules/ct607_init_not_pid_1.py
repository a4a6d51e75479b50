"""s6-overlay's `/init` is started as a child of another process.

## What it does
Reports an ENTRYPOINT that wraps `/init` (`tini`, `dumb-init`, `sh -c`), an entry script that starts it without `exec`, and
`init: true` in a compose service that builds or runs the image. Starts under a condition are left alone.

## Why it matters at run time
`/init` must be process 1. Under s6-overlay 3 it ends at once with exit code 100, "can only run as pid 1": the container does
not start. Under older ones it is only a warning: the boot works, and services are not stopped in order.

## When to ignore it
When the container runs with its process namespace unshared, so that `/init` is process 1 of its own.

## References
- s6-overlay-helpers, s6-overlay-suexec.c: "can only run as pid 1"
- Compose specification, "init"
"""

from collections.abc import Iterator

from ..lineage.boot.init import child_starts
from ..lineage.boot.plan import leads_to_init
from ..lineage.builds.build import Bound
from ..lineage.builds.consumers import Consumer, consumers
from ..lineage.builds.contexts import bound_builds
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release, release_of
from ..lineage.text.places import Place
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Severity

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, source: ImageSource, workspace: Workspace) -> Iterator[Message]:
    release = release_of(image)
    if release is None or leads_to_init(image) is not True:
        return
    if not isinstance(release, S6Release):
        raise release
    starts = [(start.by, start.place, start.image) for start in child_starts(image)]
    severity = None if release.generation >= 3 else Severity.WARNING
    happens = "ends at once with exit code 100" if release.generation >= 3 else "is not told when the container stops"
    for by, place, owner in starts:
        if image.owns(owner):
            cure = 'Name `/init` alone: `ENTRYPOINT ["/init"]`.' if by != place.path.rpartition("/")[2] else ""
            yield Message(
                place,
                f"`/init` is started as a child of {by}: s6-overlay {release.label} must be process 1 and {happens}.",
                cure or 'Replace the shell: `exec /init "$@"`.',
                severity=severity,
                subject=by,
                owner=owner,
            )
    for place in compose_inits(workspace, source):
        yield Message(
            place,
            f"`init: true` puts an init of the container engine before `/init`, which {happens} when it is not process 1 "
            f"(s6-overlay {release.label}).",
            "Remove `init: true`: s6-overlay is an init.",
            severity=severity,
            subject="compose",
            owner=image.id,
        )


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
