"""All stages of an image's Dockerfile that its build needs, each folded."""

from dataclasses import dataclass

from .image import EffectiveImage


@dataclass(frozen=True, slots=True)
class StageImages:
    """The folded stages in order; the last one asked for is the image itself."""

    stages: tuple[EffectiveImage, ...]
    final: EffectiveImage
