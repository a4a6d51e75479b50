"""What is run before an image is built may do to the files of the checkout: bring them, give them an x bit, mend line ends."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from weakref import WeakKeyDictionary

from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..repository.snapshot import Snapshot
from ..text.errors import InputError, Unknown
from ..text.line_ends import CARRIAGE_RETURN, CONVERTERS
from . import yaml_nodes as y
from .build_files import OTHER_CI, build_files

_LARGEST = 256 * 1024
_MOST_FILES = 200
_RUNNERS = frozenset(
    ("justfile", ".justfile", "taskfile.yml", "taskfile.yaml", "rakefile", "package.json", "earthfile")
)
_HOOKS = frozenset(("post_checkout", "pre_build", "build"))
_BUILDS = pattern(
    r"\b(?:docker|podman|nerdctl|buildah|buildx|img|kaniko)\b[^\n]{0,300}\b(?:build|bud|bake)\b|\bdocker\.build\b"
)
_CONTAINERS = pattern(r"(?i)docker|podman|buildah|kaniko")
_WORDS = pattern(r"\"[^\"\n]*\"|'[^'\n]*'|[^\s\"';&|()]+|[;&|()]+")
_MODE_WITH_X = pattern(r"[ugoa]*[+=][rwst]*[xX][rwxXst]*|[0-7]*[1357][0-7]{0,2}")
_EDITORS = frozenset(("sed", "perl", "tr", "awk", "gawk"))
_IN_PLACE = pattern(r"-[a-zE]{0,9}i.*|--in-place.*")
_COPIERS = frozenset(("cp", "rsync", "mv", "ln", "install"))
_UNPACKERS = frozenset(("tar", "bsdtar", "unzip", "7z"))
_FETCHERS = frozenset(("curl", "wget"))
_FOLDERS = {
    "tar": ("-C", "--directory"),
    "bsdtar": ("-C", "--directory"),
    "unzip": ("-d",),
    "wget": ("-P", "--directory-prefix"),
    "curl": ("--output-dir",),
    **dict.fromkeys(_COPIERS, ("-t", "--target-directory")),
}
"""The options by which programs are told the folder that they fill."""
_VALUES = {
    "git": "-b --branch --depth -o --origin -c --config --reference -j --jobs --filter -u --template".split(),
    "curl": "-d --data -H --header -u --user -A -e -X --request -F -o --output --retry --max-time -m -b -c".split(),
    "wget": "-O --output-document --header --user --password -t --tries -T --timeout".split(),
    "rsync": "-e --rsh --exclude --include --filter -f".split(),
    "install": "-m --mode -o --owner -g --group".split(),
}
"""Their options that take the next word for their value."""
_UNPACKS = pattern(r"-?[a-wyzA-Z]*x[a-zA-Z]*|--extract|--get")
_VARIABLE = pattern(r"\$\{\{.{0,300}?\}\}|\$\{[^}]{0,300}\}|\$\([^)]{0,300}\)|\$\w+")
_ENDS = pattern(r"[;&|()]+")
MOST_WORDS = 1_500
"""Words of different commands, but those that are plain names, that a path is held against. Where there are more, it is not
known what they do to it."""
_TOO_MUCH = "more is run before the build than is looked through"
_SIGNS = frozenset("*?[$`{")


@dataclass(frozen=True, slots=True)
class Prepared:
    """Commands that are run before a build, each once as (file, words): all, by the last names of their words, and how many
    words they have."""

    all: tuple[tuple[str, tuple[str, ...]], ...]
    by_end: dict[str, list[tuple[str, tuple[str, ...]]]]
    words: int


_lines: WeakKeyDictionary[Snapshot, tuple[tuple[str, str, bool], ...]] = WeakKeyDictionary()
_prepared: WeakKeyDictionary[Snapshot, dict[str, Prepared]] = WeakKeyDictionary()
_steps: WeakKeyDictionary[Snapshot, tuple[tuple[str, str, str], ...]] = WeakKeyDictionary()


def given_x(snapshot: Snapshot, path: str) -> Unknown | None:
    """Why a file without x bit may have one when the image is built: something that builds it gives one to the path."""
    return _touched(snapshot, path, "gives x bits", _giving_x)


def _giving_x(snapshot: Snapshot) -> Iterator[tuple[str, tuple[str, ...]]]:
    for shown, line, _ in _rows(snapshot):
        if "chmod" in line:
            yield from ((shown, tuple(words)) for words in _given_x(line))


def mended_ends(snapshot: Snapshot, path: str) -> Unknown | None:
    """Why a file with CR LF may have other line ends when the image is built."""
    return _touched(snapshot, path, "changes line ends", _mending_ends)


def _mending_ends(snapshot: Snapshot) -> Iterator[tuple[str, tuple[str, ...]]]:
    for shown, line, _ in _rows(snapshot):
        may = CARRIAGE_RETURN.search(line) is not None or "dos" in line or "d2u" in line
        if may and _mends_ends(line):
            yield shown, tuple(_plain(word) for word in _WORDS.findall(line))


def _touched(
    snapshot: Snapshot,
    path: str,
    what: str,
    commands: Callable[[Snapshot], Iterable[tuple[str, tuple[str, ...]]]],
) -> Unknown | None:
    """Why one of the commands may do to a path what they all do; they are looked for once."""
    named = _commands_of(snapshot, what, lambda: ((s, w) for s, w in commands(snapshot) if _ends_of(w)))
    others = _commands_of(
        snapshot, f"{what} to some", lambda: ((s, w) for s, w in commands(snapshot) if not _ends_of(w))
    )
    if others.words > MOST_WORDS:
        return Unknown(_TOO_MUCH)
    found = [one for part in set(path.split("/")) for one in named.by_end.get(part, ())]
    shown = next((shown for shown, words in (*found, *others.all) if _covers(words, path)), None)
    return Unknown(f"{shown} {what} before the build") if shown is not None else None


def _ends_of(words: tuple[str, ...]) -> frozenset[str]:
    """The last names of the paths that a command gives, one of which is a part of what it touches; none where any has other
    signs than names and slashes have."""
    ends = set[str]()
    for word in words:
        parts = [part for part in word.split("/") if part not in ("", ".", "..", "**")]
        if not parts or not _SIGNS.isdisjoint(word):
            return frozenset()
        ends.add(parts[-1])
    return frozenset(ends)


def _commands_of(
    snapshot: Snapshot, what: str, commands: Callable[[], Iterable[tuple[str, tuple[str, ...]]]]
) -> Prepared:
    """The commands of a kind, each once."""
    kinds = _prepared.setdefault(snapshot, {})
    if what not in kinds:
        found: dict[tuple[str, ...], str] = {}
        for shown, words in commands():
            found.setdefault(words, shown)
        by_end: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for words, shown in found.items():
            for end in _ends_of(words):
                by_end.setdefault(end, []).append((shown, words))
        every = tuple((shown, words) for words, shown in found.items())
        kinds[what] = Prepared(every, by_end, sum(map(len, found)))
    return kinds[what]


def _mends_ends(line: str) -> bool:
    """Whether a line has a program that mends line ends, or an edit of `\\r` whose result a file gets: what goes on into a pipe
    mends none."""
    at = 0
    for command in line.split("|"):
        programs = {word.rpartition("/")[2] for word in command.replace(";", " ").split()}
        if programs & CONVERTERS:
            return True
        match = CARRIAGE_RETURN.search(command)
        if match is not None and programs & _EDITORS:
            mark = match.start()
            in_place = any(_IN_PLACE.fullmatch(word) for word in command.split())
            if in_place or line.find(">", at + mark) >= 0 or line.find("sponge", at + mark) >= 0:
                return True
        at += len(command) + 1
    return False


def brought(snapshot: Snapshot, path: str) -> Unknown | None:
    """Why a path that the repository lacks may be brought by a step that runs before the build and does not name it."""
    for shown, what, into in _bringing_steps(snapshot):
        if not into or path == into or path.startswith(f"{into}/"):
            return Unknown(f"{path} is not in the repository, and {what} in {shown} may bring it")
    folder = path.rpartition("/")[0]
    alone = snapshot.is_directory(folder)
    known = _commands_of(snapshot, "brings", lambda: _filling(snapshot))
    if known.words > MOST_WORDS:
        return Unknown(_TOO_MUCH)
    for shown, (below, *words) in known.all:
        if (not below or f"{folder}/".startswith(f"{below}/")) and _brings(words, path, beside=alone):
            return Unknown(f"{path} is not in the repository, and {shown} may bring it")
    return None


def _filling(snapshot: Snapshot) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The commands that fill folders, each behind the folder that it is surely run in ("" where that is not known)."""
    for shown, line, builds in _rows(snapshot):
        below = shown.rpartition("/")[0] if shown.endswith((".sh", ".bash")) else ""
        if builds:
            yield from ((shown, (below, *words)) for words in _commands(line))


