"""The outcome of a run: images, findings, what was skipped, what failed."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ...lineage.workspace.bump import ParentBump
from ...rules.base import Finding, Severity


@dataclass(frozen=True, slots=True)
class ImageSummary:
    """An image that was linted, as the reports name it."""

    id: str
    image: str
    dockerfile: str
    target: str | None
    chain: tuple[str, ...]
    s6: str | None
    known: str


@dataclass(frozen=True, slots=True, order=True)
class Skipped:
    """A rule that could not be decided for an image."""

    rule: str
    image: str
    reason: str


@dataclass(frozen=True, slots=True)
class Bump:
    """What a parent that moves changes: the parents themselves, and the findings that are gone with it."""

    parents: tuple[ParentBump, ...]
    gone: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Findings in order of path, line, column and rule; `suppressed` counts those that comments or a baseline hid.

    `failed` counts inputs that could not be read and rules that crashed. `lines` gives the text of a shown file, for
    code frames (None where it cannot be had).
    """

    images: tuple[ImageSummary, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...] = ()
    files: int = 0
    suppressed: int = 0
    failed: int = 0
    lines: Callable[[str], str | None] = field(default=lambda path: None, repr=False, compare=False)
    link: Callable[[str, int], str | None] = field(default=lambda path, line: None, repr=False, compare=False)
    """The web address of a line of a file that was fetched; None for any other."""
    bump: Bump | None = None
    """With --compare: what moved; `findings` are then the new ones alone."""

    def count(self, severity: Severity) -> int:
        return sum(1 for finding in self.findings if finding.severity is severity)

    def exit_code(self, fail_on: Severity) -> int:
        """0, 1 where a finding of the image itself is at or above `fail_on`, 3 where something failed."""
        if self.failed:
            return 3
        return int(any(f.severity >= fail_on and f.inherited_from is None for f in self.findings))
