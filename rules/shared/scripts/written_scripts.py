"""The text of a start script as a tree, for what can be read off it whether it is ever run or not."""

from collections.abc import Iterator

from ....lineage.boot.script_reader import StartScript
from ....lineage.image.image import EffectiveImage
from ....lineage.image.script_files import parsed, text_of
from ....lineage.image.tree import Node
from ....lineage.shell.nodes import Script
from ....lineage.shell.shebang import Dialect, read_shebang


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


def written_in(node: Node) -> Script | None:
    """The text of a file of the image, read as the shell reads it that its first line names; None where that is no shell."""
    text = text_of(node)
    line = read_shebang((node.blob.data or b"")[:300])
    dialect = line.dialect if line is not None else None
    return parsed(text, node.home.path, dialect) if text is not None and dialect is not None else None


def _dialect(script: StartScript, path: str) -> Dialect:
    for command in script.commands:
        if command.place.path == path:
            return command.dialect
    stated = script.shebang.dialect if script.shebang is not None else None
    return stated if stated is not None else "sh"


def expanded_at(text: str) -> Iterator[int]:
    """Where a `${` stands in the text of a command that the shell expands: in no single quotes, and behind no backslash."""
    inside: list[str] = []
    position = 0
    while position < len(text):
        character = text[position]
        quoted = bool(inside) and inside[-1] == '"'
        if character == "\\":
            position += 1
        elif character == "'" and not quoted:
            end = text.find("'", position + 1)
            position = end if end >= 0 else len(text)
        elif character == '"':
            inside.pop() if quoted else inside.append('"')
        elif text.startswith("$(", position):
            inside.append("(")
            position += 1
        elif character == "(" and not quoted:
            inside.append("(")
        elif character == ")" and inside and not quoted:
            inside.pop()
        elif text.startswith("${", position):
            yield position
        position += 1