def _commands(line: str) -> Iterator[list[str]]:
    """The words of each command of a line, from the program on that copies, unpacks or fetches."""
    words: list[str] = []
    for word in (*_joined(line), ";"):
        if _ENDS.fullmatch(word):
            at = next(
                (n for n, one in enumerate(words) if _fills_folders(one.rpartition("/")[2], words[n + 1 : n + 2])), None
            )
            if at is not None:
                yield [words[at].rpartition("/")[2], *words[at + 1 :]]
            words = []
        else:
            words.append(word)


def _joined(line: str) -> Iterator[str]:
    """The words of a line, what is quoted joined with what it touches: `"$OUT"/lib` is one."""
    word, end = "", 0
    for match in _WORDS.finditer(_VARIABLE.sub("$V", line)):
        separator = _ENDS.fullmatch(match[0]) is not None
        if word and (match.start() > end or separator):
            yield word
            word = ""
        if separator:
            yield match[0]
        else:
            word += _plain(match[0])
        end = match.end()
    if word:
        yield word


def _fills_folders(program: str, rest: list[str]) -> bool:
    return program in _COPIERS | _UNPACKERS | _FETCHERS or (program == "git" and rest[:1] == ["clone"])


def _brings(words: list[str], path: str, *, beside: bool) -> bool:
    """Whether a command may make the path, by a name that it does not give. `beside` if the path's folder is there."""
    program, *rest = words
    into, operands = _into(program, rest)
    if program == "git":
        folder = operands[2:3]
        return _lands(folder[0], path) if folder else not beside and any("$" in one for one in operands[1:2])
    if program in _UNPACKERS:
        unpacks = program in ("unzip", "7z") or (bool(rest) and any(_UNPACKS.fullmatch(word) for word in rest))
        return unpacks and _lands(into, path)
    if program in _FETCHERS:
        named = any(word.startswith(("-O", "-qO", "-o", "--output-document", "--output=")) for word in rest)
        if program == "curl":
            named = not any(
                word == "--remote-name" or (word[:1] == "-" and word[1:2] != "-" and "O" in word) for word in rest
            )
        names = (_VARIABLE.sub("*", word.rpartition("/")[2]) for word in operands if "://" in word or "$" in word)
        fits = any("*" in name and fnmatchcase(path.rpartition("/")[2], name) for name in names)
        return not named and fits and _lands(into, path)
    return len(operands) > 1 and any(map(_has_any_name, operands[:-1])) and _lands(operands[-1], path)


