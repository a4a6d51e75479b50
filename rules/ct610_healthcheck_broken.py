"""A HEALTHCHECK whose program or script is not in the image, or cannot be executed.

## What it does
Reports the first program of a HEALTHCHECK, or the script that it gives to an interpreter, when it is surely absent from the
effective image or has no x bit. Files that a start script makes, volumes and temporary folders are left alone.

## Why it matters at run time
Every check fails with exit code 126 or 127: the container is unhealthy for ever, and orchestrators restart it or send it no
traffic.

## When to ignore it
When something that ctlint cannot see brings the program.

## References
- Dockerfile reference, "HEALTHCHECK"
"""

from collections.abc import Iterator

from ..lineage.boot.healthcheck import commands_of_healthcheck
from ..lineage.boot.plan import BootPlan
from ..lineage.image.image import EffectiveImage
from ..lineage.image.tree import Node
from ..lineage.text.errors import Unknown
from .base import Message, Related, Severity
from .shared.health_programs import lacking

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    step = next((s for s in reversed(image.steps) if s.instruction.keyword == "HEALTHCHECK"), None)
    if step is None or step.from_parent is not None:
        return
    said = lacking(image, boot, commands_of_healthcheck(image, step))
    if isinstance(said, Unknown):
        raise said
    if said is None:
        return
    related = (Related(said.found.home, "it comes from here"),) if isinstance(said.found, Node) else ()
    yield Message(
        step.place,
        f"HEALTHCHECK runs {said.name}, which {said.why}: the container is never healthy.",
        "Give it the x bit: `COPY --chmod=0755`."
        if related
        else "Install it, copy it into the image, or correct the path.",
        related,
        subject=said.name,
    )
