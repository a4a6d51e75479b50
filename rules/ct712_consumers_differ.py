"""One consumer of an image runs it otherwise than all others do.

## What it does
Compares the consumers of one image that a repository at hand makes, of one tag and kind: where at least two others agree on the
user, on a read-only root, on `privileged` or on an init of the engine, and this one says otherwise. What is only shown in
documents, or meant to be gone soon, is left alone.

## Why it matters at run time
What works in one place fails in the other, or is less guarded there: files that two deployments share get two owners.

## When to ignore it
When the difference is meant.

## References
- The Twelve-Factor App, "Dev/prod parity"
"""

from collections.abc import Callable, Iterator

from ..lineage.consumers.model import Consumer, ConsumerSetting
from ..lineage.late.dataclasses import dataclass
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from ..lineage.workspace.deployments import Deployment, DeploymentGroup
from .base import Message, Related, Severity

SEVERITY = Severity.INFO

_SHOWN = ("documentation", "devcontainer", "docker run", "Helm values")


@dataclass(frozen=True, slots=True)
class _Subject:
    """A setting that consumers may differ in. `default` is what holds where nothing is said."""

    name: str
    of: Callable[[Consumer], ConsumerSetting[str] | ConsumerSetting[bool] | None]
    default: str | bool


_SUBJECTS = (
    _Subject("user", lambda consumer: consumer.user, ""),
    _Subject("read-only root", lambda consumer: consumer.read_only, False),
    _Subject("privileged", lambda consumer: consumer.privileged, False),
    _Subject("init of the engine", lambda consumer: consumer.init, False),
)


def check(deployment: Deployment) -> Iterator[Message]:
    consumer = deployment.consumer
    if not deployment.made_here or not _counts(consumer):
        return
    counted = deployment.group.once(_by_kind).get((consumer.kind, consumer.tag), {})
    for subject in _SUBJECTS:
        said = counted.get(subject.name, {})
        mine = _value(subject, consumer)
        others = [value for value in said if value != mine]
        if mine is None or len(others) != 1 or len(said.get(mine, ())) > 1 or len(said[others[0]]) < 2:
            continue
        theirs = said[others[0]]
        yield Message(
            _place(subject, consumer),
            f"The {subject.name} of {deployment.image_name} is {_shown(mine)} here, and {_shown(others[0])} in "
            f"{len(theirs)} other places.",
            "Say the same everywhere, or say why not.",
            (Related(theirs[0], f"{_shown(others[0])} here"),),
            subject=subject.name,
        )


_Places = dict[str | bool, list[Place]]


def _by_kind(group: DeploymentGroup) -> dict[tuple[str, str | None], dict[str, _Places]]:
    """By kind and tag of the consumers, by subject, by value: where it is said, each place of a consumer once."""
    found: dict[tuple[str, str | None], dict[str, _Places]] = {}
    seen: set[Place] = set()
    for member in group.members:
        consumer = member.consumer
        if not _counts(consumer) or consumer.place in seen:
            continue
        seen.add(consumer.place)
        subjects = found.setdefault((consumer.kind, consumer.tag), {})
        for subject in _SUBJECTS:
            value = _value(subject, consumer)
            if value is not None:
                subjects.setdefault(subject.name, {}).setdefault(value, []).append(_place(subject, consumer))
    return found


def _counts(consumer: Consumer) -> bool:
    return not consumer.passing and consumer.kind not in _SHOWN and consumer.open is None and consumer.base is None


def _value(subject: _Subject, consumer: Consumer) -> str | bool | None:
    setting = subject.of(consumer)
    if setting is None:
        return subject.default
    return None if isinstance(setting.value, Unknown) else setting.value


def _place(subject: _Subject, consumer: Consumer) -> Place:
    setting = subject.of(consumer)
    return setting.place if setting is not None else consumer.place


def _shown(value: str | bool) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"`{value}`" if value else "the image's own"
