"""From what the rules found to a report: less what comments, per-file ignores and the baseline hide."""

from collections.abc import Iterable
from pathlib import Path

from ...lineage.builds.named_dockerfiles import all_dockerfiles
from ...lineage.workspace.deployments import asked_for
from ...rules.base import Finding, Message, Rule
from ...rules.discover import all_rules
from ...rules.renamed import word_about
from ..config.effective import Config
from ..config.files import shown
from ..opening.open import Opening
from ..output.report import Report
from .fingerprint import number_repeats
from .run import CRASH, ENGINE_RULES, IGNORED, READ_ERROR, Run
from .units import units_of


def judged(
    run: Run, opening: Opening, config: Config, *, ignored_comments: bool = True, comments: bool = True
) -> Report:
    """The report of a run, less what comments (if `comments` says so), per-file ignores and the baseline hide."""
    known: list[Rule] = [*all_rules(), *run.foreign, READ_ERROR, CRASH, *ENGINE_RULES]
    names = {rule.code: rule.name for rule in known}
    decided = {rule.code for rule in run.rules} - {skipped.rule for skipped in run.skipped}
    kept: list[Finding] = []
    suppressed = 0
    by_path: dict[str, list[Finding]] = {}
    for finding in run.findings():
        by_path.setdefault(finding.place.path, []).append(finding)
    for path in sorted({*by_path, *_commented(opening, run)}):
        findings = by_path.get(path, [])
        text = opening.workspace.text_of(path)
        if comments and text is not None and "ctlint" in text:
            from .ignores import apply_ignores, foreign_codes

            result = apply_ignores(
                text,
                path,
                findings,
                names,
                decided=decided | (foreign_codes(text, config.layers) if path in run.foreign_paths else set()),
                require_reason=config.require_reason,
                unit=units_of(opening.workspace, path),
            )
            suppressed += len(result.suppressed)
            for word in result.renamed:
                run.notes.setdefault(word, f"{path}: {word_about(word)}")
            findings = list(result.kept)
            if ignored_comments:
                findings += [_of_comment(message, run) for message in result.messages]
        ignored = config.ignored_in(path, known)
        suppressed += sum(1 for finding in findings if finding.rule in ignored)
        kept += [finding for finding in findings if finding.rule not in ignored]
    ordered = number_repeats(sorted(kept, key=lambda finding: finding.sort_key))
    if config.baseline is not None:
        from .baseline import apply_baseline, read_baseline

        baseline = read_baseline(config.baseline)
        if count := len(baseline.stale(ordered, decided)) if _covers(opening, config.baseline, config) else 0:
            is_stale = "1 entry stands" if count == 1 else f"{count} entries stand"
            word = (
                f"{shown(config.baseline)}: {is_stale} for nothing that is found any more; --write-baseline renews it."
            )
            run.notes.setdefault("stale", word)
        ordered, hidden = apply_baseline(ordered, baseline)
        for word in baseline.renamed:
            run.notes.setdefault(word, f"{shown(config.baseline)}: {word_about(word)}")
        suppressed += hidden
    return run.report(ordered, suppressed)


def _covers(opening: Opening, baseline: Path, config: Config) -> bool:
    """Whether all images of the repository that a baseline lies in are judged: what is not found then is not there."""
    workspace = opening.workspace
    for snapshot in workspace.snapshots:
        if snapshot.root is not None and baseline.absolute().is_relative_to(snapshot.root.absolute()):
            judged = {source.path for source in workspace.selected if source.snapshot is snapshot}
            return judged == set(all_dockerfiles(snapshot, config.excluded_in(snapshot.root)))
    return False


def _commented(opening: Opening, run: Run) -> Iterable[str]:
    """The files that images take in and that speak of ctlint: their comments may be unused."""
    shown = {source.shown for source in opening.workspace.selected} | run.commented
    if any(rule.code.startswith("CT7") for rule in run.rules):
        shown.update(deployment.consumer.place.path for deployment in asked_for(opening.workspace))
    return shown


def _of_comment(message: Message, run: Run) -> Finding:
    return run.stamped(IGNORED, message, "", None)
