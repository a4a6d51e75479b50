"""Whether an image is built on its parent's current image: the parent's layers are the first of its own.

Layers are compared by the digests of their uncompressed contents (`rootfs.diff_ids` of the OCI image configuration), which
pulling, pushing and another compression leave as they are.
"""

from typing import Any, Literal

from ..late.dataclasses import dataclass
from .registry_image import Platform, RegistryImage

Verdict = Literal["fresh", "stale", "unknown", "unreachable"]
VERDICTS: tuple[Verdict, ...] = ("stale", "unreachable", "unknown", "fresh")
"""All verdicts, what is most worth knowing first."""
_WORDS = {"unknown": "freshness unknown", "unreachable": "registry unreachable"}


@dataclass(frozen=True, slots=True)
class Freshness:
    """What registries say of an image and its parent. `reason` is a sentence; the images are None where they are not known."""

    verdict: Verdict
    reason: str
    platform: Platform
    image: RegistryImage | None = None
    parent: RegistryImage | None = None

    @property
    def words(self) -> str:
        """What stands on the image in pictures."""
        return _WORDS.get(self.verdict, self.verdict)


def compared(image: RegistryImage, parent: RegistryImage, platform: Platform) -> Freshness:
    """Whether the one image is built on the other.

    An image of one layer was likely squashed: nothing in it tells what it was built on, unless it is the parent's layer.
    """
    own, above = image.configuration.diff_ids, parent.configuration.diff_ids
    pair = f"built on {parent.reference} as it is now."
    if image.reference == parent.reference:
        reason = f"{image.reference} is published under the name that it is built on."
        return Freshness("unknown", reason, platform, image, parent)
    if own[: len(above)] == above:
        return Freshness("fresh", f"{image.reference} is {pair}", platform, image, parent)
    if len(own) == 1:
        reason = f"{image.reference} has a single layer, which does not tell what it was built on."
        return Freshness("unknown", reason, platform, image, parent)
    return Freshness("stale", f"{image.reference} is not {pair}", platform, image, parent)


def freshness_json(freshness: Freshness) -> dict[str, Any]:
    """The key `registry` of a node, as lint/output/schemas/graph.json describes it."""
    return {
        "verdict": freshness.verdict,
        "reason": freshness.reason,
        "platform": str(freshness.platform),
        "image": _image_json(freshness.image),
        "parent": _image_json(freshness.parent),
    }


def _image_json(image: RegistryImage | None) -> dict[str, Any] | None:
    if image is None:
        return None
    return {"reference": image.reference, "digest": image.digest, "created": image.configuration.created}
