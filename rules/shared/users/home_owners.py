"""Whose the files are that start steps make below the home of an account that is made at start."""

from collections.abc import Iterator

from ....lineage.boot.account_needs import target_of
from ....lineage.boot.plan import BootPlan, RuntimeAccount
from ....lineage.boot.steps import StartStep
from ....lineage.effects.file_modes import changed_mode
from ....lineage.effects.model import ChangeMode, ChangeOwner, Copy, Effect, MakeDirectory, Opens, Write
from ....lineage.image.image import EffectiveImage
from ....lineage.image.tree import Node
from ....lineage.late.dataclasses import dataclass
from ....lineage.text.symbolic import Text

_SKELETON = (".bashrc", ".profile", ".bash_logout", ".bash_profile", ".zshrc", ".cshrc", ".login")
"""What distributions have in /etc/skel, so that useradd -m has made it as the user's."""


@dataclass(frozen=True, slots=True)
class RootOwned:
    """A file or directory that a step makes as root below the home of `account`, and that stays root's."""

    account: RuntimeAccount
    effect: Copy | Write | MakeDirectory
    path: Text


def left_to_root(image: EffectiveImage, plan: BootPlan, step: StartStep) -> Iterator[RootOwned]:
    """What the step makes in a home as root and nobody gives to the user, in order."""
    for index, effect in enumerate(step.effects):
        if not isinstance(effect, Copy | Write | MakeDirectory) or effect.user.canonical != "root":
            continue
        path = target_of(effect)
        account = plan.home(path)
        if account is None or not _account_is_there(plan, step, index, account):
            continue
        if isinstance(effect, Copy) and (effect.owner is not None or _is_program(image, effect)):
            continue
        if isinstance(effect, Write) and (effect.keeps or _exists(image, effect, account)):
            continue
        if any(_gives(one, path, effect) for one in _afterwards(plan, step, index)):
            continue
        yield RootOwned(account, effect, path)


def may_be_given(plan: BootPlan, step: StartStep, effect: Copy) -> bool:
    """Whether a program whose doings are not known may give the user what the step copies, as root and afterwards."""
    index, path = step.effects.index(effect), target_of(effect)
    return any(isinstance(one, Opens) and _gives(one, path, effect) for one in _afterwards(plan, step, index))


def _account_is_there(plan: BootPlan, step: StartStep, index: int, account: RuntimeAccount) -> bool:
    """Whether the account is made before; else the order is what is wrong."""
    maker = account.step
    if maker is step:
        return account.effect in step.effects[:index]
    return plan.precedes(maker, step) is True


def _exists(image: EffectiveImage, effect: Write, account: RuntimeAccount) -> bool:
    """Whether `>>` goes to a file that the account's home has from the skeleton, whose owner stays."""
    if not effect.append:
        return False
    name = effect.path.canonical.removeprefix(account.home.canonical).strip("/")
    return name in _SKELETON or isinstance(image.tree.get(f"/etc/skel/{name}"), Node)


def _is_program(image: EffectiveImage, effect: Copy) -> bool:
    """Whether the copy is of programs, which the user only runs."""
    nodes = [image.tree.find(source.literal) for source in effect.sources if source.literal is not None]
    return bool(nodes) and all(node is not None and node.kind == "file" and node.executable is True for node in nodes)


def _afterwards(plan: BootPlan, step: StartStep, index: int) -> Iterator[Effect]:
    yield from step.effects[index + 1 :]
    for other in plan.steps:
        if other is step or plan.precedes(other, step) is True:
            continue
        for effect in other.effects:
            if not isinstance(effect, Opens) or other.kind != "session":
                yield effect  # a session has no right to give root's files away


def _gives(later: Effect, path: Text, effect: Effect) -> bool:
    """Whether a later effect makes the path the user's, lets everybody write it, removes it, or may do any of this."""
    if isinstance(later, Opens):
        as_root = later.user.canonical == "root"
        return as_root and "/home" not in later.spares and any(_within(path.canonical, below) for below in later.below)
    if not isinstance(later, ChangeOwner | ChangeMode):
        return False
    if isinstance(later, ChangeMode) and not _opens_up(later.mode):
        return False
    place = later.path.canonical.rstrip("/")
    if later.path.opaque or not place:
        return True
    if later.globs:
        place = place.rpartition("/")[0] if not later.recursive else place.rstrip("*").rstrip("/")
        return _within(path.canonical, place)
    target = path.canonical.rstrip("/")
    if later.recursive:
        return _within(target, place)
    return place == target or (isinstance(effect, Copy) and place.rpartition("/")[0] == target)


def _opens_up(mode: str) -> bool:
    bits = changed_mode(0, mode)
    return bits is None or bool(bits & 0o002)


def _within(path: str, place: str) -> bool:
    place = place.rstrip("/")
    return path == place or path.startswith(place + "/")
