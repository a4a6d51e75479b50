"""What stands at a position of a document: which file, image, stage and instruction, which variable."""

import re
from collections.abc import Iterator
from pathlib import Path

from ...lineage.dockerfile.parse import Instruction
from ...lineage.dockerfile.stages import Stage
from ...lineage.late.dataclasses import dataclass
from ...lineage.late.patterns import pattern
from ...lineage.text.places import Span
from ...lineage.workspace.workspace import ImageSource
from .positions import Positions
from .room import Result

_EXPANSION = pattern(r"\$(?:\{[#!]?)?([A-Za-z_][A-Za-z0-9_]*)")
_BRACE = pattern(r"[{}]")
_NAME = pattern(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class SpotVariable:
    """A variable as it stands in a text, from offset `start` to `end`: `expanded` there, or else set or declared."""

    name: str
    start: int
    end: int
    expanded: bool


def expansions_in(text: str) -> Iterator[SpotVariable]:
    """The variables that are expanded in a text, in order; lines that are comments are passed over."""
    start = 0
    for row in text.split("\n"):
        if not row.lstrip().startswith("#"):
            for name, first, last in sorted(_expansions(row), key=lambda each: each[1]):
                yield SpotVariable(name, start + first, start + last, expanded=True)
        start += len(row) + 1


@dataclass(frozen=True, slots=True)
class Spot:
    """A position: `offset` in the document's text, `line` and `column` as ctlint counts them."""

    result: Result
    file: Path
    positions: Positions
    offset: int

    @property
    def text(self) -> str:
        return self.positions.text

    @property
    def shown(self) -> str:
        return self.result.shown(self.file)

    @property
    def place(self) -> tuple[int, int]:
        return self.positions.line_column(self.offset)

    @property
    def line(self) -> int:
        return self.place[0]

    def within(self, span: Span) -> bool:
        """Whether the position lies in a span, its end included."""
        return (span.line, span.column) <= self.place <= (span.end_line, span.end_column)

    def sources(self) -> list[ImageSource]:
        """The images that the Dockerfile makes, if the document is one."""
        return [source for source in self.result.workspace.images if source.shown == self.shown and source.readable]

    def instruction(self, source: ImageSource) -> tuple[Stage | None, Instruction] | None:
        """The instruction at the position, with the stage that it is in (none before the first FROM)."""
        stages = source.stages.stages
        for stage in stages:
            for instruction in (stage.origin, *stage.instructions):
                if instruction.start_line <= self.line <= instruction.end_line:
                    return stage, instruction
        for instruction in source.dockerfile.instructions:
            if instruction.start_line <= self.line <= instruction.end_line:
                return None, instruction
        return None

    def variable(self) -> SpotVariable | None:
        """The variable at the position. A bare NAME before `=` counts too, as ENV, ARG and assignments have it."""
        start, end = self._row()
        row = self.text[start:end]
        for name, first, last in _expansions(row):
            if start + first <= self.offset <= start + last:
                return SpotVariable(name, start + first, start + last, expanded=True)
        for match in _NAME.finditer(row):
            if (
                start + match.start() <= self.offset <= start + match.end()
                and row[match.end() : match.end() + 1] == "="
            ):
                return SpotVariable(match[0], start + match.start(), start + match.end(), expanded=False)
        return None

    def _row(self) -> tuple[int, int]:
        end = self.text.find("\n", self.offset)
        return self.text.rfind("\n", 0, self.offset) + 1, len(self.text) if end < 0 else end


def _expansions(row: str) -> Iterator[tuple[str, int, int]]:
    """(name, start, end) of the expansions in a line; of `${A:-$B}` first B, then A."""
    begun = {match.start(): match for match in _EXPANSION.finditer(row)}
    found = [(match[1], start, match.end()) for start, match in begun.items() if row[start + 1] != "{"]
    opened: list[re.Match[str] | None] = []  # one for each brace that is open: None where no expansion begins with it
    for brace in _BRACE.finditer(row):
        if brace[0] == "{":
            opened.append(begun.get(brace.start() - 1))
        elif opened:
            match = opened.pop()
            if match is not None:
                found.append((match[1], match.start(), brace.end()))
    found += [(match[1], match.start(), len(row)) for match in opened if match is not None]
    return iter(sorted(found, key=lambda each: each[2] - each[1]))
