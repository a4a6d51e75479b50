"""From arguments and configuration to a workspace: the step that every command begins with."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from ...lineage.builds.named_dockerfiles import all_dockerfiles
from ...lineage.consumers.files import consumers
from ...lineage.dockerfile.logical_lines import LARGEST_FILE
from ...lineage.late.dataclasses import dataclass, field, replace
from ...lineage.oci.address import LOCK, is_image_address
from ...lineage.repository.asked import beyond_the_disk, is_file, is_folder, names
from ...lineage.repository.discover import Opened, open_targets, remote_target
from ...lineage.repository.git_files import enclosing_checkout
from ...lineage.repository.snapshot import Snapshot
from ...lineage.text.errors import InputError, NoSuchTargetError, UsageError
from ...lineage.text.reference import Reference
from ...lineage.text.spelling import nearest
from ...lineage.workspace.deployments import missing_images
from ...lineage.workspace.workspace import ImageSource, Workspace
from ..config.effective import Config, load_config
from ..config.files import FileVersions
from ..output.complaints import standard_input
from .addresses import InRepository, image_named, in_repository, restrict, take_images
from .configured_parents import bring_folders, without_effect
from .remote import open_remote, parent_repositories
from .request import Request
from .settings import settings_of


@dataclass(frozen=True, slots=True)
class Opening:
    """A workspace, the configuration it was made with, what could not be read, and what was asked for."""

    workspace: Workspace
    config: Config
    errors: tuple[InputError, ...]
    request: Request = field(default_factory=Request)
    notes: tuple[str, ...] = ()
    """What the user should know of the configuration and is no error: an entry without effect."""


def open_workspace(request: Request) -> Opening:
    """Open the targets. What cannot be read is among `errors`; raises UsageError for a wrong configuration."""
    cwd = Path.cwd()
    config = configured(request, cwd)
    real = tuple(target for target in request.targets if is_image_address(target))
    inside = {target: at for target in request.targets if (at := in_repository(target)) is not None}
    local, remote, images = _sorted(request.targets, real, inside, cwd)
    stdin = standard_input(LARGEST_FILE + 1) if "-" in local else b""
    if remote or images or "-" in local or request.fetch_parents:
        beyond_the_disk()
    found = open_targets(local, cwd, exclude=config.excluded_in, stdin=stdin, stdin_filename=request.stdin_filename)
    errors = [item for item in found if isinstance(item, InputError)]
    opened = [_with_named(item, config) for item in found if isinstance(item, Opened)]
    repositories: list[tuple[Snapshot, Sequence[str]]] = [(item.snapshot, item.dockerfiles) for item in opened]
    brought: Sequence[tuple[Snapshot, Sequence[str]]] = ()
    if remote:
        brought, failed = open_remote(remote, request, config)
        repositories += brought
        errors += failed
    workspace = Workspace(repositories, settings_of(config, request))
    _restrict(workspace, opened)
    errors += _only_inside(workspace, inside.values())
    if images:
        errors += _named_images(workspace, images, config, asked_alone=not opened and not brought)
    errors = [_with_guess(error) for error in errors]
    if request.targets != (".",) and not errors and not real:
        _refuse_empty(request.targets, opened, workspace, brought)
    errors += bring_folders(workspace, config, cwd)
    if request.fetch_parents:
        roots = [_top(snapshot.root) for snapshot, _ in repositories if snapshot.root is not None]
        errors += _fetch_parents(workspace, request, config, roots)
    errors += _real_images(workspace, request, config, real)
    return Opening(workspace, config, tuple(errors), request, tuple(without_effect(workspace, config)))


def _sorted(
    targets: Sequence[str], real: Sequence[str], inside: Mapping[str, InRepository], cwd: Path
) -> tuple[list[str], list[str], dict[str, Reference]]:
    """The targets that are paths, those of repositories on GitHub, and the images that are meant by their names."""
    local: list[str] = []
    remote: list[str] = []
    images: dict[str, Reference] = {}
    for target in targets:
        image = image_named(target, cwd)
        if target in inside:
            remote.append(inside[target].target)
        elif remote_target(target) is not None:
            remote.append(target)
        elif image is not None and not is_image_address(target):
            images[target] = image
        elif target not in real:
            local.append(target)
    return local, list(dict.fromkeys(remote)), images


def _only_inside(workspace: Workspace, addresses: Iterable[InRepository]) -> list[InputError]:
    """Keep of the fetched repositories the files and folders that were named; what is wrong with those."""
    errors: list[InputError] = []
    for address in addresses:
        name = address.target.removeprefix("github:").partition("@")[0].lower()
        for snapshot in workspace.asked:
            if snapshot.root is None and snapshot.name.lower() == name:
                problem = restrict(workspace, snapshot, address)
                errors += [problem] if problem is not None else []
    return errors


def _named_images(
    workspace: Workspace, images: Mapping[str, Reference], config: Config, *, asked_alone: bool
) -> list[InputError]:
    """Take in images that were asked for by name; alone, they are looked for in the working directory, too."""
    if asked_alone:
        here = [
            item for item in open_targets(["."], Path.cwd(), exclude=config.excluded_in) if isinstance(item, Opened)
        ]
        workspace.add((item.snapshot, item.dockerfiles) for item in here)
        workspace.asked = tuple(item.snapshot for item in here)
        workspace.whole = frozenset()
    return take_images(workspace, images, config)


def earlier_parents(
    workspace: Workspace, request: Request, config: Config, kept_in: Callable[[Snapshot], Snapshot]
) -> None:
    """Take in what stood for parents by an earlier configuration and by the locks in `kept_in`; what could not be read
    is left out, as the run of now tells it."""
    bring_folders(workspace, config, Path.cwd())
    _real_images(workspace, request, config, (), kept_in)


def _real_images(
    workspace: Workspace,
    request: Request,
    config: Config,
    targets: tuple[str, ...],
    kept_in: Callable[[Snapshot], Snapshot] = lambda snapshot: snapshot,
) -> list[InputError]:
    """Take in the targets that are real images, and what stands for parents; what could not be read."""
    wanted = any(parent.kind == "real" for parent in config.parents.values())
    locked = any(LOCK in kept_in(snapshot).entries for snapshot in workspace.snapshots)
    if not (targets or wanted or locked or request.parents_from or request.with_parent):
        return []
    from .real_parents import real_images, real_targets, stand_in

    beyond_the_disk()

    images = cache(lambda: real_images(request, config))
    errors = real_targets(workspace, targets, images()) if targets else []

    def other(target: str) -> tuple[Workspace, tuple[InputError, ...]]:
        opening = open_workspace(replace(request, targets=(target,), with_parent=()))
        return opening.workspace, opening.errors

    errors += stand_in(workspace, request, config, images, other, kept_in)
    if images.cache_info().currsize:
        images().close()
    return errors


def configured(request: Request, cwd: Path, files: FileVersions | None = None) -> Config:
    """The configuration that counts for a request. `files` gives earlier versions of files. Raises UsageError."""
    return load_config(_configured_folder(request.targets, cwd), request.config, files)


def _top(folder: Path) -> Path:
    """The top of the git checkout that a folder lies in; the folder where it lies in none."""
    checkout = enclosing_checkout(folder)
    return checkout.root if checkout is not None else folder


def _fetch_parents(workspace: Workspace, request: Request, config: Config, roots: Sequence[Path]) -> list[InputError]:
    """Bring the repositories of parents that are not at hand, until no more are known."""
    errors: list[InputError] = []
    asked: set[str] = set()
    while True:
        missing = (*workspace.missing_parents(), *missing_images(workspace))
        wanted = [reference for reference in dict.fromkeys(missing) if reference not in asked]
        if not wanted:
            return errors
        asked.update(wanted)
        brought, failed = parent_repositories(wanted, request, config, roots)
        errors += failed
        workspace.add(brought)


def _with_named(opened: Opened, config: Config) -> Opened:
    """A repository that was asked for as a whole with the Dockerfiles that only its build files tell."""
    if not opened.whole:
        return opened
    return replace(opened, dockerfiles=all_dockerfiles(opened.snapshot, config.excluded_in(opened.snapshot.root)))


def _restrict(workspace: Workspace, opened: Sequence[Opened]) -> None:
    """Keep as selected only the images that were asked for: all of a repository, or those that take a named file in."""
    only = {item.snapshot.show(path) for item in opened for path in item.only}
    local = {item.snapshot for item in opened}
    workspace.whole = frozenset(
        (*(item.snapshot for item in opened if item.whole), *(s for s in workspace.asked if s not in local))
    )
    workspace.named = frozenset(only)
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


def _with_guess(error: InputError) -> InputError:
    """What was named and is not there, with the name beside it that may be meant."""
    if not isinstance(error, NoSuchTargetError) or error.path is None:
        return error
    folder, _, last = error.path.rstrip("/").rpartition("/")
    near = nearest(last, names(Path(folder or "."))) if not folder or is_folder(Path(folder)) else None
    if near is None:
        return error
    return InputError(f"{error}; did you mean {f'{folder}/{near}' if folder else near}?", error.path)


def _refuse_empty(
    targets: Sequence[str],
    opened: Sequence[Opened],
    workspace: Workspace,
    brought: Sequence[tuple[Snapshot, Sequence[str]]],
) -> None:
    """Raise UsageError where what was named holds neither an image nor a file that runs one, with how to go on."""
    if workspace.selected:
        return
    named = ", ".join(targets)
    only = {item.snapshot.show(path) for item in opened for path in item.only}
    running = [
        each
        for snapshot in (*(item.snapshot for item in opened), *(s for s, _ in brought))
        for each in consumers(snapshot)
    ]
    if any(not only or each.place.path in only for each in running):
        return
    if only:
        raise UsageError(
            f"No image takes in {named}. Name a Dockerfile, a script that one copies in, or the folder of a repository."
        )
    raise UsageError(
        f"There is no Dockerfile in {named}, and nothing that runs images. Name a folder that holds some; "
        "they are called Dockerfile, Dockerfile.NAME, NAME.Dockerfile or Containerfile."
    )


def _configured_folder(targets: Sequence[str], cwd: Path) -> Path:
    """The folder whose configuration counts: that of the only local target, else the working directory."""
    if (
        len(targets) == 1
        and targets[0] != "-"
        and remote_target(targets[0]) is None
        and not is_image_address(targets[0])
    ):
        path = cwd / targets[0]
        if is_folder(path):
            return path
        if is_file(path):
            return path.parent
    return cwd
