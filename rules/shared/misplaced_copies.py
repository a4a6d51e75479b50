"""Instructions of a Dockerfile whose paths lack a part, since a variable in them is defined nowhere."""

from ...lineage.dockerfile.expand import variables
from ...lineage.image.image import EffectiveImage
from ...lineage.text.places import Place


def hollow_copies(image: EffectiveImage) -> frozenset[Place]:
    """The COPY and ADD instructions of the image whose destination hangs on a variable without value.

    Also by way of an ENV that is made from one: what they copy lies elsewhere than was meant.
    """
    hollow: set[str] = set()
    found: set[Place] = set()
    for step in image.steps:
        words = step.instruction.arguments
        keyword = step.instruction.keyword
        if step.from_parent is not None or step.env_open is not None or len(words) < 2:
            continue
        if keyword == "ENV":
            for name, value in zip(words[::3], words[1::3], strict=False):
                uses = [used for used in variables(value) if not used.guarded and used.name != name]
                empty = any(used.name in hollow or used.name not in step.env for used in uses)
                hollow = hollow | {name} if empty else hollow - {name}
        elif keyword in ("COPY", "ADD"):
            uses = [used for used in variables(words[-1]) if not used.guarded]
            if any(used.name in hollow or used.name not in step.env for used in uses):
                found.add(step.place)
    return frozenset(found)
