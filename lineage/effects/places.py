"""Directories by who writes them: what only s6-overlay and an image's own files write, and what no package touches."""

from ..families.read import families
from .s6_directories import FINISH_SCRIPTS, FIX_ATTRS, INIT_SCRIPTS, S6_OVERLAY, SERVICES

S6_PLACES = (
    INIT_SCRIPTS,
    FINISH_SCRIPTS,
    SERVICES,
    FIX_ATTRS,
    S6_OVERLAY,
    "/command",
    "/init",
    *families().start_directories,
)
"""Only s6-overlay and the image's own files write here."""
IMAGE_PLACES = (*S6_PLACES, "/home", "/root", "/tmp", *families().places)
"""What package managers, compilers and tools never touch, unless they are told to or work in it: so an `apt-get install`
does not make every answer unknown."""
