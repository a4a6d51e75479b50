"""What sed makes of a text, for scripts that are simple enough to tell, and POSIX's regular expressions as Python's."""

import re
from collections.abc import Callable, Sequence

from ..text.numbers import natural

Change = Callable[[str], str | None]
Parsed = tuple[Change | None, list[str]]


def lines_of(text: str) -> list[str]:
    """The lines without their ends; a last line without an end counts."""
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def joined(lines: Sequence[str]) -> str:
    return "".join(line + "\n" for line in lines)


def posix_expression(written: str, *, extended: bool) -> str | None:
    """A basic (or extended) regular expression of POSIX as Python's; None for what is not surely the same."""
    if not written.isascii() or "[" in written:
        classes = re.fullmatch(r"(?:[^\[\\]|\[\^?[A-Za-z0-9_./ -]+\]|\\[./*$^&#,|-])*", written)
        if not written.isascii() or classes is None:
            return None
    out: list[str] = []
    at = 0
    while at < len(written):
        character = written[at]
        if character == "[":
            end = written.index("]", at + 1)
            out.append(written[at : end + 1])
            at = end
        elif character == "\\" and at + 1 < len(written):
            at += 1
            if written[at].isalnum() or written[at] in "(){}+?|<>`'":
                if extended and written[at] in "(){}+?|":
                    out.append("\\" + written[at])
                else:
                    return None
            else:
                out.append(re.escape(written[at]))
        elif character in "(){}+?|":
            if extended:
                return None
            out.append("\\" + character)
        elif character == "*" and not out:
            out.append("\\*")
        elif character == "^" and at:
            out.append("\\^")
        elif character == "$" and at < len(written) - 1:
            out.append("\\$")
        elif character in ".*^$":
            out.append(character)
        else:
            out.append(re.escape(character))
        at += 1
    return "".join(out)


def sed_change(script: str, *, quiet: bool = False, extended: bool = False) -> Change | None:
    """What a sed script of simple commands makes of a text; None where it holds others.

    Understood: `s/…/…/` with `g`, `d`, `a TEXT`, `i TEXT`, `c TEXT`, `p`, each with no address, a line number, `$`, or
    `/…/`.
    """
    commands: list[Callable[[int, int, str], list[str] | None]] = []
    parts = _sed_commands(script)
    if parts is None or quiet:
        return None
    for part in parts:
        command = _sed_command(part, extended)
        if command is None:
            return None
        commands.append(command)

    def change(text: str) -> str | None:
        if not text.isascii() or (text and not text.endswith("\n")):
            return None
        lines = lines_of(text)
        made: list[str] = []
        for number, line in enumerate(lines, 1):
            before: list[str] = []
            after: list[str] = []
            current: str | None = line
            for command in commands:
                if current is None:
                    break
                result = command(number, len(lines), current)
                if result is None:
                    current = None
                    continue
                *around, current = result
                for one in around:
                    (before if one.startswith("<") else after).append(one[1:])
            made += before
            if current is not None:
                made.append(current)
            made += after
        return joined(made)

    return change


def _sed_commands(script: str) -> list[str] | None:
    if re.search(r"(?:^|[0-9$/\s;])[aic](?:\\|\s)", script):
        return [script]  # its text reaches to the end of the line
    parts: list[str] = []
    at = 0
    while at < len(script):
        if script[at] in "; \n":
            at += 1
            continue
        match = re.compile(r"(?:[0-9]+|\$|/(?:[^/\\\n]|\\.)*/)?\s*(?:d|s(?P<mark>[^\w\s\\]))").match(script, at)
        if match is None:
            return None
        end = match.end()
        if match["mark"]:
            mark = re.escape(match["mark"])
            rest = re.compile(rf"(?:[^\\\n{mark}]|\\.)*{mark}(?:[^\\\n{mark}]|\\.)*{mark}g?(?=[;\s]|\Z)").match(
                script, end
            )
            if rest is None:
                return None
            end = rest.end()
        parts.append(script[at:end])
        at = end
    return parts


def _sed_command(part: str, extended: bool) -> Callable[[int, int, str], list[str] | None] | None:
    match = re.fullmatch(r"\s*(?:([0-9]+)|(\$)|/((?:[^/\\\n]|\\.)*)/)?\s*(.*)", part, re.DOTALL)
    if match is None:
        return None
    number, last, pattern, action = match.groups()
    expression = posix_expression(pattern.replace("\\/", "/"), extended=extended) if pattern is not None else None
    if pattern is not None and (expression is None or not pattern):
        return None
    try:
        compiled = re.compile(expression) if expression is not None else None
    except re.error:
        return None  # what is an expression to sed is not always one to Python

    def meant(at: int, length: int, line: str) -> bool:
        if number is not None:
            return at == natural(number)
        if last is not None:
            return at == length
        return compiled is None or compiled.search(line) is not None

    if action == "d":
        return lambda at, length, line: None if meant(at, length, line) else [line]
    text = re.fullmatch(r"([aic])(?:\\\n|\\|\s+)\s*(.*)", action, re.DOTALL)
    if text is not None:
        kind, written = text.groups()
        if "\\" in written or "\n" in written or kind == "c":
            return None
        mark = "<" if kind == "i" else ">"
        return lambda at, length, line: [mark + written, line] if meant(at, length, line) else [line]
    if action.startswith("s") and len(action) > 3:
        return _substitution(action, extended, meant)
    return None


def _substitution(
    action: str, extended: bool, meant: Callable[[int, int, str], bool]
) -> Callable[[int, int, str], list[str] | None] | None:
    mark = action[1]
    parts = re.split(rf"(?<!\\){re.escape(mark)}", action[2:])
    if len(parts) != 3 or parts[2] not in ("", "g") or not parts[0]:
        return None
    expression = posix_expression(parts[0].replace("\\" + mark, mark), extended=extended)
    written = parts[1].replace("\\" + mark, mark)
    if expression is None or "\\" in written or re.search(r"(?<!\\)&", written):
        return None
    compiled = re.compile(expression)
    times = 0 if parts[2] == "g" else 1

    def change(at: int, length: int, line: str) -> list[str]:
        return [compiled.sub(lambda _: written, line, count=times)] if meant(at, length, line) else [line]

    return change


def sed(words: Sequence[str]) -> Parsed | None:
    quiet = extended = False
    scripts: list[str] = []
    files: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word in ("-n", "--quiet", "--silent"):
            quiet = True
        elif word in ("-r", "-E", "--regexp-extended"):
            extended = True
        elif word in ("-e", "--expression") and at < len(words):
            scripts.append(words[at])
            at += 1
        elif word.startswith("-") and word != "-":
            return None
        else:
            files.append(word)
    if not scripts and files:
        scripts.append(files.pop(0))
    change = sed_change("\n".join(scripts), quiet=quiet, extended=extended) if len(scripts) == 1 else None
    return None if change is None else (change, files)
