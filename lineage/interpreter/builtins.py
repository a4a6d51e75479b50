"""Built-in commands that change what a shell knows: cd, export, set, shift, exit, read, trap, `.` and their like."""

import re
from collections.abc import Callable

from ..commands.conditions import Condition
from ..commands.model import Command
from ..commands.state import EMPTY, ShellArgument, State, unknown
from ..late.patterns import pattern
from ..shell.parse import For, Node, Simple, children
from ..text.numbers import is_digits, natural
from ..text.places import MappedText
from ..text.symbolic import Text
from ..text.symbolic_paths import join
from .flow import Context, Ends, Flow, Leak, Scope
from .launch import CommandLauncher

ASSIGNMENT = pattern(r"([A-Za-z_]\w*)(\[[^]]*\])?(\+?)=")


DECLARING = frozenset(("export", "local", "declare", "typeset", "readonly"))


def _cd(shell: CommandLauncher, command: Command, state: State, context: Context) -> Flow | None:
    operands = [word for word in command.arguments if word.literal not in ("-P", "-L", "--")]
    before = state.directory
    if command.name == "pushd":
        state.directories = (before, *state.directories)
    if not operands:
        state.directory = state.value("HOME") or state.directory
    elif operands[0].literal == "-":
        state.directory = state.before if state.before is not None else unknown("the working directory before")
    elif operands[0].literal != "":
        state.directory = join(state.directory, operands[0].text)
    state.before = before
    return None


def _popd(shell: CommandLauncher, command: Command, state: State, context: Context) -> Flow | None:
    before = state.directory
    if state.directories:
        state.directory, *rest = state.directories
        state.directories = tuple(rest)
    else:
        state.directory = unknown("the working directory before")
    state.before = before
    return None


def _declare(shell: CommandLauncher, command: Command, state: State, context: Context) -> Flow | None:
    for word in command.arguments:
        prefix = word.text.prefix
        if prefix.startswith(("-", "+")):
            continue
        match = ASSIGNMENT.match(prefix)
        name = match.group(1) if match else prefix
        if not name.isidentifier():
            state.opened = state.opened or word.text.opaque
            continue
        if command.name == "local" and shell.frames:
            shell.frames[-1].setdefault(name, state.variables.get(name))
            if not match:
                state.assign(name, None)
        if match:
            value = Text.of(prefix[match.end() :], *word.text.pieces[1:])
            if match.group(3):
                value = (state.value(name) or EMPTY) + value
            if value.prefix.startswith("("):
                value = unknown(f"the elements of {name}")
            state.assign(name, value)
        if command.name == "export" or any(option.literal == "-x" for option in command.arguments):
            state.exported = state.exported | {name}
    return None


def _unset(shell: CommandLauncher, command: Command, state: State, context: Context) -> Flow | None:
    for word in command.arguments:
        name = word.literal or ""
        if name.isidentifier():
            state.assign(name, None)
            state.exported = state.exported - {name}
    return None


def _set(shell: CommandLauncher, command: Command, state: State, context: Context) -> Flow | None:
    words = list(command.arguments)
    while words:
        literal = words[0].literal
        if literal == "--":
            state.set_arguments(tuple(ShellArgument(word.text, word.globs) for word in words[1:]))
            return None
        if not literal or literal[0] not in "-+" or len(literal) < 2:
            state.set_arguments(tuple(ShellArgument(word.text, word.globs) for word in words))
            return None
        on = literal[0] == "-"
        words.pop(0)
        for letter in literal[1:]:
            if letter == "e":
                state.errexit = on
            elif letter == "u":
                state.nounset = on
            elif letter == "f":
                state.noglob = on
            elif letter == "a":
                state.allexport = state.allexport or on
            elif letter == "o" and words:
                option = words.pop(0).literal
                if option == "errexit":
                    state.errexit = on
                elif option == "nounset":
                    state.nounset = on
                elif option == "pipefail":
                    state.pipefail = on
                elif option == "noglob":
                    state.noglob = on
                elif option == "allexport":
                    state.allexport = state.allexport or on
    return None


def _shift(shell: CommandLauncher, command: Command, state: State, context: Context) -> Flow | None:
    count = natural(command.arguments[0].literal) if command.arguments else None
    if state.arguments is not None:
        if count is not None and count > len(state.arguments) and shell.is_let_fail(state, context):
            ends = context.script.dialect == "sh"
            leaks = (Leak("exit", context.guards),) if ends else ()
            return Flow(Condition("leaf", command.place, False), not ends, leaks)
        state.arguments = state.arguments[1 if count is None else count :]
    return None


