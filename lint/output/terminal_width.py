"""How wide the terminal is, without `shutil`: that loads every compression of the standard library."""

import os
import sys


def terminal_columns(otherwise: int = 80) -> int:
    """COLUMNS if it is a number above 0, else the columns of the terminal that standard output is, else `otherwise`; as
    `shutil.get_terminal_size` tells them."""
    try:
        columns = int(os.environ.get("COLUMNS", ""))
    except ValueError:
        columns = 0
    if columns <= 0:
        try:
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns if sys.__stdout__ is not None else 0
        except (OSError, ValueError):
            columns = 0
    return columns if columns > 0 else otherwise
