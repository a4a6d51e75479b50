"""Two Dockerfiles publish one image name and tag.

## What it does
Compares the names and tags that Makefiles, CI, compose, bake and scripts give to the images at hand, and reports a name with a
known tag that two Dockerfiles are given, where the second one is. Dockerfiles of one folder (architectures, variants that a
developer builds) and names without registry path are left alone, and so are copies of one repository.

## Why it matters at run time
What is built last wins: the tag is now one image and now another, and children are built on either.

## When to ignore it
When only one of them is ever pushed.

## References
- distribution/reference: a tag points to one manifest
"""

from collections.abc import Iterator, Mapping, Sequence

from ..lineage.builds.build_files import owner_and_repository
from ..lineage.workspace.siblings import Publication, published_twice
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Related, Severity

SEVERITY = Severity.WARNING


def check(source: ImageSource, workspace: Workspace) -> Iterator[Message]:
    told: set[str] = set()
    for reference, first, own in workspace.once(_by_publisher).get(id(source), ()):
        if not _rivals(first, own):
            continue
        name = reference.rpartition(":")[0]
        if name not in told:
            told.add(name)
            yield Message(
                own.place,
                f"{reference} is published by {first.source.shown}, too: what is built last wins.",
                "Give one of them another name or tag.",
                (Related(first.place, "it is published here first"),),
                subject=reference,
                owner=source.id,
            )


def _by_publisher(workspace: Workspace) -> Mapping[int, Sequence[tuple[str, Publication, Publication]]]:
    """What an image publishes that another one does, too: (name with tag, its first publication, the image's own)."""
    found: dict[int, list[tuple[str, Publication, Publication]]] = {}
    for reference, published in published_twice(workspace).items():
        for source, own in {id(each.source): each for each in reversed(published)}.items():
            found.setdefault(source, []).append((reference, published[0], own))
    return found


def _rivals(first: Publication, second: Publication) -> bool:
    """Whether two Dockerfiles are meant, neither variants side by side nor copies of one repository."""
    a, b = first.source, second.source
    if a.shown == b.shown or first.place == second.place:
        return False
    if a.snapshot is b.snapshot:
        return a.path.rpartition("/")[0] != b.path.rpartition("/")[0]
    same_text = a.dockerfile.instructions == b.dockerfile.instructions
    repositories = {owner_and_repository(a.snapshot), owner_and_repository(b.snapshot)} - {None}
    return not same_text and (a.snapshot.name != b.snapshot.name) and len(repositories) != 1
