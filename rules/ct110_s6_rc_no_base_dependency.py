"""An s6-rc service starts beside the scripts of cont-init.d, not after them.

## What it does
Reports a started service from which no path of dependencies leads to `base` (or `legacy-cont-init`), in an image that has
scripts in `cont-init.d`; of a chain only the service that starts first. Also a service of `user2` that does not wait for
`legacy-services`, in an image with services in `services.d`.

## Why it matters at run time
The service and the scripts run at the same time: accounts, directories and configuration that the scripts make may be missing
when it starts, on some machines or at some starts only.

## When to ignore it
When the service needs nothing of what the scripts make, or must run before them.

## References
- s6-overlay README, "s6-rc": `base` is up once the scripts of cont-init.d are done
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.effects.s6_directories import INIT_SCRIPTS, SERVICES
from ..lineage.image.image import EffectiveImage
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from .base import Message, Related, Severity
from .shared.questions import owner_in_image, place_in_image
from .shared.subjects import order_of

SEVERITY = Severity.WARNING
YIELDS_TO = ("CT202", "CT404")

_BESIDE = {"before-cont-init": (INIT_SCRIPTS, ""), "beside-services-d": (SERVICES, "/run")}


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    database = boot.database
    if database is None or database.refused:
        return
    for problem in database.problems:
        if problem.aspect != "order":
            continue
        directory, inside = _BESIDE[problem.code]
        other = _first(image, directory, inside)
        if isinstance(other, Unknown):
            raise other
        place = place_in_image(image, problem.path)
        if other is None or place is None:
            continue
        yield Message(
            place,
            problem.message,
            problem.cure,
            (Related(other, "this runs at the same time"),),
            subject=problem.service,
            owner=owner_in_image(image, problem.path),
            about=tuple(
                order_of(step.name)
                for step in boot.steps
                if step.name == problem.service or database.depends(step.name, problem.service) is True
            ),
        )


def _first(image: EffectiveImage, directory: str, inside: str) -> Place | None | Unknown:
    """The first script or service there; None where there surely is none."""
    for name in image.tree.children(directory):
        node = image.tree.find(f"{directory}/{name}{inside}")
        if not name.startswith(".") and node is not None and node.kind == "file":
            return node.home
    closed = image.tree.closed(directory)
    return closed if isinstance(closed, Unknown) else None
