"""A start script runs, reads or changes a file that the image does not have.

## What it does
Follows what init scripts, services and entry scripts run by a path, or by giving a script to an interpreter (`node server.js` in
the folder that they changed to), and reports what is surely not in the image: every layer that could have put it there is known,
no start script makes it, and no volume holds it. Programs that are called by their name alone are not looked at. A command that
is only run where a test finds the file is left alone, and so is one whose failure is expected (`|| true`, `2>/dev/null`). What is
run or copied by its path in the repository (`/root/setup.sh`, where `COPY root/ /` makes it `/setup.sh`) is told whatever the
parent is. A file that is only read, copied or given a mode or an owner (`cat`, `sed`, `cp`, `chmod`, `<`) is told where its path
is a slip for one that is there, or that a start script makes.

## Why it matters at run time
"No such file or directory": the step's work is not done, and a service is started again and again without end.

## When to ignore it
When the file is mounted into every container.

## References
- execve(2): ENOENT
"""

from collections.abc import Iterator
from posixpath import basename

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command, Guard
from ..lineage.desktop.launchers import SUFFIX
from ..lineage.effects.model import Copy, Execute
from ..lineage.image.image import EffectiveImage
from ..lineage.late.dataclasses import replace
from ..lineage.text.errors import Unknown
from ..lineage.text.paths import within
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Severity, Undecided
from .shared.expected_failures import asked_whether_they_succeed, is_silenced
from .shared.hidden_paths import mounted_over
from .shared.missing_programs import found_at, may_be_made, needed
from .shared.scripts.misspelt_paths import PathsAtStart, files_of

SEVERITY = Severity.ERROR

_SETTINGS = ("=", "!=", "-z", "-n", "match")
_ASK_FOR_FILES = ("-e", "-f", "-x", "-s", "-r", "-d", "-L", "-h")


def check(
    image: EffectiveImage, boot: BootPlan, source: ImageSource, workspace: Workspace
) -> Iterator[Message | Undecided]:
    doubt: Unknown | None = None
    missing: dict[str, tuple[StartStep, Command]] = {}
    for step in boot.steps:
        if step.path.endswith(("/up", "/down")):
            continue  # one command line of execline, of which CT123 speaks
        for command, name in _run(step):
            there = found_at(image, name)
            if isinstance(there, Unknown):
                doubt = there if doubt is None else doubt
            elif there is None:
                missing.setdefault(name, (step, command))
    told: dict[str, Message] = {}
    for name, message in _by_paths_of_the_repository(image, boot):
        told.setdefault(name, message)
    yield from told.values()
    for name in (*told, *missing):
        mount = mounted_over(workspace, source, name) if name not in told else None
        if name in told or mount is not None:
            missing.pop(name, None)
        if isinstance(mount, Unknown) and doubt is None:
            doubt = mount
    if missing and boot.open is not None:
        raise boot.open
    cannot_run = {command.place for _, command in missing.values()}
    for name, (step, command) in missing.items():
        if not may_be_made(boot, name, step, command, cannot_run):
            yield _message(image, step, command, name)
        elif doubt is None:
            doubt = Unknown(f"something of the start may make {name} before {step.label} runs it")
    for name, found in _misspelt(image, boot, workspace, source).items():
        if isinstance(found, Unknown):
            doubt = found if doubt is None else doubt
        elif name not in told and name not in missing:
            yield found
    if doubt is not None:
        yield Undecided(doubt)


def _by_paths_of_the_repository(image: EffectiveImage, boot: BootPlan) -> Iterator[tuple[str, Message]]:
    """What start scripts run or copy by the path that it has in the repository, with the folder that COPY leaves behind."""
    own: dict[str, list[tuple[str, str]]] = {}
    for path, node in image.own_nodes:
        if node.kind == "file" and node.source is not None:
            own.setdefault(basename(path), []).append((path, node.home.path))
    volumes = [volume.value for volume in image.volumes]
    for step in boot.steps:
        asked = asked_whether_they_succeed(step)
        for effect in step.effects:
            command = effect.command
            if command is None or command.guards or command.callers or not isinstance(effect, Copy | Execute):
                continue
            if is_silenced(command) or command.place in asked:
                continue
            for text in effect.sources if isinstance(effect, Copy) else (effect.path,):
                name = text.literal or ""
                if not name.startswith("/") or image.tree.find(name) is not None:
                    continue
                if not name.startswith("/root/"):
                    continue  # of root's home alone it is known that nobody else puts a tree of that shape there
                if any(within(name, volume) for volume in volumes):
                    continue
                alike = own.get(basename(name), ())
                meant = [path for path, home in alike if name.endswith(path) and f"/{home}".endswith(name)]
                if len(meant) == 1 and not may_be_made(boot, name, step, command, set()):
                    does = "copies" if isinstance(effect, Copy) else "runs"
                    yield (
                        name,
                        Message(
                            effect.place,
                            f"{step.label} {does} {name}: so the file is called in the repository, and in the image {meant[0]}.",
                            f"Write `{meant[0]}`.",
                            subject=name,
                            owner=step.image,
                        ),
                    )


