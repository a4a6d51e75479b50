"""The services that start scripts make: a folder that they write below /etc/services.d, which the boot plan has no step of."""

from ...lineage.boot.steps import StartStep
from ...lineage.effects.model import Copy, MakeDirectory, Write
from ...lineage.effects.s6_directories import SERVICES
from ...lineage.image.image import EffectiveImage
from ...lineage.text.places import Place


def services_made(image: EffectiveImage, step: StartStep) -> dict[str, Place]:
    """The names of the services that a step may make, each with the command that does so first; those that the image has
    before are none. A name that is known only in part is told as the script has it.
    """
    found: dict[str, Place] = {}
    for effect in step.effects:
        if not isinstance(effect, (Write, MakeDirectory, Copy)):
            continue
        path = (effect.target if isinstance(effect, Copy) else effect.path).canonical
        name = path.removeprefix(f"{SERVICES}/").partition("/")[0] if path.startswith(f"{SERVICES}/") else ""
        if name and not name.startswith(".") and image.tree.find(f"{SERVICES}/{name}/run") is None:
            found.setdefault(name, effect.place)
    return found
