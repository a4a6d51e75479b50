"""What the command line asks to be opened."""

from pathlib import Path

from ...lineage.late.dataclasses import dataclass

DOWNLOADS = 8
"""Downloads at a time."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks to be opened."""

    targets: tuple[str, ...] = (".",)
    build_args: tuple[tuple[str, str], ...] = ()
    target: str | None = None
    stdin_filename: str = ""
    cache_dir: Path | None = None
    offline: bool = False
    fetch_parents: bool = False
    fetch_from: tuple[str, ...] = ()
    """More owners whose repositories may be fetched as parents, without the token."""
    archived: bool = True
    forks: bool = True
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    config: Path | None = None
    jobs: int | None = None
    """The processes that judge images; None for as many as pay."""
    downloads: int = DOWNLOADS
    progress: bool = True
    parents_from: tuple[str, ...] = ()
    """Where real images of parents are: `registry`, a layout, an archive."""
    with_parent: tuple[tuple[str, str], ...] = ()
    """Images (by name) and what stands in their place."""
    platform: str = "linux/amd64"
