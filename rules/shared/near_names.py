"""Names that are nearly another: a sign too much, a sign too little, two that have changed places."""

from collections.abc import Iterable

_SHORTEST = 5


def near_name(name: str, known: Iterable[str]) -> str | None:
    """The one known name that `name` is a slip for; None where there is none, or where several may be meant.

    A number, a plural and another letter in the same place (PUID and PGID) make another name, and are no slips.
    """
    found = [one for one in known if is_slip(name, one)]
    return found[0] if len(found) == 1 else None


def is_slip(name: str, meant: str) -> bool:
    """Whether the two differ by one `_`, by a letter too much or too little inside, or by two that have changed places."""
    if name == meant:
        return False
    if name.replace("_", "") == meant.replace("_", ""):
        return True
    longer, shorter = (name, meant) if len(name) > len(meant) else (meant, name)
    if len(shorter) < _SHORTEST:
        return False
    if len(longer) == len(shorter):
        return any(
            name[:at] + name[at + 1] + name[at] + name[at + 2 :] == meant
            for at in range(len(name) - 1)
            if name[at] != name[at + 1]
        )
    if len(longer) - len(shorter) != 1 or longer[-1].isdecimal() or longer.removesuffix("S") == shorter:
        return False
    return any(longer[:at] + longer[at + 1 :] == shorter and longer[at].isalpha() for at in range(1, len(longer) - 1))
