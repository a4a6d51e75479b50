"""What is known of a start script whose text is not at hand."""

from ..effects.model import Effect
from ..late.dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScriptFacts:
    """What is kept of a start script whose text is not at hand (a profile's)."""

    shebang: str | None
    effects: tuple[Effect, ...]
    sees_environment: bool | None = None
