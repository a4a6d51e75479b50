"""COPY or ADD takes a path that the build context does not hold.

## What it does
Reports a source of COPY or ADD that is surely not in the build context, `.dockerignore` counted. The context is taken from
the repository's build files, else guessed. Patterns, files that git ignores or that a build step makes, and a context that is
not sure are left alone.

## Why it matters at run time
The build fails: "failed to compute cache key: not found".

## When to ignore it
When a step that ctlint cannot see makes the file before the build.

## References
- Dockerfile reference, "COPY"; ".dockerignore file"
"""

from collections.abc import Iterator

from ..lineage.image.missing_sources import BuildSources, Missing
from .base import Message, Related, Severity, Undecided

SEVERITY = Severity.ERROR


def check(sources: BuildSources) -> Iterator[Message | Undecided]:
    if sources.unsure is not None and sources.missing:
        raise sources.unsure
    for missing in sources.missing:
        yield _message(missing)
    for doubt in sources.doubts[:1]:
        yield Undecided(doubt)


def _message(missing: Missing) -> Message:
    from difflib import get_close_matches

    folder, _, name = missing.path.rpartition("/")
    near = get_close_matches(name, missing.siblings, 1, 0.6)
    cure = (
        f"Did you mean `{f'{folder}/' if folder else ''}{near[0]}`?"
        if near
        else "Add it to the repository, or correct the path."
    )
    related: tuple[Related, ...] = ()
    why = "is not there"
    if missing.ignored_by is not None:
        why = "is left out by .dockerignore"
        cure = "Let it in with a line that begins with `!`, or copy something else."
        related = (Related(missing.ignored_by, "the patterns stand here"),)
    return Message(
        missing.place,
        f"{missing.keyword} takes `{missing.path}`, which {why} in the build context ({missing.context or 'the repository'}).",
        cure,
        related,
        subject=missing.path,
    )
