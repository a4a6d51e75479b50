"""The facts that a rule may ask for, by their types: what an image is, how it starts, what brings its launchers."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from ..boot.plan import BootPlan, Replaced
from ..boot.start_commands import StartCommands
from ..builds.image_source import ImageSource
from ..desktop.launchers import Launchers
from ..folding.missing_sources import BuildSources
from ..image.image import EffectiveImage, StageImages
from ..text.errors import Unknown
from .workspace import Workspace

T = TypeVar("T")


class Facts:
    """What is known of one image, each fact made when a rule first asks for it."""

    def __init__(self, workspace: Workspace, source: ImageSource) -> None:
        self.workspace = workspace
        self.source = source
        self._made: dict[type[Any], Any] = {}

    def get(self, kind: type[T]) -> T:
        """The fact of that type. Raises Unknown where it cannot be had, TypeError for a type that is no fact."""
        fact = self._made.get(kind)
        if fact is None:
            fact = self._made[kind] = self._make(kind)
        if isinstance(fact, Unknown):
            raise fact
        return cast(T, fact)

    def _make(self, kind: type[Any]) -> Any:
        if kind not in MAKERS:
            raise TypeError(f"{kind.__name__} is not a fact that a rule can ask for")
        try:
            return MAKERS[kind](self)
        except Unknown as unknown:
            return unknown


MAKERS: Mapping[type[Any], Callable[[Facts], Any]] = {
    Workspace: lambda facts: facts.workspace,
    ImageSource: lambda facts: facts.source,
    EffectiveImage: lambda facts: facts.workspace.effective(facts.source),
    StageImages: lambda facts: facts.workspace.stage_images(facts.source),
    Replaced: lambda facts: facts.workspace.replaced(facts.source),
    BootPlan: lambda facts: facts.workspace.boot(facts.source),
    BuildSources: lambda facts: BuildSources.of(facts.source, facts.get(StageImages)),
    Launchers: lambda facts: Launchers.of(facts.get(EffectiveImage), facts.get(BootPlan)),
    StartCommands: lambda facts: StartCommands.of(facts.get(EffectiveImage), facts.get(BootPlan)),
}
"""How each fact is made. A new kind of fact is one line here."""
