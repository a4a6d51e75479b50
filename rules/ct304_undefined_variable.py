"""A variable is used that nothing in the lineage defines.

## What it does
Reports a variable in ENV, ARG, COPY, ADD, WORKDIR or USER that no ARG, no ENV and no parent image gives a value, and
proposes the nearest defined name. Appending to a variable that may be missing (`ENV X=/a:$X`) is a warning.

## Why it matters at run time
BuildKit puts nothing in its place: `ENV USER=$USERID` sets an empty `USER`, a path loses a part, without an error.

## When to ignore it
When empty is meant: write `${NAME:-}`, which says so.

## References
- Dockerfile reference, "Environment replacement"; BuildKit's check `UndefinedVar`
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.dockerfile.expand import variables
from ..lineage.dockerfile.stages import PLATFORM_ARGS, PROXY_ARGS
from ..lineage.image.image import BuildStep, EffectiveImage, StageImages
from ..lineage.late.dataclasses import replace
from ..lineage.text.places import Place
from ..lineage.workspace.workspace import ImageSource
from .base import Message, Severity, Undecided
from .shared.questions import runtime_variables
from .shared.subjects import copied_at

SEVERITY = Severity.ERROR

_EXPANDING = ("ENV", "ARG", "COPY", "ADD", "WORKDIR", "USER")
_MOST_NAMES = 200
"""Among more variables than that no near name is looked for."""
_PREDEFINED = frozenset((*PLATFORM_ARGS, *PROXY_ARGS, *(name.lower() for name in PROXY_ARGS)))


def check(source: ImageSource, stages: StageImages, boot: BootPlan) -> Iterator[Message | Undecided]:
    declared = source.declared_args  # of another stage, or before the first FROM: out of scope rather than undefined
    skip = _PREDEFINED | runtime_variables(boot) | declared
    for image in stages.stages:
        told: set[str] = set()
        misplaced: dict[bool, tuple[str, ...]] = {}
        for step in image.steps:
            if step.from_parent is not None or step.instruction.keyword not in _EXPANDING:
                continue
            perhaps = step.env_open is not None
            for message in _step(image, step, skip, told):
                if perhaps not in misplaced:
                    misplaced[perhaps] = _misplaced(image, perhaps)
                if step.env_open is not None:
                    yield Undecided(step.env_open, misplaced[perhaps])
                else:
                    yield replace(message, about=misplaced[perhaps])


def _step(image: EffectiveImage, step: BuildStep, skip: frozenset[str], told: set[str]) -> Iterator[Message]:
    """What the instruction uses undefined, less what was `told` of the stage already."""
    instruction = step.instruction
    for index, word in enumerate(instruction.arguments):
        own = instruction.arguments[index - 1] if instruction.keyword == "ENV" and index % 3 == 1 else ""
        used_in = list(variables(word))
        tested = {used.name for used in used_in if used.guarded}
        for used in used_in:
            name = used.name
            if name in tested:
                continue
            if used.guarded or name in told or name in skip or name in step.env or not name.isidentifier():
                continue
            told.add(name)
            place = Place(step.place.path, instruction.argument_span(index))
            if name == own:
                yield _appended(place, name)
            else:
                yield _undefined(place, name, instruction.keyword, image, step)


def _appended(place: Place, name: str) -> Message:
    return Message(
        place,
        f"`{name}` has no value before this: the result begins or ends with nothing where the old value was meant.",
        f"Write `${{{name}:-}}`, or `${{{name}:+:${name}}}` to leave the separator out too.",
        severity=Severity.WARNING,
        subject=name,
    )


def _undefined(place: Place, name: str, keyword: str, image: EffectiveImage, step: BuildStep) -> Message:
    from difflib import get_close_matches

    names = list({**step.env, **image.env}) if len(image.env) < _MOST_NAMES else ()
    near = get_close_matches(name, names, 1, 0.7)
    later = name in image.env and image.env[name].place.path == place.path
    if near and near[0] != name:
        cure = f"Did you mean `${near[0]}`? Otherwise define `{name}` with ARG or ENV before this line."
    elif later:
        line = image.env[name].place.line
        cure = f"`{name}` is set at line {line}, which is not before this: move it into an ENV of its own above."
    else:
        cure = f"Define `{name}` with ARG or ENV before this line, or write `${{{name}:-}}` if empty is meant."
    return Message(place, f"Nothing defines `{name}`: {keyword} puts an empty text in its place.", cure, subject=name)


def _misplaced(image: EffectiveImage, perhaps: bool = False) -> tuple[str, ...]:
    """What the COPY and ADD instructions put into the image whose destination hangs on a variable without value.

    Also by way of an ENV that is made from one: what they copy lies elsewhere than was meant. `perhaps` takes in those
    whose variable an unknown parent may define.
    """
    hollow: set[str] = set()
    found: set[Place] = set()
    for step in image.steps:
        words = step.instruction.arguments
        keyword = step.instruction.keyword
        if step.from_parent is not None or (step.env_open is not None and not perhaps) or len(words) < 2:
            continue
        if keyword == "ENV":
            for name, value in zip(words[::3], words[1::3], strict=False):
                uses = [used for used in variables(value) if not used.guarded and used.name != name]
                empty = any(used.name in hollow or used.name not in step.env for used in uses)
                (hollow.add if empty else hollow.discard)(name)
        elif keyword in ("COPY", "ADD"):
            uses = [used for used in variables(words[-1]) if not used.guarded]
            if any(used.name in hollow or used.name not in step.env for used in uses):
                found.add(step.place)
    return tuple(copied_at(place) for place in sorted(found))
