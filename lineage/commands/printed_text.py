"""What programs print, where their words and the files of the image tell it: echo, printf, cat, seq, and filters.

Sources: POSIX; dash's, Bash's and busybox's built-in commands; GNU coreutils.
"""

import re
from collections.abc import Sequence

from ..late.patterns import pattern
from ..text.numbers import integer, natural
from ..text.symbolic import Opaque, Text
from ..text.symbolic_paths import join
from .escapes import Printer, unescaped
from .filters import FILTERS
from .find_listing import find_request, find_results
from .model import Command, Pipe, Sight, Word

_WIDEST = 4096
"""Characters up to which a width of printf is followed."""
_FIELD = "a field of /etc/passwd"
_STAND_IN = "\ue000"
_DIRECTIVE = pattern(r"%(?:%|([-0]*(?:[1-9][0-9]*)?)(?:\.[0-9]+)?([sdibcqxXou]))")
_SILENT = frozenset(
    """: true cd mkdir rm rmdir touch cp mv ln chmod chown chgrp install export set unset test [ [[ (( exit shift sleep
    useradd groupadd usermod mkfifo umask trap local readonly declare typeset ldconfig sync""".split()
)
"""Programs that print nothing unless they are asked to (`-v`)."""
_LISTING = frozenset(("export", "set", "umask", "trap", "local", "readonly", "declare", "typeset"))
"""Those of them that list something where they are given nothing, or an option that asks for it."""
_LISTS = frozenset(("-p", "-S", "-o", "+o", "-f", "-F", "-l"))
_LOUD = pattern(r"--verbose|-[A-Za-uw-z]*v[A-Za-z]*|--version|--help")


def printed(command: Command, before: Sequence[Command] = (), sight: Sight | None = None) -> Text | None:
    """The standard output of a command; None where it cannot be known. `before` feeds it through a pipeline."""
    if command.compound:
        return Text()  # what its body prints is told by the body's commands
    if any(redirect.fd == 1 and redirect.operator != "<" for redirect in command.redirects):
        return None
    return output(command, before, sight)


def output(command: Command, before: Sequence[Command] = (), sight: Sight | None = None) -> Text | None:
    """What a command writes to wherever its standard output goes."""
    if command.compound:
        return command.printed
    if not command.argv or command.function or command.loaded:
        return Text() if not command.argv or command.function else None
    if any(word.globs and not word.quoted for word in command.arguments):
        return None
    name = command.name
    if name == "echo":
        return _echo(command)
    if name == "printf":
        return _printf(command)
    if name in _SILENT:
        loud = any(_LOUD.fullmatch(word.literal or "-v") for word in command.arguments if _is_option(word))
        lists = name in _LISTING and all(word.literal in _LISTS for word in command.arguments)
        lists = lists or (name in _LISTING and command.arguments[0].literal == "-p")
        return None if loud or lists else Text()
    if name == "tee":
        return fed(command, before, sight)
    if name == "find":
        return _found(command, sight)
    if name == "cat":
        return _cat(command, before, sight)
    if name in FILTERS:
        return _filtered(command, before, sight)
    if name == "getent":
        return _account_line(command, sight)
    return None


def _account_line(command: Command, sight: Sight | None) -> Text | None:
    """The line of `getent passwd NAME`, of which the home is known."""
    words = [word.literal for word in command.arguments]
    name = words[1] if len(words) == 2 and words[0] == "passwd" else None
    home = sight.home(name) if sight is not None and name else None
    if home is None:
        return None
    field = Opaque(_FIELD)
    return Text.of(f"{name}:x:", field, ":", field, ":", field, f":{home}:", field, "\n")


def _is_option(word: Word) -> bool:
    return word.literal is None or word.literal.startswith("-")


def fed(command: Command, before: Sequence[Command], sight: Sight | None = None) -> Text | None:
    """What a command reads on its standard input, where that is known."""
    for redirect in reversed(command.redirects):
        if redirect.fd == 0:
            if redirect.document is not None:
                return redirect.document
            path = redirect.target.text.literal if redirect.target is not None else None
            return _file(command, path, sight) if path is not None and redirect.operator == "<" else None
    pipe = command.pipe
    if pipe is None or pipe.index == 0:
        return None
    return printed_by([one for one in before if at_level(one, pipe.number, pipe.index - 1)], pipe.number, sight)


