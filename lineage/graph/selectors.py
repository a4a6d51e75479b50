"""Selectors of images: `name`, `+name` (with ancestors), `name+` (with descendants), `2+name+1` (so many hops), globs."""

from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..text.errors import UsageError
from ..text.numbers import natural

_SELECTOR = pattern(r"(?:(?P<up>\d*)\+)?(?P<name>[^+]+)(?:\+(?P<down>\d*))?")


@dataclass(frozen=True, slots=True)
class Selector:
    """`ancestors` and `descendants` are the hops to follow: 0 for none, None for all."""

    name: str
    ancestors: int | None = 0
    descendants: int | None = 0


def parse_selector(text: str) -> Selector:
    """Read a selector. Raises UsageError."""
    match = _SELECTOR.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{text!r} is no selector; write name, +name, name+ or 2+name+1.")
    return Selector(match["name"], _hops(match["up"]), _hops(match["down"]))


def _hops(written: str | None) -> int | None:
    return 0 if written is None else natural(written) if written else None
