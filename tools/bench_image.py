"""Time and memory of reading a large real image: a layout of one gzip layer, by default of 20,000 files and 1 GiB.

Usage: python tools/bench_image.py [FILES [MIB]]
"""

import gzip
import hashlib
import io
import json
import random
import sys
import tarfile
import tempfile
from pathlib import Path

from bench import run


def large_layout(top: Path, files: int, size: int) -> None:
    """An OCI layout with one image, whose layer has so many files of `size` bytes in all; half of their bytes repeat."""
    blobs = top / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    chance = random.Random(7)
    layer = top / "layer"
    plain = hashlib.sha256()
    with gzip.open(layer, "wb", compresslevel=6) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for number in range(files):
            content = chance.randbytes(size // files // 2) * 2
            info = tarfile.TarInfo(f"usr/lib/part{number % 97}/deep/file{number}")
            info.size, info.mode = len(content), 0o644
            tar.addfile(info, io.BytesIO(content))
    with gzip.open(layer) as unpacked:
        while data := unpacked.read(1 << 20):
            plain.update(data)
    about = {"architecture": "amd64", "os": "linux", "config": {}}
    config = {**about, "rootfs": {"type": "layers", "diff_ids": [f"sha256:{plain.hexdigest()}"]}}
    kept = {
        "config": _blob(blobs, json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json"),
        "layers": [_stored(blobs, layer, "application/vnd.oci.image.layer.v1.tar+gzip")],
    }
    manifest_type = "application/vnd.oci.image.manifest.v1+json"
    manifest = {"schemaVersion": 2, "mediaType": manifest_type, **kept}
    one = {
        **_blob(blobs, json.dumps(manifest).encode(), manifest_type),
        "annotations": {"org.opencontainers.image.ref.name": "large"},
    }
    (top / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [one]}))
    (top / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')


def _blob(blobs: Path, data: bytes, kind: str) -> dict[str, object]:
    digest = hashlib.sha256(data).hexdigest()
    (blobs / digest).write_bytes(data)
    return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(data)}


def _stored(blobs: Path, file: Path, kind: str) -> dict[str, object]:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    size = file.stat().st_size
    file.rename(blobs / digest)
    return {"mediaType": kind, "digest": f"sha256:{digest}", "size": size}


def main(words: list[str]) -> int:
    files, mib = (*map(int, words), *(20_000, 1024)[len(words) :])
    with tempfile.TemporaryDirectory() as place:
        large_layout(Path(place), files, mib << 20)
        for how in ("text", "json"):
            done = run("inspect", f"oci:{place}:large", "--format", how, cwd=Path(place))
            print(f"inspect --format {how}, an image of {files:,} files and {mib} MiB: {done}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
