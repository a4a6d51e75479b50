"""What the archives of an s6-overlay release put into an image (just-containers/s6-overlay, README "Which tarballs")."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from ..effects.s6_directories import FINISH_SCRIPTS, FIX_ATTRS, INIT_SCRIPTS, RC_D, S6_OVERLAY, SERVICES
from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..text.numbers import natural
from ..text.places import Place
from .tree import Node

_PACKAGES = {
    "execline": """background backtick cd define elglob emptyenv execline-cd execline-umask execlineb exec exit export fdclose
        fdmove fdswap forbacktickx forx foreground getpid heredoc homeof if ifelse ifte ifthenelse importas loopwhilex
        multidefine multisubstitute pipeline redirfd runblock shift trap umask unexport wait withstdinas""".split(),
    "s6": """s6-accessrules-cdb-from-fs s6-applyuidgid s6-envdir s6-envuidgid s6-fdholderd s6-ftrig-listen s6-ftrig-wait
        s6-log s6-notifyoncheck s6-setlock s6-setsid s6-setuidgid s6-softlimit s6-sudo s6-sudoc s6-sudod s6-supervise
        s6-svc s6-svdt s6-svlisten s6-svlisten1 s6-svok s6-svscan s6-svscanctl s6-svstat s6-svwait s6-tai64n
        s6-tai64nlocal""".split(),
    "s6-rc": "s6-rc s6-rc-bundle s6-rc-compile s6-rc-db s6-rc-init s6-rc-update".split(),
    "s6-portable-utils": """s6-cat s6-chmod s6-chown s6-echo s6-env s6-expr s6-false s6-format-filter s6-linkname s6-ln
        s6-ls s6-maximumtime s6-mkdir s6-mkfifo s6-nice s6-nuke s6-pause s6-printenv s6-quote s6-rename s6-rmrf s6-seq
        s6-sleep s6-sort s6-sync s6-touch s6-true s6-uniquename s6-unquote s6-update-symlinks""".split(),
    "s6-linux-utils": ["s6-hostname"],
}
"""The commands of s6-overlay by the skarnet.org package that holds them."""
_TOOLS = [tool for tools in _PACKAGES.values() for tool in tools]
_MULTICALL = frozenset(("execline", "s6-portable-utils", "s6-linux-utils"))
"""Packages whose commands are links to one program, from s6-overlay 3.1.4.0 on."""
_RELEASES = {
    release: dict(zip(_PACKAGES, versions, strict=True))
    for release, *versions in (
        line.split()
        for line in """
        3.0.0.0 2.8.2.0 2.11.0.1 0.5.3.0 2.2.3.4 2.5.1.7
        3.0.0.1 2.8.2.0 2.11.0.1 0.5.3.0 2.2.3.4 2.5.1.7
        3.0.0.2 2.8.2.0 2.11.0.1 0.5.3.0 2.2.3.4 2.5.1.7
        3.1.0.0 2.8.3.0 2.11.1.0 0.5.3.0 2.2.4.0 2.5.1.7
        3.1.0.1 2.8.3.0 2.11.1.0 0.5.3.0 2.2.4.0 2.5.1.7
        3.1.1.0 2.9.0.0 2.11.1.1 0.5.3.2 2.2.5.0 2.6.0.0
        3.1.1.1 2.9.0.0 2.11.1.1 0.5.3.2 2.2.5.0 2.6.0.0
        3.1.1.2 2.9.0.1 2.11.1.2 0.5.3.2 2.2.5.0 2.6.0.0
        3.1.2.0 2.9.0.1 2.11.1.2 0.5.3.2 2.2.5.0 2.6.0.0
        3.1.2.1 2.9.0.1 2.11.1.2 0.5.3.2 2.2.5.0 2.6.0.0
        3.1.3.0 2.9.1.0 2.11.2.0 0.5.3.3 2.2.5.1 2.6.0.1
        3.1.4.0 2.9.2.0 2.11.3.0 0.5.4.0 2.3.0.0 2.6.1.0
        3.1.4.1 2.9.2.1 2.11.3.0 0.5.4.1 2.3.0.1 2.6.1.1
        3.1.4.2 2.9.3.0 2.11.3.2 0.5.4.1 2.3.0.2 2.6.1.2
        3.1.5.0 2.9.3.0 2.11.3.2 0.5.4.1 2.3.0.2 2.6.1.2
        3.1.6.0 2.9.4.0 2.12.0.0 0.5.4.2 2.3.0.3 2.6.2.0
        3.1.6.1 2.9.4.0 2.12.0.1 0.5.4.2 2.3.0.3 2.6.2.0
        3.1.6.2 2.9.4.0 2.12.0.2 0.5.4.2 2.3.0.3 2.6.2.0
        3.2.0.0 2.9.6.0 2.13.0.0 0.5.4.3 2.3.0.3 2.6.2.0
        3.2.0.1 2.9.6.1 2.13.1.0 0.5.5.0 2.3.0.4 2.6.2.1
        3.2.0.2 2.9.6.1 2.13.1.0 0.5.5.0 2.3.0.4 2.6.2.1
        3.2.0.3 2.9.7.0 2.13.2.0 0.5.6.0 2.3.1.0 2.6.3.0
        3.2.1.0 2.9.7.0 2.13.2.0 0.5.6.0 2.3.1.0 2.6.3.0
        3.2.2.0 2.9.8.1 2.14.0.1 0.6.0.0 2.3.1.1 2.6.4.0
        3.2.3.0 2.9.9.0 2.15.0.0 0.6.1.0 2.3.1.2 2.6.4.1
        3.2.3.1 2.9.9.2 2.15.1.0 0.7.0.0 2.3.1.2 2.6.4.1
        3.2.3.2 2.9.9.2 2.15.1.0 0.7.0.0 2.3.1.2 2.6.4.1
        """.strip().splitlines()
    )
}
"""What version of each package a release of s6-overlay 3 holds (its conf/versions)."""
_Kind = Literal["file", "directory", "link"]
_SCRIPTS = ["with-contenv", "printcontenv", "logutil-service", "logutil-newfifo"]
_SCRIPTS_BEFORE_V3 = ["fix-attrs", "justc-envdir", "logutil-service-main", "with-retries"]
_TOOLS_BEFORE_V3 = ["s6-test", "s6lockd"]
_AS_ROOT = frozenset(("s6-applyuidgid", "s6-setuidgid"))
"""Commands that only their owner may run, up to s6 2.11.0.1 (s6's package/modes)."""
_PREINIT = "s6-overlay-preinit"
"""Made setuid root by builder/build-latest, from s6-overlay 2.1.0.0 on."""
_EXECLINE_LINKS = {"cd": "execline-cd", "umask": "execline-umask"}
"""Of execline from 2.6.0.0 on (s6-overlay 2), where its commands are programs of their own."""
_FURTHER = frozenset(
    """case cd dollarat elgetopt elgetpositionals eltest envfile execline export-array fdblock fdreserve forstdin getcwd
    piperw posix-cd posix-umask rngseed seekablepipe skadnsd tryexec ucspilogd with-retries""".split()
)
"""Commands of generation 3 that nothing refers to, so that they are not listed: releases have some of them, and further ones
whose names begin with `s6-`."""
USER2_FROM = (3, 1, 1, 1)
"""`user2` is part of `top`, and ships in s6-rc.d (conf and layout of s6-overlay v3.1.1.1)."""
USER_BUNDLES_FROM = (3, 2, 3, 1)
"""`user` and `user2` ship in user-bundles.d, which is read unless s6-rc.d/user is there (rc.init of v3.2.3.1)."""
_NEWEST = {1: (1, 22, 1, 0), 2: (2, 2, 0, 3)}

_RELEASE = pattern(r"s6-overlay/releases/(?:download/v?([0-9][0-9.]*[0-9])|latest/download)/")
_PART = pattern(
    r"(?:^|/)(?:s6-overlay|syslogd-overlay)-([a-z0-9_${}?A-Z-]+?)(?:-([0-9][0-9.]*))?(\.tar\.(?:gz|xz|Z)|-installer)\b"
)


@dataclass(frozen=True, slots=True)
class S6Archive:
    """One archive of a release. `version` is None where the URL does not tell; `part` is `noarch`, `symlinks-arch`, `amd64`…"""

    generation: int
    version: str | None
    part: str

    @property
    def label(self) -> str:
        return f"s6-overlay {self.version or f'{self.generation}.x'} {self.part}"


def archive_of(name: str) -> S6Archive | None:
    """The s6-overlay archive that a URL or file name means, if it means one."""
    part = _PART.search(name)
    if part is None:
        return None
    release = _RELEASE.search(name)
    version = release.group(1) if release else part.group(2)
    if version:
        generation = natural(version.split(".")[0]) or 0
    else:
        generation = 3 if part.group(3) in (".tar.xz",) or "noarch" in part.group(1) else 2
    return S6Archive(generation, version, part.group(1))


def unpacked(
    archive: str, into: str, members: tuple[str, ...], excludes: tuple[str, ...]
) -> Callable[[Place, str], Iterator[tuple[str, Node]]] | None:
    """What unpacking `archive` below `into` puts there; None where the archive is not an s6-overlay's."""
    found = archive_of(archive)
    if found is None:
        return None
    base = into.rstrip("/")

    def nodes(place: Place, image: str) -> Iterator[tuple[str, Node]]:
        version = _version(found)
        for path, kind, target in _members(found):
            name = path.lstrip("/")
            if members and not any(_names(pattern, name) for pattern in members):
                continue
            if any(_names(pattern, name) for pattern in excludes):
                continue
            yield f"{base}/{name}", _node(kind, target, place, image, found.label, _mode(path, kind, version))

    return nodes


def opened_by(archive: str, into: str, members: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The directories that an archive of s6-overlay fills with what nothing else refers to, so that it is not listed."""
    found = archive_of(archive)
    if found is None or members or found.part.startswith("symlinks"):
        return ()
    inner = ("/package",) if found.generation >= 3 else ("/libexec", "/etc/s6")
    return tuple(into.rstrip("/") + path for path in inner)


def further_commands(archive: str, into: str) -> tuple[str, Callable[[str], bool]] | None:
    """The folder of an archive's commands, and which paths in it may be one that is not listed; None where all are."""
    found = archive_of(archive)
    if found is None or found.generation < 3 or "syslogd" in found.part:
        return None
    folder = into.rstrip("/") + ("/usr/bin/" if found.part.startswith("symlinks") else "/command/")

    def perhaps(path: str) -> bool:
        name = path.removeprefix(folder)
        return "/" not in name and (name.startswith("s6-") or name in _FURTHER)

    return folder.rstrip("/"), perhaps


def labelled_nodes(label: str, place: Place, image: str) -> list[tuple[str, Node]]:
    """The files of the archive with that label (`s6-overlay 3.1.6.2 noarch`), unpacked at the top."""
    _, version, part = label.split(" ", 2)
    if part == "package":
        return list(package_members(place, image))
    if version.endswith(".x"):
        name = f"s6-overlay-{part}.tar.{'xz' if version == '3.x' else 'gz'}"
    else:
        suffix = "xz" if version.startswith("3") else "gz"
        name = f"s6-overlay/releases/download/v{version}/s6-overlay-{part}.tar.{suffix}"
    members = unpacked(name, "/", (), ())
    return list(members(place, image)) if members is not None else []


def package_members(place: Place, image: str) -> Iterator[tuple[str, Node]]:
    """What Alpine's package `s6-overlay` puts into an image: a release of generation 3 with its commands in /usr/bin too."""
    for part in ("noarch", "package", "symlinks-noarch", "symlinks-arch"):
        for path, kind, target in _members(S6Archive(3, None, part)):
            yield path, _node(kind, target, place, image, "s6-overlay 3.x package")


def _version(archive: S6Archive) -> tuple[int, ...]:
    """The release's number; that of the newest of its generation where it is not known."""
    if archive.version is None:
        return _NEWEST.get(archive.generation, (archive.generation, 99))
    return tuple(natural(one) or 0 for one in archive.version.split("."))


def _mode(path: str, kind: _Kind, version: tuple[int, ...]) -> int:
    name = path.rpartition("/")[2]
    if kind == "file" and path.startswith("/etc/"):
        return 0o644
    if kind == "file" and name in _AS_ROOT and version < (3, 1):
        return 0o700
    return 0o4755 if name == _PREINIT else 0o777 if kind == "link" else 0o755


def _node(kind: _Kind, target: str, place: Place, image: str, label: str, mode: int | None = None) -> Node:
    mode = mode if mode is not None else 0o777 if kind == "link" else 0o755
    return Node(kind, place, image, mode=mode, target=target, provides=label)


def _names(pattern: str, member: str) -> bool:
    pattern = pattern.removeprefix("./").strip("/")
    return member == pattern or member.startswith(pattern + "/")


def _members(archive: S6Archive) -> Iterator[tuple[str, _Kind, str]]:
    """(path, kind, target of a link) of what the archive holds and others may refer to."""
    if archive.generation < 3:
        yield from _members_before_v3(_version(archive))
    elif archive.part == "noarch":
        yield "/init", "file", ""
        yield RC_D, "directory", ""
        yield from _bundles(archive.version)
        yield from _commands("s6-overlay", _SCRIPTS, archive.version, multicall=False)
    elif archive.part == "symlinks-noarch":
        for tool in _SCRIPTS:
            yield f"/usr/bin/{tool}", "link", f"../../command/{tool}"
    elif archive.part == "symlinks-arch":
        for tool in _TOOLS:
            yield f"/usr/bin/{tool}", "link", f"../../command/{tool}"
    elif "syslogd" not in archive.part:
        versions = _RELEASES.get(archive.version or "", {})
        multicall = bool(versions) and _version(archive) >= (3, 1, 4)
        for package, tools in _PACKAGES.items():
            joined = multicall and package in _MULTICALL
            yield from _commands(package, tools, versions.get(package), multicall=joined)


def _bundles(version: str | None) -> Iterator[tuple[str, _Kind, str]]:
    """The bundles that are there to be filled by the image."""
    if version is None:
        return
    number = tuple(natural(one) or 0 for one in version.split("."))
    place = "user-bundles.d" if number >= USER_BUNDLES_FROM else "s6-rc.d"
    for name in ("user", "user2") if number >= USER2_FROM else ("user",):
        folder = f"{S6_OVERLAY}/{place}/{name}"
        yield folder, "directory", ""
        yield f"{folder}/contents.d", "directory", ""
        yield f"{folder}/type", "file", ""


def _members_before_v3(version: tuple[int, ...]) -> Iterator[tuple[str, _Kind, str]]:
    yield "/init", "file", ""
    for directory in (INIT_SCRIPTS, FINISH_SCRIPTS, SERVICES, FIX_ATTRS, "/etc/s6"):
        yield directory, "directory", ""
    yield "/usr/bin/execlineb", "link", "/bin/execlineb"
    links = _EXECLINE_LINKS if version >= (2,) else {}
    tools = [tool for tool in (*_TOOLS, *_TOOLS_BEFORE_V3) if links or tool not in _EXECLINE_LINKS.values()]
    for tool in (*tools, *([_PREINIT] if version >= (2, 1) else ())):
        beside = links.get(tool)
        yield f"/bin/{tool}", "file" if beside is None else "link", beside or ""
    for tool in (*_SCRIPTS, *_SCRIPTS_BEFORE_V3, *(["with-contenv-legacy"] if version >= (2,) else ())):
        yield f"/usr/bin/{tool}", "file", ""


def _commands(
    package: str, tools: Sequence[str], version: str | None, *, multicall: bool
) -> Iterator[tuple[str, _Kind, str]]:
    """The commands of a package in skarnet.org's layout (slashpackage): `/command/X` leads to
    `/package/admin/PACKAGE/command/X`, and there the package's own name to that with its version."""
    place = f"/package/admin/{package}"
    if version is not None:
        yield place, "link", f"{package}-{version}"
        place = f"{place}-{version}"
    if multicall:
        yield f"{place}/command/{package}", "file", ""
    for tool in tools:
        yield f"/command/{tool}", "link", f"../package/admin/{package}/command/{tool}"
        if multicall:
            yield f"{place}/command/{tool}", "link", package
        elif tool in _EXECLINE_LINKS:
            yield f"{place}/command/{tool}", "link", _EXECLINE_LINKS[tool]
        else:
            yield f"{place}/command/{tool}", "file", ""
