"""A report in the formats that other programs read. Every renderer is pure: the same report gives the same text."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...lineage.text.errors import UsageError
from ...lineage.text.sent import masked
from ...rules.base import Edit, Finding, Fix, Rule, Severity
from ..version import VERSION
from .format_text import one_line, valid
from .json_text import as_it_is
from .report import Bump, DoubtfulRun, ImageSummary, Report
from .report_format_names import FORMATS
from .terminal import harmless_json, is_command, row
from .undecided import Note, notes, reason_notes

_GITLAB_SEVERITY = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}
_GITHUB_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(
    report: Report,
    format: str,
    *,
    rules: Sequence[Rule] | None = None,
    fail_on: Severity = Severity.WARNING,
    verbose: bool = False,
) -> str:
    """The report as `format`, complete and valid whatever the report holds; empty or ending in a newline.

    `rules` are described in SARIF (None: all there are). `fail_on` is the lowest severity that counts as a failed test
    in JUnit. `verbose` has the concise form say why something was not decided; others that can say it always do.
    Raises UsageError for an unknown format.
    """
    return masked(_rendered(report, format, rules, fail_on, verbose))


def _rendered(report: Report, format: str, rules: Sequence[Rule] | None, fail_on: Severity, verbose: bool) -> str:
    if format == "sarif":
        from ...rules.discover import all_rules
        from .sarif import sarif

        return _dumped(sarif(report, all_rules() if rules is None else rules))
    if format == "junit":
        from .junit import junit

        return junit(report, fail_on)
    renderers: dict[str, Callable[[Report], str]] = {
        "json": lambda report: _dumped(as_json(report)),
        "concise": lambda report: concise(report, verbose=verbose),
        "github": github,
        "gitlab": gitlab,
    }
    if format not in renderers:
        raise UsageError(f"`{format}` is no output format; known are text, {', '.join(FORMATS)}.")
    return renderers[format](report)


def as_json(report: Report) -> dict[str, Any]:
    """The report as lint/output/schemas/lint.json describes it."""
    return {
        "schema": 1,
        "tool": {"name": "ctlint", "version": VERSION},
        "images": [_image(image) for image in report.images],
        "findings": [_finding(finding) for finding in report.findings],
        "skipped": [{"rule": each.rule, "image": each.image, "reason": each.reason} for each in report.skipped],
        "summary": {
            **{severity.label: report.count(severity) for severity in sorted(Severity, reverse=True)},
            "images": len(report.images),
            "files": report.files,
            "suppressed": report.suppressed,
            "skipped": len(report.skipped),
            "failed": report.failed,
        },
        **({"doubtful_runs": [_run(run) for run in report.runs]} if report.runs else {}),
        **({"silenced": [_finding(finding) for finding in report.silenced]} if report.silenced else {}),
        **({"bump": _bump(report.bump)} if report.bump is not None else {}),
    }


def _bump(bump: Bump) -> dict[str, Any]:
    return {
        "parents": [
            {
                "name": parent.name,
                "before": parent.before,
                "after": parent.after,
                "children": list(parent.children),
                "differences": [
                    {"kind": one.kind, "name": one.name, "before": one.before, "after": one.after}
                    for one in parent.differences
                ],
            }
            for parent in bump.parents
        ],
        "gone": [_finding(finding) for finding in bump.gone],
    }


def concise(report: Report, *, verbose: bool = False) -> str:
    """A line a finding, as compilers print them: `path:line:column: severity: CTnnn message`.

    `[*]` marks what --fix cures. Lines of the severity `note` say what was not decided, and if `verbose` why.
    """
    told = [f"{_located(finding)}{_on_assumption(finding)}" for finding in report.findings]
    told += [
        row(f"{_shown_path(note.place.path)}:{note.place.line}:1: note: {one_line(note.text)}")
        for note in (*notes(report), *(reason_notes(report) if verbose else ()))
    ]
    return "".join(f"{line}\n" for line in told)


def github(report: Report) -> str:
    """Workflow commands that GitHub turns into annotations.

    Escapes as `@actions/core` does (packages/core/src/command.ts). Columns are given only for a span on one line, which
    is all that GitHub shows.
    """
    told = [_annotation(finding) for finding in report.findings] + [_undecided(note) for note in notes(report)]
    return "".join(f"{line}\n" for line in told)


def gitlab(report: Report) -> str:
    """A GitLab Code Quality report (a subset of the Code Climate format), fingerprints unique within it."""
    seen: dict[str, int] = {}
    return _dumped([*(_issue(finding, seen) for finding in report.findings), *map(_undecided_issue, notes(report))])


def _dumped(document: Any) -> str:
    return harmless_json(valid(as_it_is(document))) + "\n"


def _image(image: ImageSummary) -> dict[str, Any]:
    return {
        "id": image.id,
        "image": image.image,
        "dockerfile": image.dockerfile,
        "target": image.target,
        "chain": list(image.chain),
        "s6": image.s6,
        "known": image.known,
        "doubtful_parents": [
            {
                "reference": parent.reference,
                "grade": parent.grade,
                "path": parent.place.path if parent.place is not None else None,
                "line": parent.place.line if parent.place is not None else None,
                "reason": parent.reason,
            }
            for parent in image.doubtful
        ],
    }


def _run(run: DoubtfulRun) -> dict[str, Any]:
    return {
        "reference": run.reference,
        "grade": run.grade,
        "path": run.place.path,
        "line": run.place.line,
        "reason": run.reason,
        "undecided": run.undecided,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    span = finding.place.span
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity.label,
        "message": finding.message,
        "help": finding.help,
        "path": finding.place.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "image": finding.image,
        "inherited_from": finding.inherited_from,
        "related": [
            {"path": each.place.path, "line": each.place.line, "message": each.message} for each in finding.related
        ],
        "fix": _fix(finding.fix) if finding.fix else None,
        "fingerprint": finding.fingerprint,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {"applicability": fix.applicability, "title": fix.title, "edits": [_edit(edit) for edit in fix.edits]}


def _edit(edit: Edit) -> dict[str, Any]:
    start: dict[str, Any] = {"kind": edit.kind, "path": edit.place.path}
    if edit.kind == "chmod":
        return {**start, "mode": edit.mode}
    if edit.kind == "rename":
        return {**start, "to": edit.to}
    span = edit.place.span
    return {
        **start,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "text": edit.text,
    }


def _located(finding: Finding) -> str:
    span = finding.place.span
    mark = "[*] " if finding.fix and finding.fix.applicability == "safe" else ""
    place = f"{_shown_path(finding.place.path)}:{span.line}:{span.column}"
    return row(f"{place}: {finding.severity.label}: {finding.rule} {mark}{one_line(finding.message)}")


def _on_assumption(finding: Finding) -> str:
    if finding.rests_on is None:
        return ""
    who = "the image" if finding.rests_on == finding.image else "its parent"
    return f" ({one_line(f'{who} {finding.rests_on} is only assumed')})"


def _shown_path(path: str) -> str:
    """A path at the beginning of a line, where it is never taken for a command of the log that it is printed to."""
    shown = one_line(path)
    return f"./{shown}" if is_command(shown) else shown


def _annotation(finding: Finding) -> str:
    span = finding.place.span
    properties: dict[str, str | int] = {
        "title": f"{finding.rule} {finding.name}",
        "file": finding.place.path,
        "line": span.line,
        "endLine": span.end_line,
    }
    if span.line == span.end_line:
        properties.update(col=span.column, endColumn=span.end_column)
    listed = ",".join(f"{key}={_escaped_property(str(value))}" for key, value in properties.items())
    paragraphs = [f"{_located(finding)}", finding.help, *_related_lines(finding)]
    text = _escaped("\n".join(paragraph for paragraph in paragraphs if paragraph))
    return f"::{_GITHUB_LEVEL[finding.severity]} {listed}::{text}"


def _undecided(note: Note) -> str:
    where = f"file={_escaped_property(note.place.path)},line={note.place.line}"
    return f"::notice title=ctlint: not decided,{where}::{_escaped(note.text)}".replace(
        "title=ctlint: ", "title=ctlint%3A "
    )


def _undecided_issue(note: Note) -> dict[str, Any]:
    said = f"not decided\0{note.place.path}\0{note.text.partition('.')[0]}"
    own = hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()
    return {
        "type": "issue",
        "check_name": "not-decided",
        "description": one_line(note.text),
        "categories": ["Clarity"],
        "severity": "info",
        "fingerprint": own,
        "location": {"path": note.place.path, "lines": {"begin": note.place.line, "end": note.place.line}},
    }


def _related_lines(finding: Finding) -> Iterable[str]:
    return (f"{each.place}: {each.message}" for each in finding.related)


def _escaped(text: str) -> str:
    quiet = "".join(c if c.isprintable() or c in "\t\r\n" else "\ufffd" for c in valid(text))
    return quiet.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _issue(finding: Finding, seen: dict[str, int]) -> dict[str, Any]:
    span = finding.place.span
    count = seen[finding.fingerprint] = seen.get(finding.fingerprint, -1) + 1
    own = finding.fingerprint if not count else hashlib.sha256(f"{finding.fingerprint}\0{count}".encode()).hexdigest()
    return {
        "type": "issue",
        "check_name": f"{finding.rule} {finding.name}",
        "description": f"{finding.rule} {one_line(finding.message)}",
        "content": {"body": "\n\n".join([finding.help, *_related_lines(finding)])},
        "categories": ["Bug Risk"],
        "severity": _GITLAB_SEVERITY[finding.severity],
        "fingerprint": own,
        "location": {"path": finding.place.path, "lines": {"begin": span.line, "end": span.end_line}},
    }
