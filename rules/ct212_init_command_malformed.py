"""A command of a start script or RUN that a sign, a blank or a word keeps from doing what it says.

## What it does
Reports, in start scripts and in those that the image brings into PATH, into cron's folders or near `/`, what is wrong
whatever the values are: `[ … ]` without a blank behind `[` or before `]`, `[ -n $X ]` without quotes, which is true of
nothing, too, `[ "$X"=y ]`, which is one word and always true, `[ grep -q x FILE ]`, which is no test, `-ne ""`, which
compares numbers, `A || B && C` where C belongs to B, `[ a >= b ]` and `[ a > b ]`, which write a file, a blank behind the
`\\` at the end of a line, a password in single quotes (`'root:$pw'`), a redirection that stands inside of quotes (`"$HOME
2>/dev/null"`), `chown` without an owner, a path with blanks that is tested in quotes and then used without them, `${$NAME}`,
`${<NAME>}` and `${a.b}`, which no shell can expand, a path of a folder that stands alone as a command, since the line above
it does not go on; `\\ # why`, which is no comment, `[[[`, `[ ! "$folder/file" ]`, which only asks whether a text is empty,
`"$*"` as a command, `~` in quotes, the name of a variable for the folder that it holds, a jq filter with single quotes,
`exec` before `cp` or `mkdir` in a branch, a letter of getopts without `:` whose branch reads OPTARG, a function whose name
another one takes before it is called, and a variable that is set and never read, one letter from one that is read and never
set. In these and in RUN: `X = y` and `$X=y`, which are no assignments, `$(NAME)` for a variable, `2&>1`, an option that
`mkdir`, `rm` or `chown` does not know, `local` outside of a function, and a command that is words of the one above
it, as `&&` is missing behind a line that goes on.

## Why it matters at run time
The test always has the same answer, the command fails or works on other files, and the script goes on or ends at a place that
nobody thought of.

## When to ignore it
When a file whose name ends in `]` or holds a redirection is really meant.

## References
- POSIX.1-2024, test(1), chown(1); Shell Command Language, 2.2 "Quoting"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.script_reader import StartScript
from ..lineage.boot.startable import spawned, tools
from ..lineage.commands.model import Command
from ..lineage.effects.model import MakeDirectory
from ..lineage.image.image import EffectiveImage, StageImages
from ..lineage.late.patterns import pattern
from ..lineage.shell.nodes import AndOr, Node, Script, Simple, simple_commands, walk
from ..lineage.text.errors import Unknown
from ..lineage.text.paths import within
from ..lineage.text.places import Place
from ..lineage.workspace.workspace import ImageSource
from .base import Message, Severity
from .shared.scripts.sense_slips import refused_by_jq, sense_slips
from .shared.scripts.word_slips import built_slips, is_sourced, slips, sourced_words
from .shared.scripts.written_scripts import expanded_at, written, written_in
from .shared.subjects import variable_of

SEVERITY = Severity.WARNING
YIELDS_TO = ("CT205",)
"""An owner may be missing only because its variable is."""
_NAME_THE_OWNER = "Name the owner before the path."

_QUOTED_REDIRECTION = pattern(
    r"""(?P<quote>["'])(?P<word>[^"']*\S)\s+(?:[12]|&)?>{1,2}\s*(?:/dev/null|&[12])(?P=quote)\Z"""
)
_NO_BLANK = pattern(r"(\[\[?)(-[a-zA-Z])")
_NUMBER_AND_NOTHING = pattern(r"""(-eq|-ne)[ \t]+(""|'')[ \t]+\]""")
_NAME = pattern(r"\$\{?(\w+)")
_BARE = pattern(r"\$\w+|\$\{\w+\}")
_LITERAL_PASSWORD = pattern(r"'([\w.-]+):(\$\{?\w+\}?)'")
_TAKES_NAMES = frozenset(
    "cp mv rm rmdir mkdir ln ls install touch chmod chown chgrp stat readlink realpath unlink truncate tar gzip gunzip unzip "
    "mount umount cd pushd . source find id which getent useradd userdel usermod groupadd groupdel kill pkill killall pgrep "
    "pidof".split()
)
"""Programs whose words are names of files, accounts or programs, and never a command line or a text."""
_RUN_BY_THEMSELVES = frozenset(("entrypoint", "cmd", "cont-init", "oneshot", "longrun", "services.d"))


def check(image: EffectiveImage, boot: BootPlan, stages: StageImages, source: ImageSource) -> Iterator[Message]:
    told: set[Place] = set()
    seen: set[str] = set()
    sourced = tuple(sourced_words(image)) if boot.steps else ()
    for step in boot.steps:
        script = step.script
        if script is None or script.reading is None or script.shebang is None:
            continue
        tree = written(script)
        seen.add(script.place.path)
        own = step.kind in _RUN_BY_THEMSELVES and not is_sourced(sourced, script.place.path)
        for place, what, cure in (
            *(_written(tree, sourced=not own) if tree is not None else ()),
            *_run(script),
            *_folders(image, boot, script),
        ):
            if place not in told:
                told.add(place)
                about = _variables(script, place) if cure is _NAME_THE_OWNER else ()
                yield Message(place, f"{step.label}: {what}.", cure, owner=step.image, about=about)
    for one in (*spawned(image, boot), *tools(image)):
        tree = written_in(one.node) if one.node.home.path not in seen else None
        for place, what, cure in _written(tree) if tree is not None else ():
            if place not in told:
                told.add(place)
                yield Message(place, f"{one.name}: {what}.", cure, owner=one.node.image)
    for stage in stages.stages:
        for place, what, cure in built_slips(stage, source):
            if place not in told:
                told.add(place)
                yield Message(place, f"{what[0].upper()}{what[1:]}." if what[0] != "`" else f"{what}.", cure)


def _variables(script: StartScript, place: Place) -> tuple[str, ...]:
    """The variables that stand on the lines of a command: what one of them lacks may be all that is wrong with it."""
    lines = range(place.line, place.span.end_line + 1)
    mentions = script.reading.mentions if script.reading is not None else ()
    return tuple(
        variable_of(script.path, one.name)
        for one in mentions
        if one.place.path == place.path and one.place.line in lines
    )


def _written(tree: Script, *, sourced: bool = True) -> Iterator[tuple[Place, str, str]]:
    """What can be read off the text, in functions that nothing calls, too."""
    yield from slips(tree, sourced=sourced)
    yield from sense_slips(tree)
    for command in simple_commands(tree.body):
        words = [tree.raw(token.start, token.end) for token in command.tokens]
        if words and words[0] == "[":
            yield from _bracket(tree, command, words)
        if words:
            yield from _opening(tree, command, words)
            yield from _continued(tree, command, words)
            yield from _unexpandable(tree, command)
    for node in walk(tree.body):
        yield from _mixed(tree, node)


def _opening(tree: Script, command: Simple, words: list[str]) -> Iterator[tuple[Place, str, str]]:
    """`[-d FILE ]`: the name of a program that there is not."""
    match = _NO_BLANK.fullmatch(words[0])
    if match is not None and any(word in ("]", "]]") for word in words):
        yield (
            tree.place(command.tokens[0].start, command.tokens[-1].end),
            f"a blank is missing behind `{match[1]}` in `{words[0]}`: no program has that name, and the test is never true",
            f"Write `{match[1]} {match[2]}`.",
        )
    number = _NUMBER_AND_NOTHING.search(tree.raw(command.start, command.end))
    if number is not None:
        yield (
            tree.place(command.start, command.end),
            f"`{number[1]}` compares numbers, and `{number[2]}` is none: the test never says what is asked",
            f"Compare texts: `{'!=' if number[1] == '-ne' else '='}`.",
        )


def _continued(tree: Script, command: Simple, words: list[str]) -> Iterator[tuple[Place, str, str]]:
    """A `\\` with a blank behind it at the end of a line: no continuation, but a word that is a blank."""
    last = command.tokens[-1]
    rest = tree.text.text[last.end : last.end + 80].lstrip(" \t")
    if len(words) > 1 and last.kind == "word" and words[-1] in ("\\ ", "\\\t") and rest.startswith("\n"):
        yield (
            tree.place(last.start, last.end),
            f"a blank stands behind the `\\` at the end of the line: {words[0]} ends here, and a command of its own follows",
            "Take the blank away.",
        )


_NO_NAME = pattern(r"\$\{(?:\$[A-Za-z_]\w*|[A-Za-z_]\w*\.[\w.]+|<\w+>)\}")


def _unexpandable(tree: Script, command: Simple) -> Iterator[tuple[Place, str, str]]:
    """`${$NAME}` and `${a.b}`: what stands in the braces is no name."""
    text = tree.raw(command.start, command.end)
    if "${" not in text or "<<" in text:
        return
    for at in expanded_at(text):
        match = _NO_NAME.match(text, at)
        if match is not None:
            yield (
                tree.place(command.start + at, command.start + match.end()),
                f"`{match[0]}` is no name of a variable: the shell says `bad substitution` and does not run the command",
                "Write the name alone between the braces: `${NAME}`.",
            )
            return


def _mixed(tree: Script, node: Node) -> Iterator[tuple[Place, str, str]]:
    """`[ A ] || [ B ] && [ C ]` in a condition, where C asks more of what B asks about: A does not suffice."""
    if isinstance(node, AndOr) and [operator for operator, _ in node.rest] == ["||", "&&"]:
        parts = [node.first, *(right for _, right in node.rest)]
        texts = [tree.raw(part.start, part.end) for part in parts]
        if all(text.startswith("[") for text in texts):
            first, second, third = (frozenset(_NAME.findall(text)) for text in texts)
            if third and third <= second and not third & first:
                yield (
                    tree.place(node.start, node.end),
                    f"`||` and `&&` bind alike: `{texts[2]}` is asked for `{texts[0]}`, too",
                    f"Put braces around it: `{texts[0]} || {{ {texts[1]} && {texts[2]}; }}`.",
                )


def _bracket(tree: Script, command: Simple, words: list[str]) -> Iterator[tuple[Place, str, str]]:
    last = command.tokens[-1]
    place = tree.place(command.tokens[0].start, last.end)
    closing = next((token.start for token, word in zip(command.tokens, words, strict=True) if word == "]"), last.end)
    for token in command.tokens:
        raw = tree.raw(token.start, token.end)
        if token.start > closing:
            break
        if token.kind == "redirect" and token.operator in (">", "<") and token.fd is None and token is not last:
            yield (
                place,
                f"`{raw}` inside of `[ ]` is a redirection, and no comparison",
                "Compare numbers with `-gt`, `-ge`, `-lt` or `-le`.",
            )
            return
    if words[-1] != "]" and words[-1].endswith("]") and last.kind == "word" and words.count("]") == 0:
        yield (
            place,
            f"a blank is missing before `]` in `{words[-1]}`, and `[` ends with an error: the test is never true",
            "Put a blank before `]`.",
        )


def _run(script: StartScript) -> Iterator[tuple[Place, str, str]]:
    """What the commands say that are surely run by this script itself."""
    for command in script.commands:
        if command.callers or not command.argv or command.function:
            continue
        yield from _owner_missing(command)
        yield from _always_true(command)
        yield from _single_quoted(script, command)
        yield from _quoted(command)
        yield from _split(command)
        yield from refused_by_jq(command)


def _folders(image: EffectiveImage, boot: BootPlan, script: StartScript) -> Iterator[tuple[Place, str, str]]:
    """A path of a folder as a command of its own: an operand of the command above, which ends on its line."""
    for command in script.commands:
        path = command.argv[0].literal if len(command.argv) == 1 and not command.redirects else None
        if path is None or not path.startswith("/") or command.argv[0].raw != path or command.callers:
            continue
        node = image.tree.get(path)
        if node is None or isinstance(node, Unknown):
            folder = any(
                isinstance(effect, MakeDirectory) and effect.parents and within(effect.path.canonical, path)
                for step in boot.steps
                for effect in step.effects
            )
        else:
            folder = node.kind == "directory"
        if folder:
            yield (
                command.place,
                f"{path} is a folder and stands alone as a command: the command above it ends before it, and it is not run",
                "Put a `\\` at the end of the line above, or take the path away.",
            )


def _always_true(command: Command) -> Iterator[tuple[Place, str, str]]:
    """`[ -n $X ]`, and numbers compared with nothing."""
    words = [word.raw for word in command.argv]
    if command.name == "[" and len(words) == 4 and words[1] == "-n" and _BARE.fullmatch(words[2]) and words[3] == "]":
        if command.argv[2].literal:
            return  # it is set, and the same at every start
        yield (
            command.place,
            f"`[ -n {words[2]} ]` without quotes is true where {words[2]} is empty, too",
            f'Put it into quotes: `[ -n "{words[2]}" ]`.',
        )


def _single_quoted(script: StartScript, command: Command) -> Iterator[tuple[Place, str, str]]:
    """`echo 'root:$pw' | chpasswd`."""
    if command.name not in ("echo", "printf") or command.pipe is None or len(command.argv) < 2:
        return
    fed = any(
        other.name == "chpasswd" and other.pipe is not None and other.pipe.number == command.pipe.number
        for other in script.commands
    )
    match = _LITERAL_PASSWORD.fullmatch(command.argv[-1].raw) if fed else None
    if match is not None:
        yield (
            command.argv[-1].place,
            f"nothing is expanded in single quotes: the password of {match[1]} is the text `{match[2]}`",
            f'Write it in double quotes: `"{match[1]}:{match[2]}"`.',
        )


def _owner_missing(command: Command) -> Iterator[tuple[Place, str, str]]:
    if command.name != "chown" or command.substitution:
        return
    operands = [word for word in command.arguments if not word.text.canonical.startswith("-")]
    if len(operands) == 1 and (operands[0].literal or "").startswith("/") and "--reference" not in str(command):
        yield (
            command.place,
            f"`{command}` names a path and no owner, and chown ends with an error",
            _NAME_THE_OWNER,
        )


def _quoted(command: Command) -> Iterator[tuple[Place, str, str]]:
    last = command.argv[-1]
    if command.name not in _TAKES_NAMES or len(command.argv) < 2:
        return
    match = _QUOTED_REDIRECTION.fullmatch(last.raw)
    if match is not None:
        yield (
            last.place,
            f"the redirection in `{last.raw}` stands inside of the quotes: it is part of the name that {command.name} gets",
            f'Close the quotes before it: `"{match["word"]}" 2>/dev/null`.',
        )


def _split(command: Command) -> Iterator[tuple[Place, str, str]]:
    """A path with blanks that a test names in quotes, as words of the command."""
    if command.name in ("echo", "printf"):
        return  # what is said reads the same
    words = [word.literal for word in command.arguments]
    tested = {
        operand.literal
        for guard in command.guards
        for test in (guard.test, *guard.alternatives)
        if test is not None and test.op in ("-e", "-f", "-d", "-s")
        for operand in test.operands
    }
    for path in tested:
        pieces = path.split(" ") if path is not None else []
        if len(pieces) < 2 or not all(pieces):
            continue
        starts = [index for index in range(len(words)) if words[index : index + len(pieces)] == pieces]
        if starts:
            yield (
                command.arguments[starts[0]].place,
                f"the path `{path}` stands here without quotes: {command.name} gets {len(pieces)} other paths",
                f'Put it into quotes: `"{path}"`.',
            )
