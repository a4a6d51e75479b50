"""The user's number is taken from the environment and the group's is not.

## What it does
Reports a start script that makes the desktop user's account with a number from a variable, in an image that has the matching
variable for the group (`GROUP_ID` beside `USER_ID`, `PGID` beside `PUID`), or which itself takes that variable from the
environment and then does not use it, where neither the account nor a later command takes the group from it on every path.

## Why it matters at run time
New files belong to another group than the one that was asked for: shared directories and mounted volumes cannot be used by
the group's other members.

## When to ignore it
When the variable is meant for something else.

## References
- useradd(8), usermod(8): `--gid`
"""

import re
from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan, RuntimeAccount
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command
from ..lineage.image.image import EffectiveImage
from ..lineage.text.places import Place
from .base import Message, Related, Severity

SEVERITY = Severity.WARNING

_CHANGES = ("usermod", "groupmod", "sed", "adduser")
_MAKES = ("groupadd", "addgroup")
_LOOKS = ("group", "user", "=", "-eq", "-ne", "-z")


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    for account in boot.accounts:
        found = _group_variable(image, account) or _read_for_nothing(boot, account)
        if found is None:
            continue
        group, place = found
        if not image.owns(account.step.image) or _takes_it(boot, account, group):
            continue
        yield Message(
            account.effect.place,
            f"The account gets its number from the environment (`{account.uid}`), but its group does not come from `{group}`.",
            f'Make the group with `groupadd -g "${group}"` and give it to the account: `useradd -g "${group}"`.',
            (Related(place, "the variable for the group"),),
            subject=group,
        )


def _group_variable(image: EffectiveImage, account: RuntimeAccount) -> tuple[str, Place] | None:
    """The variable of the image that is to the group what the account's is to the user, and where it is set."""
    for other in _siblings(account):
        if other in image.env:
            return other, image.env[other].place
    return None


def _read_for_nothing(boot: BootPlan, account: RuntimeAccount) -> tuple[str, Place] | None:
    """The same, where the script alone knows it: it takes the value from the environment, and nothing expands it after that."""
    script = account.step.script
    commands = script.commands if script is not None else ()
    for other in _siblings(account):
        taken = [
            (name, command)
            for command in commands
            for name, value in command.assignments
            if not command.argv and (name == other or other in value.variables)
        ]
        if not taken:
            continue
        names = {other, *(name for name, _ in taken)}
        if not any(_expands(step, names) for step in boot.steps):
            return other, taken[0][1].place
    return None


def _expands(step: StartStep, names: set[str]) -> bool:
    """Whether a step uses one of the variables for anything but to set one of them."""
    script = step.script
    if script is None or script.reading is None or script.reading.unread:
        return True
    for command in script.commands:
        words = (*command.argv, *(redirect.target for redirect in command.redirects if redirect.target is not None))
        texts = [redirect.document for redirect in command.redirects if redirect.document is not None]
        texts += [value for name, value in command.assignments if name not in names]
        if command.name in ("export", "declare", "env", "eval") or any(word.text.opaque for word in command.argv[:1]):
            return True
        if any(names.intersection((*word.variables, *word.text.variables)) for word in words):
            return True
        if any(names.intersection(text.variables) for text in texts):
            return True
    return False


def _siblings(account: RuntimeAccount) -> Iterator[str]:
    for name in account.uid.variables if account.uid is not None else ():
        for pattern, group in ((r"USER", "GROUP"), (r"UID", "GID"), (r"(?<![A-Z])U(?=_)", "G")):
            other = re.sub(pattern, group, name)
            if other != name:
                yield other


def _takes_it(boot: BootPlan, account: RuntimeAccount, group: str) -> bool:
    """Whether the account is made with the group's variable, or gets it later whatever the path."""
    effect = account.effect
    made = effect.command
    if made is None or (effect.gid is not None and effect.gid.opaque) or _mentions(made, group):
        return True
    given = effect.gid.literal if effect.gid is not None else None
    for step in boot.steps:
        for command in step.script.commands if step.script is not None else ():
            if command.name in _MAKES and command.argv[-1].literal == given is not None and _mentions(command, group):
                return True
            if command.name in _CHANGES and _mentions(command, group) and _runs_with(command, made):
                return True
    return False


def _mentions(command: Command, name: str) -> bool:
    return any(name in word.variables or name in word.text.variables for word in command.argv)


def _runs_with(command: Command, made: Command) -> bool:
    """Whether the command runs wherever the account is made, but for a look at the group it has."""
    return all(
        guard.presumed or guard in made.guards or (guard.holds is not None and guard.holds.op in _LOOKS)
        for guard in command.guards
    )
