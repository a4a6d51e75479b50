"""The listing of a commit by GitHub's API for git trees, complete even where one answer is not."""

from collections.abc import Callable
from typing import Any, Literal

from ..late.dataclasses import dataclass
from ..text.errors import InputError
from .untrusted import PathProblem, as_list, as_object, is_commit, safe_path

_MOST_REQUESTS = 100
_KINDS: dict[str, Literal["file", "link", "submodule", "tree"]] = {
    "100644": "file",
    "100755": "file",
    "100664": "file",
    "120000": "link",
    "160000": "submodule",
    "040000": "tree",
}

Ask = Callable[[str, bool], Any]
"""The API's answer for a tree, by its id or a commit's, and whether with everything below it."""


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A path of a commit; `digest` is the id of its blob or tree, or of a submodule's commit."""

    path: str
    kind: Literal["file", "link", "submodule", "tree"]
    executable: bool
    size: int
    digest: str


def list_tree(ask: Ask, commit: str) -> dict[str, TreeEntry]:
    """Everything below a commit, by path. Where an answer is truncated, its folders are asked for one by one.

    Names that no repository can have are left out. Raises InputError where an answer is no tree, or where too many
    requests would be needed, and whatever `ask` raises.
    """
    found: dict[str, TreeEntry] = {}
    pending = [("", commit)]
    requests = 0
    while pending:
        folder, digest = pending.pop()
        entries, truncated = _answer(ask(digest, True))
        requests += 1
        if truncated:
            entries, cut = _answer(ask(digest, False))
            requests += 1
            if cut:
                raise InputError("a folder of the repository has more entries than GitHub lists")
        for raw in entries:
            entry = _entry(folder, raw)
            if entry is None:
                continue
            if entry.kind != "tree":
                found[entry.path] = entry
            elif truncated:
                pending.append((entry.path, entry.digest))
        if requests + len(pending) > _MOST_REQUESTS:
            raise InputError("the repository is too large to be listed")
    return found


def _answer(value: Any) -> tuple[list[Any], bool]:
    answer = as_object(value) or {}
    entries = as_list(answer.get("tree"))
    if entries is None:
        raise InputError("GitHub's answer is no tree")
    return entries, answer.get("truncated") is not False


def _entry(folder: str, raw: Any) -> TreeEntry | None:
    value = as_object(raw) or {}
    name, digest, size = value.get("path"), value.get("sha"), value.get("size")
    kind = _KINDS.get(str(value.get("mode")))
    if not isinstance(name, str) or not isinstance(digest, str) or kind is None or not is_commit(digest):
        return None
    path = safe_path(f"{folder}/{name}" if folder else name)
    if isinstance(path, PathProblem):
        return None
    return TreeEntry(path, kind, value.get("mode") == "100755", size if isinstance(size, int) else 0, digest)
