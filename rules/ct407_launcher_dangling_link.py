"""A start script links a launcher into the home without expecting a link that is already there.

## What it does
Reports `ln -s` of a launcher into the user's home without `-f`, unguarded or guarded by `-e`, `-f` or another test that follows
the link. A test with `-L`, a removal before it, and `|| true` are left alone.

## Why it matters at run time
Homes persist. When the image no longer has what the link points to, the link dangles: `-e` and `-f` say that nothing is
there, and `ln` fails with "File exists". Under `set -e` the rest of the script is not run.

## When to ignore it
When the home is thrown away with the container.

## References
- POSIX test: all file tests but `-h` and `-L` follow symbolic links
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.desktop.launchers import Delivery, Launchers
from ..lineage.effects.model import Link, Remove
from ..lineage.image.image import EffectiveImage
from ..lineage.text.places import Place
from .base import Message, Severity

SEVERITY = Severity.WARNING


def check(image: EffectiveImage, boot: BootPlan, launchers: Launchers) -> Iterator[Message]:
    told: set[Place] = set()
    for delivery in launchers.deliveries:
        effect = delivery.effect
        if not isinstance(effect, Link) or not effect.symbolic or effect.force or not image.owns(delivery.step.image):
            continue
        if not delivery.in_home(boot) or _expects_link(delivery, effect) or _removed_before(delivery):
            continue
        if delivery.place in told:
            continue  # the same command for another launcher of a loop
        told.add(delivery.place)
        command = effect.command
        follows = command is not None and any(not guard.presumed for guard in command.guards)
        when = (
            "once the launcher is gone from the image, the test follows the dangling link and says that nothing is there"
            if follows
            else "at the second start the link is there"
        )
        stops = command is not None and command.errexit and not command.ignores_failure
        end = ", and `set -e` ends the script there" if stops else ""
        yield Message(
            delivery.place,
            f"`ln -s` of {delivery.source.canonical} fails in a home that persists: {when}{end}.",
            "Use `ln -sfn`, or test with `[ -L … ]` as well.",
            subject=delivery.source.canonical,
            owner=delivery.step.image,
        )


def _expects_link(delivery: Delivery, effect: Link) -> bool:
    """Whether a condition looks at the link itself, or cannot be read, or the failure is expected."""
    command = effect.command
    if command is None:
        return not effect.sure
    if command.errexit and command.ignores_failure:
        return True
    for guard in command.guards:
        if guard.presumed:
            continue
        tests = (guard.holds,) if guard.test is not None else guard.alternatives
        if not tests or any(test is None or test.op not in _FOLLOWING for test in tests):
            return True
        if any(test is not None and not _about(delivery, test.operands) and test.negated for test in tests):
            return True
    return False


_FOLLOWING = frozenset(("-e", "-f", "-d", "-r", "-s", "-x", "-z", "-n"))


def _about(delivery: Delivery, operands: tuple[object, ...]) -> bool:
    """Whether a test is about the link, or about a folder above it."""
    link = delivery.target.canonical.rstrip("/")
    texts = [str(operand) for operand in operands]
    return any(link == text or link.startswith(text.rstrip("/") + "/") or text.startswith(link) for text in texts)


def _removed_before(delivery: Delivery) -> bool:
    """Whether the same step removes the link, or its folder, before it makes it."""
    effects = delivery.step.effects
    wanted = {*delivery.destinations, delivery.target.canonical.rstrip("/")}
    for effect in effects[: effects.index(delivery.effect)]:
        if isinstance(effect, Remove):
            path = effect.path.canonical.rstrip("/")
            if effect.globs or effect.path.opaque or any(w == path or w.startswith(path + "/") for w in wanted):
                return True
    return False
