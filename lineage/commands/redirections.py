"""What the shell surely cannot open for a command, so that it does not run it."""

from ..text.paths import is_of_the_kernel
from ..text.symbolic_paths import join
from .model import Command, Sight


def unopened(command: Command, sight: Sight) -> bool:
    """Whether a file that a command is to read or to write by a redirection surely cannot be opened."""
    for redirect in command.redirects:
        if redirect.target is None or redirect.target.globs:
            continue
        path = join(command.directory, redirect.target.text).literal
        if path is None or not path.startswith("/") or "{}" in path or is_of_the_kernel(path):
            continue
        if redirect.operator == "<" and sight.kind(path) == "nothing":
            return True
        if redirect.writes:
            above = path.rpartition("/")[0]
            if sight.kind(path) == "directory" or (above and sight.kind(above) in ("nothing", "file")):
                return True
    return False
