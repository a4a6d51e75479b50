"""Text in an execline command line that does not do what it says, because it was written for a shell.

Settled by booting such oneshots (s6-overlay 3.0.0.2, 3.1.6.2, 3.2.1.0, 3.2.3.2): operators and later lines reach the
first program as arguments, builtins of a shell are no programs, and `if`, `case` and `export` are execline's.
"""

from collections.abc import Iterator, Sequence

from ..effects.s6_directories import S6_OVERLAY
from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..shell.execline import ExeclineBlock, ExeclineScript, ExeclineWord, Item
from ..shell.execline_chains import OPAQUE, ChainCommand, commands, names, usage_of
from ..shell.shebang import SHELLS
from .rc_problem import UpCode

_OPERATORS = frozenset(("&&", "||", "|", "|&", "&", ";", ";;", ">", ">>", "<", "<<", "<<<", "&>", "&>>"))
_WRAPPER = pattern(r"^s6-|^with|^run-?as|env|exec|wrap")
_REDIRECTION = pattern(r"\d*(?:>>?|<)(?:&(?:\d|-)?|/\S+)?$|&>>?/\S+$")
_ASSIGNMENT = pattern(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_VARIABLE = pattern(r"\$\{?[A-Z][A-Z0-9_]+\}?|\$\(")
_NO_PROGRAMS = names(
    """
    [[ . : break continue declare do done elif else esac eval fi for function local return select set shopt source then
    typeset unset until while
    """
)
_COMPARING = names("[ [[ test eltest s6-test expr awk jq")
_SHELLS = SHELLS | {"busybox", "fish"}
_INTERPRETERS = _SHELLS | names("awk gawk mawk perl python python3 ruby node lua envsubst")
_FILE_TOOLS = names(
    """
    cat chgrp chmod chown cp echo groupadd groupmod install ln mkdir mv rm rmdir rsync tar touch useradd usermod
    """
)
_COMMANDS = _FILE_TOOLS | names(
    """
    addgroup adduser apk apt-get awk bash chpasswd curl cut date envsubst find gosu grep head hostname ip kill
    locale-gen mount passwd pip printf ps python python3 sed service sh sleep sort su sudo sysctl tail test
    wget which xargs
    """
)
_SUBSTITUTING = names(
    """
    backtick define dollarat elgetopt elgetpositionals elglob fdreserve forbacktickx forstdin forx getcwd getpid import
    importas multidefine multisubstitute redirfd withstdinas
    """
)
_PROGRAM_DIRECTORY = pattern(r"(?:/[^/\s]+)*/s?bin/[^/\s]+$|/command/[^/\s]+$")


@dataclass(frozen=True, slots=True)
class Surprise:
    """What is not done: a sentence, and one with the cure; `line` counts from 1."""

    code: UpCode
    message: str
    line: int
    cure: str = "Put the commands into a script, and only its absolute path here."


_START_SCRIPTS = f"{S6_OVERLAY}/"


def surprises(script: ExeclineScript) -> Iterator[Surprise]:
    """What in the command line does not do what it says; the one that decides first comes first."""
    for command in commands(script.items):
        yield from _program(command)
        yield from _usage(command)
        if command.usage is None:
            yield from _operators(command)
            yield from _single_quotes(command)
            yield from _later_lines(command, script)
            yield from _variables(command, script)


def _program(command: ChainCommand) -> Iterator[Surprise]:
    text, line = command.program.text, command.program.line
    if command.program.quoted:
        return
    following = command.words[0].text if command.words else ""
    if text.endswith("()") or following == "()":
        yield Surprise("up-shell-word", f"`{text}` is taken for a program, not for a function.", line)
    elif text in _NO_PROGRAMS:
        yield Surprise("up-shell-word", f"`{text}` belongs to the shell, there is no such program.", line)
    elif _ASSIGNMENT.match(text):
        cure = "Use `export NAME value` before the program."
        yield Surprise("up-shell-word", f"`{text}` is taken for a program, not for an assignment.", line, cure)
    elif "/" in text and not text.startswith("/") and not command.after_cd and "$" not in text:
        yield Surprise(
            "up-relative-path",
            f"`{text}` is looked up in the directory of s6rc-oneshot-runner, which does not hold it.",
            line,
            "Write the absolute path.",
        )


def _usage(command: ChainCommand) -> Iterator[Surprise]:
    if command.fault is None or _holds_empty(command.items):
        return
    yield Surprise(
        "up-execline-usage",
        f"`{command.program.text}` is execline's here, not the shell's: it needs {command.fault}.",
        command.program.line,
    )


def _holds_empty(items: Sequence[Item]) -> bool:
    """An empty word ends a block as a closing brace does."""
    return any(isinstance(item, ExeclineWord) and not item.text for item in items)


def _operators(command: ChainCommand) -> Iterator[Surprise]:
    if command.name in _COMPARING or _runs_a_command(command):
        return
    finding = False
    for word in command.words:
        finding = finding or word.text in ("-exec", "-execdir", "-ok", "-okdir")
        if word.quoted or (finding and word.text in (";", "+")):
            continue
        if word.text in _OPERATORS or _REDIRECTION.match(word.text):
            yield Surprise(
                "up-shell-operator",
                f"`{word.text}` is no operator, it is handed to `{command.program.text}` as an argument like all that"
                " follows.",
                word.line,
            )
            return


def _runs_a_command(command: ChainCommand) -> bool:
    """Whether a program of the image's own is given a start script to run, and may hand all its words to a shell."""
    return "/" not in command.program.text and any(word.text.startswith(_START_SCRIPTS) for word in command.words)


def _translates_quotes_to_quotes(command: ChainCommand) -> bool:
    """`tr '[A-Z]' '[a-z]'`: the quotes stand at the same places of both sets, and each becomes itself."""
    words = [word.text for word in command.words]
    if command.name != "tr" or len(words) != 2 or len(words[0]) != len(words[1]):
        return False
    return all(len(word) > 2 and word[0] == word[-1] == "'" and "'" not in word[1:-1] for word in words) and all(
        one == other for one, other in zip(*words, strict=True) if "-" in (one, other)
    )


def _single_quotes(command: ChainCommand) -> Iterator[Surprise]:
    words = command.words
    if _translates_quotes_to_quotes(command):
        return
    for index, word in enumerate(words):
        if word.quoted or not word.text.startswith("'") or word.text == "'":
            continue
        balanced = len(word.text) > 1 and word.text.endswith("'")
        if balanced and any(_name(before) in _SHELLS for before in (command.program, *words[:index])):
            continue
        if not balanced and not any(later.text.endswith("'") for later in words[index + 1 :]):
            continue
        yield Surprise(
            "up-single-quotes",
            f"Single quotes are ordinary letters to execline: `{command.program.text}` gets the word `{word.text}`.",
            word.line,
            "Use double quotes.",
        )
        return


def _later_lines(command: ChainCommand, script: ExeclineScript) -> Iterator[Surprise]:
    """A later line that reads like a command of its own becomes arguments of the one before."""
    if command.name in OPAQUE or _WRAPPER.search(command.name):
        return
    first, previous = command.program, command.program.line
    for word in command.words:
        begins_line = word.line > previous and word.column <= first.column and not word.quoted
        if begins_line and _reads_like_command(word, command, script):
            yield Surprise(
                "up-several-commands",
                f"A newline does not end a command: `{word.text}` and what follows become arguments of `{first.text}`.",
                word.line,
            )
            return
        previous = max(previous, word.line)


def _reads_like_command(word: ExeclineWord, command: ChainCommand, script: ExeclineScript) -> bool:
    text = word.text
    if text in _COMMANDS or text in _NO_PROGRAMS or usage_of(word) is not None or text == command.program.text:
        return True
    if _ASSIGNMENT.match(text) or _PROGRAM_DIRECTORY.match(text):
        return True
    if script.shebang is not None and "execlineb" not in script.shebang:
        return not text.startswith("-")
    directory = command.program.text.rpartition("/")[0]
    return bool(directory) and text.startswith(f"{directory}/") and command.words[0] is word


def _variables(command: ChainCommand, script: ExeclineScript) -> Iterator[Surprise]:
    if command.name not in _FILE_TOOLS or _substitutes(script.items):
        return
    for word in command.words:
        found = _VARIABLE.search(word.text)
        if found is not None:
            shown = found[0] if found[0] != "$(" else "$(…)"
            yield Surprise(
                "up-variable",
                f"Nothing expands `{shown}`: `{command.program.text}` gets it as it is written.",
                word.line,
            )
            return


def _substitutes(items: Sequence[Item]) -> bool:
    """A program of execline that puts values into the rest of the line, or an interpreter, stands somewhere."""
    for item in items:
        if isinstance(item, ExeclineBlock):
            if _substitutes(item.items):
                return True
        elif _name(item) in _SUBSTITUTING or _name(item) in _INTERPRETERS:
            return True
    return False


def _name(word: ExeclineWord) -> str:
    return word.text.rsplit("/", 1)[-1]
