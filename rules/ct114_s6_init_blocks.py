"""An init script never returns.

## What it does
Reports a script of `cont-init.d` or a oneshot of which every path comes to a command that does not end: a server in the
foreground, `tail -f`, `sleep infinity`, an endless loop.

## Why it matters at run time
What comes after it is not started: the other scripts, the services, CMD. s6-overlay 3.0 and 3.1 go on with CMD after 5 seconds,
without the rest.

## When to ignore it
Never: make it a service.

## References
- s6-overlay README, "Executing initialization tasks"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release
from ..lineage.text.errors import Unknown
from .base import Message, Severity
from .shared.services.endless_commands import blocks

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    doubt: Unknown | None = None
    for step in boot.of_kind("cont-init", "oneshot"):
        found = blocks(image, step)
        if isinstance(found, Unknown):
            doubt = found
        elif found is not None and isinstance(boot.s6, S6Release):
            yield Message(
                found.place,
                f"{step.label} never returns: {found.what}, and {_lost(boot.s6)}.",
                "Make it a service, in `services.d` or as a longrun of s6-rc.",
                subject=step.name,
                owner=step.image,
            )
    if doubt is not None:
        raise doubt


def _lost(release: S6Release) -> str:
    short = release.generation >= 3 and release.at_least(3, 2) is False
    return "after 5 seconds CMD starts without the rest" if short else "neither the rest nor CMD is started"
