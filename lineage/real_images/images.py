"""Real images by what names them, each read once: an address, or a reference among those of a layout, archive or registry."""

from collections.abc import Callable, Sequence
from pathlib import Path

from ..image.image import EffectiveImage
from ..oci.address import ImageAddress
from ..oci.limits import ImageError
from ..oci.read import ReadOptions, RealImage, read_image, storage_of
from ..oci.registry_storage import RegistryStorage
from ..remote.cache import Cache
from ..remote.registry import Registries
from ..remote.registry_image import Platform
from ..text.errors import InputError
from ..text.reference import Alias, InvalidReference, Reference, identity, parse
from .effective import effective_image
from .facts import facts_from_json, facts_text

_FACTS = "facts-1"
"""Where the cache keeps what was read of registries' images; the number changes with what is kept."""


class RealImages:
    """Reads real images. `registries` is made when a registry is first asked; `cache` keeps what was read of these.

    `exact` has every content read for its digest.
    """

    def __init__(
        self,
        registries: Callable[[], Registries],
        platform: Platform | None = None,
        cache: Cache | None = None,
        aliases: Sequence[Alias] = (),
        *,
        exact: bool = False,
    ) -> None:
        self.platform = platform or Platform()
        self._make = registries
        self._registries: Registries | None = None
        self._cache = cache
        self._aliases = tuple(aliases)
        self._options = ReadOptions(self.platform, exact=exact)
        self._read: dict[str, RealImage | InputError] = {}

    def registries(self) -> Registries:
        if self._registries is None:
            self._registries = self._make()
        return self._registries

    def close(self) -> None:
        if self._registries is not None:
            self._registries.close()

    def read(self, address: ImageAddress) -> RealImage:
        """The image at an address. Raises InputError (ImageError) where it is not there or cannot be read."""
        key = str(address)
        if key not in self._read:
            try:
                self._read[key] = self._image(address)
            except InputError as error:
                self._read[key] = error
        found = self._read[key]
        if isinstance(found, InputError):
            raise found
        return found

    def digest(self, address: ImageAddress) -> str:
        """What the image at an address is now, without reading its layers. Raises InputError."""
        return storage_of(address, self.platform, self.registries).digest

    def effective(self, address: ImageAddress, name: str, reference: Reference | None = None) -> EffectiveImage:
        """The effective image at an address. Raises InputError."""
        shown = str(reference) if reference is not None else None
        return effective_image(self.read(address), name, shown, reference.effective_tag if reference else None)

    def among(self, place: ImageAddress, reference: Reference) -> ImageAddress | None:
        """The address of the image that a reference means, among those of a place; None where it has none of that name.

        A place that names one image is that image's address, whatever is asked for. Raises InputError.
        """
        if place.transport == "registry":
            return ImageAddress("registry", reference=reference, shown=f"registry:{reference}")
        if place.name is not None:
            return place
        for name in self._names(reference):
            address = ImageAddress(place.transport, place.path, name, shown=f"{place}:{name}")
            try:
                storage_of(address, self.platform, self.registries)
            except ImageError as error:
                if not place.path.exists() or "no image" not in str(error):
                    raise
                continue
            return address
        return None

    def _names(self, reference: Reference) -> list[str]:
        """How a reference may be written in a layout or archive."""
        tail = f"@{reference.digest}" if reference.digest else f":{reference.effective_tag}"
        alias = identity(reference, self._aliases)
        names = [f"{reference.familiar}{tail}", f"{reference.name}{tail}", f"{alias}{tail}"]
        if reference.digest:
            names.append(reference.digest)
        return list(dict.fromkeys(names))

    def _image(self, address: ImageAddress) -> RealImage:
        storage = storage_of(address, self.platform, self.registries)
        if not isinstance(storage, RegistryStorage):
            return read_image(storage, str(address), self._options)
        kept = self._cached(storage.digest) if not self._options.exact else None
        if kept is not None:
            return kept
        image = read_image(storage, str(address), self._options)
        self._keep(image)
        return image

    def _cached(self, digest: str) -> RealImage | None:
        import json

        data = self._cache.load_answer(*self._place(digest)) if self._cache is not None else None
        try:
            return facts_from_json(json.loads(data)) if data is not None else None
        except (ValueError, InputError, RecursionError):
            return None

    def _keep(self, image: RealImage) -> None:
        if self._cache is not None:
            from contextlib import suppress

            with suppress(InputError):  # a cache that cannot be written to is said elsewhere
                self._cache.save_answer(facts_text(image).encode("utf-8"), *self._place(image.digest))

    def _place(self, digest: str) -> tuple[str, ...]:
        platform = str(self.platform).replace("/", "-")
        return (_FACTS, platform, digest.replace(":", "-"))


def name_of(address: ImageAddress, image: RealImage | None = None) -> str:
    """What a real image is called: by its reference, by the name under which it is stored, else by its file."""
    if address.reference is not None:
        return address.reference.familiar
    for text in (address.name, image.named if image is not None else None):
        parsed = parse(text) if text and ("/" in text or ":" in text) else None
        if parsed is not None and not isinstance(parsed, InvalidReference):
            return parsed.familiar
    return Path(address.path).name.partition(".")[0] or "image"


def tag_of(address: ImageAddress, image: RealImage | None = None) -> str | None:
    """The tag of a real image, as far as its address or where it is stored tells one."""
    if address.reference is not None:
        return address.reference.effective_tag
    for text in (address.name, image.named if image is not None else None):
        parsed = parse(text) if text and ("/" in text or ":" in text) else None
        if parsed is not None and not isinstance(parsed, InvalidReference):
            return parsed.effective_tag
    return address.name
