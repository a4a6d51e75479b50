"""Compare what ctlint reads from Dockerfiles with what the PyPI package `dockerfile` does (BuildKit 0.12.5's parser).

    python tests/helpers/compare_oracle.py PATH…

A path is a Dockerfile, a folder of files, or a bare git directory, whose every branch's last commit is read. Prints
each disagreement and a count by reason; ends with 1 if any has no reason.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dockerfile as oracle

from ctlint.lineage.dockerfile.parse import Instruction, parse

Reading = tuple[tuple[object, ...], ...] | str
"""What a parser made of a text: a tuple for each instruction, or the message with which it refused the text."""

NAME = re.compile(r"(^|[/.])(dockerfile|containerfile)([.\-_][^/]*)?(?<!\.go|\.py|\.md)$", re.IGNORECASE)
_BLANK_BEFORE_NAME = re.compile(r"<<-?[\\`]?\s")
_BLANK_IN_DIRECTIVE = re.compile(r"(\s*#.*\n)*?\s*#[\t\n\f\r ]*[^\S\t\n\f\r ]\s*[a-zA-Z]+\s*=")
_JSON = json.JSONDecoder()


@dataclass(frozen=True)
class Difference:
    """A disagreement; `reason` is one of REASONS, None where none explains it."""

    reason: str | None
    ours: Reading
    theirs: Reading


EXEC_FORMS = ("ADD", "CMD", "COPY", "ENTRYPOINT", "HEALTHCHECK", "RUN", "SHELL", "VOLUME")
REASONS = {
    "nul": "the package hands the text over as a C string, which ends at the first NUL",
    "not-utf-8": "the package cannot return an argument that BuildKit cut inside a character",
    "exec-tail": "text behind the array of an exec form was ignored before BuildKit 0.15; now it makes a shell form",
    "check-directive": "`# check=` is a parser directive since BuildKit 0.15; before, it ended the directives",
    "directive-blank": "only the blanks of ASCII could stand between `#` and a parser directive's name",
    "flag-escape": "the backslash was the escape character in flags, whatever `# escape=` says",
    "heredoc-blank": "blanks between `<<` and the name of a heredoc are allowed since BuildKit 0.14",
}


def read_theirs(text: str) -> Reading:
    """The package's reading, in its own shape, but with an empty text where it has None for one."""
    try:
        found = oracle.parse_string(text)
    except oracle.GoParseError as problem:
        return str(problem)
    return tuple(
        (
            command.cmd or "",
            command.sub_cmd,
            command.json,
            (command.original or "").split("\n")[0] if command.heredocs else command.original or "",
            command.start_line,
            command.end_line,
            command.flags,
            command.value,
            tuple((heredoc.name, heredoc.file_descriptor, heredoc.content) for heredoc in command.heredocs),
        )
        for command in found
    )


def read_ours(text: str, *, exec_tails: bool = False) -> Reading:
    """Our reading in the package's shape, which has no heredocs for ONBUILD.

    With `exec_tails`, the exec form is as it was before BuildKit 0.15.
    """
    found = parse(text)
    refused = found.error if found.error and found.error.found_by == "parser" else None
    if refused and exec_tails:
        found = parse("".join(f"{line}\n" for line in text.split("\n")[: refused.line - 1]))
    try:
        commands = tuple(_command(instruction, exec_tails) for instruction in found.instructions)
        return refused.message if refused else commands
    except TypeError:
        return "when using JSON array syntax, arrays must be comprised of strings only"


def _command(instruction: Instruction, exec_tails: bool) -> tuple[object, ...]:
    held = instruction.onbuild
    arguments = instruction.arguments
    sub_command = None
    if instruction.keyword == "ONBUILD" and arguments:
        sub_command = instruction.original[slice(*instruction.argument_places[0])]
        arguments = arguments[1:]
    if (held or instruction).keyword in ("ENV", "LABEL"):
        arguments = tuple(argument for index, argument in enumerate(arguments) if index % 3 < 2)
    heredocs = () if instruction.keyword == "ONBUILD" else instruction.heredocs
    form = instruction.form
    if exec_tails and (tailed := _array_before_tail(held or instruction)) is not None:
        form = "exec"
        arguments = (*(arguments[:1] if instruction.keyword == "HEALTHCHECK" else ()), *tailed)
    return (
        instruction.written,
        sub_command,
        form == "exec",
        instruction.original,
        instruction.start_line,
        instruction.end_line,
        instruction.flags,
        arguments,
        tuple((heredoc.name, heredoc.fd, heredoc.content) for heredoc in heredocs),
    )


