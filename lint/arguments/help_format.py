"""How `--help` is laid out: wrapped to the terminal, with the columns of examples and the marks of lists kept."""

import argparse
from collections.abc import Iterator
from typing import Any

from ...lineage.late.patterns import pattern
from ..output.terminal_width import terminal_columns

_TWO_COLUMNS = pattern(r"(?P<left> *\S(?:.*?\S)? {2,})(?P<right>\S.*)")


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Wraps descriptions and epilogs paragraph by paragraph. Examples stand in two columns, list items behind `- `."""

    def __init__(self, prog: str, **given: Any) -> None:
        # argparse makes a formatter for each option that it is told of; each without a width would ask shutil for it
        super().__init__(prog, **{"width": terminal_columns() - 2, **given})

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + row for item in _items(text) for row in _wrapped(item, width - len(indent)))


def _items(text: str) -> Iterator[str]:
    """The paragraphs, list items and rows of a text, the lines of each joined; blank lines as they are."""
    item, hanging = "", -1
    for line in text.rstrip().split("\n"):
        indentation = len(line) - len(line.lstrip())
        joins = item and line.strip() and indentation == hanging and not _begins(line)
        if joins:
            item += f" {line.strip()}"
            continue
        if item:
            yield item
        item = line
        hanging = -1 if _alone(line) else indentation + (2 if line.lstrip().startswith("- ") else 0)
        if not line.strip():
            yield ""
            item = ""
    if item:
        yield item


def _begins(line: str) -> bool:
    return line.lstrip().startswith("- ") or _TWO_COLUMNS.fullmatch(line) is not None or _is_command(line)


def _alone(line: str) -> bool:
    """Whether nothing joins the line: a heading, or a row of columns."""
    return (
        (line.endswith(":") and not line.startswith(" "))
        or _TWO_COLUMNS.fullmatch(line) is not None
        or _is_command(line)
    )


def _is_command(line: str) -> bool:
    return line.startswith("  ctlint ")


def _wrapped(item: str, width: int) -> list[str]:
    import textwrap

    if len(item) <= width:
        return [item]
    columns = _TWO_COLUMNS.fullmatch(item)
    if columns is not None:
        first, text = columns["left"], columns["right"]
        if len(first) > width - 20:
            return [first.rstrip(), *textwrap.wrap(text, width, initial_indent=" " * 6, subsequent_indent=" " * 6)]
        rest = " " * len(first)
    else:
        first = item[: len(item) - len(item.lstrip())]
        text = item.lstrip()
        rest = first + ("  " if text.startswith("- ") else "")
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
