"""What the formats have in common: findings by path, and text that any of them can hold."""

from collections.abc import Iterable
from itertools import groupby

from ...rules.base import Finding


def by_path(findings: Iterable[Finding]) -> Iterable[tuple[str, list[Finding]]]:
    """Findings by the path that they stand in; they come in order of it."""
    for path, group in groupby(findings, key=lambda finding: finding.place.path):
        yield path, list(group)


def one_line(text: str) -> str:
    """The text without line breaks and other control characters."""
    sound = valid(text)
    if not sound.isprintable():
        sound = "".join(c if c.isprintable() else " " for c in sound)
    return " ".join(sound.split())


def valid(text: str) -> str:
    """The text as it can be encoded: what stands for undecodable bytes of a path or file becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    return text
