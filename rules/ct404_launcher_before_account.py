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
from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.desktop.launchers import SUFFIX, Delivery, Launchers
from ..lineage.effects.model import Copy, Effect, Link, MakeAccount, MakeDirectory, Opens, Unpack, Write
from ..lineage.image.image import EffectiveImage
from ..lineage.text.errors import Unknown
from ..lineage.text.paths import within
from .base import Message, Related, Severity
from .shared.scripts.account_order import later_name, named_otherwise, too_early
from .shared.subjects import order_of

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
            named = named_otherwise(boot, step)
            yield Message(
                late.need.effect.place,
                f"The launcher is brought to {delivery.target.canonical} before the account exists: "
                f"{_order(step, late.maker)}.",
                _cure(boot, step, late.maker),
                (
                    *((named,) if named is not None else ()),
                    Related(late.need.account.effect.place, "the account is made here"),
                    *(Related(other.place, "this comes too early for it, too") for other in late.alike),
                ),
                subject=delivery.source.canonical,
                owner=step.image,
                about=(order_of(step.name),) if late.maker.kind == "cont-init" else (),
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


def _cure(boot: BootPlan, step: StartStep, maker: StartStep) -> str:
    if maker is step:
        return "Move the copy behind the command that makes the account."
    if step.kind == "cont-init" and maker.kind == "cont-init":
        return later_name(boot, step, maker)
    if step.kind == "cont-init":
        return f"Copy it in an s6-rc oneshot with `{maker.label}` in its `dependencies.d`."
    return f"Add `dependencies.d/{maker.label}` to {step.label}."


def missing_folder(image: EffectiveImage, plan: BootPlan, delivery: Delivery) -> str | None:
    """The folder that a `cp` needs and that surely nothing has made before; None where it is there or may be.

    A home that useradd makes holds the skeleton, so what lies below /etc/skel counts.
    """
    effect = delivery.effect
    account = plan.home(delivery.target)
    if not isinstance(effect, Copy) or effect.recursive or effect.moves or account is None or delivery.target.opaque:
        return None
    if effect.command is None or effect.command.name != "cp" or "--parents" in str(effect.command):
        return None
    target, home = delivery.target.canonical.rstrip("/"), account.home.canonical.rstrip("/")
    folder = target.rpartition("/")[0] if target.endswith(SUFFIX) else target
    if not folder.startswith(home + "/") or _in_skeleton(image, folder[len(home) :]):
        return None
    if any(_may_make(earlier, folder, home) for earlier in _before(plan, delivery)):
        return None
    return folder


def _in_skeleton(image: EffectiveImage, below: str) -> bool:
    """Whether /etc/skel may hold the folder. Packages bring many things there, but no Desktop."""
    if image.tree.find("/etc/skel" + below) is not None:
        return True
    held = image.tree.get("/etc/skel" + below)
    return held is not None and not (isinstance(held, Unknown) and below == "/Desktop" and image.known == "full")


def _before(plan: BootPlan, delivery: Delivery) -> Iterator[Effect]:
    """Effects of the same step before the copy, and of all steps that do not surely come after it."""
    step = delivery.step
    yield from step.effects[: step.effects.index(delivery.effect)]
    for other in plan.steps:
        if other is step or other.kind in ("session", "cmd"):
            continue
        if plan.precedes(step, other) is not True:
            yield from other.effects


def _may_make(effect: Effect, folder: str, home: str) -> bool:
    match effect:
        case MakeDirectory() | Write():
            return _reaches(effect.path.canonical, folder) or effect.path.opaque
        case Copy():
            target = effect.target.canonical
            return _reaches(target, folder) or effect.target.opaque or (effect.recursive and within(folder, target))
        case Link():
            return _reaches(effect.path.canonical, folder) or effect.path.opaque
        case Unpack():
            return effect.into.opaque or within(effect.into.canonical, home)
        case Opens():
            return any(base == "/" or within(home, base) or within(base, home) for base in effect.below)
        case MakeAccount():
            return effect.command is None or "-k" in str(effect.command)
        case _:
            return False


def _reaches(path: str, folder: str) -> bool:
    """Whether making `path` makes `folder`, or what lies in it."""
    return path == folder or path.startswith(folder + "/")
