"""What a change touches: `ctlint lint --since` and `ctlint graph --since`.

The change is what differs between REV and the present working tree (see `lineage.revision`). An image is touched if one
of its inputs differs (see `lineage.inputs`), if configuration or build files make something else of it, or if it is new.
"""

import os
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from ...lineage.builds.named_dockerfiles import all_dockerfiles
from ...lineage.late.dataclasses import dataclass, field, replace
from ...lineage.repository.change import FileChange, checkout_of
from ...lineage.repository.discover import remote_target
from ...lineage.repository.git_commands import Git
from ...lineage.repository.plain_file import LARGEST_SETTINGS, read_plain
from ...lineage.repository.since import Changes, changes_since
from ...lineage.repository.snapshot import Snapshot
from ...lineage.text.errors import UsageError
from ...lineage.workspace.descendants import descendants, inputs_of
from ...lineage.workspace.inputs import touched
from ...lineage.workspace.workspace import ImageSource, Workspace
from ...rules.base import Finding
from ...rules.discover import all_rules
from ..config.effective import Config, Overrides
from ..config.files import NAMES, FileVersions, named
from ..opening.open import Opening, configured, earlier_parents
from ..opening.settings import settings_of
from ..output.report import Report
from .engine import run_rules
from .judged import judged
from .run import CRASH, ENGINE_RULES, IGNORED, READ_ERROR, Run


@dataclass(frozen=True, slots=True)
class Since:
    """The arguments of `--since`. `paths` are the changed files, where they are known from a pass before."""

    revision: str
    downstream: bool = False
    paths: frozenset[str] | None = None


@dataclass(frozen=True)
class Comparison:
    """A workspace compared with what it was at a revision."""

    opening: Opening
    before: Opening
    changes: Changes

    @cached_property
    def built(self) -> frozenset[str]:
        """The ids of the images that the change touches: those to be built anew.

        Configuration of ctlint counts where it alters how an image is built or called.
        """
        now, before = self.opening.workspace, self.before.workspace
        return touched(inputs_of(now), inputs_of(before), self.changes)

    @cached_property
    def touched(self) -> frozenset[str]:
        """As `built`; where ctlint's configuration has changed, all images: other findings may be reported of each."""
        if self.opening.config.files == self.before.config.files:
            return self.built
        return frozenset(source.id for source in self.opening.workspace.images)

    @cached_property
    def affected(self) -> frozenset[str]:
        """The ids of the touched images and of all that descends, or descended, from these or from vanished ones."""
        now, before = self.opening.workspace, self.before.workspace
        return self.touched | descendants(now, self.touched) | descendants(before, self.touched | self.vanished)

    @cached_property
    def vanished(self) -> frozenset[str]:
        """The ids of the images that are no more."""
        now = {source.id for source in self.opening.workspace.images}
        return frozenset(source.id for source in self.before.workspace.images if source.id not in now)


def check_targets(targets: Sequence[str]) -> None:
    """Raise UsageError for targets that are no working trees, before anything is read or fetched."""
    if "-" in targets:
        raise UsageError("--since compares files of a git checkout, so it cannot go with standard input.")
    if any(remote_target(target) is not None for target in targets):
        raise UsageError("--since compares a working tree, so it cannot go with github: targets; clone the repository.")


def compare(opening: Opening, revision: str) -> Comparison:
    """Compare what was opened with REV. Raises UsageError where no repository of the targets knows REV."""
    workspace = opening.workspace
    changes = changes_since(workspace.snapshots, revision)
    config = _earlier_config(opening, changes)
    repositories = [
        (changes.before(snapshot), _dockerfiles(opening, snapshot, changes, config)) for snapshot in workspace.snapshots
    ]
    before = Workspace(repositories, settings_of(config, opening.request))
    earlier_parents(before, opening.request, config, lambda snapshot: snapshot)
    return Comparison(opening, Opening(before, config, (), opening.request), changes)


def _dockerfiles(opening: Opening, snapshot: Snapshot, changes: Changes, earlier: Config) -> Sequence[str]:
    """The Dockerfiles of a repository as it was: all of them, if all are looked at now; else those of now."""
    now = opening.config
    paths = list(dict.fromkeys(source.path for source in opening.workspace.images if source.snapshot is snapshot))
    change = changes.of(snapshot)
    if change is None:
        return paths
    if set(paths) == set(all_dockerfiles(snapshot, now.excluded_in(snapshot.root))):
        return all_dockerfiles(change.before, earlier.excluded_in(snapshot.root))
    return [path for path in paths if path in change.before.entries]


def _earlier_config(opening: Opening, changes: Changes) -> Config:
    """The configuration as it was at REV; the present one where it has not changed, or made no sense then."""
    current = {path for file in opening.config.files for path in (named(file.path), os.path.realpath(file.path))}
    earlier: dict[str, bytes | None] = {}
    for change in changes.changes:
        for path in change.paths:
            file = os.path.join(change.now.root or "", path)
            if path.endswith(".toml") or file in current:
                content = change.before.content(path)
                earlier[file] = content if isinstance(content, bytes) else None
        earlier |= _outside(change, current)
    if not earlier:
        return opening.config
    try:
        return configured(opening.request, Path.cwd(), FileVersions(earlier))
    except UsageError:
        return opening.config


