"""Whether what a health check runs is in the image."""

from ...lineage.boot.plan import BootPlan
from ...lineage.commands.model import Command
from ...lineage.effects.model import Opens
from ...lineage.image.image import EffectiveImage
from ...lineage.image.tree import Node
from ...lineage.late.dataclasses import dataclass
from ...lineage.text.errors import Unknown
from .executable_at_start import given_at_start
from .missing_programs import found_at, made_at_start, makes, needed, problem


@dataclass(frozen=True, slots=True)
class Lacking:
    """A program or file that a check needs and does not find: why (a clause), and what lies there instead."""

    name: str
    why: str
    found: Node | None


def lacking(image: EffectiveImage, boot: BootPlan, commands: tuple[Command, ...]) -> Lacking | Unknown | None:
    """The first program or script of a check's commands that is surely not in the image or cannot be run.

    None where all are there; Unknown where that cannot be told.
    """
    doubt: Unknown | None = None
    for command in commands:
        for name, needs_x in needed(command):
            found = found_at(image, name)
            if isinstance(found, Unknown):
                doubt = found if doubt is None else doubt
                continue
            why = problem(name, found, needs_x)
            mended = _mended_at_start(boot, name, found) if why is not None else False
            if isinstance(mended, Unknown):
                doubt = mended if doubt is None else doubt
            elif why is not None and not mended:
                return Lacking(name, why, found)
    return doubt


def _mended_at_start(boot: BootPlan, name: str, found: Node | None) -> bool | Unknown:
    """Whether the start makes the program, or may; what is there without x bit, it would have to replace or to give that."""
    if found is None or found.kind != "file":
        return made_at_start(boot, name)
    effects = (effect for step in boot.steps if step.path != name for effect in step.effects)
    if any(makes(effect, name) for effect in effects if not isinstance(effect, Opens)):
        return True
    return given_at_start(boot, name)
