"""Reading the main program that `/init` is given, where it is a shell's command line or a script of the image."""

from posixpath import basename

from ..commands.interpret import interpret
from ..commands.model import Environment, Reading
from ..image.image import EffectiveImage
from ..image.script_files import ScriptFiles
from ..shell.parse import parse_script
from ..text.places import MappedText
from .init import MainProgram
from .script_reader import ScriptReader

_SHELLS = frozenset(("sh", "bash", "dash", "ash"))
_CARRIERS = frozenset(("exec", "nice", "s6-setuidgid"))
CONTENV = "with-contenv"


def sees_environment(image: EffectiveImage, main: MainProgram) -> bool:
    """Whether the words themselves, or the script's `#!`, may bring the container's environment back."""
    if any(CONTENV in word for word in main.words):
        return True
    words = _inner(main.words)
    if not words or not words[0].startswith("/") or basename(words[0]) in _SHELLS:
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
    dialect = files.shell(first) if basename(first) in _SHELLS else None
    if dialect is not None and len(words) > 2 and words[1].startswith("-") and words[1].endswith("c"):
        text = words[2]
    elif dialect is not None and len(words) > 1 and words[1].startswith("/"):
        script = ScriptReader(image).read(words[1], interpreter=first)
        return script.reading if script is not None else None
    elif dialect is not None:
        return None
    elif first.startswith("/") and image.tree.find(first) is not None:
        script = ScriptReader(image).read(first)
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
