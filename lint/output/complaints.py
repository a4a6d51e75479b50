"""What went wrong, as a line on standard error."""

import sys
from typing import TextIO

from ...lineage.text.errors import CtlintError, InputError


def complain(text: str) -> None:
    """Write a line to standard error."""
    sys.stderr.write(f"ctlint: {text}\n")


def sentence(error: CtlintError) -> str:
    """The error's sentence, with the place before it where that is known."""
    if isinstance(error, InputError) and error.path:
        return f"{error.path}{f':{error.line}' if error.line else ''}: {error}"
    return str(error)


def print_line(text: str, stream: TextIO | None = None) -> None:
    """Write a line to standard output, or to `stream`."""
    (stream or sys.stdout).write(text + "\n")
