"""A start script copies or links a launcher that no layer provides.

## What it does
Reports a `cp`, `install`, `mv` or `ln` of a start script whose launcher is surely not in the effective image: a typing error,
another letter case, a pattern that matches nothing, a file that is not in the repository.

## Why it matters at run time
The copy fails, the boot goes on, and the icon is not there.

## When to ignore it
When something that ctlint cannot see makes the file before the script runs.

## References
- Desktop Entry Specification, "File naming"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.desktop.launchers import SUFFIX, Delivery, Launchers
from ..lineage.effects.model import Copy, Link, Write
from ..lineage.folding.missing_sources import BuildSources
from ..lineage.image.image import EffectiveImage
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from .base import Message, Related, Severity
from .shared.launchers.missed_launchers import missing, nearest_launcher, no_picture
from .shared.subjects import copied_at

SEVERITY = Severity.ERROR
YIELDS_TO = ("CT304",)


def check(image: EffectiveImage, boot: BootPlan, launchers: Launchers, sources: BuildSources) -> Iterator[Message]:
    if (absent := no_picture(sources)) is not None:
        raise Unknown(f"{absent.path} is missing, and may bring the launchers", "missing")
    doubt: Unknown | None = None
    told: set[Place] = set()
    for delivery in _all_launcher_commands(launchers):
        if not image.owns(delivery.step.image):
            continue
        wanted = delivery.source.literal
        if wanted is None or not wanted.startswith("/") or _tested(delivery, wanted) or _made_at_start(boot, wanted):
            continue
        missed = missing(launchers, delivery, wanted)
        if isinstance(missed, Unknown):
            doubt = missed if doubt is None else doubt
        elif missed and delivery.place not in told:
            told.add(delivery.place)  # once for the same command in a loop
            yield _message(launchers, delivery, wanted)
    if doubt is not None:
        raise doubt


def _all_launcher_commands(launchers: Launchers) -> Iterator[Delivery]:
    yield from launchers.deliveries
    known = {id(delivery.effect) for delivery in launchers.deliveries}
    for step in launchers.plan.steps:
        for effect in step.effects:
            if isinstance(effect, Copy) and effect.globs and id(effect) not in known:
                for source in effect.sources:
                    if source.canonical.endswith(SUFFIX):
                        yield Delivery(step, effect, source, effect.target, effect.user, True)


def _tested(delivery: Delivery, wanted: str) -> bool:
    """Whether the command runs only where the file is there."""
    command = delivery.effect.command
    if command is None:
        return not delivery.effect.sure
    for guard in command.guards:
        test = guard.holds
        if test is None:
            if not guard.presumed and not guard.alternatives:
                return True
            continue
        if any(operand.canonical == wanted for operand in test.operands) and not test.negated:
            return True
    return False


def _made_at_start(boot: BootPlan, wanted: str) -> bool:
    """Whether a start step may write the file, or something at its folder."""
    folder = wanted.rpartition("/")[0]
    for step in boot.steps:
        for effect in step.effects:
            if isinstance(effect, Write) and effect.path.canonical == wanted:
                return True
            if isinstance(effect, Copy | Link):
                target = effect.target if isinstance(effect, Copy) else effect.path
                if target.canonical in (wanted, folder):
                    return True
    return False


def _message(launchers: Launchers, delivery: Delivery, wanted: str) -> Message:
    name = wanted.rpartition("/")[2].lower()
    near = nearest_launcher(launchers, delivery, wanted)
    related: tuple[Related, ...] = ()
    if near is not None:
        cure = f"Did you mean {near.path}? The image has that."
        related = (Related(near.node.place, f"this brings {near.path}"),)
    else:
        cure = "Add the launcher to the repository and copy it into the image, or correct the name."
    kind = "No file matches" if delivery.globs and "*" in wanted else "No layer of the image provides"
    return Message(
        delivery.place,
        f"{kind} {wanted}: the launcher does not reach the Desktop.",
        cure,
        related,
        subject=wanted,
        owner=delivery.step.image,
        about=tuple(copied_at(each.node.place) for each in launchers.staged if each.name.lower() == name),
    )
