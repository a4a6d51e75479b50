"""Which untracked paths git ignores (gitignore(5)), without running git.

Only what is committed counts, and `.git/info/exclude`; a user's global excludes differ from machine to machine.
"""

import re
from functools import lru_cache
from typing import Literal

from ..late.dataclasses import dataclass
from ..text.globs import bracket_piece
from ..text.wildcards import ALL, FOLDERS, MANY, Wildcard, wildcard


@dataclass(frozen=True, slots=True)
class IgnorePattern:
    """One line of a .gitignore. An anchored `glob` is relative to the file's folder, others for names anywhere."""

    glob: str
    negated: bool
    directories_only: bool
    anchored: bool
    form: Literal["literal", "suffix", "glob"]

    def matches(self, relative: str, name: str, is_directory: bool) -> bool:
        """Whether it is for the path (`relative` to the folder of the .gitignore, its last part `name`)."""
        if self.directories_only and not is_directory:
            return False
        subject = relative if self.anchored else name
        if self.form == "literal":
            return subject == self.glob
        if self.form == "suffix":
            return subject.endswith(self.glob[1:])
        pattern = _compiled(self.glob)
        return pattern is not None and pattern.matches(subject)


class GitIgnore:
    """The ignore patterns of a repository, by the folder ('' for the top) whose .gitignore they stand in."""

    def __init__(self) -> None:
        self._patterns: dict[str, list[IgnorePattern]] = {}
        self._folders: dict[str, bool] = {}

    def add(self, folder: str, text: str) -> None:
        """Takes in a .gitignore of `folder`. Within a folder, the later text has precedence."""
        patterns = parse_gitignore(text)
        if patterns:
            self._patterns.setdefault(folder, []).extend(patterns)
            self._folders.clear()

    def ignored(self, path: str, is_directory: bool) -> bool:
        """Whether git ignores an untracked path: it, or a folder it lies in, is matched and not taken back."""
        if not self._patterns or not path:
            return False
        return self._folder_ignored(path.rpartition("/")[0]) or self._matched(path, is_directory)

    def _folder_ignored(self, folder: str) -> bool:
        pending: list[str] = []
        while folder and folder not in self._folders:
            pending.append(folder)
            folder = folder.rpartition("/")[0]
        answer = self._folders[folder] if folder else False
        for folder in reversed(pending):
            answer = answer or self._matched(folder, True)
            self._folders[folder] = answer
        return answer

    def _matched(self, path: str, is_directory: bool) -> bool:
        folder, _, name = path.rpartition("/")
        while True:
            patterns = self._patterns.get(folder)
            if patterns:
                relative = path[len(folder) + 1 :] if folder else path
                for pattern in reversed(patterns):
                    if pattern.matches(relative, name, is_directory):
                        return not pattern.negated
            if not folder:
                return False
            folder = folder.rpartition("/")[0]


def parse_gitignore(text: str) -> list[IgnorePattern]:
    """The patterns of a .gitignore, in order; comments and blank lines left out."""
    found: list[IgnorePattern] = []
    for raw in text.removeprefix("\ufeff").split("\n"):
        line = _without_trailing_blanks(raw.removesuffix("\r"))
        if not line or line.startswith("#"):
            continue
        negated = line.startswith("!")
        line = line[1:] if negated else line
        directories_only = line.endswith("/")
        line = line[:-1] if directories_only else line
        anchored = "/" in line
        line = line.removeprefix("/")
        if line:
            found.append(IgnorePattern(line, negated, directories_only, anchored, _form(line, anchored)))
    return found


def _without_trailing_blanks(line: str) -> str:
    end = len(line)
    while end and line[end - 1] == " ":
        end -= 1
    backslashes = 0
    while end > backslashes and line[end - 1 - backslashes] == "\\":
        backslashes += 1
    return line[: end + 1] if backslashes % 2 and end < len(line) else line[:end]


def _form(glob: str, anchored: bool) -> Literal["literal", "suffix", "glob"]:
    if not _has_wildcard(glob):
        return "literal"
    return "suffix" if glob[0] == "*" and not anchored and not _has_wildcard(glob[1:]) else "glob"


def _has_wildcard(glob: str) -> bool:
    return any(character in "*?[\\" for character in glob)


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> Wildcard | None:
    """The glob as git's wildmatch with WM_PATHNAME reads it (wildmatch.c), or None for one that matches nothing."""
    out: list[str] = []
    position = 0
    while position < len(glob):
        character = glob[position]
        if character == "*":
            end = position
            while end < len(glob) and glob[end] == "*":
                end += 1
            piece, position = _stars(glob, position, end)
            out.append(piece)
        elif character == "?":
            out.append("[^/]")
            position += 1
        elif character == "[":
            bracket = bracket_piece(glob, position, path=True)
            if bracket is None:
                return None
            out.append(bracket[0])
            position = bracket[1]
        elif character == "\\":
            if position + 1 == len(glob):
                return None
            out.append(re.escape(glob[position + 1]))
            position += 2
        else:
            out.append(re.escape(character))
            position += 1
    return wildcard(tuple(out))


def _stars(glob: str, start: int, end: int) -> tuple[str, int]:
    starts_part = start == 0 or glob[start - 1] == "/"
    if end - start < 2 or not starts_part:
        return MANY, end
    if end == len(glob):
        return ALL, end
    if glob[end] == "/":
        return FOLDERS, end + 1
    return MANY, end
