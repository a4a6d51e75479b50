"""What git's own files tell about a checkout: the index (modes), the current commit, the remote's address.

Nothing of the repository is executed. The index is read directly (gitformat-index, versions 2 to 4); forms that only
git itself can put together (split and sparse indexes) are asked of `git ls-files`, with hooks and the file-system
monitor switched off.
"""

import os
import re
import struct
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..text.errors import InputError
from .asked import is_file, is_folder, listens, status
from .git_index import index_of
from .plain_file import LARGEST_LIST, LARGEST_SETTINGS, is_odd, read_plain

LINK = 0o120000
SUBMODULE = 0o160000
_NO_MODES = pattern(r"(?im)^[ \t]*filemode[ \t]*=[ \t]*\"?(?:false|no|off|0)\b")
_SHARED = ("config", "config.worktree", "packed-refs", "shallow", "info/exclude", "info/attributes")
_NAMES_A_FILE = pattern(r"(?im)^[ \t]*(?:\[[^\]\n]*\][ \t]*)?(?:path|excludesfile|attributesfile)[ \t]*=([^\n]*)$")
_SPARSE_DIRECTORY = 0o040000
_EXTENDED = 0x4000
_SKIP_WORKTREE = 0x4000
_STAGE = 0x3000
_HEADER = struct.Struct(">4sII")
_MODE = struct.Struct(">I")
_FLAGS = struct.Struct(">H")
_TIME = struct.Struct(">II")
_TIME_OFFSET = 8
_MODE_OFFSET = 24
_SIZE_OFFSET = 36
_HASH_OFFSET = 40


@dataclass(frozen=True, slots=True)
class Tracked:
    """What the index records of a path: git's mode (0o100644, 0o100755, 0o120000, 0o160000).

    `left_out` says that a sparse checkout does not have the file on disk.
    """

    mode: int
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Staged:
    """A path's content in the index: git's blob id, and size (modulo 2^32) and time of the file that it was taken from."""

    digest: str
    size: int
    seconds: int
    nanoseconds: int


@dataclass(frozen=True, slots=True)
class Checkout:
    """A git work tree: its top folder, its own git directory, and the one shared by linked work trees."""

    root: Path
    git_dir: Path
    common_dir: Path

    @property
    def index(self) -> Path:
        """The file of what is staged: to a hook it may be another than git's own (see `index_of`)."""
        return index_of(self.git_dir)

    def tracked(self, folder: str = "") -> Mapping[str, Tracked]:
        """What the index records below a folder ('' for the top, else with a `/` at its end), by path relative to it.

        Nothing where there is no index, or it cannot be read.
        """
        path = self.index
        try:
            stat = status(path)
        except OSError:
            return {}
        entries, paths = _cached_index(self, path, stat.st_mtime_ns, stat.st_size)
        if listens():  # what was read before is an answer to this run, too
            _read(path)
        if not folder:
            return entries
        found: dict[str, Tracked] = {}
        for position in range(bisect_left(paths, folder), len(paths)):
            if not paths[position].startswith(folder):
                break
            found[paths[position][len(folder) :]] = entries[paths[position]]
        return found

    def staged(self) -> Mapping[str, Staged]:
        """What the index holds, by path from the top; nothing where it cannot be read, or in a form for git alone."""
        try:
            return parse_staged(read_plain(self.index, LARGEST_LIST), _hash_size(self))
        except OSError:
            return {}

    def commit(self) -> str | None:
        """The id of the commit that is checked out, or None where there is none yet or it cannot be told."""
        head = _read(self.git_dir / "HEAD").strip()
        if not head.startswith("ref:"):
            return head if _is_object_id(head) else None
        name = head[4:].strip()
        if ".." in name.split("/") or name.startswith("/"):
            return None
        for folder in (self.git_dir, self.common_dir):
            loose = _read(folder / name).strip()
            if _is_object_id(loose):
                return loose
        for line in _read(self.common_dir / "packed-refs").splitlines():
            identifier, _, reference = line.partition(" ")
            if reference.strip() == name and _is_object_id(identifier):
                return identifier
        return None

    def excludes(self) -> str:
        """The text of `info/exclude`, ignore patterns that are not committed."""
        return _read(self.common_dir / "info" / "exclude")

    def keeps_modes(self) -> bool:
        """Whether the disk keeps x bits, as far as git was told: not with `core.fileMode = false`."""
        return _NO_MODES.search(_read(self.common_dir / "config")) is None

    def remotes(self) -> Mapping[str, str]:
        """The addresses of the remotes by name, `origin` first."""
        found: dict[str, str] = {}
        section = ""
        for line in _read(self.common_dir / "config").splitlines():
            text = line.strip()
            if text.startswith("["):
                heading = re.match(r'\[\s*remote\s+"((?:[^"\\]|\\.)*)"\s*\]', text, re.IGNORECASE)
                section = heading[1] if heading else ""
                text = text[heading.end() :].strip() if heading else ""
            key, equals, value = text.partition("=")
            if section and equals and key.strip().lower() == "url":
                found.setdefault(section, value.strip().strip('"'))
        return dict(sorted(found.items(), key=lambda item: (item[0] != "origin", item[0])))


