"""Fixes: choosing those that agree with each other, showing them as a diff, and making them on disk.

What conflicts with an earlier fix waits: after the files are written, the caller lints again and plans anew.
"""

import os
from collections.abc import Callable, Iterable, Sequence

from ...lineage.late.dataclasses import dataclass, field
from ...lineage.repository.plain_file import LARGEST_LIST, read_plain
from ...rules.base import Edit, Finding, Fix
from .edits import TextChange, changed, changes, decoded, encoded
from .files import Disk, replace_file, set_index_mode


@dataclass(frozen=True, slots=True)
class FilePlan:
    """What happens to one file, in this order: `changes` of its text, then `mode` (octal digits), then the new path."""

    path: str
    before: bytes = field(repr=False)
    changes: tuple[TextChange, ...] = ()
    mode: str | None = None
    rename_to: str | None = None

    @property
    def label(self) -> str:
        """The file as the user is told of it: its path, and the new one where it gets one."""
        return f"{self.path} → {self.rename_to}" if self.rename_to else self.path

    @property
    def after(self) -> bytes:
        return encoded(changed(decoded(self.before), self.changes)) if self.changes else self.before


@dataclass(frozen=True, slots=True)
class Waiting:
    """A finding whose fix is not made now, and why."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class FixPlan:
    """The files that change, by path; the findings that this cures; and those whose fix waits."""

    files: tuple[FilePlan, ...] = ()
    fixed: tuple[Finding, ...] = ()
    waiting: tuple[Waiting, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be changed; it is as it was, or has all that came before the step that failed."""

    path: str
    reason: str


@dataclass(slots=True)
class _Draft:
    """A plan in the making. A fix is taken as a whole or not at all."""

    read: Callable[[str], bytes | None]
    files: dict[str, FilePlan] = field(default_factory=lambda: dict[str, FilePlan]())

    def add(self, fix: Fix) -> str | None:
        """Take a fix in. The reason where that is impossible."""
        trial = dict(self.files)
        for path in dict.fromkeys(edit.place.path for edit in fix.edits):
            plan = trial.get(path)
            if plan is None:
                content = self.read(path)
                if content is None:
                    return f"{path} is not a file that can be changed here"
                plan = FilePlan(path, content)
            extended = _extended(plan, [edit for edit in fix.edits if edit.place.path == path])
            if isinstance(extended, str):
                return extended
            trial[path] = extended
        targets = [plan.rename_to for plan in trial.values() if plan.rename_to]
        if len(set(targets)) < len(targets) or any(self.read(target) is not None for target in targets):
            return "a file of the new name is there already"
        self.files = trial
        return None


def plan_fixes(findings: Iterable[Finding], read: Callable[[str], bytes | None], *, unsafe: bool = False) -> FixPlan:
    """Choose the fixes to make: those that are safe (with `unsafe` all) and agree with the earlier ones.

    `read` gives the content of a shown path, None where there is no file to change. Findings that are inherited are
    passed over: their cause is another image's. A fix that several findings propose is made once.
    """
    draft = _Draft(read)
    outcomes: dict[Fix, str | None] = {}
    fixed: list[Finding] = []
    waiting: list[Waiting] = []
    for finding in findings:
        fix = finding.fix
        if fix is None or finding.inherited_from is not None or (fix.applicability != "safe" and not unsafe):
            continue
        if fix not in outcomes:
            outcomes[fix] = draft.add(fix)
        reason = outcomes[fix]
        if reason is None:
            fixed.append(finding)
        else:
            waiting.append(Waiting(finding, reason))
    files = tuple(plan for _, plan in sorted(draft.files.items()) if _does_something(plan))
    return FixPlan(files, tuple(fixed), tuple(waiting))


def apply_plan(plan: FixPlan, disk: Disk) -> tuple[Failed, ...]:
    """Make the changes on disk, a file at a time, each whole or not at all. Returns what could not be done.

    A file that changed since the plan was made is left alone. Where git tracks a file, its mode is changed in the
    index too, as that is what a commit and `ctlint` go by. No file is overwritten by a rename.
    """
    failed: list[Failed] = []
    for file in plan.files:
        try:
            reason = _apply(file, disk)
        except OSError as error:
            reason = error.strerror or str(error)
        if reason:
            failed.append(Failed(file.path, reason))
    return tuple(failed)


def _extended(plan: FilePlan, edits: Sequence[Edit]) -> FilePlan | str:
    text = [edit for edit in edits if edit.kind == "text"]
    mode, rename_to = plan.mode, plan.rename_to
    for edit in edits:
        if edit.kind == "chmod":
            if mode not in (None, edit.mode):
                return "another fix gives the file another mode"
            mode = edit.mode
        if edit.kind == "rename":
            if rename_to not in (None, edit.to):
                return "another fix gives the file another name"
            rename_to = edit.to
    wanted = changes(decoded(plan.before), text) if text else ()
    if isinstance(wanted, str):
        return wanted
    merged = list(plan.changes)
    for number, change in enumerate(wanted):
        if change in plan.changes and change.end > change.start:
            continue
        if any(change.touches(other) for other in (*plan.changes, *wanted[:number])):
            return "it touches what another fix changes"
        merged.append(change)
    return FilePlan(plan.path, plan.before, tuple(sorted(merged)), mode, rename_to)


def _does_something(plan: FilePlan) -> bool:
    return plan.mode is not None or plan.rename_to is not None or plan.after != plan.before


def _apply(file: FilePlan, disk: Disk) -> str | None:
    target = disk.file(file.path)
    if target is None or read_plain(target, LARGEST_LIST) != file.before:
        return "the file has changed in the meantime"
    if file.after != file.before:
        replace_file(target, file.after)
    if file.mode is not None:
        os.chmod(target, int(file.mode, 8))
        if set_index_mode(target, executable=bool(int(file.mode, 8) & 0o100)):
            disk.indexed.add(target)
    if file.rename_to is None:
        return None
    new = disk.place(file.rename_to)
    if os.path.lexists(new):
        return f"{file.rename_to} is there already"
    new.parent.mkdir(parents=True, exist_ok=True)
    os.rename(target, new)
    return None
