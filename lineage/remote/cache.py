"""The folder that holds what was fetched; nothing else of this program reads or writes it.

Contents are stored once by their git blob id, records name them. Every file is written under another name and then
moved into place, contents before the record that names them: two processes may write at once, and one that is killed
leaves nothing half-written behind that would be read.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from ..late.dataclasses import dataclass
from ..repository.plain_file import LARGEST_LIST, read_plain
from ..text.errors import InputError, LostError
from ..text.git_blobs import blob_id
from .cached_snapshot import StoredOwner, StoredRepository

_FOLDER = "github-1"
_TAG = "CACHEDIR.TAG"
_SIGNATURE = (
    "Signature: 8a477f597d28d172789f06886806bc55\n# This folder was made by ctlint; it may be removed at any time.\n"
)
_LEFT_BEHIND = 86_400.0
_TURNS = 10
_DEFAULT_BRANCH = "+default"
_OWNER_FILE = "+owner.json"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CacheUsage:
    """What the cache holds: `size` in bytes on disk, times in seconds since 1970 (None: nothing was fetched)."""

    path: Path
    repositories: int
    contents: int
    size: int
    oldest: float | None
    newest: float | None


def default_folder() -> Path:
    """Where the cache is unless `--cache-dir` says otherwise: the platform's folder for caches."""
    from platformdirs import user_cache_path

    return user_cache_path("ctlint")


