"""The list of accounts may be written by others than root.

## What it does
Reports a `chmod` of `/etc/passwd`, `/etc/group` or `/etc/shadow`, at build time or in a start script, that lets the group or
everybody write, where no later command takes it back.

## Why it matters at run time
Whoever may write `/etc/passwd` gives themselves the number 0: every process of the container that runs in that group becomes
root.

## When to ignore it
Never: an account for an arbitrary number can be had with `nss_wrapper`, or be done without.

## References
- passwd(5), group(5), shadow(5)
- cwrap.org, nss_wrapper
"""

from collections.abc import Iterable, Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.effects.file_modes import changed_mode
from ..lineage.effects.model import ChangeMode, Copy, Effect, Remove
from ..lineage.image.image import StageImages
from ..lineage.text.globs import path_matches
from .base import Message, Severity

SEVERITY = Severity.ERROR

_FILES = ("/etc/passwd", "/etc/group", "/etc/shadow")


def check(stages: StageImages, boot: BootPlan) -> Iterator[Message]:
    steps = [step for stage in stages.line for step in stage.steps]
    own = [effect for step in steps if step.from_parent is None for effect in step.effects]
    yield from _left_open(own, None)
    for step in boot.steps:
        yield from _left_open(step.effects, step.image)


def _left_open(effects: Iterable[Effect], owner: str | None) -> Iterator[Message]:
    """The chmod after which each of the files stays writable; several files of one chmod are told once."""
    open_since: dict[str, ChangeMode] = {}
    for effect in effects:
        for path in _FILES:
            if isinstance(effect, ChangeMode) and _means(effect, path):
                bits = changed_mode(0o644, effect.mode)
                if bits is None or not bits & 0o022:
                    open_since.pop(path, None)
                elif effect.sure or path not in open_since:
                    open_since[path] = effect
            elif _replaces(effect, path):
                open_since.pop(path, None)
    told: dict[int, list[str]] = {}
    for path, change in open_since.items():
        told.setdefault(change.place.line, []).append(path)
    for paths in told.values():
        change = open_since[paths[0]]
        files = " and ".join(f"`{path}`" for path in paths)
        yield Message(
            change.place,
            f"`chmod {change.mode}` lets {_who(change)} write {files}: they can make themselves root.",
            "Leave the mode at 0644 (0640 for /etc/shadow), or take it back in the same instruction.",
            subject=paths[0],
            owner=owner,
        )


def _who(change: ChangeMode) -> str:
    """Whom the mode lets write, of files that belong to root and its group."""
    bits = changed_mode(0o644, change.mode)
    return "everybody" if bits is not None and bits & 0o002 else "all accounts in group root (GID 0)"


def _means(effect: ChangeMode, path: str) -> bool:
    if effect.names is not None:
        return False
    place = effect.path.literal
    if place is None:
        return False
    if effect.globs and path_matches(path, place):
        return True
    return place == path or (effect.recursive and path.startswith(place.rstrip("/") + "/"))


def _replaces(effect: Effect, path: str) -> bool:
    if isinstance(effect, Remove):
        return effect.path.literal == path
    return isinstance(effect, Copy) and effect.target.literal == path and (effect.moves or effect.mode is not None)
