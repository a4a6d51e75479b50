"""git's id of a file's content: SHA-1 over `blob SIZE`, a zero byte and the bytes (git, Documentation/gitformat-pack).

A repository of the newer kind takes SHA-256 (Documentation/technical/hash-function-transition): `like` is an id of it.
"""

from typing import Protocol

from ..late.digests import sha1


class Hash(Protocol):
    """A digest that is still being fed."""

    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


def blob_hash(size: int, like: str = "") -> Hash:
    """A digest to be fed with the `size` bytes of a file, piece by piece, in the kind of hash that `like` is."""
    from hashlib import new

    return new("sha256" if len(like) == 64 else "sha1", _header(size), usedforsecurity=False)


def blob_id_like(data: bytes, like: str) -> str:
    """As `blob_id`, in the kind of hash that `like` is."""
    made = blob_hash(len(data), like)
    made.update(data)
    return made.hexdigest()


def blob_id(data: bytes) -> str:
    """The id of a file with that content, in hexadecimal digits."""
    return sha1(_header(len(data)) + data, usedforsecurity=False).hexdigest()


def _header(size: int) -> bytes:
    return b"blob %d\0" % size
