"""The files that a program without a reader of its own is given, or its code names: it may change what they are."""

from collections.abc import Iterator

from ..late.patterns import pattern
from ..text.symbolic import Text
from ..text.symbolic_paths import join
from .operation import Operation
from .places import SYSTEM_FOLDERS

_PATH = pattern(r"(?<![\w$}./:-])(?:/[\w.+@-]+){1,16}/?")
_GENERAL = SYSTEM_FOLDERS | {"/", "/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr"}
"""Folders of the whole system: a program that is told of one does not work on each file below."""


def mentioned(operation: Operation) -> tuple[str, ...]:
    """The absolute paths that the words of a command, what it is fed, or the script that it runs name; those of the whole
    system left out. A pattern counts as the folder that it begins in."""
    return tuple(dict.fromkeys(path for path in _all(operation) if path not in _GENERAL))


def _all(operation: Operation) -> Iterator[str]:
    sight = operation.sight
    for word in operation.command.argv[1:]:
        whole = join(operation.command.directory, word.text).literal
        if whole is not None and whole.startswith("/") and not word.text.prefix.startswith("-"):
            yield whole.rstrip("/") or "/"
            text = sight.text(whole) if sight is not None else None
            yield from _within(text) if text is not None else ()
        yield from _within(word.text.canonical)
    fed = operation.input
    if fed is not None:
        yield from _within(fed.canonical)
    program = operation.command.argv[0].text if operation.command.argv else Text()
    own = join(operation.command.directory, program).literal if "/" in program.canonical else None
    text = sight.text(own) if sight is not None and own is not None and own.startswith("/") else None
    if text is not None:
        yield from _within(text)


def _within(text: str) -> Iterator[str]:
    if "/" in text:
        for match in _PATH.finditer(text):
            path = match[0].rstrip("/")
            rest = text[match.end() : match.end() + 1]
            yield path.rpartition("/")[0] if rest in ("*", "?", "[", "{", "$") and not match[0].endswith("/") else path
