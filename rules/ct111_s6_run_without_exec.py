"""A service's `run` starts its program without `exec`.

## What it does
Reports a `run` script, of a longrun or in `services.d`, whose last command is one long-running program that the shell starts
as a child.

## Why it matters at run time
A stop request goes to the shell, which ends; the program is left until everything else is down and is then killed, so it
cannot close its files in time. `s6-svc -t` and readiness do not reach it either.

## When to ignore it
When the shell is wanted around the program: a loop that supervises it, a trap with `wait`. Those are not reported.

## References
- s6, "Service directories": `run` is replaced by the program it executes
"""

from collections.abc import Iterator

from ..lineage.boot import BootPlan, StartStep
from ..lineage.commands import Command
from ..lineage.source import Place, Span
from .base import Edit, Fix, Message, Severity

SEVERITY = Severity.WARNING

# Commands that end by themselves or belong to the shell: what comes after them is another rule's matter.
_NO_PROGRAM = frozenset(
    """: . [ [[ alias awk basename break cat cd chgrp chmod chown cmp continue cp curl cut date dirname echo env envsubst eval
    exit export expr false find getent grep head hostname id install kill let ln local logger ls mkdir mktemp mv pkill printf ps
    pwd read readlink readonly return rm rmdir s6-svc s6-svscanctl s6-svwait s6-pause s6-setlock sed service set shift sleep sort
    source stat systemctl tail tar tee test touch tr trap true ulimit umask unset update-alternatives wait wc
    wget which xargs""".split()
)


def check(boot: BootPlan) -> Iterator[Message]:
    for step in boot.of_kind("services.d", "longrun"):
        command = _last(step)
        if command is not None:
            yield _message(step, command)


def _last(step: StartStep) -> Command | None:
    """The command that `run` ends with, where it is a program started as a child of the shell."""
    script = step.script
    if script is None or script.reading is None or script.reading.unread or script.reading.ends is not None:
        return None
    if script.shebang is not None and script.shebang.shell == "execlineb":
        return None
    commands = [c for c in script.reading.commands if not c.substitution and not c.callers]
    if any(c.background for c in commands) or any(c.name in ("trap", "wait") for c in commands):
        return None
    last = commands[-1] if commands else None
    if last is None or not last.argv or last.exec or last.function or last.loop is not None:
        return None
    if not last.sure or last.name in _NO_PROGRAM or not last.name or last.pipe is not None:
        return None
    return last


def _message(step: StartStep, command: Command) -> Message:
    fix = None
    first = command.wrappers[0].place if command.wrappers else command.place
    start = min(first.span, command.place.span)
    if not command.guards and not command.subshell:
        at = Place(command.place.path, Span(start.line, start.column, start.line, start.column))
        fix = Fix("put `exec` before the command", (Edit("text", at, "exec "),), "safe")
    return Message(
        command.place,
        f"The service {step.name} starts `{command.name}` as a child of its shell: a stop request ends the shell, not the "
        "program, which is killed later.",
        f"Put `exec` before the command that starts `{command.name}`.",
        fix=fix,
        owner=step.image,
    )
