"""The files that a command reads or changes, and whether the path of one is a slip for another's."""

from collections.abc import Iterator, Sequence

from ....lineage.boot.plan import BootPlan
from ....lineage.commands.model import Command, Word
from ....lineage.effects.model import Copy, Effect, Link, MakeDirectory, Unpack, Write
from ....lineage.image.tree import Tree
from ....lineage.text.spelling import near_name
from ....lineage.text.symbolic import Text

_READERS = frozenset("cat head tail sort uniq wc cut tac jq base64 gunzip zcat".split())
_WITH_PROGRAM = frozenset(("sed", "awk", "gawk", "grep", "egrep", "fgrep"))
"""Their first operand is what is to be done, unless an option says it."""
_WITH_TARGET = frozenset(("cp", "mv"))
"""Their last operand is where it goes."""
_CHANGERS = frozenset(("chmod", "chown", "chgrp"))
"""Their first operand is what is given."""
_PROGRAM_OPTIONS = ("-e", "-f", "--expression", "--file", "--regexp")
_VALUES = {
    "awk": ("-F", "-v", "-f"),
    "gawk": ("-F", "-v", "-f"),
    "grep": ("-A", "-B", "-C", "-m", "-e", "-f"),
    "egrep": ("-A", "-B", "-C", "-m", "-e", "-f"),
    "fgrep": ("-A", "-B", "-C", "-m", "-e", "-f"),
    "sed": ("-e", "-f", "-l"),
    "head": ("-n", "-c"),
    "tail": ("-n", "-c", "-s"),
    "sort": ("-k", "-t", "-o", "-T", "-S"),
    "cut": ("-d", "-f", "-c", "-b"),
}
"""The options behind which a word is their value."""


def files_of(command: Command) -> Iterator[str]:
    """The absolute paths of the files that have to be there for a command of the shell's tools, where they are written out."""
    for redirect in command.redirects:
        if redirect.operator == "<" and redirect.target is not None:
            yield from _paths((redirect.target,))
    name = command.name
    if name not in _READERS | _WITH_PROGRAM | _WITH_TARGET | _CHANGERS:
        return
    operands, options = _operands(command.arguments, _VALUES.get(name, ()))
    if name in _WITH_PROGRAM and not any(option.startswith(_PROGRAM_OPTIONS) for option in options):
        operands = operands[1:]
    elif name in _WITH_TARGET:
        operands = operands[:-1] if not any(option.startswith(("-t", "--target")) for option in options) else []
    elif name in _CHANGERS:
        operands = operands[1:] if "--reference" not in " ".join(options) else []
    yield from _paths(operands)


def _operands(words: Sequence[Word], values: tuple[str, ...]) -> tuple[list[Word], list[str]]:
    """The words that are no options nor their values, and the options."""
    operands: list[Word] = []
    options: list[str] = []
    is_value = False
    for word in words:
        if not is_value and word.raw.startswith("-") and word.raw != "-":
            options.append(word.raw)
            is_value = word.raw in values
        elif is_value:
            is_value = False
        else:
            operands.append(word)
    return operands, options


def _paths(words: Sequence[Word]) -> Iterator[str]:
    for word in words:
        path = word.text.literal
        if path is not None and path.startswith("/") and not word.globs:
            yield path.rstrip("/")


class PathsAtStart:
    """The paths that the image has, and those that its start scripts make."""

    def __init__(self, tree: Tree, boot: BootPlan) -> None:
        self._tree = tree
        self._made: dict[str, set[str]] = {}
        self._open: list[str] = []
        for step in boot.steps:
            for effect in step.effects:
                target = _target(effect)
                if target is None:
                    continue
                if target.literal is not None:
                    self._note(target.literal.rstrip("/"))
                if target.literal is None or isinstance(effect, Copy | Unpack):
                    self._open.append(target.prefix.rstrip("/"))

    def _note(self, path: str) -> None:
        while path not in ("", "/"):
            folder, _, name = path.rpartition("/")
            self._made.setdefault(folder, set()).add(name)
            path = folder

    def has(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return self._tree.find(path) is not None or name in self._made.get(folder, ())

    def may_be_made(self, path: str) -> bool:
        """Whether a start script copies or unpacks something there, or writes to a place that is only known in part."""
        return any(path.startswith(begin) for begin in self._open)

    def meant_by(self, path: str) -> str | None:
        """The one path that is there, and of which this one is a slip in one of its names; None where there is none."""
        folder = ""
        names = path.strip("/").split("/")
        for at, name in enumerate(names):
            if self.has(f"{folder}/{name}"):
                folder = f"{folder}/{name}"
                continue
            near = near_name(name, {*self._tree.children(folder or "/"), *self._made.get(folder, ())})
            meant = "/".join((folder, near, *names[at + 1 :])) if near is not None else None
            return meant if meant is not None and self.has(meant) else None
        return None


def _target(effect: Effect) -> Text | None:
    match effect:
        case Copy():
            return effect.target
        case Link() | MakeDirectory() | Write():
            return effect.path
        case Unpack():
            return effect.into
        case _:
            return None
