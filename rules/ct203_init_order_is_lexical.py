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

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.image.image import EffectiveImage
from ..lineage.late.patterns import pattern
from ..lineage.text.numbers import natural
from .base import Edit, Fix, Message, Related, Severity

SEVERITY = Severity.WARNING

_NUMBERED = pattern(r"([0-9]+)(?=[-_.])")


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    numbered = [step for step in boot.of_kind("cont-init") if _number(step.name) is not None]
    values = [_value(step) for step in numbered]
    if values == sorted(values):
        return
    inherited = [step for step in numbered if not _own(image, step)]
    kept = _in_order(image, inherited)
    wrong_before = {id(step) for step in inherited} - {id(step) for step in kept}
    judged = [step for step in numbered if id(step) not in wrong_before]
    kept = _in_order(image, judged)
    in_order = {id(step) for step in kept}
    runs_at = {id(step): index for index, step in enumerate(judged)}
    for wrong in judged:
        if id(wrong) in in_order:
            continue
        others = _at_odds(wrong, kept, runs_at)
        if _own(image, wrong):
            yield _message(wrong, others[0], runs_at)
        else:
            own = next(step for step in others if _own(image, step))
            yield _message(own, wrong, runs_at)


def _in_order(image: EffectiveImage, steps: Sequence[StartStep]) -> list[StartStep]:
    """The most scripts whose numbers rise as they run: the others are the fewest that must be renamed.

    Of as many, those of parents are kept rather than the image's own, then those that run first.
    """
    chains: list[
        tuple[int, int, int]
    ] = []  # of each script: how many in its chain, how many of parents, the one before
    places = {value: place for place, value in enumerate(sorted({_value(step) for step in steps}), 1)}
    best = [-1] * (len(places) + 1)  # a Fenwick tree: by number, the script with which the best chain ends

    def rank(index: int) -> tuple[int, int]:
        return chains[index][:2] if index >= 0 else (0, 0)

    for index, step in enumerate(steps):
        before, place = -1, places[_value(step)]
        while place:
            before = max(before, best[place], key=rank)
            place &= place - 1
        length, parents = rank(before)
        chains.append((length + 1, parents + (not _own(image, step)), before))
        place = places[_value(step)]
        while place < len(best):
            best[place] = max(best[place], index, key=rank)
            place += place & -place
    found: list[StartStep] = []
    index = max(range(len(steps)), key=rank, default=-1)
    while index >= 0:
        found.append(steps[index])
        index = chains[index][2]
    return found[::-1]


def _at_odds(wrong: StartStep, kept: Sequence[StartStep], runs_at: Mapping[int, int]) -> Sequence[StartStep]:
    """Those of the scripts in order that run on the wrong side of another."""
    by_run = bisect_left(kept, runs_at[id(wrong)], key=lambda step: runs_at[id(step)])
    lower = bisect_left(kept, _value(wrong), key=_value)
    higher = bisect_right(kept, _value(wrong), key=_value)
    return kept[higher:by_run] or kept[by_run:lower]


def _own(image: EffectiveImage, step: StartStep) -> bool:
    return image.owns(step.image)


def _value(step: StartStep) -> int:
    return natural(_number(step.name)) or 0


def _number(name: str) -> str | None:
    match = _NUMBERED.match(name)
    return match.group(1) if match is not None and len(match.group(1)) < 8 else None


def _message(wrong: StartStep, other: StartStep, runs_at: Mapping[int, int]) -> Message:
    number = _number(wrong.name) or ""
    width = len(_number(other.name) or "")
    name = number.zfill(width) + wrong.name[len(number) :]
    if runs_at[id(wrong)] < runs_at[id(other)]:
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
