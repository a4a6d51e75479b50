"""A start script uses a variable that is not set there, although it shows itself that it knows of that.

## What it does
Reports, in scripts that run at start, what can be told whatever the container is given:
- `[ -z "$X" ]` or `[ -n "$X" ]` under `set -u` where nothing has set X: unset ends the script before the test is asked;
- `"$4"` under `set -u` in a function that has `${4:-…}` for the same argument elsewhere;
- `$X` in a command where the same script writes `${X:-default}` in another, with a default that is not empty;
- `$NAME-REST` where only NAME_REST is set; and a name that differs from one that the script or the image sets by a `_` or a
  letter too much or too little, the last one too (`USER_NAM`), and that nothing else mentions.

## Why it matters at run time
Under `set -u` the script ends there. Without it the value is empty: a program gets an option without value, a `cd` stays where it
is.

## When to ignore it
When the variable is given to every container.

## References
- POSIX.1-2024, Shell Command Language, 2.6.2 "Parameter Expansion"; `set -u`
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.script_reader import StartScript
from ..lineage.commands.model import VariableMention
from ..lineage.image.image import EffectiveImage
from ..lineage.image.script_files import text_of
from ..lineage.late.patterns import pattern
from ..lineage.shell.nodes import Function, walk
from ..lineage.text.places import MappedText, Place
from ..lineage.text.spelling import near_name
from .base import Message, Severity
from .shared.scripts.written_scripts import written

SEVERITY = Severity.WARNING

_NOUNSET = pattern(r"(?m)^[ \t]*set[ \t]+(?:-o[ \t]+nounset|-[a-zA-Z]*u[a-zA-Z]*\b)")
_EMPTINESS = r"""\[\[?[ \t]+(?:![ \t]+)?-[zn][ \t]+["']?\$\{?%s\}?["']?[ \t]+\]"""
_ASKED = r"\$\{%(name)s:?[-+]|-v[ \t]+[\"']?%(name)s\b"
_DEMANDED = r"\$\{%s:?[?=]"
_COUNTS = pattern(r"\$#|\$\{#|(?m:(?:^|[;&|({])[ \t]*(?:shift\b|set[ \t]+--\s))")
_ASKED_ARGUMENT = r"(?:\[|\btest\b|\bcase\b|\bif\b|\bwhile\b)[^\n]{0,400}\$\{%(number)s:?[-+]|\$\{%(number)s:?[+?=]"
_DEFAULTED = r"\$\{%s:?[-=][^}]"
_WITH_DEFAULT = pattern(r"\$\{([A-Za-z_]\w*):?[-=](?=[^}])")
_GIVEN = pattern(r"\b([A-Za-z_]\w*)=|\$\{([A-Za-z_]\w*):?[=?+]")
_READ = pattern(r"\bread\b(.*)")
_SETS = pattern(r"(?m)^[ \t]*(?:export[ \t]+|declare[ \t]+(?:-\w+[ \t]+)?)?([A-Z][A-Z0-9_]*)=")
_WORD = pattern(r"[A-Za-z]+")
_SHORTEST_CUT = 6
_SHORTEST_CUT_WORD = 3
_REST = pattern(r"-[A-Z][A-Z0-9_]*\Z")
_ALWAYS = frozenset(
    "HOME PATH PWD OLDPWD USER LOGNAME SHELL TERM HOSTNAME UID EUID PPID RANDOM SECONDS LINENO BASH BASH_VERSION IFS OPTARG "
    "OPTIND REPLY FUNCNAME BASH_SOURCE BASHPID PIPESTATUS LANG TZ DISPLAY SHELLOPTS BASHOPTS BASH_VERSINFO MACHTYPE "
    "OSTYPE HOSTTYPE GROUPS SHLVL DIRSTACK".split()
)


_OFTEN_GIVEN = frozenset("USERNAME USERID USERGID USERUID GROUPID GROUPNAME PASSWORD LOGLEVEL TIMEZONE PROXY".split())
"""Names that containers are given by custom, however the image spells its own."""


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    told: set[Place] = set()
    for step in boot.steps:
        script = step.script
        if script is None or script.reading is None:
            continue
        for place, what, cure in _split_in_called(image, script):
            if place not in told:
                told.add(place)
                yield Message(place, f"{place.path.rpartition('/')[2]}: {what}.", cure, owner=step.image)
        if script.reading.unread or script.shebang is None:
            continue
        text = text_of(script.node)
        if text is None:
            continue
        for place, what, cure in (
            *_tested(image, script, text),
            *_arguments(script, text.text),
            *_defaults(image, script, text),
            *_misspelt(image, script, text),
        ):
            if place not in told:
                told.add(place)
                yield Message(place, f"{step.label}: {what}.", cure, owner=step.image)


def _own(script: StartScript) -> list[VariableMention]:
    reading = script.reading
    return [one for one in reading.mentions if one.place.path == script.place.path] if reading is not None else []


def _tested(image: EffectiveImage, script: StartScript, text: MappedText) -> Iterator[tuple[Place, str, str]]:
    """Asked for emptiness under `set -u`."""
    for one in _own(script):
        if not one.ends or one.name in image.env or one.name in _ALWAYS:
            continue
        at = text.offset(one.place.line, one.place.span.column) or 0
        start, end = text.lines(one.place.span)
        tests = re.finditer(_EMPTINESS % one.name, text.text[start:end])
        asks = any(match.start() <= at - start < match.end() for match in tests)
        if asks and not re.search(rf"\b{one.name}=", text.text[:at]) and not _is_known_to_be_set(script, text, one):
            yield (
                one.place,
                f"`set -u` ends the script at this test where {one.name} is not set, and nothing sets it before",
                f"Write `${{{one.name}:-}}`.",
            )


def _is_known_to_be_set(script: StartScript, text: MappedText, mention: VariableMention) -> bool:
    """Whether the script asks for the variable in a way that bears an unset one, and comes here only where it is set.

    `[ -n "${X+x}" ] && [ -n "$X" ]`, `if [[ -v X ]]; then …`, `: "${X:?}"`.
    """
    asked = re.compile(_ASKED % {"name": mention.name})
    at = text.offset(mention.place.line, mention.place.span.column) or 0
    start = text.lines(mention.place.span)[0]
    if asked.search(text.text[start:at]) or re.search(_DEMANDED % mention.name, text.text[:start]):
        return True
    places = {
        guard.place
        for command in script.commands
        if any(word.place == mention.place for word in command.argv)
        for guard in command.guards
        if guard.place.path == script.place.path
    }
    return any(asked.search(text.text[slice(*text.lines(place.span))]) for place in places)


def _arguments(script: StartScript, text: str) -> Iterator[tuple[Place, str, str]]:
    """An argument of a function that has a default in one place, and in another none, under `set -u`."""
    tree = written(script) if _NOUNSET.search(text) is not None else None
    if tree is None:
        return
    for function in (node for node in walk(tree.body) if isinstance(node, Function)):
        body = tree.raw(function.body.start, function.body.end)
        if _COUNTS.search(body):
            continue
        for number in range(1, 10):
            if not re.search(_DEFAULTED % number, body) or re.search(_ASKED_ARGUMENT % {"number": number}, body):
                continue
            needed = _needed_argument(script, function.name, number, body)
            if needed is not None:
                at = function.body.start + needed.start("word")
                yield (
                    tree.place(at, at + len(needed["word"])),
                    f"{function.name} is called without its argument {number} at times (it has a default for it elsewhere): "
                    "`set -u` ends the script here",
                    f'Write `"${{{number}:-}}"`.',
                )


def _needed_argument(script: StartScript, name: str, number: int, body: str) -> re.Match[str] | None:
    """Where a function asks whether an argument is empty that not all calls surely give, or uses one that a call surely lacks."""
    calls = [one for one in script.commands if one.function and one.name == name]
    known = [one for one in calls if not any(word.text.opaque or word.globs for word in one.arguments)]
    if any(len(one.arguments) < number for one in known):
        return re.search(rf'(?P<word>"\${number}"|"\$\{{{number}\}}")', body)
    if len(known) == len(calls) and calls:
        return None
    return re.search(rf'\[\[?[ \t]+(?:![ \t]+)?(?:-[nz][ \t]+)?(?P<word>"\${number}"|"\$\{{{number}\}}")[ \t]+\]', body)


def _defaults(image: EffectiveImage, script: StartScript, text: MappedText) -> Iterator[tuple[Place, str, str]]:
    """A variable that has a default in one command, and none in another that cannot do without."""
    own = _own(script)
    guarded = {name for command in script.commands for guard in command.guards for name in _asked(guard)}
    code = "\n".join(row for row in text.text.split("\n") if not row.lstrip().startswith("#"))
    doubtful = frozenset(_WITH_DEFAULT.findall(code)).difference(_given(code), image.env, _ALWAYS, guarded)
    for one in own:
        name = one.name
        if one.defaulted or name not in doubtful:
            continue
        row = text.text[slice(*text.lines(one.place.span))]
        option = re.search(rf'(?:^|\s)(--?[\w-]+)=["\']?\$\{{?{name}\}}?["\']?(?=\s|$)', row)
        if option is not None:
            yield (
                one.place,
                f"{name} has a default elsewhere in this script, and none here: where it is not set, `{option[1]}` has no value",
                f'Give it the same default here (`${{{name}:-…}}`), or set it once at the top: `: "${{{name}:=…}}"`.',
            )


def _given(code: str) -> set[str]:
    """The variables that a script may give a value itself, or ends without."""
    words = (word for rest in _READ.findall(code) for word in re.findall(r"\w+", rest))
    return {*words, *(name for names in _GIVEN.findall(code) for name in names)}


def _asked(guard: object) -> Iterator[str]:
    tests = (getattr(guard, "test", None), *getattr(guard, "alternatives", ()))
    for test in tests:
        if test is not None:
            for operand in test.operands:
                yield from operand.variables


def _misspelt(image: EffectiveImage, script: StartScript, text: MappedText) -> Iterator[tuple[Place, str, str]]:
    """A name that is nearly one that is set, and that stands nowhere else."""
    reading = script.reading
    if reading is None or any(
        command.name in (".", "source", "eval") and not command.loaded for command in script.commands
    ):
        return
    known = {name for name in (*reading.variables, *image.env) if len(name) > 1}
    given = {name for name, value in reading.variables.items() if value.variables}
    uses = Counter(re.findall(r"\w+", text.text))
    words = Counter(word.upper() for each in (text.text, *image.env) for word in _WORD.findall(each))
    for one in _own(script):
        if one.name in known or one.name in _ALWAYS or one.tested:
            continue
        split = _split(one, known, text)
        if split is not None:
            yield split
            continue
        raw = text.text[slice(*text.lines(one.place.span))]
        meant = _meant(one.name, known, words) if uses[one.name] == 1 and not one.defaulted else None
        if meant in given or one.name in _OFTEN_GIVEN:
            continue  # who starts the container gives one as well as the other
        other_name = meant is not None and re.search(rf"\b{meant}=[^\n]*\b{one.name}\b", raw)  # `A_B=${A_B:-$AB}`
        if meant is not None and not other_name and not _elsewhere(image, script, one.name):
            yield (
                one.place,
                f"{one.name} is set nowhere, and {meant} is: the value is empty here",
                f"Write `${{{meant}}}`.",
            )


def _split(one: VariableMention, known: AbstractSet[str], text: MappedText) -> tuple[Place, str, str] | None:
    """`$NAME-REST`, where NAME_REST is set and NAME is not."""
    raw = text.text[slice(*text.lines(one.place.span))]
    rest = re.search(rf"\$\{{?{re.escape(one.name)}\}}?(-[A-Z][A-Z0-9_]*)\b", raw)
    whole = one.name + rest[1].replace("-", "_") if rest is not None else ""
    if rest is None or whole not in known or _REST.search(rest[1]) is None:
        return None
    what = f"`${one.name}{rest[1]}` is the variable {one.name}, which nothing sets, and a text behind it"
    return one.place, what, f"Write `${whole}`."


def _split_in_called(image: EffectiveImage, script: StartScript) -> Iterator[tuple[Place, str, str]]:
    """The same in the files that the script runs or sources."""
    reading = script.reading
    called: dict[str, list[VariableMention]] = {}
    for one in reading.mentions if reading is not None else ():
        if one.place.path != script.place.path and one.name not in image.env and one.name not in _ALWAYS:
            called.setdefault(one.place.path, []).append(one)
    nodes = {node.source: node for _, node in image.tree.sourced if node.source in called} if called else {}
    for path, mentions in called.items():
        text = text_of(nodes[path]) if path in nodes else None
        known = {*_SETS.findall(text.text), *image.env} if text is not None else set[str]()
        for one in mentions:
            split = _split(one, known, text) if text is not None and one.name not in known else None
            if split is not None:
                yield split


def _meant(name: str, known: set[str], words: Mapping[str, int]) -> str | None:
    """The one name that is set and that this one is a slip for; None where none or several may be meant.

    Also `USER_NAM`, where the last letter is lost: an inflection (ENABLE and ENABLED, HOST and HOSTS), or a word that the
    script or the image's variables know, is a name of its own. `words` says how often each is used.
    """
    found = near_name(name, known)
    shorter = name.rpartition("_")[2]
    if found is not None or len(name) < _SHORTEST_CUT or len(shorter) < _SHORTEST_CUT_WORD:
        return found
    longer = [one for one in known if one[:-1] == name and one[-1].isalpha() and not re.search(r"(?i)s$|e[dr]$", one)]
    mine = sum(word == shorter.upper() for word in map(str.upper, _WORD.findall(name)))
    return longer[0] if len(longer) == 1 and words.get(shorter.upper(), 0) == mine else None


def _elsewhere(image: EffectiveImage, script: StartScript, name: str) -> bool:
    """Whether another file of the image, or the Dockerfile, speaks of the variable."""
    word = re.compile(rb"\b" + name.encode("utf-8", "surrogateescape") + rb"\b")
    files = (node for _, node in image.tree.sourced if node.kind == "file" and node.source != script.place.path)
    if any(word.search(node.blob.data or b"") for node in files):
        return True
    return any(name in step.instruction.body.text for step in image.steps)