def _misspelt(
    image: EffectiveImage, boot: BootPlan, workspace: Workspace, source: ImageSource
) -> dict[str, Message | Unknown]:
    """What start scripts surely read or change by a path that is a slip for another's; Unknown where it may be there.

    Of launchers CT403 speaks.
    """
    paths = PathsAtStart(image.tree, boot)
    said: dict[str, Message | Unknown] = {}
    for step in boot.steps:
        for command in _run_in_earnest(step, anyhow=True) if not step.path.endswith(("/up", "/down")) else ():
            for name in files_of(command) if not command.substitution else ():
                if (
                    name in said
                    or name.endswith(SUFFIX)
                    or paths.has(name)
                    or any(within(name, volume.value) for volume in image.volumes)
                ):
                    continue
                meant = paths.meant_by(name)
                if meant is None or paths.may_be_made(name):
                    continue
                doubt = boot.open
                for there in (found_at(image, name), mounted_over(workspace, source, name)):
                    doubt = there if isinstance(there, Unknown) and doubt is None else doubt
                if doubt is not None:
                    said[name] = doubt
                elif mounted_over(workspace, source, name) is None:
                    said[name] = _misspelt_message(step, command, name, meant)
    return said


def _run(step: StartStep) -> Iterator[tuple[Command, str]]:
    """The commands that a step surely runs, each with a file or program that it needs."""
    commands = _commands(step)
    changed_to = {one.arguments[0].literal for one in commands if one.name == "cd" and len(one.argv) == 2}
    for command in _run_in_earnest(step):
        directory = command.directory.literal
        if directory not in changed_to:
            directory = None  # where it was started is not said in the script
        surely = replace(command, sure=command.sure or all(map(_compares, command.guards)))
        for name, _ in needed(surely, directory):
            if name.startswith("/"):
                yield command, name


def _run_in_earnest(step: StartStep, *, anyhow: bool = False) -> Iterator[Command]:
    """The commands that a step runs whose failure nobody expects; with `anyhow`, also those before which it may have ended."""
    handled = asked_whether_they_succeed(step)
    for command in _commands(step):
        if not command.argv or _is_s6(command.name) or command.place in handled or command.background:
            continue
        guards = [guard for guard in command.guards if not anyhow or guard.kind != "exit" or guard.test is not None]
        if not is_silenced(command) and not any(map(_asks, guards)):
            yield command


def _commands(step: StartStep) -> tuple[Command, ...]:
    reading = step.script.reading if step.script is not None else None
    if reading is None:
        return tuple(_put_in(step))
    return reading.commands if not _unread(step) else ()


def _put_in(step: StartStep) -> Iterator[Command]:
    """What the lines run that the build puts into a script whose own text is not known (`sed -i '/^#!/a /first.sh'`)."""
    inserted = step.script.node.inserted if step.script is not None else ()
    lines = {(line.place.path, line.place.line) for line in inserted}
    for effect in step.effects if lines else ():
        command = effect.command
        if isinstance(effect, Execute) and command is not None and (command.place.path, command.place.line) in lines:
            yield command


def _is_s6(name: str) -> bool:
    """Whether it is a tool of s6-overlay: what a release does not have is told by other rules."""
    return name.startswith("s6-") or name in ("with-contenv", "execlineb", "fix-attrs", "justc-envdir")


def _unread(step: StartStep) -> bool:
    """Whether a part of the script could not be read, for another reason than that what it runs is not there."""
    reading = step.script.reading if step.script is not None else None
    return reading is None or any(one.place.path == step.place.path for one in reading.unread)


def _compares(guard: Guard) -> bool:
    """Whether a guard compares what the container is set to, so that the command is run with one setting or another."""
    tests = (guard.test,) if guard.test is not None else guard.alternatives
    return guard.presumed or (bool(tests) and all(test.op in _SETTINGS for test in tests))


def _asks(guard: Guard) -> bool:
    """Whether a guard may ask for the file or the program itself."""
    tests = (guard.test, *guard.alternatives)
    return not guard.presumed and (
        guard.test is None or any(test is not None and test.op in _ASK_FOR_FILES for test in tests)
    )


def _message(image: EffectiveImage, step: StartStep, command: Command, name: str) -> Message:
    from difflib import get_close_matches

    folder = name.rpartition("/")[0] or "/"
    near = get_close_matches(basename(name), image.tree.children(folder), 1, 0.6)
    meant = [f"{folder.rstrip('/')}/{near[0]}"] if near else _elsewhere(image, name)
    return Message(
        command.place,
        f"{step.label} runs {name}, which is not in the image.",
        f"Did you mean `{meant[0]}`?" if len(meant) == 1 else "Correct the path, or copy the file into the image.",
        subject=name,
        owner=step.image,
    )


def _misspelt_message(step: StartStep, command: Command, name: str, meant: str) -> Message:
    return Message(
        command.place,
        f"{step.label} gives {name} to `{command.name}`, and it is not in the image.",
        f"Did you mean `{meant}`?",
        subject=name,
        owner=step.image,
    )


def _elsewhere(image: EffectiveImage, path: str) -> list[str]:
    """The files of that name which the image itself brings."""
    name = basename(path)
    found = (
        (place, node) for place, node in image.tree.nodes.items() if place.endswith("/" + name) and node.kind == "file"
    )
    return [place for place, node in found if image.owns(node.image)][:2]
