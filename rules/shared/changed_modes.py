"""What a `chmod` of a start script does to the files of the image."""

import re

from ...lineage.effects.model import ChangeMode
from ...lineage.late.patterns import pattern
from ...lineage.text.globs import path_matches, path_within
from ...lineage.text.paths import within

_SYMBOLIC = pattern(r"[+=][rwst]*[xX]")
_OCTAL = pattern(r"[0-7]+")


def gives_x(mode: str) -> bool:
    """Whether a mode as it is written sets an x bit, or may: one that is not known."""
    if _OCTAL.fullmatch(mode):
        return any(int(digit) & 1 for digit in mode[-3:])
    return not re.fullmatch(r"[ugoa,+=rwxXst-]+", mode) or _SYMBOLIC.search(mode) is not None


def takes_x(mode: str) -> bool:
    """Whether a mode as it is written surely leaves no x bit."""
    return _OCTAL.fullmatch(mode) is not None and not gives_x(mode)


def reaches(effect: ChangeMode, path: str) -> bool:
    """Whether the mode of `path` is changed, or may be."""
    target = effect.path.canonical
    if target == path:
        return True
    if effect.globs and effect.path.literal is not None and "**" not in target:
        return path_within(path, target) if effect.recursive else path_matches(path, target)
    if effect.path.opaque or effect.globs:
        return path.startswith(effect.path.prefix.split("*")[0] or "\0")
    if not within(path, target) or not (effect.recursive or effect.names is not None or effect.types is not None):
        return False
    depth = path.rstrip("/").count("/") - target.rstrip("/").count("/")
    return effect.least <= depth and (effect.most is None or depth <= effect.most)
