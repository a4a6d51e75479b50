"""Which s6-overlay release an image has, and how that is known.

Settled by what put `/init` there: an archive of a release, a copied root file system, a package, a profile. Directories
named `cont-init.d` are no evidence: other supervisors use the name too.
"""

import re
from dataclasses import dataclass

from ..image.image import EffectiveImage
from ..image.tree import Node
from ..text.errors import Unknown
from ..text.numbers import natural
from ..text.places import Place

_LABEL = re.compile(r"s6-overlay (?:(\d+(?:\.\d+)+)|(\d+)\.x)\b")


@dataclass(frozen=True, slots=True)
class S6Release:
    """A release of s6-overlay. `version` is None where only the generation is known; `place` is what installed it."""

    generation: int
    version: str | None
    place: Place
    image: str

    @property
    def label(self) -> str:
        """The version, or the generation where that is all that is known."""
        return self.version or str(self.generation)

    def at_least(self, *numbers: int) -> bool | Unknown:
        """Whether the release is that version or a later one."""
        if self.version is not None:
            return tuple(natural(n) or 0 for n in self.version.split(".")) >= numbers
        if self.generation != numbers[0]:
            return self.generation > numbers[0]
        return Unknown(f"which release of s6-overlay {self.generation} it is, is not known")


def release_of(image: EffectiveImage) -> S6Release | Unknown | None:
    """The image's s6-overlay release; None for an image that has none."""
    entry = image.tree.get("/init")
    if isinstance(entry, Node):
        match = _LABEL.match(entry.provides or "")
        if match is None:
            return _unlabelled(image, entry)
        version = match.group(1)
        generation = natural(version.split(".")[0] if version else match.group(2)) or 0
        return S6Release(generation, version, entry.place, entry.image)
    return entry


def _unlabelled(image: EffectiveImage, entry: Node) -> Unknown | None:
    """Unknown where `/init` may be that of an s6-overlay: the image has its directory, and the file does not say otherwise."""
    data = entry.blob.data
    if image.tree.find("/etc/s6-overlay") is None or (data is not None and b"s6" not in data):
        return None
    return Unknown(f"which release of s6-overlay the /init of {entry.place} is of, is not known")
