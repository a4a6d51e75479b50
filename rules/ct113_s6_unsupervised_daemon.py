"""An init script starts a server and leaves it running.

## What it does
Reports servers that an init script or oneshot starts in the background (`service mariadb start`, a server or an endless script
with `&`) and that no start script stops or waits for.

## Why it matters at run time
Nobody watches it: when it dies it stays dead, and when the container stops it is killed without time to close its files.

## When to ignore it
When it is fine that it is gone after it failed.

## References
- s6-overlay README, "Writing a service script"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.script_reader import ScriptReader
from ..lineage.image.image import EffectiveImage
from ..lineage.text.errors import Unknown
from .base import Message, Severity
from .shared.services.endless_commands import goes_on, own_commands
from .shared.services.servers import stopped

SEVERITY = Severity.WARNING


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    doubt: Unknown | None = None
    reader = ScriptReader(image)
    everywhere = tuple(command for step in boot.steps for command in own_commands(step))
    for step in boot.of_kind("cont-init", "oneshot"):
        commands = own_commands(step)
        for command, server in goes_on(image, step, reader):
            if isinstance(server, Unknown):
                doubt = server
                continue
            later = commands[commands.index(command) + 1 :]
            elsewhere = tuple(
                c for c in everywhere if c not in commands and c.name not in ("kill", "pkill", "killall", "wait")
            )
            if stopped(server.name, later) or stopped(server.name, elsewhere):
                continue
            yield Message(
                command.place,
                f"{step.label} starts {server.name} and leaves it running: nothing restarts or stops it in order.",
                "Make it a service (`services.d` or s6-rc) that runs it in the foreground, or stop it before the script ends.",
                subject=server.name,
                owner=step.image,
            )
    if doubt is not None:
        raise doubt
