"""What happens when a start step runs again: `docker restart` starts the same container with the files it has left.

A command that made something finds it there, a command that took something away does not find it. Only what has a
consequence counts: the step fails, a file grows with each start, a link is made inside of what it points to.
"""

import re
from collections.abc import Iterator
from typing import Literal

from ....lineage.boot.script_reader import StartScript
from ....lineage.boot.steps import StartStep
from ....lineage.commands.model import Command, Guard, Test
from ....lineage.effects.model import (
    Copy,
    Effect,
    Link,
    MakeAccount,
    MakeDirectory,
    MakeGroup,
    Opens,
    Remove,
    RemoveAccount,
    RenameAccount,
    Unpack,
    Write,
)
from ....lineage.image.image import EffectiveImage
from ....lineage.image.script_files import text_of
from ....lineage.image.tree import Node
from ....lineage.late.dataclasses import dataclass
from ....lineage.late.patterns import pattern
from ....lineage.text.numbers import is_digits
from ....lineage.text.paths import within
from ....lineage.text.places import MappedText, Place
from ....lineage.text.spelling import words_of
from ....lineage.text.symbolic import Text
from ..expected_failures import is_silenced
from .growing_edits import grows_again

Kind = Literal["directory", "account", "group", "link", "append", "insert", "database", "removed", "own input"]

_OF_THE_KERNEL = ("/dev/", "/proc/", "/sys/")
MADE_ANEW = ("/run/", "/var/run/", *_OF_THE_KERNEL, "/tmp/", "/var/tmp/", "/var/lock/")
"""What lies here is made at each start, and what one start leaves is nothing to the next."""
_OF_THE_ENGINE = ("/etc/hosts", "/etc/hostname", "/etc/resolv.conf")
"""Files that are written anew by what runs the container, at each of its starts."""
_SETTINGS = ("-z", "=", "match", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "<", ">", "-v")
_PRINTS = frozenset(words_of("echo printf cat tee sed envsubst vncpasswd htpasswd mkpasswd openssl base64 tr jq")) | {
    ""
}
_STILL_THERE = ("-e", "-f", "-d", "-s", "-r", "-w")
_SETTINGS_OF_SYSTEM = ("/etc/", "/var/spool/cron/")
"""Where a line that is added at each start is read again each time, whatever it says."""
_LOG = pattern(r"\.(log|out|err|txt|history|csv)\Z|/log/|/logs/|log\Z")
_CREATES = pattern(
    r"\bcreate\s+(?:database|schema|user|role|table|extension)\s+(?!if\s+not\s+exists|or\s+replace)", re.I
)
_DROPS = pattern(r"\bdrop\s+(?:database|schema|user|role|table)\b", re.I)
_CLIENTS = frozenset(words_of("mysql mariadb psql sqlite3"))
_OF_A_SETTING = pattern(r"\bfor\s+\w+\s+in\s+[^\n;]*\$\{?[A-Z][A-Z0-9_]*")
_NAMES = pattern(r"\$\{?#?(\w+|[@*])")
_WORKED_OUT = r"(?m)\b%(name)s=[^\n]{0,400}(?:\$\(|`)|\bread\b[^\n]{0,400}\b%(name)s\b|\bfor\s+%(name)s\b"
_PATHS = pattern(r"(?<![\w/])/[\w./*-]+")
_DELETES = pattern(r"/d\b|\bc\\")
_EDITS_XML = frozenset(("xmlstarlet", "xml"))
_IN_PLACE = frozenset(("-L", "--inplace"))
_INTO_XML = frozenset(("-i", "--insert", "-a", "--append", "-s", "--subnode"))
_NEVER_TWICE = frozenset(("createdb", "createuser"))


@dataclass(frozen=True, slots=True)
class Repeat:
    """A command of a step that does not bear being run again. `what` is what it works on."""

    kind: Kind
    place: Place
    what: str
    stops: bool
    """Whether its failure ends the script, as errexit does."""
    exits: bool = False
    """Whether the script says so itself (`useradd … || exit 1`)."""


