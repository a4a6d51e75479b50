"""The facts of an image's scripts that a profile keeps: shebang, environment, effects."""

from collections.abc import Mapping

from ..boot.plan import BootPlan
from ..boot.script_reader import ScriptFacts, ScriptReader, account_variables
from ..image.image import EffectiveImage
from ..image.script_files import LONGEST, ScriptFiles

_SPAWNED_BY_S6 = frozenset(("cont-init", "oneshot", "longrun", "services.d"))


class _UnboundFiles(ScriptFiles):
    """Globs stay as they are written: which files they match is another matter in each image built on this one."""

    def glob(self, pattern: str) -> tuple[str, ...] | None:
        return None


def script_facts(image: EffectiveImage, plan: BootPlan) -> Mapping[str, ScriptFacts]:
    """What each shell script of the image does when it runs at start, by path in the image."""
    runtime = account_variables(effect for step in plan.steps for effect in step.effects)
    reader = ScriptReader(image, runtime)
    reader.files = _UnboundFiles(image.tree, image.sh)
    spawned = {step.script.path for step in plan.steps if step.script is not None and step.kind in _SPAWNED_BY_S6}
    found: dict[str, ScriptFacts] = {}
    for path, node in image.tree.nodes.items():
        if node.facts is not None:
            found[path] = node.facts
        elif node.kind == "file" and (path in spawned or _is_script(node.blob.data)):
            script = reader.read(path, inherits=path not in spawned)
            if script is None or (script.reading is None and script.data is None):
                continue
            sees = reader.sees_environment(script.shebang)
            shebang = script.shebang.raw if script.shebang is not None else None
            found[path] = ScriptFacts(shebang, script.effects, sees if isinstance(sees, bool) else None)
    return found


def _is_script(data: bytes | None) -> bool:
    return data is not None and len(data) <= LONGEST and data.startswith(b"#!")
