"""Images of one repository stand on different tags of one parent, or a default differs from what is built.

## What it does
Reports an image that is built on another tag of a parent of the same organisation than most of its siblings in the repository
(tags that differ in their numbers; variants, architectures and digests are left alone), and a default of an ARG in FROM that
differs from the value which all build files of the repository give (a README only shows what may be given).

## Why it matters at run time
The odd one keeps the parent's old defects, or gets its new ones alone. Where the default differs, `docker build .` by hand
makes another image than the one that is published.

## When to ignore it
When the image needs the other tag.

## References
- Dockerfile reference, "Understand how ARG and FROM interact"
"""

from collections.abc import Iterator

from ..lineage.text.places import Place
from ..lineage.workspace.siblings import odd_one, other_defaults
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Related, Severity

SEVERITY = Severity.WARNING


def check(source: ImageSource, workspace: Workspace) -> Iterator[Message]:
    for other in other_defaults(workspace, source):
        given = other.by.build.place
        yield Message(
            other.place,
            f"`{other.name}` is {other.default} by default, and the {other.by.build.kind} builds with {other.given}: a "
            "build by hand makes another image.",
            f"Let both say {other.given}.",
            (Related(given, f"it is {other.given} here"),),
            subject=other.name,
        )
        return
    odd = odd_one(workspace, source)
    if odd is None:
        return
    place = Place(source.shown, odd.stage.base.span)
    for name in odd.stage.base.uses:
        argument = source.stages.global_args.get(name)
        if argument is not None and not argument.given and argument.value == odd.reference.tag:
            place = Place(source.shown, argument.instruction.span)
    yield Message(
        place,
        f"This image stands on {odd.reference.familiar}:{odd.reference.tag}, and others of the repository on "
        f"{odd.usual} ({odd.example.shown}).",
        f"Build it on {odd.usual}, too.",
        (Related(odd.example_place, "a sibling names the other tag here"),),
        subject=odd.reference.familiar,
    )