def repeats_of(image: EffectiveImage, step: StartStep, around: tuple[StartStep, ...] = ()) -> Iterator[Repeat]:
    """The commands of a step that fail, or pile up, from the second start on; one for each command. `around`: the others
    that run at start, and may write what this one edits.
    """
    script = step.script
    if script is None or script.reading is None or _always_new(script):
        return
    reading = _Step(image, step, around)
    told: set[int] = set()
    files: set[str] = set()
    for effect in step.effects:
        command = effect.command
        if command is None or id(command) in told:
            continue
        found = reading.repeat(effect, command)
        if found is None:
            continue
        told.add(id(command))
        if found.kind not in ("append", "insert") or found.what not in files:
            files.add(found.what)
            yield found
    for command in script.commands:
        file = command.argv[-1].text.canonical if _inserts_into_xml(command) else ""
        if file and file not in files and reading.runs_again(command):
            files.add(file)
            yield Repeat("insert", command.place, file, False)
        if id(command) in told or not _creates_database(command, reading):
            continue
        if reading.runs_again(command) and reading.matters(command):
            yield Repeat("database", command.place, command.name, reading.stops(command))


def _always_new(script: StartScript) -> bool:
    """Whether it runs in a container that its family makes anew at each start."""
    family = script.shebang.interpreter_of_family if script.shebang is not None else None
    return family is not None and family.new_container_each_start


_MADE_ONCE = ("useradd", "adduser", "groupadd", "addgroup")
"""What they make is there from the first start on: nothing is missed where they are not run again."""


