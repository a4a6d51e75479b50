"""Which desktop an image shows, and whether it asks before it starts a launcher that is not executable.

Sources: Thunar, thunar-file.c, `thunar_file_is_desktop_file`: a launcher outside of the data directories is secure only if it
is executable, from 4.17.5 on with a checksum in its metadata as well. Caja, libcaja-private/caja-mime-actions.c and
caja-directory-async.c, `is_link_trusted`: the same test of the x bit, up to 1.26.0.
"""

import re

from ...lineage.image.image import EffectiveImage

_XFCE = re.compile(r"xfce4|xfdesktop4?|xubuntu-desktop.*|xubuntu-core|xfce4-session|task-xfce-desktop|xfce")
_CAJA = re.compile(r"caja|mate-desktop-environment.*|ubuntu-mate-desktop|ubuntu-mate-core|mate-core|task-mate-desktop")
_BEFORE_CAJA_1_26_1 = re.compile(
    r"(?:^|[:/-])(?:ubuntu(?::|-mate-)?(?:1\d|2[01]|22)\.\d\d|xenial|bionic|focal|jammy|stretch|buster|bullseye)\b"
    r"|^(?:ubuntu:(?:1\d|2[01]|22)\.|debian:(?:9|10|11)\b)"
)


def asking_desktop(image: EffectiveImage) -> str | None:
    """The desktop that asks before it starts a launcher without x bit: "Xfce" or "MATE"; None where none is known to."""
    packages = image.accounts.packages
    if any(_XFCE.fullmatch(package) for package in packages):
        return "Xfce"
    if any(_CAJA.fullmatch(package) for package in packages) and _has_old_caja(image):
        return "MATE"
    return None


def _has_old_caja(image: EffectiveImage) -> bool:
    return any(_BEFORE_CAJA_1_26_1.search(f"{link.name}:{link.tag}") for link in image.chain if link.tag)
