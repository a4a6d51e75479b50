"""Directories by who writes them: what only s6-overlay and an image's own files write, and what no package touches."""

from ..families.read import families

S6_PLACES = (
    "/etc/cont-init.d",
    "/etc/cont-finish.d",
    "/etc/services.d",
    "/etc/fix-attrs.d",
    "/etc/s6-overlay",
    "/command",
    "/init",
    *families().start_directories,
)
"""Only s6-overlay and the image's own files write here."""
IMAGE_PLACES = (*S6_PLACES, "/home", "/root", "/tmp", *families().places)
"""What package managers, compilers and tools never touch, unless they are told to or work in it: so an `apt-get install`
does not make every answer unknown."""
