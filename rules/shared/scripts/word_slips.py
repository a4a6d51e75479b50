"""Slips in the words of a shell script that are wrong whatever the values are: read off its text, whether it is run or not."""

from collections.abc import Iterable, Iterator
from posixpath import basename
from typing import NamedTuple

from ....lineage.dockerfile.run_script import run_script
from ....lineage.image.image import EffectiveImage
from ....lineage.image.script_files import dialect_of, parsed, text_of
from ....lineage.late.patterns import pattern
from ....lineage.shell.nodes import Function, Node, Script, Simple, children, simple_commands, walk
from ....lineage.shell.tokens import ShellToken
from ....lineage.text.places import Place
from ....lineage.workspace.workspace import ImageSource
from ..windows import is_of_windows
from .written_scripts import expanded_at


class Slip(NamedTuple):
    """What is wrong at a place, as a half-sentence, and the cure for it."""

    place: Place
    what: str
    cure: str


_OTHER_GRAMMARS = frozenset(("zsh", "ksh", "ksh93", "mksh", "oksh", "yash"))
_NAME = pattern(r"[A-Za-z_]\w*")
_SOURCES = pattern(r"(?m)(?:^|[\s;&|({])(?:\.|source)[ \t]+([^\n]+)")
_VALUE_AS_NAME = pattern(r"\$(?:\{(?P<braced>[A-Za-z_]\w*)\}|(?P<bare>[A-Za-z_]\w*))=(?!=)")
_CALLED_VARIABLE = pattern(r"\$\(([A-Z][A-Z0-9_]*)\)")
_DIGIT_BEFORE_BOTH = pattern(r"(?<![\w$}\"'])([012])&>([012])(?![\w.])")
_PLAIN = pattern(r"[\w./:@%,+=-]+|'[^']*'|\"[^\"$`\\]*\"")
_ONE_WORD = pattern(r"[\w./:@%,+=-]*(?:'[^']*'|\"(?:[^\"$`\\]|\$\{?\w+\}?)*\")[\w./:@%,+=-]*|[\w./:@%,+=-]+")
_UNARY = pattern(r"-\w+|!|\\?\(")
_BINARY = frozenset(("=", "==", "!=", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "<", ">"))
_JOINED = pattern(r"(?:!=|==?)\Z|(?:!=|==?)(?=[^=])")
_LOGIC = frozenset(
    ("!", "(", ")", "\\(", "\\)", "'('", "')'", "'!'", '"!"', "\\!", '"("', '")"', "-a", "-o", "&&", "||")
)

_OPTIONS = {
    "mkdir": "pmvZ",
    "rmdir": "pv",
    "rm": "dfiIrRvPWx",
    "chown": "chfvRHLPnx",
}
"""The short options of programs that have few; `-m` of mkdir takes the rest of its word."""


def slips(tree: Script, *, sourced: bool = False) -> Iterator[Slip]:
    """The slips of a script of bash, dash or busybox. `sourced`: another script may read it within one of its functions."""
    shell = tree.shebang.shell if tree.shebang is not None else None
    if shell is not None and shell.rpartition("/")[2] in _OTHER_GRAMMARS:
        return
    functions = functions_of(tree.body)
    if not sourced:
        yield from _locals(tree, functions)
    for command in simple_commands(tree.body):
        words = [tree.raw(token.start, token.end) for token in command.tokens]
        if not words:
            continue
        if words[0] in ("[", "test") and words[0] not in functions:
            yield from _unreadable_test(tree, command, words)
        yield from _assignment(tree, command, words, functions)
        yield from _digit(tree, command)
        yield from _called_variable(tree, command, functions)
        if words[0] in _OPTIONS and words[0] not in functions:
            yield from _option(tree, command, words)
        yield from _lost_operator(tree, command, words)


