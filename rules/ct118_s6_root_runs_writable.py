"""Root runs a file at start that somebody else may change.

## What it does
Reports files that root executes or sources when the container starts, or in a service, and that the build made writable to
everybody (`chmod 777`) or gave to the account that the desktop or a service runs as; also where that is true of a directory
above them.

## Why it matters at run time
Whoever may change the file, or put another in its place, is root at the next start: the desktop user can become root by `docker
restart`.

## When to ignore it
When only root can log in to the container.

## References
- path_resolution(7); chmod(1), "restricted deletion flag"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.start_commands import StartCommands
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release
from ..lineage.text.places import Place
from .base import Message, Related, Severity
from .shared.users.root_files import RootRuns, Writable, run_by_root, users_at_start, writable_by_others

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan, commands: StartCommands) -> Iterator[Message]:
    if not isinstance(boot.s6, S6Release) or boot.starts_init is False:
        return
    told: set[Place] = set()
    users = users_at_start(image, boot, commands)
    for runs in run_by_root(image, boot, commands):
        writable = writable_by_others(image, boot, users, runs.path)
        if writable is not None and writable.cause not in told:
            told.add(writable.cause)
            yield _message(image, runs, writable)


def _message(image: EffectiveImage, runs: RootRuns, writable: Writable) -> Message:
    who = f"`{writable.owner}`, which owns it," if writable.owner is not None else "Everybody"
    what = runs.path if writable.path == runs.path else f"what is in {writable.path}"
    it = "it" if writable.path == runs.path else runs.path
    place = runs.by
    if place is None and (node := image.tree.find(runs.path)) is not None:
        place = node.home
    return Message(
        writable.cause,
        f"{who} may change {what}, and root runs {it} at start ({runs.name}): that makes them root at the next restart.",
        "Leave it to root with mode 755, and give others only what root does not run.",
        (Related(place, "root runs it here"),) if place is not None else (),
        subject=writable.path,
    )
