"""Whether a program or file that a command names is in the image, as far as is known."""

from ..text.errors import Unknown
from ..text.paths import DEFAULT_PATH, within
from ..text.spelling import words_of
from .image import EffectiveImage
from .tree import Node, beside_root_folders, only_packages

_BESIDE_USR_BIN = frozenset(("/usr/sbin", "/sbin", "/bin"))
"""Where a program is not that is known to be missing from /usr/bin, where its package would put it."""
_MADE_AT_START = ("/run", "/tmp", "/var/run", "/var/tmp", "/dev", "/proc", "/sys", "/home", "/mnt", "/media")

_OF_DISTRIBUTIONS = frozenset(
    words_of(
        "afs bin boot cdrom command data dev efi etc export gnu home lib lib32 lib64 libx32 media mnt net nix opt package proc "
        "root run sbin selinux snap srv sw sys tmp usr var volumes"
    )
)
"""Folders right below `/` in which a package, of a distribution or another, may put files."""


def file_at(image: EffectiveImage, path: str) -> Node | Unknown | None:
    """The file at an absolute path of the running container; None if there surely is none.

    What lies in a volume, or where programs put files when they run, is not known.
    """
    volumes = tuple(volume.value for volume in image.volumes)
    found = image.tree.get(path)
    if isinstance(found, Unknown) and image.tree.find(path) is None:  # else it is there under a condition
        found = None if _in_copied_folder(image, path) or _beside_root_folders(image, path) else found
    if found is not None:
        return found
    for folder in (*_MADE_AT_START, *volumes):
        if within(path, folder.rstrip("/") or "/"):
            return Unknown(f"what lies below {folder} is not known before the container runs")
    return None


def _beside_root_folders(image: EffectiveImage, path: str) -> bool:
    """Whether a script right below `/`, or what lies in a folder there that no distribution has (`/app`), is missing: all that
    may have put it there are packages, and none does.
    """
    real = image.tree.resolve(path)
    folder, _, inside = real.lstrip("/").partition("/")
    covering = [cloud for cloud in image.tree.clouds if cloud.covers(real)]
    if inside and folder not in _OF_DISTRIBUTIONS:
        return all(cloud.by == "packages" for cloud in covering)
    return beside_root_folders(real) and all(map(only_packages, covering))


def _in_copied_folder(image: EffectiveImage, path: str) -> bool:
    """Whether the path lies in a folder of /opt that a COPY of the image makes: packages of a distribution put nothing
    there, and of what else may have written there nothing is known.
    """
    parts = path.split("/")
    if len(parts) < 4 or parts[1] != "opt" or image.tree.find(path) is not None:
        return False
    real = image.tree.resolve(path)
    covering = [cloud for cloud in image.tree.clouds if cloud.covers(real)]
    if any(cloud.by != "packages" for cloud in covering):
        return False
    folder = image.tree.find("/".join(parts[:3]))
    if folder is None or not image.owns(folder.image):
        return False
    copied = any(
        step.place.line == folder.place.line and step.instruction.keyword in ("COPY", "ADD") for step in image.steps
    )
    return copied and not any(parts[2] in package or package in parts[2] for package in image.accounts.packages)


def program_on_path(image: EffectiveImage, name: str) -> Node | Unknown | None:
    """The program of that name in PATH, the first one; None if there surely is none."""
    path = image.env["PATH"].value if "PATH" in image.env else DEFAULT_PATH
    if "PATH" not in image.env and image.env_open is not None:
        return image.env_open
    doubt: Unknown | None = None
    absent = file_at(image, f"/usr/bin/{name}") is None
    for folder in path.split(":"):
        found = (
            file_at(image, f"{folder.rstrip('/')}/{name}") if folder.startswith("/") else Unknown("PATH is relative")
        )
        if isinstance(found, Node):
            return found
        if not (absent and folder in _BESIDE_USR_BIN and _of_packages_alone(image, f"{folder}/{name}")):
            doubt = found if doubt is None else doubt
    return doubt


def _of_packages_alone(image: EffectiveImage, path: str) -> bool:
    """Whether nobody but the distribution and its packages may have put something there."""
    real = image.tree.resolve(path)
    covering = (cloud for cloud in image.tree.clouds if cloud.covers(real))
    return all(cloud.by in ("packages", "distribution") for cloud in covering)
