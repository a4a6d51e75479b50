"""The user's number is taken from the environment and the group's is not.

## What it does
Reports a start script that makes the desktop user's account with a number from a variable, in an image that has the matching
variable for the group (`GROUP_ID` beside `USER_ID`, `PGID` beside `PUID`), where neither the account nor a later command takes
the group from it on every path.

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
from ..lineage.commands.model import Command
from ..lineage.image.image import EffectiveImage
from .base import Message, Related, Severity

SEVERITY = Severity.WARNING

_CHANGES = ("usermod", "groupmod", "sed", "adduser")
_LOOKS = ("group", "user", "=", "-eq", "-ne", "-z")


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    for account in boot.accounts:
        group = _group_variable(image, account)
        if group is None or not image.owns(account.step.image) or _takes_it(boot, account, group):
            continue
        yield Message(
            account.effect.place,
            f"The account gets its number from the environment (`{account.uid}`), but its group does not come from `{group}`.",
            f'Make the group with `groupadd -g "${group}"` and give it to the account: `useradd -g "${group}"`.',
            (Related(image.env[group].place, "the image has a variable for the group"),),
            subject=group,
        )


def _group_variable(image: EffectiveImage, account: RuntimeAccount) -> str | None:
    """The variable of the image that is to the group what the account's is to the user."""
    for name in account.uid.variables if account.uid is not None else ():
        for pattern, group in ((r"USER", "GROUP"), (r"UID", "GID"), (r"(?<![A-Z])U(?=_)", "G")):
            other = re.sub(pattern, group, name)
            if other != name and other in image.env:
                return other
    return None


def _takes_it(boot: BootPlan, account: RuntimeAccount, group: str) -> bool:
    """Whether the account is made with the group's variable, or gets it later whatever the path."""
    effect = account.effect
    made = effect.command
    if made is None or (effect.gid is not None and effect.gid.opaque) or _mentions(made, group):
        return True
    for step in boot.steps:
        for command in step.script.commands if step.script is not None else ():
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
