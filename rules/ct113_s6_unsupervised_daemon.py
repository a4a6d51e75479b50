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

from collections.abc import Iterator, Mapping
from functools import cache, partial

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.script_reader import ScriptReader
from ..lineage.image.image import EffectiveImage
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from .base import Message, Severity
from .shared.services.endless_commands import goes_on, own_commands
from .shared.services.servers import ANY_SERVER, servers_stopped

SEVERITY = Severity.WARNING


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    doubt: Unknown | None = None
    reader = ScriptReader(image)
    stops = _stops(boot)
    for step in boot.of_kind("cont-init", "oneshot"):
        own = own_commands(step)
        last = {name: number for number, command in enumerate(own) for name in servers_stopped(command)}
        numbers = {id(command): number for number, command in enumerate(own)}
        places = {command.place for command in own}
        elsewhere = cache(partial(_is_stopped_elsewhere, stops, places))
        for command, server in goes_on(image, own, reader):
            if isinstance(server, Unknown):
                doubt = server
                continue
            later = max(last.get(name, -1) for name in (ANY_SERVER, server.name)) > numbers[id(command)]
            if later or elsewhere(server.name):
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


def _stops(boot: BootPlan) -> dict[str, set[Place]]:
    """Where the start stops a server, by its name; what ends processes of a script's own is not among it."""
    found: dict[str, set[Place]] = {}
    for step in boot.steps:
        for command in own_commands(step):
            if command.name not in ("kill", "pkill", "killall", "wait"):
                for name in servers_stopped(command):
                    found.setdefault(name, set()).add(command.place)
    return found


def _is_stopped_elsewhere(stops: Mapping[str, set[Place]], own: set[Place], server: str) -> bool:
    return any(not stops.get(name, set()) <= own for name in (ANY_SERVER, server))
