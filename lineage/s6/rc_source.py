"""Source definitions of s6-rc as s6-rc-compile finds them, and what each release of s6-overlay brings of its own.

The input of the model is independent of images: whoever reads an image lists the files below `/etc/s6-overlay`, with
links already followed, and says where other writers (an unknown parent, a hook) may have put more.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from ..effects.s6_directories import RC_D, USER_BUNDLES_D
from ..image.s6_overlay_files import USER2_FROM, USER_BUNDLES_FROM
from ..late.dataclasses import dataclass, field
from ..text.errors import Unknown
from ..text.numbers import natural

PACKAGE = "/package/admin/s6-overlay/etc/s6-rc/sources"

TYPES_WRITTEN_FROM = (3, 2, 3, 2)
"""The boot writes the types of s6-rc.d/user and user2 where s6-rc.d/user is there (rc.init of v3.2.3.2)."""
S6_RC_0_5_3_2_FROM = (3, 1, 1, 0)
"""Reserved prefixes are refused (s6-rc 0.5.3.1), an empty timeout too (0.5.3.2); execline 2.9 with its new parser."""
TEMPLATE_FROM = (3, 1, 4, 0)
"""`template` directories are copied (s6-rc 0.5.4.0)."""
RELOAD_FROM = (3, 2, 3, 1)
"""`reload` scripts of oneshots are parsed (s6-rc 0.7.0.0)."""

RELEASES: tuple[tuple[int, ...], ...] = (
    *((3, 0, 0, patch) for patch in range(3)),
    *((3, 1, 0, patch) for patch in range(2)),
    *((3, 1, 1, patch) for patch in range(3)),
    *((3, 1, 2, patch) for patch in range(2)),
    (3, 1, 3, 0),
    *((3, 1, 4, patch) for patch in range(3)),
    (3, 1, 5, 0),
    *((3, 1, 6, patch) for patch in range(3)),
    *((3, 2, 0, patch) for patch in range(4)),
    (3, 2, 1, 0),
    (3, 2, 2, 0),
    *((3, 2, 3, patch) for patch in range(3)),
)

Kind = Literal["file", "directory", "dangling", "other", "unknown"]
"""What a path is once links are followed; `dangling`: a link to nothing; `other`: a socket, a device, a pipe."""


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A path relative to its definition directory. `data` is None for what is no file or has unknown content."""

    path: str
    kind: Kind = "file"
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition directory, `path` in the image. `open`: other writers may have put more files into it."""

    name: str
    path: str
    entries: Mapping[str, SourceEntry] = field(default_factory=dict[str, SourceEntry])
    open: Unknown | None = None

    def child(self, name: str) -> SourceEntry | Unknown | None:
        """The entry of that name, None where it is surely absent. A directory may show by what is in it only."""
        entry = self.entries.get(name)
        if entry is not None:
            return None if entry.kind == "dangling" else entry
        if any(path.startswith(f"{name}/") for path in self.entries):
            return SourceEntry(name, "directory")
        return self.open


@dataclass(frozen=True, slots=True)
class SourceDirectory:
    """A directory of definitions. `others` are its entries that are no directories.

    `open`: other definitions may be there, and other files in those that are given.
    """

    path: str
    definitions: Mapping[str, Definition] = field(default_factory=dict[str, Definition])
    others: Mapping[str, Kind] = field(default_factory=dict[str, Kind])
    open: Unknown | None = None


@dataclass(frozen=True, slots=True)
class SourceTree:
    """What an image has of definitions; what the overlay itself ships is added by release and need not be listed.

    `package` replaces the overlay's own definitions where an image is known to have changed them.
    """

    rc: SourceDirectory = field(default_factory=lambda: SourceDirectory(RC_D))
    bundles: SourceDirectory = field(default_factory=lambda: SourceDirectory(USER_BUNDLES_D))
    package: SourceDirectory | None = None


def source_directory(path: str, entries: Iterable[SourceEntry], open: Unknown | None = None) -> SourceDirectory:
    """Group entries, whose paths are relative to `path`, into definitions."""
    grouped: dict[str, dict[str, SourceEntry]] = {}
    others: dict[str, Kind] = {}
    unknown: dict[str, Unknown] = {}
    for entry in entries:
        name, slash, rest = entry.path.partition("/")
        if slash:
            grouped.setdefault(name, {})[rest] = SourceEntry(rest, entry.kind, entry.data)
        elif entry.kind == "directory":
            grouped.setdefault(name, {})
        elif entry.kind == "unknown":
            unknown[name] = Unknown(f"it is not known what {path}/{name} is")
        else:
            others[name] = entry.kind
    definitions = {
        name: Definition(name, f"{path}/{name}", grouped.get(name, {}), unknown.get(name))
        for name in (*grouped, *(name for name in unknown if name not in grouped))
    }
    return SourceDirectory(path, definitions, others, open)


def release_numbers(release: tuple[int, ...] | str) -> tuple[int, ...]:
    """`"v3.0.0.2-1"` → (3, 0, 0, 2). Raises ValueError where the text does not begin with a number."""
    if not isinstance(release, str):
        return release
    match = re.match(r"v?(\d+(?:\.\d+)*)", release)
    if match is None:
        raise ValueError(f"not a release of s6-overlay: {release!r}")
    return tuple(natural(part) or 0 for part in match[1].split("."))


def package_sources(release: tuple[int, ...]) -> SourceDirectory:
    """The definitions in the overlay's own package directory."""
    scripts = "/package/admin/s6-overlay/etc/s6-rc/scripts"
    files = {
        "base/type": "bundle",
        "base/contents.d/fix-attrs": "",
        "base/contents.d/legacy-cont-init": "",
        "fix-attrs/type": "oneshot",
        "fix-attrs/up": f"{scripts}/fix-attrs",
        "legacy-cont-init/type": "oneshot",
        "legacy-cont-init/dependencies.d/fix-attrs": "",
        "legacy-cont-init/up": f"{scripts}/cont-init",
        "legacy-cont-init/down": f"{scripts}/cont-finish",
        "legacy-services/type": "oneshot",
        "legacy-services/dependencies.d/base": "",
        "legacy-services/dependencies.d/user": "",
        "legacy-services/up": f"{scripts}/services-up",
        "legacy-services/down": f"{scripts}/services-down",
        "top/type": "bundle",
        "top/contents.d/base": "",
        "top/contents.d/legacy-services": "",
        "top/contents.d/user": "",
    }
    if release >= USER2_FROM:
        files["top/contents.d/user2"] = ""
    return _shipped(PACKAGE, files)


