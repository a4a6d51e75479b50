"""Whether a script, or what a container is started with, comes to its end at once, and why."""

from ....lineage.commands.model import Command
from ....lineage.effects.read import returns
from ....lineage.shell.shebang import SHELLS
from .servers import ServerProgram

# They return at once, whatever they are given.
_RETURNING = frozenset(
    """: [ [[ test true false cd echo printf export unset set shopt umask date mkdir rmdir chmod chown chgrp ln rm mv touch id
    install local readonly declare exit hostname getent""".split()
)
_STAYING = SHELLS | {"sleep", "tail", "watch", "cat"}


def why_it_ends(last: Command, server: ServerProgram | None, commands: tuple[Command, ...]) -> str | None:
    """Why a script ends whose last command is `last`, which starts `server`; None where it may go on."""
    if server is not None and server.way == "background":
        if server.name == last.name:
            return f"`{last.name}` goes into the background"
        return f"`{last.name}` leaves {server.name} in the background and returns"
    if last.background and last.pipe is None and all(passes(c) for c in commands if c is not last):
        return f"`{last.name}` is sent into the background, and nothing waits for it" if last.name else None
    if all(c.name in _RETURNING and not c.function for c in commands if c.argv):
        return f"`{last.name}` is its last command, and none before it goes on running"
    return None


def passes(command: Command) -> bool:
    """Whether a command does not hold a script up: one that nobody knows may be its program."""
    name = command.name.rpartition("/")[2]
    return command.background or not command.argv or name in _RETURNING or (returns(name) and name not in _STAYING)


def cure_of(last: Command, server: ServerProgram | None) -> str | None:
    """What keeps the program in the foreground; None where there is none that could be kept."""
    if last.background:
        return "Put `exec` before the command, and leave out the `&`."
    if server is not None and server.name != last.name:
        return f"Start the program of {server.name} itself, in the foreground."
    if server is not None:
        return f"Give `{last.name}` the option that keeps it in the foreground."
    return None