def _leave(scope: Scope, ends: Ends = "exit") -> Callable[[CommandLauncher, Command, State, Context], Flow | None]:
    def leave(shell: CommandLauncher, command: Command, state: State, context: Context) -> Flow:
        value = command.arguments[0].literal if command.arguments else None
        status = value == "0" if value is not None and is_digits(value.lstrip("-")) else None
        return Flow(Condition("leaf", command.place, status), False, (Leak(scope, context.guards, ends),))

    return leave


def _read(shell: CommandLauncher, command: Command, state: State, context: Context) -> Flow | None:
    for word in command.arguments:
        name = word.literal or ""
        if name.isidentifier():
            state.assign(name, unknown("what is read"))
    return None


def _printf(shell: CommandLauncher, command: Command, state: State, context: Context) -> Flow | None:
    words = command.arguments
    if len(words) > 1 and words[0].literal == "-v" and (words[1].literal or "").isidentifier():
        state.assign(words[1].literal or "", unknown("what printf makes"))
    return None


def _let(shell: CommandLauncher, command: Command, state: State, context: Context) -> Flow | None:
    for word in command.arguments:
        match = re.match(r"[A-Za-z_]\w*", word.text.prefix)
        if match:
            state.assign(match.group(), unknown("the result of arithmetic"))
    return None


def _alias(shell: CommandLauncher, command: Command, state: State, context: Context) -> Flow | None:
    names = [word.text.prefix.partition("=")[0] for word in command.arguments if "=" in word.text.prefix]
    state.aliases = tuple(dict.fromkeys((*state.aliases, *names)))
    return None


def _trap(shell: CommandLauncher, command: Command, state: State, context: Context) -> Flow | None:
    words = [word for word in command.arguments if word.literal != "--"]
    if len(words) > 1 and any(word.literal in ("EXIT", "0") for word in words[1:]):
        text = words[0].literal
        if text and text != "-":
            place = words[0].place.span
            shell.traps.append((MappedText.whole(text, place.line, place.column), context))
    return None


def _umask(shell: CommandLauncher, command: Command, state: State, context: Context) -> Flow | None:
    words = [word.literal for word in command.arguments if word.literal not in ("-S", "-p")]
    if words:
        literal = words[0] or ""
        number = natural(literal, 8)
        state.umask = number & 0o777 if number is not None else None
        symbolic = re.fullmatch(r"u=([rwx]*),g=([rwx]*),o=([rwx]*)", literal)
        if symbolic is not None:
            bits = [sum({"r": 4, "w": 2, "x": 1}[letter] for letter in set(one)) for one in symbolic.groups()]
            state.umask = 0o777 & ~(bits[0] << 6 | bits[1] << 3 | bits[2])
    return None


def _nothing(shell: CommandLauncher, command: Command, state: State, context: Context) -> Flow | None:
    return None


def _source(shell: CommandLauncher, command: Command, state: State, context: Context) -> Flow | None:
    return shell.source(command, state, context)


BUILTINS: dict[str | None, Callable[[CommandLauncher, Command, State, Context], Flow | None]] = {
    "cd": _cd,
    "pushd": _cd,
    "popd": _popd,
    **dict.fromkeys(DECLARING, _declare),
    "unset": _unset,
    "set": _set,
    "shift": _shift,
    "exit": _leave("exit"),
    "return": _leave("return"),
    "break": _leave("break"),
    "continue": _leave("continue"),
    **dict.fromkeys(("read", "mapfile", "readarray", "getopts"), _read),
    "printf": _printf,
    "let": _let,
    "alias": _alias,
    "umask": _umask,
    "trap": _trap,
    **dict.fromkeys((".", "source"), _source),
    **dict.fromkeys(
        (
            "true",
            "false",
            ":",
            "echo",
            "test",
            "[",
            "wait",
            "type",
            "hash",
            "shopt",
            "ulimit",
            "jobs",
            "kill",
            "times",
        ),
        _nothing,
    ),
}


def assigned_names(node: Node, text: str) -> set[str]:
    """The variables that the commands of a node may set."""
    names: set[str] = set()
    if isinstance(node, Simple):
        words = [text[token.start : token.end] for token in node.tokens if token.kind == "word"]
        for word in words:
            match = ASSIGNMENT.match(word)
            if match:
                names.add(match.group(1))
            elif words[0] not in DECLARING:
                break
        if words and words[0] in ("read", "mapfile", "readarray", "getopts"):
            names.update(word for word in words[1:] if word.isidentifier())
    if isinstance(node, For) and node.name:
        names.add(node.name)
    for child in children(node):
        names |= assigned_names(child, text)
    return names
