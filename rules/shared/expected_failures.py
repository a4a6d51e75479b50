"""Failures that a start script expects: what comes of them is its own affair."""

from ...lineage.boot.steps import StartStep
from ...lineage.commands.model import Command
from ...lineage.text.places import Place


def asked_whether_they_succeed(step: StartStep) -> frozenset[Place]:
    """The places of the commands of whose success the script makes something: `if …`, `while …`, `… || …`."""
    commands = step.script.commands if step.script is not None else ()
    return frozenset(guard.place for one in commands for guard in one.guards if guard.kind in ("||", "if", "while"))


def is_silenced(command: Command) -> bool:
    """Whether what a command has to complain of is sent away (`2>/dev/null`)."""
    return any(redirect.fd == 2 and redirect.writes for redirect in command.redirects)
