"""The one way to open a file of this machine: a plain one of bounded size, whatever its name stands for.

Whoever wrote a repository may have put a pipe, a device or an endless file where a configuration or git's index is
looked for: nothing of the kind is opened, so that no run waits for a writer or reads without end.
"""

import errno
import os
import stat
from io import FileIO
from pathlib import Path
from typing import IO

from .asked import is_link, note_content, note_failure, status

LARGEST_SETTINGS = 4 << 20
"""Bytes of a configuration file, and of git's own small files."""
LARGEST_LIST = 256 << 20
"""Bytes of a baseline, an index of git, a record of the cache."""

_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def open_plain(path: Path | str, *, follow: bool = True) -> FileIO:
    """A plain file, opened for reading. Raises OSError, also for what is none; a link is followed if `follow` says so."""
    about = status(path, follow=follow)
    if not stat.S_ISREG(about.st_mode):  # before it is opened, which some devices notice
        raise _no_plain_file(path)
    try:
        descriptor = os.open(path, _READING | (0 if follow else _NO_LINK))
    except OSError as error:
        note_failure(path, error, follow=follow)
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _no_plain_file(path)
    return FileIO(descriptor, closefd=True)


def read_plain(path: Path | str, most: int, *, follow: bool = True) -> bytes:
    """The bytes of a plain file. Raises OSError, also for what is none, and for one of more than `most` bytes."""
    data = read_beginning(path, most + 1, follow=follow)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"is larger than {most >> 20} MiB", str(path))
    return data


def read_beginning(path: Path | str, most: int, *, follow: bool = True) -> bytes:
    """At most `most` bytes of a plain file. Raises OSError, also for what is none."""
    with open_plain(path, follow=follow) as file:
        about = os.fstat(file.fileno())
        data = read_up_to(file, about.st_size, most)
    note_content(path, data, about, follow=follow)
    return data


def read_up_to(file: IO[bytes] | FileIO, size: int, most: int) -> bytes:
    """At most `most` bytes, in one go where the file has the `size` that it is said to have."""
    pieces = [file.read(min(size + 1, most)) or b""]
    missing = most - len(pieces[0])
    if len(pieces[0]) == size:
        return pieces[0]
    while missing > 0 and (piece := file.read(min(missing, 1 << 20))):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def is_odd(path: Path | str) -> bool:
    """Whether something is there that is neither a plain file nor a folder: a pipe, a device, a link to nothing. What is
    always empty (`/dev/null`) stands for an empty file."""
    try:
        mode = status(path).st_mode
    except OSError:
        return is_link(path)
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode) and os.path.realpath(path) != os.devnull


def _no_plain_file(path: Path | str) -> OSError:
    return OSError(errno.EINVAL, "is no plain file", str(path))
