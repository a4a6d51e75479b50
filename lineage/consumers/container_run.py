"""`docker run`, `podman run` and `create` as they stand in scripts, Makefiles and documents.

Options as of docker-run(1) and podman-run(1). A command is read for what it says, not as a shell reads it: variables
that are not set in the same file are unknown.
"""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from ..builds.build_commands import BuildCommand, commands
from ..builds.placeholders import expand_make, has_hole, hole, hole_names
from ..builds.script_builds import read_makefile
from ..late.dataclasses import dataclass, field
from ..late.patterns import pattern
from ..repository.snapshot import Snapshot
from ..shell.shebang import SHELLS
from ..text.errors import InputError, Unknown
from ..text.places import Place, Span
from .compose import no_new_privileges, seccomp
from .model import SOME_NETWORK, Check, Consumer, ConsumerSetting, Kind, Mount, Port
from .names import read_image
from .ports_and_mounts import read_port, read_volume
from .reading import kept_user

_PROGRAMS = frozenset(("docker", "podman", "nerdctl", "finch"))
_BEFORE = frozenset(
    ("sudo", "time", "exec", "env", "command", "nohup", "if", "then", "else", "do", "while", "!", "{", "$", "#")
)
ALONE = frozenset(
    """-d --detach -i --interactive -t --tty --rm --init --privileged --read-only -P --publish-all --no-healthcheck
    --oom-kill-disable --sig-proxy --disable-content-trust --quiet -q --replace --tls-verify --http-proxy --no-hosts --rmi
    --no-hostname --read-only-tmpfs --rootfs --passwd --unsetenv-all --use-api-socket --help""".split()
)
"""Options that take no value; every other takes the next word unless it is written with `=`."""
_LETTERS = frozenset("ditPq")
_SHELLS = SHELLS | {"fish", "cat", "ls", "env", "id"}
_SHOWN = pattern(r"\b(?:docker|podman|nerdctl)\s+(?:container\s+)?(?:run|create)\s.*", re.DOTALL)


_FENCE = pattern(r"\s{0,3}(?:>\s*|[-*+]\s+|\d+[.)]\s+)*(`{3,}|~{3,}|-{4,}\s*\Z)")
"""The beginning or end of a code block of Markdown or AsciiDoc."""
_IMAGE = pattern(r"(?!and/or\b)[\w.-]+(?::\d+)?(?:/[\w.-]+)+(?::[\w.-]+)?(?:@sha256:\w+)?|[\w.-]+:[\w.-]*\w")
"""An image with its owner or tag."""


class PlacedWord(str):
    """A word of a command that knows where it stands: two options may have one value."""

    place: Place

    def __new__(cls, text: str, place: Place) -> "PlacedWord":
        word = super().__new__(cls, text)
        word.place = place
        return word


@dataclass
class Said:
    """The options of one command, each with its values in order."""

    options: dict[str, list[str]] = field(default_factory=lambda: dict[str, list[str]]())
    flags: dict[str, bool] = field(default_factory=lambda: dict[str, bool]())
    image: str = ""
    arguments: tuple[str, ...] = ()
    program: str = "docker"

    def last(self, *names: str) -> str | None:
        values = self.all(*names)
        return values[-1] if values else None

    def all(self, *names: str) -> list[str]:
        return [value for name in names for value in self.options.get(name, ())]


def read_run(words: Sequence[str]) -> Said | None:
    """What a command line says; None where it runs no container."""
    rest = list(words)
    while rest and (rest[0] in _BEFORE or re.match(r"\w+=|-E$", rest[0])):
        del rest[0]
    if not rest or posixpath.basename(rest[0]) not in _PROGRAMS:
        return None
    program = posixpath.basename(rest.pop(0))
    while len(rest) > 1 and rest[0].startswith("-"):
        del rest[: 1 if "=" in rest[0] else 2]
    if rest[:1] == ["container"]:
        del rest[0]
    if rest[:1] not in (["run"], ["create"]):
        return None
    said = read_options(rest[1:])
    if said is not None:
        said.program = program
    return said


