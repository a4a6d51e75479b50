"""A real OCI registry on loopback (the Debian package docker-registry), and images pushed to it as its API has it."""

import gzip
import hashlib
import io
import json
import re
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
import requests

Kind = Literal["oci", "docker"]
TYPES: dict[Kind, dict[str, str]] = {
    "oci": {
        "index": "application/vnd.oci.image.index.v1+json",
        "manifest": "application/vnd.oci.image.manifest.v1+json",
        "config": "application/vnd.oci.image.config.v1+json",
        "layer": "application/vnd.oci.image.layer.v1.tar+gzip",
    },
    "docker": {
        "index": "application/vnd.docker.distribution.manifest.list.v2+json",
        "manifest": "application/vnd.docker.distribution.manifest.v2+json",
        "config": "application/vnd.docker.container.image.v1+json",
        "layer": "application/vnd.docker.image.rootfs.diff.tar.gzip",
    },
}

_CONFIGURATION = """
version: 0.1
log: {{level: info, formatter: text}}
storage: {{filesystem: {{rootdirectory: "{folder}"}}}}
http: {{addr: "127.0.0.1:0"}}
"""


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def tar_of(text: str) -> bytes:
    """A layer of one file that holds `text`."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo("file")
        entry.size = len(text.encode())
        tar.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


@dataclass(frozen=True)
class Image:
    """An image as a registry stores it: its manifest, and the blobs that this names."""

    manifest: bytes
    config: bytes
    blobs: tuple[bytes, ...]
    kind: Kind
    platform: str

    @property
    def digest(self) -> str:
        return digest_of(self.manifest)


def image_of(
    layers: Sequence[str],
    created: str | None = "2026-01-02T03:04:05Z",
    kind: Kind = "oci",
    platform: str = "linux/amd64",
) -> Image:
    """An image whose layers hold these texts, from the lowest."""
    types = TYPES[kind]
    tars = [tar_of(text) for text in layers]
    blobs = tuple(gzip.compress(tar, mtime=0) for tar in tars)
    system, architecture = platform.split("/")
    values: dict[str, Any] = {"os": system, "architecture": architecture, "config": {}}
    values["rootfs"] = {"type": "layers", "diff_ids": [digest_of(tar) for tar in tars]}
    config = json.dumps(values | ({"created": created} if created else {})).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": types["manifest"],
        "config": {"mediaType": types["config"], "digest": digest_of(config), "size": len(config)},
        "layers": [{"mediaType": types["layer"], "digest": digest_of(blob), "size": len(blob)} for blob in blobs],
    }
    return Image(json.dumps(manifest).encode(), config, blobs, kind, platform)


def index_of(images: Sequence[Image], kind: Kind = "oci") -> bytes:
    """The index of one image for several platforms."""
    descriptors: list[dict[str, Any]] = []
    for image in images:
        system, architecture = image.platform.split("/")
        described = {"mediaType": TYPES[image.kind]["manifest"], "digest": image.digest, "size": len(image.manifest)}
        descriptors.append(described | {"platform": {"os": system, "architecture": architecture}})
    value = {"schemaVersion": 2, "mediaType": TYPES[kind]["index"], "manifests": descriptors}
    return json.dumps(value).encode()


class RegistryServer:
    """A registry that runs: `host` is its address, as it stands in references."""

    def __init__(self, host: str) -> None:
        self.host = host

    def push(self, name: str, tag: str, *images: Image, index: Kind | None = None) -> str:
        """Push an image, or several as an index of platforms; the digest that the tag names then."""
        for image in images:
            for blob in (image.config, *image.blobs):
                self._upload(name, blob)
        if index is None and len(images) == 1:
            return self._put(name, tag, images[0].manifest, TYPES[images[0].kind]["manifest"])
        for image in images:
            self._put(name, image.digest, image.manifest, TYPES[image.kind]["manifest"])
        kind = index or "oci"
        return self._put(name, tag, index_of(images, kind), TYPES[kind]["index"])

    def _upload(self, name: str, blob: bytes) -> None:
        begun = requests.post(f"http://{self.host}/v2/{name}/blobs/uploads/", timeout=30)
        begun.raise_for_status()
        place = begun.headers["Location"]
        done = requests.put(f"{place}{'&' if '?' in place else '?'}digest={digest_of(blob)}", data=blob, timeout=30)
        done.raise_for_status()

    def _put(self, name: str, reference: str, manifest: bytes, media_type: str) -> str:
        address = f"http://{self.host}/v2/{name}/manifests/{reference}"
        answer = requests.put(address, data=manifest, headers={"Content-Type": media_type}, timeout=30)
        assert answer.ok, answer.text
        return digest_of(manifest)


def forget_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests to this machine go there, whatever proxy the environment names."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "*")


@contextmanager
def registry(folder: Path) -> Iterator[RegistryServer]:
    """A registry that stores below `folder`, on a free port of 127.0.0.1."""
    (folder / "config.yml").write_text(_CONFIGURATION.format(folder=folder / "storage"))
    log = folder / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            ["docker-registry", "serve", str(folder / "config.yml")], stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            yield RegistryServer(_address(log, process))
        finally:
            process.terminate()


def _address(log: Path, process: "subprocess.Popen[bytes]") -> str:
    for _ in range(300):
        found = re.search(r"listening on (127\.0\.0\.1:\d+)", log.read_text())
        if found:
            return found[1]
        assert process.poll() is None, log.read_text()
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError(log.read_text())
