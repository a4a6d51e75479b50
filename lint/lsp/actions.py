"""Code actions: the fix of a finding, and the comment that ignores it (LSP 3.17, "Code Action Request")."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from lsprotocol import types

from ...lineage.late.dataclasses import dataclass
from ...rules.base import Finding
from ..config.selection import NEVER_IGNORED
from ..fixing.edits import TextChange, decoded
from ..fixing.files import Disk, set_index_mode
from ..fixing.fixes import FilePlan, plan_fixes
from ..judging.add_ignores import add_ignores
from ..judging.units import units_of
from .diagnostics import Editor, Locator, diagnostic
from .positions import Positions
from .room import Result

FIX = "ctlint.fix"
"""The command that sets file modes, which no edit of the protocol can: arguments are a URI and octal digits."""
FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.ctlint"
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Offer:
    """What is asked for: a range of a file, and the kinds that the client wants (None: any)."""

    file: Path
    range: types.Range
    kinds: Sequence[str] | None = None

    def wants(self, kind: str) -> bool:
        return self.kinds is None or any(kind == each or kind.startswith(f"{each}.") for each in self.kinds)


def code_actions(result: Result, editor: Editor, offer: Offer) -> list[types.CodeAction]:
    """The actions for the findings that a range touches, and the one that makes all safe fixes of the file."""
    found: list[types.CodeAction] = []
    located = Locator(result, editor)
    quick = offer.wants(types.CodeActionKind.QuickFix.value)
    for finding in result.findings_in(offer.file) if quick else ():
        shown = diagnostic(finding, located)
        if _touch(shown.range, offer.range):
            found += _of_finding(finding, shown, result, editor)
    if offer.wants(FIX_ALL):
        found += _fix_all(result, editor, offer.file)
    return found


def _of_finding(
    finding: Finding, shown: types.Diagnostic, result: Result, editor: Editor
) -> Iterable[types.CodeAction]:
    fix = finding.fix
    plan = plan_fixes([finding], _ActionReader(result, editor), unsafe=True)
    if fix is not None and plan.files:
        edit, command = _workspace_edit(plan.files, result, editor), _command(plan.files, result, editor)
        if edit is not None and (command is None or len(command) == 1):
            unsafe = "" if fix.applicability == "safe" else " (needs a look)"
            yield types.CodeAction(
                title=f"{finding.rule}: {fix.title}{unsafe}",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[shown],
                is_preferred=fix.applicability == "safe",
                edit=edit if edit.changes or edit.document_changes else None,
                command=command[0] if command else None,
            )
    ignoring = _ignoring(finding, result, editor)
    if ignoring is not None:
        yield types.CodeAction(
            title=f"Ignore {finding.rule} here",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[shown],
            is_preferred=False,
            edit=ignoring,
        )


def _ignoring(finding: Finding, result: Result, editor: Editor) -> types.WorkspaceEdit | None:
    """The edit that ignores a finding; None where no comment can stand."""
    shown = finding.place.path
    file, text = result.file(shown), result.text_of(shown)
    if file is None or text is None or finding.rule in NEVER_IGNORED:
        return None
    document = editor.documents.get(file)
    text = document.text if document is not None else text
    added = add_ignores(text, shown, [finding], "", unit=units_of(result.workspace, shown))
    if added.left or added.text == text:
        return None
    return _edit_of({file: [_difference(text, added.text)]}, [], editor, {file: Positions(text, editor.encoding)})


def _fix_all(result: Result, editor: Editor, file: Path) -> Iterable[types.CodeAction]:
    """All safe fixes of a file that are edits of its text alone."""
    findings = [
        finding
        for finding in result.findings_in(file)
        if finding.fix is not None
        and all(edit.kind == "text" and edit.place.path == finding.place.path for edit in finding.fix.edits)
    ]
    plan = plan_fixes(findings, _ActionReader(result, editor))
    edit = _workspace_edit(plan.files, result, editor) if plan.files else None
    if edit is not None:
        kind = types.CodeActionKind.SourceFixAll
        yield types.CodeAction(title="Make all safe fixes of ctlint", kind=f"{kind.value}.ctlint", edit=edit)


@dataclass(frozen=True, slots=True)
class _ActionReader:
    """Contents of files as the editor and the disk have them, for planning."""

    result: Result
    editor: Editor

    def __call__(self, shown: str) -> bytes | None:
        file = self.result.file(shown)
        if file is None:
            return None
        found = self.result.workspace.locate(shown)
        if found is not None:
            content = found[0].content(found[1])
            return content if isinstance(content, bytes) else None
        return Disk(self.result.root).read(shown)


def _workspace_edit(plans: Iterable[FilePlan], result: Result, editor: Editor) -> types.WorkspaceEdit | None:
    """The text edits and renames of a plan; None where the client cannot make them."""
    edits: dict[Path, list[TextChange]] = {}
    measures: dict[Path, Positions] = {}
    renames: list[types.RenameFile] = []
    for plan in plans:
        file = result.file(plan.path)
        if file is None:
            return None
        text = decoded(plan.before)
        changes = list(plan.changes)
        document = editor.documents.get(file)
        if document is not None and text.startswith(_BOM) and not document.text.startswith(_BOM):
            changes = [TextChange(max(c.start - 1, 0), max(c.end - 1, 0), c.text) for c in changes]
            changes = [change for change in changes if change.end > change.start or change.text]
            if not changes and plan.changes:
                return None
            text = text.removeprefix(_BOM)
        if changes:
            edits[file], measures[file] = changes, Positions(text, editor.encoding)
        if plan.rename_to is not None:
            target = Path(os.path.normpath(result.root / plan.rename_to))
            options = types.RenameFileOptions(overwrite=False)
            renames.append(types.RenameFile(editor.uri(file), editor.uri(target), options=options))
    return _edit_of(edits, renames, editor, measures)


def _edit_of(
    edits: dict[Path, list[TextChange]],
    renames: Sequence[types.RenameFile],
    editor: Editor,
    measures: dict[Path, Positions],
) -> types.WorkspaceEdit | None:
    found = {
        file: [types.TextEdit(measures[file].range_between(each.start, each.end), each.text) for each in changes]
        for file, changes in edits.items()
    }
    if not editor.edits_documents:
        if renames:
            return None
        return types.WorkspaceEdit(changes={editor.uri(file): text_edits for file, text_edits in found.items()})
    if renames and not editor.renames:
        return None
    documents: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile] = []
    for file, text_edits in found.items():
        document = editor.documents.get(file)
        identifier = types.OptionalVersionedTextDocumentIdentifier(
            editor.uri(file), document.version if document is not None else None
        )
        documents.append(types.TextDocumentEdit(identifier, list(text_edits)))
    return types.WorkspaceEdit(document_changes=[*documents, *renames])


def _command(plans: Iterable[FilePlan], result: Result, editor: Editor) -> list[types.Command] | None:
    """The commands that set modes, None where no file's mode changes."""
    found: list[types.Command] = []
    for plan in plans:
        file = result.file(plan.path)
        if plan.mode is not None and file is not None:
            file = file if plan.rename_to is None else Path(os.path.normpath(result.root / plan.rename_to))
            found.append(
                types.Command(title="Set the file's mode", command=FIX, arguments=[editor.uri(file), plan.mode])
            )
    return found or None


def set_mode(file: Path, mode: str, root: Path) -> str | None:
    """Set the mode of a file below `root`, on disk and, where git tracks it, in the index. The reason why not, if so."""
    target = Disk(root).file(os.path.relpath(file, root))
    if target is None or mode not in ("755", "644"):
        return f"{file.name} is no file of a repository that is open here"
    try:
        os.chmod(target, int(mode, 8))
        set_index_mode(target, executable=mode == "755")
    except OSError as error:
        return f"the mode of {file.name} could not be changed: {error.strerror or error}"
    return None


def _difference(before: str, after: str) -> TextChange:
    """The one change that makes `after` of `before`, beginning with a line."""
    start = before.rfind("\n", 0, _common(before, after)) + 1
    tail = _common(before[start:][::-1], after[start:][::-1])
    return TextChange(start, len(before) - tail, after[start : len(after) - tail])


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def _touch(one: types.Range, other: types.Range) -> bool:
    def key(position: types.Position) -> tuple[int, int]:
        return position.line, position.character

    return key(one.start) <= key(other.end) and key(other.start) <= key(one.end)
