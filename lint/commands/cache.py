"""`ctlint cache`: where the cache of fetched repositories is, how large it is, and clearing it with the kept results."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from ...lineage.late.dataclasses import dataclass
from ...lineage.text.errors import UsageError
from ..kept.keep import clear_results
from ..output.complaints import print_line

_PREFIX = "github:"


@dataclass(frozen=True, slots=True)
class CacheOptions:
    """The arguments of `ctlint cache`. `what` is what to clear: OWNER or OWNER/REPO (None: everything)."""

    action: Literal["show", "where", "size", "clear"] = "show"
    what: str | None = None
    cache_dir: Path | None = None


def cache(options: CacheOptions, write: Callable[[str], object], clock: Callable[[], float] = time.time) -> int:
    """Writes what was asked for, and returns 0. Raises UsageError for an owner or repository that cannot be one."""
    from ...lineage.remote.cache import Cache, age_in_words

    folder = Cache(options.cache_dir, clock)
    if options.action == "where":
        write(str(folder.path))
    elif options.action == "clear":
        freed = folder.clear(*_cleared(options.what))
        if options.what is None and options.cache_dir is None:
            freed += clear_results()
        write(f"freed {size_in_words(freed)}")
    else:
        usage = folder.usage()
        if options.action == "size":
            write(size_in_words(usage.size))
            return 0
        write(f"folder: {usage.path}")
        write(f"repositories: {usage.repositories}")
        write(f"files: {usage.contents}")
        write(f"size: {size_in_words(usage.size)}")
        if usage.oldest is not None and usage.newest is not None:
            write(f"fetched: {_span(age_in_words(clock() - usage.oldest), age_in_words(clock() - usage.newest))}")
    return 0


def size_in_words(size: float) -> str:
    """A number of bytes for a person: "3.4 MB"."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} bytes" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def _span(oldest: str, newest: str) -> str:
    return newest if newest == oldest else f"{oldest} to {newest}"


def _cleared(what: str | None) -> tuple[str | None, str | None]:
    from ...lineage.remote.address import parse_target

    if what is None:
        return None, None
    target = parse_target(what if what.startswith((_PREFIX, "http://", "https://")) else f"{_PREFIX}{what}")
    if target is None or target.ref is not None:
        raise UsageError(f"{what} names no owner or repository: it must be OWNER or OWNER/REPO")
    return target.owner, target.repository


def cache_command(options: argparse.Namespace) -> int:
    """`ctlint cache`."""
    return cache(CacheOptions(options.action, options.what, options.cache_dir), print_line)
