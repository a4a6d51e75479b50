"""What a run asks of this machine's disk, and what it was told: so that a later run can tell whether it would be told the same.

Every question of a lint run goes through this file. While nothing listens (`listen`), a question costs nothing more. An
answer is kept as little text: of contents and listings a digest. Beside it stands the stamp of the file or folder (size,
inode, mode, times of change): while that is the same nothing is read again to tell that the answer is. A stamp counts only
where it was older than the answer by more than the disk's clock may be off, for whoever writes twice within one tick of it
leaves the same stamp.
"""

import os
import stat
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

try:
    from _blake2 import blake2b  # hashlib's, without what hashlib loads
except ImportError:  # a Python that has it elsewhere
    from hashlib import blake2b

Question = tuple[str, str]
"""(kind, path). The kinds are `_CONTENTS` and the keys of `_ANSWERS`."""
Answer = tuple[str, str]
"""(what was told, the stamp: empty where the answer is asked for again each time)."""

MOST = 100_000
"""DiskAnswers that are taken down; to look after more would take longer than it saves."""
_TICK = 50_000_000
"""Nanoseconds by which a file may be younger than its stamp says: file systems stamp by the kernel's tick."""
_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class DiskAnswers:
    """What was asked and told. `beyond` says that the run asked of more than the disk: of a program, of the network;
    `wanted`, that the run would tell the same again."""

    def __init__(self) -> None:
        self.folder = os.getcwd()
        self.told: dict[Question, Answer] = {}
        self.beyond = False
        self.wanted = False
        self.handed_over = 0


_listening: list[DiskAnswers] = []


def listen() -> DiskAnswers:
    """Take down all answers from now on, until the process ends or `stop` is called."""
    answers = DiskAnswers()
    _listening[:] = [answers]
    return answers


def listens() -> bool:
    """Whether answers are taken down."""
    return bool(_listening)


def stop() -> None:
    """Take down no more."""
    _listening.clear()


def beyond_the_disk() -> None:
    """Say that the run asks of a program or the network: what these tell cannot be told from the disk."""
    for answers in _listening:
        answers.beyond = True


def worth_keeping() -> None:
    """Say that the run changes nothing, and tells the same again where it is answered the same."""
    for answers in _listening:
        answers.wanted = True


def news() -> tuple[tuple[Question, Answer], ...]:
    """What was asked and told since this was last asked for, as plain data: a process that works for another hands it over."""
    if not _listening:
        return ()
    answers = _listening[0]
    found = tuple(islice(answers.told.items(), answers.handed_over, None))
    answers.handed_over = len(answers.told)
    return found


def take_in(told: Iterable[tuple[Question, Answer]]) -> None:
    """Add what another process was told."""
    for answers in _listening:
        answers.told.update(told)
        answers.beyond |= len(answers.told) > MOST


# Questions: each answers as the function of `os` that it is named for.


def status(path: str | os.PathLike[str], *, follow: bool = True) -> os.stat_result:
    """`os.stat`. Kind, mode and size count as its answer. Raises OSError."""
    try:
        found = os.stat(path, follow_symlinks=follow)
    except OSError as error:
        _note("status" if follow else "own status", path, _failed(error))
        raise
    note_status(path, found, follow=follow)
    return found


def note_status(path: str | os.PathLike[str], found: os.stat_result, *, follow: bool = False) -> None:
    """Take down a status that was asked for by other means."""
    if _listening:
        _note("status" if follow else "own status", path, _state(found))


def is_folder(path: str | os.PathLike[str]) -> bool:
    """`os.path.isdir`."""
    return _is(path, stat.S_ISDIR)


def is_file(path: str | os.PathLike[str]) -> bool:
    """`os.path.isfile`."""
    return _is(path, stat.S_ISREG)


def exists(path: str | os.PathLike[str]) -> bool:
    """`os.path.exists`."""
    return _is(path, lambda mode: True)


def is_link(path: str | os.PathLike[str]) -> bool:
    """`os.path.islink`."""
    return _is(path, stat.S_ISLNK, follow=False)


def listing(folder: str | os.PathLike[str]) -> "list[os.DirEntry[str]]":
    """`os.scandir`, as a list. Names and kinds count as its answer. Raises OSError."""
    try:
        stamp = _stamp(os.stat(folder)) if _listening else ""
        with os.scandir(folder) as entries:
            found = list(entries)
    except OSError as error:
        _note("listing", folder, _failed(error))
        raise
    if _listening:
        _note("listing", folder, _listed(found), stamp)
    return found


def names(folder: str | os.PathLike[str]) -> list[str]:
    """`os.listdir`. Raises OSError."""
    return [entry.name for entry in listing(folder)]


def target(path: str | os.PathLike[str]) -> str:
    """`os.readlink`. Raises OSError."""
    try:
        found = os.readlink(path)
    except OSError as error:
        _note("target", path, _failed(error))
        raise
    _note("target", path, os.fspath(found))
    return os.fspath(found)


