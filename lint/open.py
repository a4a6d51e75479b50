"""From arguments and configuration to a workspace: the step that every command begins with."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..lineage.discover import Opened, open_targets, remote_target
from ..lineage.errors import InputError
from ..lineage.resolve import ConfiguredBuild, ImageSource, Settings, Workspace
from ..lineage.snapshot import Snapshot
from .config import Config, load_config


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks to be opened."""

    targets: tuple[str, ...] = (".",)
    build_args: tuple[tuple[str, str], ...] = ()
    target: str | None = None
    stdin_filename: str = ""
    cache_dir: Path | None = None
    offline: bool = False
    fetch_parents: bool = False
    archived: bool = True
    forks: bool = True
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    config: Path | None = None
    jobs: int = 8
    progress: bool = True


@dataclass(frozen=True, slots=True)
class Opening:
    """A workspace, the configuration it was made with, and what could not be read."""

    workspace: Workspace
    config: Config
    errors: tuple[InputError, ...]


def open_workspace(request: Request) -> Opening:
    """Open the targets. What cannot be read is among `errors`; raises UsageError for a wrong configuration."""
    cwd = Path.cwd()
    config = load_config(_configured_folder(request.targets, cwd), request.config)
    local = [target for target in request.targets if remote_target(target) is None]
    remote = [target for target in request.targets if remote_target(target) is not None]
    stdin = sys.stdin.buffer.read() if "-" in local else b""
    found = open_targets(local, cwd, exclude=config.exclude, stdin=stdin, stdin_filename=request.stdin_filename)
    errors = [item for item in found if isinstance(item, InputError)]
    opened = [item for item in found if isinstance(item, Opened)]
    repositories: list[tuple[Snapshot, Sequence[str]]] = [(item.snapshot, item.dockerfiles) for item in opened]
    if remote:
        from .remote import open_remote

        brought, failed = open_remote(remote, request, config)
        repositories += brought
        errors += failed
    workspace = Workspace(repositories, settings_of(config, request))
    _restrict(workspace, opened)
    if request.fetch_parents:
        errors += _fetch_parents(workspace, request, config)
    return Opening(workspace, config, tuple(errors))


def _fetch_parents(workspace: Workspace, request: Request, config: Config) -> list[InputError]:
    """Bring the repositories of parents that are not at hand, until no more are known."""
    from .remote import parent_repositories

    errors: list[InputError] = []
    asked: set[str] = set()
    while True:
        wanted = [reference for reference in workspace.missing_parents() if reference not in asked]
        if not wanted:
            return errors
        asked.update(wanted)
        brought, failed = parent_repositories(wanted, request, config)
        errors += failed
        workspace.add(brought)


def _restrict(workspace: Workspace, opened: Sequence[Opened]) -> None:
    """Keep as selected only the images that were asked for: all of a repository, or those that take a named file in."""
    only = {item.snapshot.show(path) for item in opened for path in item.only}
    if not only:
        return
    named = {id(item.snapshot): item for item in opened if item.only}

    def wanted(source: ImageSource) -> bool:
        if id(source.snapshot) not in named:
            return True
        if not source.readable:
            return False
        tree = workspace.effective(source).tree
        return any(node.source in only for node in tree.nodes.values())

    workspace.selected = [source for source in workspace.selected if wanted(source)]


def _configured_folder(targets: Sequence[str], cwd: Path) -> Path:
    """The folder whose configuration counts: that of the only local target, else the working directory."""
    if len(targets) == 1 and targets[0] != "-" and remote_target(targets[0]) is None:
        path = cwd / targets[0]
        if path.is_dir():
            return path
        if path.is_file():
            return path.parent
    return cwd


def settings_of(config: Config, request: Request) -> Settings:
    """What the configuration and the command line say about resolving."""

    def shown(key: str, path: str) -> str:
        return os.path.relpath(config.file_of(key, path)).replace(os.sep, "/")

    contexts = {
        shown("contexts", path): ConfiguredBuild(build.context, build.target, build.build_args)
        for path, build in config.contexts.items()
    }
    parents = {pattern: parent.value for pattern, parent in config.parents.items() if parent.kind != "github"}
    return Settings(
        aliases=tuple(config.aliases.items()),
        names={shown("names", path): names for path, names in config.names.items()},
        contexts=contexts,
        parents=parents,
        build_args={**config.build_args, **dict(request.build_args)},
        target=request.target,
        moving_tags=config.moving_tags,
    )