def at_level(command: Command, number: int, index: int) -> bool:
    """Whether a command belongs to the part of that index of that pipeline."""
    return any(pipe.number == number and pipe.index == index for pipe in pipes_of(command))


def pipes_of(command: Command) -> list[Pipe]:
    """The pipelines that a command stands in, the innermost first."""
    found: list[Pipe] = []
    pipe = command.pipe
    while pipe is not None:
        found.append(pipe)
        pipe = pipe.outer
    return found


def printed_by(commands: Sequence[Command], number: int | None, sight: Sight | None = None) -> Text | None:
    """What a row of commands prints together, inside of the pipeline with that number (None: of none)."""
    pieces: list[Text] = []
    sure = all(command.sure for command in commands) or len({command.guards for command in commands}) == 1
    if not sure or not commands:
        return None
    for at, command in enumerate(commands):
        inner: list[Pipe] = []
        for pipe in pipes_of(command):
            if pipe.number == number:
                break
            inner.append(pipe)
        if command.compound and any(redirect.fd == 1 and redirect.writes for redirect in command.redirects):
            return None
        if any(pipe.index < pipe.length - 1 for pipe in inner) or command.background:
            continue
        if any(redirect.fd == 1 and redirect.writes for redirect in command.redirects):
            continue
        text = printed(command, commands[:at], sight)
        if text is None:
            return None
        pieces.append(text)
    return Text.of(*pieces)


def _file(command: Command, path: str, sight: Sight | None) -> Text | None:
    if sight is None:
        return None
    absolute = join(command.directory, Text.of(path)).literal
    text = sight.text(absolute) if absolute is not None and absolute.startswith("/") else None
    return None if text is None else Text.of(text)


def _cat(command: Command, before: Sequence[Command], sight: Sight | None) -> Text | None:
    pieces: list[Text] = []
    words = [word for word in command.arguments if word.literal != "-u"]
    for literal in [word.literal for word in words] or ["-"]:
        if literal == "-":
            text = fed(command, before, sight)
        else:
            text = None if literal is None or literal.startswith("-") else _file(command, literal, sight)
        if text is None:
            return None
        pieces.append(text)
    return Text.of(*pieces)


def _found(command: Command, sight: Sight | None) -> Text | None:
    asked = find_request(command.arguments, command.directory)
    if asked is None or sight is None or asked.deletes or asked.executes:
        return None
    paths = find_results(asked, sight)
    return None if paths is None else Text.of("".join(path + asked.separator for path in paths))


def _filtered(command: Command, before: Sequence[Command], sight: Sight | None) -> Text | None:
    words = [word.literal for word in command.arguments]
    literals = [word for word in words if word is not None]
    if len(literals) != len(words):
        return None
    parsed = FILTERS[command.name](literals)
    if parsed is None:
        return None
    change, files = parsed
    if change is None:
        return Text.of(files[0])  # it prints what its words say
    texts: list[Text | None] = (
        [_file(command, file, sight) for file in files if file != "-"] if files else [fed(command, before, sight)]
    )
    if len(texts) == 1 and texts[0] is not None and command.name in ("cut", "awk", "mawk", "gawk"):
        texts = [_with_stand_ins(texts[0])]
    if any(text is None or text.literal is None for text in texts) or (len(files) > 1 and command.name != "sort"):
        return None
    result = change("".join(text.literal or "" for text in texts if text is not None))
    return None if result is None or _STAND_IN in result else Text.of(result)


def _with_stand_ins(text: Text) -> Text:
    """A text with a character in the place of each field that is not known, which no separator is in."""
    return Text.of(*(_STAND_IN if isinstance(one, Opaque) and one.reason == _FIELD else one for one in text.pieces))


