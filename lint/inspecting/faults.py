"""What fails in the start of an image under one consumer: what the rules of deployments say of the two, step by step."""

from collections.abc import Iterator, Sequence

from ...lineage.boot.plan import BootPlan
from ...lineage.boot.steps import StartStep
from ...lineage.late.dataclasses import dataclass
from ...lineage.text.errors import Unknown
from ...lineage.workspace.deployments import Deployment
from ...rules.base import Message, Severity
from ...rules.discover import all_rules
from ...rules.shared.hidden_paths import hides, hiding
from ...rules.shared.users.root_needs import is_root, root_needs

_OF_START = ("CT701", "CT702", "CT703", "CT704", "CT705", "CT709")
"""Rules that say what the runner does to the start."""
_END_INIT = {"CT702": ("pid 1",), "CT703": ("/run", "noexec")}
"""Subjects of those findings with which `/init` itself ends, so that nothing is started."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule says of the start under the consumer."""

    rule: str
    severity: Severity
    message: Message

    @property
    def ends_init(self) -> bool:
        """Whether `/init` ends with it, before any step."""
        return self.severity is Severity.ERROR and self.message.subject in _END_INIT.get(self.rule, ())


@dataclass(frozen=True, slots=True)
class Faults:
    """All that fails, and what could not be decided: (rule, reason)."""

    found: tuple[Fault, ...]
    open: tuple[tuple[str, str], ...]


def faults_of(deployment: Deployment) -> Faults:
    """Ask the rules that judge how a consumer changes the start; findings at info are habits, and left out."""
    found: list[Fault] = []
    doubts: list[tuple[str, str]] = []
    for rule in all_rules():
        if rule.code not in _OF_START or len(rule.needs) != 1:
            continue
        try:
            for said in rule.check(deployment):
                if not isinstance(said, Message):
                    doubts.append((rule.code, said.unknown.reason))
                elif (severity := said.severity or rule.severity) is not Severity.INFO:
                    found.append(Fault(rule.code, severity, said))
        except Unknown as unknown:
            doubts.append((rule.code, unknown.reason))
    return Faults(tuple(found), tuple(doubts))


def marks(deployment: Deployment, plan: BootPlan, faults: Sequence[Fault]) -> dict[int, str]:
    """What is to be said at each step (by its `id()`) that does not do its work under the consumer: its first reason."""
    found: dict[int, str] = {}
    for step in plan.steps:
        said = next(_of_step(deployment, step, faults), None)
        if said is not None:
            found[id(step)] = said
    user = deployment.consumer.user
    if user is not None and user.known is not None and not is_root(user.known):
        for need in root_needs(plan):
            found.setdefault(id(need.step), f"needs root: {need.what}")
    return found


def _of_step(deployment: Deployment, step: StartStep, faults: Sequence[Fault]) -> Iterator[str]:
    for fault in faults:
        if fault.ends_init and step.kind != "entrypoint":
            yield f"is not reached: /init ends first ({fault.rule})"
    for mount, target in hiding(deployment):
        there = step.kind != "session" and deployment.image.tree.find(step.path) is not None
        if there and hides(deployment, mount, target, step.path):
            yield f"does not run: the mount at {target} hides it (CT705)"
    for fault in faults:
        said = {related.place: related.message for related in fault.message.related}
        at = next((effect.place for effect in step.effects if effect.place in said), None)
        if at is not None:
            yield f"fails ({fault.rule}): {said[at]}, {at}"