def _into(program: str, words: list[str]) -> tuple[str, list[str]]:
    """The folder that a command is told to work in, "." where none is, and its operands; of a copier that is told its target
    by an option, that is the last of them."""
    options, values = _FOLDERS.get(program, ()), _VALUES.get(program, ())
    into, operands, at = ".", list[str](), 0
    while at < len(words):
        word, (name, equals, value) = words[at], words[at].partition("=")
        if word in options and at + 1 < len(words):
            into, at = words[at + 1], at + 1
        elif equals and name in options:
            into = value
        elif word in values:
            at += 1
        elif not word.startswith("-"):
            operands.append(word)
        at += 1
    if program in _COPIERS and into != ".":
        operands.append(into)
    elif program in _COPIERS and any(word in options or word.partition("=")[0] in options for word in words):
        operands.append(".")
    return into, operands


def _has_any_name(source: str) -> bool:
    """Whether what is copied from there has names that the operand does not give: a pattern, a folder, a variable."""
    return any(mark in source for mark in "*?[$") or source.endswith(("/", "/.")) or source.strip("./") == ""


def _lands(folder: str, path: str) -> bool:
    """Whether what is put into a folder of the checkout may be the path, or above it."""
    return not folder.startswith("/") and _may_be(folder, path)


def _given_x(line: str) -> Iterator[list[str]]:
    """What each `chmod` of a line, or the `find` or list that is before it, gives the x bit to."""
    words = [_plain(word) for word in _WORDS.findall(line)]
    for at, word in enumerate(words):
        if word.rpartition("/")[2] != "chmod":
            continue
        rest: list[str] = []
        for other in words[at + 1 :]:
            if _ENDS.fullmatch(other):
                break
            rest.append(other)
        rest = [other for other in rest if not other.startswith("-") or _MODE_WITH_X.fullmatch(other)]
        if not rest or not (_MODE_WITH_X.fullmatch(rest[0]) or "$" in rest[0]):
            continue
        operands = [other for other in rest[1:] if other not in ("{}", "\\", "+")]
        yield operands or words[:at]


def _plain(word: str) -> str:
    return word.strip("\"'")


