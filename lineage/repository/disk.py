"""A folder of this machine as a Snapshot: one walk over its directories, modes from git, contents when asked."""

import errno
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from ..text.errors import InputError
from .asked import is_link, listing, note_status, readable, real
from .asked import target as target_of
from .git_files import LINK, SUBMODULE, Checkout, Tracked, enclosing_checkout
from .gitignore import GitIgnore
from .plain_file import read_beginning
from .snapshot import LARGEST, FileEntry, Kind, Snapshot


def read_folder(
    root: Path, label: str = "", *, name: str | None = None, largest: int = LARGEST, use_git: bool = True
) -> Snapshot:
    """The repository in a folder of this machine.

    Modes are those of the git index where a file is tracked (of the enclosing checkout, if `root` lies in one), else of
    the disk. Nothing outside of `root` is read but git's own and ignore files of the enclosing checkout. `largest` is
    the size in bytes up to which contents are read. Raises InputError where `root` cannot be listed.
    """
    folder = Path(real(root))
    checkout = enclosing_checkout(folder) if use_git else None
    offset = ""
    if checkout and checkout.root != folder:
        offset = folder.relative_to(checkout.root).as_posix() + "/"
    tracked: Mapping[str, Tracked] = checkout.tracked(offset) if checkout else {}
    walk = _Walk(folder, offset, tracked, _outer_ignores(checkout, offset), exact=checkout is None)
    if offset and not walk.tracked and walk.ignore.ignored(offset.rstrip("/"), True):
        checkout, offset = None, ""
        walk = _Walk(folder, "", {}, GitIgnore(), exact=True)
    walk.disk_keeps_modes = checkout is None or checkout.keeps_modes()
    walk.run()
    reader = _FileReader(folder, label, largest)
    return Snapshot(
        name or folder.name or "root",
        label,
        walk.entries,
        reader,
        commit=checkout.commit() if checkout else None,
        unknown=walk.unknown,
        unlisted=walk.unlisted,
        ignore=walk.ignore,
        ignore_offset=offset,
        root=folder,
        remotes=checkout.remotes() if checkout and not offset else None,
        largest=largest,
        unreadable=reader.failure,
        folder_modes=walk.folder_modes,
    )


class _FileReader:
    """Reads a plain file of a folder; never follows a link, so that nothing outside is read."""

    def __init__(self, folder: Path, label: str, largest: int) -> None:
        self._folder = str(folder)
        self._label = label
        self._largest = largest

    def failure(self, path: str) -> str | None:
        """Why a file cannot be read, None where it can: the kernel is asked, nothing is opened."""
        return None if readable(f"{self._folder}/{path}") else "cannot be read: Permission denied"

    def __call__(self, path: str) -> bytes:
        try:
            return read_beginning(f"{self._folder}/{path}", self._largest + 1, follow=False)
        except OSError as error:
            reason = "is no plain file" if error.errno == errno.EINVAL else f"cannot be read: {error.strerror or error}"
            raise InputError(reason, self._label + path) from error


