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

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.image.image import EffectiveImage
from ..lineage.late.patterns import pattern
from ..lineage.text.numbers import natural
from .base import Edit, Fix, Message, Related, Severity

SEVERITY = Severity.WARNING

_NUMBERED = pattern(r"([0-9]+)(?=[-_.])")


Pairs = list[tuple[StartStep, StartStep]]
"""Scripts of which the first runs before the second, although its number is higher."""


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    numbered = [step for step in boot.of_kind("cont-init") if _number(step.name) is not None]
    values = [_value(step) for step in numbered]
    if values == sorted(values):
        return
    pairs = [
        (early, late)
        for index, early in enumerate(numbered)
        for late, value in zip(numbered[index + 1 :], values[index + 1 :], strict=True)
        if value < values[index]
    ]
    inherited = {id(wrong) for wrong, _ in _culprits(image, [p for p in pairs if not any(_own(image, s) for s in p)])}
    for wrong, others in _culprits(image, [p for p in pairs if not any(id(step) in inherited for step in p)]):
        if _own(image, wrong):
            yield _message(wrong, others[0], pairs)
        else:
            own = next(step for step in others if _own(image, step))
            yield _message(own, wrong, pairs)


def _culprits(image: EffectiveImage, pairs: Pairs) -> Iterator[tuple[StartStep, list[StartStep]]]:
    """The fewest scripts that must be renamed, each with those that it is at odds with.

    It is the script that is at odds with most others; of two alike the image's own, then the one that runs later.
    """
    steps = {id(step): step for pair in pairs for step in pair}
    at_odds: dict[int, dict[int, StartStep]] = {known: {} for known in steps}
    for early, late in pairs:
        at_odds[id(early)][id(late)] = late
        at_odds[id(late)][id(early)] = early
    own = {known: _own(image, step) for known, step in steps.items()}
    while any(at_odds.values()):
        worst = max(steps.values(), key=lambda step: (len(at_odds[id(step)]), own[id(step)], step.rank))
        others = at_odds.pop(id(worst))
        del steps[id(worst)]
        yield worst, list(others.values())
        for other in others:
            del at_odds[other][id(worst)]


def _own(image: EffectiveImage, step: StartStep) -> bool:
    return image.owns(step.image)


def _value(step: StartStep) -> int:
    return natural(_number(step.name)) or 0


def _number(name: str) -> str | None:
    match = _NUMBERED.match(name)
    return match.group(1) if match is not None and len(match.group(1)) < 8 else None


def _message(wrong: StartStep, other: StartStep, pairs: Pairs) -> Message:
    number = _number(wrong.name) or ""
    width = len(_number(other.name) or "")
    name = number.zfill(width) + wrong.name[len(number) :]
    if any(early is wrong and late is other for early, late in pairs):
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
