"""A service's `run` ends at once: its program goes into the background, or nothing in it goes on running.

## What it does
Reports a `run`, of a longrun or in `services.d`, whose last command leaves a server in the background (`nginx` without `daemon
off`, `service x start`, `… &` with nothing waiting), or which consists of commands that all return.

## Why it matters at run time
s6 takes the end of `run` for the end of the service and starts it again, once a second, for ever: servers find their port taken,
logs fill up, and nothing can stop the one that runs in the background.

## When to ignore it
When the service is meant to be done once: `s6-svc -O`, a `finish` that halts or exits with 125, or a oneshot say so.

## References
- s6, "Service directories": `run` must not go into the background
- nginx, "daemon"; cron(8); sshd(8)
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.image.image import EffectiveImage
from ..lineage.text.errors import Unknown
from .base import Message, Severity, Undecided
from .shared.services.ending import cure_of, why_it_ends
from .shared.services.endless_commands import own_commands
from .shared.services.servers import never_ends, server_at_start
from .shared.subjects import line_of

SEVERITY = Severity.ERROR

_ENDS_THE_SERVICE = (b"halt", b"125", b"s6-svscanctl", b"s6-svc", b"s6-rc", b"kill", b"/run/s6")


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message | Undecided]:
    for step in boot.of_kind("services.d", "longrun"):
        if step.script is None or step.script.reading is None or step.script.reading.unread or _is_meant(image, step):
            continue
        commands = own_commands(step)
        if any(c.name in ("wait", "trap", "s6-svc", "s6-rc", "s6-pause", "kill") or never_ends(c) for c in commands):
            continue
        if step.script.shebang is not None and not any(c.argv for c in commands) and not step.script.reading.mentions:
            yield _nothing(step)
            continue
        last = next((c for c in reversed(commands) if c.argv and (c.sure or c.name != "exit")), None)
        if last is None or not last.sure or last.loop is not None or step.script.reading.ends in ("loop", "exit"):
            continue
        server = server_at_start(last, image, boot)
        if isinstance(server, Unknown):
            yield Undecided(server, (line_of(last.place.path, last.place.line),))
        elif why := why_it_ends(last, server, commands):
            yield Message(
                last.place,
                f"The service {step.name} ends at once, and s6 starts it again every second: {why}.",
                cure_of(last, server)
                or "Make it a oneshot or an init script, or let the service's program be the last command.",
                subject=step.name,
                owner=step.image,
                about=(line_of(last.place.path, last.place.line),),
            )


def _nothing(step: StartStep) -> Message:
    return Message(
        step.place,
        f"The service {step.name} ends at once, and s6 starts it again every second: its `run` has no command.",
        "Let the service's program be the last command, or remove the directory.",
        subject=step.name,
        owner=step.image,
    )


def _is_meant(image: EffectiveImage, step: StartStep) -> bool:
    """Whether `finish` keeps the service from being started again, or its content is not known."""
    finish = image.tree.find(f"{step.path.rpartition('/')[0]}/finish")
    if finish is None or finish.kind != "file":
        return False
    data = finish.blob.data
    return data is None or any(word in data for word in _ENDS_THE_SERVICE)
