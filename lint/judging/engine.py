"""Rules × images → report: the families of images are judged, and what that brought is put together in order."""

import gc
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from ...lineage.builds.named_dockerfiles import inline_dockerfiles
from ...lineage.consumers.files import too_large
from ...lineage.repository.asked import take_in
from ...lineage.repository.dockerfiles import passed_over
from ...lineage.text.errors import InputError
from ...lineage.workspace.workspace import ImageSource, Workspace
from ...rules.base import Rule, Severity
from ..output.report import Skipped
from .families import Family, Judging, Part, Verdict, families_of
from .run import READ_ERROR, Run

Judge = Callable[[Judging, Run, Sequence[Family]], Iterable[Verdict]]
"""What gets the verdicts of the families of a run that has just begun, in any order."""


def run_rules(
    workspace: Workspace,
    rules: Iterable[Rule],
    *,
    errors: Iterable[InputError] = (),
    inherited: bool = False,
    severities: Mapping[str, Severity] | None = None,
    progress: Callable[[ImageSource], None] = lambda source: None,
    judge: Judge | None = None,
    keep: bool = True,
) -> Run:
    """Check every image of `workspace` with every rule. Never raises for what one image or rule does.

    `judge` has the families judged elsewhere. The run is the same, whoever judges them and in whatever order.
    """
    run = Run(tuple(rules), workspace, inherited, severities or {})
    judging = Judging(workspace, run.begun, keep)
    for error in errors:
        run.unreadable(error)
    for snapshot in workspace.snapshots:
        for path, reason in (*passed_over(snapshot), *inline_dockerfiles(snapshot), *too_large(snapshot)):
            run.skipped.add(Skipped(READ_ERROR.code, snapshot.show(path), reason))
    for source in workspace.selected:
        problem = source.problem
        if problem is not None:
            run.unreadable(problem)
    families = families_of(workspace, of_deployments=bool(run.of_deployments))
    if not gc.isenabled():
        gc.freeze()  # what is known of all images stays: nobody need look through it for garbage
    here = map(partial(judging.verdict, progress=progress), families)
    _gather(run, judge(judging, run, families) if judge is not None else here)
    return run


def _gather(run: Run, verdicts: Iterable[Verdict]) -> None:
    """Put together what judging the families brought, in the order of the images and deployments."""
    workspace = run.workspace
    images: dict[int, Part] = {}
    deployments: dict[int, Part] = {}
    crashes: dict[str, Part] = {}
    for verdict in verdicts:
        take_in(verdict.told)
        images.update(verdict.images)
        deployments.update(verdict.deployments)
        crashes.update(verdict.crashes)
        for place, path, reason, line in verdict.troubles:
            workspace.snapshots[place].trouble(path, reason, line)
    for place in range(len(workspace.selected)):
        if place in images:
            run.take(images.pop(place))
    for snapshot in workspace.snapshots:
        for _, trouble in snapshot.troubles:
            run.unreadable(trouble)
    for source in workspace.images if crashes else ():
        crashed = crashes.pop(source.id, None)
        if crashed is not None:
            run.take(crashed)
    for place in sorted(deployments):
        run.take(deployments[place])
