"""Real images made by hand: layers from lists of entries, layouts, `docker save` archives of both forms."""

import base64
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import zstandard

Compression = Literal["gzip", "zstd", "none"]
_TYPES: dict[Compression, str] = {
    "gzip": "application/vnd.oci.image.layer.v1.tar+gzip",
    "zstd": "application/vnd.oci.image.layer.v1.tar+zstd",
    "none": "application/vnd.oci.image.layer.v1.tar",
}


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def file(path: str, content: bytes | str = b"", mode: int = 0o644, **facts: Any) -> tuple[tarfile.TarInfo, bytes]:
    """A file's entry. `facts` are attributes of the header: uid, gid, pax_headers."""
    data = content.encode() if isinstance(content, str) else content
    return _info(path, tarfile.REGTYPE, mode, size=len(data), **facts), data


def folder(path: str, mode: int = 0o755, **facts: Any) -> tuple[tarfile.TarInfo, bytes]:
    return _info(path, tarfile.DIRTYPE, mode, **facts), b""


def link(path: str, target: str, **facts: Any) -> tuple[tarfile.TarInfo, bytes]:
    return _info(path, tarfile.SYMTYPE, 0o777, linkname=target, **facts), b""


def hard_link(path: str, target: str, mode: int = 0o644, **facts: Any) -> tuple[tarfile.TarInfo, bytes]:
    return _info(path, tarfile.LNKTYPE, mode, linkname=target, **facts), b""


def device(path: str, major: int, minor: int, kind: bytes = tarfile.CHRTYPE) -> tuple[tarfile.TarInfo, bytes]:
    return _info(path, kind, 0o600, devmajor=major, devminor=minor), b""


def gone(path: str) -> tuple[tarfile.TarInfo, bytes]:
    """A whiteout."""
    above, _, name = path.rpartition("/")
    return file(f"{above}/.wh.{name}" if above else f".wh.{name}")


def opaque(path: str) -> tuple[tarfile.TarInfo, bytes]:
    return file(f"{path}/.wh..wh..opq")


def _info(path: str, kind: bytes, mode: int, **facts: Any) -> tarfile.TarInfo:
    info = tarfile.TarInfo(path)
    info.type, info.mode = kind, mode
    for name, value in facts.items():
        setattr(info, name, value)
    return info


Item = tuple[tarfile.TarInfo, bytes]


