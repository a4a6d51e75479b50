"""A start script copies a launcher as root and does not give it to the user.

## What it does
Reports a launcher that an init script copies into the home of the account which is made at start, when no `chown` of the same
or a later step covers it and it is not copied as the user. A program run as root afterwards that ctlint cannot read makes it
silent.

## Why it matters at run time
The file, and a directory made for it, belong to root: the desktop asks before starting an untrusted launcher, and the
user cannot change or remove it.

## When to ignore it
When the launcher is meant to be fixed.

## References
- Xfce, xfdesktop: launchers on the Desktop must belong to the user to be trusted
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan, RuntimeAccount
from ..lineage.desktop.launchers import Delivery, Launchers
from ..lineage.effects.model import ChangeOwner, Copy, Effect
from ..lineage.image.image import EffectiveImage
from .base import Message, Severity
from .shared.questions import is_half_read
from .shared.users.home_owners import may_be_given

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan, launchers: Launchers) -> Iterator[Message]:
    for delivery in launchers.deliveries:
        effect = delivery.effect
        if not isinstance(effect, Copy) or not image.owns(delivery.step.image) or effect.owner is not None:
            continue
        account = boot.home(delivery.target)
        if (
            delivery.step.kind == "session"
            or is_half_read(delivery.step)
            or account is None
            or effect.user.canonical != "root"
            or _given(boot, delivery, account)
            or may_be_given(boot, delivery.step, effect)
        ):
            continue
        boot.require_whole()
        name = account.name.canonical.strip("${}")
        yield Message(
            delivery.place,
            f"The launcher is copied as root into {account.home.canonical} and stays root's: nothing gives it to the user "
            "afterwards.",
            f'Add `chown -R "${name}:${name}"` of the directory behind the copy, or copy it with `install -o "${name}"`.',
            subject=delivery.source.canonical,
            owner=delivery.step.image,
        )


def _given(boot: BootPlan, delivery: Delivery, account: RuntimeAccount) -> bool:
    target = delivery.target.canonical
    name = delivery.source.canonical.rpartition("/")[2]
    for effect in _afterwards(boot, delivery):
        if not isinstance(effect, ChangeOwner):
            continue
        if effect.path.opaque:
            return True
        path = effect.path.canonical.rstrip("/")
        if effect.recursive and (target == path or target.startswith(path + "/")):
            return True
        if path in (target, f"{target.rstrip('/')}/{name}"):
            return True
        if effect.globs and path.rpartition("/")[0] in (target.rstrip("/"), target.rpartition("/")[0]):
            return True
    return False


def _afterwards(boot: BootPlan, delivery: Delivery) -> Iterator[Effect]:
    """Effects of the same step behind the copy, and of all steps that come after it."""
    step = delivery.step
    yield from step.effects[step.effects.index(delivery.effect) + 1 :]
    for other in boot.steps:
        if other is not step and boot.precedes(step, other) is True:
            yield from other.effects