def built_slips(stage: EffectiveImage, source: ImageSource) -> Iterator[Slip]:
    """The slips in the commands of a stage's RUNs."""
    if is_of_windows(stage, source.stages):
        return
    for step in stage.steps:
        script = run_script(step.instruction) if step.instruction.keyword == "RUN" else None
        shell = step.shell[0] if step.shell else ""
        dialect = dialect_of(shell, step.sh) if shell.rpartition("/")[2] not in _OTHER_GRAMMARS else None
        if script is None or script.kind != "shell" or script.fed is not None or step.from_parent is not None:
            continue
        if dialect is not None:
            yield from slips(parsed(script.text, step.place.path, dialect))


def sourced_words(image: EffectiveImage) -> Iterator[tuple[str, str]]:
    """What the texts of the image read into themselves, as far as can be seen: the text's path, and what stands behind `.`."""
    for node in image.tree.nodes.values():
        text = text_of(node) if node.kind == "file" else None
        for words in _SOURCES.findall(text.text) if text is not None else ():
            yield node.home.path, words


def is_sourced(sourced: Iterable[tuple[str, str]], path: str) -> bool:
    """Whether another text reads a file of that name into itself."""
    name = basename(path)
    return any(name in words and reader != path for reader, words in sourced)


def functions_of(body: Node) -> frozenset[str]:
    """The names of the functions that are defined anywhere in a tree."""
    return frozenset(node.name for node in walk(body) if isinstance(node, Function))


def _outside_of_functions(node: Node) -> Iterator[Simple]:
    if isinstance(node, Simple):
        yield node
    elif not isinstance(node, Function):
        for child in children(node):
            yield from _outside_of_functions(child)


def _locals(tree: Script, functions: frozenset[str]) -> Iterator[Slip]:
    """`local X=…` outside of any function."""
    if "local" in functions or "alias" in tree.text.text:
        return
    for command in _outside_of_functions(tree.body):
        first = command.tokens[0] if command.tokens else None
        if first is None or first.kind != "word" or tree.raw(first.start, first.end) != "local":
            continue
        then = "bash says so and sets nothing" if tree.dialect == "bash" else "the shell ends the script here"
        yield Slip(
            tree.place(command.start, command.end),
            f"`local` stands outside of a function: {then}",
            "Take `local` away.",
        )
        return


def _unreadable_test(tree: Script, command: Simple, words: list[str]) -> Iterator[Slip]:
    """`[ grep -q x FILE ]`, `[ "$x"= y ]`: words that `[` has no meaning for; `[ "$x"=y ]`: one word, which is always true."""
    if any(token.kind != "word" for token in command.tokens):
        return
    if words[0] == "[":
        if words[-1] != "]":
            return
        operands = words[1:-1]
    else:
        operands = words[1:]
    place = tree.place(command.start, command.end)
    said = " ".join(words)
    if not operands or any(word in _LOGIC for word in operands):
        return
    if len(operands) == 1:
        at = _joined_at(operands[0])
        if at is not None:
            operator = "!=" if operands[0].startswith("!=", at) else "="
            yield Slip(
                place,
                f"`{said}` compares nothing: without blanks around `{operator}` it is one word, which is always true",
                f"Put blanks around `{operator}`.",
            )
        return
    if not all(_ONE_WORD.fullmatch(word) for word in operands):
        return
    first, second = _unquoted(operands[0]), _unquoted(operands[1])
    wrong = False
    if len(operands) == 2:
        joined = _ends_in_operator(operands[0]) or (second.startswith(("=", "!=")) and _UNARY.match(first) is None)
        wrong = joined or (
            _PLAIN.fullmatch(operands[0]) is not None and _UNARY.match(first) is None and first not in _BINARY
        )
    elif len(operands) == 3:
        wrong = _PLAIN.fullmatch(operands[1]) is not None and second not in _BINARY
    else:
        wrong = True
    if wrong:
        yield Slip(
            place,
            f"`{said}` is no test that `[` can read: it ends with an error, and is never true",
            "Put blanks around the operator; a command is asked without the brackets: `if COMMAND; then`.",
        )