def read_options(words: Sequence[str]) -> Said | None:
    """The options before the image, the image, and what stands behind it; None without an image, or where dots stand for it."""
    said = Said()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            if not word:
                continue
            if not word.strip(".…"):
                return None  # a document's way to say "and so on"
            said.image, said.arguments = word, tuple(rest)
            return said
        name, equals, value = word.partition("=")
        if not name.startswith("--"):
            name, value, equals = _short(word)
        if name in ALONE:
            said.flags[name] = value.lower() not in ("false", "0") if equals else True
        elif equals:
            placed = PlacedWord(value, word.place) if isinstance(word, PlacedWord) else value
            said.options.setdefault(name, []).append(placed)
        elif rest:
            said.options.setdefault(name, []).append(rest.pop(0))
    return None


def _short(word: str) -> tuple[str, str, str]:
    """A cluster of letters: `-it`, `-p8080:80`, `-itp`; (option, value, `=` where it has one). Its flags are dropped."""
    letters = word[1:]
    while len(letters) > 1 and letters[0] in _LETTERS:
        letters = letters[1:]
    if letters[0] in _LETTERS:
        return f"-{letters[0]}", "", ""
    value = letters[1:]
    return f"-{letters[0]}", value.removeprefix("="), "=" if value else ""


def consumer_of(said: Said, kind: Kind, place: Place, find: Callable[[str], Place], project: str) -> Consumer | None:
    """The consumer that a command line is. `find` gives the place of a word. None where the image is no name at all."""
    name, tag, is_open = read_image(said.image)
    where = find(said.image) if not has_hole(said.image) else place
    shown = re.sub("[\ue000-\ue002]", "", said.image)
    user, entrypoint = said.last("-u", "--user"), said.last("--entrypoint")
    interactive = any(said.flags.get(flag) for flag in ("--rm",)) or (
        said.arguments[:1] != () and (posixpath.basename(said.arguments[0]) in _SHELLS)
    )
    health = said.last("--health-cmd")
    environment = dict(_environment(said, find))
    pid, workdir = said.last("--pid"), said.last("-w", "--workdir")
    network = said.last("--network", "--net") or ""
    return Consumer(
        kind,
        said.last("--name") or "",
        shown,
        name,
        tag,
        is_open,
        where,
        user=_setting(user, find) if user is not None else kept_user(_setting(said.last("--userns"), find)),
        entrypoint=_command(entrypoint, find),
        command=_arguments(said, find),
        environment=environment,
        environment_open=Unknown("`--env-file` takes variables from a file") if said.all("--env-file") else None,
        mounts=tuple(_mounts(said, find)),
        ports=tuple(_ports(said, find)),
        read_only=_flag(said, "--read-only", find),
        pid=_setting(pid, find),
        init=_flag(said, "--init", find),
        cap_add=tuple(_list(said, "--cap-add", find)),
        cap_drop=tuple(_list(said, "--cap-drop", find)),
        privileged=_flag(said, "--privileged", find),
        no_new_privileges=no_new_privileges(_options(said, find)),
        seccomp=seccomp(_options(said, find)),
        workdir=_setting(workdir, find),
        checks=(_check(health, find(health)),) if health and health != "none" else (),
        checks_disabled=health == "none" or said.flags.get("--no-healthcheck", False),
        engine="podman" if said.program == "podman" or kind == "Quadlet" else "",
        network=network if not has_hole(network) else SOME_NETWORK,
        project=project,
        passing=interactive,
    )


def _value(text: str) -> str | Unknown:
    return Unknown(f"it depends on {', '.join(hole_names(text))}") if has_hole(text) else text


def _setting(text: str | None, find: Callable[[str], Place]) -> ConsumerSetting[str] | None:
    return ConsumerSetting(_value(text), find(text)) if text is not None else None


def _flag(said: Said, name: str, find: Callable[[str], Place]) -> ConsumerSetting[bool] | None:
    return ConsumerSetting(said.flags[name], find(name)) if name in said.flags else None


def _list(said: Said, name: str, find: Callable[[str], Place]) -> Iterator[ConsumerSetting[str]]:
    for value in said.all(name):
        for one in value.split(","):
            yield ConsumerSetting(_value(one), find(value))


