"""s6-overlay's `/init` is started as a child of another process.

## What it does
Reports an ENTRYPOINT that wraps `/init` (`tini`, `dumb-init`, `sh -c`), an entry script that starts it without `exec`, and
`CMD /init` in shell form where `sh` is dash. Where the release is not known, but variables of s6-overlay are set, it is a
warning. Starts under a condition are left alone; who runs the image with an init of the engine is told by CT702.

## Why it matters at run time
`/init` must be process 1. Under s6-overlay 3 it ends at once with exit code 100, "can only run as pid 1": the container does
not start. Under older ones it is only a warning: the boot works, and services are not stopped in order.

## When to ignore it
When the container runs with its process namespace unshared, so that `/init` is process 1 of its own.

## References
- s6-overlay-helpers, s6-overlay-suexec.c: "can only run as pid 1"
"""

from collections.abc import Iterator

from ..lineage.boot.main_command import leads_to_init
from ..lineage.boot.slash_init import INIT, child_starts
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release, release_of
from ..lineage.text.errors import Unknown
from .base import Message, Severity

SEVERITY = Severity.ERROR


def check(image: EffectiveImage) -> Iterator[Message]:
    release = release_of(image)
    reaches = leads_to_init(image) if release is not None else False
    if isinstance(reaches, Unknown) and (_names_init(image) or any(True for _ in child_starts(image))):
        raise reaches
    if release is None or reaches is not True:
        return
    starts = [(start.by, start.place, start.image) for start in child_starts(image)]
    if not starts and image.sh is None and _names_init(image):
        raise Unknown("which shell /bin/sh is, is not known: dash does not become the command that it is given")
    if not isinstance(release, S6Release) and not (starts and _is_set_up(image)):
        raise release
    generation = release.generation if isinstance(release, S6Release) else 0
    label = f"s6-overlay {release.label}" if isinstance(release, S6Release) else "s6-overlay"
    severity = None if generation >= 3 else Severity.WARNING
    happens = "ends at once with exit code 100" if generation >= 3 else "is not told when the container stops"
    for by, place, owner in starts:
        if image.owns(owner):
            cure = 'Name `/init` alone: `ENTRYPOINT ["/init"]`.' if by != place.path.rpartition("/")[2] else ""
            yield Message(
                place,
                f"`/init` is started as a child of {by}: {label} must be process 1 and {happens}.",
                cure or 'Replace the shell: `exec /init "$@"`.',
                severity=severity,
                subject=by,
                owner=owner,
            )


def _names_init(image: EffectiveImage) -> bool:
    lines = (line for line in (image.entrypoint, image.cmd) if line is not None)
    return any(INIT in word for line in lines for word in line.value.words)


def _is_set_up(image: EffectiveImage) -> bool:
    """Whether the image says by its variables that its `/init` is that of s6-overlay, of which release ever."""
    return any(name.startswith("S6_") for name in image.env)
