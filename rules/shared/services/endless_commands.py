"""Whether a start step comes to its end, and what of it goes on running behind its back."""

from collections.abc import Iterable, Iterator

from ....lineage.boot.script_reader import ScriptReader
from ....lineage.boot.steps import StartStep
from ....lineage.commands.model import Command, Wrapper
from ....lineage.image.image import EffectiveImage
from ....lineage.late.dataclasses import dataclass
from ....lineage.shell.shebang import read_shebang
from ....lineage.text.errors import Unknown
from ....lineage.text.places import Place
from .servers import ServerProgram, never_ends, server_of

# Wrappers that end a program, or let it run on its own.
_ENDING = frozenset(("timeout", "s6-maximumtime"))
_WAYS_OUT = frozenset(("exit", "return", "exec", "kill"))
"""Commands by which a script leaves a loop that has no end of its own, under whatever condition."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """A command that goes on for ever, or (of a loop) the line where the loop begins."""

    place: Place
    what: str


def own_commands(step: StartStep) -> tuple[Command, ...]:
    """The commands of the script itself, in order: not those of scripts that it runs, nor those within `$(…)`."""
    commands = step.script.commands if step.script is not None else ()
    return tuple(c for c in commands if not c.substitution and not c.callers and not c.compound)


def blocks(image: EffectiveImage, step: StartStep) -> Lasting | Unknown | None:
    """What keeps a script from ending, on every path; None where it ends on some path, or nothing is known to."""
    script = step.script
    if script is None or script.reading is None or script.reading.unread:
        return None
    doubt: Unknown | None = None
    commands = own_commands(step)
    for command in commands:
        if not command.sure or command.background or command.loop is not None or not command.argv:
            continue
        if _is_ended(command.wrappers) or (command.pipe is not None and command.pipe.index < command.pipe.length - 1):
            continue
        if never_ends(command):
            return Lasting(command.place, f"`{command}` does not end")
        server = server_of(command, image)
        if isinstance(server, Unknown):
            doubt = server
        elif server is not None and server.way == "foreground":
            return Lasting(command.place, f"`{command.name}` stays in the foreground")
    if script.reading.ends == "loop" and not any(c.loaded for c in commands):
        return _endless_loop(commands) or doubt
    return doubt


def _is_ended(wrappers: tuple[Wrapper, ...]) -> bool:
    return any(wrapper.name in _ENDING for wrapper in wrappers)


def _endless_loop(commands: tuple[Command, ...]) -> Lasting | None:
    """Where the loop begins: its condition is the command before the first of its body."""
    if any(command.loop is not None and command.name in _WAYS_OUT for command in commands):
        return None
    for index, command in enumerate(commands):
        if command.loop == "unbounded":
            start = commands[index - 1] if index and commands[index - 1].loop is None else command
            return Lasting(start.place, "the loop does not end")
    return None


def goes_on(
    image: EffectiveImage, commands: Iterable[Command], reader: ScriptReader
) -> Iterator[tuple[Command, ServerProgram | Unknown]]:
    """The servers that a script's own commands leave running: those that go into the background, and that are sent there."""
    for command in commands:
        if not command.argv or command.function or _is_ended(command.wrappers):
            continue
        server = server_of(command, image)
        if isinstance(server, Unknown):
            yield command, server
        elif server is not None:
            if server.way == "background" or (server.way == "foreground" and command.background):
                yield command, server
        elif command.background and (never_ends(command) or _loops(command, reader)):
            yield command, ServerProgram("background", command.name)


def _loops(command: Command, reader: ScriptReader) -> bool:
    """Whether a command runs a script of the image that never ends."""
    path = command.argv[0].literal
    if path is None or not path.startswith("/"):
        return False
    node = reader.image.tree.find(path)
    if node is None or node.kind != "file" or read_shebang(node.blob.data or b"") is None:
        return False
    script = reader.read(path)
    return script is not None and script.reading is not None and script.reading.ends == "loop"
