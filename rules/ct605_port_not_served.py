"""EXPOSE of a port that no service of the image listens on.

## What it does
Reports a port that the image exposes where all services of its lineage are scripts that do nothing but what surely opens no port
(`date`, `sleep`, file commands) and none of them names the port. Any program that ctlint does not know makes it silent, also one
that runs only where a variable has another value than the image gives it.

## Why it matters at run time
A published port leads nowhere: connections are refused. Readers and tools take EXPOSE for what the image offers.

## When to ignore it
When the service that listens is brought by a volume or by who runs the image.

## References
- Dockerfile reference, "EXPOSE"
"""

import re
from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.script_reader import ScriptReader
from ..lineage.boot.slash_init import main_program
from ..lineage.boot.steps import StartStep
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release
from ..lineage.text.errors import Unknown
from ..lineage.text.numbers import is_digits
from .base import Message, Severity

SEVERITY = Severity.INFO

_OPENS_NO_PORT = frozenset(
    """: . [ [[ test true false echo printf date sleep wait cd export set shift read exit return trap umask local declare source
    cat cp mv rm ln mkdir chmod chown chgrp touch grep sed awk cut tr sort head tail wc tee find stat ls id basename dirname
    readlink useradd usermod groupadd groupmod userdel getent adduser addgroup passwd chpasswd kill ps pgrep envsubst install
    s6-svwait s6-svc s6-setuidgid s6-true curl wget jq""".split()
)


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    if not isinstance(boot.s6, S6Release) or boot.starts_init is not True:
        return
    own = [port for port in image.exposed if image.owns(port.image) and not _named(boot, port.value.partition("/")[0])]
    if not own:
        return
    if boot.open is not None:
        raise boot.open
    if main_program(image) is not None:
        raise Unknown("which ports CMD listens on is not known")
    if not any(True for _ in boot.of_kind("services.d", "longrun")):
        return  # a foundation: those who build on it bring the services
    reader = ScriptReader(image, frozenset(image.env))
    for step in boot.steps:
        _surely_deaf(step, reader)
    for port in own:
        yield Message(
            port.place,
            f"Port {port.value} is exposed, and no service of the image listens on any port.",
            "Take EXPOSE out, or add the service that listens.",
            subject=port.value,
        )


def _named(boot: BootPlan, number: str) -> bool:
    """Whether a step of the start speaks of the port, or the port is no number."""
    return not is_digits(number) or any(_names(step, number) for step in boot.steps)


def _surely_deaf(step: StartStep, reader: ScriptReader) -> None:
    """Raises Unknown where the step may open a port: also where ENV leaves that to a variable which the user may set."""
    script = step.script
    if script is not None and script.path != step.path:
        script = reader.read(script.path, inherits=True, interpreter=script.interpreter)
    elif script is not None and step.kind != "oneshot":
        script = reader.read(script.path, inherits=script.sees_environment is not False, interpreter=script.interpreter)
    if script is None or script.reading is None or script.reading.unread:
        raise Unknown(f"which ports {step.label} listens on is not known")
    for command in script.commands:
        if command.argv and not (command.loaded or command.function) and command.name not in _OPENS_NO_PORT:
            raise Unknown(f"which ports {command.name or step.label} listens on is not known")


def _names(step: StartStep, number: str) -> bool:
    data = step.script.data if step.script is not None else None
    return data is not None and re.search(rb"(?<!\d)" + number.encode() + rb"(?!\d)", data) is not None
