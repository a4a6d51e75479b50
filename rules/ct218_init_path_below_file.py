"""A start script works on a path below a file that it has written itself.

## What it does
Reports `chmod`, `chown`, `cp`, `mv`, `ln`, `mkdir` and redirections whose path goes on behind the name of a file that the same
script has written before (`sed -i … /config/app.conf`, then `chmod 600 /config/app.conf/*.key`), under the same conditions, and
has not taken away since.

## Why it matters at run time
"Not a directory": the work is not done. Keys keep the mode that they had, a file is not where it is looked for, and under
`set -e` the start ends.

## When to ignore it
When something that ctlint does not see puts a directory in the file's place.

## References
- path_resolution(7): ENOTDIR
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.effects.model import ChangeMode, ChangeOwner, Copy, Effect, Link, MakeDirectory, Opens, Remove, Write
from .base import Message, Related, Severity
from .shared.questions import is_half_read

SEVERITY = Severity.WARNING

_MARKS_A_PATH = "touch"
"""The one program that writes a directory as it does a file."""


def check(boot: BootPlan) -> Iterator[Message]:
    for step in boot.steps:
        if not is_half_read(step):
            yield from _told(step)


def _told(step: StartStep) -> Iterator[Message]:
    files = _Files()
    told: set[str] = set()
    for effect in step.effects:
        for path in _worked_on(effect):
            found = files.above(path)
            if found is not None and _comes_behind(effect, found) and found.path.canonical not in told:
                told.add(found.path.canonical)
                yield _message(step, effect, path, found)
        for path in _changed(effect):
            files.forget(path)
        if isinstance(effect, Opens):
            files = _Files()
        if isinstance(effect, Write) and _is_of_a_file(effect):
            files.add(effect)


def _is_of_a_file(effect: Write) -> bool:
    """Whether a write fails where a directory has the name, so that it is surely a file from then on."""
    path = effect.path.canonical
    command = effect.command
    return (
        not effect.path.opaque
        and path.startswith("/")
        and not path.startswith("/dev/")
        and command is not None
        and command.name != _MARKS_A_PATH
        and command.loop is None
        and "*" not in path
    )


def _worked_on(effect: Effect) -> Iterator[str]:
    """The paths that a command needs the folder of. `rm -f` and what is removed with it needs none."""
    if isinstance(effect, ChangeMode | ChangeOwner | MakeDirectory | Write | Link):
        yield effect.path.canonical
    elif isinstance(effect, Copy):
        yield from (source.canonical for source in effect.sources)
        yield effect.target.canonical


def _changed(effect: Effect) -> Iterator[str]:
    """The paths behind which something else may lie from then on."""
    if isinstance(effect, Remove | Link | MakeDirectory):
        yield effect.path.canonical
    elif isinstance(effect, Copy):
        yield effect.target.canonical
        if effect.moves:
            yield from (source.canonical for source in effect.sources)


class _Files:
    """What surely is a file, as a script goes on, with the command that wrote it."""

    def __init__(self) -> None:
        self._written: dict[str, Write] = {}
        self._folders: set[str] = set()

    def add(self, effect: Write) -> None:
        path = effect.path.canonical
        self._written[path] = effect
        self._folders.update(_folders(path))

    def above(self, path: str) -> Write | None:
        """The file that a path lies below."""
        return next((self._written[name] for name in _folders(path) if name in self._written), None)

    def forget(self, changed: str) -> None:
        """Leave out what may be another thing behind a change: there, and anywhere below."""
        changed = changed.rstrip("/*")
        if "${?}" in changed or "*" in changed:
            self._written.clear()
            return
        self._written.pop(changed, None)
        if changed in self._folders or not changed:
            below = changed + "/"
            self._written = {name: effect for name, effect in self._written.items() if not name.startswith(below)}


def _folders(path: str) -> Iterator[str]:
    """The folders that a path lies in, from the root on."""
    at = path.find("/", 1)
    while at > 0:
        yield path[:at]
        at = path.find("/", at + 1)


def _comes_behind(effect: Effect, file: Write) -> bool:
    """Whether the file was surely written where the command is come to."""
    one, other = effect.command, file.command
    if one is None or other is None or one is other or one.callers != other.callers:
        return False
    return {guard.place for guard in other.guards if not guard.presumed} <= {guard.place for guard in one.guards}


def _message(step: StartStep, effect: Effect, path: str, file: Write) -> Message:
    name = file.path.canonical
    return Message(
        effect.place,
        f"{step.label}: {path} lies below {name}, which is a file: this fails (`Not a directory`), and its work is not done.",
        "Correct the path: name the folder that is meant.",
        (Related(file.place, "the file is written here"),),
        subject=path,
        owner=step.image,
    )
