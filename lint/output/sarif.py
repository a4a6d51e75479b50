"""SARIF 2.1.0 (OASIS), as GitHub code scanning and editors read it."""

from collections.abc import Iterable, Sequence
from typing import Any

from ...lineage.text.places import Place, Span
from ...rules.base import Edit, Finding, Fix, Rule, Severity
from ..config.selection import is_shellcheck
from ..installed_from import home, page_of
from ..version import VERSION
from .report import Report
from .undecided import notes

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_ROOT = "%SRCROOT%"


def sarif(report: Report, rules: Sequence[Rule]) -> dict[str, Any]:
    """The report as one SARIF run. All `rules` are described, and any other that a finding names.

    A fix is given where it consists of text edits alone, as SARIF knows no change of mode or name; the help says it
    otherwise. Rules that could not be decided are notifications of the invocation.
    """
    version = VERSION
    described = {rule.code: _rule(rule.code, rule.name, rule.severity, rule.manual) for rule in rules}
    for finding in report.findings:
        manual = f"ShellCheck's {finding.rule}" if is_shellcheck(finding.rule) else finding.name
        described.setdefault(finding.rule, _rule(finding.rule, finding.name, finding.severity, manual))
    codes = sorted(described)
    index = {code: position for position, code in enumerate(codes)}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "ctlint",
                "version": version,
                "semanticVersion": version,
                **_given("informationUri", home()),
                "rules": [described[code] for code in codes],
            }
        },
        "invocations": [
            {
                "executionSuccessful": report.failed == 0,
                "toolExecutionNotifications": [
                    {
                        "level": "note",
                        "message": {"text": _sentence(f"{each.rule} was skipped for {each.image}: {each.reason}")},
                        "associatedRule": {
                            "id": each.rule,
                            **({"index": index[each.rule]} if each.rule in index else {}),
                        },
                    }
                    for each in report.skipped
                ]
                + [
                    {
                        "level": "warning",
                        "message": {"text": _sentence(note.text)},
                        "locations": [{"physicalLocation": _location(note.place)}],
                    }
                    for note in notes(report)
                ],
            }
        ],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The working directory of the run."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index[finding.rule]) for finding in report.findings],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str, name: str, severity: Severity, manual: str) -> dict[str, Any]:
    text = manual.strip()
    summary = _sentence(text.splitlines()[0])
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in name.split("-")),
        "shortDescription": {"text": summary},
        "fullDescription": {"text": summary},
        "help": {"text": text, "markdown": text},
        **_given("helpUri", _manual_of(code, name)),
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {"precision": "very-high", "tags": ["correctness"], "problem.severity": _problem(severity)},
    }


def _manual_of(code: str, name: str) -> str | None:
    """The page about a rule: for ShellCheck's, that of its wiki."""
    return f"https://www.shellcheck.net/wiki/{code}" if is_shellcheck(code) else page_of(code, name)


def _given(key: str, value: str | None) -> dict[str, str]:
    """The property, where there is a value for it."""
    return {} if value is None else {key: value}


def _problem(severity: Severity) -> str:
    return "recommendation" if severity is Severity.INFO else severity.label


def _result(finding: Finding, index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": _sentence(finding.message) + " " + _sentence(finding.help)},
        "locations": [{"physicalLocation": _location(finding.place)}],
        "partialFingerprints": {"ctlint/v1": finding.fingerprint},
        "properties": {"image": finding.image, "inheritedFrom": finding.inherited_from},
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _location(each.place), "message": {"text": _sentence(each.message)}}
            for number, each in enumerate(finding.related, 1)
        ]
    if finding.fix and all(edit.kind == "text" for edit in finding.fix.edits):
        result["fixes"] = [_fix(finding.fix)]
    return result


def _location(place: Place) -> dict[str, Any]:
    return {"artifactLocation": _artifact(place.path), "region": _region(place.span)}


def _artifact(path: str) -> dict[str, Any]:
    from urllib.parse import quote

    bytewise = "".join(c if c < "\ud800" or "\udc80" <= c <= "\udcff" or c > "\udfff" else "\ufffd" for c in path)
    name = bytewise.encode("utf-8", "surrogateescape")
    if path.startswith("/"):
        return {"uri": "file://" + quote(name)}
    return {"uri": quote(name), "uriBaseId": _ROOT}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        changes.setdefault(edit.place.path, []).append(edit)
    return {
        "description": {"text": _sentence(fix.title)},
        "artifactChanges": [
            {"artifactLocation": _artifact(path), "replacements": list(_replacements(edits))}
            for path, edits in sorted(changes.items())
        ],
    }


def _replacements(edits: Iterable[Edit]) -> Iterable[dict[str, Any]]:
    for edit in sorted(edits, key=lambda each: each.place):
        yield {"deletedRegion": _region(edit.place.span), "insertedContent": {"text": edit.text}}


def _sentence(text: str) -> str:
    """The text with a full stop at its end, as SARIF's authors ask for."""
    text = text.strip()
    return text if text.endswith((".", "!", "?")) or not text else f"{text}."
