"""Which s6-overlay release an image has, and how that is known.

Settled by what put `/init` there: an archive of a release, a copied root file system, a package, a profile. Where nothing
tells what `/init` is, the image's own files may: definitions of s6-rc and the folder `/command` are of generation 3 alone.
Directories named `cont-init.d` are no evidence: other supervisors use the name too.
"""

from collections.abc import Iterator

from ..effects.s6_directories import INIT_SCRIPTS, RC_D, S6_OVERLAY, SERVICES
from ..image.image import EffectiveImage
from ..image.tree import Node
from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..shell.shebang import Shebang, read_shebang
from ..text.errors import Unknown
from ..text.numbers import natural
from ..text.places import Place

_NEW_PLACE = "/command/"
_LABEL = pattern(r"s6-overlay (?:(\d+(?:\.\d+)+)|(\d+)\.x)\b")


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
    if entry is not None:
        told = _told_by_own_files(image)
        return told if told is not None else entry
    return None


def speaks_s6(image: EffectiveImage) -> bool:
    """Whether a file of the image's start folders is written for s6-overlay, of whatever generation: its `#!` line leads
    to with-contenv or execlineb.
    """
    return any(line.with_contenv or line.shell == "execlineb" for _, line in _start_lines(image))


def _told_by_own_files(image: EffectiveImage) -> S6Release | None:
    """Generation 3, where files that the image brings are of no use to another one."""
    for name in image.tree.children(RC_D):
        node = image.tree.find(f"{RC_D}/{name}/type")
        if node is not None and node.kind == "file" and node.sure:
            return S6Release(3, None, node.home, node.image)
    for node, line in _start_lines(image):
        if line.interpreter.startswith(_NEW_PLACE) and node.sure:
            return S6Release(3, None, node.home, node.image)
    return None


def _start_lines(image: EffectiveImage) -> Iterator[tuple[Node, Shebang]]:
    """The files of the start folders that have a `#!` line, with that line."""
    folder = SERVICES
    paths = [f"{INIT_SCRIPTS}/{name}" for name in image.tree.children(INIT_SCRIPTS)]
    paths += [f"{folder}/{name}/run" for name in image.tree.children(folder)]
    for path in paths:
        node = image.tree.find(path)
        data = node.blob.data if node is not None and node.kind == "file" else None
        line = read_shebang(data[:256]) if data is not None else None
        if node is not None and line is not None:
            yield node, line


def _unlabelled(image: EffectiveImage, entry: Node) -> Unknown | None:
    """Unknown where `/init` may be that of an s6-overlay: the image has its directory, and the file does not say otherwise."""
    data = entry.blob.data
    if image.tree.find(S6_OVERLAY) is None or (data is not None and b"s6" not in data):
        return None
    return Unknown(f"which release of s6-overlay the /init of {entry.place} is of, is not known")
