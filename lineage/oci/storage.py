"""Where an image's manifests and layers come from, whatever holds them: the protocol, and what is verified on the way."""

from collections.abc import Callable, Iterator
from hashlib import sha256, sha512
from typing import Protocol, TypeVar

from .limits import ImageError
from .manifest import LayerDescriptor

T = TypeVar("T")


class Storage(Protocol):
    """What holds an image. `digest` is what names it for ever; `named` the tag under which it was found, if any."""

    @property
    def digest(self) -> str: ...

    @property
    def named(self) -> str | None: ...

    @property
    def manifest(self) -> bytes: ...

    @property
    def config(self) -> bytes: ...

    @property
    def layers(self) -> tuple[LayerDescriptor, ...]: ...

    def read(self, layer: LayerDescriptor, use: Callable[[Iterator[bytes]], T]) -> T:
        """What `use` makes of a layer as it is stored, verified when it has been read to the end.

        `use` may be called again, from the start. Raises ImageError, and InputError where the layer cannot be had.
        """
        ...

    def part(self, layer: LayerDescriptor, start: int, length: int) -> bytes | None:
        """Some bytes of a layer as it is stored; None where only all of it can be had."""
        ...

    def size(self, layer: LayerDescriptor) -> int:
        """How many bytes a layer has as it is stored; -1 where that is not known."""
        ...


def verified(pieces: Iterator[bytes], digest: str, what: str = "a layer") -> Iterator[bytes]:
    """The pieces; raises ImageError at the end where they are not what the digest says."""
    algorithm, _, wanted = digest.partition(":")
    running = (sha512 if algorithm == "sha512" else sha256)()
    for piece in pieces:
        running.update(piece)
        yield piece
    if running.hexdigest() != wanted:
        raise ImageError(f"{what} is not what its digest says ({digest[:19]}…)")


def whole(pieces: Iterator[bytes], most: int, what: str) -> bytes:
    """A small content. Raises ImageError where it is larger than `most` bytes."""
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > most:
            raise ImageError(f"the image's {what} is larger than {most:,} bytes")
    return bytes(data)
