"""The archives of s6-overlay 3 that the build unpacks do not fit together, or are not checked.

## What it does
Reads which archives of s6-overlay 3 the build fetches and unpacks: `noarch` without an archive for the architecture, archives of
two versions, an archive for another architecture than the platform that FROM names. As information: a fetched archive that
nothing compares with a checksum or signature.

## Why it matters at run time
Without the programs for its architecture `/init` cannot start anything; parts of two versions do not know each other's files.

## When to ignore it
The checksum: when the network between the build and the release is trusted.

## References
- s6-overlay README, "Which tarballs to download"
- Dockerfile reference, `ADD --checksum`
"""

from collections.abc import Iterator

from ..lineage.effects.model import Unpack
from ..lineage.image.image import EffectiveImage, StageImages
from ..lineage.image.s6_overlay_files import archive_of
from ..lineage.s6.install import Fetched, fetched, unpacked
from ..lineage.text.platforms import ARCHITECTURES, BY_GO
from ..lineage.workspace.workspace import ImageSource
from .base import Message, Related, Severity

SEVERITY = Severity.ERROR

_NO_PROGRAMS = ("noarch", "symlinks-noarch", "symlinks-arch")


def check(source: ImageSource, stages: StageImages) -> Iterator[Message]:
    for image in stages.stages:
        found = [one for one in fetched(image) if one.archive.generation >= 3 and "syslogd" not in one.name]
        if found:
            yield from _missing(image, found, stages.final)
            yield from _versions(found)
            yield from _architecture(source, stages, image, found)
            yield from _unchecked(found)


def _missing(image: EffectiveImage, found: list[Fetched], final: EffectiveImage) -> Iterator[Message]:
    if final.tree.find("/init") is None:
        return  # a stage of which something else is taken
    parts = {one.archive.part for one in unpacked(image)}
    noarch = next((one for one in found if one.archive.part == "noarch"), None)
    if noarch is None or parts - set(_NO_PROGRAMS) or not any(one.archive.part == "noarch" for one in unpacked(image)):
        return
    if _unpacks_what_is_not_known(image) or not any(
        one.into == "/" for one in unpacked(image) if one.archive.part == "noarch"
    ):
        return
    if image.tree.get("/command/execlineb") is None:
        yield Message(
            noarch.place,
            "Only the `noarch` archive of s6-overlay is unpacked: `/init` finds none of the programs that it is made of.",
            "Unpack the archive for the architecture too, for instance s6-overlay-x86_64.tar.xz of the same version.",
            subject="missing",
        )


def _unpacks_what_is_not_known(image: EffectiveImage) -> bool:
    """Whether an archive of s6-overlay is unpacked whose name hangs on a variable, so that it may be the architecture's."""
    for step in image.steps:
        for effect in step.effects:
            if isinstance(effect, Unpack):
                name = effect.url or effect.archive.canonical
                if "s6-overlay" in name and archive_of(name) is None:
                    return True
    return False


def _versions(found: list[Fetched]) -> Iterator[Message]:
    known = [one for one in found if one.archive.version is not None and "$" not in one.archive.version]
    other = next((one for one in known if one.archive.version != known[0].archive.version), None)
    if other is not None:
        yield Message(
            other.place,
            f"This is s6-overlay {other.archive.version}, {known[0].archive.part} is {known[0].archive.version}: parts of "
            "two versions do not work together.",
            "Take all archives from one release.",
            (Related(known[0].place, "the other version"),),
            subject="versions",
        )


def _architecture(
    source: ImageSource, stages: StageImages, image: EffectiveImage, found: list[Fetched]
) -> Iterator[Message]:
    stage = source.stage
    if (
        image is not stages.final
        or stage is None
        or stage.platform is None
        or "$" in "".join(stage.origin.flag_values("platform"))
    ):
        return
    platform = stage.platform.text
    wanted = BY_GO.get(platform.partition("/")[2].partition("/")[0])
    others = {name for each in ARCHITECTURES for name in each.s6}
    for one in found:
        if wanted is not None and one.archive.part in others and one.archive.part not in wanted.s6:
            yield Message(
                one.place,
                f"The archive is for {one.archive.part}, and the image for {platform}: `/init` cannot run its programs.",
                f"Fetch s6-overlay-{wanted.s6[0]}.tar.xz.",
                subject="architecture",
            )


def _unchecked(found: list[Fetched]) -> Iterator[Message]:
    for one in found:
        if not one.checked:
            yield Message(
                one.place,
                f"Nothing compares {one.archive.label.partition(' $')[0]} with a checksum: whatever is fetched runs as root.",
                "Give ADD a `--checksum=sha256:…`, or run `sha256sum -c` before unpacking.",
                severity=Severity.INFO,
                subject=f"checksum {one.archive.part}",
            )
