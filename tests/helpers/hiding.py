"""Less knowledge: the ways to hide one thing from a run that ctlint knows otherwise, and what the run then says.

A `Case` is some repositories with their Dockerfiles. `hidings` names every single thing that can be hidden of it; `lint` gives the
outcome with one of them hidden, or with none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias
from unittest.mock import patch

from ctlint.lineage.builds.build_files import build_files
from ctlint.lineage.dockerfile.stages import Stage, Stages
from ctlint.lineage.folding.fold import StageFold
from ctlint.lineage.image.image import EffectiveImage
from ctlint.lineage.image.tree import Cloud
from ctlint.lineage.repository.discover import Opened, open_targets
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text.errors import InputError
from ctlint.lineage.text.reference import Reference, parse
from ctlint.lineage.workspace import workspace as workspace_module
from ctlint.lineage.workspace.parents import Parent
from ctlint.lineage.workspace.workspace import ImageSource, Settings, Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.lint.judging.run import Run
from ctlint.rules.discover import all_rules

Kind: TypeAlias = Literal["parent", "grade", "build file", "directory", "content", "repository", "Dockerfile"]
KINDS: tuple[Kind, ...] = ("parent", "grade", "build file", "directory", "content", "repository", "Dockerfile")
DIRECTORIES = (
    "/",
    "/etc",
    "/etc/cont-init.d",
    "/etc/services.d",
    "/etc/s6-overlay/s6-rc.d",
    "/usr/bin",
    "/usr/local/bin",
    "/home",
    "/headless/Desktop",
    "/opt",
)
"""Of which it is hidden, each in turn, that a base image holds nothing there but what is known."""
NOT_COUNTED = frozenset(("CT001", "CT002", "CT003"))

Found: TypeAlias = tuple[str, str, int]
"""A finding: rule, path, line."""


@dataclass(frozen=True)
class Case:
    """Repositories (with the paths of their Dockerfiles) that are linted together."""

    name: str
    repositories: tuple[tuple[Snapshot, tuple[str, ...]], ...]
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True, slots=True)
class Hiding:
    """One thing that is hidden: `what` is a reference, a repository's name, a directory or a path as it is shown."""

    kind: Kind
    what: str

    def __str__(self) -> str:
        return f"{self.kind} {self.what}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run says: findings with the images they were seen in, what is listed as undecided, what could not be read."""

    findings: Mapping[Found, frozenset[str]]
    skipped: frozenset[tuple[str, str]]
    """(rule, image's name)."""
    images: Mapping[str, str]
    """The name of every image that was folded, by its id."""
    unread: frozenset[str]
    """The paths of CT001."""
    crashes: tuple[str, ...]
    related: frozenset[Found] = frozenset()
    """The places that a finding of the same rule speaks of besides its own."""


def case_of(folder: Path, name: str, settings: Settings | None = None) -> Case:
    found = open_targets(["."], folder)
    opened = tuple((item.snapshot, tuple(item.dockerfiles)) for item in found if isinstance(item, Opened))
    return Case(name, opened, settings or Settings())


class _Dim(Workspace):
    """A workspace from which something is hidden."""

    def __init__(self, case: Case, hiding: Hiding) -> None:
        self._hiding = hiding
        super().__init__(case.repositories, case.settings)

    def parent(self, reference: Reference, child: ImageSource | None = None) -> Parent:
        found = super().parent(reference, child)
        if reference.familiar != self._hiding.what:
            return found
        if self._hiding.kind == "parent":
            return Parent(None, None)
        if self._hiding.kind == "grade" and found.assumed is None:
            return replace(found, assumed="the grade was lowered")
        return found


class _Opened(StageFold):
    """Folds a stage on a parent that may hold more in a directory than is known."""

    directory: ClassVar[str] = ""

    def __init__(self, stages: Stages, stage: Stage, parent: EffectiveImage, *rest: Any) -> None:
        if stage.base.stage is None and not stage.base.scratch:
            tree = parent.tree.edit()
            tree.open(Cloud("something was hidden", (self.directory,), cause="parent"))
            parent = replace(parent, tree=tree.build())
        super().__init__(stages, stage, parent, *rest)


def whole(case: Case) -> tuple[Outcome, Workspace]:
    """What a run says of a case of which nothing is hidden, and the workspace, in which all is folded."""
    workspace = Workspace(case.repositories, case.settings)
    return _outcome(run_rules(workspace, all_rules())), workspace


