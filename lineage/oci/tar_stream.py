"""A layer's tar as entries, read as a stream in bounded memory; nothing is written anywhere.

Formats: POSIX pax and ustar (IEEE Std 1003.1, pax Interchange Format), GNU's long names, large numbers and sparse files
(GNU tar manual, "Storing Sparse Files"), and the oldest one, where a name with `/` at its end is a directory.
"""

from collections.abc import Iterable, Iterator

from ..remote.tar_headers import BLOCK, MalformedHeaderError, checksum_fits, decimal, name, number, padded, records
from ..remote.untrusted import printable
from ..text.git_blobs import blob_hash
from .entry import Kind, LayerEntry
from .kept import is_bulk, is_script, keeping
from .limits import ImageError, Spent

_KINDS: dict[bytes, Kind] = {
    b"1": "hard link",
    b"2": "link",
    b"3": "character device",
    b"4": "block device",
    b"5": "directory",
    b"6": "pipe",
}
_EXTENDED = frozenset((b"g", b"x", b"X", b"L", b"K"))
_PLAIN = frozenset((b"0", b"7", b"\0", b"S"))
_MALFORMED = "a layer has a malformed header"
_CAPABILITY = "SCHILY.xattr.security.capability"


class Stream:
    """Bytes in the amounts asked for, out of pieces of any size, without copying what is skipped."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece: bytes = b""
        self._at = 0

    def read(self, size: int) -> bytes:
        """`size` bytes, fewer only at the end."""
        end = self._at + size
        if end <= len(self._piece):
            data = self._piece[self._at : end]
            self._at = end
            return data
        return b"".join(self.pieces(size))

    def pieces(self, size: int) -> Iterator[bytes]:
        """`size` bytes as they come, fewer only at the end."""
        while size:
            left = len(self._piece) - self._at
            if not left:
                piece = next(self._pieces, None)
                if piece is None:
                    return
                self._piece, self._at = piece, 0
                continue
            taken = min(left, size)
            whole = taken == len(self._piece)
            yield self._piece if whole else self._piece[self._at : self._at + taken]
            self._at += taken
            size -= taken

    def skip(self, size: int) -> None:
        """Pass over `size` bytes. Raises ImageError where there are fewer."""
        while size:
            left = len(self._piece) - self._at
            if not left:
                piece = next(self._pieces, None)
                if piece is None:
                    raise ImageError("a layer ends in the middle of a file")
                self._piece, self._at = piece, 0
                continue
            taken = min(left, size)
            self._at += taken
            size -= taken

    def drain(self) -> None:
        """Read to the end, where checksums stand."""
        self._piece, self._at = b"", 0
        for _ in self._pieces:
            pass


def entries(pieces: Iterable[bytes], spent: Spent, *, exact: bool = True) -> Iterator[LayerEntry]:
    """The entries of an uncompressed layer, in their order. Without `exact`, bulk files (see kept.py) have no digest.

    Raises ImageError for what is no tar, is damaged or cut off, leads out of the image, or goes beyond the limits.
    """
    try:
        yield from _entries(Stream(iter(pieces)), spent, exact)
    except MalformedHeaderError:
        raise ImageError(_MALFORMED) from None


def _entries(stream: Stream, spent: Spent, exact: bool) -> Iterator[LayerEntry]:
    extended: dict[str, bytes] = {}
    first = True
    while (header := _header(stream, first)) is not None:
        first = False
        kind = header[156:157]
        size = number(header[124:136])
        if kind in _EXTENDED:
            _extend(extended, kind, size, stream, spent)
            continue
        spent.on_entry()
        entry = _entry(stream, header, kind, size, extended, spent, exact)
        if entry is not None:
            yield entry
        extended = {}
    stream.drain()


def member_header(stream: Stream, spent: Spent, *, first: bool) -> tuple[str, int, str, int] | None:
    """(name, size, target of a link, bytes that the headers took) of the next member of an archive; None at its end.

    The member's bytes are still to be read. Raises ImageError.
    """
    try:
        return _member_header(stream, spent, first)
    except MalformedHeaderError:
        raise ImageError(_MALFORMED) from None


def _member_header(stream: Stream, spent: Spent, first: bool) -> tuple[str, int, str, int] | None:
    extended: dict[str, bytes] = {}
    taken = 0
    while (header := _header(stream, first)) is not None:
        first = False
        kind = header[156:157]
        size = number(header[124:136])
        taken += BLOCK
        if kind in _EXTENDED:
            _extend(extended, kind, size, stream, spent)
            taken += padded(size)
            continue
        spent.on_entry()
        raw = extended.get("path") or name(header)
        linked = kind in (b"1", b"2")
        target = (extended.get("linkpath") or header[157:257].split(b"\0", 1)[0]) if linked else b""
        size = decimal(extended["size"]) if "size" in extended else size
        size = size if kind in _PLAIN else 0
        return raw.decode("utf-8", "surrogateescape"), size, target.decode("utf-8", "surrogateescape"), taken
    return None


def _header(stream: Stream, first: bool) -> bytes | None:
    block = stream.read(BLOCK)
    if first and not block:
        raise ImageError("a layer is cut off: nothing is in it")
    if not block or not block.strip(b"\0"):
        return None
    if len(block) < BLOCK:
        raise ImageError("a layer is no tar" if first else "a layer ends in the middle of a header")
    try:
        fits = checksum_fits(block)
    except MalformedHeaderError:
        if not first:
            raise
        fits = False
    if not fits:
        raise ImageError("a layer is no tar" if first else "a layer has a damaged header")
    return block


def _extend(extended: dict[str, bytes], kind: bytes, size: int, stream: Stream, spent: Spent) -> None:
    if size > spent.limits.header:
        raise ImageError(f"a layer has an extended header of {size:,} bytes")
    data = _exactly(stream, size)
    if kind == b"L":
        extended["path"] = data.split(b"\0", 1)[0]
    elif kind == b"K":
        extended["linkpath"] = data.split(b"\0", 1)[0]
    elif kind != b"g":
        extended.update(records(data))


def _entry(
    stream: Stream, header: bytes, kind: bytes, size: int, extended: dict[str, bytes], spent: Spent, exact: bool
) -> LayerEntry | None:
    if "size" in extended:
        size = decimal(extended["size"])
    sparse = kind == b"S" or any(key.startswith("GNU.sparse.") for key in extended)
    if kind == b"S":
        real = _old_sparse(stream, header)
    else:
        real = _pax_sparse(extended, size) if sparse else size
    raw = extended.get("GNU.sparse.name") or extended.get("path") or name(header)
    plain = kind in _PLAIN
    path = image_path(raw, spent)
    if plain and raw.endswith(b"/"):
        plain, found = False, "directory"
        stream.skip(padded(size))
        size = 0
    elif plain:
        found = "file"
    elif kind in _KINDS:
        found = _KINDS[kind]
        if kind in b"25" and size:  # a size that some writers give and others do not; only a file's data follows
            size = 0
    else:
        stream.skip(padded(size))
        return None
    entry = LayerEntry(
        path,
        found,  # type: ignore[arg-type]
        number(header[100:108]) & 0o7777,
        decimal(extended["uid"]) if "uid" in extended else number(header[108:116]),
        decimal(extended["gid"]) if "gid" in extended else number(header[116:124]),
        capability=_CAPABILITY in extended,
        sparse=sparse,
    )
    if plain:
        entry.size = real
        _content(stream, entry, size, spent, exact)
    elif found in ("link", "hard link"):
        entry.target = _target(extended.get("linkpath") or header[157:257].split(b"\0", 1)[0], path, spent)
    elif found in ("character device", "block device"):
        entry.device = (number(header[329:337]), number(header[337:345]))
    return entry


def _target(raw: bytes, path: str, spent: Spent) -> str:
    if not raw or len(raw) > spent.limits.path:
        raise ImageError(f"a layer has a link without a usable target ({printable(path)})")
    return raw.decode("utf-8", "surrogateescape")


def _content(stream: Stream, entry: LayerEntry, size: int, spent: Spent, exact: bool) -> None:
    """Reads a file's bytes: its git blob id, and its content where that is kept."""
    if entry.sparse or (size and not exact and is_bulk(entry.path)):
        stream.skip(padded(size))
        return
    keep = keeping(entry.path, size) if size <= spent.limits.content else "never"
    digest = blob_hash(size)
    if keep == "never":
        left = size
        for piece in stream.pieces(size):
            digest.update(piece)
            left -= len(piece)
        if left:
            raise ImageError("a layer ends in the middle of a file")
    else:
        data = stream.read(size)
        if len(data) < size:
            raise ImageError("a layer ends in the middle of a file")
        digest.update(data)
        if (keep == "always" or is_script(data)) and spent.may_keep(size):
            entry.data = data
    entry.digest = digest.hexdigest()
    stream.skip(-size % BLOCK)


