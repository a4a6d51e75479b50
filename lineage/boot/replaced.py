"""What an image's start scripts replace: the boot plan of its parent, file by file."""

from dataclasses import dataclass

from ..image.image import EffectiveImage
from .plan import BootPlan, StartStep


@dataclass(frozen=True)
class Replaced:
    """The parent's start steps. `parent` is None where the image has no parent or nothing is known of it."""

    parent: EffectiveImage | None
    plan: BootPlan | None

    def step(self, path: str) -> StartStep | None:
        """The parent's start step whose file stands at `path` of the image."""
        return self.plan.step_at(path) if self.plan is not None else None
