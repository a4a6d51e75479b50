"""Names of platforms as Go, machines, packages, tags, files and namespaces of images carry them."""

import re

from ..late.dataclasses import dataclass
from ..late.patterns import pattern


@dataclass(frozen=True, slots=True)
class Architecture:
    """An architecture with each of its names: one table, so that a new one is one row.

    `go` is what BuildKit calls it, `machine` what uname(2) does and `debian` what dpkg does (both empty where one name of Go
    stands for several); `words` are its names in tags and paths, `official` the namespaces in which Docker publishes the
    official images of it under their own names, `s6` the archives of s6-overlay for it.
    """

    go: str
    machine: str
    debian: str
    words: tuple[str, ...]
    official: tuple[str, ...]
    s6: tuple[str, ...]


ARCHITECTURES: tuple[Architecture, ...] = (
    Architecture("amd64", "x86_64", "amd64", ("amd64", "x86_64", "x86-64", "x64"), ("amd64",), ("x86_64", "amd64")),
    Architecture("arm64", "aarch64", "arm64", ("arm64v8", "arm64", "aarch64"), ("arm64v8",), ("aarch64", "arm64")),
    Architecture(
        "arm",
        "",
        "",
        ("arm32v7", "arm32v6", "arm32v5", "arm32", "armhf", "armv7", "arm"),
        ("arm32v7", "arm32v6", "arm32v5"),
        ("arm", "armhf", "armv7", "armv6"),
    ),
    Architecture("386", "", "", ("i386", "386", "x86"), ("i386",), ("i686", "i486", "x86")),
    Architecture("ppc64le", "ppc64le", "ppc64el", ("ppc64le",), ("ppc64le",), ("powerpc64le", "ppc64le")),
    Architecture("s390x", "s390x", "s390x", ("s390x",), ("s390x",), ("s390x",)),
    Architecture("riscv64", "riscv64", "riscv64", ("riscv64",), ("riscv64",), ("riscv64",)),
)
"""An image is for the first where nothing says otherwise."""
BY_GO = {one.go: one for one in ARCHITECTURES}
OFFICIAL_NAMESPACES = tuple(f"{name}/" for one in ARCHITECTURES for name in one.official)
_SHORT = ("x64", "x86", "386", "arm")
"""Words that stand in tags for other things too often to be taken away."""
_PLAIN = "|".join(
    sorted((re.escape(name) for one in ARCHITECTURES for name in one.words if name not in _SHORT), key=len)[::-1]
)
_WORD = pattern(rf"(?:^|[-_.])(?:{_PLAIN})(?=$|[-_.])")


def platform_of(text: str) -> int | None:
    """The place in `ARCHITECTURES` of the platform that a tag or path names; None where it names none."""
    words = "".join(c if c.isalnum() or c == "_" else " " for c in text.lower()).split()
    return next((index for index, one in enumerate(ARCHITECTURES) if not set(one.words).isdisjoint(words)), None)


def without_platform(tag: str) -> str:
    """A tag without the platform's name in it, wherever that stands."""
    return _WORD.sub("", tag).strip("-_.")
