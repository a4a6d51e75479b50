"""What differs between an earlier commit and the working tree, and the repository as it was at that commit."""

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from ..late.dataclasses import dataclass
from ..text.errors import InputError
from ..text.git_blobs import blob_hash, blob_id_like
from .git_commands import Git, TreeFile
from .git_files import LINK, SUBMODULE, Checkout, Staged, checkout_at, enclosing_checkout
from .plain_file import open_plain, read_plain
from .snapshot import LARGEST, FileEntry, Snapshot

_LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\n"
_LARGEST_POINTER = 1024
_AT_ONCE = 64 * 1024 * 1024
"""Bytes of a commit's files that are brought in one go, and kept."""


@dataclass(frozen=True, eq=False)
class FileChange:
    """The difference between a commit and a repository's working tree.

    `paths` are the repository paths that differ: changed in content, kind or mode, new (untracked ones that git does not
    ignore are), or gone; of a renamed file both. `before` is the repository as it was at `commit`.
    """

    now: Snapshot
    before: Snapshot
    commit: str
    paths: frozenset[str]

    def shown(self) -> frozenset[str]:
        """The paths as they are shown to the user."""
        return frozenset(self.now.show(path) for path in self.paths)


def checkout_of(snapshot: Snapshot) -> Checkout | None:
    """The git work tree that a snapshot was read from; None for one that git knows nothing of, or without commits."""
    if snapshot.root is None or snapshot.commit is None:
        return None
    return enclosing_checkout(snapshot.root)


def change_since(snapshot: Snapshot, checkout: Checkout, commit: str) -> FileChange:
    """What differs between a commit (its id) and the working tree. Raises InputError where git fails.

    What git itself keeps in another form than the working tree has it (line ends that it normalises, LFS) counts as equal
    where it stands for the same bytes.
    """
    git = Git(checkout)
    folder = "" if checkout.root == snapshot.root else f"{_inside(snapshot, checkout)}/"
    tree = git.tree(commit, folder)
    work = _WorkTree(snapshot, checkout, folder, git, commit)
    changed = [path for path, old in tree.items() if not work.holds(path, old)]
    changed += [path for path in snapshot.entries if path not in tree]
    old_files = {path: tree[path] for path in changed if path in tree}
    digests = {old.digest for old in old_files.values() if old.mode != SUBMODULE}
    sizes = git.sizes(digests) if digests else {}
    reader = _CommitReader(git, snapshot, old_files, sizes)
    before = {path: _entry(path, old_files.get(path), sizes, reader) for path in changed}
    return FileChange(snapshot, snapshot.as_of(commit, before, reader), commit, frozenset(changed))


def _inside(snapshot: Snapshot, checkout: Checkout) -> str:
    return (snapshot.root or checkout.root).relative_to(checkout.root).as_posix()


def _entry(path: str, old: TreeFile | None, sizes: Mapping[str, int], reader: "_CommitReader") -> FileEntry | None:
    if old is None:
        return None
    if old.mode == SUBMODULE:
        return FileEntry(path, "submodule", 0o755, 0)
    size = sizes.get(old.digest, 0)
    if old.mode == LINK:
        try:
            return FileEntry(path, "link", 0o777, size, os.fsdecode(reader(path)))
        except InputError:
            return FileEntry(path, "special", 0o644, size)
    return FileEntry(path, "file", 0o755 if old.mode & 0o100 else 0o644, size)


class _CommitReader:
    """Reads the files of a commit: all that are small enough at once, when the first is asked for; others singly."""

    def __init__(self, git: Git, snapshot: Snapshot, files: Mapping[str, TreeFile], sizes: Mapping[str, int]) -> None:
        self._git = git
        self._snapshot = snapshot
        self._files = files
        self._sizes = sizes
        self._contents: dict[str, bytes] | None = None

    def __call__(self, path: str) -> bytes:
        if self._contents is None:
            self._contents = self._git.contents(self._first())
        digest = self._files[path].digest
        found = self._contents.get(digest)
        if found is None:
            found = self._git.contents([digest]).get(digest)
        if found is None:
            raise InputError("is not in this clone as it was then", self._snapshot.show(path))
        return found

    def _first(self) -> Iterator[str]:
        total = 0
        for digest in dict.fromkeys(file.digest for file in self._files.values()):
            size = self._sizes.get(digest)
            if size is not None and size <= LARGEST and total + size <= _AT_ONCE:
                total += size
                yield digest


