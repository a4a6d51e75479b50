"""What registries store of an image: indexes of platforms, manifests and configurations, read from untrusted bytes.

Sources: OCI Image Specification v1.1 (image-index.md, manifest.md, config.md); Docker Image Manifest V2, Schema 2.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256, sha512
from typing import Any

from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..text.errors import Unknown, UsageError
from .untrusted import as_list, as_object

MEDIA_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
FIRST_FORMAT = "it is stored in Docker's first manifest format, which does not tell its layers"
_DIGEST = pattern(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


@dataclass(frozen=True, slots=True)
class Platform:
    """What an image runs on, in the words of Go: `linux`, `arm64`, `v8`."""

    os: str = "linux"
    architecture: str = "amd64"
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


@dataclass(frozen=True, slots=True)
class RegistryConfiguration:
    """An image's configuration: the digests of its uncompressed layers, from the lowest, and when it was made.

    `created` is in UTC, `2026-01-02T03:04:05Z`; None where that is not told.
    """

    diff_ids: tuple[str, ...]
    created: str | None
    platform: Platform


@dataclass(frozen=True, slots=True)
class RegistryImage:
    """What a registry has under a reference: `digest` is what the tag names, be it an index of several platforms."""

    reference: str
    digest: str
    configuration: RegistryConfiguration


def parse_platform(text: str) -> Platform:
    """`linux/amd64` or `linux/arm64/v8`. Raises UsageError."""
    if not re.fullmatch(r"[a-z0-9]+/[a-z0-9_]+(?:/[a-z0-9]+)?", text):
        raise UsageError(f"{text!r} is no platform; linux/amd64 is one.")
    return Platform(*text.split("/"))


def is_digest(text: object) -> bool:
    """Whether a value is a digest of a kind that can be verified; such a text is also safe as a file's name."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def fits(data: bytes, digest: str) -> bool:
    """Whether a content has that digest."""
    algorithm, _, wanted = digest.partition(":")
    return (sha512 if algorithm == "sha512" else sha256)(data).hexdigest() == wanted


def sha256_digest(data: bytes) -> str:
    """The digest that a content without a told one has."""
    return f"sha256:{sha256(data).hexdigest()}"


def config_or_index(data: bytes) -> tuple[str | None, list[Any]]:
    """(digest of the configuration, []) of an image's manifest; (None, descriptors) of an index of several.

    Raises Unknown for what is neither: the first format of Docker's manifests, artifacts, and what could be read both ways.
    """
    value = _object(data, "manifest")
    if value.get("schemaVersion") == 1:
        raise Unknown(FIRST_FORMAT)
    listed, config = as_list(value.get("manifests")), as_object(value.get("config"))
    if listed is not None and config is None and "layers" not in value:
        return None, listed
    if config is not None and listed is None and is_digest(config.get("digest")):
        return config["digest"], []
    raise Unknown("its manifest is not that of an image")


def chosen(descriptors: Sequence[Any], platform: Platform) -> str:
    """The digest of the manifest for a platform: the one of that variant, else the plain one, else the first.

    Raises Unknown where there is none.
    """
    found: list[tuple[bool, bool, str]] = []
    for descriptor in descriptors:
        entry = as_object(descriptor) or {}
        names = as_object(entry.get("platform")) or {}
        same = (names.get("os"), names.get("architecture")) == (platform.os, platform.architecture)
        variant = names.get("variant") or ""
        if same and is_digest(entry.get("digest")) and (not platform.variant or variant in (platform.variant, "")):
            found.append((variant != platform.variant, variant != "", entry["digest"]))
    if not found:
        raise Unknown(f"it is not there for {platform}")
    return min(found, key=lambda one: one[:2])[2]


def parse_configuration(data: bytes) -> RegistryConfiguration:
    """An image's configuration. Raises Unknown where it is none."""
    value = _object(data, "configuration")
    layers = as_list((as_object(value.get("rootfs")) or {}).get("diff_ids"))
    if layers is None or not all(is_digest(layer) for layer in layers):
        raise Unknown("its configuration names no layers: it is no container image")
    names = [value.get(key) for key in ("os", "architecture", "variant")]
    words = [name if isinstance(name, str) else "" for name in names]
    return RegistryConfiguration(tuple(layers), _utc(value.get("created")), Platform(*words))


def _utc(text: object) -> str | None:
    """A time of RFC 3339 to the second, in UTC."""
    if not isinstance(text, str) or len(text) > 40:
        return None
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return None


def _object(data: bytes, what: str) -> dict[str, Any]:
    try:
        value = as_object(json.loads(data))
    except (ValueError, RecursionError):
        value = None
    if value is None:
        raise Unknown(f"its {what} is no JSON object")
    return value
