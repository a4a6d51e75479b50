"""What is kept of a repository that was fetched, and the snapshot made of it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from ..late.dataclasses import dataclass, replace
from ..repository.gitignore import GitIgnore, parse_gitignore
from ..repository.snapshot import FileEntry, Kind, Snapshot
from ..text.errors import InputError
from .untrusted import leads_out, printable

_TEXT_PROBE = 8000
"""Bytes in which git looks for a zero byte to tell a binary file (buffer_is_binary in git's xdiff-interface.c)."""
_NAMED_LINKS = 3


_KINDS: dict[str, Kind] = {"file": "file", "link": "link", "submodule": "submodule", "special": "special"}


def checked(value: Any, *kinds: type[Any]) -> Any:
    """The value, which is of one of these types. Raises TypeError."""
    if type(value) not in kinds:
        raise TypeError(f"a record holds {type(value).__name__}")
    return value


class Store(Protocol):
    """Where contents are put by git blob id; `head` is for the beginning of a content that is not kept whole."""

    def put(self, digest: str, data: bytes, head: bool = False) -> None: ...

    def get(self, digest: str, size: int, head: bool = False) -> bytes: ...


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A path of a repository. `kept` says how much of a file's content is stored: 'whole', 'head' or '' for nothing."""

    path: str
    kind: Kind
    executable: bool = False
    size: int = 0
    digest: str = ""
    kept: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class StoredRepository:
    """A repository at a ref (None: the default branch, then named by `branch`) as it was at `fetched`, in Unix time.

    `pushed` is the time of the last push as GitHub told it, `served` the time of the archive by the server's clock,
    `tag` the archive's entity tag, `facts_tag` that of GitHub's description. `left_out` are paths (or '' for any) that
    the archive lacks, with the reason; `patterns` the gitattributes patterns of such paths, by the folder of their
    file. `problems` are members that no honest archive has, `notes` what else is worth a warning.
    """

    name: str
    ref: str | None
    commit: str | None
    fetched: float
    files: tuple[StoredFile, ...]
    branch: str | None = None
    pushed: str | None = None
    served: float | None = None
    tag: str | None = None
    facts_tag: str | None = None
    left_out: Mapping[str, str] | None = None
    patterns: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        fields = ("name", "ref", "commit", "fetched", "branch", "pushed", "served", "tag", "facts_tag")
        record = {name: getattr(self, name) for name in (*fields, "left_out", "patterns", "problems", "notes")}
        record["files"] = [[f.path, f.kind, int(f.executable), f.size, f.digest, f.kept, f.target] for f in self.files]
        return record

    @classmethod
    def from_json(cls, record: Any) -> "StoredRepository":
        """The inverse of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
        values = {name: value for name, value in checked(record, dict).items() if name != "files"}
        files = [
            StoredFile(
                checked(path, str),
                _KINDS[checked(kind, str)],
                checked(executable, int) == 1,
                checked(size, int),
                checked(digest, str),
                checked(kept, str),
                checked(target, str),
            )
            for path, kind, executable, size, digest, kept, target in checked(record["files"], list)
        ]
        for name in ("ref", "commit", "branch", "pushed", "tag", "facts_tag"):
            checked(values[name], str, type(None))
        checked(values["name"], str)
        checked(values["fetched"], int, float)
        checked(values["served"], int, float, type(None))
        left_out: dict[Any, Any] | None = checked(values["left_out"], dict, type(None))
        for text in (part for pair in (left_out or {}).items() for part in pair):
            checked(text, str)
        pairs = checked(values.pop("patterns"), list)
        patterns = tuple((checked(folder, str), checked(text, str)) for folder, text in pairs)
        problems, notes = (tuple(checked(each, str) for each in values.pop(name)) for name in ("problems", "notes"))
        return cls(files=tuple(files), patterns=patterns, problems=problems, notes=notes, **values)

    def snapshot(self, store: Store, label: str, remotes: Mapping[str, str] | None = None) -> Snapshot:
        """The repository as what any other source gives. Contents are read from the store when they are asked for."""
        stored = {file.path: file for file in self.files}
        entries = {file.path: _entry(file) for file in self.files}

        def read(path: str) -> bytes:
            file = stored[path]
            if not file.kept:
                raise InputError("its content was not kept, it is too large")
            return store.get(file.digest, file.size, file.kept == "head")

        return Snapshot(
            self.name,
            label,
            entries,
            read,
            commit=self.commit,
            unknown=dict(self.left_out or {}),
            ignore=self._ignore(read) if self.patterns else None,
            digests={file.path: file.digest for file in self.files if file.digest},
            remotes=remotes,
        )

    def _ignore(self, read: Callable[[str], bytes]) -> GitIgnore:
        """What the repository's own .gitignore files and `export-ignore` leave out: neither is surely missing."""
        ignore = GitIgnore()
        for file in self.files:
            folder, _, name = file.path.rpartition("/")
            if name == ".gitignore" and file.kind == "file" and file.kept:
                ignore.add(folder, read(file.path).decode("utf-8", "replace"))
        for folder, pattern in self.patterns:
            ignore.add(folder, pattern)
        return ignore


@dataclass(frozen=True, slots=True)
class StoredOwner:
    """The repositories of an owner, page by page, as GitHub listed them at `fetched`. `kind`: 'orgs' or 'users'."""

    kind: str
    fetched: float
    pages: tuple["ListPage", ...]

    @property
    def repositories(self) -> "list[RepositoryFacts]":
        """All of them, each once, sorted by name."""
        found = {facts.full_name.lower(): facts for page in self.pages for facts in page.repositories}
        return [found[name] for name in sorted(found)]

    def to_json(self) -> dict[str, Any]:
        pages = [
            {"tag": page.tag, "more": page.more, "repositories": [facts.to_json() for facts in page.repositories]}
            for page in self.pages
        ]
        return {"kind": self.kind, "fetched": self.fetched, "pages": pages}

    @classmethod
    def from_json(cls, record: Any) -> "StoredOwner":
        """The inverse of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
        pages = tuple(
            ListPage(
                checked(page["tag"], str, type(None)),
                checked(page["more"], bool),
                tuple(RepositoryFacts.from_json(facts) for facts in page["repositories"]),
            )
            for page in checked(record, dict)["pages"]
        )
        return cls(checked(record["kind"], str), checked(record["fetched"], int, float), pages)


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the list with its entity tag; `more` where another follows."""

    tag: str | None
    more: bool
    repositories: tuple["RepositoryFacts", ...]


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """What GitHub says of a repository. `size` is in KiB, as GitHub counts it now and then; `tag` an entity tag."""

    full_name: str
    branch: str | None = None
    pushed: str | None = None
    private: bool = False
    archived: bool = False
    fork: bool = False
    size: int | None = None
    tag: str | None = None

    @classmethod
    def from_json(cls, facts: Any) -> "RepositoryFacts":
        """The inverse of `to_json`. Raises TypeError or ValueError for anything else."""
        name, branch, pushed, private, archived, fork, size = facts
        return cls(
            checked(name, str),
            checked(branch, str, type(None)),
            checked(pushed, str, type(None)),
            checked(private, bool),
            checked(archived, bool),
            checked(fork, bool),
            checked(size, int, type(None)),
        )

    def to_json(self) -> list[Any]:
        return [self.full_name, self.branch, self.pushed, self.private, self.archived, self.fork, self.size]


def kept_file(path: str, executable: bool, size: int, digest: str, data: bytes | None, store: Store) -> StoredFile:
    """Puts away what is needed of a file: a text whole, of a binary the beginning, of one without data nothing."""
    if data is None:
        return StoredFile(path, "file", executable, size, digest)
    head = b"\0" in data[:_TEXT_PROBE]
    store.put(digest, data[:_TEXT_PROBE] if head else data, head)
    return StoredFile(path, "file", executable, size, digest, "head" if head else "whole")


def export_ignored(folder: str, text: str) -> tuple[tuple[str, str], ...]:
    """The patterns that a .gitattributes in `folder` gives the attribute `export-ignore`, as (folder, pattern)."""
    found: list[tuple[str, str]] = []
    for line in text.removeprefix("\ufeff").splitlines():
        pattern, _, attributes = line.strip().partition(" ")
        if "\t" in pattern:
            pattern, _, more = pattern.partition("\t")
            attributes = f"{more} {attributes}"
        words = attributes.split()
        if pattern.startswith(("#", "!", '"')) or "export-ignore" not in words:
            continue
        if parse_gitignore(pattern):
            found.append((folder, pattern))
    return tuple(found)


def link_notes(files: Iterable[StoredFile]) -> tuple[str, ...]:
    """A warning on links that lead out of the repository, if there are any."""
    links = [file for file in files if file.kind == "link" and leads_out(file.path, file.target)]
    if not links:
        return ()
    named = ", ".join(f"{printable(file.path)} -> {printable(file.target)}" for file in links[:_NAMED_LINKS])
    more = f" and {len(links) - _NAMED_LINKS} more" if len(links) > _NAMED_LINKS else ""
    return (f"links that lead out of the repository are not followed: {named}{more}",)


def with_left_out(record: StoredRepository, reasons: Mapping[str, str]) -> StoredRepository:
    """The record with the exact paths that the archive lacks, instead of patterns for them."""
    return replace(record, left_out={**(record.left_out or {}), **reasons}, patterns=())


def _entry(file: StoredFile) -> FileEntry:
    mode = 0o777 if file.kind == "link" else 0o755 if file.executable else 0o644
    return FileEntry(file.path, file.kind, mode, file.size, file.target)
