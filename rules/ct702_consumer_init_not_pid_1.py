"""Who runs the image puts another process before s6-overlay's `/init`.

## What it does
Reports `init: true`, `--init` and `RunInit=`, a process namespace that is shared with the host, the pod or another container
(`pid:`, `hostPID`, `shareProcessNamespace`), and a Home Assistant add-on without `init: false`, where the image starts `/init` of
s6-overlay 3. An add-on that is pulled as it was published, and whose base moves or was built on an older
generation under the same tag, is a warning: it may hold an older release.

## Why it matters at run time
From s6-overlay 3 on `/init` must be process 1: else it ends at once with exit code 100, "can only run as pid 1", and the
container does not start. Older ones do not mind.

## When to ignore it
When the image starts `/init` in a process namespace of its own (`unshare --pid --fork`).

## References
- s6-overlay-helpers, s6-overlay-suexec.c: "can only run as pid 1"
- Compose specification, "init", "pid"; Home Assistant developer documentation, "App configuration": `init`
"""

from collections.abc import Iterator

from ..lineage.boot.slash_init import child_starts
from ..lineage.consumers.model import Consumer
from ..lineage.families.read import families
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from ..lineage.text.reference import Reference, parse
from ..lineage.workspace.deployments import Deployment
from ..lineage.workspace.workspace import ImageSource
from .base import Message, Related, Severity
from .shared.parents.moving_tags import moves

SEVERITY = Severity.ERROR


def check(deployment: Deployment) -> Iterator[Message]:
    said = _another_first(deployment.consumer)
    if said is None or not deployment.starts_init:
        return
    release = deployment.release
    assert release is not None
    if next(iter(child_starts(deployment.started)), None) is not None:
        return  # the image's own fault
    if deployment.consumer.kind == "Home Assistant add-on" and _is_foundation(deployment):
        return
    place, what, cure = said
    if release.generation < 3:
        return  # its first process is s6-svscan, which is told to stop whatever its number is
    moved = _was_built_before(deployment)
    label = f"{release.label}, as its base is today" if moved else release.label
    yield Message(
        place,
        f"{what}, and `/init` (s6-overlay {label}) ends at once with exit code 100 when it is not process 1.",
        cure,
        (Related(release.place, "s6-overlay comes into the image here"),),
        severity=Severity.WARNING if moved else None,
        subject="pid 1",
    )


def _was_built_before(deployment: Deployment) -> bool:
    """Whether an add-on is pulled as it was published, from a base that has moved since: which release it has is not sure."""
    workspace, source = deployment.workspace, deployment.source
    if deployment.consumer.kind != "Home Assistant add-on" or not deployment.consumer.written:
        return False
    if deployment.image.known == "assumed":
        return True
    seen: list[ImageSource] = []
    while source is not None and source not in seen:
        seen.append(source)
        named = [stage.base.image for stage in source.stages.own_line]
        bases = [one for name in named if isinstance(name, str) and isinstance(one := parse(name), Reference)]
        if any(moves(workspace, one) or _had_older_init(one) for one in bases):
            return True
        source = next((workspace.parent(one, source).source for one in bases), None)
    return False


def _had_older_init(base: Reference) -> bool:
    """Whether the tag of a base, a distribution's name, was built on an older generation before, as its family's file says."""
    tag = base.effective_tag
    return tag is not None and any(
        one.generation < 3 and one.is_of(base.familiar, tag) for one in families().older_inits
    )


def _is_foundation(deployment: Deployment) -> bool:
    """Whether the image starts nothing by itself: it is what add-ons are built on, and its configuration is for that."""
    boot = deployment.started_boot
    return not any(True for _ in boot.of_kind("services.d", "longrun", "cmd")) and boot.image.cmd is None


def _another_first(consumer: Consumer) -> tuple[Place, str, str] | None:
    """(place, what it does, cure) where another process is the first; None where nothing of the kind is said."""
    init, pid = consumer.init, consumer.pid
    if init is not None and init.known is True:
        if consumer.kind == "Home Assistant add-on":
            how = "Home Assistant starts add-ons under an init of its own unless they say `init: false`"
            return init.place, how, "Add `init: false`."
        as_option = consumer.kind in ("docker run", "documentation")
        said = "`RunInit=`" if consumer.kind == "Quadlet" else "`--init`" if as_option else "`init: true`"
        return (
            init.place,
            f"{said} puts an init of the container engine before the image's",
            "Leave it out: s6-overlay is an init.",
        )
    if pid is not None and not isinstance(pid.value, Unknown) and pid.value not in ("", "private"):
        shared = {"pod": "the pod's containers share one process namespace, whose first process is the pod's own"}
        what = shared.get(pid.value, f"the container shares the process namespace of `{pid.value}`")
        return pid.place, f"{what[0].upper()}{what[1:]}", "Give the container a process namespace of its own."
    return None
