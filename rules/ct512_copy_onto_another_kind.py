"""COPY brings a folder to where the image has a link or a file, or a file to where it has a folder.

## What it does
Reports COPY and ADD of a folder that holds a folder `bin` where the image has a link `/bin` (or `sbin`, `lib`: Debian from 12,
Ubuntu from 20.04, Alpine from 3.22 and others merge them into `/usr`), and the same for every other path: a folder does not
take the place of a link or file, and a file or link does not take that of a folder. With `--link`, and out of an archive that
ADD unpacks, it does, so that only a link into `/usr` that a folder takes the place of is reported.

With `--link` that holds where layers are merged, as by buildx's own builder and docker's with containerd's store. Docker's alone
refuses there as it does without `--link`; as the same Dockerfile builds elsewhere, that is not reported.

## Why it matters at run time
The build fails: "cannot copy to non-directory", "cannot replace to directory … with file". With `--link` and out of an
archive it does not, and the image has no `/bin/sh` any more.

## When to ignore it
Never; where the parent is another one than ctlint takes it for, say which.

## References
- BuildKit, fsutil copy/copy.go; moby pkg/archive, `createTarFile`
- Dockerfile reference, "COPY --link"; Debian's and systemd's "The case for the /usr merge"
"""

from collections.abc import Iterator

from ..lineage.dockerfile.operands import parse_copy
from ..lineage.image.image import BuildStep, Clash, StageImages
from .base import Message, Related, Severity, Undecided
from .shared.subjects import copied_at

SEVERITY = Severity.ERROR
YIELDS_TO = ("CT115",)

_CALLED = {"file": "a file", "link": "a link", "directory": "a folder"}


def check(stages: StageImages) -> Iterator[Message | Undecided]:
    for image in stages.stages:
        if image.config_open is not None and any(step.instruction.keyword in ("COPY", "ADD") for step in image.steps):
            yield Undecided(image.config_open)
        for step in image.steps:
            told = [clash for clash in step.clashes if not clash.replaces or _leads_into_usr(clash)]
            if step.from_parent is None and told:
                yield _message(step, told[0], len(told) - 1)


def _leads_into_usr(clash: Clash) -> bool:
    target = (clash.old.target or "").lstrip("/") if clash.old.kind == "link" else ""
    return target.startswith("usr/") and clash.path.count("/") == 1


def _message(step: BuildStep, clash: Clash, others: int) -> Message:
    old = clash.old
    if clash.replaces:
        by_link = parse_copy(step.instruction).link
        how = "with `--link` follows no link" if by_link else "unpacks an archive over what is there"
        beside = "do without `--link`" if by_link else "pack those files below that folder"
        return Message(
            step.place,
            f"{step.instruction.keyword} {how}: a folder takes the place of the link `{clash.path}` to "
            f"{old.target}, and nothing of the image is found below `{clash.path}` any more.",
            f"Copy to `/{(old.target or '').lstrip('/')}`, or {beside}.",
            (Related(old.home, "the link comes from here"),),
            subject=clash.path,
            about=(copied_at(step.place),),
        )
    there = f"a link to {old.target}" if old.kind == "link" else _CALLED[old.kind]
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
