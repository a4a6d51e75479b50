"""GitHub as a source of repositories, over requests: an owner's, or one at a branch, tag or commit."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from ..late.dataclasses import dataclass
from ..repository.snapshot import Snapshot
from ..text.errors import InputError, UsageError
from ..text.globs import glob_matches
from .address import ApiServer, Target, line_address, parse_target
from .cache import Cache, age_in_words
from .cached_snapshot import RepositoryFacts, StoredOwner
from .fetch import Brought, Fetcher, Wanted
from .http_session import Sessions
from .owner_listing import list_owner
from .progress import Progress, Untold
from .transport import LimitedError, RefusedError, Send, Transport, UnreachableError
from .workers import in_order

if TYPE_CHECKING:
    import requests


@dataclass(frozen=True, slots=True)
class GitHubOptions:
    """What of an owner's repositories is wanted, and how.

    `include` and `exclude` are globs on REPO or OWNER/REPO, letter case aside; `jobs` how many downloads run at once;
    `longest_wait` the seconds that a rate limit is waited for; `offline` allows the cache alone; `redirected` says that
    a repository which was moved to another owner may be taken from there.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    archived: bool = True
    forks: bool = True
    offline: bool = False
    jobs: int = 8
    longest_wait: float = 60.0
    redirected: bool = True


