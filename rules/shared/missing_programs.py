"""Programs and scripts that a command needs, and whether the image surely cannot run them."""

from collections.abc import Collection, Iterator
from posixpath import basename

from ...lineage.boot.plan import BootPlan
from ...lineage.boot.steps import StartStep
from ...lineage.commands.model import Command
from ...lineage.effects.model import Copy, Effect, Link, MakeDirectory, Opens, Unpack, Write
from ...lineage.image.image import EffectiveImage
from ...lineage.image.program_lookup import file_at, program_on_path
from ...lineage.image.tree import Node
from ...lineage.shell.shebang import SHELLS
from ...lineage.text.errors import Unknown
from ...lineage.text.paths import normal, within
from ...lineage.text.places import Place

_INTERPRETERS = SHELLS | {"python", "python3", "node", "perl", "ruby", "php"}

_HOLDERS = ("busybox", "toybox")
"""Programs that hold those which are named behind them: `busybox nc` needs no nc."""


def needed(command: Command, directory: str | None = None) -> Iterator[tuple[str, bool]]:
    """(program or file, whether it must be executable) that a command surely needs.

    Paths that are not absolute are taken from `directory`; without one they are left out.
    """
    words = [word.literal for word in command.argv]
    first = words[0] if words else None
    if not command.sure or not first or command.function or command.substitution:
        return
    holder = command.wrappers[-1] if command.wrappers else None
    if holder is not None and holder.name in _HOLDERS:
        name = holder.argv[0].literal
        if name and ("/" not in name or name.startswith("/")):
            yield name, True
    elif "/" not in first or first.startswith("/"):
        yield first, not _is_given(command)
    elif directory is not None:
        yield normal(first, directory), not _is_given(command)
    if basename(first) in _INTERPRETERS and len(words) > 1:
        script = words[1]
        if script is not None and script.startswith("/"):
            yield script, False
        elif script and directory is not None and "." in basename(script) and not script.startswith("-"):
            yield normal(script, directory), False


def _is_given(command: Command) -> bool:
    """Whether it is a script that a shell is given (`sh FILE`), and not one that is run by its path."""
    wrapper = command.wrappers[-1] if command.wrappers else None
    if wrapper is None or wrapper.name not in _INTERPRETERS:
        return False
    return not any(word.literal in ("-c", "-ec", "-lc", "-exc") for word in wrapper.argv[1:])


def found_at(image: EffectiveImage, name: str) -> Node | Unknown | None:
    """The file of that path, or the program of that name in PATH; None if there surely is none."""
    return file_at(image, name) if name.startswith("/") else program_on_path(image, name)


def problem(name: str, found: Node | None, needs_x: bool) -> str | None:
    """What keeps a file from being run, as the end of a sentence; None where nothing is known to."""
    if found is None:
        return "is not in the image" if name.startswith("/") else "is in no folder of PATH"
    if not found.sure:
        return None
    if found.kind == "directory":
        return "is a directory"
    if needs_x and found.kind == "file" and found.executable is False:
        return f"has no x bit (mode {found.mode or 0:04o})"
    return None


def made_at_start(boot: BootPlan, path: str) -> bool:
    """Whether something that runs at start makes the file, or may: not what the file itself does once it runs."""
    for step in boot.steps:
        if step.path == path:
            continue
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


def may_be_made_at_start(boot: BootPlan, path: str, by_others_than: str) -> bool:
    """Whether an init script, oneshot or entrypoint that is known, other than the one at that path, makes the file, or may."""
    steps = [step for step in boot.of_kind("entrypoint", "cont-init", "oneshot") if step.path != by_others_than]
    return any(makes(effect, path) for step in steps for effect in step.effects)


def makes(effect: Effect, path: str) -> bool:
    """Whether an effect makes the file at a path, or may."""
    if isinstance(effect, Opens):
        below = any(within(path, base) for base in effect.below)
        return below and not any(within(path, spare) for spare in effect.spares)
    if isinstance(effect, Copy):
        return effect.target.opaque or within(path, effect.target.canonical)
    if isinstance(effect, Link | Write):
        return effect.path.opaque or within(path, effect.path.canonical)
    return False


def may_be_made(boot: BootPlan, path: str, step: StartStep, command: Command, cannot_run: Collection[Place]) -> bool:
    """Whether something that runs before the command makes the file, or may; what is missing itself makes nothing."""
    later = _later(step, command)
    return any(
        makes(effect, path)
        or (isinstance(effect, MakeDirectory) and within(effect.path.canonical, path))
        or (isinstance(effect, Unpack) and (effect.into.opaque or within(path, effect.into.canonical)))
        for one in boot.steps
        for effect in one.effects
        if effect.command is None or not (effect.command.place in cannot_run or id(effect.command) in later)
    )


def _later(step: StartStep, command: Command) -> set[int]:
    """The commands of the step that run only after that one has."""
    commands = step.script.commands if step.script is not None else ()
    at = next((index for index, one in enumerate(commands) if one is command), len(commands))
    return {id(one) for one in commands[at:]} if command.loop is None else set()
