"""A consumer names a tag that nothing builds, and that is one slip from one that is built.

## What it does
Reports an image reference whose name a repository at hand publishes, with a tag that differs by one wrong, missing, added or
exchanged letter from a tag that is built there, where all tags that are built are known. Other tags are left alone: they may have
been built before.

## Why it matters at run time
The pull fails ("manifest unknown"), and the container does not start; or an image from long ago is run.

## When to ignore it
When that very tag is in the registry.

## References
- distribution/distribution, "Errors": MANIFEST_UNKNOWN
"""

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from ..lineage.builds.image_source import ImageSource
from ..lineage.builds.published_names import ANY_TAG
from ..lineage.text.places import Place, Span
from ..lineage.text.spelling import NearNames
from ..lineage.workspace.deployments import Deployment
from ..lineage.workspace.workspace import Workspace
from .base import Message, Related, Severity

SEVERITY = Severity.WARNING
_known: WeakKeyDictionary[Workspace, dict[str, tuple[dict[str, ImageSource], NearNames]]] = WeakKeyDictionary()


def check(deployment: Deployment) -> Iterator[Message]:
    consumer = deployment.consumer
    if consumer.tag is None or consumer.name is None or consumer.built is not None or "@" in consumer.written:
        return  # what is pulled by its digest is found, whatever the tag says
    built, names = _tags(deployment.workspace, consumer.name)
    if not built or ANY_TAG in built or consumer.tag in built:
        return
    meant = next(iter(names.near(consumer.tag)), None)
    if meant is None:
        return
    source = built[meant]
    yield Message(
        consumer.place,
        f"Nothing here builds {consumer.name}:{consumer.tag}; {source.shown} is built as `{meant}`.",
        f"Did you mean `{meant}`?",
        (Related(Place(source.shown, Span(1)), f"{consumer.name}:{meant} is built here"),),
        subject=consumer.tag,
    )


def _tags(workspace: Workspace, name: str) -> tuple[dict[str, ImageSource], NearNames]:
    """The tags of a name that are built, and the same laid out for words that are like them; made once a workspace."""
    known = _known.setdefault(workspace, {})
    if name not in known:
        built = dict(_built(workspace, name))
        known[name] = built, NearNames(built)
    return known[name]


def _built(workspace: Workspace, name: str) -> Iterator[tuple[str, ImageSource]]:
    identity = workspace.identity(name)
    for source in workspace.publishers(name):
        for published in source.names:
            if published.name == identity and not published.assumed:
                yield from ((tag, source) for tag in published.tags or (ANY_TAG,))