def _array_before_tail(instruction: Instruction) -> tuple[str, ...] | None:
    """The array that a shell form begins with, which used to make it an exec form; TypeError for other elements."""
    if instruction.form == "exec" or instruction.keyword not in EXEC_FORMS:
        return None
    body = instruction.body.text
    if instruction.keyword == "HEALTHCHECK":
        body = body.partition(" ")[2].lstrip()
    if not body.startswith("["):
        return None
    try:
        array = _JSON.raw_decode(body)[0]
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(element, str) for element in array):
        raise TypeError(array)
    return tuple(array)


def compare(text: str) -> Difference | None:
    """None where both read the text alike."""
    ours = read_ours(text)
    try:
        theirs = read_theirs(text)
    except UnicodeDecodeError:
        return Difference("not-utf-8", ours, "")
    if ours == theirs:
        return None
    if read_ours(text, exec_tails=True) == theirs:
        return Difference("exec-tail", ours, theirs)
    return Difference(_reason(text), ours, theirs)


def _reason(text: str) -> str | None:
    if "\0" in text or "\\u0000" in text:
        return "nul"
    found = parse(text)
    if "check" in found.directives:
        return "check-directive"
    if _BLANK_IN_DIRECTIVE.match(text) and found.directives:
        return "directive-blank"
    if _BLANK_BEFORE_NAME.search(text):
        return "heredoc-blank"
    if found.escape == "`" and any(
        character in instruction.original[slice(*place)]
        for outer in found.instructions
        for instruction in (outer, outer.onbuild or outer)
        for place in instruction.flag_places
        for character in "\\`"
    ):
        return "flag-escape"
    if any(instruction.heredocs and instruction.body.text.startswith("[") for instruction in found.instructions):
        return "exec-tail"
    return None


def texts_of(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of every Dockerfile at `path`."""
    if path.is_file():
        yield str(path), path.read_bytes()
    elif (path / "HEAD").is_file() and (path / "objects").is_dir():
        yield from _texts_of_git(path)
    else:
        for file in sorted(path.rglob("*")):
            if file.is_file() and NAME.search(file.as_posix()):
                yield str(file), file.read_bytes()


def _texts_of_git(path: Path) -> Iterator[tuple[str, bytes]]:
    def git(*arguments: str) -> bytes:
        return subprocess.run(("git", "-C", str(path), *arguments), check=True, capture_output=True).stdout

    names: dict[str, str] = {}
    for commit in sorted({"HEAD", *git("for-each-ref", "--format=%(objectname)").decode().split()}):
        for entry in git("ls-tree", "-r", "-z", "--full-tree", commit).decode("utf-8", "replace").split("\0"):
            meta, _, name = entry.partition("\t")
            mode, _, blob = meta.partition(" blob ")
            if blob and mode != "120000" and NAME.search(name):
                names.setdefault(blob, name)
    listing = "\n".join(names).encode()
    batch = subprocess.run(
        ("git", "-C", str(path), "cat-file", "--batch"), input=listing, check=True, capture_output=True
    )
    position = 0
    for blob, name in names.items():
        end = batch.stdout.index(b"\n", position)
        size = batch.stdout[position:end].split()[-1]
        if size == b"missing":
            position = end + 1
            continue
        position = end + 2 + int(size)
        yield f"{path}:{name} ({blob[:10]})", batch.stdout[end + 1 : position - 1]


def main(arguments: list[str]) -> int:
    counts: Counter[str] = Counter()
    total = 0
    for argument in arguments:
        for name, content in texts_of(Path(argument)):
            total += 1
            try:
                text = content.decode("utf-8")
            except UnicodeDecodeError:
                counts["left out: not UTF-8, which the package cannot be given"] += 1
                continue
            difference = compare(text)
            if difference is None:
                continue
            counts[difference.reason or "UNEXPLAINED"] += 1
            sys.stdout.write(f"{name}: {difference.reason}\n")
            if difference.reason is None:
                sys.stdout.write(f"  ours:   {difference.ours}\n  theirs: {difference.theirs}\n")
    sys.stdout.write(f"{total} files, {sum(counts.values())} apart: {dict(counts)}\n")
    return 1 if counts["UNEXPLAINED"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
