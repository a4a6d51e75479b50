"""Targets on GitHub: opened through the cache, with a progress bar; and the commands `fetch` and `cache`."""

import argparse
import sys
from collections.abc import Sequence
from typing import TextIO

from ...lineage.repository.snapshot import Snapshot
from ...lineage.text.errors import InputError
from ..config.effective import Config
from ..output.console import progress_on
from .open import Request

Repositories = list[tuple[Snapshot, Sequence[str]]]


def open_remote(targets: Sequence[str], request: Request, config: Config) -> tuple[Repositories, list[InputError]]:
    """The repositories of GitHub targets, and what could not be had."""
    from ...lineage.remote.cache import Cache
    from ...lineage.remote.github import GitHub, Options
    from ...lineage.repository.discover import dockerfiles
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
            repositories.append((found, dockerfiles(found, config.exclude)))
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


def fetch_command(options: argparse.Namespace) -> int:
    """`ctlint fetch`."""
    from ..commands.fetch import FetchOptions, fetch
    from ..version import VERSION

    return fetch(
        FetchOptions(
            targets=options.targets,
            cache_dir=options.cache_dir,
            include=tuple(options.include),
            exclude=tuple(options.exclude),
            archived=not options.no_archived,
            forks=not options.no_forks,
            offline=options.offline,
            jobs=options.jobs,
            agent=f"ctlint/{VERSION}",
        ),
        print_line,
        lambda text: print_line(text, sys.stderr),
        progress_on(sys.stderr, not options.no_progress),
    )


def cache_command(options: argparse.Namespace) -> int:
    """`ctlint cache`."""
    from ..commands.cache import CacheOptions, cache

    return cache(CacheOptions(options.action, options.what, options.cache_dir), print_line)


def print_line(text: str, stream: TextIO | None = None) -> None:
    """Write a line to standard output, or to `stream`."""
    (stream or sys.stdout).write(text + "\n")
