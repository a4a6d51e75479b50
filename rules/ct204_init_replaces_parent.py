"""An init script has the name of one that an ancestor brings, and replaces it.

## What it does
Reports a file of `/etc/cont-init.d` that the image lays over an ancestor's of the same name with other content.

## Why it matters at run time
A layer's file hides the parent's: the parent's work is not done any more, without a word. Images made by one generator
and stacked on each other lose the lower one's launchers this way.

## When to ignore it
When the script is meant to replace the parent's. It is silent where the contents are equal, and where all that the parent's
script does is done by the new one too.

## References
- OCI image specification, "Layers": a later layer's file replaces an earlier one's
- s6-overlay README, "Executing initialization tasks"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan, Replaced
from ..lineage.boot.steps import StartStep
from ..lineage.effects.model import Effect
from ..lineage.image.image import EffectiveImage
from ..lineage.late.dataclasses import fields
from ..lineage.text.errors import Unknown
from .base import Message, Related, Severity, Undecided

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan, replaced: Replaced) -> Iterator[Message | Undecided]:
    for step in boot.of_kind("cont-init"):
        if not image.owns(step.image):
            continue
        before = replaced.step(step.path)
        if before is None or step.script is None or before.script is None:
            continue
        if step.script.node.source is None and step.script.node.text is None:
            yield Undecided(Unknown(f"a command edits the parent's {step.path}, and what it holds then is not known"))
            continue
        same = before.script.node.blob.same_as(step.script.node.blob)
        if same is True or before.image == step.image:
            continue
        unread = before.script.node.blob.unread or step.script.node.blob.unread
        if unread is not None:
            raise Unknown(f"{step.path} of one of the images {unread}", "unread")
        known = before.script.reading is not None or before.script.node.facts is not None
        if (known and _contained(before.effects, step.effects)) or _is_emptied(step):
            continue
        yield Message(
            step.place,
            f"This replaces {image.name_of(before.image)}'s init script of the same name ({step.name}), whose work is then "
            "not done.",
            "Give the script a name of its own that sorts after the parent's, for instance with the application's name in it.",
            (Related(before.place, "the script that is replaced"),),
        )


def _is_emptied(step: StartStep) -> bool:
    """Whether the script does nothing at all: it stands there to put the parent's out of action."""
    script = step.script
    if script is None or script.reading is None or script.reading.unread or script.effects:
        return False
    return all(command.name in ("exit", ":", "true", "") for command in script.commands)


def _contained(before: tuple[Effect, ...], after: tuple[Effect, ...]) -> bool:
    """Whether every effect of the replaced script is among those of the new one, be it in another way (`usermod -d`)."""
    mine = {_key(effect) for effect in after}
    return all(_key(effect) in mine for effect in before)


_WHAT_IT_IS_DONE_TO = frozenset(("name", "new_name", "path", "target", "into", "packages", "below"))


def _key(effect: Effect) -> tuple[object, ...]:
    values: list[object] = [type(effect).__name__]
    for item in fields(effect):
        if item.name in _WHAT_IT_IS_DONE_TO:
            value = getattr(effect, item.name)
            values.append(str(value) if not isinstance(value, tuple) else tuple(str(part) for part in value))  # pyright: ignore
    return tuple(values)
