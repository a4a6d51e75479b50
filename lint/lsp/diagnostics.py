"""Findings as an editor shows them (LSP 3.17, "PublishDiagnostics Notification")."""

from collections.abc import Mapping
from pathlib import Path

from lsprotocol import types

from ...lineage.late.dataclasses import dataclass, field
from ...lineage.text.places import Place, Span
from ...rules.base import Finding, Severity
from ...rules.discover import all_rules
from ..config.check import fault_in
from ..config.selection import is_shellcheck
from ..installed_from import page_of
from ..judging.run import ENGINE_RULES
from ..judging.shellcheck import wiki
from .positions import Positions, uri_of
from .room import Result

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}


@dataclass(frozen=True, slots=True)
class Editor:
    """How the client counts and names: its encoding, the open documents (text, URI and version by file), its folders.

    `folders` are the workspace folders as the client writes them, by where they really are.
    """

    encoding: str = "utf-16"
    documents: Mapping[Path, "Document"] = field(default_factory=lambda: dict[Path, Document]())
    folders: Mapping[Path, Path] = field(default_factory=lambda: dict[Path, Path]())
    edits_documents: bool = False
    """It takes versioned edits (`workspaceEdit.documentChanges`)."""
    renames: bool = False
    """It can rename a file as part of an edit."""

    @property
    def texts(self) -> dict[Path, str]:
        return {file: document.text for file, document in self.documents.items()}

    def uri(self, file: Path) -> str:
        """The file's URI as the client knows it."""
        document = self.documents.get(file)
        if document is not None:
            return document.uri
        inside = [folder for folder in self.folders if file.is_relative_to(folder)]
        if not inside:
            return uri_of(file)
        folder = max(inside, key=lambda folder: len(folder.parts))
        return uri_of(self.folders[folder] / file.relative_to(folder))

    def positions(self, file: Path, text: str) -> Positions:
        """The positions in a file. What the editor shows of an open document counts, which has no byte-order mark."""
        document = self.documents.get(file)
        return Positions(document.text if document is not None else text, self.encoding)


@dataclass(frozen=True, slots=True)
class Document:
    """An open document as it stands in the editor."""

    uri: str
    version: int | None
    text: str = field(repr=False)


def diagnostics(result: Result, editor: Editor) -> dict[Path, list[types.Diagnostic]]:
    """All findings of a run, by file."""
    located = Locator(result, editor)
    found: dict[Path, list[types.Diagnostic]] = {}
    for finding in result.report.findings:
        file = result.file(finding.place.path)
        if file is not None and not file.is_dir():
            found.setdefault(file, []).append(diagnostic(finding, located))
    return found


def diagnostic(finding: Finding, located: "Locator") -> types.Diagnostic:
    """A finding: message and cure, rule as code, related places; what lies in no file at hand is told in the text."""
    text = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    related: list[types.DiagnosticRelatedInformation] = []
    for each in finding.related:
        location = located(each.place)
        if location is not None:
            related.append(types.DiagnosticRelatedInformation(location, each.message))
        else:
            text += f"\n{each.message}: {each.place}"
    location = located(finding.place)
    return types.Diagnostic(
        range=location.range if location else types.Range(types.Position(0, 0), types.Position(0, 0)),
        message=text,
        severity=_SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=_described(finding),
        source="ctlint",
        related_information=related or None,
        data={"fingerprint": finding.fingerprint},
    )


def _described(finding: Finding) -> types.CodeDescription | None:
    """Where the rule's page is, if it has an address."""
    page = wiki(finding.rule) if is_shellcheck(finding.rule) else page_of(finding.rule, finding.name)
    return types.CodeDescription(page) if page is not None else None


def of_configuration(file: Path, editor: Editor) -> list[types.Diagnostic]:
    """What is wrong with an open configuration file, at its line; the first fault alone, as it keeps the rest unread."""
    document = editor.documents[file]
    fault = fault_in(file, document.text, [*all_rules(), *ENGINE_RULES])
    if fault is None:
        return []
    positions = editor.positions(file, document.text)
    where = positions.range_of(Span(fault.line, fault.column))
    return [types.Diagnostic(where, fault.message, types.DiagnosticSeverity.Error, source="ctlint")]


class Locator:
    """From places to locations; each text is measured once."""

    def __init__(self, result: Result, editor: Editor) -> None:
        self._result = result
        self._editor = editor
        self._known: dict[str, tuple[str, Positions] | None] = {}

    def __call__(self, place: Place) -> types.Location | None:
        """The location of a place; None for one in no file at hand."""
        if place.path not in self._known:
            self._known[place.path] = self._measure(place.path)
        known = self._known[place.path]
        return types.Location(known[0], known[1].range_of(place.span)) if known is not None else None

    def _measure(self, shown: str) -> tuple[str, Positions] | None:
        file = self._result.file(shown)
        text = self._result.text_of(shown)
        if file is None or (text is None and not file.is_file()):
            return None
        return self._editor.uri(file), self._editor.positions(file, text or "")