class _Step:
    """One step's effects, looked at together."""

    def __init__(self, image: EffectiveImage, step: StartStep, around: tuple[StartStep, ...]) -> None:
        self.image = image
        self.around = around
        self.effects = step.effects
        commands = self.commands = step.script.commands if step.script is not None else ()
        self.path = step.script.place.path if step.script is not None else ""
        mapped = text_of(step.script.node) if step.script is not None else None
        self.mapped = mapped if mapped is not None else MappedText("")
        self.text = self.mapped.text
        self.last = commands[-1] if commands else None
        self.renewed = {e.name.canonical for e in step.effects if isinstance(e, RemoveAccount | RenameAccount)}
        self.renewed |= {one.argv[-1].text.canonical for one in commands if one.name in ("groupdel", "delgroup")}
        self.given_up = {command.guards[-1].place for command in commands if _gives_up(command)}
        self.handled = {
            guard.place
            for command in commands
            for guard in command.guards
            if not guard.presumed and guard.kind in ("||", "if", "while", "until", "exit")
        } - self.given_up
        self.needed = {
            guard.place
            for command in commands
            if command.name not in _MADE_ONCE
            for guard in command.guards
            if guard.presumed
        }

    def repeat(self, effect: Effect, command: Command) -> Repeat | None:
        if not self.runs_again(command) and not self.for_each_setting(effect, command):
            return None
        kind = self.kind(effect, command)
        if kind is None or (kind not in ("append", "insert") and not self.matters(command) and not self.nests(effect)):
            return None
        fails = kind not in ("append", "insert")
        return Repeat(kind, effect.place, _what(effect), fails and self.stops(command), fails and self.exits(command))

    def kind(self, effect: Effect, command: Command) -> Kind | None:
        if isinstance(effect, MakeDirectory):
            return "directory" if not effect.parents and self.stays(effect.path) else None
        if isinstance(effect, MakeAccount) and command.name in ("useradd", "adduser"):
            return "account" if not self.renews_account(effect.name) else None
        if isinstance(effect, MakeGroup) and command.name in ("groupadd", "addgroup"):
            return "group" if not self.renews_account(effect.name) and "-f" not in _options(command) else None
        if isinstance(effect, Link):
            return "link" if not effect.force and self.stays(effect.path) else None
        if isinstance(effect, Write):
            if effect.inserts or grows_again(command):
                return "insert" if self.inserts_again(effect, command) else None
            return "append" if self.piles_up(effect, command) else None
        if isinstance(effect, Remove):
            return "removed" if self.is_gone(effect) else None
        if isinstance(effect, Copy) and effect.moves:
            return "own input" if any(self.is_input(source) for source in effect.sources) else None
        return None

    def runs_again(self, command: Command) -> bool:
        """Whether the command surely runs again: no test that the first run may have changed stands before it."""
        if command.loop == "unbounded" or command.substitution:
            return False
        return all(
            _goes_on(guard)
            or self.is_setting(guard)
            or self.holds_again(guard, command)
            or _told_by_others(guard, command)
            for guard in command.guards
        )

    def for_each_setting(self, effect: Effect, command: Command) -> bool:
        """Whether an account or group is made, and ends the script where it is there, for each word of a setting
        (`for one in $(echo $USERS | tr , ' ')`): the words are the same at the next start."""
        if not isinstance(effect, MakeAccount | MakeGroup) or not self.stops(command) or command.substitution:
            return False
        loops = [guard for guard in command.guards if guard.kind == "for" and guard.test is None]
        others = (guard for guard in command.guards if guard not in loops)
        return (
            len(loops) == 1
            and all(_goes_on(guard) or self.is_setting(guard) for guard in others)
            and _OF_A_SETTING.search(self.text_at(loops[0])) is not None
        )

    def given_to(self, command: Command) -> list[str]:
        """What a command reads from its standard input, as far as it is known: a here-document, a file of the image, or
        what the command before it in a pipeline prints.
        """
        texts: list[str] = []
        for redirect in command.redirects:
            if redirect.document is not None:
                texts.append(redirect.document.canonical)
            path = redirect.target.literal if redirect.operator == "<" and redirect.target is not None else None
            text = text_of(node) if path is not None and (node := self.image_node(path)) is not None else None
            if text is not None and not _DROPS.search(text.text):
                texts.append(text.text)
        pipe = command.pipe
        for other in self.commands if pipe is not None else ():
            before = other.pipe
            if pipe is None or before is None or (before.number, before.index) != (pipe.number, pipe.index - 1):
                continue
            if other.name in ("echo", "printf", "cat"):
                texts += [word.text.canonical for word in other.arguments]
                texts += [redirect.document.canonical for redirect in other.redirects if redirect.document is not None]
        return texts

    def is_setting(self, guard: Guard) -> bool:
        """Whether a guard tests what the user has set, which is the same at every start."""
        return _is_setting(guard) or (_compares(guard) and self.asks_settings_alone(guard))

    def asks_settings_alone(self, guard: Guard) -> bool:
        """Whether the words of a test are the script's arguments and variables that it does not work out itself."""
        text = self.text_at(guard)
        names = _NAMES.findall(text)
        if not names or "$(" in text or "`" in text:
            return False
        return all(is_digits(name) or name in "@*" or not self.is_worked_out(name) for name in names)

    def is_worked_out(self, name: str) -> bool:
        """Whether the script works a variable out itself, of more than what the kernel says: that is the same each time."""
        starts = (match.start() for match in re.finditer(_WORKED_OUT % {"name": name}, self.text))
        ended = self.text + "\n"
        lines = (ended[start : ended.index("\n", start)] for start in starts)
        return not all(_asks_the_kernel(line) for line in lines)

    def text_at(self, guard: Guard) -> str:
        return self.text[slice(*self.mapped.lines(guard.place.span))] if guard.place.path == self.path else ""

    def holds_again(self, guard: Guard, command: Command) -> bool:
        """Whether a guard asks for something that is there, and that the step does not make, move or take away."""
        test = guard.holds
        if test is None or test.negated or test.op not in _STILL_THERE or test.operands[0].opaque or test.globs:
            return False
        path = test.operands[0].canonical
        touched = (effect for effect in self.effects if not isinstance(effect, Link) or effect.command is not command)
        return not any(self.clears(effect, path) for effect in touched)

    def stops(self, command: Command) -> bool:
        return command.errexit and not command.ignores_failure

    def exits(self, command: Command) -> bool:
        """Whether the script ends itself where the command fails."""
        return command.place in self.given_up

    def matters(self, command: Command) -> bool:
        """Whether its failure ends the script, is the script's, or keeps a command from being run."""
        if self.exits(command):
            return True
        if command.place in self.handled or is_silenced(command):
            return False
        return self.stops(command) or command is self.last or command.place in self.needed

    def nests(self, effect: Effect) -> bool:
        """Whether a second `ln -s` makes the link inside of the directory that the first one points to."""
        if not isinstance(effect, Link) or not effect.symbolic or effect.target.literal is None or effect.into:
            return False
        node = self.image.tree.find(effect.target.literal)
        made = any(isinstance(one, MakeDirectory) and one.path == effect.target for one in self.effects)
        return made or (node is not None and node.kind == "directory")

    def stays(self, path: Text) -> bool:
        """Whether what is made there is still there at the next start."""
        text = path.canonical
        if path.opaque or not text.startswith("/") or (text + "/").startswith(MADE_ANEW) or text in _OF_THE_ENGINE:
            return False
        return not any(self.clears(effect, text) for effect in self.effects)

    def clears(self, effect: Effect, path: str) -> bool:
        if isinstance(effect, Remove):
            return _reaches(effect.path.canonical.rstrip("*"), path)
        return isinstance(effect, Copy) and effect.moves and any(_reaches(s.canonical, path) for s in effect.sources)

    def renews_account(self, name: Text) -> bool:
        return name.canonical in self.renewed

    def piles_up(self, effect: Write, command: Command) -> bool:
        if not effect.append or effect.keeps or not self.stays(effect.path) or command.name not in _PRINTS:
            return False
        path = effect.path.canonical
        if _LOG.search(path) or self.is_handed_over(path):
            return False
        if effect.content is not None and effect.content.opaque and not path.startswith(_SETTINGS_OF_SYSTEM):
            return False
        if any(r.fd == 2 and r.target is not None and r.operator == ">>" for r in command.redirects):
            return False
        fresh = [one for one in self.effects if one is not effect and self.renews(one, path)]
        if len(fresh) == 1 and isinstance(fresh[0], Write) and not fresh[0].append and not fresh[0].sure:
            return effect.sure and not _same_condition(fresh[0], effect)
        return not fresh

    def is_handed_over(self, path: str) -> bool:
        """Whether a program is told to make the file, behind another word (`-template /from:/to`, `--output=/to`)."""
        ends = (f":{path}", f"={path}")
        return any(word.text.canonical.endswith(ends) for one in self.commands for word in one.arguments)

    def inserts_again(self, effect: Write, command: Command) -> bool:
        """Whether a line goes into a file that is kept, and nothing else of the step edits or renews the file."""
        if not self.stays(effect.path) or command.loop is not None:
            return False
        path = effect.path.canonical
        edits = (
            one
            for one in self.effects
            if one is not effect
            and (self.renews(one, path) or (isinstance(one, Write) and one.path.canonical == path and one.keeps))
            and not (one.command is not None and grows_again(one.command))
        )
        others = (effect for step in self.around for effect in step.effects)
        fresh = grows_again(command) and any(
            self.renews(one, path) and not (one.command is not None and grows_again(one.command)) for one in others
        )
        return not any(edits) and not fresh and not _DELETES.search(str(command))

    def renews(self, effect: Effect, path: str) -> bool:
        """Whether the file is written from scratch, or edited, by another command of the step."""
        if isinstance(effect, Write):
            return effect.path.canonical == path and (not effect.append or (effect.keeps and effect.content is None))
        if isinstance(effect, Copy):
            target = effect.target.canonical
            return path == target or path.startswith(target.rstrip("/") + "/")
        if isinstance(effect, Unpack):
            return path.startswith(effect.into.canonical.rstrip("/") + "/")
        if isinstance(effect, Opens) and effect.may_remove:  # it is told of the file, or works in its folder alone
            return path in effect.handles or ("/" not in effect.below and any(within(path, b) for b in effect.below))
        return False

    def is_gone(self, effect: Remove) -> bool:
        """Whether it is a file of the image that nothing in the step makes anew."""
        literal = effect.path.literal
        if (
            effect.force
            or effect.globs
            or literal is None
            or effect.names is not None
            or self.image_node(literal) is None
        ):
            return False
        return not any(self.makes(one, literal) for one in self.effects)

    def is_input(self, source: Text) -> bool:
        literal = source.literal
        if literal is None or self.image_node(literal) is None:
            return False
        return not any(self.makes(one, literal) for one in self.effects)

    def image_node(self, path: str) -> Node | None:
        node = self.image.tree.get(path)
        return node if isinstance(node, Node) else None

    def makes(self, effect: Effect, path: str) -> bool:
        if isinstance(effect, Opens):
            return any(_reaches(below, path) for below in effect.below)
        if isinstance(effect, Write | MakeDirectory | Link):
            return _reaches(effect.path.canonical, path)
        return isinstance(effect, Copy) and _reaches(effect.target.canonical, path)


