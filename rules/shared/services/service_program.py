"""The program that a service's `run` script starts: what the script becomes, or what it leaves as a child of its shell."""

from ....lineage.boot.steps import StartStep
from ....lineage.commands.model import Command
from ....lineage.text.spelling import words_of

# Commands that end by themselves or belong to the shell: what comes after them is another rule's matter.
_NO_PROGRAM = frozenset(
    words_of(""": . [ [[ alias awk basename break cat cd chgrp chmod chown cmp continue cp curl cut date dirname echo env
        envsubst eval exit export expr false find getent grep head hostname id install kill let ln local logger ls
        mkdir mktemp mv pkill printf ps pwd read readlink readonly return rm rmdir s6-svc s6-svscanctl s6-svwait
        s6-pause s6-setlock sed service set shift sleep sort source stat systemctl tail tar tee test touch tr trap
        true ulimit umask unset update-alternatives wait wc wget which xargs""")
)


def child_program(step: StartStep) -> Command | None:
    """The command that the script ends with, where it is one long-running program started as a child of the shell."""
    script = step.script
    if script is None or script.reading is None or script.reading.unread or script.reading.ends is not None:
        return None
    if script.shebang is not None and script.shebang.shell == "execlineb":
        return None
    commands = [c for c in script.reading.commands if not c.substitution and not c.callers]
    if any(c.background for c in commands) or any(c.name in ("trap", "wait") for c in commands):
        return None
    last = commands[-1] if commands else None
    if last is not None and last.sure and _is_child(last):
        return last
    return _other_branch(commands)


def _is_child(command: Command) -> bool:
    if not command.argv or command.exec or command.function or command.loop is not None or command.pipe is not None:
        return False
    return bool(command.name) and command.name not in _NO_PROGRAM and "::" not in command.name


def _other_branch(commands: list[Command]) -> Command | None:
    """The program that one branch of the `if` at the script's end starts as a child, where the other one uses `exec`."""
    ends: dict[bool, Command] = {}
    place = next((guard.place for guard in commands[-1].guards if guard.kind == "if"), None) if commands else None
    for command in commands:
        inner = [guard for guard in command.guards if not guard.presumed and guard.kind != "exit"]
        if not inner or inner[0].place != place:
            ends.clear()  # what runs on every path, or in another `if`, comes behind
        elif len(inner) == 1:
            ends[inner[0].negated] = command
    branches = list(ends.values())
    if len(branches) != 2 or all(one.exec for one in branches) or not any(one.exec for one in branches):
        return None
    left = next(one for one in branches if not one.exec)
    return left if _is_child(left) else None


def replacing_program(step: StartStep) -> Command | None:
    """The program that takes the place of the script: the one behind its first `exec`."""
    script = step.script
    if script is None:
        return None
    return next((c for c in script.commands if c.exec and c.argv and c.place.path == script.place.path), None)
