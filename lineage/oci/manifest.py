"""An image's manifest and configuration, read from untrusted bytes.

Sources: OCI Image Specification v1.1 (manifest.md, config.md, image-index.md); Docker Image Manifest V2, Schema 2; moby's
image/spec/specs-go/v1 (the fields that only Docker has: Shell, OnBuild, Healthcheck).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..late.dataclasses import dataclass, field
from ..remote.registry_image import Platform, config_or_index, is_digest, parse_configuration
from ..remote.untrusted import as_list, as_object, printable
from ..text.errors import Unknown
from .limits import ImageError, ImageLimits

_LAYER_TYPES = (
    "application/vnd.oci.image.layer.",
    "application/vnd.docker.image.rootfs.",
)


@dataclass(frozen=True, slots=True)
class LayerDescriptor:
    """A layer as the manifest names it. `digest` is that of the blob as it is stored; `annotations` may point at a table
    of contents."""

    digest: str
    size: int = -1
    media_type: str = ""
    annotations: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())


@dataclass(frozen=True, slots=True)
class History:
    """One entry of the image's history. `layer` is the number of the layer that it made, None where it made none."""

    created_by: str
    layer: int | None = None
    created: str | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ImageConfiguration:
    """What the configuration says: settings as Docker names them, the history, when it was made, for what platform."""

    settings: Mapping[str, Any]
    history: tuple[History, ...]
    diff_ids: tuple[str, ...]
    created: str | None
    platform: Platform

    def text(self, key: str) -> str | None:
        """A setting that is a text; None where it is not there or empty."""
        value = self.settings.get(key)
        return value if isinstance(value, str) and value else None

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A setting that is a list of texts; None where it is not there."""
        value = as_list(self.settings.get(key))
        return tuple(item for item in value if isinstance(item, str)) if value is not None else None

    def table(self, key: str) -> Mapping[str, Any]:
        return as_object(self.settings.get(key)) or {}


def layers_of(manifest: bytes, limits: ImageLimits) -> tuple[LayerDescriptor, ...]:
    """The layers that a manifest names, the lowest first. Raises ImageError."""
    value = document(manifest, "manifest")
    found: list[LayerDescriptor] = []
    for item in as_list(value.get("layers")) or []:
        entry = as_object(item) or {}
        digest, kind = entry.get("digest"), entry.get("mediaType")
        if not isinstance(digest, str) or not is_digest(digest):
            raise ImageError("the image's manifest names a layer without a digest that can be verified")
        kind = kind if isinstance(kind, str) else ""
        if kind and not kind.startswith(_LAYER_TYPES):
            raise ImageError(f"this is no container image: it has a layer of the type {printable(kind)}")
        size = entry.get("size")
        notes = {k: v for k, v in (as_object(entry.get("annotations")) or {}).items() if isinstance(v, str)}
        found.append(LayerDescriptor(digest, size if isinstance(size, int) and size >= 0 else -1, kind, notes))
    if len(found) > limits.layers:
        raise ImageError(f"the image has more than {limits.layers} layers")
    return tuple(found)


def config_digest(manifest: bytes) -> tuple[str | None, list[Any]]:
    """(digest of the configuration, []) of a manifest, (None, descriptors) of an index. Raises ImageError."""
    try:
        return config_or_index(manifest)
    except Unknown as error:
        raise ImageError(f"this is no image that can be read: {error.reason}") from None


def configuration(data: bytes, layers: int) -> ImageConfiguration:
    """The configuration of an image of so many layers. Raises ImageError."""
    try:
        basic = parse_configuration(data)
    except Unknown as error:
        raise ImageError(f"this is no image that can be read: {error.reason}") from None
    value = document(data, "configuration")
    return ImageConfiguration(
        as_object(value.get("config")) or {},
        _history(as_list(value.get("history")) or [], layers),
        basic.diff_ids,
        basic.created,
        basic.platform,
    )


def _history(rows: Sequence[Any], layers: int) -> tuple[History, ...]:
    """The history, each entry with its layer; where it does not fit the layers, one entry for each of these."""
    found: list[History] = []
    layer = 0
    for row in rows:
        entry = as_object(row) or {}
        empty = entry.get("empty_layer") is True
        texts = [entry.get(key) for key in ("created_by", "created", "comment")]
        by, created, comment = (text if isinstance(text, str) else "" for text in texts)
        found.append(History(by, None if empty else layer, created or None, comment))
        layer += not empty
    if layer != layers:
        return tuple(History("", number) for number in range(layers))
    return tuple(found)


def document(data: bytes, what: str) -> dict[str, Any]:
    """A JSON object. Raises ImageError."""
    try:
        value = as_object(json.loads(data))
    except (ValueError, RecursionError):
        value = None
    if value is None:
        raise ImageError(f"the image's {what} is no JSON object")
    return value
