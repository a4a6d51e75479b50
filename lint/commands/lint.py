"""`ctlint lint`: findings."""

import os
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ...lineage.late.dataclasses import dataclass, replace
from ...lineage.text.errors import UsageError
from ...lineage.workspace.deployments import asked_for
from ...rules.base import Finding, Severity
from ...rules.discover import all_rules
from ..config.effective import Config, Overrides
from ..fixing.files import Disk, replace_file
from ..judging.beside import clones_beside
from ..judging.engine import run_rules
from ..judging.families import Family, Judging, Verdict, collecting_rarely, processes_for
from ..judging.judged import judged
from ..judging.run import ENGINE_RULES, IGNORED, LOST, Run
from ..judging.units import units_of
from ..opening.open import Opening, open_workspace
from ..opening.request import Request
from ..output.console import Color, Console, Meter, finding_lines, plural, report_lines
from ..output.report import Report
from ..output.terminal import write_document, write_patch

if TYPE_CHECKING:
    from ..judging.since import Comparison, Since


@dataclass(frozen=True, slots=True)
class LintOptions:
    """The arguments of `ctlint lint`."""

    request: Request
    format: str = "text"
    output: Path | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] | None = None
    fail_on: Severity | None = None
    preview: bool = False
    inherited: bool = False
    statistics: bool = False
    quiet: bool = False
    verbose: bool = False
    color: Color = "auto"
    fix: bool = False
    fix_only: bool = False
    """Whether --fix is silent about what is left, and does not fail for it."""
    unsafe_fixes: bool = False
    diff: bool = False
    exit_non_zero_on_fix: bool = False
    """Whether --fix fails where it changed something, so that a commit stops for it."""
    baseline: Path | None = None
    write_baseline: Path | None = None
    add_ignores: str | None = None
    shellcheck: bool = False
    no_local_silence: bool = False
    """With --since: silences that REV does not have do not count."""
    require_known: Literal["known", "proved"] | None = None
    """What a parent has to be at least, so that the run does not fail."""
    compare: bool = False
    """Whether to report only what --with-parent changes."""
    since: "Since | None" = None
    passes: int = 10
    """How often --fix may begin anew: a fix that does not cure its finding must not go on for ever."""
    fixed: int = 0
    """How many findings earlier passes of --fix cured."""
    mended: frozenset[str] = frozenset()
    """The files that earlier passes of --fix changed."""
    indexed: frozenset[Path] = frozenset()
    """The files whose mode earlier passes of --fix changed in git's index."""
    unchanged: frozenset[str] = frozenset()
    """The files that earlier passes of --fix could not change: they are not tried again."""


