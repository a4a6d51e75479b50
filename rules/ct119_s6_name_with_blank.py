"""A blank in the name of an init script or service keeps s6-overlay 3 from starting it.

## What it does
Reports scripts of `cont-init.d` and `cont-finish.d` and directories of `services.d` whose name holds a space, tab or newline,
where the image has s6-overlay 3.

## Why it matters at run time
s6-overlay 3 goes through the names in a shell loop that splits them: a script becomes two that are not found, a service is
passed over without a word. Generations 1 and 2 take such names.

## When to ignore it
Never: rename it.

## References
- s6-overlay 3, cont-init, cont-finish and services-up: unquoted lists of names
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.effects.s6_directories import FINISH_SCRIPTS, INIT_SCRIPTS, SERVICES
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release
from ..lineage.text.places import Place
from .base import Edit, Fix, Message, Severity
from .shared.questions import owner_in_image, place_in_image
from .shared.subjects import launchers_named_in

SEVERITY = Severity.ERROR

_SCRIPTS = (INIT_SCRIPTS, FINISH_SCRIPTS)


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    if not isinstance(boot.s6, S6Release) or boot.s6.generation < 3 or boot.starts_init is False:
        return
    for directory in (*_SCRIPTS, SERVICES):
        for name in image.tree.children(directory):
            if name.split() == [name] or name.startswith("."):
                continue
            path = f"{directory}/{name}"
            node = image.tree.find(path)
            place = place_in_image(image, path)
            if node is None or place is None or (node.kind == "directory") is not (directory == SERVICES):
                continue
            yield Message(
                place,
                f"s6-overlay {boot.s6.label} {_consequence(directory, name)}",
                f"Call it `{'-'.join(name.split())}`.",
                fix=_renamed(place, node.source, name) if directory != SERVICES else None,
                subject=path,
                owner=owner_in_image(image, path),
                about=tuple(launchers_named_in(node.blob.data or b"")),
            )


def _consequence(directory: str, name: str) -> str:
    if directory == SERVICES:
        return f"passes the service `{name}` over without a word: there is a blank in its name."
    parts = " and ".join(f"`{part}`" for part in name.split())
    return f"splits the name `{name}` and looks for {parts}: the script is not run."


def _renamed(place: Place, source: str | None, name: str) -> Fix | None:
    if source is None or not source.endswith("/" + name):
        return None
    to = source[: -len(name)] + "-".join(name.split())
    return Fix("rename the script", (Edit("rename", Place(source, place.span), to=to),), "unsafe")
