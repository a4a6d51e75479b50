"""xargs: the command lines that it makes of what it reads."""

import re

from ..commands.model import Word
from ..late.dataclasses import replace
from ..text.numbers import natural
from ..text.symbolic import Opaque, Text
from .wrapped import Wrapped

_MOST_ROWS = 300


def xargs_rows(peeled: Wrapped, text: str) -> list[tuple[Word, ...]] | None:
    """The command lines that xargs makes of what it reads; None where an option or a quote is not understood."""
    options = [word.literal for word in peeled.own[1:]]
    most, mark, separator = 0, "", ""
    at = 0
    while at < len(options):
        option = options[at] or "?"
        value = options[at + 1] if at + 1 < len(options) else None
        at += 1
        if option in ("-r", "--no-run-if-empty", "-t"):
            continue
        if option in ("-0", "--null", "-r0", "-0r"):
            separator = "\0"
        elif option in ("-d\\n", "-d\n"):
            separator = "\n"
        elif option in ("-n", "-L", "-l", "-P") and natural(value) is not None:
            most = most if option == "-P" else natural(value) or 0
            at += 1
        elif re.fullmatch(r"-[nLP][0-9]{1,6}", option):
            most = most if option[1] == "P" else natural(option[2:]) or 0
        elif option == "-I" and value:
            mark = value
            at += 1
        elif option.startswith("-I") and len(option) > 2:
            mark = option[2:]
        else:
            return None
    if not separator and any(character in text for character in "'\"\\"):
        return None
    if separator:
        items = [item for item in text.split(separator) if item]
    elif mark:
        items = [line.strip() for line in text.split("\n") if line.strip()]
    else:
        items = text.split()
    if len(items) > _MOST_ROWS:
        return None
    words = peeled.inner
    if mark:
        return [tuple(_with_item(one, mark, item) for one in words) for item in items]
    place = words[-1].place
    found = [Word(Text.of(item), item, place, True) for item in items]
    if not found:
        return [] if "-r" in options or "--no-run-if-empty" in options else [words]
    step = most or len(found)
    return [(*words, *found[at : at + step]) for at in range(0, len(found), step)]


def with_unknown_words(peeled: Wrapped, words: tuple[Word, ...]) -> tuple[Word, ...]:
    """xargs: `-I mark` puts what it reads in the place of the mark, else it is appended."""
    found = Text.of(Opaque("a word that xargs reads"))
    place = words[-1].place
    for index, word in enumerate(peeled.own):
        literal = word.literal or ""
        mark = literal[2:] if literal.startswith("-I") else ""
        if literal == "-I" and index + 1 < len(peeled.own):
            mark = peeled.own[index + 1].literal or ""
        if mark:
            return tuple(Word(found, one.raw, one.place) if mark in (one.literal or "") else one for one in words)
    return (*words, Word(found, "", place))


def _with_item(word: Word, mark: str, item: str) -> Word:
    literal = word.literal or ""
    return replace(word, text=Text.of(literal.replace(mark, item))) if mark in literal else word
