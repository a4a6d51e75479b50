"""COPY brings a folder to where the image has a link or a file, or a file to where it has a folder.

## What it does
Reports COPY and ADD of a folder that holds a folder `bin` where the image has a link `/bin` (or `sbin`, `lib`: Debian from 12,
Ubuntu from 20.04, Alpine from 3.22 and others merge them into `/usr`), and the same for every other path: a folder does not
take the place of a link or file, and a file or link does not take that of a folder.

## Why it matters at run time
The build fails: "cannot copy to non-directory", "cannot replace to directory … with file".

## When to ignore it
Never; where the parent is another one than ctlint takes it for, say which.

## References
- BuildKit, fsutil copy/copy.go; Debian's and systemd's "The case for the /usr merge"
"""

from collections.abc import Iterator

from ..lineage.image.image import BuildStep, Clash, StageImages
from .base import Message, Related, Severity, Undecided

SEVERITY = Severity.ERROR

_CALLED = {"file": "a file", "link": "a link", "directory": "a folder"}


def check(stages: StageImages) -> Iterator[Message | Undecided]:
    for image in stages.stages:
        if image.config_open is not None and any(step.instruction.keyword in ("COPY", "ADD") for step in image.steps):
            yield Undecided(image.config_open)
        for step in image.steps:
            if step.from_parent is None and step.clashes:
                yield _message(step, step.clashes[0])


def _message(step: BuildStep, clash: Clash) -> Message:
    old = clash.old
    there = f"a link to {old.target}" if old.kind == "link" else _CALLED[old.kind]
    others = len(step.clashes) - 1
    more = f" ({others} more like it)" if others else ""
    cure = "Give one of the two another name, or remove what is there before."
    if old.kind == "link" and clash.kind == "directory":
        cure = f"Keep the folder's files where the link leads to, below `{old.target}`, in what is copied."
    return Message(
        step.place,
        f"{step.instruction.keyword} brings {_CALLED[clash.kind]} `{clash.path}`, where the image has {there}: "
        f"the build fails{more}.",
        cure,
        (Related(old.home, "it comes from here"),),
        subject=clash.path,
    )
