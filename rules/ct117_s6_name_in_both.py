"""One service name is used in `services.d` and in `s6-rc.d`.

## What it does
Reports a directory of `/etc/services.d` whose name is that of a longrun in `/etc/s6-overlay/s6-rc.d` too.

## Why it matters at run time
Both are supervised under the same name: both processes run, and s6-rc loses its own ("supervisor not listening"), so it can
neither stop it nor know whether it is up.

## When to ignore it
Never.

## References
- s6-overlay, services-up: the services of `services.d` are linked into `/run/service`, where those of s6-rc are
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.effects.s6_directories import SERVICES
from ..lineage.image.image import EffectiveImage
from .base import Message, Related, Severity
from .shared.questions import owner_in_image, place_in_image

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    if boot.database is None or boot.database.refused:
        return
    names = [name for name in image.tree.children(SERVICES) if image.tree.find(f"{SERVICES}/{name}/run")]
    for name in boot.database.in_both_places(names):
        service = boot.database.services[name]
        folder = f"{SERVICES}/{name}"
        place, other = place_in_image(image, folder), place_in_image(image, service.path)
        if place is None or other is None or not service.own or boot.database.starts(name) is not True:
            continue
        run = image.tree.find(f"{service.path}/run")
        owner = owner_in_image(image, folder)
        if owner is not None and not image.owns(owner) and run is not None and image.owns(run.image):
            place, other, owner = other, place, run.image
        yield Message(
            place,
            f"{name} is a service in services.d and in s6-rc.d: both run, and s6-rc loses its own one.",
            "Keep one of the two, or give one another name.",
            (Related(other, "the other service of that name"),),
            subject=name,
            owner=owner,
        )
