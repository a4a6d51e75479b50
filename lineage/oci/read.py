"""A real image as it is stored → its files, settings and history."""

from collections.abc import Callable, Collection, Iterator, Mapping

from ..late.dataclasses import dataclass, field, replace
from ..remote.registry import Registries
from ..remote.registry_image import Platform
from .address import ImageAddress
from .docker_archive import DockerArchive
from .entry import LayerEntry
from .layout import ImageLayout
from .limits import DEFAULT, ImageError, ImageLimits, Spent
from .manifest import ImageConfiguration, LayerDescriptor, configuration
from .merge import MergedFiles
from .registry_storage import RegistryStorage
from .storage import Storage
from .tar_stream import entries
from .toc import contents, is_mark, table_of
from .unpack import unpacked


@dataclass(frozen=True, slots=True)
class RealImage:
    """A real image. `digest` names it for ever: of its manifest or index, of its configuration for a docker archive.

    `files` are by path, the root included; `replaced` what stood before at paths that were watched, layer by layer.
    """

    address: str
    digest: str
    configuration: ImageConfiguration
    files: Mapping[str, LayerEntry]
    replaced: Mapping[str, list[LayerEntry]] = field(default_factory=lambda: dict[str, list[LayerEntry]]())
    named: str | None = None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a real image is read: `until` leaves out later entries of the history, `watched` are paths whose former
    facts are kept. `exact` reads the layers themselves, never a table of contents, and every content for its digest."""

    platform: Platform = field(default_factory=Platform)
    limits: ImageLimits = DEFAULT
    until: int | None = None
    watched: frozenset[str] = frozenset()
    exact: bool = False


def storage_of(
    address: ImageAddress, platform: Platform, registries: Callable[[], Registries], limits: ImageLimits = DEFAULT
) -> Storage:
    """What holds an image. Raises ImageError where there is none, UnreachableError where a registry does not answer."""
    if address.transport == "oci":
        return ImageLayout(address.path, address.name, platform, limits)
    if address.transport == "docker-archive":
        return DockerArchive(address.path, address.name, platform, limits)
    assert address.reference is not None
    return RegistryStorage(registries(), address.reference, platform, limits)


def read_image(storage: Storage, address: str, options: ReadOptions | None = None) -> RealImage:
    """The image that is stored there. Raises ImageError, and InputError where a layer cannot be had."""
    options = options or ReadOptions()
    layers = storage.layers
    settings = configuration(storage.config, len(layers))
    if options.until is not None:
        settings = replace(settings, history=settings.history[: options.until])
        made = [entry.layer for entry in settings.history if entry.layer is not None]
        layers = layers[: max(made, default=-1) + 1]
    files = MergedFiles()
    files.watched = options.watched
    spent = Spent(options.limits)
    wanted = _started(settings)
    for layer in layers:
        try:
            files.add_layer(_layer(storage, layer, spent, wanted, exact=options.exact))
        except ImageError as error:
            if error.path is None:
                raise ImageError(f"{error} (layer {layer.digest[:19]}…)", address) from None
            raise
    listed = {entry.path: entry for entry in files.listed()}
    return RealImage(address, storage.digest, settings, listed, files.replaced, storage.named)


def _layer(
    storage: Storage, layer: LayerDescriptor, spent: Spent, wanted: Collection[str], *, exact: bool
) -> list[LayerEntry]:
    table = table_of(storage, layer, spent) if not exact else None
    if table is not None:
        contents(storage, layer, table, tuple(wanted), spent)
        return list(table.entries)
    before = replace(spent)

    def use(pieces: Iterator[bytes]) -> list[LayerEntry]:
        spent.compressed, spent.unpacked = before.compressed, before.unpacked
        spent.entries, spent.kept = before.entries, before.kept
        return [
            entry for entry in entries(unpacked(pieces, spent), spent, exact=exact) if not is_mark(layer, entry.path)
        ]

    return storage.read(layer, use)


def _started(settings: ImageConfiguration) -> frozenset[str]:
    """The absolute paths among the words that start a container: their contents are wanted."""
    words = (*(settings.texts("Entrypoint") or ()), *(settings.texts("Cmd") or ()))
    return frozenset(word for word in words if word.startswith("/"))
