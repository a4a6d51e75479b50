"""What `docker save` writes: a tar with `manifest.json`, in both forms it has had.

Until Docker 24 layers lay in `ID/layer.tar` beside `NAME.json`; since then the archive is an OCI layout, too, and
`manifest.json` names its blobs. The same reading serves both: a configuration and layers by their names in the tar. Layers
are not compressed, unless Docker keeps its images in containerd's store, which hands out what it has pulled or pushed. The
configuration's `diff_ids` vouch for them, as they are of what is unpacked. An archive may be gzipped as a whole.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

from ..late.dataclasses import dataclass
from ..remote.registry_image import Platform, chosen, fits, is_digest, sha256_digest
from ..remote.untrusted import as_list, as_object, printable
from ..repository.plain_file import open_plain
from ..text.errors import Unknown
from .layout import NAME
from .limits import ImageError, ImageLimits, Spent
from .manifest import LayerDescriptor, config_digest, configuration, document, layers_of
from .storage import verified
from .tar_stream import Stream, member_header
from .unpack import PIECE, unpacked

_MANIFEST = "manifest.json"
_INDEX = "index.json"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Member:
    """A member of the archive: where its bytes are in the uncompressed tar, or what it links to."""

    start: int
    size: int
    target: str = ""


class DockerArchive:
    """An image of a `docker save` archive. Raises ImageError where there is none of that name."""

    def __init__(self, file: Path, name: str | None, platform: Platform, limits: ImageLimits) -> None:
        self._file = file
        self._limits = limits
        self._members, small = _index(file, limits)
        listed = _MANIFEST in small
        if listed:
            entry = _entry(small[_MANIFEST], name, file)
            self.named = name or next(iter(_tags(entry)), None)
            self.config = self._small(str(entry.get("Config")), "configuration")
            self._paths = tuple(str(path) for path in as_list(entry.get("Layers")) or [])
            self.manifest = b""
            self._check_config(str(entry.get("Config")))
            self.digest = sha256_digest(self.config)
        elif _INDEX in small:
            self._as_layout(small[_INDEX], name, platform)
        else:
            raise ImageError("this is no archive of docker save: it has no manifest.json", str(file))
        if len(self._paths) > limits.layers:
            raise ImageError(f"the image has more than {limits.layers} layers", str(file))
        self.layers = self._layers()

    def _as_layout(self, index: bytes, name: str | None, platform: Platform) -> None:
        """An archive of an OCI layout without Docker's own manifest."""
        entries = [as_object(item) or {} for item in as_list(document(index, _INDEX).get("manifests")) or []]
        if name is not None:
            entries = [
                e for e in entries if name in ((as_object(e.get("annotations")) or {}).get(NAME), e.get("digest"))
            ]
        if len(entries) != 1:
            raise ImageError(f"it holds {len(entries)} images of that name", str(self._file))
        digest = str(entries[0].get("digest"))
        data = self._small(_blob(digest), "manifest")
        config, descriptors = config_digest(data)
        if config is None:
            try:
                digest = chosen(descriptors, platform)
            except Unknown as error:
                raise ImageError(error.reason, str(self._file)) from None
            data = self._small(_blob(digest), "manifest")
            config, _ = config_digest(data)
        if config is None or not fits(data, digest):
            raise ImageError("its manifest is not what its digest says", str(self._file))
        self.named, self.digest, self.manifest = name, digest, data
        self.config = self._small(_blob(config), "configuration")
        if not fits(self.config, config):
            raise ImageError("its configuration is not what its digest says", str(self._file))
        self._paths = tuple(_blob(layer.digest) for layer in layers_of(data, self._limits))

    def _check_config(self, path: str) -> None:
        """A configuration is called after its digest in both forms."""
        stem = path.rpartition("/")[2].removesuffix(".json")
        if is_digest(f"sha256:{stem}") and not fits(self.config, f"sha256:{stem}"):
            raise ImageError("its configuration is not what its digest says", str(self._file))

    def _layers(self) -> tuple[LayerDescriptor, ...]:
        if self.manifest:
            return layers_of(self.manifest, self._limits)
        found = configuration(self.config, len(self._paths)).diff_ids
        if len(found) != len(self._paths):
            raise ImageError("its manifest.json and its configuration name different layers", str(self._file))
        return tuple(LayerDescriptor(digest) for digest in found)

    def read(self, layer: LayerDescriptor, use: Callable[[Iterator[bytes]], T]) -> T:
        stored = self._bytes(self._where(layer))
        return use(verified(stored if self.manifest else unpacked(stored, Spent(self._limits)), layer.digest))

    def part(self, layer: LayerDescriptor, start: int, length: int) -> bytes | None:
        return None

    def size(self, layer: LayerDescriptor) -> int:
        return self._where(layer).size

    def _where(self, layer: LayerDescriptor) -> _Member:
        return self._member(self._paths[self.layers.index(layer)])

    def _small(self, path: str, what: str) -> bytes:
        member = self._member(path)
        if member.size > self._limits.document:
            raise ImageError(f"the image's {what} is larger than {self._limits.document:,} bytes", str(self._file))
        return b"".join(self._bytes(member))

    def _member(self, path: str) -> _Member:
        for _ in range(8):
            member = self._members.get(_plain(path))
            if member is None:
                raise ImageError(f"it names {printable(path)}, which is not in it", str(self._file))
            if not member.target:
                return member
            path = _joined(path, member.target)
        raise ImageError(f"{printable(path)} is a link that leads round in a circle", str(self._file))

    def _bytes(self, member: _Member) -> Iterator[bytes]:
        with _opened(self._file) as file:
            gzipped = _is_gzip(file)
            if not gzipped:
                file.seek(member.start)
                left = member.size
                while left and (piece := file.read(min(left, PIECE))):
                    left -= len(piece)
                    yield piece
            else:
                stream = Stream(unpacked(_pieces(file), Spent(self._limits)))
                stream.skip(member.start)
                yield from stream.pieces(member.size)


