"""Backslash escapes as the programs that print read them: echo and printf of dash, Bash and busybox, and coreutils'.

Settled by running them: dash's know no `\\x` and `\\u`; Bash's echo takes octal numbers with a leading 0 only.
"""

import re
from typing import Literal

from ..late.patterns import pattern
from ..text.numbers import natural

Reader = Literal["echo", "format"]
Printer = Literal["sh", "bash", "busybox", "coreutils"]

_PLAIN = {"a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_ESCAPE = pattern(
    r"\\(?:(?P<octal>[0-7]{1,4})|x(?P<hex>[0-9A-Fa-f]{1,2})|u(?P<short>[0-9A-Fa-f]{1,4})|U(?P<long>[0-9A-Fa-f]{1,8})|(?P<one>.))",
    re.DOTALL,
)


def unescaped(text: str, reader: Reader, printer: Printer) -> str:
    """The text with its escapes replaced: those of `echo -e` and `%b` (`echo`), or of printf's first word (`format`).

    Bytes that are no UTF-8 alone come out as surrogates, as `surrogateescape` has them. `\\c` is left to the caller.
    """
    if "\\" not in text:
        return text

    def replaced(match: re.Match[str]) -> str:
        whole = match.group()
        octal = match["octal"]
        if octal is not None:
            return _octal(octal, reader, printer, whole)
        if match["hex"] is not None:
            return whole if printer == "sh" else _byte(natural(match["hex"], 16) or 0)
        number = match["short"] or match["long"]
        if number is not None:
            known = printer == "bash" or (printer == "coreutils" and reader == "format")
            return chr(min(natural(number, 16) or 0, 0x10FFFF)) if known else whole
        one = match["one"]
        if one in _PLAIN:
            return _PLAIN[one]
        return one if one == '"' and reader == "format" else whole

    return _joined(_ESCAPE.sub(replaced, text))


def _octal(digits: str, reader: Reader, printer: Printer, whole: str) -> str:
    if reader == "format" or not digits.startswith("0"):
        if reader == "echo" and printer == "bash" and not digits.startswith("0"):
            return whole
        taken = digits[:3]
    else:
        taken = digits[:4]
    return _byte((natural(taken, 8) or 0) & 0xFF) + digits[len(taken) :]


def _byte(value: int) -> str:
    return chr(value) if value < 0x80 else chr(0xDC00 + value)


def _joined(text: str) -> str:
    """Bytes that together are UTF-8 become the characters that they are."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
