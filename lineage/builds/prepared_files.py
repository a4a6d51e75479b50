"""What is run before an image is built may do to the files of the checkout: bring them, give them an x bit, mend line ends."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from weakref import WeakKeyDictionary

from ..late.patterns import pattern
from ..repository.snapshot import Snapshot
from ..text.errors import InputError, Unknown
from . import yaml_nodes as y
from .build_files import OTHER_CI, build_files

_LARGEST = 256 * 1024
_MOST_FILES = 200
_RUNNERS = frozenset(
    ("justfile", ".justfile", "taskfile.yml", "taskfile.yaml", "rakefile", "package.json", "earthfile")
)
_HOOKS = frozenset(("post_checkout", "pre_build", "build"))
_BUILDS = pattern(
    r"\b(?:docker|podman|nerdctl|buildah|buildx|img|kaniko)\b[^\n]*\b(?:build|bud|bake)\b|\bdocker\.build\b"
)
_CONTAINERS = pattern(r"(?i)docker|podman|buildah|kaniko")
_WORDS = pattern(r"\"[^\"\n]*\"|'[^'\n]*'|[^\s\"';&|()]+|[;&|()]+")
_MODE_WITH_X = pattern(r"[ugoa]*[+=][rwXst]*[xX][rwxXst]*|[0-7]*[1357][0-7]{0,2}")
_MENDS_ENDS = pattern(
    r"\b(?:dos2unix|fromdos|d2u)\b|\b(?:sed|perl)\b[^|]*\s(?:-[a-zE]*i|--in-place)[^|]*\\r|\b(?:sed|tr|perl|awk)\b.*\\r.*(?:>|\bsponge\b)"
)
"""A program that mends line ends, or an edit whose result a file gets: what goes on into a pipe mends none."""
_BRINGS_ANYTHING = pattern(
    r"\b(?:cp|rsync|mv|ln)\b[^\n;&|]*(?:[*$]|\s\.\.?/?(?=$|[\s\"';&|]))|\bcurl\b[^\n;&|]*\s-\w*O[^\n;&|]*\$"
    r"|\bwget\b(?![^\n;&|]*-O)[^\n;&|]*\$|\b(?:tar\s+-?\w*x|unzip\s|7z\s+x)|\bgit\s+clone\b[^\n;&|]*\$"
)
_ENDS = pattern(r"[;&|()]+")
_lines: WeakKeyDictionary[Snapshot, tuple[tuple[str, str], ...]] = WeakKeyDictionary()
_steps: WeakKeyDictionary[Snapshot, tuple[tuple[str, str, str], ...]] = WeakKeyDictionary()


def given_x(snapshot: Snapshot, path: str) -> Unknown | None:
    """Why a file without x bit may have one when the image is built: something that builds it gives one to the path."""
    for shown, line in _rows(snapshot):
        if "chmod" in line and any(_covers(words, path) for words in _given_x(line)):
            return Unknown(f"{shown} gives x bits before the build")
    return None


def mended_ends(snapshot: Snapshot, path: str) -> Unknown | None:
    """Why a file with CR LF may have other line ends when the image is built."""
    for shown, line in _rows(snapshot):
        may = "\\r" in line or "dos" in line or "d2u" in line
        if may and _MENDS_ENDS.search(line) and _covers([_plain(word) for word in _WORDS.findall(line)], path):
            return Unknown(f"{shown} changes line ends before the build")
    return None


def brought(snapshot: Snapshot, path: str) -> Unknown | None:
    """Why a path that the repository lacks may be brought by a step that runs before the build and does not name it."""
    for shown, what, into in _bringing_steps(snapshot):
        if not into or path == into or path.startswith(f"{into}/"):
            return Unknown(f"{path} is not in the repository, and {what} in {shown} may bring it")
    folder = path.rpartition("/")[0]
    for shown, line in _rows(snapshot):
        script = shown.rpartition("/")[0]
        if shown.endswith((".sh", ".bash")) and script and not f"{folder}/".startswith(f"{script}/"):
            continue
        if _BRINGS_ANYTHING.search(line):
            return Unknown(f"{path} is not in the repository, and {shown} may bring it")
    return None


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


def _covers(words: list[str], path: str) -> bool:
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


def _rows(snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """The lines, with who holds them, of what builds images and of what runs before."""
    found = _lines.get(snapshot)
    if found is None:
        found = _lines[snapshot] = tuple(
            (shown, line)
            for shown, text in _texts(snapshot)
            for line in text.replace("\\\n", " ").splitlines()
            if not line.lstrip().startswith("#")
        )
    return found


def _texts(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    for path in list(dict.fromkeys(_paths(snapshot)))[:_MOST_FILES]:
        entry = snapshot.get(path)
        if entry is None or entry.kind != "file" or entry.size > _LARGEST:
            continue
        try:
            text = snapshot.text(path)
        except InputError:
            continue
        if not path.endswith((".sh", ".bash")) or _BUILDS.search(text):
            yield snapshot.show(path), text


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
        except InputError:
            continue
        if _CONTAINERS.search(text) and ("actions/checkout" in text or "artifact" in text):
            root = y.document(text)
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
