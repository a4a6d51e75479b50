"""COPY or ADD takes a path that the build context does not hold.

## What it does
Reports a source of COPY or ADD that is surely not in the build context, `.dockerignore` counted. The context is taken from
the repository's build files, else guessed. It is an error for a slip, for what `.dockerignore` leaves out, and where a service
builds what is checked out, else a warning: who builds by hand may have the file. A pattern is reported (as a warning) only where
it is the one source, its folder is there, and the folder above or one right below has what it would match. Files that git ignores
or that a build step makes are left alone. Where the context is not sure, only what is in none of the folders that it can be is
reported, if it is a slip for what one of them has.

## Why it matters at run time
The build fails: "failed to compute cache key: not found". For a pattern that matches nothing BuildKit copies nothing and says
nothing; older builders fail.

## When to ignore it
When a step that ctlint cannot see makes the file before the build.

## References
- Dockerfile reference, "COPY"; ".dockerignore file"
"""

from collections.abc import Iterator

from ..lineage.folding.missing_sources import BuildSources, Missing
from .base import Message, Related, Severity, Undecided
from .shared.subjects import brought_to, folders_of, taken_from

SEVERITY = Severity.ERROR


def check(sources: BuildSources) -> Iterator[Message | Undecided]:
    if sources.unsure is not None and sources.missing:
        raise sources.unsure
    for missing in sources.missing:
        yield _message(missing)
    for doubt in sources.doubts[:1]:
        yield Undecided(doubt)


def _message(missing: Missing) -> Message:
    meant = missing.meant
    cure = f"Did you mean `{meant}`?" if meant is not None else "Add it to the repository, or correct the path."
    related: tuple[Related, ...] = ()
    why = "is not there"
    if missing.ignored_by is not None:
        why = "is left out by .dockerignore"
        cure = "Let it in with a line that begins with `!`, or copy something else."
        related = (Related(missing.ignored_by, "the patterns stand here"),)
    where = missing.context or "the repository"
    after = "."
    if missing.pattern:
        why, after = "matches nothing", ": nothing is copied, and BuildKit says nothing."
    return Message(
        missing.place,
        f"{missing.keyword} takes `{missing.path}`, which {why} in the build context ({where}){after}",
        cure,
        related,
        severity=None if _is_proved(missing) else Severity.WARNING,
        subject=missing.path,
        about=tuple(_about(missing)),
    )


def _is_proved(missing: Missing) -> bool:
    """Whether the build surely fails: for a slip, for what .dockerignore leaves out, and where a service builds what is checked
    out. In a folder of one's own the file may lie all the same."""
    return not missing.pattern and (
        missing.meant is not None or missing.ignored_by is not None or missing.built_as_it_is
    )


def _about(missing: Missing) -> Iterator[str]:
    """What would have been taken, by where it lies, and a folder by where it would have gone, too."""
    for path in (missing.meant,) if missing.meant is not None else ():
        yield from map(taken_from, folders_of(f"{missing.context}/{path}".strip("/")))
    if missing.target and "." not in missing.path.rpartition("/")[2]:
        yield brought_to(missing.target.rstrip("/"))
