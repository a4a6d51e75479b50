"""Telling a kept result again.

A result is found by what decides it before any file is looked at (`key`), and holds all answers that the run had from the
disk (`lineage/repository/asked.py`). It is told where each of these is still the answer; else, and where the entry is
damaged or somebody else's, the run is made anew.
"""

import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence

from ...lineage.repository.asked import Answer, Question, digest_of, same

MAGIC = b"ctlint result 1\n"
LARGEST = 32 << 20
"""Bytes of an entry."""
VARIABLES = (
    "COLUMNS",
    "FORCE_COLOR",
    "GITHUB_ACTIONS",
    "GIT_INDEX_FILE",
    "HOME",
    "LINES",
    "NO_COLOR",
    "TERM",
    "USERPROFILE",
)
"""The environment variables that a lint asks, besides those that --build-arg names."""
_OWN = ("lineage", "lint", "rules")
_OWN_SUFFIXES = (".py", ".json")
_OWN_SKIPPED = ("__pycache__", "examples")


class DamagedError(Exception):
    """An entry that is none, or not whole."""


class Kept:
    """A result: the exit code, what was written, and the answers that it stands on."""

    def __init__(self, code: int, out: bytes, err: bytes, told: Sequence[tuple[Question, Answer]]) -> None:
        self.code = code
        self.out = out
        self.err = err
        self.told = told

    def as_bytes(self, name: str) -> bytes:
        """The entry's file; under another name it is damaged."""
        rows = [part for question, answer in self.told for part in (*question, *answer)]
        text = "\0".join(rows).encode("utf-8", "surrogateescape")
        head = f"{self.code} {len(self.told)} {len(self.out)} {len(self.err)}\n".encode()
        body = head + self.out + self.err + text
        return MAGIC + _sum(name, body) + body

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> "Kept":
        """The result that the file of the entry of that name holds. Raises DamagedError."""
        start = len(MAGIC) + _SUM
        body = data[start:]
        if data[: len(MAGIC)] != MAGIC or data[len(MAGIC) : start] != _sum(name, body):
            raise DamagedError
        head, _, rest = body.partition(b"\n")
        code, count, out, err = map(int, head.split())
        rows = rest[out + err :].decode("utf-8", "surrogateescape").split("\0") if count else []
        if len(rows) != 4 * count:
            raise DamagedError
        told = [((rows[at], rows[at + 1]), (rows[at + 2], rows[at + 3])) for at in range(0, len(rows), 4)]
        return cls(code, rest[:out], rest[out : out + err], told)


_SUM = 40


def _sum(name: str, body: bytes) -> bytes:
    return digest_of(name.encode("ascii") + b"\n" + body).encode()


def replayed(words: Sequence[str]) -> int | None:
    """Tell the kept result of `ctlint WORDS` again and return its exit code; None where there is none that still holds."""
    if not words or words[0] != "lint":
        return None
    try:
        path = entry_path(words)
        kept = read_entry(path) if path is not None else None
        if path is None or kept is None or not same(kept.told):
            return None
        os.utime(path)  # the entries that are not used are the first to go
    except (OSError, ValueError):
        return None
    for stream, data in ((sys.stderr, kept.err), (sys.stdout, kept.out)):
        if data:
            stream.buffer.write(data)
            stream.flush()
    return kept.code


def entry_path(words: Sequence[str]) -> str | None:
    """Where the result of `ctlint WORDS` is kept; None where none can be."""
    own = key(words)
    base = folder()
    if own is None or base is None:
        return None
    text = "\0".join(f"{name}\0{value}" for name, value in own.items()).encode("utf-8", "surrogateescape")
    return os.path.join(base, digest_of(text))


def read_entry(path: str) -> Kept | None:
    """The entry of that name; None where there is none. One that is damaged or somebody else's is removed if possible."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        mine = not hasattr(os, "getuid") or about.st_uid == os.getuid()
        fit = stat.S_ISREG(about.st_mode) and mine and about.st_size <= LARGEST
        data = file.read(LARGEST + 1) if fit else b""
    try:
        return Kept.from_bytes(data, os.path.basename(path))
    except (DamagedError, ValueError):
        try:
            os.unlink(path)
        except OSError:
            return None
        return None


def folder() -> str | None:
    """The folder of kept results, in the user's folder for caches; None where there is none."""
    if sys.platform in ("darwin", "win32"):
        from platformdirs import user_cache_path

        return str(user_cache_path("ctlint") / "results")
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not base.strip():
        base = os.path.expanduser("~/.cache")
    return os.path.join(base, "ctlint", "results") if os.path.isabs(base) else None


def key(words: Sequence[str]) -> Mapping[str, str] | None:
    """What decides a result before any file is looked at, by name; None where ctlint cannot tell its own code."""
    code = code_stamp()
    if code is None:
        return None
    return {
        "words": "\0".join(words),
        "folder": os.getcwd(),
        "variables": "\0".join(_variables(words)),
        "streams": "\0".join(map(_stream, (sys.stdout, sys.stderr))),
        "python": f"{sys.version}\0{sys.prefix}",
        "code": code,
    }


def _variables(words: Sequence[str]) -> Iterator[str]:
    """The variables that the run asks; any word may be one of --build-arg."""
    named = [name for word in words for name in (word, word.rpartition("=")[2])]
    for name in (*VARIABLES, *named):
        if "=" not in name and "\0" not in name and name in os.environ:
            yield f"{name}={os.environ[name]}"


def _stream(stream: object) -> str:
    """What decides how a stream is written to: whether it is a terminal, how wide, its encoding."""
    terminal = bool(getattr(stream, "isatty", bool)())
    width = ""
    if terminal:
        try:
            width = str(os.get_terminal_size().columns)
        except OSError:
            width = "?"
    return f"{terminal} {width} {getattr(stream, 'encoding', None)} {getattr(stream, 'errors', None)}"


def code_stamp() -> str | None:
    """A digest that changes with ctlint's own code and data, and with what is installed beside it. None where ctlint does
    not lie in a folder."""
    top = next(iter(sys.modules[__name__.partition(".")[0]].__path__))
    rows: list[str] = []
    try:
        for name in _OWN:
            rows += files_below(os.path.join(top, name))
    except OSError:
        return None
    for place in sys.path:
        try:
            rows += sorted(name for name in os.listdir(place) if name.endswith((".dist-info", ".egg-info")))
        except OSError:
            continue
    return digest_of("\0".join(rows).encode("utf-8", "surrogateescape"))


def files_below(top: str) -> Iterator[str]:
    """A row for each file of ctlint below a folder, which changes with the file."""
    with os.scandir(top) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name.endswith(_OWN_SUFFIXES):
            about = entry.stat()
            yield f"{entry.path} {about.st_size} {about.st_mtime_ns} {about.st_ctime_ns}"
        elif "." not in entry.name and entry.name not in _OWN_SKIPPED and entry.is_dir():
            yield from files_below(entry.path)
