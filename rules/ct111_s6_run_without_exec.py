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

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command
from ..lineage.text.places import Place, Span
from .base import Edit, Fix, Message, Severity
from .shared.services.service_program import child_program
from .shared.subjects import line_of

SEVERITY = Severity.WARNING
YIELDS_TO = ("CT112",)


def check(boot: BootPlan) -> Iterator[Message]:
    for step in boot.of_kind("services.d", "longrun"):
        command = child_program(step)
        if command is not None:
            yield _message(step, command)


def _message(step: StartStep, command: Command) -> Message:
    fix = None
    first = command.wrappers[0].place if command.wrappers else command.place
    start = min(first.span, command.place.span)
    if not command.subshell:
        at = Place(command.place.path, Span(start.line, start.column, start.line, start.column))
        fix = Fix("put `exec` before the command", (Edit("text", at, "exec "),), "safe")
    return Message(
        command.place,
        f"The service {step.name} starts `{command.name}` as a child of its shell: a stop request ends the shell, not the "
        "program, which is killed later.",
        f"Put `exec` before the command that starts `{command.name}`.",
        fix=fix,
        owner=step.image,
        about=(line_of(command.place.path, command.place.line),),
    )
