"""What a RUN really hands to whom, heredocs taken into account.

Source: BuildKit frontend/dockerfile/dockerfile2llb/convert.go, dispatchRun.
"""

from typing import Literal

from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..text.places import MappedText
from .heredoc import Heredoc, parse_mark
from .instruction import Instruction, joined

_FED = pattern(r"([^\s|&;<>()`$\\'\"#]+(?:[ \t]+[^\s|&;<>()`$\\'\"#]+)*)[ \t]*0?<<-?[ \t]*['\"]?[\w.-]+['\"]?[ \t]*")


@dataclass(frozen=True, slots=True)
class RunScript:
    """The text that a RUN runs.

    `kind` is "shell" for a text that the stage's SHELL runs, "file" for a heredoc that opens with `#!` and is run as a
    file. A heredoc that is fed to a simple command on the same line (`bash -e <<EOF`) is `fed`, to the words of
    `reader`; `text` then holds it too, as the shell gets it.
    """

    kind: Literal["shell", "file"]
    text: MappedText
    reader: tuple[str, ...] = ()
    fed: Heredoc | None = None


def run_script(instruction: Instruction) -> RunScript | None:
    """What a RUN in shell form runs; None for the exec form, which runs its arguments as they are."""
    if instruction.form == "exec":
        return None
    heredocs = instruction.heredocs
    if not heredocs:
        return RunScript("shell", instruction.body)
    if parse_mark(instruction.body.text):
        data = heredocs[0].data
        return RunScript("file" if data.text.startswith("#!") else "shell", data)
    text = _reassembled(instruction)
    fed = _FED.fullmatch(instruction.body.text)
    if fed and len(heredocs) == 1:
        return RunScript("shell", text, tuple(fed[1].split()), heredocs[0])
    return RunScript("shell", text)


def _reassembled(instruction: Instruction) -> MappedText:
    """The command line with its heredocs behind it, as the shell gets them."""
    body = instruction.body
    pieces = [body]
    before = body.position(len(body.text))
    for heredoc in instruction.heredocs:
        pieces += (
            MappedText("\n", ((0, *before),)),
            heredoc.body,
            MappedText(heredoc.name, ((0, heredoc.end_line, 1),)),
        )
        before = (heredoc.end_line, len(heredoc.name) + 1)
    return joined(*pieces)
