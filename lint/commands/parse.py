"""`ctlint parse FILE…`: the instructions as BuildKit reads them, one JSON object a file and line."""

import json
import os
from collections.abc import Sequence
from typing import Any, TextIO

from ...lineage.dockerfile.logical_lines import LARGEST_FILE
from ...lineage.dockerfile.parse import Dockerfile, Heredoc, Instruction, parse
from ...lineage.repository.plain_file import open_plain, read_up_to
from ..output.complaints import standard_input
from ..output.terminal import harmless_json, printable, say

STDIN = "-"
OK, UNREADABLE = 0, 3


def parse_files(paths: Sequence[str], out: TextIO, err: TextIO) -> int:
    """Write one line of JSON to `out` for each path (`-` is standard input), and what is wrong to `err` for people.

    Returns the exit code: 3 where a file could not be read or BuildKit refuses it, else 0. All files are gone through.
    """
    code = OK
    for path in paths:
        try:
            content = _read(path)
        except OSError as problem:
            message = problem.strerror or str(problem)
            report: dict[str, Any] = {"path": path, "error": {"line": None, "message": message}}
            say(printable(f"{path}: {message}"), err)
        except ValueError as problem:
            report = {"path": path, "error": {"line": None, "message": str(problem)}}
            say(printable(f"{path}: {problem}"), err)
        else:
            dockerfile = parse(content, path)
            report = as_json(dockerfile)
            if dockerfile.error:
                say(printable(f"{path}:{dockerfile.error.line}: {dockerfile.error.message}"), err)
        if report["error"]:
            code = UNREADABLE
        out.write(harmless_json(json.dumps(report)) + "\n")
    return code


def as_json(dockerfile: Dockerfile) -> dict[str, Any]:
    """What is printed of a Dockerfile; without `instructions` where BuildKit's parser refuses it."""
    problem = dockerfile.error
    error = {"line": problem.line, "message": problem.message} if problem else None
    if problem and problem.found_by != "instructions":
        return {"path": dockerfile.path, "error": error}
    return {
        "path": dockerfile.path,
        "instructions": [_instruction(instruction) for instruction in dockerfile.instructions],
        "error": error,
    }


def _instruction(instruction: Instruction) -> dict[str, Any]:
    return {
        "instruction": instruction.keyword,
        "start_line": instruction.start_line,
        "end_line": instruction.end_line,
        "flags": list(instruction.flags or (instruction.onbuild.flags if instruction.onbuild is not None else ())),
        "form": instruction.form,
        "arguments": list(instruction.arguments),
        "heredocs": [_heredoc(heredoc) for heredoc in instruction.heredocs],
        "original": instruction.original,
    }


def _heredoc(heredoc: Heredoc) -> dict[str, Any]:
    return {"name": heredoc.name, "content": heredoc.content, "expand": heredoc.expand, "chomp": heredoc.chomp}


def _read(path: str) -> bytes:
    """The content, one byte more at most than what is read as a Dockerfile."""
    if path == STDIN:
        return standard_input(LARGEST_FILE + 1)
    if path == "/dev/stdin" or path.startswith(("/dev/fd/", "/proc/self/fd/")):  # `<(…)`: the user's own pipe
        with open(path, "rb") as pipe:
            return pipe.read(LARGEST_FILE + 1)
    with open_plain(path) as file:
        return read_up_to(file, os.fstat(file.fileno()).st_size, LARGEST_FILE + 1)
