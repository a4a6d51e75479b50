"""Scripts that an image holds, for whoever reads commands: their text with its places, and which shell reads them."""

from functools import lru_cache
from posixpath import basename
from typing import TYPE_CHECKING

from ..commands.model import LoadedScript
from ..families.read import families
from ..shell.shebang import SHELLS, Dialect, Shebang, is_text, read_shebang
from ..text.budget import LimitError
from ..text.errors import Unknown
from ..text.places import MappedText
from .tree import Node, Tree, TreeBuilder

if TYPE_CHECKING:
    from ..shell.parse import Script

LONGEST = 1 << 20
"""Bytes up to which a script is read."""
TOO_LONG = f"the script is longer than {LONGEST >> 20} MiB, so that it was not read"


class ScriptFiles:
    """The scripts in a tree (finished or while it is built). `sh` is what `/bin/sh` is there, None where not known."""

    def __init__(self, tree: Tree | TreeBuilder, sh: str | None) -> None:
        self.tree = tree
        self.sh = sh

    def dialect(self, shebang: Shebang | None, interpreter: str | None = None) -> Dialect | None:
        """Which shell reads a script; None for what no shell reads. Without `#!`, a shell that runs it has sh read it."""
        name = interpreter if interpreter is not None else "sh" if shebang is None else shebang.shell
        return self.shell(name) if name else None

    def shell(self, name: str) -> Dialect | None:
        return dialect_of(name, self.sh)

    def load(self, path: str) -> LoadedScript | None:
        """The script at `path`, for the interpreter to follow. Raises LimitError for one that is too long."""
        node = self.tree.find(path)
        if node is None or node.kind != "file" or not node.sure:
            return None
        text = text_of(node)
        if text is None:
            return None
        dialect = self.dialect(read_shebang(text.text[:300].encode("utf-8", "surrogateescape")))
        if dialect is None:
            return None
        if len(text.text) > LONGEST:
            raise LimitError(TOO_LONG, node.home.path, 1)
        return LoadedScript(node.home.path, text, dialect)

    def glob(self, pattern: str) -> tuple[str, ...] | None:
        """The files that match; None where nothing does and others may be there."""
        directory = pattern.rpartition("/")[0] or "/"
        found = tuple(self.tree.glob(pattern))
        if found:
            return found
        if any(character in directory for character in "*?[") or isinstance(self.tree.closed(directory), Unknown):
            return None
        return ()


def dialect_of(shell: str, sh: str | None) -> Dialect | None:
    """What a shell of that name or path reads; None for what is no shell. `sh`: what /bin/sh is."""
    base = basename(shell)
    if base == "sh":
        return "bash" if sh == "bash" else "busybox" if sh == "busybox" else "sh"
    if base == "dash":
        return "sh"
    if base in ("ash", "busybox"):
        return "busybox"
    return "bash" if base in SHELLS or base.endswith(("bash", *families().interpreters)) else None


def parsed(text: MappedText, path: str, dialect: Dialect) -> "Script":
    """The script that a text is, read once for all images that hold it."""
    return _parsed(text.text, tuple(text.anchors), path, dialect)


@lru_cache(1024)
def _parsed(text: str, anchors: tuple[tuple[int, int, int], ...], path: str, dialect: Dialect) -> "Script":
    from ..shell.parse import parse_script

    return parse_script(MappedText(text, anchors), path, dialect)


def text_of(node: Node) -> MappedText | None:
    """A file's text with its places in the file that the user edits; None for what is no text."""
    if node.text is not None:
        return node.text
    data = node.blob.data
    if data is None or not is_text(data[:4096]):
        return None
    return _mapped(data, None if node.source is not None else (node.place.line, node.place.span.column))


@lru_cache(16)
def _mapped(data: bytes, start: tuple[int, int] | None) -> MappedText:
    """The text of a file that begins at `start` of another one; rules ask for it for each command of a script."""
    text = data.decode("utf-8", "surrogateescape").replace("\0", "")  # as a shell reads it
    text = text.replace("\r\n", "\n")  # what is meant; the `#!` line is judged as it is
    return MappedText.whole(text) if start is None else MappedText(text, ((0, *start),))
