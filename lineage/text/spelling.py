"""The nearest known name for one that is not known (`nearest`: BuildKit util/suggest, which takes edit distances below 3), and
names that are nearly another's: a slip of the hand, or a name of its own."""

from collections.abc import Iterable
from functools import lru_cache

from ..text.numbers import is_digits

FARTHEST = 2
_SHORTEST = 5
_LONGEST = 64
"""Letters of a name that is looked up among many: one that is longer is taken for no slip of another."""
_FEW = 50
"""Names that are gone through one by one in less time than they are laid out to be looked up."""


def nearest(name: str, known: Iterable[str], *, case_sensitive: bool = True) -> str | None:
    """The known name nearest to `name` by edit distance; None where none is near, or where `name` is known.

    Without `case_sensitive` the answer is written in the case of `name`. Of names equally near, the first in
    alphabetical order is taken (BuildKit takes any).
    """
    best: str | None = None
    limit = FARTHEST
    sought = name if case_sensitive else name.lower()
    for option in sorted(known):
        candidate = option if case_sensitive else option.lower()
        if candidate == sought:
            return None
        if abs(len(candidate) - len(sought)) > limit:
            continue
        distance = _distance(sought, candidate)
        if distance <= limit:
            best, limit = candidate, distance - 1
    if best is None or case_sensitive:
        return best
    return best.upper() if name == name.upper() and name != name.lower() else best


def exchanged(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` is with two neighbouring letters exchanged, the commonest slip; None where there is none."""
    swaps = {name[:at] + name[at + 1] + name[at] + name[at + 2 :] for at in range(len(name) - 1)}
    return next((one for one in sorted(known) if one in swaps and one != name), None)


def _distance(first: str, second: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(second) + 1))
    for number, char in enumerate(first, 1):
        previous, row[0] = row[0], number
        for column, other in enumerate(second, 1):
            previous, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, previous + (char != other))
    return row[-1]


class NearNames:
    """Names among which those that a word is a slip away from (see `is_slip`) are looked up and not searched."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_key: dict[str, list[str]] = {}
        self._by_letters: dict[str, list[str]] = {}
        for name in names:
            if len(name) > _LONGEST:
                continue
            self._by_letters.setdefault(name.replace("_", ""), []).append(name)
            if len(name) >= _SHORTEST:
                for key in _keys(name):
                    self._by_key.setdefault(key, []).append(name)

    def near(self, word: str) -> list[str]:
        """The names that the word is a slip away from, in alphabetical order."""
        return sorted(name for name in self._alike(word) if is_slip(word, name))

    def sure(self, word: str) -> list[str]:
        """The names that the word surely is a slip for (see `is_sure_slip`), in alphabetical order."""
        found = self._alike(word) | set(self._by_letters.get(word.replace("_", ""), ()))
        return sorted(name for name in found if is_sure_slip(word, name))

    def _alike(self, word: str) -> set[str]:
        keys = _keys(word) if len(word) <= _LONGEST else ()
        return {name for key in keys for name in self._by_key.get(key, ())}


def _keys(word: str) -> set[str]:
    """What two words have in common if one is a slip away from the other: all letters but one, or the letters in another
    order."""
    less_one = (word[:place] + word[place + 1 :] for place in range(len(word)))
    return {word, *less_one, "\n" + "".join(sorted(word))}


def is_slip(word: str, meant: str, shortest: int = _SHORTEST) -> bool:
    """Whether two names differ as by one wrong, missing, added or exchanged letter, and are long enough to tell.

    A word that begins with the other, unless only its last letter is doubled, and words that differ in numbers or in a
    hyphen, are names of their own.
    """
    if min(len(word), len(meant)) < shortest or abs(len(word) - len(meant)) > 1:
        return False
    if any(is_digits(character) for character in word + meant) and _letters(word) == _letters(meant):
        return False
    longer, shorter = (word, meant) if len(word) > len(meant) else (meant, word)
    if longer.startswith(shorter):
        return longer[-1:] == shorter[-1] and longer != shorter and longer[-1].isalpha()
    shared = sum(min(word.count(letter), meant.count(letter)) for letter in set(word))
    if max(len(word), len(meant)) - shared > 1:
        return False  # most names end here, and cost no look at the order of their letters
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, word, meant)
    if sorted(word) == sorted(meant):
        return matcher.ratio() > 0.75 or (len(word) < _SHORTEST and matcher.ratio() == 0.75)  # two of four exchanged
    matching = sum(block.size for block in matcher.get_matching_blocks())
    return max(len(word), len(meant)) - matching <= 1 and "-" not in set(word) ^ set(meant)


def near_name(name: str, known: Iterable[str]) -> str | None:
    """The one known name that `name` surely is a slip for; None where there is none, or where several may be meant."""
    found = sure_slips(name, known)
    return found[0] if len(found) == 1 else None


def sure_slips(name: str, known: Iterable[str]) -> list[str]:
    """The known names that `name` surely is a slip for, in alphabetical order."""
    names = frozenset(known)
    if len(names) <= _FEW:
        return sorted(one for one in names if is_sure_slip(name, one))
    return _laid_out(names).sure(name)


@lru_cache(maxsize=4)
def _laid_out(names: frozenset[str]) -> NearNames:
    return NearNames(names)


def is_sure_slip(name: str, meant: str, shortest: int = _SHORTEST) -> bool:
    """Whether a name can hardly be one of its own beside the other: a slip that leaves all letters but one in their order, or
    exchanges two neighbours; of words joined by `_`, also one that is split or joined.

    Another letter in the same place (PUID and PGID), a plural, a first letter and a number more make another name.
    """
    if name.replace("_", "") == meant.replace("_", ""):
        return name != meant
    return _keeps_letters(name, meant) and is_slip(name, meant, shortest)


def _keeps_letters(name: str, meant: str) -> bool:
    """Whether one has a letter inside that the other has not, or two neighbours have changed places."""
    longer, shorter = (name, meant) if len(name) > len(meant) else (meant, name)
    if len(longer) == len(shorter):
        return any(name[:at] + name[at + 1] + name[at] + name[at + 2 :] == meant for at in range(len(name) - 1))
    if len(longer) - len(shorter) != 1 or is_digits(longer[-1]) or longer.removesuffix("S") == shorter:
        return False
    return any(longer[:at] + longer[at + 1 :] == shorter and longer[at].isalpha() for at in range(1, len(longer) - 1))


def _letters(text: str) -> str:
    return "".join(character for character in text if not is_digits(character))


def words_of(text: str) -> tuple[str, ...]:
    """The words between the blanks of a text."""
    return tuple(text.split())
