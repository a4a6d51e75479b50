"""Who gives a file its x bit while the container starts, before or while the start scripts run."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from ...lineage.boot.plan import BootPlan
from ...lineage.boot.script_reader import ScriptReader
from ...lineage.effects.model import ChangeMode, Effect
from ...lineage.families.read import families
from ...lineage.image.image import EffectiveImage
from ...lineage.s6.fix_attrs import attribute_lines
from ...lineage.text.errors import Unknown
from ...lineage.text.paths import within
from .changed_modes import gives_x, reaches


def given_at_start(boot: BootPlan, path: str) -> bool | Unknown:
    """Whether a start step, a line of fix-attrs.d or a hook gives that file of the image the x bit, or may.

    Unknown where a hook's content is not known: it may do anything, before s6-overlay runs its first script.
    """
    if _changed(path, iter(boot.changes)) or _fixed(boot.image, path):
        return True
    return _hooked(boot.image, path)


def _changed(path: str, effects: Iterator[Effect]) -> bool:
    return any(isinstance(each, ChangeMode) and gives_x(each.mode) and reaches(each, path) for each in effects)


def _fixed(image: EffectiveImage, path: str) -> bool:
    return any(
        gives_x(line.file_mode) and (fnmatchcase(path, line.path) or (line.recursive and within(path, line.path)))
        for line in attribute_lines(image)
    )


def _hooked(image: EffectiveImage, path: str) -> bool | Unknown:
    variable = image.env.get("S6_STAGE2_HOOK")
    unknown: Unknown | None = None
    for hook in (*families().start_hooks, *((variable.value,) if variable is not None else ())):
        if variable is not None and hook == variable.value and not hook.startswith("/"):
            unknown = Unknown(f"S6_STAGE2_HOOK ({variable.place}) may make files executable")
            continue
        node = image.tree.find(hook)
        script = ScriptReader(image).read(hook) if node is not None else None
        if script is not None and _changed(path, iter(script.effects)):
            return True
        read = script is not None and (script.reading is not None or script.node.facts is not None)
        if variable is not None and hook == variable.value and not read:
            unknown = Unknown(f"S6_STAGE2_HOOK ({variable.place}) may make files executable")
    return unknown if unknown is not None else False
