"""Filters of system calls (seccomp) that a consumer names by a file of the repository: what they surely refuse.

Implements the profile format of Docker and Podman (moby/profiles, "default.json"; OCI runtime specification, "Seccomp") as
far as it says which calls are never allowed: a call that any rule allows, whatever its conditions, counts as allowed.
"""

import json
import posixpath
from collections.abc import Iterator
from typing import Any, TypeGuard

from ..repository.snapshot import Snapshot
from ..text.errors import InputError, Unknown
from .model import Consumer

_LARGEST = 1 << 18
_REFUSE = ("SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP")
_WORDS = ("", "unconfined", "builtin", "RuntimeDefault", "Unconfined", "Localhost")
"""What names no file: no filter, or the engine's own, which lets what a start needs pass."""


class CallFilter:
    """A profile as it was read: which system calls it never lets pass."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._by_default = data.get("defaultAction") in _REFUSE
        self._allowed: set[str] = set()
        self._refused: set[str] = set()
        for rule in _mappings(data.get("syscalls")):
            names = {name for name in (*_list(rule.get("names")), rule.get("name")) if isinstance(name, str)}
            conditions = any(rule.get(key) for key in ("args", "includes", "excludes"))
            if rule.get("action") not in _REFUSE:
                self._allowed |= names
            elif not conditions:
                self._refused |= names

    def refuses(self, call: str) -> bool:
        """Whether no rule lets the call pass."""
        if call in self._allowed:
            return False
        return self._by_default or call in self._refused


def call_filter(snapshot: Snapshot, consumer: Consumer) -> CallFilter | Unknown | None:
    """The filter that a consumer of the repository names; None for none of its own, an Unknown for one that is not there."""
    setting = consumer.seccomp
    if setting is None:
        return None
    if isinstance(setting.value, Unknown):
        return setting.value
    if setting.value in _WORDS:
        return None
    if consumer.kubernetes:
        return Unknown(f"the seccomp profile {setting.value} lies on the node")
    for path in _places(consumer, snapshot, setting.value):
        entry = snapshot.get(path)
        if entry is not None and entry.kind == "file" and entry.size <= _LARGEST:
            return _read(snapshot, path)
    return Unknown(f"the seccomp profile {setting.value} is not in the repository")


def _places(consumer: Consumer, snapshot: Snapshot, written: str) -> Iterator[str]:
    """Where the file may lie: below the folder of what names it, or of the repository, for a command run there."""
    folder = consumer.place.path.removeprefix(snapshot.label).rpartition("/")[0]
    for base in dict.fromkeys((folder, "")):
        path = posixpath.normpath(posixpath.join(base, written))
        if not path.startswith(("..", "/")):
            yield path


def _read(snapshot: Snapshot, path: str) -> CallFilter | Unknown:
    try:
        data: Any = json.loads(snapshot.text(path))
    except (InputError, ValueError, RecursionError):
        return Unknown(f"the seccomp profile {path} cannot be read")
    return CallFilter(data) if _is_object(data) else Unknown(f"the seccomp profile {path} cannot be read")


def _list(value: Any) -> list[Any]:
    return value if _is_list(value) else []


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    return (one for one in _list(value) if _is_object(one))
