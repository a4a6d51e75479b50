"""The build makes an account, or changes one to a number, that the parent image has given to another.

## What it does
Reports `useradd -u`, `adduser --uid` and `usermod -u` of a RUN whose number belongs to an account that the image has at that
point, by the proved parent (Ubuntu's images have `ubuntu` with 1000 since 23.04) or by an earlier instruction. `-o`, a removal
before it, and failures that are caught are left alone.

## Why it matters at run time
useradd refuses ("UID 1000 is not unique", exit code 4) and the build fails; adduser of busybox refuses likewise ("in use").

## When to ignore it
Never, where the parent is the one that is named.

## References
- useradd(8), exit values; Ubuntu bug 2005129: a default user in the container images
"""

from collections.abc import Iterator

from ..lineage.effects.model import ChangeAccount, Effect, MakeAccount, RemoveAccount
from ..lineage.image.accounts import Account
from ..lineage.image.image import BuildStep, EffectiveImage
from ..lineage.text.numbers import natural
from .base import Message, Related, Severity

SEVERITY = Severity.ERROR


def check(image: EffectiveImage) -> Iterator[Message]:
    for step in image.steps:
        if step.from_parent is None:
            yield from _in_step(image, step)
        if any(isinstance(effect, RemoveAccount) and _may_free(effect) for effect in step.effects):
            return  # who is gone then is not known
    for step in image.steps:
        if step.accounts.open is not None and step.accounts.open.withheld and _numbers(step):
            raise step.accounts.open


def _numbers(step: BuildStep) -> bool:
    """Whether the step surely gives an account a number that an account which is not known may have."""
    return any(_number(effect) is not None and effect.sure and not _tolerated(effect) for effect in step.effects)


def _in_step(image: EffectiveImage, step: BuildStep) -> Iterator[Message]:
    if all(_number(effect) is None for effect in step.effects):
        return
    there: dict[str, Account] = {name: account for name, account in step.accounts.known.items() if account.sure}
    for effect in step.effects:
        if isinstance(effect, RemoveAccount) and _may_free(effect):
            return
        if isinstance(effect, RemoveAccount):
            there.pop(effect.name.literal or "", None)
        wanted = _number(effect)
        if wanted is None or not effect.sure or _tolerated(effect):
            continue
        name = effect.name.literal if isinstance(effect, MakeAccount | ChangeAccount) else None
        taken = next((one for one in there.values() if one.uid == wanted and one.name != name), None)
        if taken is None:
            continue
        brings = image.parent.place if taken.place is None and image.parent is not None else taken.place
        yield Message(
            effect.place,
            f"The number {wanted} belongs to the account `{taken.name}` of the image already: the command refuses, and the "
            "build fails.",
            f"Remove that account before (`userdel -r {taken.name}`), use it, or take another number.",
            (Related(brings, f"`{taken.name}` ({wanted}) comes from here"),) if brings is not None else (),
            subject=str(wanted),
        )
        return


def _may_free(effect: RemoveAccount) -> bool:
    """Whether it is not known which account the command takes out, or whether it does."""
    return effect.name.literal is None or not effect.sure


def _number(effect: Effect) -> int | None:
    """The number that a command gives to an account; None where it gives none, or shares it on purpose."""
    if isinstance(effect, MakeAccount):
        uid = None if effect.allows_same_uid else effect.uid
    elif isinstance(effect, ChangeAccount):
        command = effect.command
        shares = command is not None and any(word.literal in ("-o", "--non-unique") for word in command.arguments)
        uid = None if shares else effect.uid
    else:
        return None
    literal = uid.literal if uid is not None else None
    return natural(literal)


def _tolerated(effect: Effect) -> bool:
    command = effect.command
    return command is not None and (command.ignores_failure or any(not guard.presumed for guard in command.guards))
