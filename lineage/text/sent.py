"""Secrets that were sent to a server: what answers, may repeat them, and they must not be printed for it."""

import re
from urllib.parse import quote

_SHORTEST = 8
_sent: set[str] = set()
_pattern: "list[re.Pattern[str]]" = []


def note_sent(secret: str | None) -> None:
    """Remember a token or password, of eight characters at least, that goes to a server in this process."""
    if secret is None or len(secret) < _SHORTEST or secret in _sent:
        return
    _sent.update((secret, quote(secret, safe="")))
    longest_first = sorted(_sent, key=len, reverse=True)
    _pattern[:] = [re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)]


def masked(text: str) -> str:
    """The text with `***` for every secret that was sent."""
    return _pattern[0].sub("***", text) if _pattern else text
