"""Names of platforms as tags, files and namespaces of images carry them."""

import re

from ..late.patterns import pattern

PLATFORMS: tuple[tuple[str, ...], ...] = (
    ("amd64", "x86_64", "x86-64", "x64"),
    ("arm64v8", "arm64", "aarch64"),
    ("arm32v7", "arm32v6", "arm32v5", "arm32", "armhf", "armv7", "arm"),
    ("i386", "386", "x86"),
    ("ppc64le",),
    ("s390x",),
    ("riscv64",),
)
"""Names of one platform each; an image is for the first where nothing says otherwise."""
_PLAIN = "|".join(
    sorted(
        (re.escape(name) for names in PLATFORMS for name in names if name not in ("x64", "x86", "386", "arm")), key=len
    )[::-1]
)
_WORD = pattern(rf"(?:^|[-_.])(?:{_PLAIN})(?=$|[-_.])")


def platform_of(text: str) -> int | None:
    """The place in `PLATFORMS` of the platform that a tag or path names; None where it names none."""
    words = "".join(c if c.isalnum() or c == "_" else " " for c in text.lower()).split()
    return next((index for index, names in enumerate(PLATFORMS) if not set(names).isdisjoint(words)), None)


def without_platform(tag: str) -> str:
    """A tag without the platform's name in it, wherever that stands."""
    return _WORD.sub("", tag).strip("-_.")
