"""What comes from the network: which names may become paths of a repository, which text may go to a terminal."""

from collections.abc import Iterable
from typing import Any, cast

from ..late.dataclasses import dataclass

LONGEST_PATH = 4096
_DEEPEST_PATH = 100
_SHOWN_NAME = 120
_UNSEEN = frozenset("\u2028\u2029\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class PathProblem:
    """Something that was left out, by its name as it may be printed. A `possible` name is one that git can record."""

    name: str
    reason: str
    possible: bool = False

    def __str__(self) -> str:
        return f"{self.name} {self.reason}"


def safe_path(raw: bytes | str) -> str | PathProblem:
    """A path from an untrusted source, with `/` and without empty parts, or why it cannot be a path of a repository."""
    name = printable(raw)
    if len(raw) > LONGEST_PATH:
        return PathProblem(name, "has too long a name", possible=True)
    try:
        path = raw.decode() if isinstance(raw, bytes) else raw.encode().decode()
    except UnicodeError:
        return PathProblem(name, "has a name that is not UTF-8", possible=True)
    if has_controls(path):
        return PathProblem(name, "has control characters in its name", possible=True)
    if path.startswith("/"):
        return PathProblem(name, "has an absolute name")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        return PathProblem(name, "leads out of the repository")
    if not parts:
        return PathProblem(name, "has no name")
    if len(parts) > _DEEPEST_PATH:
        return PathProblem(name, "lies too deep", possible=True)
    if any(part.lower() == ".git" for part in parts):
        return PathProblem(name, "is in git's own folder")
    return "/".join(parts)


def printable(text: bytes | str) -> str:
    """A name as it may go to a terminal: controls and undecodable bytes escaped, over-long ones shortened."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: _SHOWN_NAME + 1])
    return shown if len(text) <= _SHOWN_NAME else shown[:_SHOWN_NAME] + "…"


def has_controls(text: str) -> bool:
    """Whether a text holds control characters, or those that change a terminal's writing direction or break a line."""
    return any(c < " " or "\x7f" <= c < "\xa0" or c in _UNSEEN for c in text)


def is_commit(text: str) -> bool:
    """Whether a text is a full commit id, of SHA-1 or SHA-256."""
    return len(text) in (40, 64) and all(c in "0123456789abcdef" for c in text)


def leads_out(path: str, target: str) -> bool:
    """Whether a link at `path` with this target points out of the repository it is in."""
    if target.startswith("/"):
        return True
    depth = path.count("/")
    for part in target.split("/"):
        if part == "..":
            depth -= 1
        elif part not in ("", "."):
            depth += 1
        if depth < 0:
            return True
    return False


def as_object(value: object) -> dict[str, Any] | None:
    """A JSON value, if it is an object."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def as_list(value: object) -> list[Any] | None:
    """A JSON value, if it is an array."""
    return list(cast("Iterable[Any]", value)) if isinstance(value, list) else None
