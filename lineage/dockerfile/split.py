"""An instruction's joined line taken apart: keyword, flags, and the arguments in the way its keyword reads them.

Source: BuildKit frontend/dockerfile/parser/split_command.go and line_parsers.go. All places are offsets in the line.
"""

import re
from typing import Literal, NamedTuple

from ..late.patterns import pattern
from ..text.go_strings import SPACE, as_bytes, from_bytes, lower, presentable, quoted, trimmed, upper
from .exec_form import NotStrings, exec_form

Form = Literal["exec", "shell"]

_BLANKS = pattern(r"[\t\v\f\r ]+")
_WORD = pattern(r"[^\t\v\f\r ]+")
_WORDS = {
    escape: pattern(
        rf"(?:[^{SPACE}'\"{re.escape(escape)}]++|{re.escape(escape)}.|'[^']*+'?"
        rf'|"(?:[^"{re.escape(escape)}]++|{re.escape(escape)}.)*"?)+',
        re.DOTALL,
    )
    for escape in ("\\", "`")
}
_BYTE_SPACE = "\t\n\v\f\r \x85\xa0"
_LONE_SPACE = "\t\n\v\f\r \udc85\udca0"
_FLAG_RUN = pattern(f"[^{_BYTE_SPACE}'\"\\\\`]+")
_QUOTED_RUN = pattern("[^'\"\\\\`]+")
_HEALTH_TYPE = pattern(f"([^{_BYTE_SPACE}]+)[{_BYTE_SPACE}]+")


class ArgumentsError(Exception):
    """Arguments that BuildKit's parser refuses; the text is BuildKit's."""


class SplitArgument(NamedTuple):
    """An argument as its keyword reads it, and where it stands."""

    text: str
    start: int
    end: int


class SplitInstruction(NamedTuple):
    """`KEYWORD flags… arguments…`: `start` and `end` bound the text behind the flags, blanks around it left out.

    `keyword` is in capitals.
    """

    keyword: str
    name: SplitArgument
    """The keyword as it is written."""
    flags: tuple[SplitArgument, ...]
    start: int
    end: int
    form: Form
    arguments: tuple[SplitArgument, ...]
    inner: "SplitInstruction | None" = None
    """The instruction that an ONBUILD holds, unless it is ONBUILD again, which BuildKit refuses."""


def _known_keyword(written: str) -> str | None:
    """The keyword in capitals, None where it is not one of Dockerfile's."""
    return _KEYWORD_OF.get(written) or _KEYWORD_OF.get(lower(written))


def read_command(line: str, escape: str, split: tuple[str, int] | None = None) -> SplitInstruction:
    """Take a joined line apart. `split` is its keyword and the offset of what follows, where that is known already.

    Raises ArgumentsError.
    """
    start, end = trimmed(line)
    outer: list[tuple[str, SplitArgument, tuple[SplitArgument, ...], int]] = []
    while True:
        written, rest = split or _keyword(line, start, end)
        split = None
        known = _known_keyword(written)
        keyword, name = known or upper(written), SplitArgument(written, start, start + len(written))
        flags, line, start = _flags(line, rest, end, escape)
        start = _skip(SPACE, line, start, end)
        if known != "ONBUILD" or start == end:
            break
        outer.append((keyword, name, flags, start))
    form, arguments = (_READERS[known] if known else _no_arguments)(line, start, end, escape)
    command = SplitInstruction(keyword, name, flags, start, end, form, arguments)
    if not outer:
        return command
    if len(outer) > 1:
        held = outer[1][1]
        nothing = SplitArgument("", held.end, held.end)
        return SplitInstruction(*outer[0], end, "shell", (held._replace(text="ONBUILD"), nothing))
    return SplitInstruction(*outer[0], end, form, (name._replace(text=keyword), *arguments), inner=command)


def _keyword(line: str, start: int, end: int) -> tuple[str, int]:
    """The keyword at `start`, and the offset behind the blanks that follow it."""
    blank = _BLANKS.search(line, start, end)
    return (line[start : blank.start()], blank.end()) if blank else (line[start:end], end)


def _skip(blanks: str, line: str, start: int, end: int) -> int:
    """Where something else than `blanks` stands, from `start` on."""
    while start < end and line[start] in blanks:
        start += 1
    return start


def _flags(line: str, start: int, end: int, escape: str) -> tuple[tuple[SplitArgument, ...], str, int]:
    """The `--flags` at `start`, the line, and where the rest begins.

    BuildKit walks over bytes here, not characters, and takes each byte of a flag for a character; where that ends
    inside a character, the line comes back with the rest of it as BuildKit has it.
    """
    at = _skip(_LONE_SPACE, line, start, end)
    if not line.startswith("--", at, end):
        return (), line, at
    if line[at:end].isascii():
        ascii_flags, rest = _read_flags(line, at, end, escape)
        return ascii_flags, line, rest
    raw = as_bytes(line[at:end])
    found, behind = _read_flags(raw, 0, len(raw), escape)
    tail = from_bytes(raw[behind:])
    rest = end - len(tail)
    flags: list[SplitArgument] = []
    reached, place = 0, at
    for flag in found:
        start = min(place + len(from_bytes(raw[reached : flag.start])), rest)
        reached, place = flag.end, min(start + len(from_bytes(raw[flag.start : flag.end])), rest)
        flags.append(SplitArgument(flag.text, start, place))
    return tuple(flags), line[:rest] + tail + line[end:], rest


