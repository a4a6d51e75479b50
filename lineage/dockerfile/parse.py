"""A Dockerfile's text read as BuildKit reads it, with every word's place in the file.

The library dockerfile-parse says which lines make up which instruction, and its keyword, where it reads as BuildKit does
(`library`). The rest follows BuildKit's frontend/dockerfile/parser: joining lines and heredocs (`logical_lines`), arguments
(`split`), checks (`checks`).
"""

from collections.abc import Iterable

from ..late.dataclasses import dataclass, replace
from ..text.go_strings import presentable
from ..text.places import MappedText
from .checks import check
from .heredoc import Heredoc
from .instruction import Instruction, ParseProblem, ParseWarning, Words
from .logical_lines import LARGEST_FILE, Joined, LineProblem, LogicalLine, join_lines
from .split import ArgumentsError, SplitArgument, SplitInstruction, read_command

__all__ = ["Dockerfile", "Heredoc", "Instruction", "ParseProblem", "ParseWarning", "parse", "parse_all"]


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A Dockerfile as it was read; `path` is as it is shown to the user.

    Where BuildKit's parser refuses the text, `error` says so and there are no instructions; where its instruction
    checks refuse it, both are there. `directives` are the parser directives by lower-case name. `text` has no
    byte-order mark, and U+FFFD for each byte that is not UTF-8.
    """

    path: str
    text: str
    instructions: tuple[Instruction, ...]
    error: ParseProblem | None
    escape: str
    directives: dict[str, str]
    warnings: tuple[ParseWarning, ...]


def parse(source: str | bytes, path: str = "Dockerfile") -> Dockerfile:
    """Read a Dockerfile. Never raises: what is wrong with the text is in the result's `error`."""
    return parse_all([(source, path)])[0]


def parse_all(files: Iterable[tuple[str | bytes, str]]) -> list[Dockerfile]:
    """Read Dockerfiles, each given as its text and its path, as `parse` does.

    It takes less time than to read them one by one: equal lines are taken apart once.
    """
    found = [(path, _text(source)) for source, path in files]
    joined = [join_lines(text, _takes_heredocs) if text is not None else None for _, text in found]
    lines = _KnownLines()
    return [_dockerfile(path, text or "", each, lines) for (path, text), each in zip(found, joined, strict=True)]


def _text(source: str | bytes) -> str | None:
    """The text, with surrogates for what is not UTF-8; None where it is too large."""
    if len(source) > LARGEST_FILE:
        return None
    return source if isinstance(source, str) else source.decode("utf-8", "surrogateescape")


def _dockerfile(path: str, text: str, joined: Joined | None, lines: "_KnownLines") -> Dockerfile:
    if joined is None:
        too_large = ParseProblem(f"the file is larger than {LARGEST_FILE >> 20} MiB", 1, 1, "parser")
        return Dockerfile(path, "", (), too_large, "\\", {}, ())
    shown = presentable(text).removeprefix("\ufeff")
    instructions, problem = _instructions(joined, lines)
    if problem:
        refused = ParseProblem(presentable(problem.message), problem.line, problem.end_line, "parser")
        return Dockerfile(path, shown, (), refused, joined.escape, joined.directives, ())
    warnings = tuple(
        [
            ParseWarning(f"Empty continuation line found in: {presentable(line.text)}", line.joined_to, line.empty_line)
            for line in joined.lines
            if line.empty_line is not None
        ]
    )
    return Dockerfile(path, shown, instructions, check(instructions), joined.escape, joined.directives, warnings)


def _takes_heredocs(line: str, escape: str) -> bool:
    try:
        command = read_command(line, escape)
    except ArgumentsError:
        return False
    if command.keyword == "ONBUILD" and command.inner:
        command = command.inner
    return command.keyword in ("ADD", "COPY", "RUN") and command.form == "shell"


def _instructions(joined: Joined, lines: "_KnownLines") -> tuple[tuple[Instruction, ...], LineProblem | None]:
    """The instructions, or the first problem in the file."""
    instructions: list[Instruction] = []
    for line in joined.lines:
        try:
            read = lines.of(line, joined.escape)
        except ArgumentsError as problem:
            return (), LineProblem(str(problem), line.start_line, line.joined_to)
        instructions.append(_instruction(line, *read))
    return tuple(instructions), joined.problem


class _KnownLines:
    """The joined lines of some Dockerfiles taken apart, equal ones once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[Words, Words | None]] = {}

    def of(self, logical: LogicalLine, escape: str) -> tuple[Words, Words | None]:
        """The words of a line, and those of the instruction that an ONBUILD holds. Raises ArgumentsError."""
        key = line, _ = logical.text, escape
        found = self._known.get(key)
        if found is None:
            command = read_command(line, escape, logical.split)
            found = self._known[key] = _words(command), _words(command.inner) if command.inner else None
        return found


def _words(command: SplitInstruction) -> Words:
    name, flags, arguments = command.name, command.flags, command.arguments
    return Words(
        presentable(command.keyword),
        presentable(name.text),
        _texts(flags) if flags else (),
        command.form,
        _texts(arguments),
        (name.start, name.end),
        _places(flags) if flags else (),
        _places(arguments),
        (command.start, command.end),
    )


def _instruction(line: LogicalLine, words: Words, held: Words | None) -> Instruction:
    text = MappedText(presentable(line.text), line.anchors)
    heredocs = tuple(map(_presentable_heredoc, line.heredocs)) if line.heredocs else ()
    inner = Instruction(*held, line.start_line, line.end_line, text, heredocs) if held else None
    return Instruction(*words, line.start_line, line.end_line, text, heredocs, inner)


def _presentable_heredoc(heredoc: Heredoc) -> Heredoc:
    return replace(heredoc, name=presentable(heredoc.name), content=presentable(heredoc.content))


def _texts(arguments: tuple[SplitArgument, ...]) -> tuple[str, ...]:
    return tuple([presentable(argument.text) for argument in arguments])


def _places(arguments: tuple[SplitArgument, ...]) -> tuple[tuple[int, int], ...]:
    return tuple([(argument.start, argument.end) for argument in arguments])
