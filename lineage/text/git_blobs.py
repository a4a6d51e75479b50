"""git's id of a file's content: SHA-1 over `blob SIZE`, a zero byte and the bytes (git, Documentation/gitformat-pack)."""

from typing import Protocol

from ..late.digests import sha1


class Hash(Protocol):
    """A digest that is still being fed."""

    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


def blob_hash(size: int) -> Hash:
    """A digest to be fed with the `size` bytes of a file, piece by piece."""
    from hashlib import sha1 as fast_sha1

    return fast_sha1(b"blob %d\0" % size, usedforsecurity=False)


def blob_id(data: bytes) -> str:
    """The id of a file with that content, in hexadecimal digits."""
    return sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()
