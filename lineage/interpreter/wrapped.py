"""What a program that runs another one was found to run, and what it changes for it."""

from collections.abc import Sequence
from typing import NamedTuple

from ..commands.model import Word
from ..late.patterns import pattern
from ..text.symbolic import Text

_ASSIGNMENT = pattern(r"[A-Za-z_]\w*=")


class Wrapped(NamedTuple):
    """`own` words belong to the wrapper; the command it runs is `inner`, or the shell text in the word `script`, or
    the words of `evaluated` joined by blanks.
    """

    own: tuple[Word, ...]
    inner: tuple[Word, ...] = ()
    script: Word | None = None
    """Shell text; the inner words are then the script's name and arguments."""
    evaluated: bool = False
    """eval: the inner words are shell text for this very shell."""
    user: Text | None = None
    login: bool = False
    """The user's home becomes the working directory, and the environment is a fresh one."""
    sets_home: bool = False
    clears: bool = False
    """The environment is emptied first."""
    unsets: tuple[str, ...] = ()
    """Variables that are taken out of the environment."""
    assignments: tuple[tuple[str, Text], ...] = ()
    directory: Text | None = None
    appends: bool = False
    """Words that are not known are added (xargs)."""
    exec: bool = False
    shell: bool = False
    """It is a shell that is given a script file: the inner words begin with the file."""
    root_directory: Text | None = None
    """chroot."""
    each: bool = False
    """find: what it runs has a run for each path (`-exec … ;`)."""
    further: tuple[tuple[Word, ...], ...] = ()
    """Commands that are run besides `inner` (several `-exec` of one find)."""


def account_of(text: Text) -> Text:
    """The account in `user`, `user:group` or `:group`."""
    literal = text.literal
    if literal is not None:
        return Text.of(literal.partition(":")[0])
    pieces = list(text.pieces)
    for index, piece in enumerate(pieces):
        if isinstance(piece, str) and ":" in piece:
            return Text.of(*pieces[:index], piece.partition(":")[0])
    return text


def without_prefix(text: Text, prefix: str) -> Text:
    """A text that begins with a literal prefix, without it."""
    return Text.of(text.prefix[len(prefix) :], *text.pieces[1:])


def leading_assignments(words: Sequence[Word], at: int) -> tuple[int, tuple[tuple[str, Text], ...]]:
    found: list[tuple[str, Text]] = []
    while at < len(words) and _ASSIGNMENT.match(words[at].text.prefix):
        name = words[at].text.prefix.partition("=")[0]
        found.append((name, without_prefix(words[at].text, name + "=")))
        at += 1
    return at, tuple(found)