def real(path: str | os.PathLike[str]) -> str:
    """`os.path.realpath`."""
    found = os.path.realpath(path)
    _note("real", path, found)
    return found


def readable(path: str | os.PathLike[str]) -> bool:
    """`os.access` for reading."""
    found = os.access(path, os.R_OK)
    _note("readable", path, str(found))
    return found


def note_content(path: str | os.PathLike[str], data: bytes, about: os.stat_result, *, follow: bool = True) -> None:
    """Take down the content of a file that was read, with the status that it had before."""
    if _listening:
        _note(_content_of(follow), path, _digest(data), _stamp(about))


def note_failure(path: str | os.PathLike[str], error: OSError, *, follow: bool = True) -> None:
    """Take down that a file could not be read."""
    _note(_content_of(follow), path, _failed(error))


def _content_of(follow: bool) -> str:
    return "content" if follow else "own content"


# Telling whether the same would be told


def same(told: Iterable[tuple[Question, Answer]], kinds: Sequence[str] | None = None) -> bool:
    """Whether each question is still answered as it was. `kinds` are those that are asked, all where it is None."""
    for (kind, path), (answer, stamp) in told:
        if (kinds is None or kind in kinds) and not _same(kind, path, answer, stamp):
            return False
    return True


def _same(kind: str, path: str, answer: str, stamp: str) -> bool:
    ask = _ANSWERS.get(kind)
    if ask is None and kind not in _CONTENTS:
        return False
    try:
        if stamp and _fits(stamp, os.stat(path, follow_symlinks=kind != "own content")):
            return True
        if kind in _CONTENTS:
            most = 0 if answer.startswith("error") else int(answer.partition(" ")[0]) + 1
            return _content(path, most, follow=kind == "content") == answer
        return ask is not None and ask(path) == answer
    except OSError as error:
        return _failed(error) == answer
    except ValueError:
        return False


def _note(kind: str, path: str | os.PathLike[str], answer: str, stamp: str = "") -> None:
    for answers in _listening:
        if len(answers.told) >= MOST:
            answers.beyond = True
        else:
            answers.told[kind, os.path.join(answers.folder, path)] = (answer, stamp)


def _is(path: str | os.PathLike[str], kind: Callable[[int], bool], *, follow: bool = True) -> bool:
    try:
        return kind(status(path, follow=follow).st_mode)
    except (OSError, ValueError):
        return False


def _state(found: os.stat_result) -> str:
    size = found.st_size if stat.S_ISREG(found.st_mode) else 0
    return f"{found.st_mode:o} {size}"


def _stamp(found: os.stat_result) -> str:
    """What changes with a file's content or a folder's names; empty where it changed so lately that it may again unseen."""
    changed = max(found.st_mtime_ns, found.st_ctime_ns)
    if time.time_ns() - changed < _TICK:
        return ""
    return _fixed(found)


def _fixed(found: os.stat_result) -> str:
    times = f"{found.st_mtime_ns} {found.st_ctime_ns}"
    return f"{found.st_dev} {found.st_ino} {found.st_mode:o} {found.st_size} {times}"


def _fits(stamp: str, found: os.stat_result) -> bool:
    return stamp == _fixed(found)


def _listed(entries: "Iterable[os.DirEntry[str]]") -> str:
    rows = sorted(f"{entry.name}\0{_kind(entry)}" for entry in entries)
    return _digest("\0\0".join(rows).encode("utf-8", "surrogateescape"))


def _kind(entry: "os.DirEntry[str]") -> str:
    try:
        if entry.is_symlink():
            return "link"
        return "folder" if entry.is_dir(follow_symlinks=False) else "other"
    except OSError:
        return "unknown"


def digest_of(data: bytes) -> str:
    """A digest in 40 characters, by what costs nothing to load."""
    return blake2b(data, digest_size=20).hexdigest()


def _digest(data: bytes) -> str:
    return f"{len(data)} {digest_of(data)}"


def _failed(error: OSError) -> str:
    return f"error {error.errno}"


def _content(path: str, most: int, *, follow: bool) -> str:
    if not stat.S_ISREG(os.stat(path, follow_symlinks=follow).st_mode):
        return "no plain file"
    with open(os.open(path, _READING), "rb") as file:
        return _digest(file.read(most))


def _folder(path: str) -> str:
    with os.scandir(path) as entries:
        return _listed(entries)


_CONTENTS = ("content", "own content")
_ANSWERS: dict[str, Callable[[str], str]] = {
    "status": lambda path: _state(os.stat(path)),
    "own status": lambda path: _state(os.stat(path, follow_symlinks=False)),
    "listing": _folder,
    "target": lambda path: os.fspath(os.readlink(path)),
    "real": os.path.realpath,
    "readable": lambda path: str(os.access(path, os.R_OK)),
}
