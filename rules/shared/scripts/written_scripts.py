"""The text of a start script as a tree, for what can be read off it whether it is ever run or not."""

from ....lineage.boot.script_reader import StartScript
from ....lineage.image.image import EffectiveImage
from ....lineage.image.script_files import parsed, text_of
from ....lineage.shell.nodes import Script
from ....lineage.shell.shebang import Dialect


def written(script: StartScript) -> Script | None:
    """The script's own text, read as the shell reads it that runs it; None where it is not at hand or no shell script."""
    text = text_of(script.node)
    if text is None or script.reading is None:
        return None
    return parsed(text, script.place.path, _dialect(script, script.place.path))


def written_at(image: EffectiveImage, script: StartScript, path: str) -> Script | None:
    """The same of a file that the script sources or runs. `path` is as the user knows it."""
    if path == script.place.path:
        return written(script)
    node = next((one for one in image.tree.nodes.values() if one.kind == "file" and one.home.path == path), None)
    text = text_of(node) if node is not None else None
    if text is None or script.reading is None:
        return None
    return parsed(text, path, _dialect(script, path))


def _dialect(script: StartScript, path: str) -> Dialect:
    for command in script.commands:
        if command.place.path == path:
            return command.dialect
    stated = script.shebang.dialect if script.shebang is not None else None
    return stated if stated is not None else "sh"
