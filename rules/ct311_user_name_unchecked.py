"""A destructive or ownership command works on a directory too high when a variable is empty.

## What it does
Reports recursive `rm`, `chown` and `chmod` of a path whose last part is a runtime variable that may be empty:
`chown -R "$USER_ID" "/home/$USER_NAME"`, `rm -rf "/srv/scratch/$USER_NAME"`. A default in the image, `${NAME:-…}`, `${NAME:?}`, a
test before the command, and an earlier step without which the boot goes no further make it sure.

## Why it matters at run time
With an empty name the command works on `/home/`, or on `/srv/scratch/`: on everybody's files instead of one's own.

## When to ignore it
When the platform always gives the variable.

## References
- POSIX shell, "Parameter Expansion": `${parameter:?word}`
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.effects.model import ChangeMode, ChangeOwner, Remove
from ..lineage.image.image import EffectiveImage
from ..lineage.text.errors import Unknown
from ..lineage.text.symbolic import Text
from ..lineage.text.symbolic_paths import components_of
from .base import Message, Related, Severity
from .shared.scripts.required_values import Given

SEVERITY = Severity.WARNING


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    given = Given(image, boot)
    doubts: list[Unknown] = []
    for step in boot.steps:
        told: set[int] = set()
        for effect in step.effects:
            command = effect.command
            if command is None or not isinstance(effect, Remove | ChangeOwner | ChangeMode) or not effect.recursive:
                continue
            last = _last(effect.path)
            if last is None or id(command) in told:
                continue
            empty = given.empty(last, step, command)
            if isinstance(empty, Unknown):
                doubts.append(empty)
            elif empty:
                told.add(id(command))
                yield _message(image, step, effect, last)
    if doubts:
        raise doubts[0]


def _last(path: Text) -> Text | None:
    """The last part of a path that is nothing but variables, if that is so; a `*` behind it is passed over.

    None for a path that is no more than the variable: with an empty one there is nothing to work on.
    """
    components = [Text.of(*component) for component in components_of(path)]
    if len(components) == 1:
        return None
    while len(components) > 1 and components[-1].literal in ("", "*", ".*"):
        components.pop()
    last = components[-1]
    return last if last.pieces and not any(isinstance(piece, str) for piece in last.pieces) else None


def _message(image: EffectiveImage, step: StartStep, effect: Remove | ChangeOwner | ChangeMode, last: Text) -> Message:
    name = last.variables[0]
    above = effect.path.canonical.split(last.canonical)[0] or "/"
    sourced = image.env.get(name)
    related = (Related(sourced.place, "the image leaves it empty"),) if sourced is not None else ()
    program = effect.command.name if effect.command is not None else "the command"
    return Message(
        effect.place,
        f"If `{name}` is empty, {program} works on `{above}` and all that is below it.",
        f'Refuse to go on without it: `: "${{{name}:?}}"` before this line.',
        related,
        subject=name,
        owner=step.image,
    )
