"""chmod's modes: `755`, `u+x`, `a+rX,g-w`, `g=u` (POSIX chmod, extended description; GNU coreutils, "Directories")."""

import re

from ..late.patterns import pattern
from ..text.numbers import natural

_CLAUSE = pattern(r"([ugoa]*)((?:[-+=](?:[ugo]|[rwxXst]*))+)\Z")
_ACTION = pattern(r"[-+=](?:[ugo]|[rwxXst]*)")
_SHIFTS = {"u": 6, "g": 3, "o": 0}
_BITS = {"r": 4, "w": 2, "x": 1}


def changed_mode(mode: int | None, change: str, *, directory: bool = False, umask: int | None = 0o022) -> int | None:
    """The permission bits after `chmod change`; None where they cannot be known, or the change is not a valid mode.

    `umask` counts in clauses that name no class (`+w`); None where it is not known.
    """
    number = natural(change, 8) if len(change) <= 5 else None
    if number is not None:
        number &= 0o7777
        # a number of up to four digits leaves a directory's set-ID bits alone
        return number | (mode or 0) & 0o6000 if directory and len(change) < 5 else number
    if mode is None and not _sets_all(change):
        return _known_execute(change)
    bits = mode or 0
    for clause in change.split(","):
        match = _CLAUSE.fullmatch(clause)
        if match is None or (umask is None and not match.group(1)):
            return None
        for action in _ACTION.findall(match.group(2)):
            bits = _apply(bits, match.group(1), action, directory, umask or 0)
    return bits


def _sets_all(change: str) -> bool:
    return bool(re.fullmatch(r"a?=[rwxXst]*", change))


def _known_execute(change: str) -> int | None:
    """A mode of which only the x bits are known: `+x` on a file of unknown mode makes it executable, and readable as it was."""
    return 0o755 if re.fullmatch(r"a?\+r?w?x", change) else None


def _apply(bits: int, who: str, action: str, directory: bool, umask: int) -> int:
    operator, letters = action[0], action[1:]
    classes = "ugo" if not who or "a" in who else who
    mask = 0
    for letter in letters:
        bit = (bits >> _SHIFTS[letter]) & 7 if letter in _SHIFTS else _BITS.get(letter, 0)
        if letter == "X" and (directory or bits & 0o111):
            bit = 1
        for name in classes:
            mask |= bit << _SHIFTS[name]
    if "s" in letters:
        mask |= (0o4000 if "u" in classes else 0) | (0o2000 if "g" in classes else 0)
    if "t" in letters:
        mask |= 0o1000
    if not who:
        mask &= ~umask
    if operator == "+":
        return bits | mask
    if operator == "-":
        return bits & ~mask
    cleared = bits
    for name in classes:
        cleared &= ~(7 << _SHIFTS[name])
    if not directory:
        cleared &= ~((0o4000 if "u" in classes else 0) | (0o2000 if "g" in classes else 0))
    return cleared | mask