def checkout_at(folder: Path) -> Checkout | None:
    """The git work tree whose top is `folder`, or None. Linked work trees and submodules (`.git` is a file) count.

    Raises InputError where a pipe, a device or a link to nothing stands for one of git's own files.
    """
    marker = folder / ".git"
    if is_folder(marker):
        git_dir = marker
    elif is_file(marker):
        text = _read(marker)
        if not text.startswith("gitdir:"):
            return None
        git_dir = folder / text[len("gitdir:") :].strip()
    else:
        return None
    if not is_file(git_dir / "HEAD"):
        return None
    common = _read(git_dir / "commondir").strip()
    checkout = Checkout(folder, git_dir, git_dir / common if common else git_dir)
    own = (git_dir / "commondir", checkout.index, *(checkout.common_dir / name for name in _SHARED))
    for path in (*own, *_named_files(checkout.common_dir / "config")):
        if is_odd(path):
            reason = f"git's own {path.name} is no plain file, so that its record of this checkout cannot be read"
            raise InputError(reason, str(path))
    return checkout


def _named_files(config: Path) -> Iterator[Path]:
    """The files that a configuration of git has it open: those that it includes, and what these include, at most 50."""
    waiting, seen = [config], {config}
    while waiting and len(seen) < 50:
        file = waiting.pop()
        try:
            text = _read(file)
        except InputError:
            continue
        for match in _NAMES_A_FILE.finditer(text):
            written = re.split(r"[#;]", match[1], maxsplit=1)[0].strip().strip('"')
            named = file.parent / os.path.expanduser(written)
            if named not in seen and "\0" not in written:
                seen.add(named)
                waiting.append(named)
                yield named


def enclosing_checkout(folder: Path) -> Checkout | None:
    """The innermost git work tree that `folder` (absolute) is or lies in."""
    for candidate in (folder, *folder.parents):
        found = checkout_at(candidate)
        if found:
            return found
    return None


def github_name(address: str) -> str | None:
    """`OWNER/REPO` of a remote's address on GitHub (https, ssh, scp form), or None for any other address."""
    match = re.match(
        r"(?:(?:https?|ssh|git)://(?:[^/@]*@)?(?:www\.|ssh\.)?github\.com(?::\d+)?/|(?:[^/@:]*@)?github\.com:/?)"
        r"([A-Za-z0-9-]+)/([A-Za-z0-9._-]+?)(?:\.git)?/?$",
        address,
        re.IGNORECASE,
    )
    return f"{match[1]}/{match[2]}" if match else None


@lru_cache(maxsize=256)
def _cached_index(
    checkout: Checkout, index: Path, _modified: int, _size: int
) -> tuple[Mapping[str, Tracked], Sequence[str]]:
    """The entries of a checkout's index, and their paths sorted."""
    try:
        data = read_plain(index, LARGEST_LIST)
    except OSError:
        return {}, ()
    found = parse_index(data, _hash_size(checkout))
    entries = found if found is not None else _ask_git(checkout)
    return entries, sorted(entries)


def _hash_size(checkout: Checkout) -> int:
    """The length of an object's id in bytes."""
    sha256 = re.search(r"(?im)^[ \t]*objectformat[ \t]*=[ \t]*\"?sha256", _read(checkout.common_dir / "config"))
    return 32 if sha256 else 20


