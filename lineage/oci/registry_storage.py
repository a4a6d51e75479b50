"""Images in registries, as what real images are read from."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from ..remote.registry import Registries
from ..remote.registry_image import Platform
from ..text.errors import Unknown
from ..text.reference import Reference
from .limits import ImageError, ImageLimits
from .manifest import LayerDescriptor, layers_of
from .storage import verified

T = TypeVar("T")


class RegistryStorage:
    """An image of a registry. Raises ImageError where it is not there, UnreachableError where the registry is not."""

    def __init__(self, registries: Registries, reference: Reference, platform: Platform, limits: ImageLimits) -> None:
        self._registries = registries
        self._reference = reference
        try:
            found = registries.stored(reference, platform)
        except Unknown as error:
            raise ImageError(error.reason) from None
        self.named = str(reference)
        self.digest = found.digest
        self.manifest = found.manifest
        self.config = found.config
        self.layers = layers_of(found.manifest, limits)
        self.fetched = 0
        """How many bytes of layers were fetched."""

    def read(self, layer: LayerDescriptor, use: Callable[[Iterator[bytes]], T]) -> T:
        try:
            return self._registries.blob(
                self._reference, layer.digest, lambda pieces: use(verified(self._counted(pieces), layer.digest))
            )
        except Unknown as error:
            raise ImageError(error.reason) from None

    def part(self, layer: LayerDescriptor, start: int, length: int) -> bytes | None:
        try:
            data = self._registries.part(self._reference, layer.digest, start, length)
        except Unknown as error:
            raise ImageError(error.reason) from None
        self.fetched += len(data or b"")
        return data

    def size(self, layer: LayerDescriptor) -> int:
        return layer.size

    def _counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.fetched += len(piece)
            yield piece
