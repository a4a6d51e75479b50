"""What was read out of one definition directory, before names are resolved."""

from typing import Literal

from ..late.dataclasses import dataclass, field
from ..shell.execline import ExeclineScript
from ..text.errors import Unknown
from .rc_problem import DefinitionProblem
from .rc_source import Definition

ServiceType = Literal["longrun", "oneshot", "bundle"]


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a list: the path of the file it stands in, or of the file whose name it is."""

    text: str
    path: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The names of a list. `open`: there may be others, or the file may not be read. `present`: the list exists."""

    names: tuple[Name, ...] = ()
    present: bool = False
    open: Unknown | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(name.text for name in self.names)


@dataclass(slots=True)
class SourceDefinition:
    """A definition that was read: `kind` is None where its type is unknown or no type at all (then `broken`)."""

    definition: Definition
    kind: ServiceType | None = None
    broken: bool = False
    dependencies: Listing = Listing()
    contents: Listing = Listing()
    producer_for: Listing = Listing()
    consumer_for: Listing = Listing()
    pipeline_name: Listing = Listing()
    numbers: dict[str, int] = field(default_factory=dict[str, int])
    scripts: dict[str, ExeclineScript] = field(default_factory=dict[str, ExeclineScript])
    essential: bool = False
    problems: list[DefinitionProblem] = field(default_factory=list[DefinitionProblem])
    unknown: Unknown | None = None


def first_unknown(*answers: Unknown | None) -> Unknown | None:
    """The first reason that there is: `or` cannot be used, an Unknown has no truth value."""
    return next((answer for answer in answers if answer is not None), None)