def _unquoted(word: str) -> str:
    """A word as `[` gets it: what quotes and backslashes are around or before an operator or option is gone by then."""
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'" else word.replace("\\", "")


def _ends_in_operator(word: str) -> bool:
    return len(word) > 1 and word.endswith("=") and word[:-1].rstrip("=!")[-1:] in ('"', "'", "}")


def _joined_at(word: str) -> int | None:
    """Where an operator stands inside of a word, in no quotes and behind what is being compared."""
    at = 0
    while at < len(word):
        character = word[at]
        if character in "\"'":
            end = word.find(character, at + 1)
            if end < 0 or "$(" in word[at:end] or "`" in word[at:end]:
                return None
            at = end + 1
        elif word.startswith("${", at):
            end = word.find("}", at)
            if end < 0:
                return None
            at = end + 1
        elif character in "\\`(":
            return None
        elif character == "=" or word.startswith("!=", at):
            return at if at and at + 1 < len(word) else None
        else:
            at += 1
    return None


def _assignment(tree: Script, command: Simple, words: list[str], functions: frozenset[str]) -> Iterator[Slip]:
    """`X = y` and `$X=y`: commands, where an assignment is meant."""
    place = tree.place(command.start, command.end)
    if len(words) > 1 and _NAME.fullmatch(words[0]) and words[1].startswith("=") and words[1] != "==":
        name = words[0]
        if name not in functions and _is_used(tree, name):
            yield Slip(
                place,
                f"`{words[0]} {words[1]}` runs a program called `{name}`: with a blank before `=` it is no assignment",
                f"Write `{name}=…` without blanks.",
            )
        return
    found = _VALUE_AS_NAME.match(words[0])
    if found is not None and command.tokens[0].kind == "word":
        name = found["braced"] or found["bare"]
        yield Slip(
            place,
            f"`{words[0]}` runs a program of that name: the `$` makes it no assignment",
            f"Write `{name}=…` without the `$`.",
        )


def _is_used(tree: Script, name: str) -> bool:
    text = tree.text.text
    return any(mark in text for mark in (f"${name}", f"${{{name}}}", f"${{{name}:", f"${{{name}-"))


def _digit(tree: Script, command: Simple) -> Iterator[Slip]:
    """`2&>1`: an argument `2`, and a file called `1`."""
    if not command.tokens:
        return
    start = max(command.tokens[-1].start - 2, 0)
    found = _DIGIT_BEFORE_BOTH.search(tree.text.text, start, command.end + 4)
    if found is not None and found.start(1) >= command.start:
        yield Slip(
            tree.place(found.start(), found.end()),
            f"`{found[0]}` gives `{found[1]}` to the command as a word and writes into a file called `{found[2]}`",
            "Write `2>&1`.",
        )


def _called_variable(tree: Script, command: Simple, functions: frozenset[str]) -> Iterator[Slip]:
    """`$(NAME)` where NAME is a variable of the script: its value is not taken, a program of that name is run."""
    text = tree.raw(command.start, command.end)
    if "$(" not in text or "<<" in text:
        return
    for found in _CALLED_VARIABLE.finditer(text):
        name = found[1]
        if name not in functions and _is_set(tree, name) and _is_expanded(text, found.start()):
            yield Slip(
                tree.place(command.start + found.start(), command.start + found.end()),
                f"`{found[0]}` runs a program called `{name}`, and does not take the variable",
                f"Write `${{{name}}}`.",
            )
            return


def _is_set(tree: Script, name: str) -> bool:
    text = tree.text.text
    return f"{name}=" in text or f"${{{name}}}" in text


def _is_expanded(text: str, at: int) -> bool:
    """Whether what stands there is expanded by the shell: in no single quotes, and behind no backslash."""
    marked = text[:at] + "${x}" + text[at + 4 :]
    return at in expanded_at(marked)


