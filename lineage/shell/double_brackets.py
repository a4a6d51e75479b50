"""What Bash refuses between `[[` and `]]`: two words of which the first is no operator, three without one in the middle."""

from ..late.patterns import pattern

_WORD = pattern(
    r"(?:\"(?:[^\"\\$`]|\\.|\$\w+|\$\{\w+\}|\$[@*#?!-])*\"|'[^']*'|\$\{[\w:#%/,^@*.\[\]-]*\}|\$\w+|[\w./:@%,+=!~^*?\[\]-])+"
)
_BLANKS = pattern(r"[ \t]+")
_BINARY = frozenset(("=", "==", "!=", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"))


def refused_words(test: str) -> tuple[int, str] | None:
    """(offset, words) of the first part of a `[[ … ]]` that Bash does not read; None where there is none, or where it holds
    brackets, comparisons by sign, patterns or substitutions that are not looked into.
    """
    if not (test.startswith("[[") and test.endswith("]]")):
        return None
    at, end = 2, len(test) - 2
    parts: list[list[tuple[int, str]]] = [[]]
    while at < end:
        blank = _BLANKS.match(test, at, end)
        if blank is not None:
            at = blank.end()
            continue
        if test.startswith(("&&", "||"), at):
            parts.append([])
            at += 2
            continue
        word = _WORD.match(test, at, end)
        if word is None or word[0] == "=~":
            return None
        if word[0] != "!" or parts[-1]:
            parts[-1].append((at, word[0]))
        at = word.end()
    for part in parts:
        words = [word for _, word in part]
        unread = (len(words) == 2 and not words[0].startswith("-")) or (
            len(words) == 3 and words[1] not in _BINARY and not words[0].startswith("-")
        )
        if unread:
            return part[0][0], " ".join(words)
    return None
