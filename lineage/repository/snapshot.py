"""What a repository holds, whatever it came from: a working tree, a GitHub commit, a test's dictionary.

Paths are relative to the repository's top, with `/`. Directories are what the files imply: git records none, and an
empty one is not in another person's checkout.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..shell.shebang import is_text, read_shebang
from ..text.errors import InputError, LostError, Unknown
from ..text.git_blobs import blob_id
from ..text.globs import go_match
from .gitignore import GitIgnore
from .plain_file import open_plain

Kind = Literal["file", "link", "submodule", "special"]
LARGEST = 5 * 1024 * 1024
"""Bytes up to which a file's content is read."""
_MOST_LINKS = 40
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_HEAD = 1 << 16
_READ_AT_START = frozenset(("up", "down", "run", "finish", "type"))
_LFS_POINTER = pattern(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]*\n)*oid sha256:[0-9a-f]{64}\nsize \d+\n?\Z"
)
"""The whole of a pointer (git-lfs/docs/spec.md); a script that only begins like one is a script."""


class FileEntry(NamedTuple):
    """A path that is no directory. `mode` is 0o755 or 0o644 (links: 0o777), `size` in bytes, `target` a link's text;
    `without_x` says which of git and the disk lacks an x bit that the other has; `mode` is git's."""

    path: str
    kind: Kind
    mode: int
    size: int
    target: str = ""
    without_x: Literal["", "git", "disk"] = ""


@dataclass(frozen=True, slots=True)
class FileSpec:
    """A file for `Snapshot.from_mapping`. `data` is its bytes, or gets them when asked (may raise InputError)."""

    data: bytes | Callable[[], bytes] = b""
    mode: int = 0o644
    kind: Kind = "file"
    target: str = ""
    size: int | None = None
    digest: str | None = None


