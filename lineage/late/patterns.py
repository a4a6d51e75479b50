"""Regular expressions that are compiled when they are first used.

A module defines its patterns where a reader looks for them, at its top; to compile all of them would be a good part of a
cold start, and a run uses a part of them.
"""

import re
from typing import TYPE_CHECKING, Any, AnyStr, cast

if TYPE_CHECKING:
    from re import Pattern


class _Late:
    """Stands for a pattern. Each of the pattern's methods is taken over at its first use."""

    def __init__(self, text: Any, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, found)
        return found

    def __repr__(self) -> str:
        return repr(re.compile(self._text, self._flags))


def pattern(text: AnyStr, flags: int = 0) -> "Pattern[AnyStr]":
    """What `re.compile` returns, for all that is done by its methods. Raises `re.error` at its first use."""
    return cast("Pattern[AnyStr]", _Late(text, flags))