class GitHub:
    """Repositories of one GitHub server, by way of a cache.

    `agent` is what requests name as their sender; `session` makes a requests session for each thread; `clock` gives
    the time in seconds since 1970, `sleep` waits for as many seconds. Raises UsageError for an environment that names
    no server, and for targets that are none.
    """

    def __init__(
        self,
        server: ApiServer | None = None,
        cache: Cache | None = None,
        *,
        progress: Progress | None = None,
        agent: str = "ctlint",
        session: "Callable[[], requests.Session] | None" = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self.server = server or ApiServer.from_environment(os.environ)
        self.cache = cache or Cache(clock=clock)
        self._progress = progress or Untold()
        self._agent = agent
        self._session = session
        self._clock = clock
        self._sleep = sleep

    def open(self, targets: Sequence[str], options: GitHubOptions | None = None) -> Iterator[Snapshot | InputError]:
        """The repositories that the targets name, each once, in order of their names, and what could not be had.

        A failure concerns one owner or repository (`InputError.path`), and all the rest is there. Closing the iterator,
        or an interrupt, ends the downloads; what was complete by then stays in the cache.
        """
        parsed = [self._parse(target) for target in targets]
        return self._open(parsed, options or GitHubOptions())

    def _parse(self, text: str) -> Target:
        target = parse_target(text, self.server)
        if target is None:
            raise UsageError(f"{text} is no GitHub target")
        return target

    def _open(self, targets: Sequence[Target], options: GitHubOptions) -> Iterator[Snapshot | InputError]:
        stop = threading.Event()
        sessions = Sessions(self._session)
        try:
            transport = self._transport(sessions.send, stop, options)
            wanted, errors = self._wanted(targets, options, transport)
            yield from errors
            self.cache.tidy()
            fetcher = Fetcher(self.server, transport, self.cache, self._progress, self._clock)
            self._progress.begin(len(wanted))
            count = Counter(one.full_name.lower() for one in wanted)
            ready = [fetcher.at_hand(one) for one in wanted]
            missing = [one for one, brought in zip(wanted, ready, strict=True) if brought is None]
            downloads = in_order(fetcher.bring, missing, options.jobs, stop)
            for one, brought in zip(wanted, ready, strict=True):
                several = count[one.full_name.lower()] > 1
                yield from self._results(one, brought or next(downloads), several)
        finally:
            stop.set()
            self._progress.end()
            sessions.close()

    def _transport(self, send: Send, stop: threading.Event, options: GitHubOptions) -> Transport:
        return Transport(
            send,
            self.server,
            agent=self._agent,
            progress=self._progress,
            stop=stop,
            clock=self._clock,
            sleep=self._sleep,
            longest_wait=options.longest_wait,
        )

    def _results(self, wanted: Wanted, brought: Brought, several: bool) -> Iterator[Snapshot | InputError]:
        self._progress.done(wanted.full_name, brought.outcome)
        yield from brought.errors
        record = brought.record
        if record is None:
            return
        for note in record.notes:
            self._progress.warn(f"{record.name}: {note}")
        label = f"{record.name}@{record.ref}/" if several and record.ref else f"{record.name}/"
        yield record.snapshot(self.cache, label, {"origin": f"{self.server.web}/{record.name}"})

    def _wanted(
        self, targets: Sequence[Target], options: GitHubOptions, transport: Transport
    ) -> tuple[list[Wanted], list[InputError]]:
        """What to bring, and what could not be listed."""
        found: dict[tuple[str, str], Wanted] = {}
        errors: list[InputError] = []
        for owner in dict.fromkeys(target.owner.lower() for target in targets if target.repository is None):
            listing = self._listing(owner, options, transport)
            errors.extend(listing.errors)
            for facts in listing.repositories:
                if _is_chosen(facts, options):
                    name = facts.full_name.partition("/")
                    found[facts.full_name.lower(), ""] = Wanted(name[0], name[2], None, facts, offline=listing.offline)
        single = [target for target in targets if target.repository is not None]
        alone = len({str(target).lower() for target in single}) == 1 and not found
        for target in single:
            assert target.repository is not None
            key = (f"{target.owner}/{target.repository}".lower(), target.ref or "")
            reason = "--offline was given" if options.offline else ""
            one = Wanted(target.owner, target.repository, target.ref, None, alone, reason, options.redirected)
            found.setdefault(key, one)
        return [found[key] for key in sorted(found)], errors

    def _listing(self, owner: str, options: GitHubOptions, transport: Transport) -> "_Listing":
        before = self.cache.load_owner(self.server.key, owner)
        if options.offline:
            if before is None:
                reason = "its repositories are not in the cache, and --offline was given"
                return _Listing((), (InputError(reason, owner),))
            self._warn_of_age(owner, "offline", before)
            return _Listing(tuple(before.repositories), offline="--offline was given")
        try:
            now = list_owner(transport.get_json, owner, before, self._clock())
        except (UnreachableError, LimitedError) as error:
            if before is None:
                return _Listing((), (InputError(str(error), owner),))
            self._warn_of_age(owner, str(error), before)
            errors = (InputError(str(error), owner),) if isinstance(error, LimitedError) else ()
            return _Listing(tuple(before.repositories), errors, offline=str(error))
        except RefusedError as error:
            text = "there is no such user or organisation" if error.status == 404 else str(error)
            return _Listing((), (InputError(text, owner),))
        except InputError as error:
            return _Listing((), (InputError(str(error), owner),))
        self.cache.save_owner(self.server.key, owner, now)
        return _Listing(tuple(now.repositories))

    def _warn_of_age(self, owner: str, reason: str, record: StoredOwner) -> None:
        age = age_in_words(self._clock() - record.fetched)
        self._progress.warn(f"{owner}: {reason}; using its repositories as they were {age}")


@dataclass(frozen=True, slots=True)
class _Listing:
    repositories: tuple[RepositoryFacts, ...]
    errors: tuple[InputError, ...] = ()
    offline: str = ""


def link(snapshot: Snapshot, path: str, line: int | None = None, server: ApiServer | None = None) -> str | None:
    """The web address of a line at the snapshot's commit; None where the commit is not known.

    `path` is below the repository's top, or as it is shown, with the snapshot's label.
    """
    if snapshot.commit is None:
        return None
    below = path.removeprefix(snapshot.label) if snapshot.label else path
    return line_address(snapshot.name, snapshot.commit, below, line, server or ApiServer.from_environment(os.environ))


def _is_chosen(facts: RepositoryFacts, options: GitHubOptions) -> bool:
    if (facts.archived and not options.archived) or (facts.fork and not options.forks):
        return False
    names = (facts.full_name.lower(), facts.full_name.partition("/")[2].lower())

    def matches(globs: Sequence[str]) -> bool:
        return any(glob_matches(name, glob.lower()) for glob in globs for name in names)

    return (not options.include or matches(options.include)) and not matches(options.exclude)
