"""A compose file, manifest or app spec names an image that nothing publishes.

## What it does
Reports an image in a compose file, a Kubernetes manifest, Helm values or an app spec whose name is a slip of the pen away
from one that the repositories at hand publish, or that has two registry hosts (`docker.io/quay.io/a/b`,
`{{ registry }}/quay.io/a/b`); and a FROM that can name no image: three path parts on Docker Hub. Placeholders in templates
are left open; names that are not like any at hand are left alone, as other repositories may publish them.

## Why it matters at run time
The pull fails ("manifest unknown", "not found"), and the application does not start.

## When to ignore it
When another repository publishes that very name, or the registry is a mirror with the other host in its paths.

## References
- distribution/reference, normalize.go; Docker Hub, "Repositories": `OWNER/NAME`
"""

from collections.abc import Iterator

from ..lineage.text.places import Place, Span
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Related, Severity
from .shared.misnamed import Misnamed, from_place, misnamed

SEVERITY = Severity.WARNING


def check(source: ImageSource, workspace: Workspace) -> Iterator[Message]:
    for place, name in from_place(source):
        if not workspace.publishers(name):
            yield Message(
                place,
                f"{name} cannot be pulled: it is on Docker Hub, whose names have no more than two parts.",
                "Name the registry in front of it, or correct the name.",
                subject=name,
            )
    first = next((image for image in workspace.selected if image.readable), None)
    if first is source:
        for found in misnamed(workspace):
            yield _message(source, found)


def _message(source: ImageSource, found: Misnamed) -> Message:
    consumer = found.consumer
    related: tuple[Related, ...] = ()
    cure = "Correct the name."
    if found.meant is not None and found.publisher is not None:
        cure = f"Did you mean {found.meant}?"
        related = (Related(Place(found.publisher.shown, Span(1)), f"{found.meant} is built here"),)
    elif "registr" in found.why:
        cure = "Leave one of them out."
    return Message(
        consumer.place,
        f"The image {consumer.written} {found.why}: it cannot be pulled.",
        cure,
        related,
        subject=consumer.written,
        owner=source.id,
    )
