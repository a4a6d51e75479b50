"""The one way to standard output and standard error: nothing of a repository moves a cursor or gives an order there.

A terminal obeys escape sequences, a reader is led astray by marks of writing direction, and CI obeys lines of a log:
GitHub those that begin with `::` or hold `##[` (actions/runner, ActionCommand.cs), Azure `##vso[`, TeamCity
`##teamcity[`. Whatever is printed goes through `row` or, as a document for programs, through `write_document`.
"""

import os
import re
import sys
from typing import TextIO

from ...lineage.late.patterns import pattern
from ...lineage.text.sent import masked
from .terminal_width import terminal_columns

_COMMAND = pattern(r"##(?=[a-z]*\[)")
_NOT_PRINTED = pattern(
    "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def printable(text: str) -> str:
    """`text` with control characters (terminal escapes among them) shown as U+FFFD; tabs become four blanks."""
    text = masked(text)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "    " if c == "\t" else "\ufffd" for c in text)


def is_command(text: str) -> bool:
    """Whether CI would take a line of its log for an order."""
    return text.lstrip().startswith("::") or _COMMAND.search(text) is not None


def row(text: str) -> str:
    """A line as it may be printed, without its end: `: :error::` and `# #[group]` are what is left of orders."""
    shown = printable(text)
    if not is_command(shown):
        return shown
    begin = len(shown) - len(shown.lstrip())
    if shown.startswith("::", begin):
        shown = f"{shown[:begin]}: {shown[begin + 1 :]}"
    return _COMMAND.sub("# #", shown)


def say(text: str, stream: TextIO | None = None) -> None:
    """Write sentences for a person, each line of them as `row` has it, to standard output or a stream.

    A terminal gets them broken between words where they are longer than it is wide.
    """
    out = stream or sys.stdout
    rows = [row(line) for line in text.split("\n")]
    _write(out, [row(part) for line in rows for part in _broken(line)] if out.isatty() else rows)


def _broken(line: str) -> list[str]:
    """The rows that a sentence takes on a terminal."""
    import textwrap

    width = max(terminal_columns(), 40)
    if len(line) <= width:
        return [line]
    return textwrap.wrap(line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _write(out: TextIO, rows: list[str]) -> None:
    lines = "".join(f"{line}\n" for line in rows)
    try:
        out.write(lines)
    except UnicodeEncodeError:
        encoding = out.encoding or "ascii"
        out.write(lines.encode(encoding, "backslashreplace").decode(encoding))


def write_document(text: str) -> None:
    """Write a document for programs to standard output: UTF-8, whatever the terminal's encoding."""
    data = masked(text).encode("utf-8", "replace")
    if hasattr(sys.stdout, "buffer"):
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(data.decode("utf-8"))


def write_patch(text: str) -> None:
    """Write a diff to standard output: byte for byte for the program that applies it, by rows for a terminal.

    Its lines are a file's, so that GitHub is told to take no order until its end; what stands before and behind the diff
    is passed over by git and patch.
    """
    if not text:
        return
    if sys.stdout.isatty():
        _write(sys.stdout, [row(line) for line in text.removesuffix("\n").split("\n")])
        return
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from secrets import token_hex

        token = token_hex(16)
        text = f"::stop-commands::{token}\n{text}::{token}::\n"
    data = text.encode("utf-8", "surrogateescape")
    if hasattr(sys.stdout, "buffer"):
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(data.decode("utf-8", "replace"))


def harmless_json(document: str) -> str:
    """The same JSON, in which what does not print, and `##` before an order, is written as an escape.

    Neither can stand anywhere but in a string.
    """
    if document.isascii():
        quiet = document.replace("\x7f", "\\u007f")
    else:
        quiet = _NOT_PRINTED.sub(_escaped, document)
    return _COMMAND.sub("#\\\\u0023", quiet)


def _escaped(match: "re.Match[str]") -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
