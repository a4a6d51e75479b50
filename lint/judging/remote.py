"""Targets on GitHub: opened through the cache, with a progress bar."""

import sys
from collections.abc import Sequence

from ...lineage.repository.snapshot import Snapshot
from ...lineage.text.errors import InputError
from ..config.effective import Config
from ..output.console import progress_on
from .request import Request

Repositories = list[tuple[Snapshot, Sequence[str]]]


def open_remote(targets: Sequence[str], request: Request, config: Config) -> tuple[Repositories, list[InputError]]:
    """The repositories of GitHub targets, and what could not be had."""
    from ...lineage.remote.cache import Cache
    from ...lineage.remote.github import GitHub, Options
    from ...lineage.repository.dockerfiles import dockerfiles
    from ..version import VERSION

    if not targets:
        return [], []
    github = GitHub(
        cache=Cache(request.cache_dir),
        progress=progress_on(sys.stderr, request.progress),
        agent=f"ctlint/{VERSION}",
    )
    options = Options(
        include=request.include,
        exclude=request.exclude,
        archived=request.archived,
        forks=request.forks,
        offline=request.offline,
        jobs=request.jobs,
    )
    repositories: Repositories = []
    errors: list[InputError] = []
    for found in github.open(targets, options):
        if isinstance(found, InputError):
            errors.append(found)
        else:
            repositories.append((found, dockerfiles(found.leave_out(config.exclude), config.exclude)))
    return repositories, errors


def parent_repositories(
    references: Sequence[str], request: Request, config: Config
) -> tuple[Repositories, list[InputError]]:
    """The repositories that build these parent images, as far as their publisher is known."""
    from ...lineage.remote.publishing_repository import repository_of

    parents = {pattern: source.value for pattern, source in config.parents.items()}
    wanted = [repository_of(reference, parents, tuple(config.aliases.items())) for reference in references]
    targets = [f"github:{name}" for name in dict.fromkeys(wanted) if name is not None]
    return open_remote(targets, request, config)
