"""Keeping a result: what a run writes is heard, what it asks of the disk is taken down, and both are put away together.

An entry is written under another name and moved into place, so that runs at the same time do not read each other's
halves; what is kept in all is bounded, and the entries that were told longest ago go first.
"""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import BufferedIOBase, TextIOWrapper
from typing import Any, cast

from ...lineage.repository import asked
from .replay import LARGEST, Kept, entry_path, folder

MOST_ENTRIES = 500
MOST_BYTES = 128 << 20
"""What is kept in all."""


def kept(words: Sequence[str], run: Callable[[], int]) -> int:
    """Run, and keep the result if the run says that it may be (`asked.worth_keeping`). What is kept changes nothing of
    the run, nor does it fail one."""
    if not words or words[0] != "lint" or "--no-cache" in words:
        return run()
    try:
        path = entry_path(words)
    except (OSError, ValueError):
        path = None
    streams = [_plain(stream) for stream in (sys.stdout, sys.stderr)]
    if path is None or streams[0] is None or streams[1] is None:
        return run()
    answers = asked.listen()
    out, err = _Heard(streams[0]), _Heard(streams[1])
    sys.stdout, sys.stderr = out.stream, err.stream
    try:
        code = run()
        out.stream.flush()
        err.stream.flush()
    finally:
        sys.stdout, sys.stderr = out.plain, err.plain
        asked.stop()
    if code in (0, 1) and answers.wanted and not answers.beyond:
        result = Kept(code, bytes(out.heard), bytes(err.heard), tuple(answers.told.items()))
        data = result.as_bytes(os.path.basename(path))
        if len(data) <= LARGEST:
            with suppress(OSError):
                put(path, data)
    return code


def _plain(stream: object) -> TextIOWrapper | None:
    return cast("TextIOWrapper", stream) if isinstance(stream, TextIOWrapper) else None


def put(path: str, data: bytes) -> None:
    """Write an entry whole, and remove old ones where there are too many. Raises OSError."""
    below = os.path.dirname(path)
    os.makedirs(below, mode=0o700, exist_ok=True)
    name = f"{path}.{os.getpid()}.new"
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    _prune(below)


def clear_results() -> int:
    """Remove all kept results; gives the bytes freed."""
    freed = 0
    with suppress(OSError), os.scandir(folder() or "") as listing:
        for entry in listing:
            with suppress(OSError):
                size = entry.stat(follow_symlinks=False).st_size
                os.unlink(entry.path)
                freed += size
    return freed


def _prune(below: str) -> None:
    found: list[tuple[float, int, str]] = []
    with os.scandir(below) as listing:
        for entry in listing:
            with suppress(OSError):
                about = entry.stat(follow_symlinks=False)
                found.append((about.st_mtime, about.st_size, entry.path))
    found.sort(reverse=True)
    held = 0
    for number, (_, size, path) in enumerate(found):
        held += size
        if number >= MOST_ENTRIES or held > MOST_BYTES:
            with suppress(OSError):
                os.unlink(path)


class _Heard(BufferedIOBase):
    """A stream that goes on to another and remembers what was written. `unheard` of its text side is the other."""

    def __init__(self, plain: TextIOWrapper) -> None:
        self.plain = plain
        self.heard = bytearray()
        plain.flush()
        self.stream = TextIOWrapper(
            cast("Any", self),
            encoding=plain.encoding,
            errors=plain.errors,
            line_buffering=plain.line_buffering,
            write_through=plain.write_through,
        )
        vars(self.stream)["unheard"] = plain

    def write(self, data: Any, /) -> int:
        whole = bytes(data)
        self.heard += whole
        self.plain.buffer.write(whole)
        return len(whole)

    def flush(self) -> None:
        self.plain.buffer.flush()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self.plain.isatty()

    def fileno(self) -> int:
        return self.plain.fileno()