def image_path(raw: bytes, spent: Spent) -> str:
    """An entry's name as an absolute path in the image. Raises ImageError for one that leads out of it or is too long."""
    shown = printable(raw)
    if len(raw) > spent.limits.path:
        raise ImageError(f"a layer has an entry with too long a name ({shown})")
    parts = [part for part in raw.split(b"/") if part not in (b"", b".")]
    if b".." in parts:
        raise ImageError(f"a layer has an entry that leads out of the image ({shown})")
    if len(parts) > spent.limits.depth:
        raise ImageError(f"a layer has an entry that lies too deep ({shown})")
    if b"\0" in raw:
        raise ImageError(f"a layer has an entry with a NUL in its name ({shown})")
    return "/" + b"/".join(parts).decode("utf-8", "surrogateescape")


def _old_sparse(stream: Stream, header: bytes) -> int:
    """The real size of a sparse file in GNU's old format, whose map may go on in blocks behind the header."""
    more = header[482:483] != b"\0"
    for _ in range(1 << 16):
        if not more:
            return number(header[483:495])
        block = _exactly(stream, BLOCK)
        more = block[504:505] not in (b"\0", b"")
    raise ImageError("a layer has a sparse file whose map does not end")


def _pax_sparse(extended: dict[str, bytes], size: int) -> int:
    for key in ("GNU.sparse.realsize", "GNU.sparse.size"):
        if key in extended:
            return decimal(extended[key])
    return size


def _exactly(stream: Stream, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise ImageError("a layer ends in the middle of a header")
    stream.skip(-size % BLOCK)
    return data
