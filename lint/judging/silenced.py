"""What a change silences: findings that the configuration, baseline and comments of REV would have reported.

Whoever may write a repository may switch rules off in it: by configuration (select, ignore, severity, fail-on, exclude,
per-file-ignores, extend, names, contexts, parents, or by deleting it), by the baseline, by comments, by a lock whose facts
are other ones. That is their right, and is said.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from ...lineage.builds.named_dockerfiles import all_dockerfiles
from ...lineage.late.dataclasses import dataclass, replace
from ...lineage.oci.address import FACTS, LOCK
from ...lineage.workspace.workspace import Workspace
from ...rules.base import Finding, Severity
from ...rules.discover import all_rules
from ..config.effective import Config, Overrides
from ..config.files import NAMES
from ..opening.open import Opening, earlier_parents
from ..opening.settings import settings_of
from ..output.report import Report
from .baseline import Baseline, apply_baseline, parse_baseline, read_baseline
from .engine import run_rules
from .judged import judged
from .run import CRASH, ENGINE_RULES, IGNORED, READ_ERROR, Run
from .since import Comparison

_COMMENTS = (b"ctlint:", b"shellcheck")
"""What comments speak of that silence: those for ctlint, and those for ShellCheck."""
_SETTINGS = (".shellcheckrc", "shellcheckrc")


@dataclass(frozen=True, slots=True)
class Silence:
    """The findings of today's files that REV's silences do not hide and today's do. `severe` is how many of these would
    fail a run by REV's `fail-on`."""

    findings: tuple[Finding, ...] = ()
    severe: int = 0
    fail_on: Severity | None = None
    """REV's lowest severity that fails a run, where anything may be silenced."""


def silenced(
    comparison: Comparison,
    report: Report,
    overrides: Overrides,
    config: Config,
    *,
    preview: bool,
    shellcheck: bool = False,
) -> Silence:
    """What a change silences. `report` is the whole report of now, before it is narrowed; `config` that of now.

    With `shellcheck`, what its own comments and .shellcheckrc silence is among it.
    """
    if not _may_silence(comparison, config):
        return Silence()
    opening, earlier = comparison.opening, comparison.before
    without: Overrides = {**overrides, "baseline": None}
    was = earlier.config.with_options(**without)
    snapshots = [
        (snapshot, all_dockerfiles(snapshot, was.excluded_in(snapshot.root)))
        for snapshot in opening.workspace.snapshots
    ]
    louder = Workspace(snapshots, settings_of(was, opening.request))
    earlier_parents(louder, opening.request, was, comparison.changes.before)
    loud = _run(louder, was, preview)
    before = _run(earlier.workspace, was, preview)
    quieter = before
    if shellcheck:
        from .shellcheck import add_shellcheck

        quieter = _run(earlier.workspace, was, preview)
        add_shellcheck(quieter, earlier.workspace, was)
        add_shellcheck(before, earlier.workspace, was, comments=False)
        add_shellcheck(loud, loud.workspace, was, comments=False, settings=comparison.changes.before)
    plain = replace(was, baseline=None)
    heard = judged(loud, _with(opening, loud.workspace), plain, ignored_comments=False, comments=False)
    said = judged(before, earlier, plain, ignored_comments=False, comments=False)
    quiet = judged(quieter, earlier, plain, ignored_comments=False)
    hidden = {finding.fingerprint for finding in said.findings} - {finding.fingerprint for finding in quiet.findings}
    told = heard.findings
    baseline = _earlier_baseline(comparison, config, was)
    if baseline is not None:
        told, _ = apply_baseline(told, baseline)
    now: Mapping[str, Finding] = {finding.fingerprint: finding for finding in report.findings}
    never = (READ_ERROR.code, CRASH.code, IGNORED.code)
    found = tuple(
        finding
        for finding in told
        if finding.rule not in never and finding.fingerprint not in hidden and _is_quieter(finding, now, was, config)
    )
    return Silence(found, sum(finding.severity >= was.fail_on for finding in found), was.fail_on)


def loudened(report: Report, silence: Silence) -> Report:
    """The report with what was silenced, as REV's configuration judges it."""
    louder = {finding.fingerprint: finding for finding in silence.findings}
    kept = [finding for finding in report.findings if finding.fingerprint not in louder]
    return replace(report, findings=tuple(sorted([*kept, *louder.values()], key=lambda finding: finding.sort_key)))


def _is_quieter(finding: Finding, now: Mapping[str, Finding], was: Config, config: Config) -> bool:
    """Whether a finding is gone, or no longer fails a run."""
    today = now.get(finding.fingerprint)
    if today is None:
        return True
    return finding.severity >= was.fail_on and today.severity < config.fail_on


def _may_silence(comparison: Comparison, config: Config) -> bool:
    """Whether the change touches anything that can silence: configuration, baseline, lock, a comment."""
    now, before = comparison.opening.config, comparison.before.config
    if now.files != before.files:
        return True
    baselines = {os.path.realpath(path) for path in (config.baseline, before.baseline) if path is not None}
    for change in comparison.changes.changes:
        for path in change.paths:
            if os.path.realpath(Path(change.now.root or "", path)) in baselines:
                return True
            if path == LOCK or path in NAMES or path.startswith(f"{FACTS}/") or path.rpartition("/")[2] in _SETTINGS:
                return True
            content = change.now.content(path)
            if isinstance(content, bytes) and any(word in content for word in _COMMENTS):
                return True
    return False


def _earlier_baseline(comparison: Comparison, config: Config, was: Config) -> Baseline | None:
    """The baseline as it was at REV; None where there was none."""
    path = comparison.before.config.baseline if was.baseline is None else was.baseline
    if config.origin("baseline").kind == "command line":
        path = config.baseline
    if path is None:
        return None
    for change in comparison.changes.changes:
        for changed in change.paths:
            if os.path.realpath(Path(change.now.root or "", changed)) == os.path.realpath(path):
                content = change.before.content(changed)
                return parse_baseline(path, content) if isinstance(content, bytes) else None
    return read_baseline(path)


def _run(workspace: Workspace, config: Config, preview: bool) -> Run:
    known = [*all_rules(), *ENGINE_RULES]
    rules = [rule for rule in config.selected(known, preview=preview).rules if rule not in ENGINE_RULES]
    return run_rules(workspace, rules, severities=config.severities(known))


def _with(opening: Opening, workspace: Workspace) -> Opening:
    return replace(opening, workspace=workspace)
