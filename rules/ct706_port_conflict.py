"""Two services publish one port of the host, or none of the published ports is one that the image serves.

## What it does
Reports two services of one compose project that publish the same port of the host on the same address, unless their profiles keep
them apart (a warning, where their names begin alike, so that they may be meant for use in turn); and published or probed ports
of which the image exposes none, where it says which it does expose, everything about it is known, and neither the
consumer's variables and arguments nor the image's start scripts and settings name the port. Of a HeLx app registry, a service
that the app's spec does not have, where it names no other.

## Why it matters at run time
The second service does not start: "port is already allocated". A published port that nothing listens on refuses connections,
and a probe of it restarts the container for ever.

## When to ignore it
When the two are never run together, or a configuration that is mounted makes the image listen on that port.

## References
- Tycho, kube.py: a service is made for a container that `services` names
- Compose specification, "ports"; Dockerfile reference, "EXPOSE"
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ..lineage.consumers.model import SOME_NETWORK, Check, Consumer, Port
from ..lineage.text.numbers import is_digits
from ..lineage.text.places import Place
from ..lineage.workspace.deployments import Deployment, deployments
from ..lineage.workspace.workspace import Workspace
from .base import Message, Related, Severity

SEVERITY = Severity.ERROR

_EVERYWHERE = ("", "0.0.0.0", "[::]")
_MOST = 3


def check(deployment: Deployment) -> Iterator[Message]:
    yield from _taken(deployment)
    yield from _unserved(deployment)
    yield from _offered_otherwise(deployment.consumer)


def _offered_otherwise(consumer: Consumer) -> Iterator[Message]:
    """What an app registry leads to in a spec: a service that it does not have. Which port it says there changes nothing."""
    for service in consumer.unmet:
        yield Message(
            service.place,
            f"The app registry gives `{service.known}` a port, and the spec has no service of that name (it has "
            f"`{consumer.title}`): no service is made, and the app cannot be reached.",
            f"Call it `{consumer.title}`, as in the spec.",
            (Related(consumer.place, "the spec's service"),),
            subject=f"service {service.known}",
        )


def _taken(deployment: Deployment) -> Iterator[Message]:
    """Ports that an earlier service of the project publishes already."""
    consumer = deployment.consumer
    if consumer.kind != "compose" or not any(port.host for port in consumer.ports):
        return
    taken: dict[tuple[str, bool], list[tuple[Port, Place]]] = {}
    for port in consumer.ports:
        first = _first_of(deployment, port) if port.host is not None else None
        if first is not None:
            other, where, instead = first
            taken.setdefault((other, instead), []).append((port, where))
    for (other, instead), ports in taken.items():
        names = [f"{port.host}/{port.protocol}" for port, _ in ports]
        which = f"Port {names[0]} of the host is" if len(names) == 1 else f"Ports {', '.join(names)} of the host are"
        already = "the port is" if len(names) == 1 else "the ports are"
        yield Message(
            ports[0][0].place,
            f"{which} published by the service `{other}` too: whichever starts last fails, as {already} already allocated.",
            "Publish it on another port of the host."
            if len(names) == 1
            else "Publish them on other ports of the host.",
            tuple(Related(where, f"`{other}` publishes {port.host} here") for port, where in ports[:_MOST]),
            severity=Severity.WARNING if instead else None,
            subject=" ".join(names),
        )


def _first_of(deployment: Deployment, port: Port) -> tuple[str, Place, bool] | None:
    """The service, and its place, that publishes the port before this one in the same file; and whether the two may be
    meant for use in turn: their names begin alike, as those of `app-cpu` and `app-gpu`."""
    consumer = deployment.consumer
    published = deployment.workspace.once(_published)
    key = (consumer.project, consumer.place.path, port.host, port.protocol)
    for other, theirs in published.get(key, ()):
        if other.title == consumer.title or other.network or consumer.network:
            continue
        if theirs.place >= port.place or not _meet(other, consumer):
            continue
        if port.address == theirs.address or port.address in _EVERYWHERE or theirs.address in _EVERYWHERE:
            return other.title, theirs.place, _stem(other.title) == _stem(consumer.title)
    return None


def _stem(title: str) -> str:
    return title.replace("_", "-").partition("-")[0].rstrip("0123456789").lower()


_Key = tuple[str, str, int | None, str]


def _published(workspace: Workspace) -> dict[_Key, list[tuple[Consumer, Port]]]:
    """Which services publish a port of the host, by project, file, port and protocol."""
    found: dict[_Key, list[tuple[Consumer, Port]]] = {}
    for deployment in deployments(workspace):
        consumer = deployment.consumer
        for port in consumer.ports if consumer.kind == "compose" else ():
            if port.host is not None:
                key = (consumer.project, consumer.place.path, port.host, port.protocol)
                found.setdefault(key, []).append((consumer, port))
    return found


def _meet(one: Consumer, other: Consumer) -> bool:
    """Whether two services run together as the file stands: both always, or in a profile that they share."""
    if one.profiles and other.profiles:
        return not set(one.profiles).isdisjoint(other.profiles)
    return not one.profiles and not other.profiles


def _unserved(deployment: Deployment) -> Iterator[Message]:
    """Ports that are asked of an image which serves others."""
    consumer = deployment.consumer
    asked = [port for port in consumer.ports if port.container is not None]
    probed = [check for check in consumer.checks if check.port is not None]
    if (
        (not asked and not probed)
        or consumer.network in ("host", SOME_NETWORK)
        or not deployment.known
        or deployment.assumed
    ):
        return
    if consumer.open is not None or consumer.environment_open is not None or _lends_network(deployment):
        return
    image = deployment.image
    if image.known != "full" or not image.exposed or deployment.boot.open is not None:
        return
    served = {port.value.partition("/")[0] for port in image.exposed}
    if any("-" in number or not is_digits(number) for number in served):
        return
    wanted = {str(port.container) for port in asked} | {str(check.port) for check in probed}
    if wanted & served or _names_any(deployment, sorted(wanted)):
        return
    place, number = _told(asked, probed)
    yield Message(
        place,
        f"Nothing of {deployment.image_name} is known to listen on port {number}: the image exposes {', '.join(sorted(served))}.",
        "Use a port that the image serves.",
        tuple(Related(port.place, f"{port.value} is exposed here") for port in image.exposed[:3]),
        severity=Severity.WARNING,
        subject=number,
    )


def _lends_network(deployment: Deployment) -> bool:
    """Whether other containers use this one's network: the ports may be theirs."""
    consumer = deployment.consumer
    borrowed = deployment.workspace.once(_Borrowed)
    if consumer.network == "pod":
        return borrowed.pods[consumer.project] > 1
    return borrowed.any_container or consumer.project in borrowed.projects


