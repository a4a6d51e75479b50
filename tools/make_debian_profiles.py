"""Make the bundled profiles of Debian from its packages, for maintainers.

    python tools/make_debian_profiles.py [bookworm[=TAR] trixie[=TAR]]

Docker's images of Debian are what debuerreotype makes of debootstrap's `minbase`, with a few files for apt and dpkg
more and, for `-slim`, manuals and translations less. `mmdebstrap --variant=minbase` makes the same of the same
packages; TAR is its result, made here (as root, from the archive of this machine's apt sources) where none is given.
The tar is read as a layer of a real image is. Written into `lineage/profiles/` is what the profile of the family does
not say, or says otherwise: programs, configuration, folders with their modes, links, accounts. Manuals, libraries and
package lists are left to the family's cloud, and so is whatever else a published image may hold.
"""

import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ctlint.lineage.image.image import EffectiveImage
from ctlint.lineage.image.tree import Node
from ctlint.lineage.oci.entry import LayerEntry
from ctlint.lineage.oci.limits import DEFAULT, Spent
from ctlint.lineage.oci.manifest import History, ImageConfiguration
from ctlint.lineage.oci.merge import MergedFiles
from ctlint.lineage.oci.read import RealImage
from ctlint.lineage.oci.tar_stream import entries
from ctlint.lineage.profiles.find import load_profile
from ctlint.lineage.real_images.effective import effective_image
from ctlint.lineage.remote.registry_image import Platform

PROFILES = Path(__file__).parent.parent / "lineage" / "profiles"
FAMILY = ("merged-usr.json", "debian-family.json")
SUITES = {"bookworm": "debian-12.json", "trixie": "debian-13.json"}
LISTED = re.compile(
    r"/[^/]+|/usr/s?bin/[^/]+|/etc/.+|/root/.*|/home/.*|/usr/[^/]+|/var/[^/]+|/var/(?:lib|cache|log|spool|mail|opt)/[^/]+"
    r"|/usr/local/.*|/usr/lib/os-release"
)
NOT_LISTED = re.compile(
    r"/etc/(?:resolv\.conf|hosts|hostname|mtab|machine-id|ssl/certs/.*|ld\.so\.cache|apt/.*|dpkg/.*|passwd-|group-|shadow-"
    r"|gshadow-|subuid-?|subgid-?|\.pwd\.lock|systemd/.*|rc\w\.d.*|localtime|timezone|fstab|environment|kernel.*|.*\.gz)"
    r"|/(?:proc|sys|dev)/.*|/var/(?:cache|log)/.+|/var/lib/(?:apt|dpkg)/.*|.*(?:x86_64|i386|linux32|linux64|/ld\.so|lib64).*"
)
"""Made by whoever starts a container, by debuerreotype, by packages in their own time, or for one architecture alone."""
Json = dict[str, Any]


def main(words: list[str]) -> int:
    for word in words or list(SUITES):
        suite, _, tar = word.partition("=")
        data = profile(suite, Path(tar) if tar else bootstrapped(suite))
        (PROFILES / SUITES[suite]).write_text(text_of(data), "utf-8")
        print(f"{SUITES[suite]}: {len(data['programs'])} programs, {len(data['nodes'])} other paths")
    return 0


def bootstrapped(suite: str) -> Path:
    tar = Path(tempfile.mkdtemp()) / f"{suite}.tar"
    subprocess.run(["mmdebstrap", "--variant=minbase", "--components=main", suite, str(tar)], check=True)
    return tar


def profile(suite: str, tar: Path) -> Json:
    """What the real image of a suite has beside, or otherwise than, the profile of the family."""
    real, family = real_image(tar), load_profile(*FAMILY)
    old: Json = json.loads((PROFILES / SUITES[suite]).read_text("utf-8"))
    listed = {
        path: node
        for path, node in real.tree.nodes.items()
        if LISTED.fullmatch(path) and not NOT_LISTED.fullmatch(path)
    }
    programs, directories, links, nodes = sorted_out(listed, family)
    nodes["/etc/login.defs"] = {"mode": "644", **home_mode(tar)}
    data: Json = {
        "schema": 1,
        "image": "debian",
        "source": f"debian/{suite}@{version(tar)}",
        "made": "by tools/make_debian_profiles.py, of the packages of main (mmdebstrap --variant=minbase)",
        "extends": list(FAMILY),
        "env": old["env"],
        "cmd": old["cmd"],
        "links": links,
        "directories": directories,
        "programs": programs,
        "nodes": nodes,
        "removed": sorted(gone(family, real)),
        "accounts": accounts(family, real),
    }
    return {key: value for key, value in data.items() if value not in ([], {})}


