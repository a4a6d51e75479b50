"""Tables of contents that some layers carry, so that their entries are known without reading them whole.

Sources: containerd/stargz-snapshotter, docs/estargz.md (a gzip footer that says where the table is; its digest stands in an
annotation of the layer); containers/storage, pkg/chunked/internal/compression.go (zstd:chunked: annotations say where the
table is and what its digest is). A table is used only where the manifest, whose digest is verified, tells its digest.
"""

import base64
import binascii
import io
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any, Literal

from ..late.dataclasses import dataclass
from ..remote.untrusted import as_list, as_object, printable
from ..text.git_blobs import blob_id
from ..text.numbers import is_digits
from .entry import Kind, LayerEntry
from .kept import is_script, keeping
from .limits import ImageError, ImageLimits, Spent
from .manifest import LayerDescriptor, document
from .storage import Storage
from .tar_stream import image_path
from .unpack import plain, unpacked

_STARGZ_DIGEST = "containerd.io/snapshot/stargz/toc.digest"
_CHUNKED = ("io.github.containers.zstd-chunked.manifest", "io.containers.zstd-chunked.manifest")
"""How the annotations begin, today and formerly; `-checksum` and `-position` follow."""
_FOOTER = 51
_OLD_FOOTER = 47
_STARGZ_FILE = "stargz.index.json"
_MARKS = frozenset((".prefetch.landmark", ".no.prefetch.landmark", _STARGZ_FILE))
_KINDS: dict[str, Kind] = {
    "dir": "directory",
    "reg": "file",
    "symlink": "link",
    "hardlink": "hard link",
    "char": "character device",
    "block": "block device",
    "fifo": "pipe",
}
_GAP = 1 << 14
"""Contents that lie no farther apart than this are fetched by one request."""
_LONGEST_FETCHED = 1 << 16
_START_FOLDERS = ("/usr/local/bin/", "/usr/local/sbin/", "/opt/", "/app/", "/scripts/", "/root/")


@dataclass(frozen=True, slots=True)
class Table:
    """The entries of a layer by its table of contents. `compressed` says how contents lie in it."""

    entries: tuple[LayerEntry, ...]
    ends: Mapping[int, int]
    """Where the content that begins at an offset ends, at the latest."""
    compressed: Literal["gzip", "zstd"]


def table_of(storage: Storage, layer: LayerDescriptor, spent: Spent) -> Table | None:
    """The table of contents of a layer; None where there is none that can be trusted and had by ranges.

    Raises ImageError where the table is not what its digest says, or malformed.
    """
    notes = layer.annotations
    for key in _CHUNKED:
        if f"{key}-checksum" in notes and f"{key}-position" in notes:
            data = _chunked(storage, layer, key, spent.limits)
            return _parsed(data, "zstd", storage.size(layer), spent) if data is not None else None
    if _STARGZ_DIGEST in notes:
        found = _stargz(storage, layer, spent.limits)
        return _parsed(found[0], "gzip", found[1], spent) if found is not None else None
    return None


def contents(storage: Storage, layer: LayerDescriptor, table: Table, wanted: Sequence[str], spent: Spent) -> None:
    """Fetches the contents that are kept, and those of the paths that are `wanted`, into the table's entries."""
    files = [entry for entry in table.entries if _is_fetched(entry, wanted, spent)]
    for run in _runs(files, table.ends):
        start = run[0].offset
        end = max(table.ends[entry.offset] for entry in run)
        data = storage.part(layer, start, end - start)
        if data is None:
            return
        spent.on_compressed(len(data))
        for entry in run:
            _fill(entry, data[entry.offset - start : table.ends[entry.offset] - start], table.compressed, spent)