def parse_index(data: bytes, hash_size: int = 20) -> dict[str, Tracked] | None:
    """The entries of an index file by path, or None for a form that only git can put together, or a damaged one."""
    try:
        return _entries(data, hash_size)
    except (struct.error, IndexError, ValueError):
        return None


def parse_staged(data: bytes, hash_size: int = 20) -> dict[str, Staged]:
    """What an index file records of each path that is in no conflict; nothing for a form that `parse_index` refuses."""
    found: dict[str, Staged] = {}
    try:
        for name, _, flags, at, _ in _records(data, hash_size):
            if flags & _STAGE:
                continue
            seconds, nanoseconds = _TIME.unpack_from(data, at + _TIME_OFFSET)
            (size,) = _MODE.unpack_from(data, at + _SIZE_OFFSET)
            digest = data[at + _HASH_OFFSET : at + _HASH_OFFSET + hash_size].hex()
            found[os.fsdecode(name)] = Staged(digest, size, seconds, nanoseconds)
    except (struct.error, IndexError, ValueError):
        return {}
    return found


def _entries(data: bytes, hash_size: int) -> dict[str, Tracked] | None:
    found: dict[str, Tracked] = {}
    shared: dict[int, Tracked] = {}
    position = _HEADER.size
    for name, mode, flags, _, end in _records(data, hash_size):
        if mode == _SPARSE_DIRECTORY:
            return None
        left_out = bool(flags >> 16 & _SKIP_WORKTREE)
        key = mode | int(left_out) << 20
        found[os.fsdecode(name)] = shared.get(key) or shared.setdefault(key, Tracked(mode, left_out))
        position = end
    return None if _is_split(data, position, hash_size) else found


def _records(data: bytes, hash_size: int) -> Iterator[tuple[bytes, int, int, int, int]]:
    """The entries of an index: (path, mode, flags with the extended ones in the upper half, where it begins and ends).

    Raises ValueError for what is no index of versions 2 to 4.
    """
    signature, version, count = _HEADER.unpack_from(data)
    if signature != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("no index of a known version")
    flags_offset = _HASH_OFFSET + hash_size
    position, name = _HEADER.size, b""
    for _ in range(count):
        at = position
        (mode,) = _MODE.unpack_from(data, at + _MODE_OFFSET)
        (flags,) = _FLAGS.unpack_from(data, at + flags_offset)
        start = at + flags_offset + 2
        if flags & _EXTENDED:
            flags |= _FLAGS.unpack_from(data, start)[0] << 16
            start += 2
        if version == 4:
            dropped, start = _offset_number(data, start)
            end = data.index(b"\0", start)
            name = name[: len(name) - dropped] + data[start:end]
            position = end + 1
        else:
            end = data.index(b"\0", start)
            name = data[start:end]
            position += (end - position + 8) & ~7
        yield name, mode, flags, at, position


def _offset_number(data: bytes, position: int) -> tuple[int, int]:
    """A variable-width number as packs write their offsets: (value, position behind it)."""
    byte = data[position]
    value = byte & 0x7F
    while byte & 0x80:
        position += 1
        byte = data[position]
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, position + 1


def _is_split(data: bytes, position: int, hash_size: int) -> bool:
    while position + 8 <= len(data) - hash_size:
        if data[position : position + 4] == b"link":
            return True
        position += 8 + int(_MODE.unpack_from(data, position + 4)[0])
    return False


def _ask_git(checkout: Checkout) -> dict[str, Tracked]:
    from .git_run import run_git

    listing = ("ls-files", "--stage", "-t", "-z", "--full-name")
    try:
        done = run_git(checkout.git_dir, checkout.root, *listing)
    except OSError:
        return {}
    if done.code:
        return {}
    found: dict[str, Tracked] = {}
    for record in done.out.split(b"\0"):
        about, tab, name = record.partition(b"\t")
        fields = about.split()
        if tab and len(fields) == 4:
            found[os.fsdecode(name)] = Tracked(int(fields[1], 8), fields[0] == b"S")
    return found


def _is_object_id(text: str) -> bool:
    return len(text) in (40, 64) and all(character in "0123456789abcdef" for character in text)


def _read(path: Path) -> str:
    """The text of one of git's small files, or nothing where there is none or it is not one."""
    try:
        return read_plain(path, LARGEST_SETTINGS).decode("utf-8", "replace")
    except OSError:
        return ""
