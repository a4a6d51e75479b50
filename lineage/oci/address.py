"""Where a real image is: `oci:DIR[:TAG]`, `docker-archive:FILE[:NAME]`, `registry:REFERENCE`.

The first two are written as skopeo and podman write them (containers-transports(5)).
"""

import os
from pathlib import Path
from typing import Literal

from ..late.dataclasses import dataclass
from ..remote.untrusted import printable
from ..text.errors import UsageError
from ..text.reference import InvalidReference, Reference, parse

Transport = Literal["oci", "docker-archive", "registry"]
TRANSPORTS: tuple[Transport, ...] = ("oci", "docker-archive", "registry")
LOCK = "ctlint.lock"
"""The file of a repository that names its parents by digest (`lock.py` reads it)."""
FACTS = "ctlint.lock.d"
"""The folder beside it with the facts of these parents."""
_FORMS = "oci:DIR[:TAG], docker-archive:FILE[:NAME] or registry:REFERENCE"


@dataclass(frozen=True, slots=True)
class ImageAddress:
    """A real image: `path` is the layout's folder or the archive's file, `name` which of its images is meant.

    For a registry, `reference` says all. `str()` is the address as it would be written on the command line.
    """

    transport: Transport
    path: Path = Path()
    name: str | None = None
    reference: Reference | None = None
    shown: str = ""

    def __str__(self) -> str:
        return self.shown


def is_image_address(text: str) -> bool:
    """Whether a target means a real image by its first word."""
    return text.partition(":")[0] in TRANSPORTS and ":" in text


def same_image(one: ImageAddress, other: ImageAddress) -> bool:
    """Whether two addresses mean the same image, however the paths to it are written."""

    def where(address: ImageAddress) -> tuple[object, ...]:
        return address.transport, os.path.abspath(address.path), address.name, address.reference

    return where(one) == where(other)


def parse_address(text: str, folder: Path | None = None) -> ImageAddress:
    """The real image that a text means. Relative paths are below `folder` (the working directory).

    Raises UsageError where the text is none.
    """
    transport, colon, rest = text.partition(":")
    if not colon or not rest or transport not in TRANSPORTS:
        raise UsageError(f"{printable(text)} is no real image: it must be {_FORMS}.")
    if transport == "registry":
        reference = parse(rest.removeprefix("//"))
        if isinstance(reference, InvalidReference):
            raise UsageError(f"{printable(text)}: {printable(rest)} {reference.reason}.")
        return ImageAddress("registry", reference=reference, shown=f"registry:{reference}")
    path, name = _split(rest, folder or Path())
    return ImageAddress("oci" if transport == "oci" else "docker-archive", path, name, shown=text)


def _split(rest: str, folder: Path) -> tuple[Path, str | None]:
    """A path and what follows its colon; a path that is there as it stands has no name behind it."""
    whole = folder / os.path.expanduser(rest)
    if whole.exists() or ":" not in rest:
        return whole, None
    for position, character in enumerate(rest):
        if character == ":" and (folder / os.path.expanduser(rest[:position])).exists():
            return folder / os.path.expanduser(rest[:position]), rest[position + 1 :] or None
    path, _, name = rest.partition(":")
    return folder / os.path.expanduser(path), name or None
