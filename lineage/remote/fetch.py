"""Bringing one repository: is what was fetched before still true, and if not, its archive."""

from collections.abc import Callable
from urllib.parse import quote

from ..late.dataclasses import dataclass, replace
from ..text.errors import InputError
from .address import ApiServer, is_full_commit
from .archive import Archive, ArchiveError, TruncatedArchiveError
from .cache import Cache, age_in_words
from .cached_snapshot import (
    RepositoryFacts,
    StoredFile,
    StoredRepository,
    export_ignored,
    kept_file,
    link_notes,
    with_left_out,
)
from .git_trees import list_tree
from .owner_listing import read_facts
from .progress import Progress
from .rate_limit import http_date
from .transport import HttpResponse, LimitedError, RefusedError, Transport, UnreachableError

_NOT_ON_THE_WEB = frozenset((401, 403, 404, 410))
_MOST_ATTRIBUTES = 1 << 16
_NAMED_PROBLEMS = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """A repository at a ref (None: the default branch).

    `facts` are what GitHub's list says of it, where it comes from a list. `ask` says that the API may be asked about it
    beforehand, and for what its archive leaves out, a request each. `offline` is why the network is not to be used, if
    it is not. Only one that is `redirected` may be what another owner's repository is now.
    """

    owner: str
    name: str
    ref: str | None = None
    facts: RepositoryFacts | None = None
    ask: bool = False
    offline: str = ""
    redirected: bool = True

    @property
    def full_name(self) -> str:
        return self.facts.full_name if self.facts else f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of it: the record, what could not be read, and the outcome as `Progress.done` tells it."""

    record: StoredRepository | None
    errors: tuple[InputError, ...]
    outcome: str


class Fetcher:
    """Brings repositories from a server into a cache."""

    def __init__(
        self,
        server: ApiServer,
        transport: Transport,
        cache: Cache,
        progress: Progress,
        clock: Callable[[], float],
    ) -> None:
        self._server = server
        self._transport = transport
        self._cache = cache
        self._progress = progress
        self._clock = clock

    def at_hand(self, wanted: Wanted) -> Brought | None:
        """The repository, where the cache is known to be right, or is all there is; None where GitHub must be asked."""
        before = self._load(wanted)
        if wanted.offline or (before and is_full_commit(wanted.ref)):
            return self._from_cache(wanted, before)
        if before is None or wanted.facts is None or not _is_unchanged(before, wanted.facts):
            return None
        return Brought(before, _problems(before), "unchanged")

    def bring(self, wanted: Wanted) -> Brought:
        """The repository by way of the network. Never raises for what is wrong with it, its server or the network."""
        before = self._load(wanted)
        try:
            record = self._current(wanted, before)
            return Brought(record, _problems(record), "unchanged" if record is before else "fetched")
        except LimitedError as error:
            return self._without(wanted, before, error, exact=False)
        except UnreachableError as error:
            return self._without(wanted, before, error, exact=True)
        except InputError as error:
            return Brought(None, (_placed(error, wanted),), "failed")

    def _load(self, wanted: Wanted) -> StoredRepository | None:
        return self._cache.load_repository(self._server.key, wanted.owner, wanted.name, wanted.ref)

    def _from_cache(self, wanted: Wanted, before: StoredRepository | None) -> Brought:
        if before is not None:
            return Brought(before, _problems(before), "cached" if wanted.offline else "unchanged")
        reason = f"it is not in the cache, and {wanted.offline}"
        return Brought(None, (InputError(reason, wanted.full_name),), "failed")

    def _without(self, wanted: Wanted, before: StoredRepository | None, error: InputError, exact: bool) -> Brought:
        """An unreachable network is made up for by the cache; a limit is too, but stays a failure to be told."""
        if before is None:
            return Brought(None, (_placed(error, wanted),), "failed")
        age = age_in_words(self._clock() - before.fetched)
        self._progress.warn(f"{wanted.full_name}: {error}; using what was fetched {age}")
        errors = () if exact else (_placed(error, wanted),)
        return Brought(before, (*_problems(before), *errors), "cached")

    def _current(self, wanted: Wanted, before: StoredRepository | None) -> StoredRepository:
        facts = wanted.facts
        if facts is None and wanted.ask:
            facts = self._facts_if_allowed(wanted, before)
        if before is not None and facts is not None and _is_unchanged(before, facts):
            if (before.pushed, before.facts_tag) != (facts.pushed, facts.tag or before.facts_tag):
                self._save(wanted, replace(before, pushed=facts.pushed, facts_tag=facts.tag))
            return before
        record = self._download(wanted, facts, before)
        if record is not before:
            self._save(wanted, record)
        return record

    def _facts_if_allowed(self, wanted: Wanted, before: StoredRepository | None) -> RepositoryFacts | None:
        """What the API says of the repository; None where its limit is used up, as the web host can do without."""
        try:
            return self._facts(wanted, before)
        except LimitedError:
            if before is not None and not before.tag:
                raise
            return None

    def _facts(self, wanted: Wanted, before: StoredRepository | None = None) -> RepositoryFacts:
        known = before if before is not None and before.pushed else None
        headers = {"If-None-Match": known.facts_tag} if known and known.facts_tag else {}
        try:
            status, answered, value = self._transport.get_json(f"/repos/{wanted.owner}/{wanted.name}", headers)
        except RefusedError as error:
            if error.status != 404:
                raise
            why = "the token may not see it" if self._server.token else "it is private and no token was given"
            raise InputError(f"there is no such repository, or {why}") from None
        if known is not None and status == 304:
            return RepositoryFacts(known.name, known.branch, known.pushed, tag=known.facts_tag)
        facts = read_facts(value)
        if facts is None:
            raise InputError("GitHub's answer describes no repository")
        if not wanted.redirected and facts.full_name.partition("/")[0].lower() != wanted.owner.lower():
            raise InputError(f"it belongs to another owner now, as {facts.full_name}, and is not taken from there")
        return replace(facts, tag=answered.get("ETag"))

    def _download(
        self, wanted: Wanted, facts: RepositoryFacts | None, before: StoredRepository | None
    ) -> StoredRepository:
        if facts is not None and facts.private and self._server.token:
            return self._from_api(wanted, facts, before)
        ref = wanted.ref or (facts.branch if facts else None) or "HEAD"
        found = self._from_web(wanted, ref, facts, before)
        if found is not None:
            return found
        facts = facts or self._facts(wanted)
        if self._server.token and facts.size != 0:
            return self._from_api(wanted, facts, before)
        if wanted.ref is None and ref != "HEAD" and (found := self._from_web(wanted, "HEAD", facts, before)):
            return found
        if wanted.ref is not None:
            raise InputError(f"the repository has no branch, tag or commit {wanted.ref}")
        return self._empty(wanted, facts)

    def _from_web(
        self, wanted: Wanted, ref: str, facts: RepositoryFacts | None, before: StoredRepository | None
    ) -> StoredRepository | None:
        """The archive from the web host; None where it has none for us."""
        full_name = facts.full_name if facts else f"{wanted.owner}/{wanted.name}"
        for name in (ref, f"refs/heads/{ref}"):
            try:
                return self._archive(
                    f"{self._server.web}/{full_name}/archive/{quote(name)}.tar.gz", wanted, facts, before
                )
            except RefusedError as error:
                if error.status == 300 and name == ref:
                    continue
                if error.status in _NOT_ON_THE_WEB:
                    return None
                raise
        return None

    def _from_api(self, wanted: Wanted, facts: RepositoryFacts, before: StoredRepository | None) -> StoredRepository:
        """The archive by the API, which redirects to one for whoever may read the repository."""
        ref = wanted.ref or facts.branch or "HEAD"
        address = f"{self._transport.api}/repos/{facts.full_name}/tarball/{quote(ref)}"
        try:
            return self._archive(address, wanted, facts, before, api=True)
        except RefusedError as error:
            if error.status != 404:
                raise
        if wanted.ref is not None:
            raise InputError(f"the repository has no branch, tag or commit {wanted.ref}")
        return self._empty(wanted, facts)

    def _archive(
        self,
        address: str,
        wanted: Wanted,
        facts: RepositoryFacts | None,
        before: StoredRepository | None,
        api: bool = False,
    ) -> StoredRepository:
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if before is not None and before.tag:
            headers["If-None-Match"] = before.tag

        def read(answer: HttpResponse) -> StoredRepository:
            tag = answer.headers.get("ETag")
            if before is not None and (answer.status == 304 or (tag and tag == before.tag)):
                return self._confirmed(before, facts)
            if "text/html" in answer.headers.get("Content-Type", ""):
                raise RefusedError("GitHub answered with a web page", 401)
            return self._read(answer, wanted, facts, tag)

        record = self._transport.get(address, read, headers, api=api)
        complete = record is before or not wanted.ask or (facts is not None and facts.private)
        return record if complete else self._completed(record)

    def _confirmed(self, before: StoredRepository, facts: RepositoryFacts | None) -> StoredRepository:
        """The record, with what the API said of the repository meanwhile."""
        if facts is None or (facts.pushed, facts.branch) == (before.pushed, before.branch):
            return before
        return replace(before, pushed=facts.pushed, branch=facts.branch, facts_tag=facts.tag)

    def _read(
        self, answer: HttpResponse, wanted: Wanted, facts: RepositoryFacts | None, tag: str | None
    ) -> StoredRepository:
        archive = Archive(self._transport.watched(answer))
        files: list[StoredFile] = []
        folders: set[str] = set()
        patterns: list[tuple[str, str]] = []
        for member, data in archive:
            if member.kind == "directory":
                folders.add(member.path)
                continue
            if member.kind == "link":
                files.append(StoredFile(member.path, "link", target=member.target))
                continue
            files.append(kept_file(member.path, member.executable, member.size, member.digest, data, self._cache))
            folder, _, name = member.path.rpartition("/")
            if name == ".gitattributes" and data is not None and len(data) <= _MOST_ATTRIBUTES:
                patterns.extend(export_ignored(folder, data.decode("utf-8", "replace")))
        if not files and not folders and archive.commit is None:
            raise TruncatedArchiveError("the archive holds nothing, not even the name of its commit")
        if is_full_commit(wanted.ref) and archive.commit not in (None, wanted.ref):
            raise InputError(f"the archive that came is of the commit {archive.commit}, not of {wanted.ref}")
        files.extend(StoredFile(folder, "submodule") for folder in _empty_folders(folders, files))
        unnamed = [problem for problem in archive.problems if problem.possible]
        return StoredRepository(
            name=facts.full_name if facts else f"{wanted.owner}/{wanted.name}",
            ref=wanted.ref,
            commit=archive.commit or (wanted.ref if is_full_commit(wanted.ref) else None),
            fetched=self._clock(),
            files=tuple(sorted(files, key=lambda file: file.path)),
            branch=facts.branch if facts else None,
            pushed=facts.pushed if facts else None,
            served=http_date(answer.headers.get("Date", "")),
            tag=tag,
            facts_tag=facts.tag if facts else None,
            left_out={"": f"{unnamed[0]}, so that it was left out"} if unnamed else None,
            patterns=tuple(patterns),
            problems=tuple(str(problem) for problem in archive.problems if not problem.possible),
            notes=(*link_notes(files), *(f"{problem}; it was left out" for problem in unnamed[:_NAMED_PROBLEMS])),
        )

    def _empty(self, wanted: Wanted, facts: RepositoryFacts) -> StoredRepository:
        return StoredRepository(facts.full_name, wanted.ref, None, self._clock(), (), facts.branch, facts.pushed)

    def _completed(self, record: StoredRepository) -> StoredRepository:
        """The record with the exact paths that the archive leaves out, for one more request.

        An archive without .gitattributes may leave it out, too, and with it the names of what else is left out.
        """
        attributes = any(file.path == ".gitattributes" for file in record.files)
        if record.commit is None or (attributes and not record.patterns):
            return record
        try:
            tree = list_tree(lambda tree, whole: self._tree(record.name, tree, whole), record.commit)
        except InputError:
            return record
        there = {file.path for file in record.files}
        missing = {path: f"GitHub leaves {path} out of the archive" for path in sorted(tree) if path not in there}
        return with_left_out(record, missing)

    def _tree(self, name: str, tree: str, whole: bool) -> object:
        path = f"/repos/{name}/git/trees/{tree}"
        return self._transport.get_json(f"{path}?recursive=1" if whole else path)[2]

    def _save(self, wanted: Wanted, record: StoredRepository) -> None:
        self._cache.save_repository(self._server.key, wanted.owner, wanted.name, record)


def _is_unchanged(before: StoredRepository, facts: RepositoryFacts) -> bool:
    """Whether nothing was pushed to the repository since, and the default branch is still the same one."""
    if facts.pushed is None or before.name.lower() != facts.full_name.lower():
        return False
    if before.pushed is not None:
        return before.pushed == facts.pushed and (before.ref is not None or before.branch == facts.branch)
    pushed = _timestamp(facts.pushed)
    return before.ref is not None and pushed is not None and before.served is not None and pushed < before.served


def _timestamp(text: str) -> float | None:
    from datetime import datetime

    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _empty_folders(folders: set[str], files: list[StoredFile]) -> list[str]:
    """Folders with nothing in them: git records none, so each is where a submodule belongs."""
    filled = {file.path.rpartition("/")[0] for file in files} | {folder.rpartition("/")[0] for folder in folders}
    return sorted(folder for folder in folders if folder not in filled)


def _problems(record: StoredRepository) -> tuple[InputError, ...]:
    if not record.problems:
        return ()
    named = "; ".join(record.problems[:_NAMED_PROBLEMS])
    more = len(record.problems) - _NAMED_PROBLEMS
    rest = f"; and {more} more" if more > 0 else ""
    return (InputError(f"the archive holds what no repository can, which was left out: {named}{rest}", record.name),)


def _placed(error: InputError, wanted: Wanted) -> InputError:
    """The error as one of the repository; what it says of another path goes into the sentence."""
    text = str(error) if isinstance(error, ArchiveError) or error.path is None else f"{error.path}: {error}"
    placed = InputError(text, wanted.full_name)
    placed.__cause__ = error
    return placed
