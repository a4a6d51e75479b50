"""COPY leaves settings in the user's home to root, where its siblings give theirs to the user.

## What it does
Reports a COPY or ADD without `--chown` that puts a file into a folder of settings (`~/.config/app/…`) below the home of the
account that USER names, where another COPY of the same Dockerfile gives what it puts there to that account, and no later step
of the build or of the start gives it away. `USER` does not count for COPY: what it brings is root's.

## Why it matters at run time
The program can read its settings and not change them; a folder that the COPY makes is root's, too, so that nothing can be
saved in it.

## When to ignore it
When the file is meant to stay as it is.

## References
- Dockerfile reference, "COPY --chown": "All files and directories copied from the build context are created with a default UID
  and GID of 0"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.dockerfile.expand import expand
from ..lineage.dockerfile.operands import CopyOperands, parse_copy
from ..lineage.effects.model import ChangeMode, ChangeOwner, Effect, Opens
from ..lineage.image.image import BuildStep, EffectiveImage
from ..lineage.text.numbers import is_digits
from ..lineage.text.paths import within
from ..lineage.workspace.workspace import ImageSource
from .base import Message, Related, Severity

SEVERITY = Severity.WARNING

_READ_ALONE = (".ssh", ".docker", ".aws", ".kube")
"""Folders whose programs are content with files that are root's."""


def check(image: EffectiveImage, boot: BootPlan, source: ImageSource) -> Iterator[Message]:
    copies = list(_copies(image, source.stages.escape))
    for index, step, operands, target in copies:
        if operands.chown is not None:
            continue
        name = step.user.split(":")[0]
        home = _home(step, name)
        if home is None or not _holds_settings(target, home):
            continue
        given = next((one for _, one, other, path in copies if _is_given(other, path, home, one, name)), None)
        later = [
            effect
            for one in image.steps[index + 1 :]
            for effect in one.effects
            if not _is_elsewhere(image, effect, home, name)
        ]
        if given is None or any(_may_give(effect, target) for effect in (*later, *_at_start(boot))):
            continue
        yield Message(
            step.place,
            f"What {step.instruction.keyword} puts to {target} is root's, whatever USER says: `{name}` cannot change it.",
            f"Write `{step.instruction.keyword} --chown={operands_of(given).chown} …`, as for the others.",
            (Related(given.place, "this one is given to the account"),),
            subject=target,
        )


def operands_of(step: BuildStep) -> CopyOperands:
    return parse_copy(step.instruction)


def _copies(image: EffectiveImage, escape: str) -> Iterator[tuple[int, BuildStep, CopyOperands, str]]:
    """The COPY and ADD of the image's own stage with their place in the order, operands and absolute target."""
    for index, step in enumerate(image.steps):
        if step.instruction.keyword not in ("COPY", "ADD") or step.from_parent is not None:
            continue
        operands = parse_copy(step.instruction)
        to = expand(operands.destination.text, step.env, escape)
        if to.text.startswith("/") and not to.unmatched and not to.error:
            yield index, step, operands, to.text


def _home(step: BuildStep, name: str) -> str | None:
    """The home of the account that USER names, where it is none of root's."""
    if not name or name == "root" or is_digits(name):
        return None
    account = step.accounts.get(name)
    home = getattr(account, "home", None)
    return home if isinstance(home, str) and home.count("/") > 1 and getattr(account, "uid", None) != 0 else None


def _holds_settings(target: str, home: str) -> bool:
    """Whether a target lies in a hidden folder of the home."""
    if not within(target, home):
        return False
    inside = target[len(home) :].strip("/").split("/")
    return len(inside) > 1 and inside[0].startswith(".") and inside[0] not in _READ_ALONE


def _is_given(operands: CopyOperands, target: str, home: str, step: BuildStep, name: str) -> bool:
    """Whether a COPY gives what it puts into the home to the account."""
    owner = (operands.chown or "").split(":")[0]
    if not owner or not within(target, home):
        return False
    named = expand(owner, step.env).text
    account = step.accounts.get(name)
    return named in (name, str(getattr(account, "uid", None)))


def _at_start(boot: BootPlan) -> Iterator[Effect]:
    for step in boot.steps:
        yield from step.effects


def _is_elsewhere(image: EffectiveImage, effect: Effect, home: str, name: str) -> bool:
    """Whether it is a program of others of which nothing is known, and in whose words nothing speaks of the home or of owners; a
    file of the repository that cannot be read may do anything."""
    if not isinstance(effect, Opens) or effect.command is None or image.tree.nodes.unread:
        return False
    words = str(effect.command)
    return not any(word in words for word in (home, name, "perm", "own"))


def _may_give(effect: Effect, target: str) -> bool:
    """Whether an effect gives the target to another account, opens it to all, or may do so."""
    if isinstance(effect, Opens):
        as_root = effect.user.canonical in ("root", "0")
        return as_root and effect.by != "packages" and any(within(target, below) for below in effect.below)
    if not isinstance(effect, ChangeOwner | ChangeMode):
        return False
    place = effect.path.canonical.rstrip("/*")
    return effect.path.opaque or not place or within(target, place) or within(place, target)
