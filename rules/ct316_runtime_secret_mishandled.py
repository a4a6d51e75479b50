"""A start script prints a password to the log, or overwrites the one that the container was given.

## What it does
Reports `echo`, `printf` and here-documents of a start script that write the value of a password or token to the container's
log (not where the script makes one up because none was given: nobody would learn it otherwise), and assignments that put
another value in the place of a secret which the environment gives, without looking whether it is set. What another program
prints is such a value where that program makes up passwords; else it may be what the user gave, read from a file or from the
platform.

## Why it matters at run time
The log goes to whoever may read logs, and is kept. A secret that is overwritten cannot be set by the user, whatever
the documentation says.

## When to ignore it
When the password is made for one session, and the log is the only way to tell it to the user.

## References
- Docker documentation, "docker container logs"
- CWE-532, "Insertion of Sensitive Information into Log File"
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Literal

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command, Guard, Redirect
from ..lineage.image.image import EffectiveImage
from ..lineage.interpreter.builtins import DECLARING
from ..lineage.late.dataclasses import dataclass
from ..lineage.late.patterns import pattern
from ..lineage.text.places import Place, Span
from .base import Message, Severity
from .shared.questions import lines_at
from .shared.users.secrets import is_secret_name, is_secret_value

SEVERITY = Severity.WARNING


@dataclass(frozen=True, slots=True)
class Mishap:
    """`printed`: the value of the variable goes to the log. `overwritten`: what the container was given is lost."""

    kind: Literal["printed", "overwritten"]
    name: str
    place: Place


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    for step in boot.steps:
        for mishap in mishaps_of(image, step):
            yield _message(step, mishap)


def _message(step: StartStep, mishap: Mishap) -> Message:
    if mishap.kind == "printed":
        text = f"The value of `{mishap.name}` goes to the container's log."
        cure = "Leave it out, or write it to a file that only its user may read."
    else:
        text = f"`{mishap.name}` is set here whatever the container was given: the user's own value is lost."
        cure = f'Set it only where it is empty: `: "${{{mishap.name}:=…}}"`.'
    return Message(mishap.place, text, cure, subject=mishap.name, owner=step.image)


_EXPANSION = pattern(r"(?<!\\)\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?[-=?][^}]*)?\})")
_MASKED = pattern(r"\$\([^()]*\b(?:sed|cut|tr|wc|awk|head|tail|md5sum|sha\d+sum)\b[^()]*\)|\$\{#\w+\}")
"""A part of the value, its length or a checksum."""
_ASKS = frozenset(("debug", "print", "reveal", "show", "trace"))
"""Words of a variable's name by which somebody asks for what is not told otherwise."""
_LOG = ("/dev/stdout", "/dev/stderr", "/dev/console", "/dev/tty", "/proc/1/fd/1", "/proc/1/fd/2", "/proc/self/fd/1")
_MAKES_ONE = pattern(
    r"\b(?:pwgen|pwmake|apg|uuidgen|mkpasswd|makepasswd|mcookie|openssl\s+rand|(?:md5|sha\d+)sum|date|shuf)\b|random",
    re.I,
)
"""What makes up a password; the output of any other program may be what the user gave, read from where it was put."""
_MADE_UP = pattern(r"(?m)\b([A-Za-z_]\w{0,80})=[\"']?(?:\$\(|`)([^\n]{0,400})")
_LOOPS = r"\b(?:for|select)\s+%s\b"
"""A loop's variable: `for secret in $names` takes names and files, not what they hold."""
_INVITES = r"-e\s+%s=|\b%s\s+environment\s+variable"


def mishaps_of(image: EffectiveImage, step: StartStep) -> Iterator[Mishap]:
    """What a step does to secrets that it should not, the first print of each."""
    script = step.script
    if script is None or script.reading is None:
        return
    text = (script.data or b"").decode("utf-8", "replace")
    told: set[str] = set()
    made_up: set[tuple[str, tuple[Guard, ...]]] | None = None
    diverting = _Diverted([one for one in script.commands if any(_diverts(redirect) for redirect in one.redirects)])
    for command in script.commands:
        printed = list(_printed(command))
        if not printed or not _reaches_the_log(command, diverting) or _is_asked_for(command):
            continue
        made_up = set(_made_up(image, step, script.commands)) if made_up is None else made_up
        for name in printed:
            if (name, command.guards) in made_up:
                continue  # how else would somebody who gave none learn it
            if name not in told and not re.search(_LOOPS % re.escape(name), text):
                told.add(name)
                yield Mishap("printed", name, command.place)
    for command in script.commands:
        for name in _overwritten(image, command, text, lines_at(image, step, command.place)):
            if script.sees_environment is not False:
                yield Mishap("overwritten", name, command.place)


