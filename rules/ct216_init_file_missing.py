"""A start script runs a file or program that the image does not have.

## What it does
Follows what init scripts, services and entry scripts run by a path, by a name in PATH, or by giving a script to an interpreter
(`node server.js` in the folder that they changed to), and reports what is surely not in the image: every layer that could have
put it there is known, no start script makes it, and nothing mounts it. A command that is only run where a test finds the file
is left alone, and so is one whose failure is expected (`|| true`, `2>/dev/null`).

## Why it matters at run time
"No such file or directory": the step's work is not done, and a service is started again and again without end.

## When to ignore it
When the file is mounted into every container.

## References
- execve(2): ENOENT
"""

from collections.abc import Iterator
from posixpath import basename

from ..lineage.boot.healthcheck import BUILTINS
from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command, Guard
from ..lineage.image.image import EffectiveImage
from ..lineage.late.dataclasses import replace
from ..lineage.text.errors import Unknown
from .base import Message, Severity, Undecided
from .shared.missing_programs import found_at, made_at_start, needed

SEVERITY = Severity.ERROR
YIELDS_TO = ("CT120", "CT106", "CT123", "CT611")

_SETTINGS = ("=", "!=", "-z", "-n", "match")
_ASK_FOR_FILES = ("-e", "-f", "-x", "-s", "-r", "-d", "-L", "-h")


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message | Undecided]:
    told: set[str] = set()
    doubt: Unknown | None = None
    for step in boot.steps:
        if step.script is None or step.script.reading is None or step.script.reading.unread:
            continue
        for command, name in _run(step):
            if name in told:
                continue
            found = found_at(image, name)
            if isinstance(found, Unknown):
                doubt = found if doubt is None else doubt
            elif found is None and not made_at_start(boot, name):
                told.add(name)
                yield _message(image, step, command, name)
    if doubt is not None:
        yield Undecided(doubt)


def _run(step: StartStep) -> Iterator[tuple[Command, str]]:
    """The commands that a step surely runs, each with a file or program that it needs."""
    commands = step.script.commands if step.script is not None else ()
    handled = {guard.place for command in commands for guard in command.guards if guard.kind in ("||", "if", "while")}
    for command in commands:
        if not command.argv or command.name in BUILTINS or command.place in handled or command.background:
            continue
        if any(redirect.fd == 2 and redirect.writes for redirect in command.redirects) or command.in_pipeline:
            continue
        if any(map(_asks, command.guards)):
            continue
        directory = command.directory.literal
        surely = replace(command, sure=command.sure or all(map(_compares, command.guards)))
        for name, _ in needed(surely, directory):
            if "/" in name or "/" not in (command.argv[0].literal or ""):
                yield command, name


def _compares(guard: Guard) -> bool:
    """Whether a guard compares what the container is set to, so that the command is run with one setting or another."""
    tests = (guard.test,) if guard.test is not None else guard.alternatives
    return guard.presumed or (bool(tests) and all(test is not None and test.op in _SETTINGS for test in tests))


def _asks(guard: Guard) -> bool:
    """Whether a guard may ask for the file or the program itself."""
    tests = (guard.test, *guard.alternatives)
    return not guard.presumed and (
        guard.test is None or any(test is not None and test.op in _ASK_FOR_FILES for test in tests)
    )


def _message(image: EffectiveImage, step: StartStep, command: Command, name: str) -> Message:
    from difflib import get_close_matches

    cure = "Correct the path, copy the file into the image, or install what brings it."
    if name.startswith("/"):
        folder = name.rpartition("/")[0] or "/"
        near = get_close_matches(basename(name), image.tree.children(folder), 1, 0.6)
        elsewhere = [path for path in (f"{folder}/{near[0]}",) if near] if near else _elsewhere(image, name)
        if len(elsewhere) == 1:
            cure = f"Did you mean `{elsewhere[0]}`?"
    what = f"{name}, which is not in the image" if name.startswith("/") else f"`{name}`, which is in no folder of PATH"
    return Message(command.place, f"{step.label} runs {what}.", cure, subject=name, owner=step.image)


def _elsewhere(image: EffectiveImage, path: str) -> list[str]:
    """The files of that name which the image itself brings."""
    name = basename(path)
    found = (
        (place, node) for place, node in image.tree.nodes.items() if place.endswith("/" + name) and node.kind == "file"
    )
    return [place for place, node in found if image.owns(node.image)][:2]
