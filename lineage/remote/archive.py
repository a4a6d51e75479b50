"""Reading a repository's archive, a gzipped tar as `git archive` writes it, from a source that is not trusted.

Nothing is unpacked: members come out as names and bytes, one after the other, in bounded memory. Headers are read here
and not by the standard library's module, which takes an extended header of any size into memory. The format is POSIX
pax (IEEE Std 1003.1, pax Interchange Format) with GNU's long names; `git archive` puts the commit into the comment of
the global header (git's archive-tar.c, write_global_extended_header).
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Literal

from ..late.dataclasses import dataclass
from ..text.errors import InputError
from ..text.git_blobs import blob_hash
from .tar_headers import BLOCK, MalformedHeaderError, checksum_fits, decimal, name, number, padded, records
from .untrusted import LONGEST_PATH, PathProblem, has_controls, is_commit, printable, safe_path

_PIECE = 1 << 18
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may cost. Sizes are in bytes; `content` is up to where a file's bytes are given."""

    compressed: int = 512 << 20
    unpacked: int = 1 << 30
    members: int = 100_000
    header: int = 1 << 20
    content: int = 5 << 20
    problems: int = 20


@dataclass(frozen=True, slots=True)
class TarMember:
    """A file, link or directory below the archive's top folder. `digest` is git's blob id of a file, '' for others."""

    path: str
    kind: Literal["file", "link", "directory"]
    executable: bool = False
    size: int = 0
    target: str = ""
    digest: str = ""


class ArchiveError(InputError):
    """The archive cannot be used: it is none, it is malformed, or it is larger than the limits."""


class TruncatedArchiveError(ArchiveError):
    """The archive ends too early; a second try may bring all of it."""


class Archive:
    """The members of an archive that comes in pieces, in their order. It can be iterated once.

    A file's bytes are None where it is larger than `Limits.content`. `commit`, and `problems` up to their limit, are
    complete when the iteration has ended. Raises ArchiveError, and whatever `pieces` raises.
    """

    def __init__(self, pieces: Iterable[bytes], limits: ArchiveLimits | None = None) -> None:
        self.commit: str | None = None
        self.problems: list[PathProblem] = []
        self._limits = limits or ArchiveLimits()
        self._stream = _Stream(_unpacked(pieces, self._limits))
        self._top: str | None = None
        self._kinds: dict[str, str] = {}
        self._members = 0

    def __iter__(self) -> Iterator[tuple[TarMember, bytes | None]]:
        try:
            yield from self._each()
        except MalformedHeaderError:
            raise ArchiveError("the archive has a malformed header") from None

    def _each(self) -> Iterator[tuple[TarMember, bytes | None]]:
        extended: dict[str, bytes] = {}
        while (header := self._header()) is not None:
            kind = header[156:157]
            size = number(header[124:136])
            if kind in b"gxXLK":
                self._extend(extended, kind, size)
                continue
            if "size" in extended:
                size = decimal(extended["size"])
            self._members += 1
            if self._members > self._limits.members:
                raise ArchiveError(f"the archive holds more than {self._limits.members:,} entries")
            yield from self._member(header, kind, size, extended)
            extended = {}
        self._stream.drain()

    def _header(self) -> bytes | None:
        block = self._stream.read(BLOCK)
        if not block or not block.strip(b"\0"):
            return None
        if len(block) < BLOCK:
            raise TruncatedArchiveError("the archive ends in the middle of a header")
        if not checksum_fits(block):
            raise ArchiveError("the archive has a damaged header")
        return block

    def _extend(self, extended: dict[str, bytes], kind: bytes, size: int) -> None:
        if size > self._limits.header:
            raise ArchiveError(f"the archive has a header of {size:,} bytes")
        data = self._exactly(size)
        if kind == b"L":
            extended["path"] = data.split(b"\0", 1)[0]
        elif kind == b"K":
            extended["linkpath"] = data.split(b"\0", 1)[0]
        elif kind == b"g":
            comment = records(data).get("comment", b"").decode("ascii", "replace")
            if self.commit is None and is_commit(comment):
                self.commit = comment
        else:
            extended.update(records(data))

    def _member(
        self, header: bytes, kind: bytes, size: int, extended: dict[str, bytes]
    ) -> Iterator[tuple[TarMember, bytes | None]]:
        raw = extended.get("path") or name(header)
        plain = kind in b"07\0"
        if plain and any(key.startswith("GNU.sparse") for key in extended):
            raise ArchiveError("the archive has sparse files")
        if kind == b"S":
            raise ArchiveError("the archive has sparse files")
        path = self._path(raw)
        if kind == b"5" or (plain and raw.endswith(b"/")):
            if plain:
                self._skip(size)
            if path and self._fits(path, "directory"):
                yield TarMember(path, "directory"), None
        elif plain:
            data, digest = self._content(size)
            if path and self._fits(path, "file"):
                yield TarMember(path, "file", bool(number(header[100:108]) & 0o100), size, digest=digest), data
        elif kind == b"2":
            target = extended.get("linkpath") or header[157:257].split(b"\0", 1)[0]
            if path and self._fits(path, "link"):
                yield from self._link(path, target)
        else:
            if kind not in b"1346":
                self._skip(size)
            if path:
                self._leave_out(path, f"is {_ODD_KINDS.get(kind, 'of an unknown kind')}")

    def _link(self, path: str, target: bytes) -> Iterator[tuple[TarMember, bytes | None]]:
        try:
            text = target.decode()
        except UnicodeDecodeError:
            text = ""
        if not text or len(text) > LONGEST_PATH or has_controls(text):
            self._leave_out(path, "is a link with a target that cannot be shown", possible=True)
            return
        yield TarMember(path, "link", target=text), None

    def _content(self, size: int) -> tuple[bytes | None, str]:
        digest = blob_hash(size)
        if size <= self._limits.content:
            data = self._exactly(size)
            digest.update(data)
            return data, digest.hexdigest()
        left = size
        while left:
            piece = self._stream.read(min(left, _PIECE))
            if not piece:
                raise TruncatedArchiveError("the archive ends in the middle of a file")
            digest.update(piece)
            left -= len(piece)
        self._stream.skip(-size % BLOCK)
        return None, digest.hexdigest()

    def _exactly(self, size: int) -> bytes:
        data = self._stream.read(size)
        if len(data) < size:
            raise TruncatedArchiveError("the archive ends in the middle of a file")
        self._stream.skip(-size % BLOCK)
        return data

    def _skip(self, size: int) -> None:
        self._stream.skip(padded(size))

    def _path(self, raw: bytes) -> str | None:
        """The member's path below the top folder; None for the folder itself and for a name that was left out."""
        path = safe_path(raw)
        if isinstance(path, PathProblem):
            self._note(path)
            return None
        top, _, below = path.partition("/")
        if self._top is None:
            self._top = top
        if top != self._top:
            self._leave_out(path, f"is not in the archive's folder {printable(self._top)}")
            return None
        return below or None

    def _fits(self, path: str, kind: str) -> bool:
        known = self._kinds.get(path)
        if known is not None:
            if known == kind == "directory":
                return False
            self._leave_out(path, "is there twice")
            return False
        above = path.rpartition("/")[0]
        pending: list[str] = []
        while above and above not in self._kinds:
            pending.append(above)
            above = above.rpartition("/")[0]
        if above and self._kinds[above] != "directory":
            self._leave_out(path, f"lies below {printable(above)}, which is a {self._kinds[above]}")
            return False
        for folder in pending:
            self._kinds[folder] = "directory"
        self._kinds[path] = kind
        return True

    def _leave_out(self, path: str, reason: str, possible: bool = False) -> None:
        self._note(PathProblem(printable(path), reason, possible))

    def _note(self, problem: PathProblem) -> None:
        if len(self.problems) < self._limits.problems:
            self.problems.append(problem)


