"""What a parent that moves changes, as a person reads it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from ...lineage.boot.differences import Difference
from ...lineage.workspace.bump import ParentBump
from .console import Line, plural, printable
from .report import Bump

GROUPS = {
    "s6": "s6",
    "sh": "/bin/sh",
    "setting": "settings",
    "env": "environment",
    "label": "labels",
    "account": "accounts",
    "step": "at start",
    "path": "paths",
}
"""What kinds of differences are called."""
_SHOWN = 20


def bump_lines(bump: Bump, *, verbose: bool = False) -> Iterator[Line]:
    """How the parents differ, and the findings that are gone."""
    for parent in bump.parents:
        yield from _parent(parent, verbose=verbose)
        yield []
    for finding in bump.gone:
        yield [
            ("gone  ", "green"),
            (f"{finding.rule} {printable(str(finding.place))}: {printable(finding.message)}", ""),
        ]
    if bump.gone:
        yield []


def _parent(parent: ParentBump, *, verbose: bool) -> Iterator[Line]:
    before = parent.before if parent.before is not None else "not known"
    yield [(printable(parent.name), "bold"), (f"  {printable(before)} ⇒ {printable(parent.after)}", "dim")]
    yield [(f"  {plural(len(parent.children), 'image')} built on it", "dim")]
    if parent.before is not None:
        yield from difference_lines(parent.differences, most=None if verbose else _SHOWN)


def difference_lines(found: Sequence[Difference], most: int | None = None) -> Iterator[Line]:
    """What differs, group by group; of each group at most so many."""
    if not found:
        yield [("Nothing is known to differ.", "bold green")]
        return
    counts = Counter[str]()
    total = Counter(one.kind for one in found)
    for one in found:
        counts[one.kind] += 1
        if counts[one.kind] == 1:
            yield [(GROUPS[one.kind], "bold")]
        if most is None or counts[one.kind] <= most:
            yield _difference(one)
        if most is not None and counts[one.kind] == total[one.kind] > most:
            yield [(f"  … and {total[one.kind] - most} more; --verbose shows them", "dim")]


def _difference(one: Difference) -> Line:
    name = printable(one.name)
    if one.before is None:
        return [("  + ", "green"), (name, ""), (f"  {printable(one.after or '')}", "dim")]
    if one.after is None:
        return [("  - ", "red"), (name, ""), (f"  {printable(one.before)}", "dim")]
    return [("  ~ ", "yellow"), (name, ""), (f"  {printable(one.before)} ⇒ {printable(one.after)}", "dim")]
