"""Which files of a build context BuildKit leaves out (.dockerignore).

Implements `ignorefile.ReadAll` and `PatternMatcher.MatchesOrParentMatches` of moby/patternmatcher, as on Linux.
"""

import posixpath
import re
from collections.abc import Iterable

from ..text.errors import InputError
from ..text.wildcards import ALL, FOLDERS, MANY, Wildcard, wildcard
from .snapshot import Snapshot


class DockerIgnore:
    """The patterns of a .dockerignore. `path` is the file they were read from, '' where there is none.

    `error` says why BuildKit would refuse the file; nothing is excluded then.
    """

    def __init__(self, patterns: Iterable[str] = (), path: str = "") -> None:
        self.path = path
        self.error: str | None = None
        self._patterns: list[_Pattern] = []
        for pattern in patterns:
            made = _Pattern.of(pattern)
            if isinstance(made, str):
                self.error = made
                self._patterns = []
                return
            if made:
                self._patterns.append(made)

    @classmethod
    def for_build(cls, snapshot: Snapshot, context: str, dockerfile: str) -> "DockerIgnore":
        """The patterns in force for a Dockerfile and its build context (repository paths).

        `<Dockerfile>.dockerignore` beside the Dockerfile wins over `.dockerignore` at the top of the context. A file
        that cannot be read counts as absent.
        """
        for path in (f"{dockerfile}.dockerignore", f"{context}/.dockerignore" if context else ".dockerignore"):
            if snapshot.get(path):
                try:
                    return cls(read_patterns(snapshot.text(path)), path)
                except InputError:
                    continue
        return cls()

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def excluded(self, path: str) -> bool:
        """Whether a path, relative to the context, is left out of the context. The context itself never is."""
        if not self._patterns or not path:
            return False
        parts = path.split("/")
        parents = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
        left_out = False
        for pattern in self._patterns:
            if pattern.exception == left_out and (
                pattern.matches(path) or any(pattern.matches(parent) for parent in parents)
            ):
                left_out = not pattern.exception
        return left_out


def read_patterns(text: str) -> list[str]:
    """The patterns of a .dockerignore: comments dropped, blanks trimmed, paths cleaned, leading slashes removed."""
    found: list[str] = []
    for raw in text.removeprefix("\ufeff").split("\n"):
        if raw.startswith("#"):
            continue
        line = raw.strip()
        if not line:
            continue
        exception = line.startswith("!")
        pattern = line[1:].strip() if exception else line
        if pattern:
            pattern = _clean(pattern)
            pattern = pattern[1:] if len(pattern) > 1 and pattern.startswith("/") else pattern
        found.append("!" + pattern if exception else pattern)
    return found


class _Pattern:
    def __init__(self, text: str, exception: bool, regex: Wildcard | None, kind: str) -> None:
        self.exception = exception
        self._text = text
        self._regex = regex
        self._kind = kind

    @classmethod
    def of(cls, pattern: str) -> "_Pattern | str | None":
        """The pattern; None for a blank one; why it is refused."""
        text = pattern.strip()
        if not text:
            return None
        text = _clean(text)
        exception = text.startswith("!")
        if text == "!":
            return 'the pattern "!" excludes nothing'
        text = text[1:] if exception else text
        if _malformed(text):
            return f"the pattern {text!r} has a syntax error"
        kind, pieces = _compile(text)
        compiled = wildcard(tuple(pieces)) if kind == "regex" else None
        if kind == "regex" and compiled is None:
            return f"the pattern {text!r} has a syntax error"
        return cls(text, exception, compiled, kind)

    def matches(self, path: str) -> bool:
        if self._regex:
            return self._regex.matches(path)
        if self._kind == "prefix":
            return path.startswith(self._text[:-2])
        if self._kind == "suffix":
            suffix = self._text[2:]
            return path.endswith(suffix) or (suffix.startswith("/") and path == suffix[1:])
        return path == self._text


def _compile(text: str) -> tuple[str, list[str]]:
    """How a pattern is compared ("exact", "prefix", "suffix", "regex") and the pieces of its regular expression."""
    kind, position = "exact", 0
    pieces: list[str] = []
    while position < len(text):
        character = text[position]
        start = position
        position += 1
        if character == "*" and text.startswith("*", position):
            position += 1
            position += text.startswith("/", position)
            if position < len(text):
                pieces.append(FOLDERS)
                kind = "regex"
            elif kind == "exact":
                kind = "prefix"
            else:
                pieces.append(ALL)
                kind = "regex"
            kind = "suffix" if start == 0 else kind
        elif character == "*":
            pieces.append(MANY)
            kind = "regex"
        elif character == "?":
            pieces.append("[^/]")
            kind = "regex"
        elif character == "\\" and position < len(text):
            pieces.append(re.escape(text[position]))
            kind = "regex"
            position += 1
        elif character == "[":
            members, position = _bracket(text, position)
            pieces.append(members)
            kind = "regex"
        else:
            pieces.append(re.escape(character))
    return kind, pieces


def _bracket(text: str, position: int) -> tuple[str, int]:
    """A character class as Go's regexp reads it, which lets `[^x]` match a slash."""
    members = "["
    if text.startswith("^", position):
        members += "^"
        position += 1
    while position < len(text) and text[position] != "]":
        character = text[position]
        if character == "\\" and position + 1 < len(text):
            position += 1
            members += re.escape(text[position])
        else:
            members += character if character == "-" else re.escape(character)
        position += 1
    return members + "]", position + 1


def _malformed(text: str) -> bool:
    """Whether Go's filepath.Match reports a syntax error."""
    position = 0
    while position < len(text):
        character = text[position]
        if character == "\\" and position + 1 == len(text):
            return True
        if character == "[":
            end = _bracket_end(text, position + 1)
            if end is None:
                return True
            position = end
        position += 2 if character == "\\" else 1
    return False


def _bracket_end(text: str, position: int) -> int | None:
    position += text.startswith("^", position)
    first = True
    while not (text.startswith("]", position) and not first):
        low = _member_end(text, position)
        if low is None:
            return None
        position = low
        if text.startswith("-", position):
            high = _member_end(text, position + 1)
            if high is None:
                return None
            position = high
        first = False
    return position


def _member_end(text: str, position: int) -> int | None:
    """The end of one character of a class; None where none may stand, or the text ends with it."""
    if position >= len(text) or text[position] in "]-":
        return None
    end = position + (2 if text[position] == "\\" else 1)
    return end if end < len(text) else None


def _clean(path: str) -> str:
    """Go's filepath.Clean."""
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned
