"""What the container is started with ends at once, and the container with it.

## What it does
Follows ENTRYPOINT and CMD of an image without s6-overlay's `/init` through its scripts, and reports a start whose last command
leaves a server in the background (`nginx` without `daemon off`, `supervisord` without `-n`, `service x start`, `cron`), and an
ENTRYPOINT script that surely comes to its end without running the CMD that the image gives. Where something stays behind it
(`tail -f`, `wait`), where a program that ctlint does not know may stay, and where those who run the image start something else,
nothing is said.

## Why it matters at run time
The container lives as long as its first process. When that ends, all others are killed, and `docker run` comes back at once with
the exit code 0: under a restart policy for ever.

## When to ignore it
When the image is only ever started with another command.

## References
- Docker, "Run multiple processes in a container"; nginx, "daemon"; supervisord, "nodaemon"; cron(8)
"""

from collections.abc import Iterator

from ..lineage.boot.main_command import argument_vector, leads_to_init
from ..lineage.boot.plan import BootPlan
from ..lineage.boot.script_reader import ScriptReader
from ..lineage.commands.model import Command, Reading
from ..lineage.image.image import CommandLine, EffectiveImage
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Sourced
from ..lineage.workspace.deployments import consumers_of
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Severity
from .shared.services.ending import cure_of, passes, why_it_ends
from .shared.services.servers import never_ends, server_at_start, server_of

SEVERITY = Severity.ERROR

_HOLDING = ("wait", "trap", "kill", "fg", "inotifywait", "flock")
"""Commands by which a script holds itself up, or may."""
_PREPARING = frozenset(
    ": true set export umask cd [ [[ test id echo printf mkdir install ln touch chmod chown chgrp usermod groupmod".split()
)
"""What a script does before it hands over, and for its own sake hardly ever."""


def check(image: EffectiveImage, boot: BootPlan, source: ImageSource, workspace: Workspace) -> Iterator[Message]:
    line = _own_line(image)
    words = argument_vector(image)
    if line is None or not words:
        return
    started = leads_to_init(image) if boot.s6 is not None else False
    if isinstance(started, Unknown):
        raise started
    if started:
        return
    reading = ScriptReader(image).started(words, line.place)
    commands = tuple(c for c in reading.commands if not c.substitution and not c.compound and not c.loaded and c.argv)
    if reading.unread or reading.ends == "loop" or not commands or any(map(_holds, commands)):
        return
    last = commands[-1]
    if not last.sure or last.loop is not None or last.pipe is not None:
        return
    server = server_at_start(last, image, boot)
    if isinstance(server, Unknown):
        raise server
    if server is not None and all(_goes_on(image, command) for command in commands[:-1]):
        why = why_it_ends(last, server, commands)
        cure = cure_of(last, server)
    else:
        why, cure = _never_handed_on(image, words, reading, commands), None
    if why is not None and not _started_otherwise(workspace, source):
        yield Message(
            line.place,
            f"The container ends as soon as it is started: {why}.",
            cure or 'End the script with `exec "$@"`, which runs what CMD says.',
            severity=None if server is not None else Severity.WARNING,
            subject=last.name,
        )


def _own_line(image: EffectiveImage) -> Sourced[CommandLine] | None:
    """The line of the image's own that says what is started; None where its parents say it all."""
    if image.entrypoint is None and image.config_open is not None:
        raise image.config_open
    for line in (image.cmd, image.entrypoint):
        if line is not None and image.owns(line.image):
            return line
    return None


def _holds(command: Command) -> bool:
    return command.name in _HOLDING or never_ends(command) or command.loop == "unbounded"


def _goes_on(image: EffectiveImage, command: Command) -> bool:
    """Whether the script surely comes to what stands behind a command."""
    if passes(command):
        return True
    server = server_of(command, image)
    return server is not None and not isinstance(server, Unknown) and server.way != "foreground"


def _never_handed_on(
    image: EffectiveImage, words: tuple[str, ...], reading: Reading, commands: tuple[Command, ...]
) -> str | None:
    """Why CMD is never run: the script of ENTRYPOINT does nothing that lasts, and does not look at what it is given."""
    entrypoint, cmd = image.entrypoint, image.cmd
    if entrypoint is None or cmd is None or not image.owns(cmd.image) or entrypoint.value.form != "exec":
        return None
    given = cmd.value.words
    if len(entrypoint.value.words) != 1 or not given or given[0].startswith("-") or " " in given[0]:
        return None
    node = image.tree.find(words[0])
    data = node.blob.data if node is not None and node.kind == "file" and node.sure else None
    if data is None or not data.startswith(b"#!") or b"$@" in data or b"$*" in data or b"$1" in data or b"${" in data:
        return None
    if b"shift" in data or reading.ends is not None or not all(one.name in _PREPARING for one in commands):
        return None
    return f"{words[0]} comes to its end, and never runs the CMD `{' '.join(given)}`"


def _started_otherwise(workspace: Workspace, source: ImageSource) -> bool:
    """Whether somebody who runs the image starts it with another command."""
    consumers = consumers_of(workspace, source)
    return any(one.command is not None or one.entrypoint is not None for one in consumers)
