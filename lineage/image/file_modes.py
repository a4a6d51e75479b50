"""chmod's modes: `755`, `u+x`, `a+rX,g-w` (POSIX chmod, extended description)."""

import re

_CLAUSE = re.compile(r"([ugoa]*)([-+=][rwxXst]*)((?:[-+=][rwxXst]*)*)\Z")
_SHIFTS = {"u": 6, "g": 3, "o": 0}
_BITS = {"r": 4, "w": 2, "x": 1}


def changed_mode(mode: int | None, change: str, *, directory: bool = False) -> int | None:
    """The permission bits after `chmod change`; None where they cannot be known, or the change is not a valid mode."""
    if re.fullmatch(r"[0-7]{1,5}", change):
        return int(change, 8) & 0o7777
    if mode is None and not _sets_all(change):
        return _known_execute(change)
    bits = mode or 0
    for clause in change.split(","):
        match = _CLAUSE.fullmatch(clause)
        if match is None:
            return None
        who = match.group(1)
        for action in re.findall(r"[-+=][rwxXst]*", match.group(2) + match.group(3)):
            bits = _apply(bits, who, action, directory)
    return bits


def _sets_all(change: str) -> bool:
    return bool(re.fullmatch(r"a?=[rwxXst]*", change))


def _known_execute(change: str) -> int | None:
    """A mode of which only the x bits are known: `+x` on a file of unknown mode makes it executable, and readable as it was."""
    return 0o755 if re.fullmatch(r"a?\+r?w?x", change) else None


def _apply(bits: int, who: str, action: str, directory: bool) -> int:
    operator, letters = action[0], action[1:]
    classes = "ugo" if not who or "a" in who else who
    mask = 0
    for letter in letters:
        bit = _BITS.get(letter, 0)
        if letter == "X" and (directory or bits & 0o111):
            bit = 1
        for name in classes:
            mask |= bit << _SHIFTS[name]
    if "s" in letters:
        mask |= (0o4000 if "u" in classes else 0) | (0o2000 if "g" in classes else 0)
    if "t" in letters:
        mask |= 0o1000
    if not who and "w" in letters and operator == "+":
        mask &= ~0o022  # without a class the umask (022 in a build) applies
    if operator == "+":
        return bits | mask
    if operator == "-":
        return bits & ~mask
    cleared = bits
    for name in classes:
        cleared &= ~(7 << _SHIFTS[name])
    return cleared | mask