def _option(tree: Script, command: Simple, words: list[str]) -> Iterator[Slip]:
    known = _OPTIONS[words[0]]
    for token, word in zip(command.tokens[1:], words[1:], strict=True):
        if token.kind != "word":
            continue
        if word == "--" or not word.startswith("-") or not word[1:].isalpha():
            return
        letters = word[1:]
        bad = next((letter for letter in letters if letter not in known), None)
        if words[0] == "mkdir" and "m" in letters:
            return
        if bad is not None:
            yield Slip(
                tree.place(token.start, token.end),
                f"{words[0]} knows no option `-{bad}`, and ends with an error",
                "Use `mkdir -p`." if words[0] == "mkdir" else "Take the option away.",
            )
            return


_RUN_TOGETHER = frozenset("mkdir rmdir ln cp mv rm chmod chown touch".split())
"""Commands whose words are paths: an operand that is a command with its own option is one that lost its `&&`."""
_STARTS = {
    "rm": pattern(r"-[rfRiv]+"),
    "mkdir": pattern(r"-p|-m"),
    "chmod": pattern(r"-R|[0-7]{3,4}|[ugoa]*[+=-][rwxX]+"),
    "chown": pattern(r"-R|[\w$\"{}]{1,200}:[\w$\"{}]*"),
    "cp": pattern(r"-[afrRpv]+"),
    "mv": pattern(r"-[fv]+"),
    "ln": pattern(r"-[sfn]+"),
    "sed": pattern(r"-i|-e|-E"),
    "tar": pattern(r"-?[xzjJvfC]+"),
    "curl": pattern(r"-\w+|--\w[\w-]*"),
    "wget": pattern(r"-\w+|--\w[\w-]*|https?://\S+"),
    "apt-get": pattern(r"-\w+|update|install|purge|remove|clean|autoremove"),
    "apk": pattern(r"--\w[\w-]*|add|del|update"),
    "useradd": pattern(r"-\w+|--\w[\w-]*"),
    "adduser": pattern(r"-\w+|--\w[\w-]*"),
    "groupadd": pattern(r"-\w+|--\w[\w-]*"),
    "addgroup": pattern(r"-\w+|--\w[\w-]*"),
    "pip": pattern(r"install"),
    "pip3": pattern(r"install"),
    "npm": pattern(r"install|ci|run"),
    "git": pattern(r"clone|checkout"),
}
_ADDRESS = pattern(r"https?://\S+")


def _lost_operator(tree: Script, command: Simple, words: list[str]) -> Iterator[Slip]:
    """A command on a line of its own that is words of the one above it, which goes on with `\\` and without `&&`."""
    packages = words[0] in ("apt-get", "apt") and "install" in words[1:4]
    if words[0] not in _RUN_TOGETHER and not packages:
        return
    if any(token.kind not in ("word", "redirect") for token in command.tokens):
        return
    line = _line(tree, command.tokens[0])
    for index in range(1, len(words) - 1):
        starts = _STARTS.get(words[index])
        token, following = command.tokens[index], command.tokens[index + 1]
        here = _line(tree, token)
        begins = here != _line(tree, command.tokens[index - 1]) and here != line
        if starts is None or not begins or _line(tree, following) != here or token.kind != "word":
            continue
        if not starts.fullmatch(words[index + 1]) or (packages and not _has_address(words[index + 1 :])):
            continue
        yield Slip(
            tree.place(token.start, following.end),
            f"`{words[index]} {words[index + 1]} …` are words of the {words[0]} above it: its line goes on with `\\` and "
            "without `&&`",
            "Put `&&` between the two commands.",
        )
        return


def _has_address(words: list[str]) -> bool:
    return any(_ADDRESS.fullmatch(word.strip("\"'")) for word in words)


def _line(tree: Script, token: ShellToken) -> int:
    return tree.place(token.start, token.end).line
