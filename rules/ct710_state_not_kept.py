"""What the image writes at start is kept by no volume here, though another consumer of the same image keeps it.

## What it does
Compares the consumers of one image: a folder that one of them mounts a lasting volume or folder at, that the image declares as
VOLUME or that its start scripts write below, and that this one mounts nothing at. Consumers that are meant to be gone soon or
for a test, those that start another program than the image's own, and temporary folders, are left alone; of an image that no
repository at hand makes, only services of one name in one project are compared.

## Why it matters at run time
What was written there is lost when the container is made anew, at each update.

## When to ignore it
When this one is meant to begin afresh each time.

## References
- Docker documentation, "Volumes"
"""

import posixpath
from collections.abc import Iterator, Mapping

from ..lineage.commands.model import Test
from ..lineage.consumers.model import Consumer, Mount
from ..lineage.effects.model import Copy, Effect, Link, MakeDirectory, Write
from ..lineage.late.patterns import pattern
from ..lineage.text.errors import Unknown
from ..lineage.text.paths import within
from ..lineage.text.places import Place
from ..lineage.text.symbolic import Var
from ..lineage.workspace.deployments import Deployment, DeploymentGroup
from .base import Message, Related, Severity

SEVERITY = Severity.INFO

_FLEETING = ("/tmp", "/run", "/var/run", "/dev", "/proc", "/sys", "/var/tmp", "/etc/localtime", "/etc/timezone")
_MADE_ANEW = ("cache", ".cache", "caches", "transcode", "transcodes", "transcoding", "temp", "tmp", "logs", "log")
"""Folders that by their name hold what can be made again, or is of no use later."""
_OF_TESTS = pattern(r"(?:^|/)(?:tests?|test[-_][^/]*|[^/]*[-_]tests?|e2e|fixtures)/|(?:^|[/._-])tests?[._-][^/]*$")
_IS_THERE = ("-e", "-f", "-r", "-s")
_SHOWN = ("documentation", "devcontainer", "Helm values", "kustomize")


def check(deployment: Deployment) -> Iterator[Message]:
    consumer = deployment.consumer
    if not deployment.known or len(deployment.group.members) < 2 or not _stays(consumer):
        return
    if _OF_TESTS.search(consumer.place.path):
        return  # what is run for a test is not meant to be kept
    ours = deployment.made_here  # who runs a public image elsewhere says nothing of what it is for here
    if consumer.open is not None or any(isinstance(mount.target, Unknown) for mount in consumer.mounts):
        return
    mine = [posixpath.normpath(mount.target) for mount in consumer.mounts if isinstance(mount.target, str)]
    everywhere = deployment.group.once(_kept)
    kept = everywhere.get((consumer.kubernetes, consumer.project), {})
    if ours:
        kept = {**everywhere.get((consumer.kubernetes, ""), {}), **kept}
    for target, where in _written(deployment, kept).items():
        other, mount = kept[target]
        if other is consumer or (not ours and other.title != consumer.title):
            continue  # of two services of one project that run a public image each may be there for something else
        if any(within(target, one) or within(one, target) for one in mine):
            continue
        if _moved(consumer, mine) or _runs_another(deployment):
            continue
        yield Message(
            consumer.place,
            f"{deployment.image_name} writes to {target}, and nothing is mounted there, though `{other.title}` keeps it: what is "
            "written is lost when the container is made anew.",
            f"Mount a volume at {target}.",
            (Related(mount.place, "it is kept here"), Related(where, "the image writes it")),
            subject=target,
        )


def _moved(consumer: Consumer, mine: list[str]) -> bool:
    """Whether a variable names a mounted place (`PGDATA: /pgdata`): the image may keep there what it has to keep."""
    given = (setting.known for setting in consumer.environment.values())
    return any(
        value.startswith("/") and within(posixpath.normpath(value), one) for value in given if value for one in mine
    )


def _runs_another(deployment: Deployment) -> bool:
    """Whether another program than the image's own is started, as far as is known: the client of a database keeps nothing."""
    entrypoint, command, own = deployment.consumer.entrypoint, deployment.consumer.command, deployment.image.cmd
    if entrypoint is not None:
        own = deployment.image.entrypoint
    said = entrypoint or command
    if said is None:
        return False
    words = said.known
    if not words or own is None:
        return words is None
    return not words[0].startswith("-") and posixpath.basename(words[0]) != posixpath.basename(own.value.argv[0])


def _kept(group: DeploymentGroup) -> dict[tuple[bool, str], dict[str, tuple[Consumer, Mount]]]:
    """Apart for Kubernetes and for others, for each project and for all ("") together: the places that a consumer of the group
    keeps, with the first that does."""
    found: dict[tuple[bool, str], dict[str, tuple[Consumer, Mount]]] = {}
    for member in group.members:
        consumer = member.consumer
        for mount in consumer.mounts if _stays(consumer) else ():
            target = _lasting(mount)
            if target is not None:
                for project in (consumer.project, ""):
                    found.setdefault((consumer.kubernetes, project), {}).setdefault(target, (consumer, mount))
    return found


def _stays(consumer: Consumer) -> bool:
    return not consumer.passing and consumer.kind not in _SHOWN


def _lasting(mount: Mount) -> str | None:
    if (
        mount.kind not in ("bind", "volume")
        or mount.read_only is not False
        or mount.single_file
        or not isinstance(mount.target, str)
    ):
        return None
    if "emptyDir" in mount.options:
        return None
    target = posixpath.normpath(mount.target)
    fleeting = any(within(target, place) for place in _FLEETING) or posixpath.basename(target) in _MADE_ANEW
    return None if fleeting or target == "/" else target


def _written(deployment: Deployment, kept: Mapping[str, object]) -> dict[str, Place]:
    """Those of the kept places that the image declares as VOLUME or writes below at start, each with where it does."""
    found: dict[str, Place] = {}
    for path, place in _writes(deployment):
        while path != "/":
            if path in kept:
                found.setdefault(path, place)
            path = posixpath.dirname(path)
    return found


def _writes(deployment: Deployment) -> Iterator[tuple[str, Place]]:
    for volume in deployment.image.volumes:
        yield f"/{posixpath.normpath(volume.value).strip('/')}", volume.place
    for step in deployment.boot.steps:
        for effect in step.effects:
            path = effect.target if isinstance(effect, Copy) else None
            if isinstance(effect, Write | MakeDirectory | Link):
                path = effect.path
            if path is None or path.literal is None or not path.literal.startswith("/"):
                continue
            if not _is_left_out(deployment, effect, path.literal):
                yield posixpath.normpath(path.literal).replace("//", "/"), effect.place


def _is_left_out(deployment: Deployment, effect: Effect, path: str) -> bool:
    """Whether it is done only where somebody has put a file into the very folder, or gives a variable that is not given here."""
    guards = effect.command.guards if effect.command is not None else ()
    return any(_needs_more(deployment, guard.holds, posixpath.dirname(path)) for guard in guards if guard.holds)


def _needs_more(deployment: Deployment, test: Test, folder: str) -> bool:
    if test.op in _IS_THERE and not test.negated:
        return any(operand.literal is not None and within(operand.literal, folder) for operand in test.operands)
    if test.op not in ("-n", "-z") or (test.op == "-z") is not test.negated:
        return False
    pieces = [piece for operand in test.operands for piece in operand.pieces]
    return all(
        isinstance(one, Var) and not one.default and not _is_given(deployment.variable(one.name)) for one in pieces
    )


def _is_given(value: str | Unknown | None) -> bool:
    return not isinstance(value, Unknown) and bool(value)
