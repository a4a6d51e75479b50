"""From what the user names to repositories and their Dockerfiles."""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ..late.dataclasses import dataclass, replace
from ..text.errors import InputError, NoSuchTargetError
from .asked import exists, is_file, is_folder, is_link, listing, names
from .disk import read_folder
from .dockerfiles import NOT_SEARCHED, dockerfiles, is_dockerfile_name, looks_like_dockerfile
from .git_files import checkout_at
from .plain_file import LARGEST_LIST, LARGEST_SETTINGS, read_plain
from .snapshot import Snapshot

Excluded = Callable[[Path], Sequence[str]]
"""Patterns, in the syntax of .gitignore, of what is passed over in the repository in a folder."""
STDIN = "-"
_WORKSPACE_FILES = ("ctlint.toml", ".ctlint.toml")


def _nothing(repository: Path) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A repository that was asked for. `dockerfiles` are the repository paths of those to be looked at, sorted.

    `only` are the repository paths of start scripts or launchers, where these were named: they stand for the images of
    the repository that take them in. `whole`: the repository was asked for, not one of its files.
    """

    snapshot: Snapshot
    dockerfiles: tuple[str, ...]
    only: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class RemoteTarget:
    """A target on GitHub; without `repo`, all repositories of the owner. `ref` is a branch, tag or commit."""

    owner: str
    repo: str | None = None
    ref: str | None = None


def remote_target(target: str) -> RemoteTarget | None:
    """Reads `github:OWNER`, `github:OWNER/REPO[@REF]` or a repository's https address; None for any other target."""
    match = re.fullmatch(
        r"(?:github:|https?://(?:www\.)?github\.com/)([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)/?"
        r"(?:(?<=/)([A-Za-z0-9._-]+?)(?:\.git)?/?(?:(?:@|(?<=/)tree/)([^\s]+))?)?",
        target,
    )
    return RemoteTarget(match[1], match[2], match[3]) if match else None


def open_targets(
    targets: Sequence[str], cwd: Path, *, exclude: Excluded = _nothing, stdin: bytes = b"", stdin_filename: str = ""
) -> list[Opened | InputError]:
    """The repositories that the targets stand for, in order, each once, and an InputError for what cannot be read.

    Targets are those of `open_target`, and `-` for a Dockerfile with the text `stdin`. `exclude` tells of each
    repository what is passed over when found (not when named). Repositories of one name get
    their folder's name before it.
    """
    found: list[Opened | InputError] = []
    for target in targets:
        if target == STDIN:
            found.append(open_stdin(stdin, stdin_filename, cwd))
        else:
            found.extend(open_target(target, cwd, exclude=exclude))
    return _distinguished(_merged(found))


def open_target(target: str, cwd: Path, *, exclude: Excluded = _nothing) -> list[Opened | InputError]:
    """The repositories that a path stands for, which is relative to `cwd` and is shown relative to it.

    A folder is a workspace, or a repository; a file is a Dockerfile, or a start script or launcher (`Opened.only`), in
    the repository that is the enclosing git checkout or member of a workspace, else the file's folder.
    """
    path = Path(os.path.normpath(cwd / target))
    try:
        if is_folder(path):
            return _open_folder(path, cwd, exclude)
        if is_file(path):
            return [_open_file(path, cwd, exclude)]
    except InputError as error:
        return [InputError(str(error), _shown(path, cwd) or target)]
    except OSError as error:
        return [InputError(f"cannot be read: {error.strerror or error}", target)]
    if exists(path) or is_link(path):
        return [InputError("is no file or folder", target)]
    return [NoSuchTargetError("there is no such file or folder", target)]


def open_stdin(text: bytes, filename: str, cwd: Path) -> Opened | InputError:
    """A Dockerfile from standard input: alone, its context unknown; or in the repository of a file of that name."""
    if not filename:
        unknown = {"": "the build context of a Dockerfile on standard input is not known"}
        return Opened(Snapshot.from_mapping("stdin", {STDIN: text}, label="", unknown=unknown), (STDIN,))
    path = Path(os.path.normpath(cwd / filename))
    try:
        root = repository_of(path)
        inside = path.relative_to(root).as_posix()
        return Opened(read_folder(root, _label(root, cwd)).overlaid({inside: text}), (inside,))
    except InputError as error:
        return error


def _open_folder(folder: Path, cwd: Path, exclude: Excluded) -> list[Opened | InputError]:
    if checkout_at(folder):
        return [_open_repository(folder, cwd, exclude)]
    checkouts = [child for child in _subfolders(folder) if checkout_at(child)]
    if _says_workspace(folder):
        repositories = _subfolders(folder)
    elif checkouts:
        repositories = checkouts
    else:
        return [_open_repository(folder, cwd, exclude)]
    found: list[Opened | InputError] = []
    for child in repositories:
        try:
            found.append(_open_repository(child, cwd, exclude))
        except InputError as error:
            found.append(InputError(str(error), _shown(child, cwd)))
    own = _own_repository(folder, repositories, cwd, exclude) if checkouts or _has_dockerfile(folder) else None
    return [own, *found] if own else found


