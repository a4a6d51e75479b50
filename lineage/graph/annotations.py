"""What is known of the nodes of a graph besides the graph itself: counts of findings, drift, and what registries say."""

from collections.abc import Mapping

from ..late.dataclasses import dataclass, field
from ..remote.freshness import Freshness
from ..text.places import Place


@dataclass(frozen=True, slots=True)
class Counts:
    """Findings by severity."""

    error: int = 0
    warning: int = 0
    info: int = 0

    def __bool__(self) -> bool:
        return bool(self.error or self.warning or self.info)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.error + other.error, self.warning + other.warning, self.info + other.info)

    @property
    def worst(self) -> str:
        """The gravest severity there is; "" for none."""
        return "error" if self.error else "warning" if self.warning else "info" if self.info else ""

    @property
    def text(self) -> str:
        """`2 errors, 1 warning`."""
        named = (("error", self.error), ("warning", self.warning))
        parts = [f"{count} {name}{'' if count == 1 else 's'}" for name, count in named if count]
        return ", ".join([*parts, *([f"{self.info} info"] if self.info else [])])

    @property
    def brief(self) -> str:
        """`2E 1W`, where there is little room."""
        named = ((self.error, "E"), (self.warning, "W"), (self.info, "I"))
        return " ".join(f"{count}{letter}" for count, letter in named if count)


NONE = Counts()


@dataclass(frozen=True, slots=True)
class Listed:
    """A finding of an image, as it is told where there is room for it."""

    rule: str
    name: str
    severity: str
    message: str
    help: str
    place: Place


@dataclass(frozen=True, slots=True)
class Marks:
    """By the ids of nodes: an image's or consumer's own findings, those that it inherits from an ancestor, sentences on drift,
    and what registries say of it.

    `linted` says whether findings were looked for at all.
    """

    findings: Mapping[str, Counts] = field(default_factory=lambda: dict[str, Counts]())
    inherited: Mapping[str, Counts] = field(default_factory=lambda: dict[str, Counts]())
    drift: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict[str, tuple[str, ...]]())
    linted: bool = False
    freshness: Mapping[str, Freshness] = field(default_factory=lambda: dict[str, Freshness]())
    folded: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    """What an image is built on where that has no node of its own in the picture."""
    listed: Mapping[str, tuple[Listed, ...]] = field(default_factory=lambda: dict[str, tuple[Listed, ...]]())
    """An image's own findings one by one."""

    def own(self, node: str) -> Counts:
        return self.findings.get(node, NONE)

    def of_ancestors(self, node: str) -> Counts:
        return self.inherited.get(node, NONE)

    def drifts(self, node: str) -> tuple[str, ...]:
        return self.drift.get(node, ())


NO_MARKS = Marks()
