"""What was built: every path of an image with kind, mode, owner and link target, its settings, its accounts."""

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

FROM_THE_RUNTIME = frozenset(
    ("/etc/resolv.conf", "/etc/hosts", "/etc/hostname", "/.dockerenv", "/proc", "/sys", "/dev", "/run/secrets")
)


class Entry(NamedTuple):
    """`kind` is `file`, `directory`, `link` or `other`; `size` and `time` tell whether it is the base's."""

    kind: str
    mode: int
    owner: int
    group: int
    size: int
    time: int
    target: str

    @property
    def facts(self) -> tuple[str, int, int, int]:
        return self.kind, self.mode, self.owner, self.group


class Account(NamedTuple):
    uid: str
    home: str


def entries_of(root: Path) -> dict[str, Entry]:
    """Every path of a file system."""
    found: dict[str, Entry] = {}
    top = str(root)
    todo = [top]
    while todo:
        with os.scandir(todo.pop()) as listing:
            for one in listing:
                about = one.stat(follow_symlinks=False)
                kind = _kind(about.st_mode)
                if kind == "directory":
                    todo.append(one.path)
                target = os.readlink(one.path) if kind == "link" else ""
                size = about.st_size if kind != "directory" else 0
                mode = stat.S_IMODE(about.st_mode)
                found[one.path[len(top) :]] = Entry(
                    kind, mode, about.st_uid, about.st_gid, size, about.st_mtime_ns, target
                )
    return found


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "directory"
    return "link" if stat.S_ISLNK(mode) else "file" if stat.S_ISREG(mode) else "other"


def accounts_of(root: Path) -> dict[str, Account]:
    """The accounts of /etc/passwd; the first line of a name counts."""
    try:
        lines = (root / "etc/passwd").read_text(errors="replace").splitlines()
    except OSError:
        return {}
    found: dict[str, Account] = {}
    for line in lines:
        fields = line.split(":")
        if len(fields) >= 7:
            found.setdefault(fields[0], Account(fields[2], fields[5]))
    return found


@dataclass(frozen=True)
class Base:
    """The image that others are built on."""

    entries: Mapping[str, Entry]
    accounts: Mapping[str, Account]


class Built:
    """A built image beside its base: what the build added, changed and removed."""

    def __init__(self, root: Path, settings: Mapping[str, Any], base: Base) -> None:
        self.root = root
        self.settings = settings
        self.base = base
        self.entries = entries_of(root)
        self.accounts = accounts_of(root)
        self.added: list[str] = []
        self.changed: list[str] = []
        for path, entry in self.entries.items():
            old = base.entries.get(path)
            if path in FROM_THE_RUNTIME:
                continue
            if old is None:
                self.added.append(path)
            elif entry.facts != old.facts or (entry.kind != "directory" and entry != old):
                self.changed.append(path)
        self.removed = [path for path in base.entries if path not in self.entries and path not in FROM_THE_RUNTIME]

    def blob(self, path: str) -> str:
        """git's blob id of a file."""
        data = Path(str(self.root) + path).read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()

    def text(self, path: str) -> str:
        return Path(str(self.root) + path).read_text(errors="replace")

    def name_of(self, uid: int) -> str:
        return next((name for name, account in self.accounts.items() if account.uid == str(uid)), str(uid))
