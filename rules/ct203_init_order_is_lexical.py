"""The numbers in the names of init scripts suggest another order than the one they run in.

## What it does
Reports a script of `/etc/cont-init.d` that runs at another place than its number says, because names are compared byte by
byte: `10-cache` runs before `9-state`, `100-late` before `50-early`.

## Why it matters at run time
The script runs before what it was meant to follow. That works until it needs something that the other one makes.

## When to ignore it
When the two scripts have nothing to do with each other.

## References
- s6-overlay README, "Executing initialization tasks": scripts run in lexical order
"""

import re
from collections.abc import Iterator

from ..lineage.boot import BootPlan, StartStep
from ..lineage.image import EffectiveImage
from .base import Edit, Fix, Message, Related, Severity

SEVERITY = Severity.WARNING

_NUMBERED = re.compile(r"(\d+)(?=[-_.])")


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    numbered = [(step, number) for step in boot.of_kind("cont-init") if (number := _number(step.name)) is not None]
    told: set[str] = set()
    for index, (early, high) in enumerate(numbered):
        for late, low in numbered[index + 1 :]:
            if int(low) >= int(high):
                continue
            wrong, other = (late, early) if image.owns(late.image) else (early, late)
            if image.owns(wrong.image) and wrong.path not in told:
                told.add(wrong.path)
                yield _message(wrong, other, len(high) if wrong is late else len(low))


def _number(name: str) -> str | None:
    match = _NUMBERED.match(name)
    return match.group(1) if match is not None and len(match.group(1)) < 8 else None


def _message(wrong: StartStep, other: StartStep, width: int) -> Message:
    number = _number(wrong.name) or ""
    name = number.zfill(width) + wrong.name[len(number) :]
    if len(number) > width:
        return Message(
            wrong.place,
            f"{wrong.name} runs before {other.name}, although its number is higher: names are compared byte by byte.",
            f"Give it a number with {width} digits.",
            (Related(other.place, "this one runs later"),),
            subject=wrong.name,
        )
    path = wrong.place.path.rpartition("/")[0]
    edit = Edit("rename", wrong.place, to=f"{path}/{name}" if path else name)
    return Message(
        wrong.place,
        f"{wrong.name} runs after {other.name}, although its number is lower: names are compared byte by byte.",
        f"Call it `{name}`.",
        (Related(other.place, "this one runs first"),),
        fix=Fix(f"rename it to {name}", (edit,), "unsafe") if wrong.place.path.endswith(wrong.name) else None,
        subject=wrong.name,
    )