class Snapshot:
    """The files of a repository at one moment: tracked ones, and untracked ones that git does not ignore.

    `name` is the folder's name or OWNER/REPO, `label` what stands before a path when it is shown ('', 'cloudtop/',
    'OWNER/REPO/'), `commit` the commit it was read from where that is known. `entries` is sorted by path. `root` is the
    folder it was read from, if any; `remotes` the addresses of its git remotes, `origin` first.
    `folder_modes` are the modes of its directories, empty ones among them, where it is a folder that git does not keep.
    """

    def __init__(
        self,
        name: str,
        label: str,
        entries: Mapping[str, FileEntry],
        reader: Callable[[str], bytes],
        *,
        commit: str | None = None,
        unknown: Mapping[str, str] | None = None,
        unlisted: Mapping[str, str] | None = None,
        ignore: GitIgnore | None = None,
        ignore_offset: str = "",
        digests: Mapping[str, str] | None = None,
        root: Path | None = None,
        remotes: Mapping[str, str] | None = None,
        largest: int = LARGEST,
        unreadable: Callable[[str], str | None] | None = None,
        folder_modes: Mapping[str, int] | None = None,
    ) -> None:
        self.folder_modes: Mapping[str, int] = MappingProxyType(dict(folder_modes or {}))
        self.name = name
        self.label = label
        self.commit = commit
        self.root = root
        self.remotes: Mapping[str, str] = MappingProxyType(dict(remotes or {}))
        self.entries: Mapping[str, FileEntry] = MappingProxyType(dict(sorted(entries.items())))
        self._reader = reader
        self._largest = largest
        self._unreadable = unreadable
        self._unknown = dict(unknown or {})
        self._unlisted = dict(unlisted or {})
        self._ignore = ignore
        self._ignore_offset = ignore_offset
        self._digests = dict(digests or {})
        self._contents: dict[str, bytes | Unknown | InputError] = {}
        self._folders: dict[str, tuple[str, ...]] | None = None
        self._links: tuple[str, ...] | None = None
        self._absences: dict[str, Unknown | None] = {}
        self._left_out: GitIgnore | None = None
        self._troubles: dict[str, InputError] = {}

    @property
    def troubles(self) -> tuple[tuple[str, InputError], ...]:
        """The files that were found to ask for more than is followed, as far as they were read by now, by path."""
        return tuple(sorted(self._troubles.items(), key=itemgetter(0)))

    def trouble(self, path: str, reason: str, line: int | None = None) -> None:
        """Note that a file could not be read to its end; the first reason counts."""
        self._troubles.setdefault(path, InputError(reason, self.show(path), line))

    @classmethod
    def from_mapping(
        cls,
        name: str,
        files: Mapping[str, "bytes | str | FileSpec"],
        *,
        label: str | None = None,
        commit: str | None = None,
        unknown: Mapping[str, str] | None = None,
        remotes: Mapping[str, str] | None = None,
    ) -> "Snapshot":
        """A repository from a dictionary of paths. A text or bytes is a file of mode 0644.

        `label` is `NAME/` by default. `unknown` gives, for a path or all that lies below it ('' for everything), why it
        cannot be known whether it is there.
        """
        specs = {path: _as_spec(value) for path, value in files.items()}
        entries = {path: _as_entry(path, spec) for path, spec in specs.items()}

        def read(path: str) -> bytes:
            data = specs[path].data
            return data if isinstance(data, bytes) else data()

        return cls(
            name,
            f"{name}/" if label is None else label,
            entries,
            read,
            commit=commit,
            unknown=unknown,
            digests={path: spec.digest for path, spec in specs.items() if spec.digest},
            remotes=remotes,
        )

    def overlaid(self, files: Mapping[str, bytes | InputError | None]) -> "Snapshot":
        """The same repository with other contents for some files, as an editor holds them.

        None: without the file; an error: the file is there and cannot be read.
        """
        entries: dict[str, FileEntry | None] = {}
        for path, data in files.items():
            old = self.entries.get(path)
            size = len(data) if isinstance(data, bytes) else 0
            entries[path] = None if data is None else FileEntry(path, "file", old.mode if old else 0o644, size)

        def read(path: str) -> bytes:
            data = files.get(path)
            if isinstance(data, InputError):
                raise data
            return data or b""

        def failure(path: str) -> str | None:
            data = files.get(path)
            return str(data) if isinstance(data, InputError) else None

        return self._with_entries(entries, read, unreadable=failure)

    def as_of(self, commit: str, files: Mapping[str, FileEntry | None], reader: Callable[[str], bytes]) -> "Snapshot":
        """The repository as it was at a commit: `files` are the paths that were otherwise (None: that were not there).

        `reader` gets the bytes of those files (may raise InputError).
        """
        return self._with_entries(files, reader, commit)

    def _with_entries(
        self,
        files: Mapping[str, FileEntry | None],
        reader: Callable[[str], bytes],
        commit: str | None = None,
        unreadable: Callable[[str], str | None] = lambda path: None,
    ) -> "Snapshot":
        entries = {path: entry for path, entry in self.entries.items() if path not in files}
        entries |= {path: entry for path, entry in files.items() if entry is not None}
        present = self._reader
        same_ignores = commit is None or not any(path.rpartition("/")[2] == ".gitignore" for path in files)
        made = Snapshot(
            self.name,
            self.label,
            entries,
            lambda path: reader(path) if path in files else present(path),
            commit=commit,
            unknown={path: why for path, why in self._unknown.items() if commit is None or path not in files},
            ignore=self._ignore if same_ignores else None,
            ignore_offset=self._ignore_offset if same_ignores else "",
            root=self.root,
            remotes=self.remotes,
            largest=self._largest,
            unreadable=lambda path: unreadable(path) if path in files else self.unreadable(path),
            folder_modes=self.folder_modes if commit is None else None,
        )
        made._left_out = self._left_out
        return made

    def leave_out(self, patterns: Sequence[str]) -> "Snapshot":
        """Let the files that these patterns (as in a .gitignore) name say nothing about the repository's images; an image
        may still take them in. Returns the snapshot.
        """
        self._left_out = GitIgnore()
        self._left_out.add("", "\n".join(patterns))
        return self

    def speaks(self, path: str) -> bool:
        """Whether a file may say how the repository's images are built, called and run: `leave_out` does not name it."""
        return self._left_out is None or not self._left_out.ignored(path, False)

    def __repr__(self) -> str:
        return f"Snapshot({self.name!r}, {len(self.entries)} files)"

    def show(self, path: str) -> str:
        """The path as it is shown to the user; bytes that are no UTF-8 become U+FFFD."""
        shown = self.label + path
        return shown if shown.isprintable() else shown.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def get(self, path: str) -> FileEntry | None:
        """The file at a path, links in the repository followed; None for a directory, nothing, or a link outwards."""
        found = self.locate(path)
        return self.entries.get(found) if isinstance(found, str) else None

    def locate(self, path: str) -> str | Unknown | None:
        """The path itself, normalised, with every link on the way followed; None where there surely is nothing.

        The answer names a file or a directory ('' for the top). Unknown where a link leads out of the repository, or
        where it cannot be known what is there.
        """
        known = self.entries.get(path)
        if known is not None and known.kind == "file":
            return path
        directories = self._directories()
        if path in directories:
            return path
        folder, _, name = path.rpartition("/")
        if known is None and folder in directories and name not in ("", ".", "..") and path[0] != "/":
            return self._absent(path)
        parts = [part for part in reversed(path.split("/")) if part not in ("", ".")]
        here: list[str] = []
        links = 0
        while parts:
            part = parts.pop()
            if part == "..":
                if not here:
                    return Unknown(f"{path} leads out of the repository")
                here.pop()
                continue
            here.append(part)
            current = "/".join(here)
            entry = self.entries.get(current)
            if entry is None:
                if current not in directories:
                    return self._absent("/".join([*here, *reversed(parts)]))
                continue
            if entry.kind == "submodule":
                return current if not parts else Unknown(f"{current} is a git submodule")
            if entry.kind != "link":
                return current if not parts else None
            links += 1
            if links > _MOST_LINKS:
                return None
            if entry.target.startswith("/"):
                return Unknown(f"{current} is a link to {entry.target}")
            here.pop()
            parts.extend(part for part in reversed(entry.target.split("/")) if part not in ("", "."))
        return "/".join(here)

    def holds(self, path: str) -> bool | Unknown:
        """Whether the repository has a file or directory at a path.

        Unknown, not False, where git ignores the path (a build step may make it), inside a submodule, below a link out
        of the repository, below a folder that could not be read or is not checked out.
        """
        found = self.locate(path)
        return found if isinstance(found, Unknown) else found is not None

    def holds_match(self, folder: str, name_glob: str) -> bool | Unknown:
        """Whether a name in a folder matches a glob of Go of one path component; Unknown where an ignored file may."""
        if any(go_match(name_glob)(name) for name in self.children(folder)):
            return True
        probe = name_glob.replace("*", "x").replace("?", "x")
        return self.holds(f"{folder}/{probe}" if folder else probe)

    def unlisted(self, folder: str) -> dict[str, str]:
        """The folders at and below one ('' for the top) that could not be listed, each with the reason."""
        return {path: why for path, why in self._unlisted.items() if not folder or f"{path}/".startswith(f"{folder}/")}

    def is_directory(self, path: str) -> bool:
        """Whether the path is a directory, links followed; a submodule counts as one."""
        found = self.locate(path)
        if not isinstance(found, str):
            return False
        entry = self.entries.get(found)
        return entry.kind == "submodule" if entry else True

    def children(self, directory: str) -> tuple[str, ...]:
        """The names (not paths) of what stands directly in a directory ('' for the top), sorted."""
        found = self.locate(directory)
        return self._directories().get(found, ()) if isinstance(found, str) else ()

    def folders_below(self, directory: str) -> Iterator[str]:
        """The paths of all directories below a directory ('' for the top), in no order."""
        found = self.locate(directory)
        folders = self._directories()
        pending = [found] if isinstance(found, str) else []
        while pending:
            above = pending.pop()
            for name in folders.get(above, ()):
                path = f"{above}/{name}" if above else name
                if path in folders:
                    yield path
                    pending.append(path)

    def folder_mode(self, path: str) -> int:
        """The mode of a directory: 0755 as a checkout makes it, unless it was found otherwise on the disk."""
        return self.folder_modes.get(path, 0o755)

    def links(self) -> tuple[str, ...]:
        """The paths of all symbolic links, sorted."""
        if self._links is None:
            self._links = tuple(path for path, entry in self.entries.items() if entry.kind == "link")
        return self._links

    def files_below(self, directory: str) -> Iterator[FileEntry]:
        """All entries below a directory ('' for the top), sorted by path; links among them are given, not followed."""
        found = self.locate(directory)
        if not isinstance(found, str):
            return
        folders = self._directories()
        if not found:
            yield from self.entries.values()
            return
        pending = [found]
        while pending:
            current = pending.pop()
            entry = self.entries.get(current)
            if entry is None:
                pending.extend(f"{current}/{name}" for name in reversed(folders.get(current, ())))
            elif current != found:
                yield entry

    def content(self, path: str) -> bytes | Unknown:
        """The bytes of a file, links inside the repository followed.

        Unknown for a file that is too large, is kept by git LFS, cannot be read, is no plain file, or may not be there.
        """
        found = self.locate(path)
        if isinstance(found, Unknown):
            return found
        if found is None or found not in self.entries:
            return Unknown(f"{self.show(path)} is {'not there' if found is None else 'a directory'}")
        content = self._content(found)
        return Unknown(f"{self.show(path)}: {content}") if isinstance(content, InputError) else content

    def read(self, path: str) -> bytes:
        """The bytes of a file, links in the repository followed. Raises InputError wherever `content` is Unknown."""
        found = self.locate(path)
        if isinstance(found, str) and found in self.entries:
            content = self._content(found)
            if isinstance(content, bytes):
                return content
            raise InputError(content.reason if isinstance(content, Unknown) else str(content), self.show(path))
        if isinstance(found, Unknown):
            raise InputError(found.reason, self.show(path))
        raise InputError("is a directory" if found is not None else "there is no such file", self.show(path))

    def unreadable(self, path: str) -> str | None:
        """Why the content of a file that is there cannot be had, as a clause that follows its path; None where it can.

        Nothing is read for it, where the snapshot is of this machine's disk.
        """
        return self._unreadable(path) if self._unreadable is not None else None

    def text(self, path: str) -> str:
        """A file as UTF-8, wrong bytes replaced by U+FFFD; line ends and byte-order mark kept. Raises InputError.

        As UTF-16 where its byte-order mark says so: readers of YAML take that, too (YAML 1.2, 5.2).
        """
        data = self.read(path)
        return data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8", "replace")

    def digest(self, path: str) -> str:
        """git's blob id of a file (SHA-1 over `blob SIZE`, a zero byte and the bytes); a link's is its text's.

        Raises InputError.
        """
        found = self._digests.get(path)
        if found is None:
            entry = self.entries.get(path)
            data = (
                entry.target.encode("utf-8", "surrogateescape") if entry and entry.kind == "link" else self.read(path)
            )
            found = blob_id(data)
            self._digests[path] = found
        return found

    def _content(self, path: str) -> bytes | Unknown | InputError:
        found = self._contents.get(path)
        if found is None:
            found = self._read_entry(self.entries[path])
            self._contents[path] = found
        return found

    def _read_entry(self, entry: FileEntry) -> bytes | Unknown | InputError:
        if entry.kind != "file":
            return Unknown(f"{entry.path} is {'a git submodule' if entry.kind == 'submodule' else 'no plain file'}")
        if entry.size > self._largest:
            if self._is_large_text(entry.path):
                self.trouble(entry.path, f"it is larger than {self._largest:,} bytes, so that it was not read")
            return Unknown(f"{entry.path} is larger than {self._largest:,} bytes")
        try:
            data = self._reader(entry.path)
        except LostError as error:
            self.trouble(entry.path, str(error))
            return error
        except InputError as error:
            return error
        if _LFS_POINTER.match(data):
            return Unknown(f"{entry.path} is kept by git LFS")
        return data

    def _is_large_text(self, path: str) -> bool:
        """Whether a file that is too large to be read begins as a text that the start of an image reads, as a padded one does.

        An installer that holds an archive is no text soon; a few zero bytes, which a shell passes over, make it none.
        """
        try:
            if self.root is None:
                head = self._reader(path)[:_HEAD]
            else:
                with open_plain(self.root / path) as file:
                    head = file.read(_HEAD)
        except (InputError, OSError):
            return False
        name = path.rpartition("/")[2]
        shebang = read_shebang(head)
        if shebang is not None:
            return is_text(head) and (shebang.dialect is not None or shebang.shell == "execlineb")
        return b"\0" not in head and (name in _READ_AT_START or name.endswith(".desktop"))

    def _directories(self) -> dict[str, tuple[str, ...]]:
        if self._folders is None:
            found: dict[str, list[str]] = {"": []}
            for path in self.entries:
                folder, _, name = path.rpartition("/")
                known = found.get(folder)
                if known is not None:
                    known.append(name)
                    continue
                found[folder] = [name]
                while folder:
                    above, _, name = folder.rpartition("/")
                    known = found.get(above)
                    if known is not None:
                        known.append(name)
                        break
                    found[above] = [name]
                    folder = above
            for folder in self.folder_modes:
                while folder and folder not in found:
                    above, _, name = folder.rpartition("/")
                    found[folder] = []
                    if above in found:
                        found[above].append(name)
                        break
                    found[above] = [name]
                    folder = above
            self._folders = {folder: tuple(sorted(names)) for folder, names in found.items()}
        return self._folders

    def _absent(self, path: str) -> Unknown | None:
        if path not in self._absences:
            self._absences[path] = self._why_unknown(path)
        return self._absences[path]

    def _why_unknown(self, path: str) -> Unknown | None:
        if ".." in path.split("/"):
            return None
        if self._unknown:
            above = path
            while True:
                if above in self._unknown:
                    return Unknown(self._unknown[above], "missing")
                if not above:
                    break
                above = above.rpartition("/")[0]
        ignore = self._ignore_rules()
        full = self._ignore_offset + path
        if ignore.ignored(full, False) or ignore.ignored(full, True):
            return Unknown(f"a .gitignore names {path}")
        return None

    def _ignore_rules(self) -> GitIgnore:
        if self._ignore is None:
            self._ignore = GitIgnore()
            for path, entry in self.entries.items():
                folder, _, name = path.rpartition("/")
                if name == ".gitignore" and entry.kind == "file":
                    content = self._content(path)
                    if isinstance(content, bytes):
                        self._ignore.add(folder, content.decode("utf-8", "replace"))
        return self._ignore


def _as_spec(value: bytes | str | FileSpec) -> FileSpec:
    if isinstance(value, FileSpec):
        return value
    return FileSpec(value.encode() if isinstance(value, str) else value)


def _as_entry(path: str, spec: FileSpec) -> FileEntry:
    size = spec.size if spec.size is not None else len(spec.data) if isinstance(spec.data, bytes) else 0
    mode = 0o777 if spec.kind == "link" else spec.mode
    return FileEntry(path, spec.kind, mode, size, spec.target)
