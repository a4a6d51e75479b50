"""A health check or probe of a consumer runs a program that is not in the image.

## What it does
Reports the first program of a compose `healthcheck`, of a probe's `exec` or of `--health-cmd`, or the script that it gives to an
interpreter, when it is surely absent from the effective image or has no x bit. Files that a start script makes, mounts and
temporary folders are left alone.

## Why it matters at run time
Every check fails with exit code 126 or 127: the container is unhealthy for ever, services that wait for it never start, and
Kubernetes restarts it again and again.

## When to ignore it
When something that ctlint cannot see brings the program.

## References
- Compose specification, "healthcheck"; Kubernetes, "Configure Liveness, Readiness and Startup Probes"
"""

from collections.abc import Iterator

from ..lineage.boot.healthcheck import check_commands
from ..lineage.image.tree import Node
from ..lineage.text.errors import Unknown
from ..lineage.workspace.deployments import Deployment
from .base import Message, Related, Severity
from .shared.health_programs import lacking

SEVERITY = Severity.ERROR


def check(deployment: Deployment) -> Iterator[Message]:
    doubt: Unknown | None = None
    for one in deployment.consumer.checks:
        if not deployment.known:
            continue
        if isinstance(one.words, Unknown):
            doubt = one.words
            continue
        if not one.words:
            continue
        image = deployment.started
        commands = check_commands(image, one.words, one.place, shell=one.shell)
        said = lacking(image, deployment.started_boot, commands)
        if isinstance(said, Unknown):
            doubt = said
            continue
        if said is None or _mounted(deployment, said.name):
            continue
        by = one.by[0].upper() + one.by[1:]
        happens = "the container is never healthy" if "health" in one.by else "the container is restarted for ever"
        if "readiness" in one.by:
            happens = "the container is never ready"
        related = (Related(said.found.home, "it comes from here"),) if isinstance(said.found, Node) else ()
        yield Message(
            one.place,
            f"{by} runs {said.name}, which {said.why} ({deployment.image_name}): {happens}.",
            "Use a program that the image has, or install it there.",
            related,
            subject=said.name,
        )
    if doubt is not None:
        raise doubt


def _mounted(deployment: Deployment, name: str) -> bool:
    """Whether a mount may bring the program."""
    if deployment.consumer.mount_over(name) is not None:
        return True
    targets = (mount.target for mount in deployment.consumer.mounts)
    return not name.startswith("/") and any(str(one).rpartition("/")[2] in (name, "bin", "sbin") for one in targets)