def lint(options: LintOptions) -> int:
    """Check, report, and return the exit code. Raises UsageError for wrong arguments or configuration."""
    with collecting_rarely():
        opening = open_workspace(options.request)
    overrides: Overrides = {
        "select": options.select,
        "ignore": options.ignore,
        "extend_select": options.extend_select,
        "fail_on": options.fail_on,
        "baseline": options.baseline,
    }
    config = opening.config.with_options(**overrides)
    selection = config.selected([*all_rules(), *ENGINE_RULES], preview=options.preview)
    errors = Console(sys.stderr, options.color)
    for note in selection.notes if not options.mended else ():
        errors.tell(f"ctlint: {note}")
    comparison = _compared(options, opening, errors)
    if comparison is not None and _looks_nowhere(comparison, opening, options):
        errors.tell(
            "ctlint: --downstream: no image here is built on what changed, and no other repository was looked at. Name the "
            "folders of those that are built on it, or the folder that holds them all (`ctlint lint .. …`)."
        )
    rules = tuple(rule for rule in selection.rules if rule not in ENGINE_RULES)
    meter = Meter(sys.stderr, len(opening.workspace.selected), options.request.progress and not options.quiet)
    asks_later = options.shellcheck or comparison is not None or options.compare
    with collecting_rarely():
        run = run_rules(
            opening.workspace,
            rules,
            errors=opening.errors,
            inherited=options.inherited or (options.since is not None and options.since.downstream),
            severities=config.severities([*all_rules(), *ENGINE_RULES]),
            progress=meter.step,
            judge=None if asks_later else partial(_judged_elsewhere, options.request, meter),
            keep=asks_later,
        )
    meter.end()
    if options.shellcheck:
        from ..judging.shellcheck import add_shellcheck

        add_shellcheck(run, opening.workspace, config)
    before = open_workspace(replace(options.request, with_parent=())) if options.compare else None
    if LOST in selection.rules:
        _add_losses(run, comparison, before, options)
    report = judged(run, opening, config, ignored_comments=IGNORED in selection.rules)
    if not options.mended:
        for note in (*opening.notes, *run.notes.values(), *clones_beside(report, opening.workspace)):
            errors.tell(f"ctlint: {note}")
    report = replace(report, link=partial(_link, opening))
    if comparison is not None and options.since is not None:
        from ..judging.since import Narrowed

        narrowed = Narrowed(comparison, options.since, run, overrides, options.preview, options.inherited)
        whole, report = report, narrowed.report(report)
        if not options.mended:
            report, config = _with_silences(whole, report, comparison, overrides, config, options, errors)
        options = replace(options, since=replace(options.since, paths=narrowed.paths))
    if before is not None:
        report = _bumped(report, opening, before, config, options)
    if options.write_baseline is not None:
        from ..judging.baseline import write_baseline

        write_baseline(options.write_baseline, report.findings)
        errors.tell(f"Wrote {plural(len(report.findings), 'finding')} to {options.write_baseline}.")
        if config.baseline is None and options.baseline is None:
            text = f"What is in it is hidden by `--baseline {options.write_baseline}`, or by `baseline` in ctlint.toml."
            errors.tell(text)
        return 3 if report.failed else 0
    if options.add_ignores is not None:
        return _add_ignores(report, opening, options.add_ignores, errors)
    if options.fix or options.diff:
        return _fix(report, opening, config, options, errors)
    with collecting_rarely():
        _write(report, config, options)
    _tell_unmet(report, options, errors)
    return report.exit_code(config.fail_on, options.require_known)


def _tell_unmet(report: Report, options: LintOptions, errors: Console) -> None:
    """Say for what a run fails that asks for parents to be known: no finding tells it."""
    unmet = report.unmet(options.require_known)
    if unmet:
        names = ", ".join(unmet[:5]) + (f" and {len(unmet) - 5} more" if len(unmet) > 5 else "")
        what = "known" if options.require_known == "known" else "proved"
        be = "is" if len(unmet) == 1 else "are"
        errors.tell(f"ctlint: this fails by --require-known: {names} {be} not {what}.")


def _judged_elsewhere(
    request: Request, meter: Meter, judging: Judging, run: Run, families: Sequence[Family]
) -> Iterable[Verdict]:
    """The verdicts of the families, of several processes where that pays."""
    jobs = processes_for(request.jobs, len(judging.workspace.selected))
    here = any(snapshot.root is None for snapshot in judging.workspace.snapshots) or "-" in request.targets
    if jobs == 1 or not families or here:
        return (judging.verdict(family, meter.step) for family in families)
    from ..judging.processes import Order, in_processes

    codes = tuple(rule.code for rule in run.rules)
    order = Order(os.getcwd(), request, codes, run.inherited, tuple(run.severities.items()))
    return in_processes(judging, order, jobs, meter.step)(families)


def _with_silences(
    whole: Report,
    report: Report,
    comparison: "Comparison",
    overrides: Overrides,
    config: Config,
    options: LintOptions,
    errors: Console,
) -> tuple[Report, Config]:
    """The report, after what the change silences was said; with --no-local-silence it is in the report, and what fails
    a run is what failed one at REV."""
    from ..judging.silenced import loudened, silenced

    silence = silenced(comparison, whole, overrides, config, preview=options.preview, shellcheck=options.shellcheck)
    if silence.findings:
        text = f"ctlint: this change silences {plural(len(silence.findings), 'finding')}"
        failing = f", {silence.severe} of which would fail" if silence.severe else ""
        errors.tell(f"{text}{failing}:")
        for finding in silence.findings:
            errors.tell(f"  {finding.place}: {finding.severity.label}: {finding.rule} {finding.message}")
    report = replace(report, silenced=silence.findings)
    if not options.no_local_silence:
        return report, config
    lowest = min(config.fail_on, silence.fail_on or config.fail_on)
    return loudened(report, silence), replace(config, fail_on=lowest)