class _Borrowed:
    """Whose network containers use: that of their pod, or of another container."""

    def __init__(self, workspace: Workspace) -> None:
        used = [(one.consumer.project, one.consumer.network) for one in deployments(workspace)]
        self.pods = Counter(project for project, network in used if network == "pod")
        """How many containers share a pod's network, by project."""
        self.projects = {project for project, network in used if network.startswith(("service:", "container:"))}
        """Where a container uses another's."""
        self.any_container = any(network.startswith("container:") for _, network in used)


def _told(asked: list[Port], probed: list[Check]) -> tuple[Place, str]:
    return (asked[0].place, str(asked[0].container)) if asked else (probed[0].place, str(probed[0].port))


def _names_any(deployment: Deployment, numbers: Sequence[str]) -> bool:
    """Whether the consumer, or a file or variable of the image, speaks of one of the numbers."""
    consumer, image = deployment.consumer, deployment.image
    words = [setting.known or "" for setting in consumer.environment.values()]
    words += [sourced.value for sourced in image.env.values()]
    for line in (consumer.command, consumer.entrypoint):
        words += line.known or () if line is not None else ()
    text = "\n".join(words)
    if any(number in text for number in numbers) or any(s.known is None for s in consumer.environment.values()):
        return True
    pattern = re.compile(rb"(?<!\d)(?:" + "|".join(numbers).encode() + rb")(?!\d)")
    for _, node in image.own_nodes:
        if node.kind == "file":
            data = node.blob.data
            if data is None or (len(data) < 1 << 18 and pattern.search(data)):
                return True
    return False
