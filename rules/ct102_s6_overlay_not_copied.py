"""The repository holds start scripts or services for s6-overlay that no Dockerfile takes into its image.

## What it does
Looks for s6 trees (`root/etc/cont-init.d/…`, `…/services.d/NAME/run`, `…/s6-rc.d/NAME/up`) in the repository of an image with
s6-overlay, and reports one of which no COPY, ADD or bind mount of any Dockerfile of the repository takes a file, and whose place
in the image nothing else fills.

## Why it matters at run time
The scripts are there to be read, and never run.

## When to ignore it
When another repository, or a build step outside of the Dockerfiles, takes them.

## References
- Dockerfile reference, COPY
"""

from collections.abc import Iterator
from contextlib import suppress

from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release, release_of
from ..lineage.text.errors import InputError, Unknown
from ..lineage.text.places import Place, Span
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Severity
from .shared.services.uncopied_trees import Untaken, untaken
from .shared.subjects import brought_to, folders_of, launchers_named_in, taken_from

SEVERITY = Severity.WARNING
YIELDS_TO = ("CT511",)
"""A COPY of a path that is not there may have been meant to take it."""


def check(image: EffectiveImage, source: ImageSource, workspace: Workspace) -> Iterator[Message]:
    if not isinstance(release_of(image), S6Release):
        return
    found = untaken(workspace, source)
    if isinstance(found, Unknown):
        raise found
    for one in found:
        yield Message(
            Place(source.snapshot.show(one.path), Span(1)),
            "No Dockerfile of the repository copies this into an image: it never runs.",
            f"Add `COPY {one.folder or '.'}/ /` to the Dockerfile, or remove the folder.",
            subject=one.folder,
            about=(*_launchers(source, one.folder), *_asked_for(one)),
        )


def _launchers(source: ImageSource, folder: str) -> Iterator[str]:
    """The launchers that the scripts in the folder would have brought."""
    for entry in source.snapshot.files_below(f"{folder}/etc" if folder else "etc"):
        with suppress(InputError):
            yield from launchers_named_in(source.snapshot.text(entry.path))


def _asked_for(one: Untaken) -> Iterator[str]:
    """In which words a COPY that finds nothing would have asked for the folder."""
    yield from (taken_from(path) for path in folders_of(one.path) if len(path) >= len(one.folder))
    inside = one.path.removeprefix(one.folder).lstrip("/")
    yield from map(brought_to, ("", *(f"/{path}" for path in folders_of(inside))))
