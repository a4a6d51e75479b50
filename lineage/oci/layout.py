"""OCI layouts: a folder with `index.json` and `blobs/` (OCI Image Specification, image-layout.md)."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ..remote.registry_image import Platform, chosen, is_digest
from ..remote.untrusted import as_list, as_object, printable
from ..repository.plain_file import open_plain, read_up_to
from ..text.errors import Unknown
from .limits import ImageError, ImageLimits
from .manifest import LayerDescriptor, config_digest, document, layers_of
from .storage import verified, whole
from .unpack import PIECE

NAME = "org.opencontainers.image.ref.name"
_FULL_NAME = "io.containerd.image.name"
_DEEPEST = 3
T = TypeVar("T")


class ImageLayout:
    """An image of a layout. Raises ImageError where there is none of that name or for that platform."""

    def __init__(self, folder: Path, name: str | None, platform: Platform, limits: ImageLimits) -> None:
        self._folder = folder
        self._limits = limits
        if not folder.is_dir():
            raise ImageError("there is no such folder", str(folder))
        index = self._file(folder / "index.json", "index.json")
        descriptor = _named(as_list(document(index, "index.json").get("manifests")) or [], name, folder, platform)
        self.named = name or _name_of(descriptor)
        self.digest = str(descriptor.get("digest"))
        self.manifest, self.digest = self._manifest(self.digest, platform)
        self.config = self._small(config_digest(self.manifest)[0] or "", "configuration")
        self.layers = layers_of(self.manifest, limits)

    def _manifest(self, digest: str, platform: Platform) -> tuple[bytes, str]:
        for _ in range(_DEEPEST):
            data = self._small(digest, "manifest")
            config, descriptors = config_digest(data)
            if config is not None:
                return data, digest
            try:
                digest = chosen(descriptors, platform)
            except Unknown as error:
                raise ImageError(f"{error.reason}", str(self._folder)) from None
        raise ImageError("its index names indexes without end", str(self._folder))

    def _small(self, digest: str, what: str) -> bytes:
        return whole(verified(self._pieces(digest), digest, f"the image's {what}"), self._limits.document, what)

    def read(self, layer: LayerDescriptor, use: Callable[[Iterator[bytes]], T]) -> T:
        return use(verified(self._pieces(layer.digest), layer.digest))

    def part(self, layer: LayerDescriptor, start: int, length: int) -> bytes | None:
        try:
            with open_plain(self._blob(layer.digest)) as file:
                file.seek(start)
                return file.read(length)
        except OSError as error:
            raise ImageError(f"a layer cannot be read ({error.strerror})", str(self._folder)) from None

    def size(self, layer: LayerDescriptor) -> int:
        try:
            return self._blob(layer.digest).stat().st_size
        except OSError:
            return layer.size

    def _pieces(self, digest: str) -> Iterator[bytes]:
        try:
            with open_plain(self._blob(digest)) as file:
                while piece := file.read(PIECE):
                    yield piece
        except FileNotFoundError:
            raise ImageError(f"the blob {digest[:19]}… is missing", str(self._folder)) from None
        except OSError as error:
            raise ImageError(f"a blob cannot be read ({error.strerror})", str(self._folder)) from None

    def _blob(self, digest: str) -> Path:
        if not is_digest(digest):
            raise ImageError(f"{printable(digest)} is no digest that can be verified", str(self._folder))
        algorithm, _, encoded = digest.partition(":")
        return self._folder / "blobs" / algorithm / encoded

    def _file(self, path: Path, what: str) -> bytes:
        try:
            with open_plain(path) as file:
                data = read_up_to(file, os.fstat(file.fileno()).st_size, self._limits.document + 1)
        except FileNotFoundError:
            raise ImageError(f"this is no OCI layout: it has no {what}", str(self._folder)) from None
        except OSError as error:
            raise ImageError(f"{what} cannot be read ({error.strerror})", str(self._folder)) from None
        if len(data) > self._limits.document:
            raise ImageError(f"{what} is larger than {self._limits.document:,} bytes", str(self._folder))
        return data


def _name_of(descriptor: dict[str, Any]) -> str | None:
    notes = as_object(descriptor.get("annotations")) or {}
    name = notes.get(NAME)
    return name if isinstance(name, str) else None


def _named(descriptors: Sequence[Any], name: str | None, folder: Path, platform: Platform) -> dict[str, Any]:
    """The descriptor of that name; the only one, where none is given."""
    entries = [entry for item in descriptors if (entry := as_object(item)) is not None]
    names = sorted({found for entry in entries if (found := _name_of(entry))})
    if name is not None:
        entries = [entry for entry in entries if _answers(entry, name)]
        if not entries:
            there = f"; there are: {', '.join(printable(n) for n in names[:12])}" if names else ""
            raise ImageError(f"it holds no image called {printable(name)}{there}", str(folder))
    if len(entries) > 1:
        try:
            wanted = chosen([{"platform": {}, **entry} for entry in entries], platform)
            return next(entry for entry in entries if entry.get("digest") == wanted)
        except Unknown:
            pass
    if len({str(entry.get("digest")) for entry in entries}) > 1:
        there = ", ".join(printable(n) for n in names[:12]) or "without names"
        shown = os.fspath(folder)
        raise ImageError(f"it holds {len(entries)} images ({there}); name one of them: oci:{shown}:NAME", shown)
    if not entries:
        raise ImageError("it holds no image", str(folder))
    return entries[0]


def _answers(descriptor: dict[str, Any], name: str) -> bool:
    """Whether an image of the layout is meant by a name: its tag, its full name, or its digest."""
    notes = as_object(descriptor.get("annotations")) or {}
    return name in (notes.get(NAME), notes.get(_FULL_NAME), descriptor.get("digest"))
