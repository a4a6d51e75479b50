"""What reading a real image may cost, and the error for what goes beyond it."""

from ..late.dataclasses import dataclass
from ..text.errors import InputError


class ImageError(InputError):
    """A real image cannot be used: it is none, it is damaged, it is not there, or it goes beyond the limits."""


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Sizes are in bytes; they hold for the layers of an image taken together.

    `entries` counts the members of all layers, `depth` the parts of a path. `header` is for one extended header of a tar
    or one table of contents; `content` is up to where a single file's bytes are kept, `kept` how much is kept in all.
    """

    compressed: int = 32 << 30
    unpacked: int = 64 << 30
    entries: int = 2_000_000
    layers: int = 512
    depth: int = 255
    path: int = 4096
    header: int = 1 << 20
    table: int = 256 << 20
    document: int = 8 << 20
    content: int = 1 << 20
    kept: int = 48 << 20
    window: int = 128 << 20
    """The memory that a zstd frame may ask for."""


DEFAULT = ImageLimits()


@dataclass(slots=True)
class Spent:
    """What the layers of one image have cost so far. Its methods raise ImageError beyond the limits."""

    limits: ImageLimits
    compressed: int = 0
    unpacked: int = 0
    entries: int = 0
    kept: int = 0

    def on_compressed(self, size: int) -> None:
        self.compressed += size
        if self.compressed > self.limits.compressed:
            raise ImageError(f"the image is larger than {self.limits.compressed:,} bytes")

    def on_unpacked(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > self.limits.unpacked:
            raise ImageError(f"the image unpacks to more than {self.limits.unpacked:,} bytes")

    def on_entry(self) -> None:
        self.entries += 1
        if self.entries > self.limits.entries:
            raise ImageError(f"the image holds more than {self.limits.entries:,} entries")

    def may_keep(self, size: int) -> bool:
        """Whether so many bytes more are kept; they count from now on."""
        if self.kept + size > self.limits.kept:
            return False
        self.kept += size
        return True