class _WorkTree:
    """Compares files of the working tree with what a commit has at their paths."""

    def __init__(self, snapshot: Snapshot, checkout: Checkout, folder: str, git: Git, commit: str) -> None:
        self._snapshot = snapshot
        self._root = snapshot.root or checkout.root
        self._folder = folder
        self._git = git
        self._commit = commit
        self._staged = checkout.staged()
        self._tracked = checkout.tracked(folder)
        self._written = _changed_at(checkout.index)

    @cached_property
    def _staged_changes(self) -> frozenset[str]:
        """The paths from the checkout's top in which the index differs from the commit."""
        return self._git.staged(self._commit)

    def holds(self, path: str, old: TreeFile) -> bool:
        """Whether the working tree has at a path what the commit has there."""
        entry = self._snapshot.entries.get(path)
        staged = self._staged.get(self._folder + path)
        if entry is None:
            tracked = self._tracked.get(path)
            return tracked is not None and tracked.left_out and self._folder + path not in self._staged_changes
        if old.mode == SUBMODULE:
            return entry.kind == "submodule" and self._submodule(path, staged) == old.digest
        if old.mode == LINK:
            return entry.kind == "link" and blob_id_like(os.fsencode(entry.target), old.digest) == old.digest
        if entry.kind != "file" or bool(entry.mode & 0o100) != bool(old.mode & 0o100):
            return False
        return self._same(path, staged, old.digest)

    def _submodule(self, path: str, staged: Staged | None) -> str | None:
        checkout = checkout_at(self._root / path)
        commit = checkout.commit() if checkout else None
        return commit or (staged.digest if staged else None)

    def _same(self, path: str, staged: Staged | None, digest: str) -> bool:
        file = self._root / path
        try:
            about = os.stat(file, follow_symlinks=False)
            if staged is not None and self._clean(staged, about):
                return staged.digest == digest
            if about.st_size > LARGEST:
                return _blob_id_of(file, about.st_size, digest) == digest
            data = read_plain(file, LARGEST, follow=False)
        except OSError:
            return False
        if blob_id_like(data, digest) == digest:
            return True
        if b"\r\n" in data and blob_id_like(data.replace(b"\r\n", b"\n"), digest) == digest:
            return self._git.normalises(self._folder + path)
        return self._is_kept_by_lfs(digest, data)

    def _clean(self, staged: Staged, about: os.stat_result) -> bool:
        """Whether the index's record of a file is still true, as git decides it (Documentation/technical/racy-git)."""
        if about.st_size & 0xFFFFFFFF != staged.size or about.st_mtime_ns >= self._written:
            return False
        seconds, nanoseconds = divmod(about.st_mtime_ns, 1_000_000_000)
        return seconds & 0xFFFFFFFF == staged.seconds and staged.nanoseconds in (0, nanoseconds)

    def _is_kept_by_lfs(self, digest: str, data: bytes) -> bool:
        if self._git.sizes([digest]).get(digest, _LARGEST_POINTER) >= _LARGEST_POINTER:
            return False
        pointer = self._git.contents([digest]).get(digest, b"")
        return pointer.startswith(_LFS_POINTER) and b"oid sha256:" + sha256(data).hexdigest().encode() in pointer


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _blob_id_of(file: Path, size: int, like: str) -> str:
    made = blob_hash(size, like)
    with open_plain(file, follow=False) as stream:
        while piece := stream.read(1 << 20):
            made.update(piece)
    return made.hexdigest()
