"""The build makes an account that the start script makes again.

## What it does
Reports an account of the image whose number is the default of the runtime variable that the desktop user's account is made
with, or whose name is the one that a start script gives to it. The account `ubuntu` (1000) that Ubuntu images bring since
23.04 counts. Where the account has the very name that is asked for and the script goes on when useradd refuses, the
desktop user is there, and it is silent.

## Why it matters at run time
`useradd` refuses a number or a name that is taken ("UID 1000 is not unique"): the desktop user is not made, and the
container has no desktop.

## When to ignore it
When the container is always started with another number. It is silent for `useradd -o`, for start scripts that test first or
remove the account, and for accounts that a later layer removes.

## References
- useradd(8): `--non-unique`, exit values 4 and 9
- Ubuntu 23.04 release notes, "default user in OCI images"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan, RuntimeAccount
from ..lineage.effects.model import ChangeAccount, RemoveAccount, RenameAccount
from ..lineage.image.accounts import Account
from ..lineage.image.image import EffectiveImage
from ..lineage.text.places import Place
from .base import Message, Related, Severity, Undecided
from .shared.scripts.required_values import default_number
from .shared.subjects import account_made_at

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message | Undecided]:
    for made in boot.accounts:
        if made.effect.allows_same_uid:
            continue
        taken = _taken(image, made)
        if taken is None and image.accounts.open is not None and _wants_one(image, made) and not _tested(made):
            yield Undecided(image.accounts.open, (account_made_at(made.effect.place),))
        if taken is None or _tested(made) or _gives_way(boot, taken.name) or _is_the_wanted_one(made, taken):
            continue
        yield _message(image, made, taken)
        return


def _wants_one(image: EffectiveImage, made: RuntimeAccount) -> bool:
    """Whether the account's name or number is known, so that another one can stand in its way."""
    return made.name.literal is not None or (made.uid is not None and default_number(image, made.uid) is not None)


def _taken(image: EffectiveImage, made: RuntimeAccount) -> Account | None:
    """The account of the image that stands in the way."""
    same = image.accounts.known.get(made.name.literal or "")
    if same is not None and same.sure:
        return same
    uid = default_number(image, made.uid) if made.uid is not None else None
    if uid is None:
        return None
    return next((one for one in image.accounts.known.values() if str(one.uid) == uid and one.sure), None)


def _tested(made: RuntimeAccount) -> bool:
    """Whether the account is made only where its number, or its literal name, is free; or under a test that is not read."""
    command = made.effect.command
    if command is None:
        return not made.effect.sure
    for guard in command.guards:
        if guard.presumed:
            continue
        tests = (guard.holds,) if guard.holds is not None else guard.alternatives
        if not tests:
            return True
        for test in tests:
            if test.op in ("user", "grep") and made.uid is not None and made.uid.canonical in str(test):
                return True
            if test.op == "user" and (made.name.literal or test.operands[0].canonical != made.name.canonical):
                return True
    return False


def _is_the_wanted_one(made: RuntimeAccount, taken: Account) -> bool:
    """Whether the account in the way has the very name that is asked for, and the script goes on when useradd refuses."""
    command = made.effect.command
    return made.name.literal == taken.name and command is not None and (not command.errexit or command.ignores_failure)


def _gives_way(boot: BootPlan, name: str) -> bool:
    """Whether a start step removes, renames or renumbers the account."""
    for step in boot.steps:
        for effect in step.effects:
            if not isinstance(effect, RemoveAccount | RenameAccount | ChangeAccount) or effect.name.literal not in (
                None,
                name,
            ):
                continue
            if not isinstance(effect, ChangeAccount) or effect.uid is not None:
                return True
    return False


def _message(image: EffectiveImage, made: RuntimeAccount, taken: Account) -> Message:
    place, owner = _cause(image, made, taken)
    what = f"`{taken.name}`" + (f" ({taken.uid})" if taken.uid is not None else "")
    again = f"`{made.name.canonical}`" if made.name.literal == taken.name else f"that number (`{made.uid}`)"
    related = Related(made.effect.place, "the account is made again here, when the container starts")
    if place == made.effect.place and taken.place is not None:
        related = Related(taken.place, "the image makes it here")
    return Message(
        place,
        f"The image already has the account {what}, and {made.step.label} makes one with {again} at start: useradd refuses, "
        "and there is no desktop user.",
        f"Remove it in the Dockerfile (`RUN userdel -r {taken.name}`), or give it another number.",
        (related,),
        subject=taken.name,
        owner=owner,
        about=(account_made_at(made.effect.place),),
    )


def _cause(image: EffectiveImage, made: RuntimeAccount, taken: Account) -> tuple[Place, str]:
    """The command of this image that makes the account, or the FROM that brings it; else the start script's command."""
    if taken.place is not None and image.owns(taken.image):
        return taken.place, image.id
    if image.owns(made.step.image):
        brings = image.parent.place if image.parent is not None and taken.place is None else None
        return brings or made.effect.place, image.id
    return made.effect.place, made.step.image
