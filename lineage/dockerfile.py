"""A Dockerfile's text read as BuildKit reads it, with every word's place in the file.

The library dockerfile-parse splits instructions into keyword and value. It is given only what it reads exactly: lines
already joined, free of comments, heredocs, escape directives and unusual characters. What stands around it follows
BuildKit's frontend/dockerfile/parser: joining lines and heredocs (`logical`), arguments (`arguments`), checks
(`instructions`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from .arguments import Argument, ArgumentsError, Command, read_command
from .gotext import presentable
from .heredoc import Heredoc
from .instructions import check
from .logical import LARGEST_FILE, Joined, LogicalLine, Problem, join_lines
from .source import MappedText
from .syntax import Instruction, ParseProblem, ParseWarning, part

__all__ = ["Dockerfile", "Heredoc", "Instruction", "ParseProblem", "ParseWarning", "parse"]

_PLAIN = re.compile(r"[A-Za-z]++[ \t]++[ -~\t]*[!-\[\]-~]")


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
    if len(source) > LARGEST_FILE:
        too_large = ParseProblem(f"the file is larger than {LARGEST_FILE >> 20} MiB", 1, 1, "parser")
        return Dockerfile(path, "", (), too_large, "\\", {}, ())
    text = source if isinstance(source, str) else source.decode("utf-8", "surrogateescape")
    joined = join_lines(text, _takes_heredocs)
    shown = presentable(text).removeprefix("\ufeff")
    instructions, problem = _instructions(joined)
    if problem:
        found = ParseProblem(presentable(problem.message), problem.line, problem.end_line, "parser")
        return Dockerfile(path, shown, (), found, joined.escape, joined.directives, ())
    warnings = tuple(
        ParseWarning(f"Empty continuation line found in: {presentable(line.text)}", line.joined_to, line.empty_line)
        for line in joined.lines
        if line.empty_line is not None
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


def _instructions(joined: Joined) -> tuple[tuple[Instruction, ...], Problem | None]:
    """The instructions, or the first problem in the file."""
    splits = _split_by_library([line.text for line in joined.lines])
    instructions: list[Instruction] = []
    for index, line in enumerate(joined.lines):
        try:
            command = read_command(line.text, joined.escape, splits.get(index))
        except ArgumentsError as problem:
            return (), Problem(str(problem), line.start_line, line.joined_to)
        instructions.append(_instruction(line, command))
    return tuple(instructions), joined.problem


def _split_by_library(lines: Sequence[str]) -> dict[int, tuple[str, int]]:
    """Keyword and the offset of the value, by index in `lines`, of the lines that dockerfile-parse reads exactly."""
    plain = [index for index, line in enumerate(lines) if _PLAIN.fullmatch(line)]
    if not plain:
        return {}
    from dockerfile_parse import DockerfileParser

    content = "\n".join(lines[index] for index in plain)
    parser = DockerfileParser(fileobj=StringIO(content))
    splits: dict[int, tuple[str, int]] = {}
    for found in parser.structure:
        index = plain[found["startline"]]
        line = lines[index]
        splits[index] = (line[: len(found["instruction"])], len(line) - len(found["value"]))
    return splits


def _instruction(line: LogicalLine, command: Command) -> Instruction:
    mapped = MappedText(presentable(line.text), line.anchors)
    heredocs = tuple(
        [
            Heredoc(each.name, presentable(each.content), each.expand, each.chomp, each.line, each.fd)
            for each in line.heredocs
        ]
    )
    inner = _with_places(line, command.inner, mapped, heredocs, None) if command.inner else None
    return _with_places(line, command, mapped, heredocs, inner)


def _with_places(
    line: LogicalLine,
    command: Command,
    mapped: MappedText,
    heredocs: tuple[Heredoc, ...],
    onbuild: Instruction | None,
) -> Instruction:
    return Instruction(
        keyword=presentable(command.keyword),
        written=presentable(command.name.text),
        start_line=line.start_line,
        end_line=line.end_line,
        flags=_texts(command.flags),
        form=command.form,
        arguments=_texts(command.arguments),
        heredocs=heredocs,
        line=mapped,
        body=part(mapped, command.start, command.end),
        name_place=(command.name.start, command.name.end),
        flag_places=_places(command.flags),
        argument_places=_places(command.arguments),
        onbuild=onbuild,
    )


def _texts(arguments: tuple[Argument, ...]) -> tuple[str, ...]:
    return tuple([presentable(argument.text) for argument in arguments])


def _places(arguments: tuple[Argument, ...]) -> tuple[tuple[int, int], ...]:
    return tuple([(argument.start, argument.end) for argument in arguments])
