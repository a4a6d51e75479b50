"""A service that a derived image adds runs as root without need.

## What it does
Reports services of an image that inherits s6-overlay from its parent where the program runs as root: `s6-setuidgid root`, or no
change of user at all before a program that is known not to need root, or a script of the image. Ports below 1024, root's
files, and programs that drop their privileges themselves are reasons to be root.

## Why it matters at run time
Whoever gets hold of the service has the whole container, and, with a mounted volume, root's rights on its files.

## When to ignore it
When the program needs root for something that cannot be seen from outside.

## References
- s6, s6-setuidgid
- CIS Docker Benchmark, "Ensure that a user for the container has been created"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.image.image import EffectiveImage
from .base import Message, Severity
from .shared.root_services import RootService, root_services

SEVERITY = Severity.WARNING


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    for service in root_services(image, boot):
        yield _message(boot, service)


def _message(boot: BootPlan, service: RootService) -> Message:
    names = [account.name.canonical for account in boot.accounts if account.name.pieces]
    user = names[0].replace("${", "$").replace("}", "") if names else "nobody"
    how = "is told to run as root" if service.switched else "runs as root, as nothing changes the user"
    return Message(
        service.command.place,
        f"`{service.command.name}` of the service {service.step.label} {how}, and does nothing that is known to need it.",
        f'Start it with `exec s6-setuidgid "{user}" {service.command.name} …`.',
        subject=service.step.name,
        owner=service.step.image,
    )
