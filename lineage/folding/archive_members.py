"""The members of a tar archive, plain or compressed, that is at hand as bytes (moby pkg/archive: known by its content)."""

import io
from typing import TYPE_CHECKING, Any, Literal

from ..late.dataclasses import dataclass
from ..text.errors import Unknown

if TYPE_CHECKING:
    import tarfile

_MOST_BYTES = 64 * 1024 * 1024
_MOST_MEMBERS = 20_000
_LARGEST_KEPT = 1024 * 1024
_MAGICS = ((b"\x1f\x8b\x08", "gz"), (b"BZh", "bz2"), (b"\xfd7zXZ\x00", "xz"), (b"\x28\xb5\x2f\xfd", "zst"))


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """One entry. `data` is None for what is no file, or is too large to be kept."""

    path: str
    kind: Literal["file", "directory", "link"]
    mode: int
    uid: int
    target: str = ""
    data: bytes | None = None


def members_of(data: bytes) -> list[ArchiveMember] | Unknown | None:
    """The members of an archive in their order, later ones of a name last; None where the bytes are no archive, Unknown
    where they are one that is not read (zstd, too large, damaged)."""
    compression = next((name for magic, name in _MAGICS if data.startswith(magic)), "")
    if not compression and data[257:262] != b"ustar":
        return None
    if compression == "zst":
        return Unknown("the archive is compressed with zstd")
    import tarfile

    try:
        found = _read(data, compression)
    except (tarfile.TarError, OSError, EOFError, ValueError) as problem:
        if compression and not isinstance(problem, tarfile.ReadError):
            return Unknown(f"the archive cannot be read: {problem}")
        return None  # compressed, but no archive: copied as it is
    return found


def _read(data: bytes, compression: str) -> list[ArchiveMember] | Unknown:
    import tarfile

    found: list[ArchiveMember] = []
    total = 0
    links: dict[str, ArchiveMember] = {}
    mode: Any = f"r:{compression}"
    with tarfile.open(fileobj=io.BytesIO(data), mode=mode) as archive:
        for info in archive:
            total += info.size
            if total > _MOST_BYTES or len(found) >= _MOST_MEMBERS:
                return Unknown("the archive is too large to be read")
            member = _member(archive, info, links)
            if member is None:
                return Unknown(f"the archive holds {info.name}, which is no file, directory or link")
            links[member.path] = member
            found.append(member)
    return found


def _member(
    archive: "tarfile.TarFile", info: "tarfile.TarInfo", earlier: dict[str, ArchiveMember]
) -> ArchiveMember | None:
    path = info.name.removeprefix("./").strip("/") or "."
    mode = info.mode & 0o7777
    if info.isdir():
        return ArchiveMember(path, "directory", mode, info.uid)
    if info.issym():
        return ArchiveMember(path, "link", 0o777, info.uid, info.linkname)
    if info.islnk():
        other = earlier.get(info.linkname.removeprefix("./").strip("/"))
        return (
            None if other is None else ArchiveMember(path, other.kind, other.mode, other.uid, other.target, other.data)
        )
    if not info.isreg():
        return None
    stream = archive.extractfile(info) if info.size <= _LARGEST_KEPT else None
    return ArchiveMember(path, "file", mode, info.uid, "", stream.read() if stream is not None else None)


def zip_members_of(data: bytes) -> list[ArchiveMember] | Unknown | None:
    """The members of a zip archive, with the modes that a Unix put into it; None where the bytes are none."""
    import zipfile

    found: list[ArchiveMember] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) > _MOST_MEMBERS or sum(info.file_size for info in infos) > _MOST_BYTES:
                return Unknown("the archive is too large to be read")
            for info in infos:
                mode = (info.external_attr >> 16) & 0o7777
                if info.create_system != 3 or not mode or (info.external_attr >> 28) == 0o12:
                    return Unknown("the archive was not made by a Unix, or holds links")
                kept = info.file_size <= _LARGEST_KEPT
                path = info.filename.strip("/")
                if info.is_dir():
                    found.append(ArchiveMember(path, "directory", mode, 0))
                else:
                    found.append(ArchiveMember(path, "file", mode, 0, "", archive.read(info) if kept else None))
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError):
        return None
    return found
