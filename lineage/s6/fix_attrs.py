"""The lines of /etc/fix-attrs.d (s6-overlay README, "Fixing ownership and permissions"; libexec/fix-attrs of v3)."""

from collections.abc import Iterator

from ..effects.s6_directories import FIX_ATTRS
from ..image.image import EffectiveImage
from ..late.dataclasses import dataclass
from ..text.errors import Unknown
from ..text.places import Place, Span


@dataclass(frozen=True, slots=True)
class AttributeLine:
    """`PATH RECURSE OWNER FILE-MODE DIRECTORY-MODE`. `image` is the id of the image whose file it stands in."""

    path: str
    recursive: bool
    file_mode: str
    place: Place
    image: str


def attribute_lines(image: EffectiveImage) -> Iterator[AttributeLine]:
    """The lines in the order in which they are applied; comments and lines that are too short are left out."""
    for name in image.tree.children(FIX_ATTRS):
        node = image.tree.find(f"{FIX_ATTRS}/{name}")
        data = node.blob.data if node is not None and node.kind == "file" else None
        if node is None or data is None:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            words = line.split()
            if len(words) > 3 and not words[0].startswith("#"):
                yield AttributeLine(
                    words[0], words[1] == "true", words[3], Place(node.home.path, Span(number)), node.image
                )


def has_several_entries(image: EffectiveImage, path: str) -> bool | Unknown:
    """Whether it is a directory with none or more than one entry, in which generation 3 does not recurse."""
    node = image.tree.get(path)
    if isinstance(node, Unknown):
        return node
    if node is None or node.kind != "directory":
        return False
    if len(image.tree.children(path)) > 1:
        return True
    closed = image.tree.closed(path)
    return closed if isinstance(closed, Unknown) else not image.tree.children(path)
