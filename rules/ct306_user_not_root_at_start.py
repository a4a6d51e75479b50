"""The container starts as another user than root, though its start needs root.

## What it does
Reports a final USER that is not root in an image whose start scripts make the desktop user's account, or become another user
with `gosu`, `su-exec` or `s6-setuidgid`. A USER in the middle of the Dockerfile is left alone, and so is what a start script
does only when it runs as root, or has another way for, and an image in which a step lends root (a setuid bit, `setcap`,
sudoers) or that somebody here runs as another user.

## Why it matters at run time
`useradd` and `groupadd` need root: the account is not made, and everything that is done with it fails. `gosu`, `su-exec` and
`s6-setuidgid` end with "operation not permitted", also where the user that they are to become is the container's own.

## When to ignore it
When the image is always started with another user given by the platform (`--user 0`).

## References
- Dockerfile reference, "USER"
- s6-overlay README, "USER directive"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan, RuntimeAccount
from ..lineage.commands.model import Guard
from ..lineage.image.image import EffectiveImage
from ..lineage.workspace.deployments import asked_for
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Related, Severity
from .shared.users.own_user import need_of_own_user

SEVERITY = Severity.ERROR

_ROOT = ("", "root", "0")


def check(image: EffectiveImage, boot: BootPlan, source: ImageSource, workspace: Workspace) -> Iterator[Message]:
    user = image.user
    if user is None or user.value.split(":")[0] in _ROOT:
        return
    account = next((one for one in boot.accounts if _must_be_made(one) and not _is_there(image, one)), None)
    if account is None:
        yield from _of_another_need(image, boot, source, workspace)
        return
    name = account.name.canonical
    place = user.place if image.owns(user.image) else account.effect.place
    owner = user.image if image.owns(user.image) else account.step.image
    made = Related(account.effect.place, "the account is made here")
    chosen = Related(user.place, "the user is chosen here")
    yield Message(
        place,
        f"The container starts as `{user.value}`, who may not make the account `{name}` that {account.step.label} has to make.",
        "End the Dockerfile with `USER root`; let the services drop their privileges with `s6-setuidgid`.",
        (made if place == user.place else chosen,),
        subject=user.value,
        owner=owner,
        about=(f"user {user.value}",),
    )


def _of_another_need(
    image: EffectiveImage, boot: BootPlan, source: ImageSource, workspace: Workspace
) -> Iterator[Message]:
    user, need = image.user, need_of_own_user(image, boot)
    if user is None or need is None or _is_run_otherwise(workspace, source, user.value):
        return
    own = image.owns(user.image)
    yield Message(
        user.place if own else need.effect.place,
        f"The container starts as `{user.value}`, and {need.step.label} needs root ({need.what}): that fails, and what rests on "
        "it does not start.",
        "End the Dockerfile with `USER root`, or let the start do without: ask `id -u` first.",
        (Related(need.effect.place if own else user.place, "this needs root" if own else "the user is chosen here"),),
        subject=user.value,
        owner=user.image if own else need.step.image,
        about=(f"user {user.value}",),
    )


def _is_run_otherwise(workspace: Workspace, source: ImageSource, user: str) -> bool:
    """Whether somebody who runs the image runs it as another user, or may."""
    return any(
        one.consumer.open is not None
        or one.consumer.entrypoint is not None
        or (one.consumer.user is not None and one.consumer.user.known != user)
        for one in asked_for(workspace)
        if one.source is source
    )


def _is_there(image: EffectiveImage, account: RuntimeAccount) -> bool:
    """Whether the build has made the account already, so that a test before the command passes it over."""
    known = image.accounts.known.get(account.name.literal or "")
    tested = account.effect.command is not None and any(not guard.presumed for guard in account.effect.command.guards)
    return known is not None and known.sure and tested


def _must_be_made(account: RuntimeAccount) -> bool:
    """Whether it is made by root, on a path that depends on nothing but the account's absence and its variables."""
    effect = account.effect
    if account.step.kind == "session":
        return False
    if effect.command is None:
        return effect.sure
    if account.step.kind in ("entrypoint", "cmd") and any(w.user is not None for w in effect.command.wrappers):
        return False
    return all(_expected(guard) for guard in effect.command.guards)


def _expected(guard: Guard) -> bool:
    if guard.presumed:
        return True
    test = guard.holds
    if test is None:
        return False
    return test.negated and test.op in ("user", "group", "-z", "-d", "-e")
