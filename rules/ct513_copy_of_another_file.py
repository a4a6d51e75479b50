"""COPY gives a file the name of another one, which lies beside it and is not copied.

## What it does
Reports a COPY whose source is copied a second time, under a name with another extension, where the folder that it is taken
from has a file of that very name: `COPY models/small.cfg /m/model.cfg`, then `COPY models/small.cfg /m/labels.txt`, and
`models/labels.txt` is there.

## Why it matters at run time
The build goes well, and the program reads one file where it looks for another: settings in place of a list of names.

## When to ignore it
When the file really is to have both names.

## References
- Dockerfile reference, "COPY"
"""

from collections.abc import Iterator
from posixpath import basename, dirname, join, normpath, splitext

from ..lineage.dockerfile.operands import CopyOperands, parse_copy
from ..lineage.image.image import BuildStep, EffectiveImage, StageImages
from ..lineage.workspace.workspace import ImageSource
from .base import Message, Related, Severity

SEVERITY = Severity.WARNING

_Copied = tuple[str, str, str]
"""Stage or image that it is taken from (nothing: the context), source, name in the image."""


def check(stages: StageImages, source: ImageSource) -> Iterator[Message]:
    for image in stages.stages:
        first: dict[tuple[str, str], tuple[BuildStep, str]] = {}
        for step in image.steps:
            copied = _one_file(step)
            if copied is None:
                continue
            origin, taken, name = copied
            before = first.setdefault((origin, taken), (step, name))
            meant = join(dirname(taken), basename(name))
            if before[0] is step or not _is_another_kind(taken, name) or basename(before[1]) == basename(name):
                continue
            if _has(stages, source, origin, taken) and _has(stages, source, origin, meant) and not _takes(image, meant):
                yield Message(
                    step.place,
                    f"{step.instruction.keyword} gives `{taken}` the name of another file: `{meant}` is there, and not copied.",
                    f"Did you mean `{meant}`?",
                    (Related(before[0].place, "it is copied here, too"),),
                    subject=name,
                )


def _one_file(step: BuildStep) -> _Copied | None:
    if step.instruction.keyword not in ("COPY", "ADD") or step.from_parent is not None:
        return None
    operands: CopyOperands = parse_copy(step.instruction)
    words = [one.text for one in operands.sources]
    name = operands.destination.text
    if (
        len(words) != 1
        or operands.heredocs
        or name.endswith(("/", "."))
        or any(sign in words[0] + name for sign in "$*?[:")
    ):
        return None
    return (operands.origin.text if operands.origin is not None else "", words[0], name)


def _is_another_kind(taken: str, name: str) -> bool:
    """Whether the two names have extensions, and others."""
    old, new = splitext(basename(taken))[1], splitext(basename(name))[1]
    return bool(old and new) and old != new


def _has(stages: StageImages, source: ImageSource, origin: str, path: str) -> bool:
    """Whether there surely is a file of that path where the COPY takes it from."""
    if not origin:
        found = source.snapshot.get(normpath(join(source.build.root, path.lstrip("/"))))
        return found is not None
    stage = source.stages.named(origin)
    folded = {one.index: image for one, image in zip(source.stages.needed, stages.stages, strict=False)}
    image = folded.get(stage.index) if stage is not None else None
    node = image.tree.find(normpath("/" + path)) if image is not None else None
    return node is not None and node.kind == "file" and node.sure


def _takes(image: EffectiveImage, meant: str) -> bool:
    """Whether another COPY of the stage takes the file that is meant, or the folder that it lies in."""
    for step in image.steps:
        if step.instruction.keyword in ("COPY", "ADD"):
            for one in parse_copy(step.instruction).sources:
                taken = one.text.rstrip("/")
                if taken in (meant, ".", "") or meant.startswith(taken + "/"):
                    return True
    return False
