"""What the shell library of an image family needs of the environment."""

from collections.abc import Iterable

from ....lineage.commands.model import Command
from ....lineage.shell.shebang import Shebang


def library_needs(shebang: Shebang | None, commands: Iterable[Command]) -> tuple[str, Command] | None:
    """The variable that a command of the interpreter's own library asks with, and the first such command."""
    library = shebang.interpreter_of_family if shebang is not None else None
    if library is None or not library.needs:
        return None
    first = next((command for command in commands if command.argv and command.name.startswith(library.needed_by)), None)
    return (library.needs, first) if first is not None else None