def printer_of(command: Command) -> Printer:
    """Whose echo or printf runs: the shell's own, unless it is named by path or run by another program."""
    external = "/" in (command.argv[0].literal or "") or any(
        wrapper.name in ("env", "xargs", "find", "sudo", "nice", "time", "timeout", "nohup", "gosu", "exec")
        for wrapper in command.wrappers[-1:]
    )
    if external and command.dialect != "busybox":
        return "coreutils"
    return command.dialect


def _echo(command: Command) -> Text | None:
    printer = printer_of(command)
    words = list(command.arguments)
    newline, escapes = True, printer == "sh"
    options = "neE" if printer != "sh" else "n"
    while words:
        literal = words[0].literal or ""
        if len(literal) < 2 or literal[0] != "-" or set(literal[1:]) - set(options):
            break
        for letter in literal[1:]:
            newline = newline and letter != "n"
            escapes = {"e": True, "E": False}.get(letter, escapes)
        words.pop(0)
        if printer == "sh":
            break
    text = Text.of(*(piece for word in words for piece in (word.text, " "))) if words else Text()
    pieces = list(text.pieces)
    if words:
        pieces[-1] = str(pieces[-1])[:-1]
    if escapes and any(isinstance(piece, str) and "\\" in piece for piece in pieces):
        cut = next((index for index, piece in enumerate(pieces) if isinstance(piece, str) and "\\c" in piece), None)
        if cut is not None:
            pieces = [*pieces[:cut], str(pieces[cut]).partition("\\c")[0]]
            newline = False
        pieces = [unescaped(piece, "echo", printer) if isinstance(piece, str) else piece for piece in pieces]
    return Text.of(*pieces, "\n" if newline else "")


def _printf(command: Command) -> Text | None:
    printer = printer_of(command)
    rest = list(command.arguments)
    if rest and rest[0].literal == "--":
        rest.pop(0)
    if not rest or rest[0].literal is None or rest[0].literal.startswith("-"):
        return None
    written = rest.pop(0).literal or ""
    found: list[Text] = []
    turns = 0
    while turns == 0 or (rest and _takes_words(written)):
        turns += 1
        if turns > 1000:
            return None
        at = 0
        for match in _DIRECTIVE.finditer(written):
            literal = written[at : match.start()]
            if "%" in literal or "\\c" in literal:
                return None
            found.append(Text.of(unescaped(literal, "format", printer)))
            at = match.end()
            if match.group() == "%%":
                found.append(Text.of("%"))
                continue
            text = rest.pop(0).text if rest else Text.of("" if match[2] in "sbcq" else "0")
            one = _converted(text, match, printer)
            if one is None:
                return None
            found.append(one)
        if "%" in written[at:] or "\\c" in written[at:]:
            return None
        found.append(Text.of(unescaped(written[at:], "format", printer)))
    return Text.of(*found)


def _takes_words(written: str) -> bool:
    return any(match.group() != "%%" for match in _DIRECTIVE.finditer(written))


def _converted(text: Text, match: re.Match[str], printer: Printer) -> Text | None:
    kind, width = match[2], match[1]
    literal = text.literal
    if "." in match.group() or (width and literal is None):
        return None
    if kind == "b" and literal is not None:
        if "\\c" in literal:
            return None
        text = Text.of(unescaped(literal, "echo", printer))
    elif kind == "c" and literal is not None:
        text = Text.of(literal[:1])
    elif kind in "dioxXu" and literal is not None:
        number = integer(literal) if re.fullmatch(r"-?(?:0|[1-9][0-9]*)", literal) else None
        if number is None or (number < 0 and kind not in "di"):
            return None
        text = Text.of(format(number, {"i": "d", "u": "d"}.get(kind, kind)))
    elif kind not in ("s", "d", "i"):
        return None
    if width:
        size = natural(width.lstrip("-0") or "0")
        if size is None or size > _WIDEST:
            return None
        plain = text.literal or ""
        filled = (
            plain.ljust(size)
            if "-" in width
            else plain.rjust(size, "0" if width.startswith("0") and kind not in "sbc" else " ")
        )
        return Text.of(filled)
    return text