def _looks_nowhere(comparison: "Comparison", opening: Opening, options: LintOptions) -> bool:
    """Whether --downstream is asked for where there is nothing below the images that changed."""
    asked = options.since is not None and options.since.downstream
    alone = len(opening.workspace.asked) == 1 and not comparison.affected - comparison.touched
    return asked and alone and bool(comparison.touched)


def _add_losses(run: Run, comparison: "Comparison | None", before: Opening | None, options: LintOptions) -> None:
    """Add what images lose by the change since REV, or by the parent that moves from what `before` has of it."""
    from ..judging.lost import add_losses

    if comparison is not None and options.since is not None:
        ids = comparison.affected if options.since.downstream else comparison.touched
        add_losses(run, comparison.before.workspace, ids, comparison.touched)
    if before is not None:
        add_losses(run, before.workspace, [source.id for source in run.workspace.selected], ())


def _bumped(report: Report, opening: Opening, before: Opening, config: Config, options: LintOptions) -> Report:
    """The report of what a moved parent changes: new findings, those that are gone, and how the parents differ."""
    from ...lineage.workspace.bump import parent_bump
    from ..output.report import Bump

    selection = config.selected([*all_rules(), *ENGINE_RULES], preview=options.preview)
    run = run_rules(
        before.workspace,
        tuple(rule for rule in selection.rules if rule not in ENGINE_RULES),
        errors=before.errors,
        inherited=options.inherited,
        severities=config.severities([*all_rules(), *ENGINE_RULES]),
    )
    was = judged(run, before, config, ignored_comments=IGNORED in selection.rules)
    old, new = ({finding.fingerprint for finding in one.findings} for one in (was, report))
    names = [name for name, _ in options.request.with_parent]
    unrun = {finding.place.path for finding in report.findings if finding.rule == LOST.code}
    return replace(
        report,
        findings=tuple(finding for finding in report.findings if finding.fingerprint not in old),
        bump=Bump(
            tuple(parent_bump(before.workspace, opening.workspace, name) for name in names),
            tuple(one for one in was.findings if one.fingerprint not in new and one.place.path not in unrun),
        ),
    )


def _compared(options: LintOptions, opening: Opening, errors: Console) -> "Comparison | None":
    """What --since compares with; None without it. Raises UsageError."""
    since = options.since
    if since is None:
        return None
    if options.write_baseline is not None:
        raise UsageError("--write-baseline lists all findings, so it cannot go with --since.")
    from ..judging.since import compare

    comparison = compare(opening, since.revision)
    for note in comparison.changes.notes:
        errors.tell(f"ctlint: {note}")
    touched, images = len(comparison.touched), opening.workspace.images
    if options.verbose or (not touched and not options.quiet):
        what = f"touches {touched} of {plural(len(images), 'image')}" if touched else "touches no image"
        changed = comparison.changes.shown()
        runs = any(one.consumer.place.path in changed for one in asked_for(opening.workspace))
        also = f", {'and' if touched else 'but'} files that run some" if runs else ""
        errors.tell(f"ctlint: the change since {since.revision} {what}{also}.")
    return comparison


def _link(opening: Opening, path: str, line: int) -> str | None:
    """The web address of a line of a repository that was fetched."""
    found = opening.workspace.locate(path)
    if found is None or found[0].root is not None or found[0].commit is None:
        return None
    from ...lineage.remote.github import link

    return link(*found, line)


def _write(report: Report, config: Config, options: LintOptions) -> None:
    if options.format == "text":
        held = StringIO() if options.output is not None else None
        console = Console(held, "never" if held is not None and options.color == "auto" else options.color)
        if report.bump is not None:
            from ..output.bump import bump_lines

            console.write(bump_lines(report.bump, verbose=options.verbose))
        if options.statistics:
            console.write(_statistics(report))
        elif options.quiet:
            console.write(
                line for finding in report.findings for line in (*finding_lines(finding, report, console.width), ())
            )
        else:
            console.write(report_lines(report, console.width, verbose=options.verbose))
        if held is not None and options.output is not None:
            replace_file(options.output, held.getvalue().encode("utf-8", "replace"))
        return
    from ..output.report_formats import render

    text = render(report, options.format, fail_on=config.fail_on, verbose=options.verbose)
    if options.output is not None:
        replace_file(options.output, text.encode("utf-8"))
    else:
        write_document(text)


