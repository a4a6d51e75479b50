"""Wildcards matched in time that grows with the text alone, whatever the pattern.

A regular expression tries every way to share a text among the stars of a pattern: `*a*a*a*a*b` on a hundred characters
takes minutes. Here all ways are followed at once, as the bits of a number.
"""

import re
import warnings
from collections.abc import Sequence
from functools import lru_cache

MANY = "[^/]*"
"""The piece for any characters but a slash."""
ALL = ".*"
"""The piece for any characters."""
FOLDERS = "(?:.*/)?"
"""The piece for nothing, or any characters up to a slash."""

_FEW = 2
"""Stars that a regular expression may have: on a path, it takes no time worth speaking of."""
_LONGEST = 1024
"""Pieces of a pattern; what is longer stands for nothing."""


class Wildcard:
    """A pattern of pieces: each the regular expression of one character, or one of MANY, ALL and FOLDERS.

    Raises re.error for a piece that is none.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        tidy = _without_repeats(pieces)
        stars = sum(piece in (MANY, ALL, FOLDERS) for piece in tidy)
        self._regex = _compiled("".join(tidy)) if stars <= _FEW else None
        self._never = self._regex is None and len(tidy) > _LONGEST
        if self._regex is None and not self._never:
            self._build(tidy)

    def matches(self, text: str) -> bool:
        """Whether the pattern is for the whole text."""
        if self._regex is not None:
            return self._regex.fullmatch(text) is not None
        if self._never:
            return False
        state = self._closed(1)
        for character in text:
            takes, stays = self._masks(character)
            state = self._closed((state & takes) << 1 | state & stays)
            if not state:
                return False
        return bool(state >> len(self._pieces) & 1)

    def _build(self, pieces: Sequence[str]) -> None:
        """State N stands before piece N. FOLDERS becomes three: a fork over the next two, any characters, a slash."""
        self._pieces: list[str] = []
        self._forks = self._stars = 0
        for piece in pieces:
            at = len(self._pieces)
            if piece == FOLDERS:
                self._forks |= 1 << at
                self._pieces += ["", ALL, "/"]
                self._stars |= 1 << at + 1
            else:
                self._pieces.append(piece)
                if piece in (MANY, ALL):
                    self._stars |= 1 << at
        self._single = [_compiled(piece) if piece else None for piece in self._pieces]
        self._known: dict[str, tuple[int, int]] = {}

    def _closed(self, state: int) -> int:
        while True:
            forked = state & self._forks
            more = state | (state & self._stars) << 1 | forked << 1 | forked << 3
            if more == state:
                return state
            state = more

    def _masks(self, character: str) -> tuple[int, int]:
        """The states that take a character, and those that stay where they are over it."""
        found = self._known.get(character)
        if found is None:
            takes = stays = 0
            for at, piece in enumerate(self._pieces):
                if piece in (MANY, ALL):
                    stays |= (piece == ALL or character != "/") << at
                elif (single := self._single[at]) is not None and single.fullmatch(character):
                    takes |= 1 << at
            found = self._known[character] = takes, stays
        return found


@lru_cache(maxsize=1024)
def wildcard(pieces: tuple[str, ...]) -> Wildcard | None:
    """The pattern of some pieces; None where one of them is no regular expression."""
    try:
        return Wildcard(pieces)
    except (re.error, OverflowError):
        return None


def _compiled(expression: str) -> re.Pattern[str]:
    """Sets like `[[a]` and `[a&&b]` mean what they mean today, and nobody is warned of what Python may make of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(expression, re.DOTALL)


def _without_repeats(pieces: Sequence[str]) -> list[str]:
    """The pieces without stars that say nothing beside the one before."""
    tidy: list[str] = []
    for piece in pieces:
        if tidy and piece == tidy[-1] and piece in (MANY, ALL, FOLDERS):
            continue
        tidy.append(piece)
    return tidy
