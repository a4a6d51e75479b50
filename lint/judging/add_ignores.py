"""`--add-ignores "reason"`: writing ignore comments where they cover the findings and change nothing else."""

from collections.abc import Iterable, Mapping, Sequence

from ...lineage.late.dataclasses import dataclass
from ...rules.base import Finding
from ..config.selection import NEVER_IGNORED
from .comments import Kind, Rows, Unit
from .ignores import COMMENT

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Added:
    """A file's text with the comments, the findings that they cover, and those for which there is no place."""

    text: str
    covered: tuple[Finding, ...]
    left: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, order=True)
class _Spot:
    """Where a comment goes: above `line`, for the line or for the file."""

    line: int
    scope: str = "ignore"


def add_ignores(
    text: str,
    path: str,
    findings: Sequence[Finding],
    reason: str,
    *,
    kind: Kind | None = None,
    unit: Unit | None = None,
) -> Added:
    """Add comments that ignore `findings`, all of them in the file `path`, to its text.

    A comment goes above the instruction, command or key, with its indentation and line end; below a shebang for a
    finding there; among the leading comments (`ignore-file`) for a finding on a comment or beyond the text; never above
    a Dockerfile's parser directives. Codes join an ignore comment that is there already. Files that may not hold
    comments are left as they are. `kind` and `unit` are as in `Rows.of`.
    """
    rows = Rows.of(text, path, kind, unit)
    if rows.kind in ("none", "other"):
        return Added(text, (), tuple(findings))
    covered = tuple(each for each in findings if each.rule not in NEVER_IGNORED)
    left = tuple(each for each in findings if each.rule in NEVER_IGNORED)
    wanted: dict[_Spot, set[str]] = {}
    for finding in covered:
        wanted.setdefault(_spot(rows, finding.place.line), set()).add(finding.rule)
    return Added(_written(rows, wanted, " ".join(reason.split())), covered, left)


def _spot(rows: Rows, line: int) -> _Spot:
    if rows.is_shebang(line):
        return _Spot(2)
    if line > len(rows.rows) or rows.is_comment(line) or rows.is_blank(line):
        return _Spot(max(rows.directives, int(rows.is_shebang(1))) + 1, "ignore-file")
    return _Spot(rows.start(line))


def _written(rows: Rows, wanted: Mapping[_Spot, Iterable[str]], reason: str) -> str:
    lines = list(rows.rows)
    lines[0] = lines[0].removeprefix(_BOM)
    joined = {spot: line for spot in wanted if (line := _existing(rows, spot))}
    for spot, line in joined.items():
        lines[line - 1] = _joined(lines[line - 1], sorted(wanted[spot]))
    for spot in sorted(wanted.keys() - joined.keys(), reverse=True):
        comment = f"# ctlint: {spot.scope}[{', '.join(sorted(wanted[spot]))}] {reason}".rstrip()
        lines.insert(spot.line - 1, _indentation(rows, spot) + comment + _line_end(rows, spot.line))
    return (_BOM if rows.rows[0].startswith(_BOM) else "") + "\n".join(lines)


def _existing(rows: Rows, spot: _Spot) -> int | None:
    """The line of an ignore comment of the same scope that the codes can join."""
    below_shebang = spot.line == 2 and rows.is_shebang(1)
    if spot.scope == "ignore-file":
        candidates = list(range(spot.line, rows.header + 1))
    elif below_shebang and rows.is_comment(2):
        last = 2
        while rows.is_comment(last) and COMMENT.fullmatch(rows.text(last)):
            last += 1
        candidates = list(range(2, last))
    else:
        first = spot.line
        while first > 1 and rows.is_comment(first - 1):
            first -= 1
        candidates = list(range(spot.line - 1, first - 1, -1))
    for line in candidates:
        match = COMMENT.fullmatch(rows.text(line)) if rows.is_comment(line) else None
        if match and match["what"].lower() == spot.scope and match["codes"]:
            return line
    return None


def _joined(row: str, codes: Sequence[str]) -> str:
    opening, closing = row.index("[") + 1, row.index("]")
    words = [word.strip() for word in row[opening:closing].split(",") if word.strip()]
    known = {word.upper() for word in words}
    return row[:opening] + ", ".join([*words, *(code for code in codes if code not in known)]) + row[closing:]


def _indentation(rows: Rows, spot: _Spot) -> str:
    if spot.scope == "ignore-file" or (spot.line == 2 and rows.is_shebang(1) and rows.next_code(2) != 2):
        return ""
    row = rows.text(spot.line)
    return row[: len(row) - len(row.lstrip(" \t"))]


def _line_end(rows: Rows, line: int) -> str:
    """A carriage return where the neighbouring lines have one; none for what becomes the last line."""
    if line > len(rows.rows):
        return ""
    neighbour = rows.rows[line - 1] if line < len(rows.rows) else rows.rows[max(line - 2, 0)]
    return "\r" if neighbour.endswith("\r") else ""
