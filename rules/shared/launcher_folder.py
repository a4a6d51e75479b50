"""Whether the folder of a home that a launcher is copied into is there when that happens first."""

from collections.abc import Iterator

from ...lineage.boot.plan import BootPlan
from ...lineage.desktop.launchers import SUFFIX, Delivery
from ...lineage.effects.model import Copy, Effect, Link, MakeAccount, MakeDirectory, Opens, Unpack, Write
from ...lineage.image.image import EffectiveImage
from ...lineage.image.tree import within
from ...lineage.text.errors import Unknown


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
