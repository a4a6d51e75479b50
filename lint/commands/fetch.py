"""`ctlint fetch`: brings repositories into the cache."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...lineage.late.dataclasses import dataclass, field
from ...lineage.text.errors import InputError, UsageError
from ..opening.request import DOWNLOADS
from ..output.complaints import print_line
from ..output.console import progress_on
from ..version import VERSION

if TYPE_CHECKING:
    from ...lineage.remote.github import GitHubOptions
    from ...lineage.remote.progress import Progress

_OUTCOMES = ("fetched", "unchanged", "cached", "failed")


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """The arguments of `ctlint fetch`. `cache_dir` is None for the platform's folder; `agent` names this program."""

    targets: Sequence[str]
    cache_dir: Path | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    archived: bool = True
    forks: bool = True
    offline: bool = False
    jobs: int = DOWNLOADS
    agent: str = "ctlint"


@dataclass(slots=True)
class _Count:
    """A Progress that passes on to another one what it is told, and counts."""

    told: "Progress"
    outcomes: Counter[str] = field(default_factory=Counter[str])

    def begin(self, total: int) -> None:
        self.told.begin(total)

    def done(self, repository: str, outcome: str) -> None:
        self.outcomes[outcome] += 1
        self.told.done(repository, outcome)

    def waiting(self, seconds: float, reason: str) -> None:
        self.told.waiting(seconds, reason)

    def warn(self, message: str) -> None:
        self.told.warn(message)

    def end(self) -> None:
        self.told.end()


def fetch(
    options: FetchOptions,
    write: Callable[[str], object],
    complain: Callable[[str], object],
    progress: "Progress | None" = None,
) -> int:
    """Brings what the targets name into the cache. A summary goes to `write`, a line on each failure to `complain`.

    Returns 0, or 3 where something could not be had. Raises UsageError for targets that are not on GitHub.
    """
    from ...lineage.remote.cache import Cache
    from ...lineage.remote.github import GitHub
    from ...lineage.remote.progress import Untold

    if not options.targets:
        raise UsageError("ctlint fetch needs a target, for instance github:OWNER")
    count = _Count(progress or Untold())
    github = GitHub(cache=Cache(options.cache_dir), progress=count, agent=options.agent)
    failures = 0
    for found in github.open(options.targets, _chosen(options)):
        if isinstance(found, InputError):
            failures += 1
            complain(f"{found.path}: {found}" if found.path else str(found))
    write(_summary(count.outcomes, github.cache.path))
    return 3 if failures else 0


def _chosen(options: FetchOptions) -> "GitHubOptions":
    from ...lineage.remote.github import GitHubOptions

    return GitHubOptions(
        include=options.include,
        exclude=options.exclude,
        archived=options.archived,
        forks=options.forks,
        offline=options.offline,
        jobs=options.jobs,
    )


def _summary(outcomes: Counter[str], folder: Path) -> str:
    total = outcomes.total()
    parts = ", ".join(f"{outcomes[name]} {name}" for name in _OUTCOMES if outcomes[name])
    return f"{total} {'repository' if total == 1 else 'repositories'}{f': {parts}' if parts else ''}; cache: {folder}"


def fetch_command(options: argparse.Namespace) -> int:
    """`ctlint fetch`."""
    return fetch(
        FetchOptions(
            targets=options.targets,
            cache_dir=options.cache_dir,
            include=tuple(options.include),
            exclude=tuple(options.exclude),
            archived=not options.no_archived,
            forks=not options.no_forks,
            offline=options.offline,
            jobs=options.jobs or DOWNLOADS,
            agent=f"ctlint/{VERSION}",
        ),
        print_line,
        lambda text: print_line(text, sys.stderr),
        progress_on(sys.stderr, not options.no_progress),
    )
