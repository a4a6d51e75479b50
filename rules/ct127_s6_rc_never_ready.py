"""A service is to say when it is ready, and nothing in it does.

## What it does
Reports a longrun of s6-rc with a `notification-fd` whose `run` ends in a program that writes nothing to that descriptor: a
server that is known and knows nothing of it, `logutil-service`, `s6-log` without `-d`, or a script of the image that never
mentions it. Where anything in the scripts mentions the number, `s6-notifyoncheck` or the like, or the program is not known, it
is silent; of definitions that s6-rc-compile refuses (CT107) only that is said. Also a `run` that starts `s6-notifyoncheck` in a
definition without `notification-fd`.

## Why it matters at run time
s6-rc waits for the line that never comes. On s6-overlay 3.2 it waits for ever: what depends on the service, `services.d` and
CMD do not start. On 3.0 and 3.1 the start gives up after five seconds, and `timeout-up` ends the wait with a failed service.
Where nothing comes after the service it is a warning. Without the file `s6-notifyoncheck` ends at once ("unable to read
./notification-fd"), and the service's program is never started.

## When to ignore it
When the program writes to the descriptor in a way that ctlint cannot see.

## References
- s6: https://skarnet.org/software/s6/notifywhenup.html
- s6-rc: https://skarnet.org/software/s6-rc/s6-rc-compile.html, "Source format"
"""

import re
from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command
from ..lineage.effects.harmless import HARMLESS
from ..lineage.effects.s6_directories import SERVICES
from ..lineage.image.image import EffectiveImage
from ..lineage.image.script_files import text_of
from ..lineage.image.tree import Node
from ..lineage.late.patterns import pattern
from ..lineage.s6.rc_database import Database, Service
from ..lineage.text.places import Place
from .base import Message, Severity
from .shared.questions import is_half_read, place_in_image
from .shared.services.servers import ServerProgram, server_of
from .shared.services.service_program import child_program, replacing_program

SEVERITY = Severity.ERROR

_LOWEST = 3
_LOGGERS = ("logutil-service", "s6-log")
"""s6-log says it with `-d`, which is a mention of the number."""
_SPEAKS = pattern(r"(?i)notif|ready|/fd/|fdmove|displayfd|systemd")


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    database = boot.database
    if database is None or any(one.fatal and one.aspect == "compile" for one in database.problems):
        return
    for step in boot.of_kind("longrun"):
        service = database.services.get(step.name)
        if (
            service is not None
            and service.notification_fd is None
            and (check_at := _check_without(image, step, service))
        ):
            yield Message(
                check_at,
                f"`s6-notifyoncheck` reads the number in `notification-fd`, and {step.name} has no such file: it ends at once, "
                "and the service with it, again and again.",
                "Write `3` into a file `notification-fd` beside `run`.",
                subject=service.name,
                owner=step.image,
            )
        if (
            service is None
            or service.notification_fd is None
            or service.notification_fd < _LOWEST
            or is_half_read(step)
        ):
            continue
        program = replacing_program(step) or child_program(step)
        place = place_in_image(image, f"{service.path}/notification-fd")
        if program is None or place is None or not _is_silent(image, step, program, service.notification_fd):
            continue
        waited_for = _is_waited_for(image, database, service)
        yield Message(
            place,
            f"{step.name} is to say on descriptor {service.notification_fd} when it is ready, and {program.name} says nothing "
            f"there: s6-rc waits in vain{', and what comes after it does not start' if waited_for else ''}.",
            "Remove `notification-fd`, or let `s6-notifyoncheck` ask in `run` whether the service is there.",
            severity=None if waited_for else Severity.WARNING,
            subject=service.name,
            owner=step.image,
        )


def _check_without(image: EffectiveImage, step: StartStep, service: Service) -> Place | None:
    """Where `run` surely starts s6-notifyoncheck, which looks for a file that is surely not there."""
    if step.script is None or is_half_read(step) or image.tree.get(f"{service.path}/notification-fd") is not None:
        return None
    for command in step.script.commands:
        if not command.sure or command.callers or command.background:
            continue
        for name, argv in (*((one.name, one.argv) for one in command.wrappers), (command.name, command.argv)):
            if name == "s6-notifyoncheck" and not any((word.literal or "-3").startswith("-3") for word in argv):
                return command.place
    return None


def _is_waited_for(image: EffectiveImage, database: Database, service: Service) -> bool:
    """Whether anything comes after the service: another one, a service of `services.d`, or CMD."""
    depending = any(service.name in other.dependencies for other in database.services.values() if other.own)
    return depending or image.cmd is not None or bool(image.tree.children(SERVICES))


def _is_silent(image: EffectiveImage, step: StartStep, program: Command, number: int) -> bool:
    """Whether neither the scripts nor the program that they end in write to the descriptor."""
    if step.script is None or any(_mentions(text, number) for text in _texts(image, step)):
        return False
    if any(one.name in (".", "source", "eval") and not one.loaded for one in step.script.commands):
        return False  # what could not be read may write there
    if program.name in _LOGGERS or (program.name in HARMLESS and not program.name.startswith("s6-")):
        return True
    if isinstance(server_of(program, image), ServerProgram):
        return True
    return _is_own_script(image, step, program, number)


def _is_own_script(image: EffectiveImage, step: StartStep, program: Command, number: int) -> bool:
    """Whether the program is a script of the image, all of whose commands are known, and which does not mention it."""
    script = step.script
    reading = script.reading if script is not None else None
    if reading is None or not program.loaded:
        return False
    inside = [one for one in reading.commands if program.place in one.callers]
    known = all(one.function or not one.argv or one.name in HARMLESS for one in inside)
    return bool(inside) and known and not any(_mentions(str(one), number) for one in inside)


def _texts(image: EffectiveImage, step: StartStep) -> Iterator[str]:
    """The texts of the step's script and of those that it sources or runs."""
    commands = step.script.commands if step.script is not None else ()
    paths = {command.place.path for command in commands}
    for node in (step.script.node if step.script is not None else None, *_nodes_at(image, paths)):
        text = text_of(node) if node is not None else None
        if text is not None:
            yield text.text


def _nodes_at(image: EffectiveImage, paths: set[str]) -> Iterator[Node]:
    return (node for node in image.tree.nodes.values() if node.source in paths)


def _mentions(text: str, number: int) -> bool:
    return _SPEAKS.search(text) is not None or re.search(rf"(?<!\d){number}(?!\d)", text) is not None