_ODD_KINDS = {b"1": "a hard link", b"3": "a device", b"4": "a device", b"6": "a named pipe"}


class _Stream:
    """Bytes in the amounts asked for, out of pieces of any size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = bytearray()

    def read(self, size: int) -> bytes:
        """`size` bytes, fewer only at the end."""
        while len(self._buffer) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._buffer += piece
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def skip(self, size: int) -> None:
        while size:
            piece = self.read(min(size, _PIECE))
            if not piece:
                raise TruncatedArchiveError("the archive ends in the middle of a file")
            size -= len(piece)

    def drain(self) -> None:
        """Reads to the end, where the checksum of the compressed data stands."""
        self._buffer.clear()
        for _ in self._pieces:
            pass


def _unpacked(pieces: Iterable[bytes], limits: ArchiveLimits) -> Iterator[bytes]:
    compressed = unpacked = 0
    gzip = zlib.decompressobj(wbits=31)
    started = ended = False
    for piece in pieces:
        compressed += len(piece)
        if compressed > limits.compressed:
            raise ArchiveError(f"the archive is larger than {limits.compressed:,} bytes")
        if not piece or ended:
            continue
        if not started and not piece.startswith(_GZIP_MAGIC[: len(piece)]):
            raise ArchiveError("what came is no gzip archive")
        started = True
        while piece:
            try:
                data = gzip.decompress(piece, _PIECE)
            except zlib.error:
                raise TruncatedArchiveError("the archive is damaged") from None
            unpacked += len(data)
            if unpacked > limits.unpacked:
                raise ArchiveError(f"the archive unpacks to more than {limits.unpacked:,} bytes")
            yield data
            piece = gzip.unconsumed_tail
            if gzip.eof:
                piece = gzip.unused_data
                ended = not piece.startswith(_GZIP_MAGIC)
                if ended:
                    break
                gzip = zlib.decompressobj(wbits=31)
    if not ended and not (started and gzip.eof):
        raise TruncatedArchiveError("the archive is cut off")
