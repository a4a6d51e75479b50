"""Where this ctlint was installed from, so that a CI installs the same."""

import json
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any, cast

from .commands.init_files import PINNED


def requirement() -> str | None:
    """What pip is to be given to install this ctlint; None where it came from a folder or file of this machine.

    An installation from a repository or address leaves a record of it (PEP 610, direct_url.json).
    """
    try:
        record = distribution("ctlint").read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    if record is None:
        return PINNED
    try:
        return _of_record(cast("dict[str, Any]", json.loads(record)))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _of_record(record: dict[str, Any]) -> str | None:
    address = str(record["url"])
    if address.startswith("file:") or "dir_info" in record:
        return None
    repository = record.get("vcs_info")
    if repository is None:
        return f"ctlint @ {address}"
    return f"ctlint @ {repository['vcs']}+{address}@{repository['commit_id']}"
