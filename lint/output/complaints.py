"""What went wrong, as a line on standard error."""

import sys
from typing import TYPE_CHECKING, TextIO

from ...lineage.text.errors import CtlintError, InputError, UsageError
from .terminal import printable, say

if TYPE_CHECKING:
    from ...lineage.workspace.workspace import Workspace

DEFECT = "This is a defect of ctlint; all else is complete. Please report it with the Dockerfile."


def complain(text: str) -> None:
    """Write a line to standard error, however many lines the text is of."""
    say(printable(f"ctlint: {text}"), sys.stderr)


def sentence(error: CtlintError) -> str:
    """The error's sentence, with the place before it where that is known."""
    if isinstance(error, InputError) and error.path:
        return f"{error.path}{f':{error.line}' if error.line else ''}: {error}"
    return str(error)


def tell_crashes(workspace: "Workspace") -> bool:
    """Say which images ctlint failed on, and whether there are any."""
    for source in workspace.images:
        crash = workspace.crashes.get(source.id)
        if crash is not None:
            complain(f"{source.shown}: {crash}. {DEFECT}")
    return bool(workspace.crashes)


def standard_input(most: int) -> bytes:
    """What is on standard input, `most` bytes of it at the most. Raises UsageError where it is closed."""
    if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison]
        raise UsageError("- stands for standard input, which is closed.")
    return sys.stdin.buffer.read(most)


def print_line(text: str, stream: TextIO | None = None) -> None:
    """Write a line to standard output, or to `stream`."""
    say(printable(text), stream)
