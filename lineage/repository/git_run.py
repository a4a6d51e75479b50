"""The one way to git: its plumbing, run on a checkout, for what the checkout's files do not tell directly.

Whoever wrote the repository may also have written its `.git`. So nothing of it is executed: no hook (neither a file nor
one of the configuration), pager, file-system monitor or transport (a partial clone fetches nothing), whatever the
configuration or a file that it includes says; no variable of the environment (GIT_DIR, GIT_INDEX_FILE) points git
out of the checkout's own git directory; and git itself is looked for in the absolute folders of PATH alone, so that
none of the repository is taken.
"""

import errno
import os
import shutil
import stat
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from ..late.dataclasses import dataclass
from .asked import beyond_the_disk, listing
from .git_index import index_of
from .plain_file import LARGEST_SETTINGS, read_plain

_SECONDS = 120
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_SETTINGS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.alternateRefsCommand=",
    "protocol.allow=never",
    "submodule.recurse=false",
)
"""What is given to git on its command line, which outranks every file of configuration."""


@dataclass(frozen=True, slots=True)
class GitAnswer:
    """What git ended with: its exit code, standard output, and standard error as text."""

    code: int
    out: bytes
    said: str


def run_git(
    git_dir: Path, root: Path, *arguments: str, given: bytes = b"", extra: Mapping[str, str] | None = None
) -> GitAnswer:
    """Run git for the work tree at `root`; `given` is its standard input, `extra` more of its environment.

    Raises FileNotFoundError where there is no git, OSError where it cannot be run or would open a pipe or a device, TimeoutError
    where it takes too long.
    """
    beyond_the_disk()
    odd = _odd_file(git_dir)
    if odd is not None:
        raise OSError(errno.EINVAL, "git's own files hold one that is no plain file", odd)
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    command = [program("git", os.environ.get("PATH", os.defpath)), "--no-pager", *settings]
    command += [f"--git-dir={git_dir}", f"--work-tree={root}", *arguments]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= _ENVIRONMENT
    environment["GIT_INDEX_FILE"] = str(index_of(git_dir))
    environment |= extra or {}
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, input=given, capture_output=True, timeout=_SECONDS, check=False
        )  # fmt: skip
    except subprocess.SubprocessError as error:
        raise TimeoutError(str(error)) from error
    return GitAnswer(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def set_index_mode(git_dir: Path, root: Path, path: str, *, executable: bool) -> None:
    """Change the mode that the index has for a file (from the top), and nothing else there. An untracked one is left.

    `git update-index --chmod` would also stage the file's content, which is not ours to do. Raises OSError.
    """
    entries = [entry for entry in run_git(git_dir, root, "ls-files", "-sz", "--", path).out.split(b"\0") if entry]
    if len(entries) != 1:
        return
    mode, blob, stage = entries[0].partition(b"\t")[0].decode("ascii").split()
    wanted = "100755" if executable else "100644"
    if stage == "0" and mode.startswith("100") and mode != wanted:
        silenced = _silenced(run_git(git_dir, root, "config", "-z", "--name-only", "--list").out)
        done = run_git(git_dir, root, "update-index", "--cacheinfo", f"{wanted},{blob},{path}", extra=silenced)
        if done.code:
            raise OSError(f"git update-index failed: {done.said.strip().partition(chr(10))[0]}")


_SILENT = {
    "filter": (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false")),
    "hook": (("event", ""), ("enabled", "false")),
}


def _silenced(names: bytes) -> Mapping[str, str]:
    """The environment that takes the programs of a configuration out, given the names of all its settings.

    To write an index is to run them: hooks (`hook.NAME.command`), and the filters of files that are as new as the index.
    """
    found: set[tuple[str, str]] = set()
    for name in names.split(b"\0"):
        section, _, rest = os.fsdecode(name).partition(".")
        if section in _SILENT and "." in rest:
            found.add((section, rest.rpartition(".")[0]))
    pairs = [(f"{section}.{name}.{key}", value) for section, name in sorted(found) for key, value in _SILENT[section]]
    return {"GIT_CONFIG_COUNT": str(len(pairs))} | dict(_numbered(pairs))


def _numbered(pairs: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for number, (key, value) in enumerate(pairs):
        yield f"GIT_CONFIG_KEY_{number}", key
        yield f"GIT_CONFIG_VALUE_{number}", value


_NOT_OPENED = frozenset(("lfs", "modules"))
"""Folders of a git directory in which none of what is asked here has git open a file."""
_MOST_FOLDERS = 100_000


@lru_cache(maxsize=64)
def _odd_file(git_dir: Path) -> str | None:
    """A pipe or a device among all that git may open: its own files, those that linked work trees share, other places of
    objects (gitrepository-layout(5)). git would wait for a writer, or read without end."""
    waiting, seen = [str(git_dir)], {str(git_dir)}

    def add(base: str, named: Iterable[str]) -> None:
        for name in named:
            path = os.path.realpath(os.path.join(base, name))
            if name and "\0" not in name and path not in seen:
                seen.add(path)
                waiting.append(path)
        if len(seen) > _MOST_FOLDERS:
            raise OSError(errno.EINVAL, "git's own files lie in more folders than are looked through", str(git_dir))

    add(str(git_dir), _lines_of(git_dir / "commondir")[:1])
    while waiting:
        folder = waiting.pop()
        try:
            entries = listing(folder)
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir():
                add(folder, () if entry.name in _NOT_OPENED else (entry.name,))
            elif not entry.is_file(follow_symlinks=False) and _has_no_end(entry.path):
                return entry.path
        if os.path.basename(folder) == "info":
            above = os.path.dirname(folder)
            add(above, _lines_of(Path(folder, "alternates")))
    return None


def _has_no_end(path: str) -> bool:
    """Whether a path is a pipe or a device, and not the one that is empty; a socket cannot be opened."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISBLK(mode)) and os.path.realpath(path) != os.devnull


def _lines_of(path: Path) -> list[str]:
    try:
        return os.fsdecode(read_plain(path, LARGEST_SETTINGS)).splitlines()
    except OSError:
        return []


@lru_cache(maxsize=8)
def program(name: str, path: str) -> str:
    """A program in the absolute folders of a PATH: others may be a repository's. Raises FileNotFoundError."""
    folders = [folder for folder in path.split(os.pathsep) if os.path.isabs(folder)]
    found = shutil.which(name, path=os.pathsep.join(folders)) if folders else None
    if found is None or not os.path.isabs(found):
        raise FileNotFoundError(f"{name} is not on the PATH")
    return found
