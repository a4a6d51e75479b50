"""Generated stacks of layers, and what umoci unpacks of an image, to hold real images against."""

import os
import random
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ctlint.lineage.oci.entry import LayerEntry
from oci_images import Item, Made, device, file, folder, gone, hard_link, image, link, opaque

_NAMES = ("a", "b", "c", "bin", "lib", "x y", "é", "-n")
_KINDS = {
    stat.S_IFDIR: "directory",
    stat.S_IFREG: "file",
    stat.S_IFLNK: "link",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
    stat.S_IFIFO: "pipe",
}


class Fact(NamedTuple):
    """What is compared of a path. `same` is the first path, by name, of the same inode."""

    kind: str
    mode: int
    uid: int
    gid: int
    size: int
    target: str
    device: tuple[int, int] | None
    same: str


def stack(seed: int) -> Made:
    """An image of two to five layers: files, folders, links, hard links, devices, whiteouts, opaque folders, replaced kinds."""
    choose = random.Random(seed)
    known: dict[str, str] = {}
    layers: list[list[Item]] = []
    for number in range(choose.randint(2, 5)):
        layers.append(_layer(choose, known, number))
    return image(*layers)


def _layer(choose: random.Random, known: dict[str, str], number: int) -> list[Item]:
    items: dict[str, Item] = {}
    own: dict[str, str] = {}

    def path() -> str:
        folders = [p for p, kind in known.items() if kind == "directory"]
        above = choose.choice([*folders, ""])
        return f"{above}/{choose.choice(_NAMES)}".lstrip("/")

    def drop(gone_: str) -> None:
        below = [p for p in known if p == gone_ or p.startswith(gone_ + "/")]
        for one in below:
            known.pop(one)
            own.pop(one, None)
            items.pop(one, None)
        for one in [p for p, (info, _) in items.items() if info.linkname in below and known.get(p) == "hard"]:
            drop(one)

    def put(at: str, kind: str, item: Item) -> None:
        if known.get(at) != kind or kind != "directory":
            drop(at)
        items.pop(at, None)
        items[at] = item
        known[at] = own[at] = kind

    for _ in range(choose.randint(4, 14)):
        kind = choose.choice(
            ("file", "file", "file", "directory", "directory", "link", "hard", "device", "gone", "opaque")
        )
        at = path()
        mode = choose.choice((0o644, 0o755, 0o4755, 0o2755, 0o1777, 0o600))
        facts = {"uid": choose.choice((0, 0, 1000, 70000)), "gid": choose.choice((0, 50, 3_000_000))}
        if kind == "file":
            content = os.urandom(3) * choose.choice((0, 1, 400))
            put(at, "file", file(at, content, mode, **facts))
        elif kind == "directory":
            put(at, "directory", folder(at, mode, **facts))
        elif kind == "link":
            put(at, "link", link(at, choose.choice(("a", "../b", "/lib", "nowhere")), **facts))
        elif kind == "device":
            put(at, "device", device(at, 1, 3) if choose.random() < 0.5 else device(at, 0, 0, b"6"))
        elif kind == "hard":
            there = [p for p, k in known.items() if k == "file" and p != at and not p.startswith(at + "/")]
            if there:
                to = choose.choice(there)
                put(at, "hard", hard_link(at, to, items[to][0].mode if to in items else 0o644))
        elif number and kind == "gone":
            below = [p for p in known if p not in own and not any(o.startswith(p + "/") for o in own)]
            if below:
                hidden = choose.choice(below)
                drop(hidden)
                items[f"{hidden} gone"] = gone(hidden)
        elif number and kind == "opaque":
            folders = [p for p, k in known.items() if k == "directory" and not any(o.startswith(p + "/") for o in own)]
            if folders:
                hidden = choose.choice(folders)
                for one in [p for p in known if p.startswith(hidden + "/")]:
                    known.pop(one)
                items.setdefault(hidden, folder(hidden))
                own[hidden] = "directory"
                items[f"{hidden} opaque"] = opaque(hidden)
    return list(items.values())


def unpacked_by_umoci(layout: Path, name: str, into: Path) -> dict[str, Fact]:
    """Every path of the image as umoci unpacks it."""
    subprocess.run(
        ["umoci", "raw", "unpack", "--image", f"{layout}:{name}", str(into)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return facts_of_folder(into)


def facts_of_folder(top: Path) -> dict[str, Fact]:
    """Every path below a folder, the folder itself as `/`."""
    found: dict[str, os.stat_result] = {"/": top.lstat()}
    for above, folders, files in os.walk(top):
        for name in (*folders, *files):
            found[os.path.join(above, name)[len(str(top)) :]] = os.lstat(os.path.join(above, name))
    first: dict[int, str] = {}
    for path in sorted(found):
        first.setdefault(found[path].st_ino, path)
    return {
        path: Fact(
            _KINDS[stat.S_IFMT(status.st_mode)],
            0o777 if stat.S_ISLNK(status.st_mode) else stat.S_IMODE(status.st_mode),
            status.st_uid,
            status.st_gid,
            status.st_size if stat.S_ISREG(status.st_mode) else 0,
            os.readlink(str(top) + path) if stat.S_ISLNK(status.st_mode) else "",
            _device(status),
            first[status.st_ino],
        )
        for path, status in found.items()
    }


def _device(status: os.stat_result) -> tuple[int, int] | None:
    if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
        return os.major(status.st_rdev), os.minor(status.st_rdev)
    return None


def facts_of_image(files: Mapping[str, LayerEntry]) -> dict[str, Fact]:
    """The same of an image as it was read."""
    first: dict[int, str] = {}
    for path in sorted(files):
        first.setdefault(files[path].inode if path != "/" else -2, path)
    return {
        path: Fact(
            entry.kind,
            0o777 if entry.kind == "link" else entry.mode,
            entry.uid,
            entry.gid,
            entry.size if entry.kind == "file" else 0,
            entry.target if entry.kind == "link" else "",
            entry.device,
            first[entry.inode if path != "/" else -2],
        )
        for path, entry in files.items()
    }