class _Walk:
    def __init__(
        self, folder: Path, offset: str, tracked: Mapping[str, Tracked], ignore: GitIgnore, *, exact: bool
    ) -> None:
        self.exact = exact
        """Whether there is no git: modes are those of the disk, empty folders count, and so do files that git would ignore.
        Folders that it would ignore are not looked into."""
        self.disk_keeps_modes = True
        """Whether an x bit of a tracked file that git and the disk do not agree on says anything."""
        self.folder_modes: dict[str, int] = {}
        self.entries: dict[str, FileEntry] = {}
        self.unknown: dict[str, str] = {}
        self.unlisted: dict[str, str] = {}
        self.tracked = tracked
        self.ignore = ignore
        self._folder = str(folder)
        self._offset = offset
        self._tracked_folders = _folders_of(tracked)
        self._replaced: set[str] = set()
        """Paths of tracked files that are folders now."""

    def run(self) -> None:
        pending = [""]
        while pending:
            prefix = pending.pop()
            try:
                found = listing(f"{self._folder}/{prefix}")
            except OSError as error:
                reason = f"cannot be listed: {error.strerror or error}"
                if not prefix:
                    raise InputError(reason, self._folder) from error
                self.unknown[prefix[:-1]] = f"the folder {prefix[:-1]} {reason}"
                self.unlisted[prefix[:-1]] = reason
                continue
            names = {entry.name for entry in found}
            if ".git" in names:
                if prefix and prefix[:-1] not in self._tracked_folders:
                    self.entries[prefix[:-1]] = FileEntry(prefix[:-1], "submodule", 0o755, 0)
                    continue
                found = [entry for entry in found if entry.name != ".git"]
            if ".gitignore" in names:
                self._add_ignores(prefix)
            pending.extend(self._take(prefix, found))
        for path, tracked in self.tracked.items():
            if path not in self.entries and path not in self._replaced:
                why = (
                    "is left out of this sparse checkout" if tracked.left_out else "is tracked by git, but not on disk"
                )
                self.unknown[path] = f"{path} {why}"

    def _take(self, prefix: str, found: Iterable["os.DirEntry[str]"]) -> list[str]:
        """Records what a directory holds, and answers with the directories in it that are to be walked."""
        below: list[str] = []
        for entry in found:
            path = prefix + entry.name
            tracked = self.tracked.get(path)
            if _is_folder(entry) and (tracked is None or tracked.mode != SUBMODULE):
                if tracked is not None:
                    self._replaced.add(path)
                if path in self._tracked_folders or not self.ignore.ignored(self._offset + path, True):
                    about = _stat(entry) if self.exact else None
                    if about is not None:
                        self.folder_modes[path] = stat.S_IMODE(about.st_mode)
                    below.append(path + "/")
            elif tracked is not None:
                self._take_tracked(path, tracked, entry)
            elif self.exact or not self.ignore.ignored(self._offset + path, False):
                about = _stat(entry)
                if about is not None:
                    self._record(path, entry, about)
        return below

    def _take_tracked(self, path: str, tracked: Tracked, entry: "os.DirEntry[str]") -> None:
        if tracked.mode == SUBMODULE:
            self.entries[path] = FileEntry(path, "submodule", 0o755, 0)
            return
        about = _stat(entry)
        if about is None:
            return
        if tracked.mode == LINK and stat.S_ISREG(about.st_mode) and about.st_size < 4096:
            # a checkout on a file system without links holds each as a file with the target as its text
            target = _FileReader(Path(self._folder), "", 4096)(path).decode("utf-8", "surrogateescape")
            self.entries[path] = FileEntry(path, "link", 0o777, len(target), target)
            return
        if stat.S_ISREG(about.st_mode) and tracked.mode != LINK:
            mode = 0o755 if tracked.mode & 0o100 else 0o644
            lacks = _lacks_x(tracked.mode, about.st_mode) if self.disk_keeps_modes else ""
            self.entries[path] = FileEntry(path, "file", mode, about.st_size, without_x=lacks)
            return
        self._record(path, entry, about)

    def _record(self, path: str, entry: "os.DirEntry[str]", about: os.stat_result) -> None:
        mode = stat.S_IMODE(about.st_mode) if self.exact else 0o755 if about.st_mode & 0o100 else 0o644
        kind: Kind = "file"
        target = ""
        if stat.S_ISLNK(about.st_mode):
            kind, mode = "link", 0o777
            try:
                target = target_of(entry.path)
            except OSError:
                return
        elif not stat.S_ISREG(about.st_mode):
            kind = "special"
        self.entries[path] = FileEntry(path, kind, mode, about.st_size, target)

    def _add_ignores(self, prefix: str) -> None:
        try:
            text = _FileReader(Path(self._folder), "", 1 << 20)(prefix + ".gitignore").decode("utf-8", "replace")
        except InputError:
            return
        self.ignore.add((self._offset + prefix).rstrip("/"), text)


def _lacks_x(tracked: int, disk: int) -> Literal["", "git", "disk"]:
    """Which of git and the disk lacks an x bit that the other has. Windows keeps none: there git's is the only one."""
    if os.name == "nt" or not (tracked ^ disk) & 0o100:
        return ""
    return "git" if disk & 0o100 else "disk"


def _outer_ignores(checkout: Checkout | None, offset: str) -> GitIgnore:
    """The patterns of `info/exclude`, and of the .gitignore files above a target that lies below its checkout's top."""
    rules = GitIgnore()
    if not checkout:
        return rules
    rules.add("", checkout.excludes())
    parts = offset.split("/")[:-1]
    for depth in range(len(parts)):
        folder = "/".join(parts[:depth])
        try:
            text = _FileReader(checkout.root / folder, "", 1 << 20)(".gitignore").decode("utf-8", "replace")
        except InputError:
            continue
        rules.add(folder, text)
    return rules


def _folders_of(tracked: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    last = ""
    for path in tracked:
        folder = path.rpartition("/")[0]
        if folder == last:
            continue
        last = folder
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(found)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _stat(entry: "os.DirEntry[str]") -> os.stat_result | None:
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        is_link(entry.path)  # asked again, so that the answer is on record
        return None
    note_status(entry.path, found)
    return found