def _command(text: str | None, find: Callable[[str], Place]) -> ConsumerSetting[tuple[str, ...]] | None:
    if text is None:
        return None
    value = _value(text)
    return ConsumerSetting(value if isinstance(value, Unknown) else ((value,) if value else ()), find(text))


def _arguments(said: Said, find: Callable[[str], Place]) -> ConsumerSetting[tuple[str, ...]] | None:
    if not said.arguments:
        return None
    unknown = next((Unknown("a variable stands in it") for word in said.arguments if has_hole(word)), None)
    return ConsumerSetting(unknown if unknown is not None else said.arguments, find(said.arguments[0]))


def _environment(said: Said, find: Callable[[str], Place]) -> Iterator[tuple[str, ConsumerSetting[str]]]:
    for text in said.all("-e", "--env"):
        name, equals, value = text.partition("=")
        if has_hole(name):
            continue
        outside = Unknown("its value is taken from where the container is started")
        yield name, ConsumerSetting(_value(value) if equals else outside, find(f"{name}=" if equals else name))


def _mounts(said: Said, find: Callable[[str], Place]) -> Iterator[Mount]:
    for text in said.all("-v", "--volume"):
        place = find(text)
        if not has_hole(text):
            mount = read_volume(text, place)
            if mount is not None:
                yield mount
            continue
        match = re.fullmatch(r"(?P<source>.*):(?P<target>/[^:]*)(?::(?P<options>[\w,]+))?", text, re.DOTALL)
        if match is None or has_hole(match["target"]):
            yield Mount("unknown", None, Unknown("a variable stands in it"), place)
            continue
        options = tuple((match["options"] or "").split(",")) if match["options"] else ()
        kind = "bind" if "/" in match["source"] or re.search(r"PWD|pwd", match["source"]) else "unknown"
        yield Mount(kind, None, match["target"], place, "ro" in options, options=options)  # type: ignore[arg-type]
    for text in said.all("--tmpfs"):
        target, _, listed = text.partition(":")
        yield Mount("tmpfs", None, _value(target), find(text), options=tuple(filter(None, listed.split(","))))
    for text in said.all("--mount"):
        yield from _long_mount(text, find(text))


def _long_mount(text: str, place: Place) -> Iterator[Mount]:
    pairs = {key: value for key, _, value in (part.partition("=") for part in text.split(","))}
    target = pairs.get("target") or pairs.get("dst") or pairs.get("destination")
    if target is None:
        return
    kind = pairs.get("type", "volume")
    known: dict[str, str] = {"bind": "bind", "tmpfs": "tmpfs", "volume": "volume"}
    yield Mount(
        known.get(kind, "unknown"),  # type: ignore[arg-type]
        pairs.get("source") or pairs.get("src"),
        _value(target),
        place,
        _said_read_only(pairs),
        kind == "volume" and "volume-nocopy" not in pairs,
    )


def _said_read_only(pairs: Mapping[str, str]) -> bool | Unknown:
    """`readonly`, `ro` or either with a value that strconv.ParseBool reads (docker/cli, opts/mount.go)."""
    value = pairs.get("readonly", pairs.get("ro", "false"))
    if has_hole(value):
        return Unknown("a variable says whether it is read-only")
    return value in ("", "1", "t", "T", "true", "TRUE", "True")


def _ports(said: Said, find: Callable[[str], Place]) -> Iterator[Port]:
    for text in said.all("-p", "--publish"):
        if not has_hole(text):
            port = read_port(text, find(text))
            if port is not None:
                yield port
            continue
        match = re.search(r":(\d+)(?:/(\w+))?$", text)
        yield Port(int(match[1]) if match else None, None, (match[2] if match else None) or "tcp", find(text))


def _options(said: Said, find: Callable[[str], Place]) -> Iterator[ConsumerSetting[str]]:
    return (ConsumerSetting(_value(text), find(text)) for text in said.all("--security-opt"))


def _check(command: str, place: Place) -> Check:
    value = _value(command)
    return Check(value if isinstance(value, Unknown) else (value,), place, shell=True)


# Where such commands stand


