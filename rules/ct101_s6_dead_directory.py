"""Start scripts or services lie in a directory that s6-overlay never reads.

## What it does
Reports scripts and services of the image in a misspelt directory (`/etc/cont-init`, `/etc/service.d`, `/etc/services/…`,
`/etc/s6-overlay/cont-init.d`), in a subdirectory of `cont-init.d`, in `s6-rc.d` on s6-overlay 1 and 2, service definitions of
s6-rc beside that folder (`COPY s6-rc.d /etc/s6-overlay`), or a tree that is meant for `/` and lands in a folder of its own name
(`COPY root /root`), and a `run` that lies in `services.d` itself. A place that anything in the image mentions is left
alone.

## Why it matters at run time
Nothing says so: the container starts, and the work of the scripts is not done. A subdirectory of `cont-init.d` is run as if it
were a script; on s6-overlay 1 that ends the boot of all later scripts and services.

## When to ignore it
When a program that ctlint cannot read takes the files from there.

## References
- s6-overlay README, "Executing initialization tasks", "Writing a service script"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.effects.s6_directories import SERVICES
from ..lineage.image.image import EffectiveImage
from ..lineage.late.dataclasses import replace
from ..lineage.s6.release import S6Release
from ..lineage.text.errors import Unknown
from .base import Message, Severity, Undecided
from .shared.services.unread_places import DeadPlace, dead_places
from .shared.subjects import launchers_named_in

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message | Undecided]:
    if boot.s6 is None or boot.starts_init is False:
        return
    if isinstance(boot.s6, Unknown):
        raise boot.s6
    for dead, unread in dead_places(image, boot.s6):
        about = _launchers(image, dead)
        if isinstance(unread, Unknown):
            yield Undecided(unread, about)
        else:
            boot.require_whole()
            yield replace(_message(boot.s6, dead), about=about)


def _message(release: S6Release, dead: DeadPlace) -> Message:
    node = dead.node
    as_in_image = node.source is not None and node.source.endswith(dead.path)
    if dead.inside:
        lost = ", and ends there with all later scripts and services" if release.generation == 1 else ""
        what = f"s6-overlay takes {dead.directory} for a script{lost}; what lies in it is not run."
        cure = f"Move it to {dead.meant}, under a name that keeps the order."
    elif dead.loose:
        what = f"s6-overlay looks for directories in {dead.directory}: a `run` that lies there itself is never started."
        cure = f"Move it to {dead.meant}: each service has a directory of its own."
    elif dead.meant == SERVICES and "/s6-rc.d/" in dead.directory:
        what = f"s6-overlay {release.label} does not look at {dead.directory}: the service is never started."
        cure = f"Define it in {dead.meant}, or use s6-overlay 3."
    else:
        what = f"s6-overlay does not look at {dead.directory}: what lies there is never started."
        cure = f"Move it to {dead.meant}."
    return Message(
        node.home if as_in_image or node.source is None else node.place,
        what,
        cure,
        subject=dead.directory,
        owner=node.image,
    )


def _launchers(image: EffectiveImage, dead: DeadPlace) -> tuple[str, ...]:
    """The launchers that the scripts there would have brought."""
    texts = (node.blob.data for _, node in image.tree.below(dead.directory) if node.kind == "file")
    return tuple({word for text in texts if text is not None for word in launchers_named_in(text)})