def _statistics(report: Report) -> list[Sequence[tuple[str, str]]]:
    counts: dict[tuple[str, str], int] = {}
    for finding in report.findings:
        key = (finding.rule, finding.name)
        counts[key] = counts.get(key, 0) + 1
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [((f"{count:5}  {code} {name}", ""),) for (code, name), count in rows]


def _fix(report: Report, opening: Opening, config: Config, options: LintOptions, errors: Console) -> int:
    """Apply (or, with --diff, show) the fixes, again until none is left or a pass changes nothing; then report."""
    from ..fixing.diff import render_diff
    from ..fixing.fixes import apply_plan, plan_fixes

    disk = Disk(Path.cwd())
    local = [finding for finding in report.findings if _is_local(opening, finding.place.path)]
    plan = plan_fixes(
        local, lambda path: None if path in options.unchanged else disk.read(path), unsafe=options.unsafe_fixes
    )
    if options.diff:
        runs = frozenset(file.path for file in plan.files if (at := disk.file(file.path)) and os.access(at, os.X_OK))
        text = render_diff(plan, executable=runs)
        write_patch(text)
        return report.exit_code(config.fail_on, options.require_known)
    failed = apply_plan(plan, disk)
    for failure in failed:
        errors.tell(f"{failure.path} was not changed: {failure.reason}")
    unchanged = options.unchanged | {failure.path for failure in failed}
    changed = {file.label for file in plan.files if file.path not in unchanged}
    cured = [finding for finding in plan.fixed if not any(path in unchanged for path in _edited(finding))]
    fixed, mended = options.fixed + len(cured), options.mended | changed
    if plan.files and options.passes > 1:
        passes = options.passes - 1
        indexed = options.indexed | disk.indexed
        return lint(replace(options, passes=passes, fixed=fixed, mended=mended, unchanged=unchanged, indexed=indexed))
    if mended:
        errors.tell(f"Fixed {plural(fixed, 'finding')} in {plural(len(mended), 'file')}.")
        errors.write([((f"  {path}", ""),) for path in sorted(mended)])
    if count := len(options.indexed | disk.indexed):
        whose = "The x bit of 1 file is changed" if count == 1 else f"The x bits of {count} files are changed"
        errors.tell(f"{whose} in git's index, too: the next commit takes {'it' if count == 1 else 'them'} along.")
    told = options.exit_non_zero_on_fix and bool(mended)
    if options.fix_only:
        return max(3 if unchanged or report.failed else 0, 1 if told else 0)
    _write(report, config, options)
    _tell_unmet(report, options, errors)
    return max(report.exit_code(config.fail_on, options.require_known), 3 if unchanged else 0, 1 if told else 0)


def _edited(finding: Finding) -> Iterable[str]:
    return [edit.place.path for edit in finding.fix.edits] if finding.fix is not None else []


def _is_local(opening: Opening, path: str) -> bool:
    """Whether a shown path is a file of a repository on this machine, not of one that was fetched."""
    found = opening.workspace.locate(path)
    return found is not None and found[0].root is not None


def _add_ignores(report: Report, opening: Opening, reason: str, errors: Console) -> int:
    from ..judging.add_ignores import add_ignores

    if not reason.strip():
        raise UsageError("--add-ignores needs a reason, for instance --add-ignores 'before the move to s6-overlay 3'.")
    disk = Disk(Path.cwd())
    by_path: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_path.setdefault(finding.place.path, []).append(finding)
    done = left = 0
    for path, findings in sorted(by_path.items()):
        file = disk.file(path)
        data = disk.read(path)
        if file is None or data is None:
            continue
        text = data.decode("utf-8", "surrogateescape")
        added = add_ignores(text, path, findings, reason, unit=units_of(opening.workspace, path))
        left += len(added.left)
        if added.text != text:
            replace_file(file, added.text.encode("utf-8", "surrogateescape"))
            done += 1
    errors.tell(f"Added ignore comments to {plural(done, 'file')}.")
    if left:
        stand = "stands" if left == 1 else "stand"
        errors.tell(f"{plural(left, 'finding')} {stand} where no comment can be; use per-file-ignores for them.")
    return 3 if report.failed else 0
