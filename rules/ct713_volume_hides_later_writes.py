"""The image writes to a folder that it, or its parent, has declared as VOLUME before.

## What it does
Reports instructions of the image's own Dockerfile (COPY, ADD and what a RUN is read to write or give away) that change what
lies in a VOLUME declared by an earlier instruction or by a parent image. To remove what the build left there is left alone.

## Why it matters at run time
BuildKit keeps such changes in the image, and they are seen by a new volume only: a volume that exists, as after an update, keeps
what it was filled with. Other builders (Docker's older one, Kaniko and Buildah by their settings) throw the changes away, and
Kubernetes fills no volume from the image.

## When to ignore it
When the image is built by BuildKit alone and its volumes are always new.

## References
- Dockerfile reference, "Notes about specifying volumes": "Changing the volume from within the Dockerfile"
"""

import posixpath
from collections.abc import Container, Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.effects.model import ChangeMode, ChangeOwner, Copy, Effect, Link, MakeDirectory, Unpack, Write
from ..lineage.image.image import BuildStep, EffectiveImage
from ..lineage.late.dataclasses import dataclass
from ..lineage.text.paths import within
from ..lineage.text.places import Place, Sourced
from .base import Message, Related, Severity

SEVERITY = Severity.WARNING


@dataclass(frozen=True, slots=True)
class _MadeAnew:
    """The folders that the start is known to make, and the scripts that run at start: a folder that one of them makes at build
    may be made at start, too."""

    folders: Container[str | None]
    scripts: Container[str]


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    anew = _MadeAnew(
        {
            one.path.literal
            for step in boot.steps
            for one in step.effects
            if isinstance(one, MakeDirectory) and one.sure
        },
        {step.place.path for step in boot.steps},
    )
    own = {volume.place.line: volume for volume in image.volumes if image.owns(volume.image)}
    declared = [volume for volume in image.volumes if not image.owns(volume.image)]
    told: set[str] = set()
    for step in image.steps:
        if step.instruction.keyword == "VOLUME":
            declared += [
                volume
                for line, volume in own.items()
                if step.instruction.start_line <= line <= step.instruction.end_line
            ]
            continue
        for place, path in _changed(image, step, declared, anew):
            volume = next((one for one in declared if _in(path, one)), None)
            if volume is None or volume.value in told:
                continue
            told.add(volume.value)
            yield Message(
                place,
                f"This changes {path}, which lies in the VOLUME {volume.value}: a volume that exists does not see it, and "
                "builders other than BuildKit throw it away.",
                "Do it before VOLUME, or leave VOLUME to who runs the image; an image built on one cannot undo it.",
                (Related(volume.place, f"VOLUME {volume.value} is declared here"),),
                subject=volume.value,
            )
    if image.config_open is not None and any(_may_change(step) for step in image.steps):
        raise image.config_open


def _may_change(step: BuildStep) -> bool:
    return step.instruction.keyword in ("COPY", "ADD") or any(_path(effect) is not None for effect in step.effects)


def _in(path: str, volume: Sourced[str]) -> bool:
    root = posixpath.normpath(volume.value)
    return within(path, root) and path != root


def _changed(
    image: EffectiveImage, step: BuildStep, declared: list[Sourced[str]], anew: "_MadeAnew"
) -> Iterator[tuple[Place, str]]:
    """(place, path) of what an instruction changes in the image, below one of the volumes where it is a COPY. A folder that
    the start makes as well (`anew`) is not lost.
    """
    if step.instruction.keyword in ("COPY", "ADD"):
        first, last = step.instruction.start_line, step.instruction.end_line
        for volume in declared:
            for path, node in sorted(image.tree.below(posixpath.normpath(volume.value))):
                if image.owns(node.image) and node.place.path == step.place.path and first <= node.place.line <= last:
                    yield step.place, path
                    break
        return
    for effect in step.effects:
        path_of = _path(effect)
        by_script = effect.place.path != step.place.path and effect.place.path in anew.scripts
        if isinstance(effect, MakeDirectory) and (by_script or path_of in anew.folders):
            continue
        if path_of is not None and effect.sure:
            yield effect.place, path_of


def _path(effect: Effect) -> str | None:
    if isinstance(effect, Copy):
        return effect.target.literal
    if isinstance(effect, Unpack):
        return effect.into.literal
    if isinstance(effect, Write | MakeDirectory | Link | ChangeMode | ChangeOwner):
        return effect.path.literal
    return None
