"""A test that may be false is the last word of a function, a subshell or a oneshot, and its answer ends the start.

## What it does
Reports `[ TEST ] && command` where it stands last in a function that is called under `set -e`, in a subshell or a loop that a
pipe feeds under `set -e`, in a script that is sourced or run under `set -e`, and in the script of an s6-rc oneshot; in a script
of cont-init.d where `S6_BEHAVIOUR_IF_STAGE2_FAILS=2`. A substitution with `ls` of a pattern under `set -e` counts, too, where
the image surely has no such file.

## Why it matters at run time
`set -e` overlooks the false test where it stands, but not the status that the function, the subshell or the script hands on: that
is 1, and the start ends there, without a word. A oneshot fails, and what depends on it does not start.

## When to ignore it
When the test cannot be false, or the start is meant to end there.

## References
- POSIX.1-2024, Shell Command Language, 2.15, `set -e`
- s6-rc, "Oneshots": a script that exits with another status than 0 has failed
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.script_reader import StartScript
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command
from ..lineage.families.read import families
from ..lineage.image.image import EffectiveImage
from ..lineage.shell.nodes import AndOr, Compound, Function, Loop, Node, Pipeline, Script, walk
from ..lineage.shell.nodes import For as ForLoop
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from .base import Message, Severity, Undecided
from .shared.scripts.last_tests import last_tests
from .shared.scripts.sure_tests import surely_holds
from .shared.scripts.written_scripts import written_at

SEVERITY = Severity.WARNING

_ENDS_ALL = "2"
"""The value of S6_BEHAVIOUR_IF_STAGE2_FAILS with which a failed init script ends the container."""


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message | Undecided]:
    told: set[Place] = set()
    for step in boot.steps:
        script = step.script
        if script is None or script.reading is None or script.reading.unread:
            continue
        for place, what in (*_within(image, script), *_at_the_end(image, step, script), *_empty_lists(image, script)):
            if isinstance(what, Unknown):
                yield Undecided(what)
            elif place not in told:
                told.add(place)
                yield Message(
                    place,
                    f"{step.label}: {what}.",
                    "Write `if …; then …; fi`, which is 0 where the test is false, or put `|| true` behind it.",
                    owner=step.image,
                )


def _within(image: EffectiveImage, script: StartScript) -> Iterator[tuple[Place, str | Unknown]]:
    """The tests that end a script of errexit from inside of it, in the scripts that it sources as well."""
    for path in dict.fromkeys(command.place.path for command in script.commands):
        tree = written_at(image, script, path)
        if tree is None:
            continue
        heard = [command for command in script.commands if command.place.path == path]
        for node in walk(tree.body):
            if isinstance(node, Function):
                call = _call(script, node.name)
                if call is not None:
                    what = f"the function {node.name}, which is called under `set -e` (line {call.place.line}),"
                    yield from _told(image, script, tree, node.body, heard, what)
            elif isinstance(node, Compound) and node.subshell:
                yield from _told(image, script, tree, node.body, heard, "the subshell")
            elif isinstance(node, Pipeline) and isinstance(node.items[-1], Compound | Loop | ForLoop):
                yield from _told(image, script, tree, node.items[-1], heard, "the loop behind the pipe")
    yield from _sourced(image, script)


def _told(
    image: EffectiveImage, script: StartScript, tree: Script, body: Node, heard: list[Command], what: str
) -> Iterator[tuple[Place, str | Unknown]]:
    for one in last_tests(tree, body):
        place, reached = _reading(image, script, tree, one, heard)
        if isinstance(reached, Unknown):
            yield place, reached
        elif reached:
            yield (
                place,
                f"where this test is false, {what} ends with status 1, which `set -e` takes for a failure: the script ends",
            )


def _at_the_end(image: EffectiveImage, step: StartStep, script: StartScript) -> Iterator[tuple[Place, str | Unknown]]:
    """The test that is the status of the whole script, where somebody asks for it."""
    if step.kind == "oneshot":
        if script.path == step.path:
            return  # a command line, which no shell reads
        result = "and so does the oneshot, which fails: what depends on it does not start"
    elif step.kind == "cont-init" and image.variable("S6_BEHAVIOUR_IF_STAGE2_FAILS") == _ENDS_ALL:
        result = "and `S6_BEHAVIOUR_IF_STAGE2_FAILS=2` ends the container"
    else:
        return
    tree = written_at(image, script, script.place.path)
    if tree is None:
        return
    heard = [command for command in script.commands if command.place.path == tree.path]
    for one in last_tests(tree, tree.body):
        place, reached = _reading(image, script, tree, one, heard, errexit=False)
        if isinstance(reached, Unknown):
            yield place, reached
        elif reached:
            yield place, f"where this test is false, the script ends with status 1, {result}"


def _sourced(image: EffectiveImage, script: StartScript) -> Iterator[tuple[Place, str | Unknown]]:
    """The last test of a script that is sourced, or run by its path, under errexit."""
    for command in script.commands:
        if not command.loaded or not command.errexit or command.ignores_failure or command.pipe is not None:
            continue
        inner = [one for one in script.commands if one.callers and one.callers[-1] == command.place]
        tree = written_at(image, script, inner[0].place.path) if inner else None
        if tree is None or tree.path == command.place.path:
            continue
        for one in last_tests(tree, tree.body):
            place, reached = _reading(image, script, tree, one, inner, errexit=False)
            if isinstance(reached, Unknown):
                yield place, reached
            elif reached:
                yield (
                    place,
                    f"where this test is false, this script ends with status 1, and so does the one that runs it under "
                    f"`set -e` (line {command.place.line})",
                )


def _empty_lists(image: EffectiveImage, script: StartScript) -> Iterator[tuple[Place, str | Unknown]]:
    """`X=$(ls PATTERN)` under errexit, where nothing matches."""
    for index, command in enumerate(script.commands):
        if command.name != "ls" or not command.substitution or not command.errexit or not command.sure or command.pipe:
            continue
        taker = next((one for one in script.commands[index + 1 :] if not one.substitution), None)
        patterns = [word.literal for word in command.arguments if word.globs]
        if taker is None or taker.argv or taker.ignores_failure or len(patterns) != 1 or patterns[0] is None:
            continue
        directory = patterns[0].rpartition("/")[0]
        if not directory.startswith("/") or any(sign in directory for sign in "*?["):
            continue
        if _is_whole(image, directory) and not image.tree.glob(patterns[0]) and not _is_volume(image, directory):
            yield (
                command.place,
                f"nothing in the image matches `{patterns[0]}`: `ls` fails, and `set -e` ends the script",
            )


def _is_whole(image: EffectiveImage, directory: str) -> bool:
    """Whether all of a folder is known: also where the parent is not, and the folder is one that only a family writes, of which
    the parent is none.
    """
    closed = image.tree.closed(directory)
    if not isinstance(closed, Unknown):
        return True
    parents = [link.name for link in image.chain if link.origin == "unknown"]
    of_families = any(rule.repository_of(name) for name in parents for rule in families().built_by)
    return closed.cause == "parent" and bool(parents) and not of_families and directory in families().places


def _is_volume(image: EffectiveImage, directory: str) -> bool:
    return any((directory + "/").startswith(volume.value.rstrip("/") + "/") for volume in image.volumes)


def _reading(
    image: EffectiveImage,
    script: StartScript,
    tree: Script,
    one: AndOr,
    heard: list[Command],
    *,
    errexit: bool = True,
) -> tuple[Place, bool | Unknown]:
    """Where the test stands, and whether the reading came by: its command runs under the test, which may be false, and its
    failure counts.
    """
    place = tree.place(one.first.start, one.end)
    last = tree.place(one.rest[-1][1].start, one.end).span
    behind = [
        command
        for command in heard
        if (last.line, last.column)
        <= (command.place.line, command.place.span.column)
        <= (last.end_line, last.end_column)
        and not command.background
        and any(guard.kind == "&&" for guard in command.guards)
    ]
    if not any((command.errexit and not command.ignores_failure) or not errexit for command in behind):
        return place, False
    text = tree.raw(one.start, one.end)
    answers = [_is_sure(image, script, command, place, text) for command in behind]
    if any(answer is True for answer in answers):
        return place, False
    return place, next((answer for answer in answers if isinstance(answer, Unknown)), True)


def _is_sure(image: EffectiveImage, script: StartScript, command: Command, place: Place, text: str) -> bool | Unknown:
    """Whether a command is run whenever the test in front of it is come to, which then cannot be false."""
    if command.sure:
        return True
    own = [guard for guard in command.guards if guard.kind == "&&" and _is_within(guard.place, place)]
    answers = [surely_holds(image, script, command, guard, text) for guard in own]
    if not own or any(answer is False for answer in answers):
        return False
    return next((answer for answer in answers if isinstance(answer, Unknown)), True)


def _is_within(inner: Place, outer: Place) -> bool:
    return inner.path == outer.path and outer.line <= inner.line <= outer.span.end_line


def _call(script: StartScript, name: str) -> Command | None:
    """A call of the function that ends the script where the function fails."""
    return next(
        (
            command
            for command in script.commands
            if command.function
            and command.name == name
            and command.errexit
            and not command.ignores_failure
            and not command.substitution
            and not command.background
            and command.pipe is None
        ),
        None,
    )
