"""With an empty name s6-setuidgid runs the program as root.

## What it does
Reports `s6-setuidgid "$USER_NAME" program` in an image with s6-overlay 3.1.3.0 or later where nothing makes sure that the
variable has a value: no default, no test, no earlier step that ends the start without it.

## Why it matters at run time
From that release on `s6-setuidgid ""` changes nothing and runs the program, as root: a container that is started without the
variable serves the desktop as root. Earlier releases refuse.

## When to ignore it
When the platform always gives the variable.

## References
- s6 2.11.2.0, s6-setuidgid: an empty account name
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command, Wrapper
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release
from ..lineage.text.errors import Unknown
from .base import Message, Related, Severity
from .shared.scripts.required_values import Given
from .shared.subjects import variable_of

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    if not isinstance(boot.s6, S6Release):
        return
    late = boot.s6.at_least(3, 1, 3, 0)
    if late is False:
        return
    given = Given(image, boot)
    doubts: list[Unknown] = []
    for step in boot.steps:
        for command, wrapper in _switches(step):
            empty = given.empty(command.user, step, command)
            if isinstance(empty, Unknown):
                doubts.append(empty)
            elif empty and isinstance(late, Unknown):
                doubts.append(late)
            elif empty:
                yield _message(image, boot.s6, step, command, wrapper)
    if doubts:
        raise doubts[0]


def _switches(step: StartStep) -> Iterator[tuple[Command, Wrapper]]:
    """The commands that s6-setuidgid runs under a name that stays a word of its own when it is empty."""
    seen: set[object] = set()
    for command in step.script.commands if step.script is not None else ():
        wrapper = command.wrappers[-1] if command.wrappers else None
        if wrapper is None or wrapper.name != "s6-setuidgid" or wrapper.user is None or wrapper.place in seen:
            continue
        seen.add(wrapper.place)
        if any(word.quoted and word.text == wrapper.user for word in wrapper.argv):
            yield command, wrapper


def _message(image: EffectiveImage, release: S6Release, step: StartStep, command: Command, wrapper: Wrapper) -> Message:
    name = command.user.variables[0]
    sourced = image.env.get(name)
    related = (Related(sourced.place, "the image leaves it empty"),) if sourced is not None else ()
    return Message(
        wrapper.place,
        f"If `{name}` is empty, `{command.name}` runs as root: with s6-overlay {release.label}, s6-setuidgid with an empty "
        "name changes nothing.",
        f'Refuse to go on without it: `: "${{{name}:?}}"` before this line.',
        related,
        subject=name,
        owner=step.image,
        about=(variable_of(wrapper.place.path, name),),
    )
