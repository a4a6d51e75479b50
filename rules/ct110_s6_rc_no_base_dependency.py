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
from ..lineage.desktop.launchers import Launchers
from ..lineage.image.image import EffectiveImage
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from .base import Message, Related, Severity
from .shared.account_order import too_early
from .shared.questions import owner_in_image, place_in_image

SEVERITY = Severity.WARNING

_BESIDE = {"before-cont-init": ("/etc/cont-init.d", ""), "beside-services-d": ("/etc/services.d", "/run")}


def check(image: EffectiveImage, boot: BootPlan, launchers: Launchers) -> Iterator[Message]:
    database = boot.database
    if database is None or database.refused:
        return
    early = _need_account(boot, launchers)
    for problem in database.problems:
        if problem.aspect != "order":
            continue
        if any(name == problem.service or database.depends(name, problem.service) is True for name in early):
            continue
        directory, inside = _BESIDE[problem.code]
        other = _first(image, directory, inside)
        if isinstance(other, Unknown):
            raise other
        place = place_in_image(image, problem.path)
        if other is None or place is None:
            continue
        what, _, cure = problem.message.partition(" Add an empty file ")
        yield Message(
            place,
            what,
            f"Add an empty file {cure}",
            (Related(other, "this runs at the same time"),),
            subject=problem.service,
            owner=owner_in_image(image, problem.path),
        )


def _need_account(boot: BootPlan, launchers: Launchers) -> tuple[str, ...]:
    """The services that need the account which a script of cont-init.d makes: that they do not wait is CT202's or CT404's."""
    delivered = {id(delivery.effect) for delivery in launchers.deliveries}
    return tuple(late.step.name for late in too_early(boot, delivered) if late.maker.kind == "cont-init")


def _first(image: EffectiveImage, directory: str, inside: str) -> Place | None | Unknown:
    """The first script or service there; None where there surely is none."""
    for name in image.tree.children(directory):
        node = image.tree.find(f"{directory}/{name}{inside}")
        if not name.startswith(".") and node is not None and node.kind == "file":
            return node.home
    closed = image.tree.closed(directory)
    return closed if isinstance(closed, Unknown) else None
