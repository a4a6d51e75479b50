"""Which lines of a Dockerfile belong to which instruction, as the library dockerfile-parse says, where it reads as BuildKit does.

It differs from BuildKit for heredocs, blank lines inside a continuation, a continuation at the end of the file, a doubled
escape character, an instruction without arguments, carriage returns and characters beyond ASCII: such files are read by
`logical_lines` alone, which knows BuildKit's rules. Both are held against each other, and against BuildKit, by the tests.
"""

import re
from io import StringIO
from typing import NamedTuple

from ..late.patterns import pattern

_PLAIN = pattern(r"[\t\n -~]*")
_BESIDE = pattern(r"<<|\\\\[ \t]*$|^[ \t]*#[ \t]*(?:escape|check)[ \t]*=", re.MULTILINE | re.IGNORECASE)
_NO_INSTRUCTION = pattern(r"[ \t]*(?:#.*)?")
_INSTRUCTION = pattern(r"[ \t]*[A-Za-z]+[ \t]+[^ \t\\]")
_COMMENT = "COMMENT"


class InstructionLines(NamedTuple):
    """The lines of an instruction, from `start` to `end` (from 0, both included), and its keyword in capitals."""

    start: int
    end: int
    keyword: str


def instruction_lines(text: str, lines: list[str]) -> list[InstructionLines] | None:
    """The instructions of a Dockerfile whose `lines` (without line ends) make up `text`.

    None where the library is not known to read such a text as BuildKit does.
    """
    if _PLAIN.fullmatch(text) is None or _BESIDE.search(text) is not None:
        return None
    from dockerfile_parse import DockerfileParser

    found = [
        InstructionLines(each["startline"], each["endline"], each["instruction"])
        for each in DockerfileParser(fileobj=StringIO(text)).structure
        if each["instruction"] != _COMMENT
    ]
    return found if _covers(found, lines) else None


def _covers(found: list[InstructionLines], lines: list[str]) -> bool:
    """Whether each line is of one instruction, blank or a comment; and each instruction begins with a keyword and an
    argument, and does not end in a blank line or in the middle of a continuation."""
    after = 0
    for each in found:
        if _INSTRUCTION.match(lines[each.start]) is None:
            return False
        if each.start < after or not all(map(_NO_INSTRUCTION.fullmatch, lines[after : each.start])):
            return False
        if _NO_INSTRUCTION.fullmatch(lines[each.end]) or lines[each.end].rstrip(" \t").endswith("\\"):
            return False
        after = each.end + 1
    return all(map(_NO_INSTRUCTION.fullmatch, lines[after:]))
