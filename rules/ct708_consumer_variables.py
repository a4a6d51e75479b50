"""A variable that a consumer gives is one slip from one that the image reads, or one that its start insists on is missing.

## What it does
Reports an environment variable of a consumer that no start script, setting or account of the image reads, though one that is read
differs from it in a single letter or underscore (`USERNAME` for `USER_NAME`) and is not given; the same of what the start of a
family's images reads (`PUIDD` for `PUID`; `UID` and `GID`, where both are given and neither `PUID` nor `PGID` is). And a
variable without which a start script surely ends, or from which the account's name is made, that neither the image nor the
consumer gives.

## Why it matters at run time
What was meant is not set: the default is used without a word, or the account is not made and the desktop does not come up.

## When to ignore it
When a program that ctlint cannot read uses the variable, or the missing one comes from where the container is started.

## References
- Compose specification, "environment"; useradd(8)
"""

from collections.abc import Iterator, Mapping

from ..lineage.boot.plan import BootPlan
from ..lineage.consumers.model import Consumer
from ..lineage.families.read import StartVariables, families
from ..lineage.late.patterns import pattern
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from ..lineage.text.reference import identity_of_name
from ..lineage.text.spelling import is_slip, is_sure_slip
from ..lineage.workspace.deployments import Deployment
from .base import Message, Related, Severity, Undecided
from .shared.questions import account_names
from .shared.scripts.required_values import fails_without, may_be_set_by_name

SEVERITY = Severity.WARNING

_SHORTEST = 4
_FOR_BUILDING = pattern(r"(?<![a-z])build(?![a-z])")
_OF_ENGINE = frozenset(("PATH", "HOME", "HOSTNAME", "TERM", "USER", "PWD", "LANG", "SHELL", "LC_ALL", "TZ"))


def check(deployment: Deployment) -> Iterator[Message | Undecided]:
    consumer = deployment.consumer
    if consumer.environment and deployment.known:
        yield from _slips(deployment)
    yield from _slips_of_family(deployment)
    if not consumer.passing and consumer.kind != "devcontainer" and deployment.known:
        yield from _missing(deployment)


def _slips(deployment: Deployment) -> Iterator[Message | Undecided]:
    read = dict(_read(deployment))
    consumer = deployment.consumer
    given = consumer.environment
    for name, setting in given.items():
        if name in read or name in _OF_ENGINE or len(name) < _SHORTEST:
            continue
        meant = next((other for other in sorted(read) if other not in given and _near(name, other)), None)
        if meant is None:
            continue
        if consumer.environment_open is not None:
            yield Undecided(consumer.environment_open)
            continue
        yield Message(
            setting.place,
            f"Nothing of {deployment.image_name} that is known reads `{name}`; it reads `{meant}`, which is not given.",
            f"Did you mean `{meant}`?",
            (Related(read[meant], f"`{meant}` is read here"),),
            subject=name,
        )


def _slips_of_family(deployment: Deployment) -> Iterator[Message | Undecided]:
    """Slips of what a whole family's start reads: its names are few and documented, so shorter ones are told, and the image
    itself need not be known."""
    consumer = deployment.consumer
    given = consumer.environment
    read = {name for name, _ in _read(deployment)} if deployment.known else set[str]()
    for variables in families().start_variables:
        if not any(variables.is_of(name) for name in _names_of(deployment)):
            continue
        others = _other_names(variables, given)
        for name, setting in given.items():
            meant = next((one for one in variables.names if is_sure_slip(name, one, _SHORTEST)), others.get(name))
            if meant is None or meant in given or name in variables.names or name in read or meant in read:
                continue
            if consumer.environment_open is not None:
                yield Undecided(consumer.environment_open)
                continue
            yield Message(
                setting.place,
                f"The start of {deployment.image_name} reads `{meant}` ({variables.page}), which is not given:"
                f" `{name}` is nearly it.",
                f"Did you mean `{meant}`?",
                subject=name,
            )


def _other_names(variables: StartVariables, given: Mapping[str, object]) -> Mapping[str, str]:
    """What is meant by names that are others' for the family's, where all of those are given and none of the family's."""
    names = {theirs: ours for ours, theirs in variables.taken_for.items()}
    return names if given.keys() >= names.keys() and given.keys().isdisjoint(variables.taken_for) else {}


def _names_of(deployment: Deployment) -> Iterator[str]:
    """What the image and all that it is built on are called, without tags."""
    own = identity_of_name(deployment.consumer.name or deployment.consumer.written)
    chain = deployment.image.chain if deployment.known else ()
    yield from (name for name in (own, *(identity_of_name(link.name) for link in chain)) if name is not None)


def _near(name: str, other: str) -> bool:
    if other in _OF_ENGINE or len(other) < _SHORTEST:
        return False
    return name.replace("_", "").replace("-", "").upper() == other.replace("_", "").upper() or is_slip(name, other)


def _read(deployment: Deployment) -> Iterator[tuple[str, Place]]:
    """The variables that the image is known to read or to set a default for, each with a place."""
    boot = deployment.boot
    for name, sourced in deployment.image.env.items():
        yield name, sourced.place
    for account in boot.accounts:
        for name in account_names(account):
            yield name, account.effect.place
    for step in boot.steps:
        script = step.script
        if script is not None and script.reading is not None:
            for mention in script.reading.mentions:
                yield mention.name, mention.place


def _missing(deployment: Deployment) -> Iterator[Message]:
    consumer = deployment.consumer
    if consumer.platform_user is not None:
        return  # the platform gives what it knows to be needed
    if _is_for_building(consumer):
        raise Unknown(f"{consumer.place.path} may be there to build images, and not to run them")
    boot = deployment.boot
    told: set[str] = set()
    for name, what, place in _insisted(boot):
        if name in told or name in _OF_ENGINE - {"USER"}:
            continue
        told.add(name)
        value = deployment.variable(name)
        if isinstance(value, Unknown):
            if name not in consumer.environment:
                raise value
            continue
        if value:
            continue
        slip = any(_near(given, name) for given in consumer.environment)
        if slip:
            continue  # told as a slip
        yield Message(
            consumer.place,
            f"`{name}` is not given, and {deployment.image_name} has no default for it: {what}.",
            f"Set `{name}` in the container's environment.",
            (Related(place, f"`{name}` is needed here"),),
            severity=Severity.ERROR,
            subject=name,
        )


def _is_for_building(consumer: Consumer) -> bool:
    """Whether a service says nothing but how its image is built, in a compose file that is called for that."""
    settings = (consumer.environment, consumer.mounts, consumer.ports, consumer.command, consumer.entrypoint)
    name = consumer.place.path.rpartition("/")[2]
    return consumer.built is not None and not any(settings) and _FOR_BUILDING.search(name) is not None


def _insisted(boot: BootPlan) -> Iterator[tuple[str, str, Place]]:
    """(variable, what happens without it, place) of what the start insists on."""
    for account in boot.accounts:
        for name in account.name.variables:
            if not any(getattr(piece, "default", None) for piece in account.name.pieces):
                yield name, "the account is not made", account.effect.place
    for step in boot.steps:
        script = step.script
        if script is None or script.reading is None or step.kind == "session":
            continue
        for mention in script.reading.mentions:
            insists = not mention.defaulted and fails_without(step, mention.name)
            if insists and not may_be_set_by_name(script.commands, mention.name):
                yield mention.name, f"{step.label} ends with an error", mention.place