def script_consumers(snapshot: Snapshot, path: str) -> Iterator[Consumer]:
    """The containers that a shell script runs."""
    text = text_of(snapshot, path)
    folder = path.rpartition("/")[0]
    found = commands(text, {}, own_folder=folder)
    yield from _of_commands(found, snapshot, path, text, "docker run")


def makefile_consumers(snapshot: Snapshot, path: str) -> Iterator[Consumer]:
    """The containers that a Makefile's recipes run."""
    variables, recipes = read_makefile(snapshot, path)
    found: list[BuildCommand] = []
    for number, recipe in recipes:
        if " run " in recipe or " create " in recipe:
            text = re.sub(r"^[ \t]*[-@+]+", "", expand_make(recipe, variables))
            found.extend(commands(text, {}, line=number))
    yield from _of_commands(found, snapshot, path, text_of(snapshot, path), "docker run")


def document_consumers(snapshot: Snapshot, path: str) -> Iterator[Consumer]:
    """The containers that a document shows how to run."""
    text = text_of(snapshot, path)
    rows = text.splitlines()
    number = 0
    fence = ""
    found: list[BuildCommand] = []
    while number < len(rows):
        first, row = number + 1, rows[number]
        mark = _FENCE.match(row)
        if mark is not None and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        while re.search(r"\\\s*$", row) and number + 1 < len(rows):
            number += 1
            row = row.rstrip() + "\n" + rows[number]
        number += 1
        shown = _SHOWN.search(row)
        if shown is None:
            continue
        command = re.sub(r"`#[^`]*`", "", shown[0])
        command = re.sub(r"<[\w ./:-]+>", lambda match: hole(match[0]), command)
        if "`" in row[: shown.start()] or "`" in command:
            command = command.partition("`")[0]
        prose = not fence and _is_prose(row, shown.start())
        found.extend(one for one in commands(command, {}, line=first) if not prose or _names_an_image(one))
    yield from _of_commands(found, snapshot, path, text, "documentation")


def _is_prose(row: str, at: int) -> bool:
    """Whether what stands at a column of a row outside of a code block is a part of a sentence, and not a command."""
    before = row[:at]
    return (
        before.count("`") % 2 == 0 and not before.startswith(("    ", "\t")) and before.strip() not in ("$", "$ sudo")
    )


def _names_an_image(command: BuildCommand) -> bool:
    """Whether a command between words of a sentence names an image as no word of a sentence is written."""
    said = read_run(command.words)
    return said is not None and _IMAGE.fullmatch(re.sub("\ue000[^\ue000\ue001]*\ue001", "x", said.image)) is not None


def _of_commands(
    found: Iterator[BuildCommand] | list[BuildCommand], snapshot: Snapshot, path: str, text: str, kind: Kind
) -> Iterator[Consumer]:
    rows = text.split("\n")
    shown = snapshot.show(path)
    for command in found:
        said = read_run(command.words)
        if said is None:
            continue
        place = Place(shown, Span(command.line))
        lines = _lines_of(rows, command.line)
        one = consumer_of(said, kind, place, _finder(shown, lines, command.line), "")
        if one is not None:
            yield one


def _lines_of(rows: list[str], first: int) -> list[str]:
    """The lines of a command: the first, and those that a backslash joins to it."""
    last = first - 1
    while last + 1 < len(rows) and re.search(r"\\\s*$", rows[last]):
        last += 1
    return rows[first - 1 : last + 1]


def _finder(shown: str, rows: list[str], first: int) -> Callable[[str], Place]:
    def find(word: str) -> Place:
        plain = max(re.split("\ue000[^\ue000\ue001]*\ue001", word), key=len) if has_hole(word) else word
        for sought in (plain, word.partition(":")[2]):
            for number, row in enumerate(rows):
                column = row.find(sought) if sought and not has_hole(sought) else -1
                if column >= 0:
                    return Place(shown, Span(first + number, column + 1, first + number, column + 1 + len(sought)))
        return Place(shown, Span(first))

    return find


def text_of(snapshot: Snapshot, path: str) -> str:
    """The text of a file; nothing where it cannot be read."""
    try:
        return snapshot.text(path)
    except InputError:
        return ""
