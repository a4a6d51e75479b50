"""Whose images a reference can mean: the namespaces that a repository's images are published in."""

import re
from collections.abc import Iterable

from ..repository.snapshot import Snapshot
from ..text.reference import ALIASES, Alias, Reference, identity
from .build_files import owner_and_repository
from .published_names import PublishedName


def namespaces(snapshot: Snapshot, names: Iterable[PublishedName]) -> frozenset[str]:
    """The namespaces of a repository: its owner and its own path where it is hosted, and those of `names`.

    `names` are what its images are published as; those that are guessed or local say nothing. All are lower-case.
    """
    found = {name.name.rpartition("/")[0] for name in names if name.evident and not name.local}
    known = owner_and_repository(snapshot)
    paths = [known] if known else []
    paths += [path for address in snapshot.remotes.values() if (path := _hosted_path(address))]
    for path in paths:
        found |= {path.lower(), path.lower().rpartition("/")[0]}
    return frozenset(name for name in found if name)


def in_namespace(reference: Reference, owned: frozenset[str], aliases: Iterable[Alias] = ()) -> bool:
    """Whether a reference's namespace is one of those, on whatever registry, or an alias of one."""
    if not owned:
        return False
    known = identity(reference, aliases).rpartition("/")[0]
    bare = reference.path.rpartition("/")[0]
    if known in owned or bare in owned:
        return True
    given = (*aliases, *ALIASES)
    return any(
        _owner(target) == known and _owner(alias) in owned
        for alias, target in given
        if alias.endswith("/") and target.endswith("/")
    )


def _owner(prefix: str) -> str:
    return prefix.removeprefix("docker.io/").rstrip("/")


def _hosted_path(address: str) -> str | None:
    """`GROUP/REPO` of a remote's address on any host; None where it has no such form."""
    match = re.match(r"(?:\w+://(?:[^/@]*@)?[^/]+/|(?:[^/@:]*@)?[\w.-]+:/?)([\w./~-]+?)(?:\.git)?/?$", address)
    return match[1] if match and "/" in match[1] else None