def _gives_up(command: Command) -> bool:
    """Whether it is the `exit` with an error of `something || exit 1`, or of `something || { …; exit 1; }`."""
    guard = command.guards[-1] if command.guards else None
    if command.name != "exit" or guard is None or guard.kind != "||" or guard.presumed or guard.test is not None:
        return False
    return not command.arguments or (command.arguments[0].literal or "0").strip("0") != ""


def _same_condition(one: Effect, other: Effect) -> bool:
    first, second = one.command, other.command
    return (
        first is not None and second is not None and {g.place for g in first.guards} <= {g.place for g in second.guards}
    )


def _asks_the_kernel(assignment: str) -> bool:
    """Whether a line assigns what a program finds in files below `/proc`, and in no others."""
    head, _, inside = assignment.partition("$(")
    paths = [path for path in _PATHS.findall(inside) if path != "/dev/null"]
    return (
        head.endswith(("=", '="')) and "$" not in inside and bool(paths) and all(p.startswith("/proc/") for p in paths)
    )


def _told_by_others(guard: Guard, command: Command) -> bool:
    """Whether the condition under which the script was not ended before holds anyway, by the conditions that the command
    stands under: an `exit` in the branch of an `if` is nothing to what stands in the other branch of the same test."""
    others = {other.holds for other in command.guards if other is not guard and other.holds is not None}
    return guard.kind == "exit" and any(test in others for test in guard.alternatives)


