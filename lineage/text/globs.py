"""Globs: patterns of names and paths, as a shell, git or Go reads them."""

import re
from collections.abc import Callable
from functools import lru_cache

from .wildcards import ALL, FOLDERS, MANY, Wildcard, wildcard

NOTHING = "(?!)"
"""The piece that no character matches."""
CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r\f\v",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
"""The classes of characters of POSIX in the C locale, as members of a set of a regular expression."""


def glob_matches(text: str, glob: str) -> bool:
    """Whether a glob takes the whole text, `*` and `?` standing for slashes too: fnmatch(3), `case`, `find -name`.

    `[^a]` is `[!a]`, as to bash, busybox and C libraries; dash alone takes it for `^` or `a`.
    """
    made = _made(glob, False)
    return made is not None and made.matches(text)


def path_matches(path: str, glob: str) -> bool:
    """Whether a glob takes a path part by part, as a shell expands one: no wildcard stands for a slash."""
    made = _made(glob, True)
    return made is not None and made.matches(path)


def path_within(path: str, glob: str) -> bool:
    """Whether a glob takes a path, or a folder above it, as a shell expands one."""
    depth = glob.rstrip("/").count("/") + 1
    parts = path.split("/")
    return len(parts) >= depth and path_matches("/".join(parts[:depth]), glob.rstrip("/"))


@lru_cache(maxsize=1024)
def _made(glob: str, path: bool) -> Wildcard | None:
    return wildcard(tuple(shell_pieces(glob, path=path)))


def shell_pieces(glob: str, *, greedy: bool = True, path: bool = False) -> list[str]:
    """The pieces (see `wildcards`) of a shell's pattern (POSIX XCU 2.13); `path`: none stands for `/`.

    Not `greedy`: `*` takes as little as it can, where the pieces are joined to one regular expression.
    """
    many, one = (MANY, "[^/]") if path else (ALL, ".")
    found: list[str] = []
    at = 0
    while at < len(glob):
        character = glob[at]
        if character == "*":
            found.append(many if greedy else many + "?")
        elif character == "?":
            found.append(one)
        elif character == "\\" and at + 1 < len(glob):
            at += 1
            found.append(re.escape(glob[at]))
        elif character == "[" and (bracket := bracket_piece(glob, at, path=path)) is not None:
            found.append(bracket[0])
            at = bracket[1] - 1
        else:
            found.append(re.escape(character))
        at += 1
    return found


def bracket_piece(glob: str, start: int, *, path: bool) -> tuple[str, int] | None:
    """The piece of the bracket expression that begins there, and where it ends; None for one that is none."""
    if glob.find("]", start + 2) < 0:
        return None  # before all that follows is read, for each of as many brackets
    position = start + 1
    negated = position < len(glob) and glob[position] in "!^"
    position += negated
    first, members = True, ""
    while position < len(glob) and (glob[position] != "]" or first):
        first = False
        if glob.startswith("[:", position):
            end = glob.find(":]", position)
            if end < 0 or glob[position + 2 : end] not in CLASSES:
                return None
            members += CLASSES[glob[position + 2 : end]]
            position = end + 2
            continue
        low, position = _member(glob, position)
        if position + 1 < len(glob) and glob[position] == "-" and glob[position + 1] != "]":
            high, position = _member(glob, position + 1)
            if low <= high:
                members += f"{re.escape(low)}-{re.escape(high)}"
            continue
        members += re.escape(low)
    if position >= len(glob):
        return None
    slash = "(?!/)" if path else ""
    if not members:
        return (f"{slash}[\\s\\S]" if negated else NOTHING), position + 1
    return f"{slash}[{'^' if negated else ''}{members}]", position + 1


def _member(glob: str, position: int) -> tuple[str, int]:
    if glob[position] == "\\" and position + 1 < len(glob):
        return glob[position + 1], position + 2
    return glob[position], position + 1


@lru_cache(256)
def go_match(pattern: str) -> Callable[[str], bool]:
    """Go's filepath.Match: `*` and `?` do not cross `/`, `[^a]` and `[a-z]` are classes, a backslash escapes; `**` (as
    BuildKit has it in COPY) crosses."""
    out: list[str] = []
    index = 0
    while index < len(pattern):
        character = pattern[index]
        if pattern.startswith("**/", index):
            out.append(FOLDERS)
            index += 3
            continue
        if pattern.startswith("**", index):
            out.append(ALL)
            index += 2
            continue
        if character == "*":
            out.append(MANY)
        elif character == "?":
            out.append("[^/]")
        elif character == "[":
            end = pattern.find("]", index + 2)
            if end < 0:
                out.append(re.escape(character))
            else:
                body = pattern[index + 1 : end].replace("\\", "\\\\")
                out.append(f"[{body}]")
                index = end
        elif character == "\\" and index + 1 < len(pattern):
            index += 1
            out.append(re.escape(pattern[index]))
        else:
            out.append(re.escape(character))
        index += 1
    made = wildcard(tuple(out))
    return made.matches if made is not None else lambda name: False
