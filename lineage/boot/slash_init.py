"""How a container's start gets to s6-overlay's `/init`, and what `/init` is given to run as the main program."""

from collections.abc import Iterator
from posixpath import basename

from ..commands.model import Command, Environment, Reading
from ..image.image import CommandLine, EffectiveImage
from ..image.script_files import ScriptFiles
from ..interpreter.interpret import interpret
from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..shell.parse import parse_script
from ..shell.shebang import SHELLS
from ..text.places import MappedText, Place, Sourced
from .main_command import argument_vector, script_arguments, started_path
from .script_reader import ScriptReader, StartScript

INIT = "/init"
WRAPPERS = frozenset(("tini", "tini-static", "dumb-init", "catatonit", "docker-init"))
"""Programs that stay process 1 and run what they are given as a child."""
_BEGINS = pattern(rf"\s*{INIT}(?![\w./-])")


@dataclass(frozen=True, slots=True)
class ChildInit:
    """A start of `/init` as a child of `by`. `image` is the id of the image whose ENTRYPOINT, CMD or script does it."""

    by: str
    place: Place
    image: str


@dataclass(frozen=True, slots=True)
class MainProgram:
    """What `/init` runs once all is up: the words behind it. `line` is the CMD, or the ENTRYPOINT, that names it."""

    words: tuple[str, ...]
    line: Sourced[CommandLine]


def child_starts(image: EffectiveImage) -> Iterator[ChildInit]:
    """The starts of `/init` that are not process 1, in ENTRYPOINT, CMD and the script that they name.

    A shell-form ENTRYPOINT is not among them, a shell-form CMD only where the shell surely stays, and no start under a condition.
    """
    words = argument_vector(image)
    line = image.entrypoint if image.entrypoint is not None else image.cmd
    if words is None or line is None or not words:
        return
    if image.cmd is not None and INIT in image.cmd.value.words:
        line = image.cmd
    words = (started_path(image, words[0]), *words[1:])
    first = words[0]
    program = basename(first)
    if program in WRAPPERS and INIT in words[1:]:
        yield ChildInit(program, line.place, line.image)
    elif line.value.form == "shell" and image.entrypoint is None:
        if _BEGINS.match(line.value.words[0]) and program == "sh" and image.sh == "dash":
            yield ChildInit(program, line.place, line.image)
    elif program in SHELLS and line.value.form == "exec" and len(words) > 1:
        if words[1] == "-c" and words[2:] and _BEGINS.match(words[2]) and "bash" not in (program, image.sh):
            yield ChildInit(program, line.place, line.image)
        script = _given(image, line.value, words[1:], interpreter=first) if words[1].startswith("/") else None
        if script is not None:
            yield from _in_script(script)
    elif first.startswith("/"):
        script = _given(image, line.value, words, inherits=True)
        if script is not None:
            yield from _in_script(script)


def _given(
    image: EffectiveImage,
    line: CommandLine,
    words: tuple[str, ...],
    *,
    inherits: bool = False,
    interpreter: str | None = None,
) -> StartScript | None:
    """The script that the first word names, with the others as its arguments."""
    given = script_arguments(image, line, words[1:], as_it_is=True)
    return ScriptReader(image).read(words[0], inherits=inherits, interpreter=interpreter, arguments=given)


def _in_script(script: StartScript) -> Iterator[ChildInit]:
    starts = [command for command in script.commands if _starts_init(command)]
    if any(_replaces_shell(command) for command in starts):
        return
    for command in starts:
        wrapper = next((each.name for each in command.wrappers if each.name in WRAPPERS), None)
        by = wrapper or (command.name if command.name in WRAPPERS else basename(script.path))
        if all(guard.presumed for guard in command.guards) and command.loop is None:
            yield ChildInit(by, command.place, script.node.image)


def _starts_init(command: Command) -> bool:
    words = [word.literal for word in command.argv]
    return bool(words) and (words[0] == INIT or (command.name in WRAPPERS and INIT in words))


def _replaces_shell(command: Command) -> bool:
    wrapped = any(each.name in WRAPPERS for each in command.wrappers) or command.name in WRAPPERS
    return command.exec and not wrapped and not command.background


def main_program(image: EffectiveImage) -> MainProgram | None:
    """What `/init` is given to run; None where it is given nothing, or that cannot be read."""
    words = argument_vector(image)
    line = image.cmd if image.cmd is not None else image.entrypoint
    if not words or line is None:
        return None
    if words[0] == INIT or _hands_over(image, words[0]):
        return MainProgram(words[1:], line) if len(words) > 1 else None
    return None


def _hands_over(image: EffectiveImage, path: str) -> bool:
    """Whether the script at `path` ends in `exec /init "$@"`."""
    script = ScriptReader(image).read(path, inherits=True) if path.startswith("/") else None
    if script is None:
        return False
    starts = [command for command in script.commands if _starts_init(command)]
    return len(starts) == 1 and [word.raw.strip("\"'") for word in starts[0].argv] == [INIT, "$@"]


_CARRIERS = frozenset(("exec", "nice", "s6-setuidgid"))
CONTENV = "with-contenv"


def sees_environment(image: EffectiveImage, main: MainProgram) -> bool:
    """Whether the words themselves, or the script's `#!`, may bring the container's environment back."""
    if any(CONTENV in word for word in main.words):
        return True
    words = _inner(main.words)
    if not words or not words[0].startswith("/") or basename(words[0]) in SHELLS:
        return False
    script = ScriptReader(image).read(words[0])
    return script is not None and script.sees_environment is not False


def reading_of_main(image: EffectiveImage, main: MainProgram) -> Reading | None:
    """The commands of the main program; None for one that is neither `sh -c` nor a script nor a simple command."""
    words = _inner(main.words)
    if not words:
        return None
    first = words[0]
    files = ScriptFiles(image.tree, image.sh)
    place = main.line.place
    dialect = files.shell(first) if basename(first) in SHELLS else None
    if dialect is not None and len(words) > 2 and words[1].startswith("-") and words[1].endswith("c"):
        text = words[2]
    elif dialect is not None and len(words) > 1 and words[1].startswith("/"):
        script = _given(image, main.line.value, words[1:], interpreter=first)
        return script.reading if script is not None else None
    elif dialect is not None:
        return None
    elif first.startswith("/") and image.tree.find(first) is not None:
        script = _given(image, main.line.value, words)
        return script.reading if script is not None else None
    else:
        from shlex import join

        text, dialect = join(words), "sh"
    mapped = MappedText(text, ((0, place.line, place.span.column),))
    values = {name: sourced.value for name, sourced in image.env.items() if sourced.value}
    environment = Environment.at_start(values, frozenset(image.env))
    return interpret(parse_script(mapped, place.path, dialect), environment, load=files.load, glob=files.glob)


def _inner(words: tuple[str, ...]) -> tuple[str, ...]:
    """The command line behind programs that run another one."""
    while words and basename(words[0]) in _CARRIERS | {CONTENV}:
        taken = 2 if basename(words[0]) == "s6-setuidgid" else 1
        words = words[taken:]
    return words
