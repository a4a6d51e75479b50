"""What echo, printf and cat print, where their words tell (POSIX echo, printf; dash's echo takes escapes, Bash's does
not).
"""

import re
from collections.abc import Sequence

from ..commands.model import Command, Word
from ..shell.word_parts import ansi_text
from ..text.numbers import natural
from ..text.symbolic import Text

_WIDEST = 4096
"""Characters up to which a width of printf is followed."""
_DIRECTIVE = re.compile(r"%(?:%|(-?\d*)(?:\.\d+)?([sdibcq]))")


def printed(command: Command, before: Sequence[Command] = ()) -> Text | None:
    """The standard output of a command; None where it cannot be known. `before` feeds it through a pipeline."""
    if command.compound or any(redirect.fd == 1 for redirect in command.redirects):
        return None
    return output(command, before)


def output(command: Command, before: Sequence[Command] = ()) -> Text | None:
    """What a command writes to wherever its standard output goes."""
    if not command.argv:
        return None if command.compound else Text()
    if any(word.globs and not word.quoted for word in command.arguments):
        return None
    if command.name == "echo":
        return _echo(command)
    if command.name == "printf":
        return _printf(command.arguments)
    if command.name in (":", "true"):
        return Text()
    if command.name == "cat" and all(word.literal == "-" for word in command.arguments):
        return _fed(command, before)
    return None


def _fed(command: Command, before: Sequence[Command]) -> Text | None:
    for redirect in reversed(command.redirects):
        if redirect.fd == 0:
            return redirect.document
    return printed(before[-1], before[:-1]) if before else None


def _echo(command: Command) -> Text | None:
    words = list(command.arguments)
    newline, escapes = True, command.dialect == "sh"
    options = "neE" if command.dialect != "sh" else "n"
    while words:
        literal = words[0].literal or ""
        if len(literal) < 2 or literal[0] != "-" or set(literal[1:]) - set(options):
            break
        for letter in literal[1:]:
            newline = newline and letter != "n"
            escapes = {"e": True, "E": False}.get(letter, escapes)
        words.pop(0)
    text = Text.of(*(piece for word in words for piece in (word.text, " "))) if words else Text()
    pieces = list(text.pieces)
    if words:
        pieces[-1] = str(pieces[-1])[:-1]
    if escapes and any(isinstance(piece, str) and "\\" in piece for piece in pieces):
        cut = next((index for index, piece in enumerate(pieces) if isinstance(piece, str) and "\\c" in piece), None)
        if cut is not None:
            pieces = [*pieces[:cut], str(pieces[cut]).partition("\\c")[0]]
            newline = False
        pieces = [_echo_escapes(piece) if isinstance(piece, str) else piece for piece in pieces]
    return Text.of(*pieces, "\n" if newline else "")


def _echo_escapes(text: str) -> str:
    return ansi_text(re.sub(r"\\(?:0([0-7]{1,3})|(?=['\"?]))", _octal, text))


def _octal(match: re.Match[str]) -> str:
    return "\\" + match[1] if match[1] else "\\\\"


def _printf(words: Sequence[Word]) -> Text | None:
    rest = list(words)
    if rest and rest[0].literal == "--":
        rest.pop(0)
    if not rest or rest[0].literal is None or rest[0].literal.startswith("-"):
        return None
    written = rest.pop(0).literal or ""
    found: list[Text] = []
    turns = 0
    while turns == 0 or (rest and _takes_words(written)):
        turns += 1
        if turns > 1000:
            return None
        at = 0
        for match in _DIRECTIVE.finditer(written):
            literal = written[at : match.start()]
            if "%" in literal:
                return None
            found.append(Text.of(ansi_text(literal)))
            at = match.end()
            if match.group() == "%%":
                found.append(Text.of("%"))
                continue
            text = rest.pop(0).text if rest else Text.of("" if match[2] in "sbcq" else "0")
            one = _converted(text, match)
            if one is None:
                return None
            found.append(one)
        if "%" in written[at:]:
            return None
        found.append(Text.of(ansi_text(written[at:])))
    return Text.of(*found)


def _takes_words(written: str) -> bool:
    return any(match.group() != "%%" for match in _DIRECTIVE.finditer(written))


def _converted(text: Text, match: re.Match[str]) -> Text | None:
    kind, width = match[2], match[1]
    if "." in match.group() or (width and text.literal is None):
        return None
    if kind == "b" and text.literal is not None:
        text = Text.of(_echo_escapes(text.literal))
    elif kind not in ("s", "d", "i"):
        return None
    if width:
        literal, size = text.literal or "", natural(width.lstrip("-0") or "0")
        if size is None or size > _WIDEST:
            return None
        filled = (
            literal.ljust(size) if width.startswith("-") else literal.rjust(size, "0" if width.startswith("0") else " ")
        )
        return Text.of(filled)
    return text
