"""Which files' contents are kept of a real image: those that ctlint reads, and no more.

These are what starts a container (s6-overlay's folders, `/init`, scripts of shells), launchers, and the tables of accounts.
Secrets are never kept: `/etc/shadow`, private keys.
"""

import re
from typing import Literal

from ..families.read import families
from ..late.patterns import pattern
from ..shell.shebang import SHELLS

_ALWAYS = pattern(
    r"""/init
    | /(?:etc|usr/lib)/os-release
    | /etc/(?:passwd|group|shells)
    | /etc/(?:cont-init|cont-finish|services|fix-attrs|profile)\.d/.*
    | /etc/(?:s6|s6-overlay|s6-rc|skel|xdg/autostart|supervisor)/.*
    | /(?:package/admin/s6-overlay[^/]*|etc/s6-overlay)/.*
    | .*\.desktop
    | /(?:[^/]*entrypoint[^/]*|docker-entrypoint\.d/.*)
    | /usr/local/bin/docker-.*
    """,
    re.VERBOSE,
)
_NEVER = pattern(
    r"""/etc/(?:g?shadow-?|ssh/.*|ssl/.*|pki/.*|krb5.*|alternatives/.*)
    | .*(?:\.pem|\.key|\.p12|\.jks|\.keytab|id_rsa|id_ed25519|\.netrc|\.git-credentials)
    | /(?:proc|sys|dev)/.*
    """,
    re.VERBOSE,
)
_NOT_SCRIPTS = pattern(
    r"/(?:usr/(?:share|lib\w*|include|src|libexec)|lib\w*|var/(?:lib|cache|log)|root/\.cache)/.*"
    r"|.*/(?:node_modules|site-packages|dist-packages|share/doc|\.git)/.*"
)
_SHELLS = (*sorted(SHELLS), "busybox", "execlineb", "with-contenv", *families().interpreters)
_SHELL = pattern(rf"#![^\n]{{0,200}}\b(?:{'|'.join(_SHELLS)})\b".encode())
_OF_FAMILIES = (*families().start_directories, *families().left_to_others)
"""Where scripts of image families lie that start with the container, or that others call."""
_LONGEST_SCRIPT = 1 << 18

Keeping = Literal["always", "script", "never"]


def keeping(path: str, size: int) -> Keeping:
    """Whether a file's content is kept: by its place, or only if it is a shell's script."""
    if _NEVER.fullmatch(path):
        return "never"
    if _ALWAYS.fullmatch(path) or path.startswith(_OF_FAMILIES):
        return "always"
    if size > _LONGEST_SCRIPT or size < 4 or _NOT_SCRIPTS.fullmatch(path):
        return "never"
    return "script"


def is_bulk(path: str) -> bool:
    """Whether a file lies where packages keep what nobody compares: its content is passed over when a layer is read."""
    return _NOT_SCRIPTS.fullmatch(path) is not None and _ALWAYS.fullmatch(path) is None


def is_script(data: bytes) -> bool:
    """Whether a content is that of a script for a shell or for execline."""
    return data.startswith(b"#!") and _SHELL.match(data) is not None