def tar_of(items: Iterable[Item], form: int = tarfile.PAX_FORMAT) -> bytes:
    """An uncompressed layer."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form, errors="surrogateescape") as tar:
        for info, data in items:
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def compressed(tar: bytes, how: Compression) -> bytes:
    if how == "gzip":
        return gzip.compress(tar, 1, mtime=0)
    return zstandard.compress(tar) if how == "zstd" else tar


@dataclass(frozen=True)
class Made:
    """An image that was made: layers as tars, from the lowest, and what its configuration says."""

    tars: tuple[bytes, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    history: Sequence[Mapping[str, Any]] | None = None
    platform: str = "linux/amd64"
    how: Compression = "gzip"
    blobs: tuple[bytes, ...] = ()
    """The layers as they are stored, where these are more than compressed tars."""
    annotations: tuple[Mapping[str, str], ...] = ()

    @property
    def stored(self) -> tuple[bytes, ...]:
        return self.blobs or tuple(compressed(tar, self.how) for tar in self.tars)

    @property
    def config(self) -> bytes:
        system, architecture = self.platform.split("/")
        rows = self.history or [{"created_by": f"RUN /bin/sh -c step {n} # buildkit"} for n in range(len(self.tars))]
        return json.dumps(
            {
                "os": system,
                "architecture": architecture,
                "created": "2026-01-02T03:04:05Z",
                "config": self.settings,
                "rootfs": {"type": "layers", "diff_ids": [digest_of(tar) for tar in self.tars]},
                "history": list(rows),
            }
        ).encode()

    def manifest(self) -> bytes:
        config = self.config
        layers = [{"mediaType": _TYPES[self.how], "digest": digest_of(blob), "size": len(blob)} for blob in self.stored]
        for layer, notes in zip(layers, self.annotations, strict=False):
            if notes:
                layer["annotations"] = dict(notes)  # type: ignore[assignment]
        return json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": {
                    "mediaType": "application/vnd.oci.image.config.v1+json",
                    "digest": digest_of(config),
                    "size": len(config),
                },
                "layers": layers,
            }
        ).encode()


def image(*layers: Iterable[Item], how: Compression = "gzip", **facts: Any) -> Made:
    """An image of layers given as entries."""
    return Made(tuple(tar_of(items) for items in layers), how=how, **facts)


def layout(folder_: Path, images: Mapping[str, Made | Sequence[Made]]) -> Path:
    """An OCI layout of images by their names; several of one name are an index of platforms."""
    blobs = folder_ / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    (folder_ / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def put(data: bytes) -> str:
        digest = digest_of(data)
        (blobs / digest.removeprefix("sha256:")).write_bytes(data)
        return digest

    def described(made: Made) -> dict[str, Any]:
        for blob in (*made.stored, made.config):
            put(blob)
        manifest = made.manifest()
        system, architecture = made.platform.split("/")
        return {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": put(manifest),
            "size": len(manifest),
            "platform": {"os": system, "architecture": architecture},
        }

    entries: list[dict[str, Any]] = []
    for name, made in images.items():
        if isinstance(made, Made):
            entry = described(made)
            del entry["platform"]
        else:
            index = json.dumps({"schemaVersion": 2, "manifests": [described(one) for one in made]}).encode()
            entry = {
                "mediaType": "application/vnd.oci.image.index.v1+json",
                "digest": put(index),
                "size": len(index),
            }
        entries.append(entry | {"annotations": {"org.opencontainers.image.ref.name": name}})
    (folder_ / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": entries}))
    return folder_


def docker_archive(path: Path, images: Mapping[str, Made], *, as_layout: bool, packed: bool = False) -> Path:
    """What `docker save` writes: of today (an OCI layout, too) or of before Docker 25. `packed` gzips it as a whole.

    Layers of a layout are as they are stored (`how`): plain, or compressed out of containerd's store.
    """
    items: dict[str, Item] = {}
    rows: list[dict[str, Any]] = []
    index: list[dict[str, Any]] = []
    for name, made in images.items():
        config = made.config
        if as_layout:
            stored = made.stored
            layers = [f"blobs/sha256/{digest_of(layer)[7:]}" for layer in stored]
            config_path = f"blobs/sha256/{digest_of(config)[7:]}"
            manifest = made.manifest()
            items[f"blobs/sha256/{digest_of(manifest)[7:]}"] = file("", manifest)
            index.append({"digest": digest_of(manifest), "size": len(manifest)})
        else:
            stored = made.tars
            layers = [f"{digest_of(tar)[7:]}/layer.tar" for tar in made.tars]
            config_path = f"{digest_of(config)[7:]}.json"
        items[config_path] = file("", config)
        for path_, layer in zip(layers, stored, strict=True):
            items[path_] = file("", layer)
        rows.append({"Config": config_path, "RepoTags": [name], "Layers": layers})
    if as_layout:
        items["index.json"] = file("", json.dumps({"schemaVersion": 2, "manifests": index}))
        items["oci-layout"] = file("", '{"imageLayoutVersion": "1.0.0"}')
    items["manifest.json"] = file("", json.dumps(rows))
    for name, (info, _) in items.items():
        info.name = name
    data = tar_of(items.values())
    path.write_bytes(gzip.compress(data, 1) if packed else data)
    return path


def estargz(items: Sequence[Item]) -> tuple[bytes, bytes, dict[str, str]]:
    """(uncompressed tar, layer, annotations) of an eStargz layer (stargz-snapshotter, docs/estargz.md)."""
    out, tar, rows = bytearray(), bytearray(), list[dict[str, Any]]()

    def member(data: bytes) -> None:
        out.extend(gzip.compress(data, 6, mtime=0))
        tar.extend(data)

    kinds = {b"0": "reg", b"5": "dir", b"2": "symlink", b"1": "hardlink", b"3": "char", b"4": "block", b"6": "fifo"}
    for info, data in items:
        member(info.tobuf(tarfile.PAX_FORMAT))
        row: dict[str, Any] = {"name": info.name, "type": kinds[info.type], "mode": info.mode}
        row |= {"uid": info.uid, "gid": info.gid, "devMajor": info.devmajor, "devMinor": info.devminor}
        attributes = {key.removeprefix("SCHILY.xattr."): value for key, value in info.pax_headers.items()}
        if attributes:
            row["xattrs"] = {key: base64.b64encode(value.encode()).decode() for key, value in attributes.items()}
        if info.type == tarfile.REGTYPE:
            row |= {"size": info.size}
            if info.size:
                row |= {"offset": len(out), "digest": digest_of(data), "chunkDigest": digest_of(data)}
                member(data)
                member(b"\0" * (-len(data) % 512))
        elif info.linkname:
            row["linkName"] = info.linkname
        rows.append(row)
    table = json.dumps({"version": 1, "entries": rows}).encode()
    offset = len(out)
    last = tar_of([file("stargz.index.json", table)])
    member(last)
    extra = b"SG" + (22).to_bytes(2, "little") + b"%016xSTARGZ" % offset
    footer = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff" + len(extra).to_bytes(2, "little") + extra
    out.extend(footer + b"\x01\0\0\xff\xff" + bytes(8))
    return bytes(tar), bytes(out), {"containerd.io/snapshot/stargz/toc.digest": digest_of(table)}


def estargz_image(*layers: Sequence[Item], **facts: Any) -> Made:
    """An image of eStargz layers."""
    made = [estargz(items) for items in layers]
    return Made(
        tuple(tar for tar, _, _ in made),
        blobs=tuple(blob for _, blob, _ in made),
        annotations=tuple(notes for _, _, notes in made),
        **facts,
    )
