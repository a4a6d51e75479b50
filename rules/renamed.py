"""Codes and names of earlier releases: of rules that are called otherwise now, and of rules that are gone.

They are accepted everywhere, with a word about it, so that no configuration breaks when a rule changes its code.
"""

from collections.abc import Mapping

RENAMED: dict[str, str] = {}
"""From a former code or name (`CT299`, `old-name`) to the code or name of today."""

REMOVED: dict[str, str] = {}
"""From the code or name of a rule that is gone to the reason, as a sentence without its full stop."""


def current(word: str, renamed: Mapping[str, str] | None = None) -> str:
    """What a code or name is called today; the word itself where it never changed. Codes may be in lower case."""
    table = RENAMED if renamed is None else renamed
    return table.get(word) or table.get(word.upper()) or table.get(word.lower()) or word


def first_code(code: str) -> str:
    """The code that a rule had at first, which fingerprints rest on: they outlive a change of the code.

    A rule that several others became keeps its own, as only that of one of them could be kept.
    """
    former = [old for old, new in RENAMED.items() if new == code and old.startswith("CT")]
    return former[0] if len(former) == 1 else code


def word_about(word: str) -> str | None:
    """The sentence for who uses the code or name of an earlier release; None for one of today."""
    today = current(word)
    if today != word:
        return f"`{word}` is called `{today}` now."
    reason = why_removed(word)
    return None if reason is None else f"The rule `{word}` is gone: {reason}."


def why_removed(word: str) -> str | None:
    """Why the rule of that code or name is gone; None for one that is not."""
    return REMOVED.get(word.upper()) or REMOVED.get(word.lower())