def _goes_on(guard: Guard) -> bool:
    """Whether a guard is only that an ordinary command before has succeeded (`a && b`), not that it was asked (`if a`)."""
    return guard.presumed and guard.kind in ("&&", "exit", "||")


def _is_setting(guard: Guard) -> bool:
    """Whether a guard compares variables and words whose values are known, or are the user's."""
    return _compares(guard) and all(not operand.opaque for test in _tests(guard) for operand in test.operands)


def _compares(guard: Guard) -> bool:
    tests = _tests(guard)
    return bool(tests) and all(test.op in _SETTINGS for test in tests)


def _tests(guard: Guard) -> tuple[Test, ...]:
    return (guard.holds,) if guard.holds is not None else guard.alternatives


def _reaches(place: str, path: str) -> bool:
    """Whether `path` is `place` or lies below it."""
    place = place.rstrip("/")
    return path == place or path.startswith(place + "/") or not place


def _options(command: Command) -> str:
    return " ".join(word.raw for word in command.arguments if word.raw.startswith("-"))


def _creates_database(command: Command, step: _Step) -> bool:
    if command.name in _NEVER_TWICE:
        return True
    if command.name not in _CLIENTS:
        return False
    texts = [word.text.canonical for word in command.arguments]
    if _ends_at_error(command, texts):
        texts += step.given_to(command)
    return any(_CREATES.search(text) for text in texts)


def _ends_at_error(command: Command, words: list[str]) -> bool:
    """Whether a client ends at the first statement that fails, of those that it reads from its standard input."""
    if command.name == "psql":
        return any("ON_ERROR_STOP" in word for word in words)
    return command.name in ("mysql", "mariadb") and not {"-f", "--force"}.intersection(words)


def _inserts_into_xml(command: Command) -> bool:
    """`xmlstarlet edit --inplace --insert …` of a file, with nothing taken out of it before."""
    words = [word.literal or "" for word in command.arguments]
    if command.name not in _EDITS_XML or not words or words[0] not in ("ed", "edit"):
        return False
    return not _IN_PLACE.isdisjoint(words) and not _INTO_XML.isdisjoint(words) and not {"-d", "--delete"} & set(words)


def _what(effect: Effect) -> str:
    if isinstance(effect, MakeAccount | MakeGroup):
        return (
            effect.command.argv[-1].raw if effect.name.opaque and effect.command is not None else effect.name.canonical
        )
    if isinstance(effect, Copy):
        return effect.sources[0].canonical
    if isinstance(effect, MakeDirectory | Link | Write | Remove):
        return effect.path.canonical
    return ""
