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
PROGRAM_FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
SYSTEM_FOLDERS = frozenset(
    """/bin /dev /etc /home /lib /lib64 /opt /proc /root /run /sbin /srv /sys /tmp /usr /usr/bin /usr/include /usr/lib /usr/local
    /usr/local/bin /usr/local/include /usr/local/lib /usr/local/sbin /usr/local/share /usr/sbin /usr/share /var /var/cache
    /var/lib /var/log""".split()
)
"""Folders that every distribution has (FHS 3.0)."""
