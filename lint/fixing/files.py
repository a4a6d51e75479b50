"""Files that are changed: finding them on disk, writing them whole, and their modes in the git index."""

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from ...lineage.late.dataclasses import dataclass, field
from ...lineage.repository.plain_file import LARGEST_LIST, read_plain

_GIT = ".git"
"""The folder of git's own files."""


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, keeping the mode and, where permitted, the owner of one that is there.

    A link is followed, so that it stays one, but for one that leads out of the repository that it is in (see
    `refuse_outside`). A device or a pipe (`/dev/null`, `>(…)`) is written to and never replaced,
    and so is what stands behind one of this process's open files (`/dev/stdout`). Raises OSError, with the path.
    """
    try:
        _replace(path, content)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _replace(path: Path, content: bytes) -> None:
    opened = _descriptor(path)
    if opened is not None or (path.exists() and not path.is_file()):
        with open(path if opened is None else os.dup(opened), "wb") as stream:
            stream.write(content)
        return
    refuse_outside(path)
    target = Path(os.path.realpath(path))
    known = target.stat() if target.exists() else None
    with _new_file(target.parent) as (file, name):
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        if known is None:
            umask = os.umask(0)
            os.umask(umask)
            os.fchmod(file.fileno(), 0o666 & ~umask)
        else:
            with suppress(OSError):
                os.fchown(file.fileno(), known.st_uid, known.st_gid)
            os.fchmod(file.fileno(), known.st_mode & 0o7777)
        _into_place(file, name, target)


@contextmanager
def _new_file(folder: Path) -> Generator[tuple[IO[bytes], str | None], None, None]:
    """A new file in a folder, of no name where the system can do that: a run that is killed leaves none behind.

    Else it has a name, and is removed where it was not renamed.
    """
    try:
        descriptor = os.open(folder, os.O_RDWR | os.O_TMPFILE, 0o600) if hasattr(os, "O_TMPFILE") else -1
    except OSError:  # not every file system has files without names
        descriptor = -1
    if descriptor >= 0:
        with os.fdopen(descriptor, "wb") as file:
            yield file, None
        return
    from tempfile import mkstemp

    descriptor, name = mkstemp(prefix=".ctlint-", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, name
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def _into_place(file: IO[bytes], name: str | None, target: Path) -> None:
    """Give a file that is written its name. One without a name gets another one for a moment: a link replaces nothing."""
    if name is not None:
        os.replace(name, target)
        return
    moment = target.with_name(f".ctlint-{os.getpid()}.tmp")
    with suppress(FileNotFoundError):  # of a run that was killed just then
        os.unlink(moment)
    # A directory's descriptor makes Python call linkat(2), which alone follows the link in /proc; the path is absolute.
    os.link(f"/proc/self/fd/{file.fileno()}", moment, src_dir_fd=file.fileno(), follow_symlinks=True)
    os.replace(moment, target)


def refuse_outside(path: Path) -> None:
    """Raises OSError where links lead a path of a repository out of it, or to git's own files: whoever wrote it would choose
    what is written, and what git runs.

    The repository is the git checkout that the path lies in, without one the working directory.
    """
    from ...lineage.repository.git_files import enclosing_checkout

    named = Path(os.path.abspath(path))
    checkout = enclosing_checkout(named.parent)
    root = checkout.root if checkout is not None else Path.cwd()
    real = Path(os.path.realpath(named))
    if named.is_relative_to(root) and not real.is_relative_to(os.path.realpath(root)):
        raise OSError(errno.EXDEV, f"a link leads out of the repository, to {real}; nothing was written", str(path))
    if real != named and _GIT in real.parts and _GIT not in named.parts:
        raise OSError(errno.EXDEV, f"a link leads to git's own files, to {real}; nothing was written", str(path))


def _descriptor(path: Path) -> int | None:
    """The file descriptor of this process that a path names."""
    folder, _, name = os.path.abspath(path).rpartition("/")
    if folder == "/dev" and name in ("stdout", "stderr"):
        return 1 if name == "stdout" else 2
    return int(name) if folder in ("/dev/fd", "/proc/self/fd") and name.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Disk:
    """The files that shown paths mean. `root` is the working directory, which they are relative to."""

    root: Path
    indexed: set[Path] = field(default_factory=set[Path])
    """The files whose mode was changed in git's index."""

    def place(self, path: str) -> Path:
        """Where a shown path lies, whether or not there is such a file."""
        return Path(os.path.normpath(self.root / path))

    def file(self, path: str) -> Path | None:
        """The file that may be changed for a shown path: it is there, and no link leads out of the root or to git's files."""
        target = self.place(path)
        real = os.path.realpath(target)
        inside = real.startswith(os.path.join(os.path.realpath(self.root), ""))
        own = _GIT in Path(real).parts and _GIT not in target.parts
        return target if (inside or real == os.path.abspath(target)) and not own and os.path.isfile(real) else None

    def read(self, path: str) -> bytes | None:
        """The content of a file that may be changed, None where there is none."""
        target = self.file(path)
        try:
            return read_plain(target, LARGEST_LIST) if target else None
        except OSError:
            return None


def set_index_mode(file: Path, *, executable: bool) -> bool:
    """Change the mode that git's index has for a file, and nothing else there; whether it was another. A file that git does
    not track is left alone; a link stands for the file that it leads to. Raises OSError where git cannot do it."""
    from ...lineage.repository.git_files import enclosing_checkout
    from ...lineage.repository.git_run import set_index_mode as set_mode

    real = Path(os.path.realpath(file))
    checkout = enclosing_checkout(real.parent)
    if checkout is None:
        return False
    path = real.relative_to(checkout.root).as_posix()
    tracked = checkout.tracked().get(path)
    if tracked is None or bool(tracked.mode & 0o100) == executable:
        return False
    set_mode(checkout.git_dir, checkout.root, path, executable=executable)
    return True