def _read_flags(line: str, start: int, end: int, escape: str) -> tuple[tuple[SplitArgument, ...], int]:
    flags: list[SplitArgument] = []
    at = start
    while True:
        at = _skip(_BYTE_SPACE, line, at, end)
        if not line.startswith("--", at, end):
            return tuple(flags), at
        begun = at
        text, at = _read_flag(line, at, end, escape)
        if text == "--":
            return tuple(flags), at
        flags.append(SplitArgument(text, begun, at))


def _read_flag(line: str, at: int, end: int, escape: str) -> tuple[str, int]:
    """One flag without its quotes and escapes, and the offset of the blank behind it."""
    text: list[str] = []
    quote = ""
    while at < end:
        run = (_QUOTED_RUN if quote else _FLAG_RUN).match(line, at, end)
        if run:
            text.append(run[0])
            at = run.end()
            continue
        char = line[at]
        if not quote and char in _BYTE_SPACE:
            break
        at += 1
        if char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif char == escape:
            quote = quote if at < end else ""
            text.append(line[at : min(at + 1, end)])
            at += 1
        else:
            text.append(char)
    return "".join(text), min(at, end)


def words(text: str, start: int, end: int, escape: str) -> tuple[SplitArgument, ...]:
    """The words between `start` and `end`, their quotes and escapes kept (parseWords)."""
    return tuple([SplitArgument(found[0], *found.span()) for found in _WORDS[escape].finditer(text, start, end)])


_Read = tuple[Form, tuple[SplitArgument, ...]]


def _no_arguments(_line: str, start: int, _end: int, _escape: str) -> _Read:
    return "shell", (SplitArgument("", start, start),)


def _one_string(line: str, start: int, end: int, _escape: str) -> _Read:
    return "shell", (SplitArgument(line[start:end], start, end),) if start < end else ()


def _split_at_blanks(line: str, start: int, end: int, _escape: str) -> _Read:
    return "shell", tuple([SplitArgument(found[0], *found.span()) for found in _WORD.finditer(line, start, end)])


def _exec_or_string(line: str, start: int, end: int, escape: str) -> _Read:
    return _exec(line, start, end) or _one_string(line, start, end, escape)


def _exec_or_list(line: str, start: int, end: int, escape: str) -> _Read:
    return _exec(line, start, end) or _split_at_blanks(line, start, end, escape)


def _exec(line: str, start: int, end: int) -> _Read | None:
    try:
        found = exec_form(line, start, end)
    except NotStrings as problem:
        raise ArgumentsError(str(problem)) from None
    if found is None:
        return None
    return "exec", tuple(SplitArgument(element.text, element.start, element.end) for element in found)


def _names(line: str, start: int, end: int, escape: str) -> _Read:
    return "shell", words(line, start, end, escape)


def _pairs(keyword: str, line: str, start: int, end: int, escape: str) -> _Read:
    """`NAME=value…`, or `NAME the rest`: three arguments a pair, the third is the sign between name and value."""
    found = words(line, start, end, escape)
    if not found:
        return "shell", ()
    if "=" not in found[0].text:
        blank = _BLANKS.search(line, start, end)
        if not blank:
            raise ArgumentsError(f"{keyword} must have two arguments")
        name = SplitArgument(line[start : blank.start()], start, blank.start())
        value = SplitArgument(line[blank.end() : end], blank.end(), end)
        return "shell", (name, value, SplitArgument("", blank.start(), blank.start()))
    pairs: list[SplitArgument] = []
    for word in found:
        name_text, sign, value_text = word.text.partition("=")
        if not sign:
            raise ArgumentsError(
                f"Syntax error - can't find = in {quoted(presentable(word.text))}. Must be of the form: name=value"
            )
        at = word.start + len(name_text)
        pairs += (
            SplitArgument(name_text, word.start, at),
            SplitArgument(value_text, at + 1, word.end),
            SplitArgument("=", at, at + 1),
        )
    return "shell", tuple(pairs)


def _env(line: str, start: int, end: int, escape: str) -> _Read:
    return _pairs("ENV", line, start, end, escape)


def _label(line: str, start: int, end: int, escape: str) -> _Read:
    return _pairs("LABEL", line, start, end, escape)


def _health(line: str, start: int, end: int, escape: str) -> _Read:
    """A type and its command. BuildKit walks over bytes to find where the command begins."""
    if start == end:
        return "shell", ()
    raw = as_bytes(line[start:end])
    kind, behind = raw, len(raw)
    if found := _HEALTH_TYPE.match(raw):
        kind, behind = found[1], found.end()
    tail = from_bytes(raw[behind:])
    rest = end - len(tail)
    form, arguments = _exec_or_string(line[:rest] + tail, rest, end, escape)
    return form, (SplitArgument(from_bytes(kind), start, min(start + len(from_bytes(kind)), rest)), *arguments)


_READERS = {
    "ADD": _exec_or_list,
    "ARG": _names,
    "CMD": _exec_or_string,
    "COPY": _exec_or_list,
    "ENTRYPOINT": _exec_or_string,
    "ENV": _env,
    "EXPOSE": _split_at_blanks,
    "FROM": _split_at_blanks,
    "HEALTHCHECK": _health,
    "LABEL": _label,
    "MAINTAINER": _one_string,
    "ONBUILD": _one_string,
    "RUN": _exec_or_string,
    "SHELL": _exec_or_string,
    "STOPSIGNAL": _one_string,
    "USER": _one_string,
    "VOLUME": _exec_or_list,
    "WORKDIR": _one_string,
}
KEYWORDS = tuple(_READERS)
_KEYWORD_OF = {spelling: name for name in KEYWORDS for spelling in (name, name.lower())}
