"""A start step brings a launcher to the Desktop before the account, or its Desktop, exists.

## What it does
Reports the first copy or link of a launcher into the home of an account that is made when the container starts, in a step
that the boot does not run after the step that makes the account; and a `cp` into a folder of that home which neither the
skeleton nor any step before it makes.

## Why it matters at run time
The home is not there yet: the copy fails and the icon does not appear, or it makes a home that belongs to root, and
`useradd -m` then leaves the skeleton out. Where the folder is missing, `cp` fails, or makes a file of the folder's name.

## When to ignore it
When the step runs again later.

## References
- s6-overlay README, "Executing initialization tasks": `cont-init.d` runs in byte order
- s6-overlay 3, base bundle: `cont-init.d` runs before services that depend on `base`, beside those that do not
"""

from collections.abc import Iterator

from ..lineage.boot.account_needs import needs_of
from ..lineage.boot.plan import BootPlan, StartStep
from ..lineage.desktop.launchers import Launchers
from ..lineage.image.image import EffectiveImage
from .base import Message, Related, Severity
from .shared.account_order import too_early
from .shared.launcher_folder import missing_folder

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan, launchers: Launchers) -> Iterator[Message]:
    if not boot.accounts:
        return
    delivered = {id(delivery.effect): delivery for delivery in launchers.deliveries}
    early = {id(late.step): late for late in too_early(boot, delivered)}
    for step in boot.steps:
        if step.kind in ("session", "cmd") or not image.owns(step.image):
            continue
        late = early.get(id(step))
        delivery = delivered.get(id(late.need.effect)) if late is not None else None
        if late is not None and delivery is not None:
            yield Message(
                late.need.effect.place,
                f"The launcher is brought to {delivery.target.canonical} before the account exists: "
                f"{_order(step, late.maker)}.",
                _cure(step, late.maker),
                (
                    Related(late.need.account.effect.place, "the account is made here"),
                    *(Related(other.place, "this comes too early for it, too") for other in late.alike),
                ),
                subject=delivery.source.canonical,
                owner=step.image,
            )
            continue
        for need in needs_of(boot, step):
            delivery = delivered.get(id(need.effect))
            folder = None if delivery is None else missing_folder(image, boot, delivery)
            if delivery is not None and folder is not None:
                yield Message(
                    need.effect.place,
                    f"The launcher is copied into {folder}, which no step before makes: a new home has no such folder, and "
                    "the icon does not appear.",
                    f"Make it first: `mkdir -p {folder}`.",
                    (Related(need.account.effect.place, "the account is made here"),),
                    subject=delivery.source.canonical,
                    owner=step.image,
                )
                break


def _order(step: StartStep, maker: StartStep) -> str:
    if maker is step:
        return "it is made further down"
    if step.kind == "cont-init" and maker.kind == "cont-init":
        return f"{maker.label} makes it, and {step.label} runs before that"
    if step.kind == "cont-init":
        return f"the service {maker.label} makes it, and cont-init.d runs before or beside that"
    return f"{maker.label} makes it, and no dependency orders {step.label} after that"


def _cure(step: StartStep, maker: StartStep) -> str:
    if maker is step:
        return "Move the copy behind the command that makes the account."
    if step.kind == "cont-init" and maker.kind == "cont-init":
        return f"Give the script a name that sorts after {maker.label}."
    if step.kind == "cont-init":
        return f"Copy it in an s6-rc oneshot with `{maker.label}` in its `dependencies.d`."
    return f"Add `dependencies.d/{maker.label}` to {step.label}."
