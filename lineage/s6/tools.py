"""Where the commands of s6-overlay are in an image: `/usr/bin` and `/bin` up to generation 2, `/command` from 3 on.

Generation 3 has them in `/usr/bin` too where the symlinks archives are unpacked, where Alpine's package brings it, or where
the lineage puts a file or link there itself (s6-overlay README, "Which tarballs to download").
"""

from functools import cache
from posixpath import basename, dirname

from ..image.image import EffectiveImage
from ..image.s6_overlay_files import labelled_nodes
from ..image.tree import Node, only_packages
from ..text.errors import Unknown
from ..text.places import Place, Span
from .release import S6Release

_OLD_PLACES = frozenset(("/bin", "/usr/bin"))
_PACKAGES = ("s6", "execline", "skalibs")
# Their names are also those of other programs: a path to one says nothing about s6-overlay.
_COMMON = frozenset(
    "cd exec exit export if shift trap umask wait heredoc pipeline background foreground import".split()
)


@cache
def _names(label: str) -> frozenset[str]:
    nowhere = Place("", Span(1))
    found = labelled_nodes(label, nowhere, "")
    return frozenset(basename(path) for path, node in found if node.kind != "directory" and "/" in path[1:])


def current_tools() -> frozenset[str]:
    """The commands that generation 3 has."""
    return _names("s6-overlay 3.x symlinks-arch") | _names("s6-overlay 3.x symlinks-noarch")


def gone_tools() -> frozenset[str]:
    """The commands that generations 1 and 2 had and 3 has not."""
    return _names("s6-overlay 2.x amd64") - current_tools()


def is_s6_tool(path: str) -> bool:
    """Whether a path names a command of s6-overlay, wherever it is looked for."""
    name = basename(path)
    return name.startswith("s6-") or (name in current_tools() and name not in _COMMON)


def has_program(image: EffectiveImage, release: S6Release, path: str) -> bool | Unknown:
    """Whether a program is there, at an absolute path, when the container starts."""
    found = image.tree.get(path)
    if isinstance(found, Node):
        return found.kind == "file"
    directory = dirname(path)
    if directory == "/command":
        return release.generation >= 3 if is_s6_tool(path) or release.generation < 3 else _answer(found)
    if directory in _OLD_PLACES and is_s6_tool(path):
        return True if release.generation < 3 else _brought(image, path)
    if isinstance(found, Unknown) and directory in ("/bin", "/usr/bin") and basename(path) in image.accounts.packages:
        return True  # a package has the program that it is named after
    return _answer(found)


def _answer(found: Unknown | None) -> bool | Unknown:
    return False if found is None else found


def _brought(image: EffectiveImage, path: str) -> bool | Unknown:
    """Whether something whose files are not known may have put a command of s6-overlay at a path without a node.

    Package managers and compilers bring one only by a package whose name tells it.
    """
    for package in image.accounts.packages:
        if package.startswith(_PACKAGES):
            return Unknown(f"the package {package} may bring {path}")
    real = image.tree.resolve(path)
    for cloud in image.tree.clouds:
        if cloud.covers(real) and not only_packages(cloud):
            return cloud.unknown
    return False