def hidings(case: Case, folded: Workspace | None = None) -> Iterator[Hiding]:
    """Every single thing that can be hidden of a case, the same in every run. `folded` is its workspace after a run."""
    workspace = folded if folded is not None else Workspace(case.repositories, case.settings)
    references: dict[str, None] = {}
    for source in workspace.images:
        for stage in source.stages.stages:
            base = stage.base
            if base.stage is None and not base.scratch and isinstance(base.reference, str):
                parsed = parse(base.reference)
                if isinstance(parsed, Reference):
                    known = workspace.parent(parsed, source)
                    if known.source is not None or known.profile is not None:
                        references[parsed.familiar] = None
    for reference in references:
        yield Hiding("parent", reference)
        yield Hiding("grade", reference)
    yield from (Hiding("directory", directory) for directory in DIRECTORIES)
    if len(case.repositories) > 1:
        yield from (Hiding("repository", snapshot.name) for snapshot, _ in case.repositories)
    readable = [source for source in workspace.images if source.readable]
    taken = {node.source for source in readable for node in workspace.effective(source).tree.nodes.values()}
    for snapshot, dockerfiles in case.repositories:
        if len(dockerfiles) > 1 or len(case.repositories) > 1:
            yield from (Hiding("Dockerfile", snapshot.show(path)) for path in dockerfiles)
        speaking = {path for _, path in build_files(snapshot)}
        for path in snapshot.entries:
            if path in speaking:
                yield Hiding("build file", snapshot.show(path))
            if snapshot.show(path) in taken and path not in dockerfiles:
                yield Hiding("content", snapshot.show(path))


def lint(case: Case, hiding: Hiding | None = None) -> Outcome:
    """What a run says of a case with something hidden."""
    if hiding is None:
        return whole(case)[0]
    repositories = case.repositories
    if hiding.kind == "repository":
        repositories = tuple(item for item in repositories if item[0].name != hiding.what)
    if hiding.kind in ("build file", "content", "Dockerfile"):
        repositories = tuple((_without(snapshot, hiding.what), paths) for snapshot, paths in repositories)
    dim = _Dim(replace(case, repositories=repositories), hiding)
    if hiding.kind != "directory":
        return _outcome(run_rules(dim, all_rules()))
    _Opened.directory = hiding.what
    with patch.object(workspace_module, "StageFold", _Opened):
        return _outcome(run_rules(dim, all_rules()))


def _without(snapshot: Snapshot, shown: str) -> Snapshot:
    path = next((path for path in snapshot.entries if snapshot.show(path) == shown), None)
    return snapshot if path is None else snapshot.overlaid({path: InputError("cannot be read: it was hidden")})


def _outcome(run: Run) -> Outcome:
    findings: dict[Found, frozenset[str]] = {}
    for finding in run.findings():
        if finding.rule not in NOT_COUNTED:
            key = (finding.rule, finding.place.path, finding.place.line)
            findings[key] = findings.get(key, frozenset()) | run.seen_in[run.key(finding)]
    return Outcome(
        findings,
        frozenset((each.rule, each.image) for each in run.skipped),
        {image.id: image.image for image in run.images},
        frozenset(f.place.path for f in run.findings() if f.rule == "CT001"),
        tuple(f.message for f in run.findings() if f.rule == "CT002"),
        frozenset((f.rule, one.place.path, one.place.line) for f in run.findings() for one in f.related),
    )


OF_CHILDREN = frozenset(("CT308",))
"""Rules that are silent about what an image built on this one mends: of a repository that is not given nobody knows."""


def added(before: Outcome, after: Outcome, hiding: Hiding) -> list[Found]:
    """The findings that less knowledge made."""
    made = after.findings.keys() - before.findings.keys() - before.related
    return sorted(found for found in made if not (hiding.kind == "repository" and found[0] in OF_CHILDREN))


OF_TWO = frozenset(("CT504", "CT505", "CT509", "CT510"))
"""Rules on what two repositories say to each other: without one of them there is nothing to decide."""
_OTHERS = frozenset(("repository", "Dockerfile", "build file"))


def unlisted(before: Outcome, after: Outcome, hiding: Hiding) -> list[tuple[Found, str]]:
    """The findings that went without a word, each with the image: the rule is not among those that were not decided.

    What stands in a file that cannot be read is told of by CT001, and what is no longer among the targets by nobody.
    """
    gone: list[tuple[Found, str]] = []
    for found, images in sorted(before.findings.items()):
        left = after.findings.get(found, frozenset())
        for image in sorted(images - left):
            excused = (found[0] in OF_TWO and hiding.kind in _OTHERS) or found[1] in after.unread
            listed = (found[0], after.images.get(image, "")) in after.skipped
            if image in after.images and not left and not listed and not excused:
                gone.append((found, image))
    return gone
