"""The bundles `user` and `user2` stand where the image's release of s6-overlay does not take them from.

## What it does
Reports `user-bundles.d` before s6-overlay 3.2.3.1, which does not read it; `user-bundles.d` beside `s6-rc.d/user` from then on,
which hides it; `s6-rc.d/user2` without `user`, and `s6-rc.d/user` on 3.2.3.1, which are refused; a file `contents` beside the
overlay's own `contents.d`.

## Why it matters at run time
The services in the bundle are never started, without a word; where the definition is refused, nothing starts at all.

## When to ignore it
Never.

## References
- s6-overlay, rc.init of 3.2.3.1 and 3.2.3.2
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.effects.s6_directories import USER_BUNDLES_D
from ..lineage.image.image import EffectiveImage
from ..lineage.text.errors import Unknown
from .base import Message, Related, Severity
from .shared.questions import owner_in_image, place_in_image

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    if boot.database is None:
        if isinstance(boot.s6, Unknown) and image.tree.children(USER_BUNDLES_D):
            raise boot.s6
        return
    version = getattr(boot.s6, "version", None)
    for problem in boot.database.problems:
        if problem.aspect != "place":
            continue
        if version is None and problem.code != "place-old-contents":
            raise Unknown("which release of s6-overlay 3 it is, is not known")
        place = place_in_image(image, problem.path)
        if place is None:
            continue
        related = tuple(
            Related(at, "this is read instead")
            for path in problem.related
            if (at := place_in_image(image, path)) is not None
        )
        owner = owner_in_image(image, problem.path)
        yield Message(place, problem.message, problem.cure, related, subject=problem.code, owner=owner)
