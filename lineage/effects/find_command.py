"""What find finds: as the operands of what it runs with `-exec`, and what it deletes."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from ..commands.find_listing import find_roots
from ..commands.model import Word, Wrapper
from ..text.numbers import natural
from ..text.spelling import words_of
from ..text.symbolic import Text
from .operation import Operation

_NARROWING = frozenset(
    words_of(
        """! -not -o -or -path -ipath -wholename -regex -iregex -perm -user -group -uid -gid -mtime -mmin -atime -ctime
        -newer -size -empty -prune -links -nouser -nogroup -writable -readable -executable -xtype"""
    )
)


class Reach(NamedTuple):
    """The entries that an operand stands for: below `path` if `recursive`, narrowed by base name and type.

    `whole` is false where other conditions narrow them in ways that are not modelled.
    """

    path: Text
    recursive: bool
    names: str | None = None
    types: str | None = None
    whole: bool = True
    least: int = 0
    most: int | None = None


def reached(operation: Operation, word: Word, recursive: bool) -> Iterator[Reach]:
    """What an operand stands for; `{}` below find stands for what find finds."""
    found = operation.found
    if found is None or word.literal != "{}":
        yield Reach(operation.path(word), recursive)
    else:
        yield from found_by(operation, found)


def found_by(operation: Operation, find: Wrapper) -> Iterator[Reach]:
    """What a find finds below each of the places where it begins."""
    names: str | None = None
    types: str | None = None
    several = unread = False
    least = 0
    most: int | None = None
    for word, following in pairwise(find.argv):
        if word.literal in ("-name", "-iname"):
            several = several or names is not None
            names = _pattern(following.text)
            unread = unread or following.literal is None
            if word.literal == "-iname":
                unread = unread or "[" in names
                names = _in_any_case(names)
        elif word.literal == "-type":
            several = several or types is not None
            types = following.literal
            unread = unread or types is None
        elif word.literal == "-mindepth":
            least = natural(following.literal) or 0
            unread = unread or natural(following.literal) is None
        elif word.literal == "-maxdepth":
            most = natural(following.literal)
            unread = unread or most is None
    if several or any(word.literal in ("-o", "-or") for word in find.argv):
        names = types = None
    whole = not several and not unread and not any(word.literal in _NARROWING for word in find.argv)
    roots = [operation.path(root) for root in find_roots(find)] or [operation.command.directory]
    for root in roots:
        yield Reach(root, True, names, types, whole, least, most)


def _pattern(text: Text) -> str:
    """The names that may match: what is not known in a pattern may be anything."""
    return "".join(piece if isinstance(piece, str) else "*" for piece in text.pieces)


def _in_any_case(pattern: str) -> str:
    """A pattern that both cases of each letter match; one with brackets of its own is given up."""
    if "[" in pattern:
        return "*"
    return "".join(f"[{one.lower()}{one.upper()}]" if one.isalpha() else one for one in pattern)
