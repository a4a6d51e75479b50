"""The commands that a HEALTHCHECK runs."""

from ..commands.interpret import interpret
from ..commands.model import Command, Environment
from ..image.image import BuildStep, EffectiveImage
from ..image.script_files import ScriptFiles
from ..shell.parse import parse_script
from ..text.places import MappedText

_SHELL = ("/bin/sh", "-c")
_BUILTINS = frozenset(
    """. : [ [[ alias bg bind break builtin caller cd command compgen complete continue declare dirs disown echo enable eval exec
    exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd read readarray
    readonly return set shift shopt source suspend test times trap true type typeset ulimit umask unalias unset wait""".split()
)
"""What shells do themselves: no program of the image is needed."""


def commands_of_healthcheck(image: EffectiveImage, step: BuildStep) -> tuple[Command, ...]:
    """The commands of the HEALTHCHECK that are programs; none for NONE and for what no shell reads."""
    instruction = step.instruction
    words = instruction.arguments[1:]
    if not words or instruction.arguments[0].upper() != "CMD":
        return ()
    files = ScriptFiles(image.tree, image.sh)
    start = instruction.argument_places[1][0]
    line, column = instruction.line.position(start)
    if instruction.form == "exec":
        from shlex import join

        text, dialect = MappedText(join(words), ((0, line, column),)), files.shell("sh")
    else:
        shell = image.shell.value if image.shell is not None else _SHELL
        text, dialect = MappedText(words[0], ((0, line, column),)), files.shell(shell[0])
    if dialect is None:
        return ()
    values = {name: sourced.value for name, sourced in image.env.items()}
    reading = interpret(parse_script(text, step.place.path, dialect), Environment.at_start(values, frozenset()))
    return tuple(command for command in reading.commands if instruction.form == "exec" or command.name not in _BUILTINS)