def _has_dockerfile(folder: Path) -> bool:
    return any(is_dockerfile_name(name) for name in names(folder))


def _own_repository(folder: Path, repositories: Iterable[Path], cwd: Path, exclude: Excluded) -> Opened | None:
    """A workspace's own Dockerfiles, those in none of its repositories, as one more repository."""
    try:
        opened = _open_repository(folder, cwd, exclude)
    except InputError:
        return None
    prefixes = (".", *(f"{child.name}/" for child in repositories))
    own = tuple(path for path in opened.dockerfiles if not path.startswith(prefixes))
    return replace(opened, dockerfiles=own, whole=False) if own else None


def _open_repository(folder: Path, cwd: Path, exclude: Excluded) -> Opened:
    patterns = exclude(folder)
    snapshot = read_folder(folder, _label(folder, cwd)).leave_out(patterns)
    return Opened(snapshot, dockerfiles(snapshot, patterns), whole=True)


def _open_file(path: Path, cwd: Path, exclude: Excluded) -> Opened | InputError:
    root = repository_of(path)
    patterns = exclude(root)
    snapshot = read_folder(root, _label(root, cwd)).leave_out(patterns)
    inside = path.relative_to(root).as_posix()
    if inside not in snapshot.entries:
        root, inside = path.parent, path.name
        snapshot = read_folder(root, _label(root, cwd), use_git=False)
        if inside not in snapshot.entries:
            snapshot = snapshot.overlaid({inside: read_plain(path, LARGEST_LIST)})
    if is_dockerfile_name(path.name):
        return Opened(snapshot, (inside,))
    try:
        text = snapshot.text(inside)
    except InputError as error:
        return error
    if looks_like_dockerfile(text.removeprefix("\ufeff")):
        return Opened(snapshot, (inside,))
    return Opened(snapshot, dockerfiles(snapshot, patterns), (inside,))


def repository_of(path: Path) -> Path:
    """The folder of a file's repository: a checkout's top, or a member of a workspace, the nearest; else its own folder."""
    for folder in path.parents:
        if checkout_at(folder) or (folder.parent != folder and _says_workspace(folder.parent)):
            return folder
    return path.parent


def _subfolders(folder: Path) -> list[Path]:
    below = [entry.name for entry in listing(folder) if _is_folder(entry) and not entry.name.startswith(".")]
    return [folder / name for name in sorted(below) if name not in NOT_SEARCHED]


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    return is_folder(entry.path) if entry.is_symlink() else entry.is_dir()


def _says_workspace(folder: Path) -> bool:
    for name in _WORKSPACE_FILES:
        try:
            text = read_plain(folder / name, LARGEST_SETTINGS)
        except OSError:
            continue
        if b"workspace" in text:
            import tomllib

            try:
                return tomllib.loads(text.decode("utf-8", "replace")).get("workspace") is True
            except (ValueError, RecursionError):
                return False
    return False


def _shown(path: Path, cwd: Path) -> str:
    shown = os.path.relpath(path, cwd).replace(os.sep, "/")
    return "" if shown == "." else shown


def _label(folder: Path, cwd: Path) -> str:
    shown = _shown(folder, cwd)
    return f"{shown}/" if shown else ""


def _merged(found: Iterable[Opened | InputError]) -> list[Opened | InputError]:
    """Each repository once, with all that was asked of it; naming a repository or Dockerfile outweighs a script."""
    merged: dict[object, Opened | InputError] = {}
    for opened in found:
        root = opened.snapshot.root if isinstance(opened, Opened) else None
        earlier = merged.get(root) if root else None
        if not isinstance(opened, Opened) or not isinstance(earlier, Opened):
            merged[root or object()] = opened
            continue
        if bool(opened.only) == bool(earlier.only):
            paths = {*earlier.dockerfiles, *opened.dockerfiles}
        else:
            paths = set(earlier.dockerfiles if opened.only else opened.dockerfiles)
        only = tuple(sorted({*earlier.only, *opened.only})) if earlier.only and opened.only else ()
        whole = earlier.whole or opened.whole
        merged[root] = replace(earlier, dockerfiles=tuple(sorted(paths)), only=only, whole=whole)
    return list(merged.values())


def _distinguished(found: list[Opened | InputError]) -> list[Opened | InputError]:
    taken: set[str] = set()
    for opened in found:
        if not isinstance(opened, Opened):
            continue
        snapshot, number = opened.snapshot, 2
        base = snapshot.name
        if base in taken and snapshot.root:
            base = snapshot.name = f"{snapshot.root.parent.name}/{base}"
        while snapshot.name in taken:
            snapshot.name = f"{base}-{number}"
            number += 1
        taken.add(snapshot.name)
    return found
