"""What a layer holds: its entries, as a tar's headers or a table of contents tell them."""

from typing import Literal

from ..late.dataclasses import dataclass

Kind = Literal["file", "directory", "link", "hard link", "character device", "block device", "pipe"]

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
OTHER_MARKS = ".wh..wh."
"""Names that only a storage driver means something by."""


@dataclass(slots=True)
class LayerEntry:
    """An entry of a layer, later a path of the image.

    `path` is absolute in the image, undecodable bytes as surrogates; `target` what a link or hard link points at; `size`
    the bytes of a file as it is read (a sparse one with its holes). `data` is its content where that was kept, `digest`
    its git blob id where its bytes were read. `capability`: whether it has file capabilities (capabilities(7)). `inode`
    is the same for all names of one file. `layer` is the number of the layer that brought it, from 0.
    """

    path: str
    kind: Kind
    mode: int = 0
    uid: int = 0
    gid: int = 0
    size: int = 0
    target: str = ""
    device: tuple[int, int] | None = None
    capability: bool = False
    sparse: bool = False
    data: bytes | None = None
    digest: str | None = None
    inode: int = -1
    layer: int = -1
    offset: int = -1
    """Where the content stands in the compressed layer, by its table of contents; -1 where that is not known."""
    checksum: str = ""
    """`sha256:…` of the content, as a table of contents tells it."""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]
