"""The commands that a HEALTHCHECK runs."""

from collections.abc import Sequence

from ..commands.built_in import BUILT_IN
from ..commands.model import Command, Environment
from ..image.image import BuildStep, EffectiveImage
from ..image.script_files import ScriptFiles
from ..interpreter.interpret import interpret
from ..shell.parse import parse_script
from ..text.places import MappedText, Place, Span

_SHELL = ("/bin/sh", "-c")


def commands_of_healthcheck(image: EffectiveImage, step: BuildStep) -> tuple[Command, ...]:
    """The commands of the HEALTHCHECK that are programs; none for NONE and for what no shell reads."""
    instruction = step.instruction
    words = instruction.arguments[1:]
    if not words or instruction.arguments[0].upper() != "CMD":
        return ()
    start = instruction.argument_places[1][0]
    line, column = instruction.line.position(start)
    place = Place(step.place.path, Span(line, column))
    return check_commands(image, tuple(words), place, shell=instruction.form != "exec")


def check_commands(
    image: EffectiveImage, words: Sequence[str], place: Place, *, shell: bool = False
) -> tuple[Command, ...]:
    """The programs that a check at `place` runs: its words, or with `shell` the one text that a shell is given."""
    files = ScriptFiles(image.tree, image.sh)
    if not words:
        return ()
    if not shell:
        from shlex import join

        text, dialect = join(words), files.shell("sh")
    else:
        by = image.shell.value if image.shell is not None else _SHELL
        text, dialect = words[0], files.shell(by[0])
    if dialect is None:
        return ()
    values = {name: sourced.value for name, sourced in image.env.items()}
    mapped = MappedText(text, ((0, place.line, place.span.column),))
    reading = interpret(parse_script(mapped, place.path, dialect), Environment.at_start(values, frozenset()))
    return tuple(command for command in reading.commands if not shell or command.name not in BUILT_IN)