def _outside(change: FileChange, current: Iterable[str]) -> dict[str, bytes | None]:
    """The configuration above or beside a target that is a folder of a checkout, where it was otherwise.

    `current` are the present files; those that are gone are looked for above the target.
    """
    root, checkout = change.now.root, checkout_of(change.now)
    if root is None or checkout is None or checkout.root == root:
        return {}
    above = [folder for folder in root.parents if folder.is_relative_to(checkout.root)]
    wanted = {*map(Path, current), *(folder / name for folder in above for name in NAMES)}
    paths = {
        file.relative_to(checkout.root).as_posix(): file
        for file in sorted(wanted)
        if file.is_relative_to(checkout.root) and not file.is_relative_to(root)
    }
    was = Git(checkout).files(change.commit, paths)
    now = {path: read_plain(file, LARGEST_SETTINGS) for path, file in paths.items() if file.is_file()}
    return {str(file): was.get(path) for path, file in paths.items() if was.get(path) != now.get(path)}


@dataclass
class Narrowed:
    """The findings of a run that a change is answerable for.

    A finding is reported where its place is in a changed file. It is reported of a touched image, too, where a related
    place is in a changed file, or where that image did not have it at REV: findings are known again by their
    fingerprints, so that one whose line has moved is not new. With `downstream`, it is reported of an image that
    descends from a touched one if that did not have it at REV; it then counts as that image's own even where it stands
    in a file of the parent.

    What comments and per-file ignores hid at REV was not there, what a baseline hid was.
    """

    comparison: Comparison
    since: Since
    run: Run
    overrides: Overrides
    preview: bool = False
    inherited: bool = False
    paths: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        given = self.since.paths
        self.paths = self.comparison.changes.shown() if given is None else given

    def report(self, report: Report) -> Report:
        """The report, less what the change has nothing to do with: failures of other images do not count either, nor what
        files run that it leaves alone."""
        kept = tuple(found for finding in report.findings if (found := self._kept(finding)) is not None)
        failures = sum(finding.rule in (READ_ERROR.code, CRASH.code) for finding in kept)
        runs = tuple(run for run in report.runs if run.place.path in self.paths)
        return replace(report, findings=kept, failed=min(report.failed, failures), runs=runs)

    def _kept(self, finding: Finding) -> Finding | None:
        if any(finding.rule == rule.code for rule in self.run.foreign):
            return finding if finding.place.path in self.paths else None
        images = _images_of(self.run, finding)
        if not images and finding.rule != IGNORED.code:
            return finding
        here = finding.place.path in self.paths
        listed = self.inherited or finding.inherited_from is None
        if here and finding.inherited_from is None:
            return finding
        touched = images & self.comparison.touched
        if listed and touched:
            beside = here or any(related.place.path in self.paths for related in finding.related)
            if beside or self._new(finding, touched):
                return finding
        if self.since.downstream and self._new(finding, images & self.comparison.affected):
            return replace(finding, inherited_from=None)
        return None

    def _new(self, finding: Finding, images: Iterable[str]) -> bool:
        """Whether one of the images did not have a finding at REV, under whatever id it was known then."""
        known = self._earlier
        return any(finding.fingerprint not in known.get(image, known[None]) for image in images)

    @cached_property
    def _earlier(self) -> Mapping[str | None, Container[str]]:
        """The fingerprints of what the affected images had at REV, by their ids; by None, of what vanished images had.

        The findings of all other images, which are as they were, count where equal fingerprints are numbered.
        """
        comparison, before = self.comparison, self.comparison.before
        overrides: Overrides = {**self.overrides, "baseline": None}
        config = replace(before.config.with_options(**overrides), baseline=None)
        known = [*all_rules(), *ENGINE_RULES]
        selection = config.selected(known, preview=self.preview)
        rules = [rule for rule in selection.rules if rule not in ENGINE_RULES]
        workspace = before.workspace
        wanted = (comparison.affected if self.since.downstream else comparison.touched) | comparison.vanished
        workspace.selected = [source for source in workspace.images if source.id in wanted]
        run = run_rules(workspace, rules, inherited=self.run.inherited, severities=config.severities(known))
        theirs = set(run.found)
        for key, finding in self.run.found.items():
            if self.run.seen_in.get(key, set[str]()) - comparison.affected:
                run.found.setdefault(key, finding)
        report = judged(run, before, config, ignored_comments=IGNORED in selection.rules)
        found: dict[str | None, set[str]] = {source.id: set() for source in workspace.images}
        found[None] = set()
        for finding in report.findings:
            if run.key(finding) in theirs:
                images = _images_of(run, finding)
                for image in (*images, *([None] if images & comparison.vanished else [])):
                    found[image].add(finding.fingerprint)
        return found


def _images_of(run: Run, finding: Finding) -> frozenset[str]:
    """The ids of the images that have a finding; none for what is no image's, like a target that is not there."""
    seen = run.seen_in.get(run.key(finding))
    if seen:
        return frozenset(seen)
    path = finding.place.path
    return frozenset(source.id for source in run.workspace.selected if _takes_in(run.workspace, source, path))


def _takes_in(workspace: Workspace, source: ImageSource, path: str) -> bool:
    if source.shown == path:
        return True
    if not source.readable:
        return False
    nodes = workspace.effective(source).tree.nodes.values()
    return any(node.source == path and node.image == source.id for node in nodes)
