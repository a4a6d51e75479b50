"""A CMD under `/init` that returns at once.

## What it does
Reports a CMD (or the words behind `/init` in ENTRYPOINT) of an image with s6-overlay when all that it runs are commands which
surely return: `echo`, `date`, `service x start`… Programs that ctlint does not know are left alone, and so are shells.

## Why it matters at run time
With a CMD the container lives as long as the CMD: when it returns, `/init` stops all services and the container ends.
Without a CMD it lives as long as its services do.

## When to ignore it
When the image is there to do one thing with its services up.

## References
- s6-overlay README, "Contents of /init": the CMD's exit is the container's
"""

from collections.abc import Iterator

from ..lineage.boot.slash_init import main_program, reading_of_main
from ..lineage.commands.model import Command
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release, release_of
from .base import Message, Severity

SEVERITY = Severity.WARNING

_RETURNS = frozenset(
    """: true false echo printf date env printenv id whoami hostname uname ls pwd stat df du which test [ [[ mkdir touch chmod
    chown ln cp mv rm export cd umask set sed grep awk cut tr sort uniq head wc basename dirname readlink envsubst""".split()
)
_READING = frozenset(("cat", "head", "sed", "grep", "awk", "cut", "tr", "sort", "uniq", "wc", "envsubst"))


def check(image: EffectiveImage) -> Iterator[Message]:
    main = main_program(image)
    if main is None or not image.owns(main.line.image) or not isinstance(release_of(image), S6Release):
        return
    if "S6_CMD_ARG0" in image.env:
        return
    reading = reading_of_main(image, main)
    if reading is None or reading.unread or reading.ends == "loop" or not reading.commands:
        return
    if all(_returns(command) for command in reading.commands):
        last = reading.commands[-1]
        yield Message(
            main.line.place,
            f"CMD runs `{' '.join(main.words)}`, which returns at once (`{last}` is its last command): then `/init` stops all "
            "services and the container ends.",
            "Leave CMD out, so that the container lives as long as its services; do what must be done once in an init script.",
        )


def _returns(command: Command) -> bool:
    if command.background or not command.argv:
        return True
    if command.loop == "unbounded":
        return False
    name = command.name
    if name == "service" or (command.argv[0].literal or "").startswith("/etc/init.d/"):
        return command.argv[-1].literal in ("start", "restart", "reload", "status", "stop")
    if name in _READING:
        return command.in_pipeline or len(command.arguments) > (1 if name != "cat" else 0)
    return name in _RETURNS or (name == "cat" and bool(command.arguments))
