"""Commands of a shell script that the shell reads without a word, and that cannot do what they are there for, whatever the
values are: read off its text, whether it is run or not.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from ....lineage.commands.model import Command
from ....lineage.late.patterns import pattern
from ....lineage.shell.nodes import (
    Case,
    Function,
    Loop,
    Node,
    Script,
    Sequence,
    Simple,
    children,
    simple_commands,
    walk,
)
from ....lineage.text.spelling import is_slip
from .word_slips import Slip

_VALUE = pattern(r"\$\{[^{}]*\}|\$\w+|\$[*@#?]")
_PLAIN_WORD = pattern(r"(?:[^\s\"'`$\\]|\"(?:[^\"`$\\]|\$\{\w+\}|\$\w+\b)*\"|'[^']*'|\$\{\w+\}|\$\w+\b)+")
_TAKES_PATHS = frozenset(
    ("rm", "mkdir", "rmdir", "cp", "mv", "cd", "chown", "chmod", "touch", "source", ".", "[", "test")
)
_QUOTED_HOME = pattern(r"(?:\"~(?:/[^\"]*)?\"|'~(?:/[^']*)?')[^\s]*")
_OF_A_FILE = pattern(r"-[a-hkprstuwxGLNOS]")
_GOES_TO = frozenset(("mkdir", "rmdir", "cd"))
_SET_TO_PATH = pattern(r"(?m)^[ \t]*(?:export |readonly |local )?([A-Za-z_]\w{2,})=[\"']?(?:/|\.\.?/|\$\{?\w+\}?/)")
_SET = pattern(r"(?m)^[ \t]*(?:export |readonly |local )?([A-Za-z_]\w{2,})=")
_HOLDS_MORE = pattern(r"\$\{?([A-Za-z_]\w{2,})\b\}?\"?/")
_MOST = 64
"""How many names of a script are looked at closely."""
_ENDS_SOON = frozenset(("cp", "mv", "mkdir", "chown", "chmod", "ln", "touch", "rm", "install"))
_OTHER_USER = frozenset(("gosu", "su-exec", "s6-setuidgid", "setuidgid", "chpst"))
_ARGUMENT = pattern(r"\$\{?[@*#1-9]")
_OPTARG = pattern(r"\$(?:OPTARG\b|\{OPTARG\})")
_LETTER = pattern(r"[\"']?([A-Za-z0-9])[\"']?")
_LETTERS = pattern(r"[\"']?([A-Za-z0-9:]+)[\"']?")
_FILTER = pattern(r"\"(?:[^\"\\$`#]|\\.)*\"")
_TEXT_OF_JQ = pattern(r"\\\"(?:[^\"\\]|\\\\[^\"])*\\\"")
_JQ_FLAGS = pattern(r"-[cCejMnrsSR]+|--(?:raw-output|compact-output|exit-status|null-input|slurp|raw-input)")
_ASSIGNED = pattern(r"(?m)(?:^|[;&|({]|\bthen|\bdo|\belse|\))[ \t]*([A-Z][A-Z0-9_]{5,})=")
_NAMED = pattern(r"\b[A-Z][A-Z0-9_]{5,}\b")
_SET_THERE = pattern(r"\b([A-Z][A-Z0-9_]{5,})=")
_READ = pattern(r"\$\{?#?([A-Z][A-Z0-9_]{5,})")
_TAKES_IN = pattern(r"(?m)\bset[ \t]+-\w*a|\ballexport\b|(?:^|[;&|({][ \t]*|\s)(?:\.|source)[ \t]|\benvsubst\b|\$\{!")
"""What gives a script variables, or passes on its own, without their names."""


def sense_slips(tree: Script) -> Iterator[Slip]:
    """What no value can put right in a script of bash, dash or busybox."""
    for command in simple_commands(tree.body):
        words = [tree.raw(token.start, token.end) for token in command.tokens if token.kind == "word"]
        if words:
            yield from _no_test(tree, command, words)
            yield from _one_word(tree, command, words)
            yield from _quoted_home(tree, command, words)
            yield from _no_comment(tree, command)
    yield from _names_for_values(tree)
    yield from _left_too_early(tree)
    yield from _options(tree)
    yield from _defined_twice(tree)
    yield from _never_read(tree)


def _no_test(tree: Script, command: Simple, words: list[str]) -> Iterator[Slip]:
    """`[[[ … ]]]`, and `[ ! "$folder/file" ]`: a text that is never empty."""
    place = tree.place(command.start, command.end)
    if words[0] == "[[[":
        yield Slip(place, "no program is called `[[[`: the test is never true", "Write `[[ … ]]`.")
    operands = words[1:-1] if words[0] == "[" and words[-1] == "]" else []
    if operands[:1] == ["!"]:
        del operands[0]
    if len(operands) == 1 and _PLAIN_WORD.fullmatch(operands[0]) and "/" in _VALUE.sub("", operands[0]):
        always = "never" if words[1] == "!" else "always"
        yield Slip(
            place,
            f"`{' '.join(words)}` asks only whether a text is empty, and with a `/` it is not: the test is {always} true",
            "Say what is asked of the file: `-e`, `-f`, `-d` or `-s`.",
        )


def _one_word(tree: Script, command: Simple, words: list[str]) -> Iterator[Slip]:
    """`"$*"` as a command."""
    if [word for word in words if word != "exec"] == ['"$*"'] and len(words) == len(command.tokens):
        yield Slip(
            tree.place(command.start, command.end),
            '`"$*"` is one word: the program that it runs has all arguments in its name',
            'Write `"$@"`.',
        )


def _no_comment(tree: Script, command: Simple) -> Iterator[Slip]:
    """`\\ # why`: the blank behind the `\\` is a letter, and the `#` stands inside of its word."""
    for token in command.tokens[1:]:
        if token.kind == "word" and tree.raw(token.start, token.end) in ("\\ #", "\\\t#"):
            yield Slip(
                tree.place(token.start, token.end),
                "`\\ #` begins no comment: it is a word of the command, and so are those behind it",
                "Put the comment above the command.",
            )
            return


def _quoted_home(tree: Script, command: Simple, words: list[str]) -> Iterator[Slip]:
    if words[0] not in _TAKES_PATHS:
        return
    before = ""
    for token in command.tokens[1:]:
        word = tree.raw(token.start, token.end)
        as_path = words[0] not in ("[", "test") or _OF_A_FILE.fullmatch(before)  # `= "~"` compares texts
        before = word
        if token.kind == "word" and as_path and _QUOTED_HOME.fullmatch(word):
            yield Slip(
                tree.place(token.start, token.end),
                f"`~` in quotes is no home: {words[0]} gets a path that begins with the sign `~`",
                'Write `"$HOME/…"`, or leave `~/` outside of the quotes.',
            )
            return


def _names_for_values(tree: Script) -> Iterator[Slip]:
    """`mkdir -p folder` where `folder` is a variable that holds a path."""
    text = tree.text.text
    paths = set(_SET_TO_PATH.findall(text)) | (set(_SET.findall(text)) & set(_HOLDS_MORE.findall(text)))
    asked: set[str] = set()
    for command in simple_commands(tree.body) if paths else ():
        words = [tree.raw(token.start, token.end) for token in command.tokens if token.kind == "word"]
        operands = [word for word in words[1:] if not word.startswith("-")]
        if not words or words[0] not in _GOES_TO or len(operands) != 1 or operands[0] not in paths - asked:
            continue
        name = operands[0]
        asked.add(name)
        if len(asked) > _MOST:
            return
        if (
            re.search(rf"(?<![\w$/{{]){name}/|/{name}\b", text) is None
            and re.search(rf"\$\{{?{name}\b", text) is not None
        ):
            yield Slip(
                tree.place(command.start, command.end),
                f"`{' '.join(words)}` takes the name of the variable for a folder, and not its value",
                f'Write `"${name}"`.',
            )


def refused_by_jq(command: Command) -> Iterator[Slip]:
    """A filter with `'` in it: jq knows texts in double quotes alone."""
    words = [word.raw for word in command.arguments if not _JQ_FLAGS.fullmatch(word.raw)]
    if command.name == "jq" and words and _FILTER.fullmatch(words[0]) and "'" in _TEXT_OF_JQ.sub("", words[0]):
        yield Slip(
            command.place,
            f"jq refuses the filter `{words[0]}`: single quotes are no part of its language",
            'Write `""` or `empty`, with the whole filter in single quotes.',
        )


def _left_too_early(tree: Script) -> Iterator[Slip]:
    """`exec cp …` in a branch: what stands behind it is never run where the branch is taken."""
    items = [item for item, _ in tree.body.items if not isinstance(item, Function)]
    for item in items[:-1]:
        for command in _run_by_itself(item):
            words = [tree.raw(token.start, token.end) for token in command.tokens if token.kind == "word"]
            asked = (
                _ARGUMENT.search(tree.raw(item.start, command.start)) is not None
            )  # it does what it is asked for, and ends
            program = words[1:] if words[:1] == ["exec"] and not asked else []
            if len(program) > 2 and program[0] in _OTHER_USER:
                program = program[2:]
            if program and program[0] in _ENDS_SOON:
                yield Slip(
                    tree.place(command.start, command.end),
                    f"`exec` puts {program[0]} in the script's place: nothing behind it is run",
                    "Take `exec` away.",
                )


def _run_by_itself(node: Node) -> Iterator[Simple]:
    """The commands that the shell of the script runs itself: in no function, subshell or pipeline."""
    if isinstance(node, Simple):
        yield node
    elif not isinstance(node, Function) and type(node).__name__ != "Pipeline" and not getattr(node, "subshell", False):
        for child in children(node):
            yield from _run_by_itself(child)


def _options(tree: Script) -> Iterator[Slip]:
    """A letter of getopts without `:` whose branch reads OPTARG."""
    for node in walk(tree.body):
        asked = _single(node.condition) if isinstance(node, Loop) else None
        words = [tree.raw(token.start, token.end) for token in asked.tokens] if asked is not None else []
        letters = _LETTERS.fullmatch(words[1]) if len(words) == 3 and words[0] == "getopts" else None
        if not isinstance(node, Loop) or letters is None or "getopts" in tree.raw(node.body.start, node.body.end):
            continue  # another one in the loop has letters of its own
        for case in walk(node.body):
            subject = tree.raw(case.subject.start, case.subject.end) if isinstance(case, Case) else ""
            if isinstance(case, Case) and subject.strip('"{}$') == words[2]:
                yield from _without_value(tree, asked, case, letters[1])


def _without_value(tree: Script, asked: Simple | None, case: Case, letters: str) -> Iterator[Slip]:
    if asked is None or any(falls for _, _, falls in case.arms):
        return
    without: list[str] = []
    for patterns, body, _ in case.arms:
        letter = _LETTER.fullmatch(tree.raw(patterns[0].start, patterns[0].end)) if len(patterns) == 1 else None
        if letter is None or _OPTARG.search(tree.raw(body.start, body.end)) is None:
            continue
        at = letters.find(letter[1])
        if at >= 0 and not letters.startswith(":", at + 1):
            without.append(letter[1])
    if without:
        many = " and ".join(f"`-{letter}`" for letter in without)
        cure = " and ".join(f"`{letter}:`" for letter in without)
        yield Slip(
            tree.place(asked.start, asked.end),
            f"what is done for {many} reads OPTARG, and getopts gives it no value: no `:` stands behind the letter",
            f"Write {cure} in the letters of getopts.",
        )


def _single(node: Node) -> Simple | None:
    while isinstance(node, Sequence) and len(node.items) == 1:
        node = node.items[0][0]
    return node if isinstance(node, Simple) else None


def _defined_twice(tree: Script) -> Iterator[Slip]:
    """A function that takes the name of another one before anything is called."""
    before: dict[str, Function] = {}
    for item, _ in tree.body.items:
        if isinstance(item, Function):
            first = before.get(item.name)
            if first is not None and _text(tree, first.body) != _text(tree, item.body):
                line = tree.place(first.start, first.end).line
                yield Slip(
                    tree.place(item.start, item.start + len(item.name)),
                    f"`{item.name}` is the name of the function of line {line}, too, which is never run",
                    "Give one of them another name.",
                )
            before[item.name] = item
        elif not (isinstance(item, Simple) and _assigns_alone(tree, item)):
            before.clear()


def _assigns_alone(tree: Script, command: Simple) -> bool:
    text = tree.raw(command.start, command.end)
    return (
        "$(" not in text
        and "`" not in text
        and all(re.match(r"[A-Za-z_]\w*=", tree.raw(token.start, token.end)) for token in command.tokens)
    )


def _text(tree: Script, node: Node) -> str:
    return " ".join(tree.raw(node.start, node.end).split())


def _never_read(tree: Script) -> Iterator[Slip]:
    """A variable that is set and never read, one letter from one that is read and never set."""
    text = tree.text.text
    if "=" not in text or _TAKES_IN.search(text) is not None:
        return
    read = set(_READ.findall(text))
    starts: dict[str, int] = {}
    for match in _ASSIGNED.finditer(text):
        starts.setdefault(match[1], match.start(1))
    unset = sorted(name for name in read if name not in starts)
    named, set_there = Counter(_NAMED.findall(text)), Counter(_SET_THERE.findall(text))
    never = (name for name in starts if name not in read and named[name] == set_there[name])
    for name in islice(never, _MOST):
        start = starts[name]
        meant = next((one for one in unset if _is_slip(name, one)), None)
        if meant is not None:
            yield Slip(
                tree.place(start, start + len(name)),
                f"{name} is set and never read, and {meant} is read and never set here",
                f"Did you mean `{meant}`?",
            )


_SURELY_ONE_WORD = 6


def _is_slip(name: str, meant: str) -> bool:
    """Whether one long word of a name differs in one letter, and all others are the same."""
    pieces, others = name.split("_"), meant.split("_")
    different = [pair for pair in zip(pieces, others, strict=False) if pair[0] != pair[1]]
    same = len(name) == len(meant) and len(pieces) == len(others)
    return same and len(different) == 1 and is_slip(*different[0], _SURELY_ONE_WORD)