def _made_up(
    image: EffectiveImage, step: StartStep, commands: Sequence[Command]
) -> Iterator[tuple[str, tuple[Guard, ...]]]:
    """The variables to which the script, or one that it runs, gives a password that it makes up where none was given, with
    what guards that."""
    for command in commands:
        given = [name for name, _ in command.assignments]
        if command.name in DECLARING:
            given += [word.raw.partition("=")[0] for word in command.arguments]
        given = [name for name in given if is_secret_name(name)]
        if not given or all(guard.presumed for guard in command.guards):
            continue
        rows = "\n".join(lines_at(image, step, command.place))
        names = {match[1] for match in _MADE_UP.finditer(rows) if _MAKES_ONE.search(match[2])}
        yield from ((name, command.guards) for name in given if name in names)


def _printed(command: Command) -> Iterator[str]:
    """The secret variables whose values the command prints."""
    if command.name in ("echo", "printf"):
        texts = [word.raw for word in command.arguments if not word.raw.startswith("'")]
    elif command.name == "cat" and len(command.argv) == 1:
        texts = [r.document.canonical for r in command.redirects if r.document is not None and not r.quoted]
    else:
        return
    for text in texts:
        for match in _EXPANSION.finditer(_MASKED.sub("", text)):
            name = match.group(1) or match.group(2)
            if is_secret_name(name) and not _is_harmless(command, name):
                yield name


def _is_harmless(command: Command, name: str) -> bool:
    """Whether the script has set the variable to something that is no secret."""
    value = command.variables.get(name)
    return value is not None and value.literal is not None and not is_secret_value(value.literal)


def _is_asked_for(command: Command) -> bool:
    """Whether it runs only where a variable asks for it: `DEBUG_SECRETS`, `SHOW_PASSWORD`."""
    tests = (test for guard in command.guards for test in (guard.holds, *guard.alternatives) if test is not None)
    names = (name for test in tests for operand in test.operands for name in operand.variables)
    return any(not _ASKS.isdisjoint(name.lower().split("_")) for name in names)


def _reaches_the_log(command: Command, diverting: "_Diverted") -> bool:
    """Whether what a command prints is in the log."""
    if command.in_pipeline or command.substitution or any(_diverts(r) for r in command.redirects):
        return False
    if any(r.fd == 0 and r.operator in ("<<", "<<<") for r in command.redirects) and command.name != "cat":
        return False
    return not diverting.holds(command.place)


class _Diverted:
    """What of a script prints to files: all of it, or the groups of commands that redirect their output."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self.all = False
        groups: dict[str, list[Span]] = {}
        for command in commands:
            if command.name == "exec" or command.function:
                self.all = True
            elif not command.argv:
                groups.setdefault(command.place.path, []).append(command.place.span)
        self._begins: dict[str, list[tuple[int, int]]] = {}
        self._ends: dict[str, list[tuple[int, int]]] = {}
        for path, spans in groups.items():
            spans.sort(key=_begin)
            self._begins[path] = [_begin(span) for span in spans]
            self._ends[path] = list(accumulate(((span.end_line, span.end_column) for span in spans), max))

    def holds(self, place: Place) -> bool:
        """Whether a place is in one of them: one that begins before it ends behind it."""
        if self.all:
            return True
        before = bisect_right(self._begins.get(place.path, ()), _begin(place.span))
        return before > 0 and self._ends[place.path][before - 1] >= (place.span.end_line, place.span.end_column)


def _begin(span: Span) -> tuple[int, int]:
    return span.line, span.column


def _diverts(redirect: Redirect) -> bool:
    """Whether standard output goes to a file."""
    if redirect.fd != 1 or not redirect.writes:
        return False
    return redirect.target is None or redirect.target.literal not in _LOG


def _overwritten(image: EffectiveImage, command: Command, text: str, rows: list[str]) -> Iterator[str]:
    """The secrets that the container may have been given and that the command sets whatever they are."""
    if command.argv or any(not guard.presumed for guard in command.guards) or command.subshell:
        return
    for name, value in command.assignments:
        if not is_secret_name(name) or not value.pieces or value.variables:
            continue
        invited = re.search(_INVITES % (re.escape(name), re.escape(name)), text)
        if name not in image.env and invited is None:
            continue
        if _may_be_the_users(name, "\n".join(rows)):
            continue
        kept = re.findall(rf"(?m)^[ \t]*(?:local\s+)?(\w+)=[\"']?\$\{{?{re.escape(name)}\b", text)
        if not any(re.search(rf"\$\{{?{re.escape(one)}\b", row) for one in (name, *kept) for row in rows):
            yield name


def _may_be_the_users(name: str, row: str) -> bool:
    """Whether the value is what another program prints: a file's content, an option of the platform."""
    value = re.search(rf"\b{re.escape(name)}=[\"']?(?:\$\(|`)([^\n]*)", row)
    return value is not None and _MAKES_ONE.search(value[1]) is None
