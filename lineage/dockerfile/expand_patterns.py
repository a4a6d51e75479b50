"""The wildcard patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/text}`.

`*` stands for any run of characters and `?` for any one, neither for a newline; `\\*`, `\\?` and `\\\\` stand for
themselves. Source: BuildKit frontend/dockerfile/shell/lex.go, convertShellPatternToRegex. The search keeps the
preferences of a backtracking regular expression (first start, then as short or as long as asked for) but follows all
alternatives at once, so its time is bounded by text length times pattern length.
"""

import re
from collections.abc import Callable, Iterator

from ..late.patterns import pattern
from ..text.budget import spend

_ANY = "?"
_STAR = "*"
_TEMPLATE = pattern(r"\$(?:\$|\{(\w+)\}|(\w+))")


class PatternError(Exception):
    """A pattern that BuildKit refuses; the text is BuildKit's."""


class Pattern:
    """A compiled pattern. `greedy` asks for the longest match of each `*`, else the shortest is taken."""

    def __init__(self, source: str, *, greedy: bool) -> None:
        self._tokens = tuple(_tokens(source))
        self._greedy = greedy
        wild = any(kind for kind, _ in self._tokens)
        self._literal = None if wild else "".join(char for _, char in self._tokens)

    def prefix_end(self, text: str) -> int | None:
        """Where a match that begins at the start of `text` ends."""
        if self._literal is not None:
            return len(self._literal) if text.startswith(self._literal) else None
        found = self._find(text, 0, anchored=True)
        return found[1] if found else None

    def search(self, text: str, start: int = 0) -> tuple[int, int] | None:
        """Start and end of the first match at or after `start`."""
        if self._literal is not None:
            at = text.find(self._literal, start)
            return None if at < 0 else (at, at + len(self._literal))
        return self._find(text, start, anchored=False)

    def replace_all(self, text: str, replacement: Callable[[str], str]) -> str:
        """`text` with every match replaced; an empty match right behind another match does not count."""
        pieces: list[str] = []
        copied = position = 0
        while position <= len(text):
            found = self.search(text, position)
            if found is None:
                break
            start, end = found
            pieces.append(text[copied:start])
            if end > copied or start == 0:
                pieces.append(replacement(text[start:end]))
            copied = end
            position = max(end, position + 1)
        return "".join(pieces) + text[copied:]

    def _find(self, text: str, start: int, *, anchored: bool) -> tuple[int, int] | None:
        """The match that a backtracking search would find first: threads are kept in order of preference."""
        threads: list[tuple[int, int]] = []
        found: tuple[int, int] | None = None
        position = start
        while True:
            if found is None and (not anchored or position == start):
                threads.append((0, position))
            spend(1 + len(threads) // 2)
            reached: set[int] = set()
            following: list[tuple[int, int]] = []
            char = text[position] if position < len(text) else None
            for at, begun in threads:
                if self._advance(at, begun, char, reached, following):
                    found = (begun, position)
                    break
            threads = following
            if char is None or (not threads and (anchored or found is not None)):
                return found
            position += 1

    def _advance(
        self, at: int, begun: int, char: str | None, reached: set[int], following: list[tuple[int, int]]
    ) -> bool:
        """Take one thread over `char`; True where it is at the end of the pattern, which ends all lesser threads."""
        waiting = [at]
        while waiting:
            at = waiting.pop()
            if at < 0:
                following.append((~at, begun))
                continue
            if at in reached:
                continue
            reached.add(at)
            if at == len(self._tokens):
                return True
            kind, literal = self._tokens[at]
            if kind == _STAR:
                stay = [~at] if char is not None and char != "\n" else []
                waiting += [at + 1, *stay] if self._greedy else [*stay, at + 1]
            elif char is not None and (char == literal if not kind else char != "\n"):
                following.append((at + 1, begun))
        return False


def expand_template(replacement: str, matched: str) -> str:
    """`replacement` with the `$0` of Go's regexp.ReplaceAllString filled in; other names stand for nothing."""
    if "$" not in replacement:
        return replacement

    def fill(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name is None:
            return "$"
        return matched if name == "0" else ""

    return _TEMPLATE.sub(fill, replacement)


def without_prefix(source: str, text: str, *, greedy: bool) -> str:
    """`${name#source}` (`##` when greedy) of a variable that holds `text`."""
    end = Pattern(source, greedy=greedy).prefix_end(text)
    return text if end is None else text[end:]


def without_suffix(source: str, text: str, *, greedy: bool) -> str:
    """`${name%source}` (`%%` when greedy): the same from the other end, pattern and text reversed."""
    end = Pattern(reversed_pattern(source), greedy=greedy).prefix_end(text[::-1])
    return text if end is None else text[: len(text) - end]


def reversed_pattern(source: str) -> str:
    """The pattern from right to left, with each backslash still before what it escapes."""
    units = re.findall(r"\\.|.", source, re.DOTALL)
    return "".join(reversed(units))


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    """(kind, literal): kind is `?`, `*` or empty for a literal character."""
    source = source.removeprefix("\ufeff")
    position = 0
    before = ""
    while position < len(source):
        char = source[position]
        position += 1
        if char in (_STAR, _ANY):
            if not (char == before == _STAR):
                yield char, ""
            before = char
            continue
        before = ""
        if char == "\\":
            escaped = source[position : position + 1]
            if escaped in ("}", "/"):
                continue
            if escaped not in ("*", "?", "\\"):
                raise PatternError(f"invalid escape '\\{escaped or chr(0xFFFD)}'")
            position += 1
            char = escaped
        yield "", char
