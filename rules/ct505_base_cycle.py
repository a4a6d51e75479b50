"""Images that descend from each other.

## What it does
Follows FROM among the images at hand, by name and tag, and reports a row of images that leads back to the first one. Other tags
of one name are other images: a release that stands on the one before is no cycle.

## Why it matters at run time
None of the images can be built from nothing: each needs an old copy of another one that only a registry still has.

## When to ignore it
When the first image of the row was made otherwise, and that is written down.

## References
- Dockerfile reference, "FROM"
"""

from collections.abc import Iterator

from ..lineage.text.places import Place
from ..lineage.workspace.siblings import cycle_through, foundation
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Related, Severity

SEVERITY = Severity.ERROR


def check(source: ImageSource, workspace: Workspace) -> Iterator[Message]:
    cycle = cycle_through(workspace, source)
    if not cycle or min(image.shown.split("/") for image in cycle) != source.shown.split("/"):
        return
    places = [_from(image) for image in cycle]
    names = " → ".join([image.name for image in cycle] + [source.name])
    yield Message(
        places[0],
        f"Images that descend from each other: {names}.",
        "Build one of them on an image outside of the row.",
        tuple(Related(place, "it goes on here") for place in places[1:]),
        severity=Severity.WARNING if len(cycle) == 1 else None,  # it is built on the image that was published before
        subject=names,
    )


def _from(image: ImageSource) -> Place:
    found = foundation(image)
    return (
        Place(image.shown, found[0].base.span)
        if found is not None
        else Place(image.shown, image.dockerfile.instructions[0].span)
    )
