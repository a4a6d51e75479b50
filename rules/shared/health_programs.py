"""Whether what a health check runs is in the image."""

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import basename

from ...lineage.boot.plan import BootPlan
from ...lineage.commands.model import Command
from ...lineage.effects.model import Copy, Link, Opens, Write
from ...lineage.image.image import EffectiveImage
from ...lineage.image.program_lookup import file_at, program_on_path
from ...lineage.image.tree import Node
from ...lineage.text.errors import Unknown

_INTERPRETERS = frozenset(("sh", "bash", "dash", "ash", "python", "python3", "node", "perl", "ruby", "php"))


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
        for name, needs_x in _needed(command):
            found = file_at(image, name) if name.startswith("/") else program_on_path(image, name)
            if isinstance(found, Unknown):
                doubt = found if doubt is None else doubt
                continue
            why = _problem(name, found, needs_x)
            if why is not None and not _made_at_start(boot, name):
                return Lacking(name, why, found)
    return doubt


def _needed(command: Command) -> Iterator[tuple[str, bool]]:
    """(program or file, whether it must be executable) that a command surely needs."""
    words = [word.literal for word in command.argv]
    first = words[0] if words else None
    if not command.sure or first is None or command.function or command.substitution:
        return
    if "/" not in first or first.startswith("/"):
        yield first, True
    if basename(first) in _INTERPRETERS and len(words) > 1:
        script = words[1]
        if script is not None and script.startswith("/"):
            yield script, False


def _problem(name: str, found: Node | None, needs_x: bool) -> str | None:
    if found is None:
        return "is not in the image" if name.startswith("/") else "is in no folder of PATH"
    if found.kind == "directory":
        return "is a directory"
    if needs_x and found.kind == "file" and found.executable is False:
        return f"has no x bit (mode {found.mode or 0:04o})"
    return None


def _made_at_start(boot: BootPlan, path: str) -> bool:
    for step in boot.steps:
        for effect in step.effects:
            target = (
                effect.target if isinstance(effect, Copy) else effect.path if isinstance(effect, Link | Write) else None
            )
            if target is not None and (
                target.opaque or path == target.canonical or path.startswith(target.canonical + "/")
            ):
                return True
            if target is not None and path.rpartition("/")[0] == target.canonical.rstrip("/"):
                return True
            if isinstance(effect, Opens) and step.kind in ("cont-init", "oneshot", "entrypoint"):
                return True
    return boot.open is not None
