"""What `docker save` wrote: `ctlint verify` on it, and its file tree as ctlint reads it beside what umoci unpacks."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ctlint.lineage.oci.address import parse_address
from ctlint.lineage.oci.read import ReadOptions, read_image, storage_of
from ctlint.lineage.remote.registry import Registries

from .built import FROM_THE_RUNTIME
from .claims import Verdict
from .predicted import InspectFailed

_NAMES = {"there": "exists", "target": "link", "account": "accounts", "uid": "accounts", "home": "accounts"}
_Fact = tuple[str, int, int, int, str]
"""Kind, mode, owner, size, target."""
_PLAIN = frozenset(("exists", "absent", "kind", "mode", "owner", "link", "content", "accounts"))


def verified(archive: Path, folder: Path) -> Verdict:
    """The verdict of `ctlint verify` on an archive of `docker save`. Raises InspectFailed."""
    words = [sys.executable, "-m", "ctlint", "verify", f"docker-archive:{archive}", folder.name, "--format", "json"]
    done = subprocess.run(words, cwd=folder.parent, capture_output=True, text=True, check=False)
    try:
        data: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise InspectFailed((done.stderr or done.stdout).strip()[-400:]) from None
    verdict = Verdict(known=data["coverage"]["known"], built=data["coverage"]["of"], missed=list(data["missed"]))
    for field, counts in data["claims"].items():
        name = _name(field)
        verdict.claims[name] += counts["right"] + counts["wrong"]
        verdict.unknown[name] += counts["unknown"]
    verdict.wrong = [
        (_name(one["field"]), f"{one['subject']}: said {one['said']}, is {one['found']}") for one in data["wrong"]
    ]
    return verdict


def _name(field: str) -> str:
    name = _NAMES.get(field, field)
    return name if name in _PLAIN else "settings"


def same_tree(archive: Path) -> list[str]:
    """For the archive and for the same image as an OCI layout: the first difference between the tree that ctlint reads and the
    one that umoci unpacks; empty for none. Nothing is compared where skopeo or umoci is not installed.
    """
    if shutil.which("umoci") is None or shutil.which("skopeo") is None:
        return []
    with tempfile.TemporaryDirectory(dir=archive.parent) as place:
        layout, tree = f"oci:{place}/layout:x", Path(place) / "tree"
        _run("skopeo", "copy", f"docker-archive:{archive}", layout)
        _run("umoci", "raw", "unpack", "--image", layout.removeprefix("oci:"), str(tree))
        wanted = _unpacked(tree)
        return [_difference(address, wanted) for address in (f"docker-archive:{archive}", layout)]


def _difference(address: str, wanted: Mapping[str, _Fact]) -> str:
    found = _read(address)
    for path in sorted(wanted.keys() | found.keys()):
        if path not in FROM_THE_RUNTIME and wanted.get(path) != found.get(path):
            form = address.partition(":")[0]
            return f"{form} {path}: read as {found.get(path)}, umoci unpacks {wanted.get(path)}"
    return ""


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


def _unpacked(top: Path) -> dict[str, _Fact]:
    found: dict[str, _Fact] = {}
    for above, folders, files in os.walk(top):
        for name in (*folders, *files):
            path = os.path.join(above, name)
            about = os.lstat(path)
            kind = "link" if stat.S_ISLNK(about.st_mode) else "directory" if stat.S_ISDIR(about.st_mode) else "file"
            target = os.readlink(path) if kind == "link" else ""
            mode = 0o777 if kind == "link" else stat.S_IMODE(about.st_mode)
            size = about.st_size if stat.S_ISREG(about.st_mode) else 0
            found[path[len(str(top)) :]] = (kind, mode, about.st_uid, size, target)
    return found


def _read(address: str) -> dict[str, _Fact]:
    options = ReadOptions()
    store = storage_of(parse_address(address), options.platform, Registries, options.limits)
    kinds = {"directory": "directory", "link": "link"}
    return {
        path: (
            kinds.get(entry.kind, "file"),
            0o777 if entry.kind == "link" else entry.mode,
            entry.uid,
            entry.size if entry.kind == "file" else 0,
            entry.target if entry.kind == "link" else "",
        )
        for path, entry in read_image(store, address, options).files.items()
        if path != "/"
    }