def version(tar: Path) -> str:
    """The point release: `12.11`."""
    return content(tar, "etc/debian_version").strip()


def home_mode(tar: Path) -> Json:
    """The line of login.defs that decides the mode of new homes, where there is one in force."""
    rows = [row.rstrip() for row in content(tar, "etc/login.defs").splitlines() if row.startswith("HOME_MODE")]
    return {"inserted": [{"text": row} for row in rows]} if rows else {}


def content(tar: Path, path: str) -> str:
    with tarfile.open(tar) as archive:
        member = next(one for one in archive if one.name.removeprefix("./") == path)
        file = archive.extractfile(member)
        return file.read().decode() if file is not None else ""


def real_image(tar: Path) -> EffectiveImage:
    """The root file system as a real image of one layer."""
    spent = Spent(DEFAULT)
    files = MergedFiles()
    with tar.open("rb") as source:
        files.add_layer(entries(iter(lambda: source.read(1 << 18), b""), spent))
    listed: dict[str, LayerEntry] = {entry.path: entry for entry in files.listed()}
    settings = ImageConfiguration({}, (History("ADD rootfs /", 0),), (), None, Platform())
    return effective_image(RealImage("", "sha256:" + "0" * 64, settings, listed), "debian")


def sorted_out(
    listed: Mapping[str, Node], family: EffectiveImage
) -> tuple[list[str], list[str], dict[str, str], dict[str, Json]]:
    """Programs, directories and links by the short keys of a profile, and all that is not as these keys mean it."""
    programs: list[str] = []
    directories: list[str] = []
    links: dict[str, str] = {}
    nodes: dict[str, Json] = {}
    for path, node in sorted(listed.items()):
        if same(family.tree.nodes.get(path), node):
            continue
        plain = node.mode == 0o755 and node.owner == "root"
        if node.kind == "link":
            links[path] = node.target
        elif plain and node.kind == "directory" and path not in family.tree.nodes:
            directories.append(path)
        elif plain and node.kind == "file" and "/bin/" in path.replace("/sbin/", "/bin/"):
            programs.append(path)
        else:
            data: Json = {"kind": "directory"} if node.kind == "directory" else {}
            data["mode"] = f"{node.mode:o}"
            if node.owner != "root":
                data["owner"] = node.owner
            nodes[path] = data
    return programs, directories, links, nodes


def same(one: Node | None, other: Node) -> bool:
    if one is None or one.kind != other.kind or one.owner != other.owner:
        return False
    return one.target == other.target if one.kind == "link" else one.mode == other.mode


def gone(family: EffectiveImage, real: EffectiveImage) -> Iterator[str]:
    """What the family's profile lists and this image does not have; what a link or a package may bring is left out."""
    for path in family.tree.nodes:
        if path not in real.tree.nodes and not NOT_LISTED.fullmatch(path):
            yield path


def accounts(family: EffectiveImage, real: EffectiveImage) -> Json:
    known = {
        name: {"uid": account.uid, "home": account.home}
        for name, account in sorted(real.accounts.known.items())
        if (there := family.accounts.known.get(name)) is None or (there.uid, there.home) != (account.uid, account.home)
    }
    removed = sorted(name for name in family.accounts.known if name not in real.accounts.known)
    groups = {name: one.gid for name, one in (real.accounts.groups or {}).items()}
    return {key: value for key, value in (("known", known), ("removed", removed), ("groups", groups)) if value}


def text_of(data: Json) -> str:
    """The profile as it stands in a file: short lists on lines of their own."""
    rows = []
    for key, value in data.items():
        if isinstance(value, list) and key in ("programs", "directories", "removed"):
            rows.append(f' "{key}": [\n{wrapped(json.dumps(item) for item in value)}\n ]')
        elif isinstance(value, dict) and key in ("links", "nodes"):
            inner = (f"{json.dumps(name)}: {json.dumps(item)}" for name, item in value.items())
            rows.append(f' "{key}": {{\n{wrapped(inner)}\n }}')
        else:
            rows.append(f' "{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(rows) + "\n}\n"


def wrapped(items: Iterator[str]) -> str:
    lines, line = [], ""
    for item in items:
        if line and len(line) + len(item) > 110:
            lines.append(line)
            line = ""
        line += f"{', ' if line else '  '}{item}"
    return ",\n".join([*lines, line])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
