"""Targets on GitHub: opened through the cache, with a progress bar."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...lineage.late.dataclasses import replace
from ...lineage.repository.snapshot import Snapshot
from ...lineage.text.errors import InputError
from ..config.effective import Config
from ..config.files import shown
from ..output.console import progress_on
from .request import Request

if TYPE_CHECKING:
    from ...lineage.remote.address import Target

Repositories = list[tuple[Snapshot, Sequence[str]]]


def open_remote(
    targets: Sequence[str], request: Request, config: Config, *, named_by_user: bool = True, with_token: bool = True
) -> tuple[Repositories, list[InputError]]:
    """The repositories of GitHub targets, and what could not be had.

    Those that the user did not name are of the owner that is asked for: a redirect to another's is refused.
    """
    from ...lineage.builds.named_dockerfiles import all_dockerfiles
    from ...lineage.remote.address import ApiServer
    from ...lineage.remote.cache import Cache
    from ...lineage.remote.github import GitHub, GitHubOptions
    from ..version import VERSION

    if not targets:
        return [], []
    server = ApiServer.from_environment(os.environ)
    github = GitHub(
        server if with_token else replace(server, token=None),
        cache=Cache(request.cache_dir),
        progress=progress_on(sys.stderr, request.progress),
        agent=f"ctlint/{VERSION}",
    )
    options = GitHubOptions(
        include=request.include,
        exclude=request.exclude,
        archived=request.archived,
        forks=request.forks,
        offline=request.offline,
        jobs=request.downloads,
        redirected=named_by_user,
    )
    repositories: Repositories = []
    errors: list[InputError] = []
    for found in github.open(targets, options):
        if isinstance(found, InputError):
            errors.append(found)
        else:
            repositories.append((found, all_dockerfiles(found.leave_out(config.exclude), config.exclude)))
    return repositories, errors


def parent_repositories(
    references: Sequence[str], request: Request, config: Config, roots: Sequence[Path] = ()
) -> tuple[Repositories, list[InputError]]:
    """The repositories that build these parent images, as far as their publisher is known.

    `roots` are the repositories on this machine that are read. Those of an owner who is trusted with the token (see
    `trusted_owners`) are asked for with it, others without; and others that only the configuration of one of `roots`
    names not at all, as whoever wrote it would choose what is read.
    """
    from ...lineage.remote.address import parse_target
    from ...lineage.remote.publishing_repository import configured, repository_of

    parents = {pattern: source.value for pattern, source in config.parents.items()}
    aliases = tuple(config.aliases.items())
    trusted = trusted_owners(request.targets, os.environ)
    welcome = trusted | {owner.lower() for owner in request.fetch_from}
    wanted: dict[bool, dict[str, None]] = {True: {}, False: {}}
    errors: list[InputError] = []
    for reference in references:
        name = repository_of(reference, parents, aliases)
        target = parse_target(f"github:{name}") if name is not None else None
        if target is None:
            continue
        owner = target.owner.lower()
        pattern = configured(reference, parents, aliases)
        if pattern is not None and owner not in welcome and (error := _foreign(pattern, target, config, roots)):
            errors.append(error)
            continue
        wanted[owner in trusted][f"github:{target}"] = None
    repositories: Repositories = []
    for with_token, targets in wanted.items():
        brought, failed = open_remote(list(targets), request, config, named_by_user=False, with_token=with_token)
        repositories += brought
        errors += failed
    return repositories, errors


def trusted_owners(targets: Sequence[str], environment: Mapping[str, str]) -> frozenset[str]:
    """The owners, in lower case, whose repositories may be asked for with the token though a repository names them.

    They are those of the targets on GitHub, and the one that CI says it runs for: never one that stands in a
    repository's own files.
    """
    from ...lineage.repository.discover import remote_target

    named = [target.owner for text in targets if (target := remote_target(text)) is not None]
    named += [
        environment.get("GITHUB_REPOSITORY_OWNER", ""),
        environment.get("GITHUB_REPOSITORY", "").partition("/")[0],
    ]
    return frozenset(owner.strip().lower() for owner in named if owner.strip())


def _foreign(pattern: str, target: "Target", config: Config, roots: Sequence[Path]) -> InputError | None:
    """Why the repository that an entry of `parents` names is not fetched; None where the entry is the user's own."""
    origin = config.origin("parents", pattern)
    if origin.file is None:
        return None
    file = Path(os.path.realpath(origin.file.path))
    if not any(file.is_relative_to(os.path.realpath(root)) for root in roots):
        return None
    return InputError(
        f'the repository names github:{target} as the parent "{pattern}", which is another owner\'s: it is not fetched. '
        f"--fetch-from {target.owner} allows it, or GITHUB_REPOSITORY_OWNER where CI runs for that owner",
        shown(origin.file.path),
        origin.file.line(origin.key),
    )
