"""The steps of a container's start: one script, service or command that is run."""

from typing import Literal

from ..effects.model import Effect
from ..late.dataclasses import dataclass
from ..text.places import Place
from ..text.symbolic import Text
from .script_reader import StartScript

Kind = Literal["entrypoint", "cont-init", "oneshot", "longrun", "services.d", "cmd", "session"]
"""`session`: a script that runs as the desktop user at login."""

ROOT = Text.of("root")


@dataclass(frozen=True, slots=True)
class StartStep:
    """One thing that runs at start. `path` is the file in the image, `image` the id of the image that it comes from.

    `user` is the user that it is started as; what it runs as others is in its commands and effects. `rank` orders steps that do
    not depend on each other by name: lower first.
    """

    kind: Kind
    name: str
    path: str
    image: str
    place: Place
    user: Text
    script: StartScript | None
    effects: tuple[Effect, ...]
    rank: tuple[int, int]

    @property
    def label(self) -> str:
        """How the step is called in messages: the name of its file, or of its service."""
        return self.name