def _covers(words: Sequence[str], path: str) -> bool:
    """Whether one of the words is, or may be, the path or a folder above it, seen from whatever folder."""
    names = [words[at + 1] for at, word in enumerate(words[:-1]) if word in ("-name", "-iname")]
    if names and not any("$" in name or fnmatchcase(path.rpartition("/")[2], name) for name in names):
        return False
    return any(_may_be(word, path) for word in words if word not in names and not word.startswith("-"))


def _may_be(word: str, path: str) -> bool:
    if "$" in word or "`" in word or "{{" in word:
        return True
    if word.startswith("/") or not word:
        return False
    wanted = [part for part in word.split("/") if part not in ("", ".", "..", "**")]
    if not wanted:
        return word.strip("./*") == "" and "." in word
    parts = path.split("/")
    offsets = range(len(parts) - len(wanted) + 1)
    return any(all(fnmatchcase(parts[at + n], one) for n, one in enumerate(wanted)) for at in offsets)


def _rows(snapshot: Snapshot) -> tuple[tuple[str, str, bool], ...]:
    """The lines, with who holds them, of what builds images and of what runs before; last whether that file does."""
    found = _lines.get(snapshot)
    if found is None:
        found = _lines[snapshot] = tuple(
            (shown, line, builds)
            for shown, text, builds in _texts(snapshot)
            for line in text.replace("\\\n", " ").splitlines()
            if not line.lstrip().startswith("#")
        )
    return found


def _texts(snapshot: Snapshot) -> Iterator[tuple[str, str, bool]]:
    for path in list(dict.fromkeys(_paths(snapshot)))[:_MOST_FILES]:
        entry = snapshot.get(path)
        if entry is None or entry.kind != "file" or entry.size > _LARGEST:
            continue
        try:
            text = snapshot.text(path)
        except InputError:
            continue
        if not path.endswith((".sh", ".bash")) or _BUILDS.search(text):
            ci = path.endswith((".yml", ".yaml"))
            yield snapshot.show(path), text, not ci or _CONTAINERS.search(text) is not None


def _paths(snapshot: Snapshot) -> Iterator[str]:
    for kind, path in build_files(snapshot):
        if kind in ("workflow", "gitlab", "makefile", "jenkinsfile", "script"):
            yield path
    for path in snapshot.entries:
        folder, _, name = path.rpartition("/")
        hook = name in _HOOKS and folder.rpartition("/")[2] == "hooks"
        if hook or (name.lower() in _RUNNERS and folder.count("/") < 2) or OTHER_CI.search(path):
            yield path


def _bringing_steps(snapshot: Snapshot) -> tuple[tuple[str, str, str], ...]:
    """(file, what it does, folder that it fills) of steps that bring files nobody can name; '' for any folder."""
    found = _steps.get(snapshot)
    if found is None:
        found = _steps[snapshot] = tuple(_bringing(snapshot))
    return found


def _bringing(snapshot: Snapshot) -> Iterator[tuple[str, str, str]]:
    for path in snapshot.entries:
        name = path.rpartition("/")[2].lower()
        if name.endswith((".yml", ".yaml")) and name.lstrip(".").startswith("goreleaser"):
            content = snapshot.content(path)
            if isinstance(content, bytes) and b"dockers" in content:
                yield snapshot.show(path), "the release tool, which builds in a folder of its own,", ""
    for kind, path in build_files(snapshot):
        if kind != "workflow":
            continue
        try:
            text = snapshot.text(path)
            asked = _CONTAINERS.search(text) and ("actions/checkout" in text or "artifact" in text)
            root = y.document(text) if asked else None
        except InputError:
            continue
        if root is not None:
            jobs = [job for _, job in y.items(y.get(root, "jobs"))]
            for job in (*jobs, y.get(root, "runs")):
                for step in y.sequence(y.get(job, "steps")):
                    yield from _brought_by(snapshot.show(path), step)


def _brought_by(shown: str, step: y.Node) -> Iterator[tuple[str, str, str]]:
    uses = (y.scalar(y.get(step, "uses")) or "").partition("@")[0]
    into = (y.scalar(y.get(step, "with", "path")) or "").strip().removeprefix("./").strip("/")
    other = y.scalar(y.get(step, "with", "repository")) or ""
    if "runner.temp" in into or into.startswith("tmp/"):
        return
    into = "" if "$" in into or into == "." else into
    if uses == "actions/checkout" and (into or (other and "github.repository" not in other)):
        yield shown, "the checkout of another repository" if other else "a checkout of its own", into
    elif uses.endswith("download-artifact"):
        yield shown, "the artifact of another job", into