def _index(file: Path, limits: ImageLimits) -> tuple[dict[str, _Member], dict[str, bytes]]:
    """The members of the archive, and the contents of those that say what is what."""
    members: dict[str, _Member] = {}
    small: dict[str, bytes] = {}
    with _opened(file) as source:
        spent = Spent(limits)
        seekable = not _is_gzip(source)
        stream = Stream(_pieces(source) if seekable else unpacked(_pieces(source), spent))
        at = 0
        while (found := member_header(stream, spent, first=not members)) is not None:
            path, size, target, header = found
            at += header
            padded = size + -size % 512
            name = _plain(path)
            if name in (_MANIFEST, _INDEX) and size <= limits.document and not target:
                small[name] = stream.read(size)
                stream.skip(padded - size)
            elif seekable and padded > PIECE:
                source.seek(at + padded)
                stream = Stream(_pieces(source))
            else:
                stream.skip(padded)
            members[name] = _Member(at, size, target)
            at += padded
    return members, small


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _opened(file: Path) -> IO[bytes]:
    try:
        return open_plain(file)
    except FileNotFoundError:
        raise ImageError("there is no such file", str(file)) from None
    except OSError as error:
        raise ImageError(f"it cannot be read ({error.strerror})", str(file)) from None


def _is_gzip(file: IO[bytes]) -> bool:
    begins = file.read(2)
    file.seek(0)
    return begins == b"\x1f\x8b"


def _entry(data: bytes, name: str | None, file: Path) -> dict[str, Any]:
    """The image of that name in manifest.json; the only one, where none is given."""
    try:
        value = as_list(json.loads(data))
    except (ValueError, RecursionError):
        value = None
    entries = [entry for item in value or [] if (entry := as_object(item)) is not None]
    if name is not None:
        entries = [entry for entry in entries if name in _tags(entry) or _is_id(entry, name)]
    if len(entries) == 1:
        return entries[0]
    names = ", ".join(printable(tag) for entry in entries for tag in _tags(entry)) or "without names"
    if not entries:
        what = f"no image called {printable(name)}" if name is not None else "no image"
        raise ImageError(f"it holds {what}", str(file))
    raise ImageError(
        f"it holds {len(entries)} images ({names}); name one of them: docker-archive:{file}:NAME", str(file)
    )


def _tags(entry: dict[str, Any]) -> list[str]:
    return [tag for tag in as_list(entry.get("RepoTags")) or [] if isinstance(tag, str)]


def _is_id(entry: dict[str, Any], name: str) -> bool:
    stem = str(entry.get("Config")).rpartition("/")[2].removesuffix(".json")
    return name.removeprefix("sha256:") == stem


def _blob(digest: str) -> str:
    if not is_digest(digest):
        raise ImageError(f"{printable(digest)} is no digest that can be verified")
    return f"blobs/{digest.replace(':', '/')}"


def _plain(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def _joined(path: str, target: str) -> str:
    from posixpath import dirname, join, normpath

    return normpath(join(dirname(path), target))
