"""A rule's page for a terminal: its Markdown with paragraphs as wide as there is room, and code as it stands."""

import textwrap
from collections.abc import Iterator

from ...lineage.late.patterns import pattern
from .console import Line

_BEGINS = pattern(r"(?:[-*]|\d+\.)[ ]|[#>|]")
_CODE = "    "


def page_lines(markdown: str, width: int) -> list[Line]:
    """The page's lines, each at most `width` columns where it has blanks to break at."""
    lines: list[Line] = []
    paragraph: list[str] = []
    fenced = False
    for row in [*markdown.splitlines(), ""]:
        if row.startswith("```"):
            lines += _paragraph(paragraph, width)
            paragraph, fenced = [], not fenced
        elif fenced:
            lines.append(((_CODE, ""), (row, "yellow" if row.startswith("> ") else "")))
        elif not row.strip() or row.startswith("#"):
            lines += _paragraph(paragraph, width)
            paragraph = []
            lines.append(((row.lstrip("# "), "bold"),))
        else:
            if paragraph and _BEGINS.match(row) is not None:
                lines += _paragraph(paragraph, width)
                paragraph = []
            paragraph.append(row)
    return lines[:-1]


def _paragraph(rows: list[str], width: int) -> Iterator[Line]:
    if not rows:
        return
    hang = "  " if _BEGINS.match(rows[0]) is not None else ""
    text = " ".join(row.strip() for row in rows)
    for row in textwrap.wrap(text, width, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False):
        yield ((row, ""),)