class Cache:
    """The records and contents below one folder, for one GitHub server each (`server`: its key).

    Raises InputError where the folder cannot be written to.
    """

    def __init__(self, folder: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self.path = (folder or default_folder()) / _FOLDER
        self._clock = clock
        self._contents = self.path / "contents"
        self._records = self.path / "records"
        self._partial = self.path / "partial"
        self._answers = self.path / "registries"
        self._made: set[Path] = set()
        self._listed: dict[str, set[str]] = {}

    def put(self, digest: str, data: bytes, head: bool = False) -> None:
        """Stores a file's content, or (`head`) the beginning of one, by the blob id of the whole."""
        path = self._content_path(digest, head)
        data = sealed(data, digest) if head else data
        try:
            there = os.stat(path).st_size == len(data)
        except OSError:
            there = False
        if not there:
            self._write(path, data)
        self._listed.pop(digest[:2], None)

    def get(self, digest: str, size: int, head: bool = False) -> bytes:
        """A content that was stored. A damaged one is removed. Raises InputError where it is not there, or damaged."""
        path = self._content_path(digest, head)
        try:
            data = read_plain(path, LARGEST_LIST)
        except OSError:
            raise LostError("its content is no longer in the cache; fetch it again") from None
        if head:
            data = unsealed(data, digest) or b""
        if (head and data) or (not head and len(data) == size and blob_id(data) == digest):
            return data
        path.unlink(missing_ok=True)
        self._listed.pop(digest[:2], None)
        raise LostError("its content in the cache was damaged; fetch it again")

    def has(self, digest: str, head: bool = False) -> bool:
        """Whether a content is there, by a listing of its folder that is made once."""
        names = self._listed.get(digest[:2])
        if names is None:
            names = _names_in(self._contents / digest[:2])
            self._listed[digest[:2]] = names
        return (f"{digest}.head" if head else digest) in names

    def load_repository(self, server: str, owner: str, name: str, ref: str | None) -> StoredRepository | None:
        """What was fetched of a repository at a ref (None: the default branch), if its contents are all there."""
        path = self._repository_path(server, owner, name, ref)
        record = self._parsed(path, StoredRepository.from_json)
        if record is None or record.ref != ref:
            return None
        complete = all(self.has(file.digest, file.kept == "head") for file in record.files if file.kept)
        return record if complete else None

    def save_repository(self, server: str, owner: str, name: str, record: StoredRepository) -> None:
        """Stores a record, to be asked for by `owner` and `name`. Its contents must have been put before."""
        self._write_json(self._repository_path(server, owner, name, record.ref), record.to_json())

    def load_owner(self, server: str, owner: str) -> StoredOwner | None:
        """The list of an owner's repositories as it was last fetched."""
        return self._parsed(self._owner_path(server, owner), StoredOwner.from_json)

    def save_owner(self, server: str, owner: str, record: StoredOwner) -> None:
        self._write_json(self._owner_path(server, owner), record.to_json())

    def load_answer(self, *name: str) -> bytes | None:
        """What a registry answered, by the name it was saved under; None where there is nothing of that name."""
        try:
            return read_plain(self._answers.joinpath(*name), LARGEST_LIST)
        except OSError:
            return None

    def save_answer(self, data: bytes, *name: str) -> None:
        """Stores what a registry answered. The parts of the name must be safe as names of folders and of a file."""
        self._write(self._answers.joinpath(*name), data)

    def usage(self) -> CacheUsage:
        """What there is, counted."""
        repositories = contents = size = 0
        times: list[float] = []
        for path in _files_below(self.path):
            try:
                status = path.stat()
            except OSError:
                continue
            size += status.st_size
            contents += path.is_relative_to(self._contents)
            if path.is_relative_to(self._records) and path.name != _OWNER_FILE:
                repositories += 1
                times.append(status.st_mtime)
        return CacheUsage(self.path, repositories, contents, size, min(times, default=None), max(times, default=None))

    def clear(self, owner: str | None = None, name: str | None = None) -> int:
        """Removes everything, or what was fetched of an owner or a repository, on any server; gives the bytes freed.

        Contents that another record names stay, and so do those of the last hour, which a running fetch may be about
        to name. A folder that does not carry this program's mark is left alone.
        """
        if not (self.path / _TAG).is_file():
            return 0
        self._listed.clear()
        before = self.usage().size
        if owner is None:
            self._remove(self.path)
            return before
        for server in _folders(self._records):
            folder = server / owner.lower()
            self._remove(folder if name is None else folder / name.lower())
            if name is not None:
                (folder / _OWNER_FILE).unlink(missing_ok=True)
        self._sweep()
        return max(before - self.usage().size, 0)

    def tidy(self) -> None:
        """Removes what killed processes left behind a day ago or earlier."""
        for path in [*_files_below(self._partial), *_folders(self._partial)]:
            self._drop_older(path, _LEFT_BEHIND)

    def _sweep(self) -> None:
        named: set[str] = set()
        for path in _files_below(self._records):
            record = None if path.name == _OWNER_FILE else self._parsed(path, StoredRepository.from_json)
            named.update(file.digest for file in record.files if file.kept) if record else None
        for path in _files_below(self._contents):
            if path.name.partition(".")[0] not in named:
                self._drop_older(path, 3600)

    def _drop_older(self, path: Path, seconds: float) -> None:
        try:
            if self._clock() - path.stat().st_mtime < seconds:
                return
            if path.is_dir():
                import shutil

                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        except OSError:
            return

    def _remove(self, folder: Path) -> None:
        """Takes a folder away in one step, so that no other process sees a half of it, and then deletes it."""
        import shutil

        away = self.path.parent / f".{self.path.name}-{os.urandom(8).hex()}"
        try:
            os.rename(folder, away)
        except FileNotFoundError:
            return
        except OSError as error:
            raise InputError(f"cannot be cleared: {error.strerror}", str(folder)) from None
        shutil.rmtree(away, ignore_errors=True)

    def _content_path(self, digest: str, head: bool) -> Path:
        return self._contents / digest[:2] / (f"{digest}.head" if head else digest)

    def _repository_path(self, server: str, owner: str, name: str, ref: str | None) -> Path:
        file = _DEFAULT_BRANCH if ref is None else f"@{quote(ref, safe='')}"
        if len(file) > 200:
            file = f"@{sha256(file.encode()).hexdigest()}"
        return self._records / server / owner.lower() / name.lower() / f"{file}.json"

    def _owner_path(self, server: str, owner: str) -> Path:
        return self._records / server / owner.lower() / _OWNER_FILE

    def _name(self, path: Path) -> str:
        """What a record is stored under, wherever the cache is."""
        return path.relative_to(self._records).as_posix()

    def _parsed(self, path: Path, read: Callable[[Any], _T]) -> _T | None:
        """A record, or None where there is none or it is damaged."""
        try:
            data = unsealed(read_plain(path, LARGEST_LIST), self._name(path))
            return None if data is None else read(json.loads(data))
        except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            return None

    def _write_json(self, path: Path, value: Any) -> None:
        self._write(path, sealed(json.dumps(value, separators=(",", ":")).encode(), self._name(path)))

    def _write(self, path: Path, data: bytes) -> None:
        """Writes a file, again where another process cleared the cache between making a folder and writing into it."""
        for turn in range(_TURNS):
            try:
                self._write_once(path, data)
                return
            except OSError as error:
                if isinstance(error, FileNotFoundError | FileExistsError) and turn + 1 < _TURNS:
                    self._made.clear()
                    continue
                reason = f"the cache cannot be written ({error.strerror}); --cache-dir names another folder"
                raise InputError(reason, str(self.path)) from None

    def _write_once(self, path: Path, data: bytes) -> None:
        self._make(self._partial)
        self._make(path.parent)
        partial = self._partial / f"{os.getpid()}-{os.urandom(8).hex()}"
        try:
            with open(partial, "xb") as file:
                file.write(data)
            os.replace(partial, path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise

    def _make(self, folder: Path) -> None:
        if folder in self._made:
            return
        if not self._made:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            tag = self.path / _TAG
            if not tag.exists():
                tag.write_text(_SIGNATURE, "utf-8")
        folder.mkdir(parents=True, exist_ok=True)
        self._made.add(folder)


def sealed(data: bytes, name: str) -> bytes:
    """A record as it is stored under a name: a line with the checksum of both, then what it is."""
    return sha256(f"{name}\n".encode() + data).hexdigest().encode("ascii") + b"\n" + data


def unsealed(stored: bytes, name: str) -> bytes | None:
    """What `sealed` was given for that name; None where it is damaged, or another's."""
    _, _, data = stored.partition(b"\n")
    return data if stored == sealed(data, name) else None


def age_in_words(seconds: float) -> str:
    """How long ago something was: "12 minutes ago"."""
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        count = int(seconds // length)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"


def _files_below(folder: Path) -> Iterator[Path]:
    for above, _, names in os.walk(folder):
        for name in names:
            yield Path(above, name)


def _names_in(folder: Path) -> set[str]:
    try:
        return set(os.listdir(folder))
    except OSError:
        return set()


def _folders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
    except OSError:
        return []