def compiled_directories(tree: SourceTree, release: tuple[int, ...]) -> tuple[SourceDirectory, ...]:
    """The directories that the boot of that release compiles, in its order, with what the overlay ships in them."""
    package = tree.package or package_sources(release)
    if release < USER_BUNDLES_FROM:
        names = ("user", "user2") if release >= USER2_FROM else ("user",)
        return _with_bundles(tree.rc, names), package
    if "user" not in tree.rc.definitions:
        if tree.rc.open is None:
            return tree.rc, _with_bundles(tree.bundles, ("user", "user2")), package
        # An unknown s6-rc.d/user would hide the whole directory: what is sure is that both bundles are somewhere.
        missing = [name for name in ("user", "user2") if name not in tree.rc.definitions]
        return _with_bundles(tree.rc, missing), package
    if release >= TYPES_WRITTEN_FROM:
        return _with_bundles(tree.rc, ("user", "user2"), rewrite=True), package
    return tree.rc, package


def _shipped(path: str, files: Mapping[str, str]) -> SourceDirectory:
    return source_directory(path, (SourceEntry(name, data=text.encode()) for name, text in files.items()))


def _with_bundles(directory: SourceDirectory, names: Iterable[str], rewrite: bool = False) -> SourceDirectory:
    """The directory with the named empty bundles below what it has; `rewrite`: their types are written over."""
    definitions = dict(directory.definitions)
    kind = {"type": SourceEntry("type", data=b"bundle\n")}
    contents = {"contents.d": SourceEntry("contents.d", "directory")}
    for name in names:
        found = definitions.get(name) or Definition(name, f"{directory.path}/{name}")
        entries = {**found.entries, **kind} if rewrite else {**kind, **found.entries}
        definitions[name] = Definition(name, found.path, {**contents, **entries}, found.open)
    return SourceDirectory(directory.path, definitions, directory.others, directory.open)
