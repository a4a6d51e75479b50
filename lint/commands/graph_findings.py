"""The findings of the nodes of a graph."""

from collections.abc import Mapping

from ...lineage.graph.annotations import Counts, Listed, Marks
from ...lineage.late.dataclasses import replace
from ...lineage.workspace.deployments import asked_for
from ...lineage.workspace.workspace import Workspace
from ...rules.base import Finding, Severity
from ...rules.discover import all_rules
from ..judging.judged import judged
from ..judging.run import ENGINE_RULES, Run
from ..opening.open import Opening


def marked(opening: Opening, drift: Mapping[str, tuple[str, ...]]) -> Marks:
    """Every image linted as `ctlint lint` does it: its own findings, and those that ancestors own and it still has; and every
    file that runs images, with what is found of them as it runs them.

    What comments, configuration or a baseline hide does not count, in the ancestor nor in what is built on it.
    """
    config, workspace = opening.config, opening.workspace
    known = [*all_rules(), *ENGINE_RULES]
    rules = tuple(rule for rule in config.selected(known).rules if rule not in ENGINE_RULES)
    severities = config.severities(known)
    together = Run(rules, workspace, True, severities)
    found: dict[str, tuple[Finding, ...]] = {}
    for source in workspace.images:
        if source.readable:
            alone = Run(rules, workspace, True, severities)
            alone.image(source)
            found[source.id] = alone.findings()
            together.found |= {_key(one): one for one in found[source.id] if one.inherited_from is None}
    for deployment in asked_for(workspace):
        alone = Run(rules, workspace, True, severities)
        alone.deployment(deployment)
        path = deployment.consumer.place.path
        found[path] = (*found.get(path, ()), *(one for one in alone.findings() if _key(one) not in together.found))
        together.found |= {_key(one): one for one in found[path]}
    _move_to_consumers(workspace, found)
    shown = {_key(one) for one in judged(together, opening, config, ignored_comments=False).findings}
    own: dict[str, Counts] = {}
    listed: dict[str, tuple[Listed, ...]] = {}
    inherited: dict[str, Counts] = {}
    for image, findings in found.items():
        mine = [one for one in findings if one.inherited_from is None and _key(one) in shown]
        own[image], listed[image] = _counts(mine), tuple(map(_listed, mine))
        inherited[image] = _counts([one for one in findings if one.inherited_from is not None and _key(one) in shown])
    return Marks(own, inherited, drift, linted=True, listed=listed)


def _move_to_consumers(workspace: Workspace, found: dict[str, tuple[Finding, ...]]) -> None:
    """What is told, at an image, of another repository's file that runs images is that file's: `found` has it so then."""
    homes = {one.consumer.place.path: one.snapshot for one in asked_for(workspace)}
    for source in workspace.images:
        findings = found.get(source.id, ())
        moved = [one for one in findings if homes.get(one.place.path, source.snapshot) is not source.snapshot]
        if not moved:
            continue
        found[source.id] = tuple(
            one for one in findings if homes.get(one.place.path, source.snapshot) is source.snapshot
        )
        for one in moved:
            there = found.get(one.place.path, ())
            if _key(one) not in map(_key, there):
                found[one.place.path] = (*there, replace(one, inherited_from=None))


def _listed(one: Finding) -> Listed:
    return Listed(one.rule, one.name, one.severity.label, one.message, one.help, one.place)


def _key(finding: Finding) -> tuple[object, ...]:
    return finding.rule, finding.place, finding.message


def _counts(findings: list[Finding]) -> Counts:
    return Counts(
        *(sum(f.severity is kind for f in findings) for kind in (Severity.ERROR, Severity.WARNING, Severity.INFO))
    )
