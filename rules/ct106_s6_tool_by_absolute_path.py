"""A command of s6-overlay is called where s6-overlay 3 does not have it.

## What it does
Reports `/bin/s6-…`, `/usr/bin/s6-…` and `/usr/bin/execlineb` in start scripts and services, in an image with s6-overlay 3 in
which nothing puts the commands there: no symlinks archive, no package, no link of the image or its parents.

## Why it matters at run time
The command is not found (exit code 127): a service is tried again and again, an init script goes on without the step.

## When to ignore it
When a program that ctlint cannot read makes the link.

## References
- s6-overlay README, "Which tarballs to download": the commands are in /command, and found through PATH
"""

from collections.abc import Iterator
from posixpath import basename, dirname

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.start_commands import StartCommands
from ..lineage.commands.model import Command, Word
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release
from ..lineage.s6.tools import has_program, is_s6_tool
from ..lineage.text.errors import Unknown
from .base import Edit, Fix, Message, Severity

SEVERITY = Severity.ERROR

_OLD_PLACES = ("/bin", "/usr/bin")


def check(image: EffectiveImage, boot: BootPlan, commands: StartCommands) -> Iterator[Message]:
    if not isinstance(boot.s6, S6Release) or boot.s6.generation < 3 or boot.starts_init is False:
        return
    doubt: Unknown | None = None
    for start in commands:
        for word in _programs(start.command):
            path = word.literal or ""
            if _is_tested(start.command, path):
                continue
            there = has_program(image, boot.s6, path)
            if isinstance(there, Unknown):
                doubt = there if image.owns(start.image) else doubt
            elif not there:
                yield Message(
                    word.place,
                    f"{start.name} calls `{path}`, which does not exist: s6-overlay {boot.s6.label} has it in /command.",
                    f"Write `{basename(path)}`, which is found through PATH.",
                    fix=_fix(word, path),
                    subject=path,
                    owner=start.image,
                )
    if doubt is not None:
        raise doubt


def _programs(command: Command) -> Iterator[Word]:
    for words in (*(wrapper.argv for wrapper in command.wrappers), command.argv):
        if words and dirname(words[0].literal or "") in _OLD_PLACES and is_s6_tool(words[0].literal or ""):
            yield words[0]


def _is_tested(command: Command, path: str) -> bool:
    """Whether the command runs only where a test has found the program."""
    tests = [test for guard in command.guards for test in (guard.holds, *guard.alternatives) if test is not None]
    return any(operand.literal == path for test in tests for operand in test.operands)


def _fix(word: Word, path: str) -> Fix | None:
    if word.raw != path:
        return None
    return Fix("let PATH find it", (Edit("text", word.place, basename(path)),), "safe")
