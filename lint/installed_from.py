"""Where this ctlint was installed from, and where the pages about it are: all that names an address of it asks here."""

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit, urlunsplit

from ..lineage.late.dataclasses import dataclass
from ..lineage.repository.asked import is_file, names
from ..lineage.repository.plain_file import LARGEST_SETTINGS, read_plain
from .version import PUBLISHED, VERSION

PINNED = f"ctlint=={VERSION}"
"""The requirement where ctlint was installed from a package index."""


@dataclass(frozen=True, slots=True)
class Source:
    """A repository that ctlint comes from (an https address), and its commit, tag or branch."""

    repository: str
    revision: str

    def page(self, path: str) -> str | None:
        """The address of a file in it, where the host is known to show files (GitHub, GitLab)."""
        host = urlsplit(self.repository).hostname or ""
        folder = {"github.com": "blob", "gitlab.com": "-/blob"}.get(host)
        return f"{self.repository.removesuffix('.git')}/{folder}/{self.revision}/{path}" if folder else None


def requirement() -> str | None:
    """What pip is to be given to install this ctlint; None where that is known to this machine alone.

    An installation from a repository, address or folder leaves a record of it (PEP 610, direct_url.json); a folder that
    is a git checkout stands for the commit of its `origin`. Without a record it came from a package index, whose name
    counts only once ctlint is published: before that anybody could take it.
    """
    record = _record()
    address = str(record.get("url", ""))
    if address and not address.startswith("file:") and "vcs_info" not in record:
        return f"ctlint @ {address}"
    source = _installed()
    if source is not None:
        return f"ctlint @ git+{source.repository}@{source.revision}"
    return PINNED if PUBLISHED else None


@cache
def source() -> Source | None:
    """The repository that pages about ctlint are read in: where it is published, else where it was installed from."""
    return Source(PUBLISHED, f"v{VERSION}") if PUBLISHED else _installed()


def site() -> str | None:
    """The address of the documentation, with a `/` at its end; None until ctlint is published."""
    return site_of(PUBLISHED)


def site_of(repository: str) -> str | None:
    """The address of the documentation of a repository, as GitHub and GitLab Pages serve it; None for another host."""
    parts = urlsplit(repository)
    pages = {"github.com": "github.io", "gitlab.com": "gitlab.io"}.get(parts.hostname or "")
    owner, _, name = parts.path.strip("/").partition("/")
    return f"https://{owner.lower()}.{pages}/{name.removesuffix('.git')}/" if pages and owner and name else None


def home() -> str | None:
    """The address of what tells about ctlint."""
    pages = site()
    found = source() if pages is None else None
    return found.repository if found else pages


def page_of(code: str, name: str) -> str | None:
    """The address of a rule's page: in the documentation, else in the repository; None where neither is known."""
    pages = site()
    if pages is not None:
        return f"{pages}rules/{code.lower()}/"
    found = source()
    reference = found.page("docs/rules.md") if found else None
    return f"{reference}#{code.lower()}-{name}" if reference else None


def beside(package: str) -> str:
    """The command that installs a package where this ctlint runs, whatever installed it: pipx, uv or pip."""
    if (Path(sys.prefix) / "pipx_metadata.json").exists():
        return f"pipx inject ctlint {package}"
    if (Path(sys.prefix) / "uv-receipt.toml").exists():
        return f"uv pip install --python {sys.executable} {package}"
    return f"{sys.executable} -m pip install {package}"


def _record() -> dict[str, Any]:
    """What the installation recorded of where it came from; `importlib.metadata` finds it, too, but takes longer than a lint."""
    text = next(_records(), None)
    try:
        record: object = json.loads(text) if text else None
    except ValueError:
        return {}
    return cast("dict[str, Any]", record) if isinstance(record, dict) else {}


def _records() -> Iterator[str]:
    """The record of each ctlint that Python can see, the one that it takes first; empty where one has none."""
    for folder in map(Path, sys.path):
        try:
            for name in names(folder):
                if name.startswith("ctlint-") and name.endswith(".dist-info"):
                    record = folder / name / "direct_url.json"
                    yield read_plain(record, LARGEST_SETTINGS).decode("utf-8") if is_file(record) else ""
        except (OSError, ValueError):
            continue


def _installed() -> Source | None:
    record = _record()
    address = str(record.get("url", ""))
    version: object = record.get("vcs_info")
    if isinstance(version, dict):
        held = cast("dict[str, Any]", version)
        of_git = held.get("vcs") == "git" and "commit_id" in held and not address.startswith("file:")
        return Source(address, str(held["commit_id"])) if of_git else None
    return _of_checkout(Path(unquote(urlsplit(address).path))) if address.startswith("file:") else None


def _of_checkout(folder: Path) -> Source | None:
    from ..lineage.repository.git_files import checkout_at

    found = checkout_at(folder)
    commit = found.commit() if found else None
    address = public_address(next(iter(found.remotes().values()), "")) if found else None
    return Source(address, commit) if address and commit else None


def public_address(remote: str) -> str | None:
    """The https address of a git remote, without a password; None for one that only this machine knows."""
    of_ssh = re.fullmatch(
        r"(?:ssh://)?(?:[\w.-]+@)?(?P<host>[\w-]+(?:\.[\w-]+)+)(?::|/)(?P<path>(?!\d+/)[\w.~/-]+)", remote
    )
    if of_ssh and not remote.startswith("/"):
        return f"https://{of_ssh['host']}/{of_ssh['path'].lstrip('/')}"
    parts = urlsplit(remote)
    if parts.scheme != "https" or not parts.hostname:
        return None
    return urlunsplit(("https", parts.netloc.rpartition("@")[2], parts.path, "", ""))
