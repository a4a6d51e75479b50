"""Compressed layers as uncompressed bytes, in bounded memory: gzip (also of many members), zstd, and plain tar.

The kind is told by the first bytes, not by the media type, which tools have been known to get wrong.
Sources: RFC 1952; RFC 8878; OCI Image Specification, layer.md.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, cast

from .limits import ImageError, Spent

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PIECE = 1 << 18
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"
_OTHERS = {b"BZh": "bzip2", b"\xfd7zXZ": "xz"}


def unpacked(pieces: Iterable[bytes], spent: Spent) -> Iterator[bytes]:
    """The uncompressed bytes of a layer that comes in pieces. Raises ImageError, and whatever `pieces` raises."""
    counted = _counted(pieces, spent)
    first = b""
    for piece in counted:
        first += piece
        if len(first) >= 8:
            break
    whole = _chained(first, counted)
    if first.startswith(_GZIP):
        out = _gunzipped(whole)
    elif first.startswith(_ZSTD) or first[1:4] == _ZSTD_SKIPPABLE:
        out = _zstd(whole, spent)
    else:
        for magic, name in _OTHERS.items():
            if first.startswith(magic):
                raise ImageError(f"a layer is compressed with {name}, which is not read; gzip, zstd and plain tar are")
        out = whole
    for data in out:
        spent.on_unpacked(len(data))
        yield data


def _counted(pieces: Iterable[bytes], spent: Spent) -> Iterator[bytes]:
    for piece in pieces:
        spent.on_compressed(len(piece))
        yield piece


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _gunzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """All members of a gzip file, one after the other; zeros behind the last one are padding."""
    from isal import isal_zlib

    damaged = cast("type[Exception]", isal_zlib.IsalError)
    gzip = isal_zlib.decompressobj(31)
    fresh = True
    for piece in pieces:
        view: bytes = piece
        while view:
            if fresh and not view.strip(b"\0"):
                break
            try:
                data = gzip.decompress(view, PIECE)
            except damaged:
                raise ImageError("a layer is damaged: it is no gzip file") from None
            fresh = False
            if data:
                yield data
            if gzip.eof:
                view = gzip.unused_data
                gzip, fresh = isal_zlib.decompressobj(31), True
            else:
                view = gzip.unconsumed_tail
    if not fresh:
        raise ImageError("a layer is cut off")


class _Reading:
    """A file to read from, out of pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.ended = False

    def read(self, size: int = -1) -> bytes:
        for piece in self._pieces:
            if piece:
                return piece
        self.ended = True
        return b""


def _zstd(pieces: Iterator[bytes], spent: Spent) -> Iterator[bytes]:
    import zstandard

    source = _Reading(pieces)
    tail = _Watch(source)
    decompressor = zstandard.ZstdDecompressor(max_window_size=spent.limits.window)
    try:
        with decompressor.stream_reader(tail, read_across_frames=True, closefd=False) as reader:  # type: ignore[arg-type]
            while data := reader.read(PIECE):
                yield data
    except zstandard.ZstdError as error:
        raise ImageError(f"a layer is damaged: it is no zstd file ({error})") from None


class _Watch:
    """Reads in pieces of at most what is asked for: the decompressor must not be handed more than it can take."""

    def __init__(self, source: _Reading) -> None:
        self._source = source
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        data = self._left or self._source.read()
        if 0 <= size < len(data):
            data, self._left = data[:size], data[size:]
        else:
            self._left = b""
        return data


def plain(data: "ReadableBuffer") -> bytes:
    """A small compressed content as a whole, at most a table of contents. Raises ImageError."""
    from .limits import DEFAULT

    spent = Spent(DEFAULT)
    out = bytearray()
    for piece in unpacked([bytes(data)], spent):
        out += piece
        if len(out) > DEFAULT.table:
            raise ImageError("a table of contents is too large")
    return bytes(out)
