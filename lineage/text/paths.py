"""Absolute paths in an image, as text: comparing them, making them plain, and where programs are looked for."""

from posixpath import join, normpath

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""The PATH of an image that sets none (BuildKit, util/system/path.go)."""

S6_PATH = "/usr/bin:/usr/sbin:/bin:/sbin"
"""The PATH of what s6-overlay starts where the image sets none (s6-overlay, /init's `path`)."""

_OF_THE_KERNEL = ("/dev/", "/proc/", "/sys/")


def is_of_the_kernel(path: str) -> bool:
    """Whether a path lies where the kernel shows itself: what is written there becomes no file of an image."""
    return path.startswith(_OF_THE_KERNEL)


def within(path: str, directory: str) -> bool:
    """Whether `path` is `directory` or lies below it."""
    return directory == "/" or path == directory or path.startswith(directory + "/")


def normal(path: str, base: str = "/") -> str:
    """`path` made absolute from `base`, without `.`, `..`, doubled or trailing slashes."""
    if path.startswith("/") and "//" not in path and "/." not in path and (path[-1] != "/" or path == "/"):
        return path  # as nearly all are
    result = normpath(join(base, path))
    return result[1:] if result.startswith("//") else result


def folders_of(path: str) -> tuple[str, ...]:
    """The absolute folders of a PATH, in order, without a slash at their ends (so the root is the empty text)."""
    return tuple(folder.rstrip("/") for folder in path.split(":") if folder.startswith("/"))
