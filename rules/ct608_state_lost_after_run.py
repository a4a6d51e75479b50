"""A RUN that changes only its own shell, or starts a service that does not outlive it.

## What it does
Reports a RUN whose commands are all of the kind whose work ends with the shell: `cd`, `export`, `alias`, `source`, `umask`,
`service x start`; and an `alias` or `export` that is the last command of any RUN.

## Why it matters at run time
Each RUN is a process of its own, and an image holds files: the next instruction is in the old directory, without the
variable, and no service runs when the container starts.

## When to ignore it
Never: the line does nothing. Only a service that writes files when it starts for the first time leaves something.

## References
- Dockerfile reference, "RUN", "WORKDIR", "ENV"
"""

from collections.abc import Iterator

from ..lineage.commands.model import Command
from ..lineage.image.image import BuildStep, EffectiveImage, StageImages
from ..lineage.image.run import reading_of
from ..lineage.late.patterns import pattern
from .base import Message, Severity
from .shared.questions import text_of_run

SEVERITY = Severity.WARNING

_WORTH_READING = pattern(r"\b(?:cd|alias|export|source|umask|service|pushd)\b|/etc/init\.d/|(?:^|[\s;&])\.\s")
_CURES = {
    "cd": "Use `WORKDIR`, or join it with the command that needs it by `&&`.",
    "pushd": "Use `WORKDIR`, or join it with the command that needs it by `&&`.",
    "export": "Use `ENV`.",
    "alias": "Write it into a file that shells read, such as /etc/bash.bashrc.",
    "umask": "Join it with the command that needs it by `&&`.",
    "source": "Join it with the command that needs it by `&&`, or set what it sets with `ENV`.",
    ".": "Join it with the command that needs it by `&&`, or set what it sets with `ENV`.",
}
_SETTINGS = pattern(r"(?i)setup|env|profile|rc\b|activate|settings|config|variables|path")
"""Names of scripts that are there to be sourced for what they set."""
_NEUTRAL = frozenset(("set", "shopt", ":", "true", "echo"))


def check(stages: StageImages) -> Iterator[Message]:
    for image in stages.stages:
        for step in image.steps:
            if (
                step.instruction.keyword == "RUN"
                and step.from_parent is None
                and _WORTH_READING.search(text_of_run(step))
            ):
                yield from _run(image, step)


def _run(image: EffectiveImage, step: BuildStep) -> Iterator[Message]:
    reading = reading_of(image, step)
    if reading is None or reading.unread:
        return
    own = [command for command in reading.commands if not command.callers]
    lost = [command for command in own if _is_lost(command)]
    if not lost or any(_does_more(command, reading.commands) for command in lost):
        return
    first = lost[0]
    if any(command not in lost and not _neutral(command) for command in own):
        if own[-1].name not in ("alias", "export") or own[-1] is not lost[-1] or own[-1].subshell:
            return
        first = own[-1]  # the last thing that the shell does: nobody is there to use it
    what = " ".join(word.raw for word in first.argv)
    if _starts_service(first):
        happens, cure = (
            "the service ends with this RUN, and does not run in the container",
            "Start it as a service of the image.",
        )
    else:
        happens, cure = "the shell ends with this RUN, and nothing of it is left", _CURES[first.name]
    yield Message(first.place, f"`{what}` has no effect on the image: {happens}.", cure, subject=what)


def _is_lost(command: Command) -> bool:
    if command.redirects or command.substitution:
        return False
    return command.name in _CURES or _starts_service(command)


def _does_more(command: Command, commands: tuple[Command, ...]) -> bool:
    """Whether what is sourced does something that stays: it runs programs, or it is not known here and is no list of settings."""
    if command.name not in (".", "source"):
        return False
    if command.loaded:
        inner = [one for one in commands if command.place in one.callers]
        return any(not _is_lost(one) and not _neutral(one) for one in inner)
    name = (command.argv[1].text.canonical if len(command.argv) > 1 else "").rpartition("/")[2]
    return name.endswith((".sh", ".bash")) and not _SETTINGS.search(name)


def _starts_service(command: Command) -> bool:
    words = [word.literal or "" for word in command.argv]
    if not words:
        return False
    by_script = words[0].startswith("/etc/init.d/") and len(words) > 1
    return (command.name == "service" or by_script) and words[-1] in ("start", "restart")


def _neutral(command: Command) -> bool:
    return not command.redirects and (command.name in _NEUTRAL or not command.argv)
