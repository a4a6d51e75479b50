"""A start script copies a launcher over the one that the user has.

## What it does
Reports a `cp`, `install` or `mv` of a launcher into the user's home that no fitting test guards: none that the launcher is
not there yet, or one that is always met, such as `[ ! -d …/viewer.desktop ]`. `cp -n` and `cp -u`, a marker file in the home,
and conditions that cannot be read are left alone.

## Why it matters at run time
Homes persist. What the user changed in the launcher (another icon, other options), or that it was switched off, is undone
at each start of the container.

## When to ignore it
When the launcher is meant to be the image's at each start.

## References
- Desktop Application Autostart Specification: a user disables an entry by a copy of it with `Hidden=true`
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.commands.model import Guard, Test
from ..lineage.desktop.launchers import Delivery, Launchers
from ..lineage.effects.model import Copy
from ..lineage.image.image import EffectiveImage
from ..lineage.text.places import Place
from .base import Message, Severity
from .shared.questions import is_half_read

SEVERITY = Severity.WARNING


def check(image: EffectiveImage, boot: BootPlan, launchers: Launchers) -> Iterator[Message]:
    told: set[Place] = set()
    for delivery in launchers.deliveries:
        effect = delivery.effect
        if not isinstance(effect, Copy) or not image.owns(delivery.step.image) or not delivery.in_home(boot):
            continue
        if is_half_read(delivery.step) or effect.no_clobber or _keeps_newer(delivery) or _fits(boot, delivery):
            continue
        if delivery.place in told:
            continue  # the same command for another launcher of a loop
        told.add(delivery.place)
        yield Message(
            delivery.place,
            f"{delivery.source.canonical} is copied to {delivery.target.canonical} at every start, over the file that is "
            "there: what the user changed in it is lost.",
            "Copy it only when it is not there: `[ -e TARGET ] || cp SOURCE TARGET`, or `cp -n`.",
            subject=delivery.source.canonical,
            owner=delivery.step.image,
        )


def _keeps_newer(delivery: Delivery) -> bool:
    command = delivery.effect.command
    words = [word.literal or "" for word in command.arguments] if command is not None else []
    return any(
        word in ("--update", "--ignore-existing", "--backup") or (word[:1] == "-" != word[1:2] and "u" in word)
        for word in words
    )


def _fits(boot: BootPlan, delivery: Delivery) -> bool:
    """Whether a condition may keep the copy from being made where the user has the file."""
    command = delivery.effect.command
    if command is None:
        return not delivery.effect.sure
    return any(not guard.presumed and _may_keep(boot, delivery, guard) for guard in command.guards)


def _may_keep(boot: BootPlan, delivery: Delivery, guard: Guard) -> bool:
    tests = (guard.holds,) if guard.test is not None else guard.alternatives
    return not tests or any(test is None or _keeps(boot, delivery, test) for test in tests)


def _keeps(boot: BootPlan, delivery: Delivery, test: Test) -> bool:
    if test.op in ("-z", "-n") or (test.op in ("-e", "-f", "-d", "-r", "-s") and not test.negated):
        return False  # the variable is set, or the source is there: as true at the second start as at the first
    if test.op == "-d":
        return not any(operand.canonical in delivery.destinations for operand in test.operands)
    return True
