"""The outcome of a run: images, findings, what was skipped, what failed."""

from collections import Counter
from collections.abc import Callable
from typing import Literal

from ...lineage.late.dataclasses import dataclass, field
from ...lineage.text.errors import Cause, Unknown
from ...lineage.text.places import Place
from ...lineage.workspace.bump import ParentBump
from ...rules.base import Finding, Severity


@dataclass(frozen=True, slots=True)
class DoubtfulParent:
    """A link of an image's chain that is not known, or only assumed. `place` is the FROM that names it, where there is one."""

    reference: str
    grade: Literal["assumed", "unknown"]
    place: Place | None
    reason: str


@dataclass(frozen=True, slots=True)
class DoubtfulRun:
    """An image that a compose file, manifest or other consumer runs at `place` and that is not known, or only assumed.

    `undecided` says whether a rule asked something of it that could not be answered.
    """

    reference: str
    grade: Literal["assumed", "unknown"]
    place: Place
    reason: str
    undecided: bool = False


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
    doubtful: tuple[DoubtfulParent, ...] = ()
    """The links of its chain that are not proved, nearest first."""
    bundled: str | None = None
    """The nearest parent that a bundled profile tells of."""


@dataclass(frozen=True, slots=True, order=True)
class Skipped:
    """A rule that could not be decided for an image; `cause` says whose knowledge is missing, where somebody could have it.

    `subjects` tell of what in the image, where it is of some files alone.
    """

    rule: str
    image: str
    reason: str
    cause: Cause | None = field(default=None, compare=False)
    subjects: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def of(cls, rule: str, image: str, unknown: Unknown, subjects: tuple[str, ...] = ()) -> "Skipped":
        """The check that an answer which is not known leaves undecided."""
        return cls(rule, image, unknown.reason, unknown.cause, subjects)


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
    silenced: tuple[Finding, ...] = ()
    """With --since: findings that the change takes out of the report, by configuration, a baseline or a comment."""
    runs: tuple[DoubtfulRun, ...] = ()
    """The images that consumers run and that are not proved, in order of their place."""
    checks: int = 0
    """How many checks there were: each rule on each image by its name, and on each image that is run."""
    bump: Bump | None = None
    """With --compare: what moved; `findings` are then the new ones alone."""

    def count(self, severity: Severity) -> int:
        return sum(1 for finding in self.findings if finding.severity is severity)

    @property
    def decided(self) -> bool:
        """Whether every rule was decided for every image."""
        return not self.skipped and not self.failed

    @property
    def undecided(self) -> frozenset[tuple[str, str]]:
        """The checks that were not decided, whatever number of reasons each has: rule and image."""
        return frozenset((each.rule, each.image) for each in self.skipped)

    @property
    def unknown_runs(self) -> dict[str, list[DoubtfulRun]]:
        """The images that consumers run and of which nothing is known, each with the places that run it."""
        found: dict[str, list[DoubtfulRun]] = {}
        for run in self.runs:
            if run.grade == "unknown":
                found.setdefault(run.reference, []).append(run)
        return found

    def asked(self, grade: Literal["assumed", "unknown"]) -> list[DoubtfulRun]:
        """The places of that grade that run an image of which a rule asked what is not known."""
        return [run for run in self.runs if run.grade == grade and run.undecided]

    def standing_on(self, grade: Literal["assumed", "unknown"]) -> dict[DoubtfulParent, int]:
        """The parents of that grade, in order of their FROM, each with the number of images that stand on it."""
        found = Counter(parent for image in self.images for parent in image.doubtful if parent.grade == grade)
        return dict(
            sorted(found.items(), key=lambda item: (item[0].place is None, str(item[0].place), item[0].reference))
        )

    def unmet(self, required: Literal["known", "proved"] | None) -> list[str]:
        """The parents, and the images that are run and of which a rule asked something, that are less than `required`."""
        grades: tuple[Literal["unknown", "assumed"], ...] = ()
        if required is not None:
            grades = ("unknown", "assumed") if required == "proved" else ("unknown",)
        found = [parent.reference for grade in grades for parent in self.standing_on(grade)]
        found += [run.reference for grade in grades for run in self.asked(grade)]
        return list(dict.fromkeys(found))

    def exit_code(self, fail_on: Severity, required: Literal["known", "proved"] | None = None) -> int:
        """0; 1 where a finding of the image itself is at or above `fail_on`, or where a parent, or an image that a consumer runs
        and that a rule asked something of, is not `required`; 3 where something failed.
        """
        if self.failed:
            return 3
        if self.unmet(required):
            return 1
        return int(any(f.severity >= fail_on and f.inherited_from is None for f in self.findings))
