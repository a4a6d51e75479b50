"""What ENTRYPOINT and CMD start: the words that the runtime joins, and whether these lead to s6-overlay's `/init`."""

from typing import Literal

from ..commands.model import Command
from ..effects.model import Execute
from ..image.image import CommandLine, EffectiveImage
from ..image.tree import Node
from ..shell.shebang import SHELLS
from ..text.errors import Unknown, met
from ..text.paths import DEFAULT_PATH, folders_of, normal
from ..text.symbolic import Text
from .script_reader import ScriptReader

_KEPT = 64
_ANSWERS: dict[int, tuple[EffectiveImage, bool | Unknown]] = {}
"""Whether an image starts `/init`, for the images that were asked about last: several rules ask."""


_OF_DISTRIBUTIONS = ("/bin", "/sbin", "/usr/bin", "/usr/sbin")
"""Folders of programs: one that a base has there, and whose content is not known, starts no `/init`, as one in PATH does not."""


def leads_to_init(image: EffectiveImage, reader: ScriptReader | None = None) -> bool | Unknown:
    """Whether the final argument vector (ENTRYPOINT + CMD) starts s6-overlay's `/init`, followed through scripts."""
    known = _ANSWERS.get(id(image))
    if known is not None and known[0] is image:
        return met(known[1]) if isinstance(known[1], Unknown) else known[1]
    words = argument_vector(image)
    if words is None:
        answer = met(image.config_open) if image.config_open is not None else False
    else:
        answer = _leads_to_init(image, reader or ScriptReader(image), words)
    if answer is False and image.entrypoint is None and image.config_open is not None:
        answer = met(image.config_open)  # an ENTRYPOINT that is not known may take CMD for its arguments
    if len(_ANSWERS) >= _KEPT:
        _ANSWERS.clear()
    _ANSWERS[id(image)] = (image, answer)
    return answer


def argument_vector(image: EffectiveImage) -> tuple[str, ...] | None:
    """ENTRYPOINT and CMD as the runtime joins them; None where the image has neither."""
    entrypoint, cmd = image.entrypoint, image.cmd
    if entrypoint is None:
        return cmd.value.argv if cmd is not None else None
    words = entrypoint.value.argv
    if entrypoint.value.form == "exec" and cmd is not None:
        words = (*words, *cmd.value.argv)
    return words


def script_arguments(
    image: EffectiveImage, line: CommandLine, behind: tuple[str, ...], *, as_it_is: bool = False
) -> tuple[Text, ...] | None:
    """The arguments of a script that ENTRYPOINT or CMD (`line`) names: all words `behind` it, as the runtime joins them.

    None where a shell reads the line, and where nothing stands behind an ENTRYPOINT: who starts the container gives them,
    unless the start is asked for that gives nothing (`as_it_is`).
    """
    open_end = not behind and not as_it_is and image.entrypoint is not None and line is image.entrypoint.value
    return None if line.form != "exec" or open_end else tuple(map(Text.of, behind))


def _leads_to_init(image: EffectiveImage, reader: ScriptReader, words: tuple[str, ...]) -> bool | Unknown:
    if not words:
        return False
    if is_init(image, words[0]):
        return True
    line = image.entrypoint or image.cmd
    words = (started_path(image, words[0]), *words[1:])
    reading = reader.started(words, line.place if line is not None else image.first_line)
    if any(is_init(image, command.argv[0].literal) for command in reading.commands if command.argv):
        return True
    if reading.unread:
        return Unknown(f"{reading.unread[0].place} could not be read ({reading.unread[0].reason})")
    if [command.name for command in reading.commands] == [words[0]] and program_path(image, words[0]) is None:
        return Unknown(f"what {words[0]} starts is not known")
    last = [command for command in reading.commands if command.exec or not command.callers]
    doubts = (_doubt(image, reader, command) for command in last if command.argv and not command.loaded)
    return next((doubt for doubt in doubts if doubt is not None), False)


def is_init(image: EffectiveImage, program: str | None) -> bool:
    if program is None or not program.startswith("/"):
        return False
    reals = (image.tree.resolve(program, last=False), image.tree.resolve(program))
    return "/init" in reals or reals[0].endswith("/s6-overlay-suexec")


def _doubt(image: EffectiveImage, reader: ScriptReader, command: Command) -> Unknown | Literal[True] | None:
    """What the program that a start script ends in makes of the question whether `/init` is started: None for no."""
    program = command.argv[0].literal
    if program is None:
        return Unknown(f"{command.place} starts a program that is not known")
    if program.rpartition("/")[2] in SHELLS | {"fish"} and all(
        (w.literal or "").startswith("-") for w in command.arguments
    ):
        return None  # a shell for somebody to type in
    path = program_path(image, program)
    node = image.tree.get(path or program) if program.startswith("/") or path else None
    if isinstance(node, Unknown):
        return node
    if node is None:
        return None
    script = reader.read(path or program, inherits=True)
    if script is None or script.node.facts is None:
        data = node.blob.data
        if any(is_init(image, word.literal) for word in command.arguments):
            return Unknown(f"whether {program} starts the `/init` that it is given is not known")
        packaged = "/" not in program or _is_of_a_distribution(image, program, node)
        is_program = packaged if data is None else not data.startswith(b"#!")
        return None if is_program else Unknown(f"what {program} starts is not known")
    runs = [effect.path.literal for effect in script.effects if isinstance(effect, Execute)]
    return True if any(is_init(image, run) for run in runs) else Unknown(f"what {program} starts is not known")


def started_path(image: EffectiveImage, word: str) -> str:
    """The absolute path of what ENTRYPOINT or CMD names by a path from the working directory; else the word itself."""
    return word if word.startswith("/") or "/" not in word else program_path(image, word) or word


def _is_of_a_distribution(image: EffectiveImage, program: str, node: Node) -> bool:
    """Whether a file is one of those that a bundled profile lists in a folder of programs."""
    bundled = {ancestor.id for ancestor in image.chain if ancestor.origin == "profile"}
    return program.rpartition("/")[0] in _OF_DISTRIBUTIONS and node.image in bundled


def program_path(image: EffectiveImage, word: str) -> str | None:
    if "/" in word:
        path = word if word.startswith("/") else normal(word, image.workdir.value if image.workdir is not None else "/")
        return path if image.tree.find(path) is not None else None
    if not word or word.startswith("-"):
        return None
    path = image.env["PATH"].value if "PATH" in image.env else DEFAULT_PATH
    candidates = (f"{folder}/{word}" for folder in folders_of(path))
    return next((candidate for candidate in candidates if image.tree.find(candidate) is not None), None)