def _is_fetched(entry: LayerEntry, wanted: Sequence[str], spent: Spent) -> bool:
    if entry.kind != "file" or entry.offset < 0 or not 0 < entry.size <= spent.limits.content:
        return False
    keep = keeping(entry.path, entry.size)
    if keep == "script":
        likely = bool(entry.mode & 0o111) and entry.size <= _LONGEST_FETCHED
        top = entry.path.count("/") == 1 or entry.path.startswith(_START_FOLDERS)
        return entry.path in wanted or (likely and top)
    return keep == "always"


def _runs(files: Sequence[LayerEntry], ends: Mapping[int, int]) -> Iterator[list[LayerEntry]]:
    run: list[LayerEntry] = []
    end = -1
    for entry in sorted(files, key=lambda entry: entry.offset):
        if run and entry.offset - end > _GAP:
            yield run
            run = []
        run.append(entry)
        end = max(end if len(run) > 1 else -1, ends[entry.offset])
    if run:
        yield run


def _fill(entry: LayerEntry, data: bytes, compressed: str, spent: Spent) -> None:
    out = bytearray()
    try:
        if compressed == "gzip":
            for piece in _members(data, entry.size):
                out += piece
        else:
            for piece in unpacked([data], Spent(spent.limits)):
                out += piece
                if len(out) >= entry.size:
                    break
    except zlib.error:
        raise ImageError(f"the content of {printable(entry.path)} is damaged") from None
    content = bytes(out[: entry.size])
    if entry.checksum != f"sha256:{sha256(content).hexdigest()}":
        raise ImageError(f"the content of {printable(entry.path)} is not what its digest says")
    entry.digest = blob_id(content)
    if (keeping(entry.path, entry.size) == "always" or is_script(content)) and spent.may_keep(len(content)):
        entry.data = content


def _members(data: bytes, size: int) -> Iterator[bytes]:
    """The first `size` bytes of gzip members that follow each other."""
    while data and size > 0:
        gzip = zlib.decompressobj(wbits=31)
        piece = gzip.decompress(data, size)
        size -= len(piece)
        yield piece
        data = gzip.unused_data


def is_mark(layer: LayerDescriptor, path: str) -> bool:
    """Whether a path of an eStargz layer only serves its table of contents: lazy snapshotters do not show it."""
    return _STARGZ_DIGEST in layer.annotations and path[1:] in _MARKS


def _chunked(storage: Storage, layer: LayerDescriptor, key: str, limits: ImageLimits) -> bytes | None:
    words = layer.annotations[f"{key}-position"].split(":")
    if len(words) != 4 or not all(is_digits(word) and len(word) < 16 for word in words) or words[3] != "1":
        return None
    offset, length, size = (int(word) for word in words[:3])
    if length > limits.table or size > limits.table:
        raise ImageError("a layer's table of contents is too large")
    data = storage.part(layer, offset, length)
    if data is None:
        return None
    if f"sha256:{sha256(data).hexdigest()}" != layer.annotations[f"{key}-checksum"]:
        raise ImageError("a layer's table of contents is not what its digest says")
    return plain(data)


def _stargz(storage: Storage, layer: LayerDescriptor, limits: ImageLimits) -> tuple[bytes, int] | None:
    """(the table, where it begins)."""
    size = storage.size(layer)
    if size < _FOOTER:
        return None
    footer = storage.part(layer, size - _FOOTER, _FOOTER)
    offset = _offset(footer) if footer is not None else None
    if offset is None or not 0 < offset < size - _OLD_FOOTER:
        return None
    length = size - offset
    if length > limits.table:
        raise ImageError("a layer's table of contents is too large")
    data = storage.part(layer, offset, length)
    if data is None:
        return None
    try:
        with tarfile.open(fileobj=io.BytesIO(plain(data)), mode="r:") as tar:
            member = tar.next()
            file = tar.extractfile(member) if member is not None and member.name == _STARGZ_FILE else None
            table = file.read() if file is not None else b""
    except (tarfile.TarError, EOFError):
        raise ImageError("a layer's table of contents is malformed") from None
    if f"sha256:{sha256(table).hexdigest()}" != layer.annotations[_STARGZ_DIGEST]:
        raise ImageError("a layer's table of contents is not what its digest says")
    return table, offset


def _offset(footer: bytes) -> int | None:
    """Where the table begins, by the footer: an empty gzip member whose extra field says it."""
    for begin, extra in ((0, slice(16, 38)), (_FOOTER - _OLD_FOOTER, slice(12, 34))):
        field = footer[begin:][extra]
        if field.endswith(b"STARGZ"):
            try:
                return int(field[:16], 16)
            except ValueError:
                return None
    return None


def _parsed(data: bytes, compressed: Literal["gzip", "zstd"], end: int, spent: Spent) -> Table:
    rows = as_list(document(data, "table of contents").get("entries"))
    if rows is None:
        raise ImageError("a layer's table of contents is malformed")
    found: list[LayerEntry] = []
    starts: list[int] = []
    ends: dict[int, int] = {}
    for row in rows:
        item = as_object(row) or {}
        kind = item.get("type")
        start = _count(item, "offset", -1)
        if start > 0:
            starts.append(start)
        if kind == "chunk":
            continue
        spent.on_entry()
        name = item.get("name")
        if not isinstance(name, str) or kind not in _KINDS:
            raise ImageError("a layer's table of contents is malformed")
        if name in _MARKS:
            continue
        entry = _entry(item, name, _KINDS[str(kind)], spent)
        if entry.offset > 0 and _count(item, "endOffset", -1) > entry.offset:
            ends[entry.offset] = _count(item, "endOffset", -1)
        found.append(entry)
    starts = sorted({*starts, end})
    following = dict(pairwise(starts))
    chunked = _last_chunks(rows)
    for entry in found:
        if entry.offset > 0 and entry.offset not in ends:
            ends[entry.offset] = following.get(chunked.get(entry.offset, entry.offset), end)
    return Table(tuple(found), ends, compressed)


def _last_chunks(rows: Sequence[Any]) -> dict[int, int]:
    """By the offset of a file's first chunk, that of its last."""
    found: dict[int, int] = {}
    first = -1
    for row in rows:
        item = as_object(row) or {}
        if item.get("type") == "reg":
            first = _count(item, "offset", -1)
        elif item.get("type") == "chunk" and first > 0:
            found[first] = _count(item, "offset", first)
    return found


def _entry(item: Mapping[str, Any], name: str, kind: Kind, spent: Spent) -> LayerEntry:
    path = image_path(name.encode("utf-8", "surrogateescape"), spent)
    entry = LayerEntry(
        path,
        kind,
        _count(item, "mode", 0) & 0o7777,
        _count(item, "uid", 0),
        _count(item, "gid", 0),
    )
    if kind == "file":
        entry.size = _count(item, "size", 0)
        entry.offset = _count(item, "offset", -1)
        digest = item.get("digest")
        entry.checksum = digest if isinstance(digest, str) else ""
        spent.on_unpacked(entry.size)
        if entry.size == 0:
            entry.digest = blob_id(b"")
    elif kind in ("link", "hard link"):
        target = item.get("linkName", item.get("linkname"))
        if not isinstance(target, str) or not target:
            raise ImageError(f"a layer has a link without a usable target ({printable(path)})")
        entry.target = target
    elif kind in ("character device", "block device"):
        entry.device = (_count(item, "devMajor", 0), _count(item, "devMinor", 0))
    attributes = as_object(item.get("xattrs")) or {}
    entry.capability = _is_base64(attributes.get("security.capability"))
    return entry


def _is_base64(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return bool(base64.b64decode(value))
    except (binascii.Error, ValueError):
        return False


def _count(item: Mapping[str, Any], key: str, default: int) -> int:
    value = item.get(key, default)
    return value if isinstance(value, int) and -1 <= value < 1 << 63 else default
