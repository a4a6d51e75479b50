"""What a language server lints together: a workspace folder, or the repository of a file outside of all folders.

A room reads its files from disk once, until it is told that they changed, and puts the unsaved documents over them.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import chdir
from pathlib import Path
from tempfile import gettempdir

from ...lineage.builds.named_dockerfiles import all_dockerfiles
from ...lineage.late.dataclasses import dataclass, replace
from ...lineage.repository.discover import Opened, open_targets
from ...lineage.repository.git_files import checkout_at
from ...lineage.repository.snapshot import Snapshot
from ...lineage.text.errors import CtlintError, InputError, Unknown
from ...lineage.text.reference import Reference
from ...lineage.text.reference import parse as parse_reference
from ...lineage.workspace.workspace import ImageSource, Workspace
from ...rules.base import Finding, Rule
from ...rules.discover import all_rules
from ..config.effective import Config, load_config
from ..judging.engine import run_rules
from ..judging.judged import judged
from ..judging.run import ENGINE_RULES, IGNORED
from ..opening.open import Opening
from ..opening.request import Request
from ..opening.settings import settings_of
from ..output.complaints import sentence
from ..output.report import Report

_BOM = "\ufeff"


class Stale(Exception):  # noqa: N818 - a run that is given up, not an error
    """What is being linted has changed in the meantime."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found. `root` is what shown paths are relative to, `problem` what is wrong with the configuration."""

    root: Path
    opening: Opening
    report: Report
    problem: str | None = None

    @property
    def workspace(self) -> Workspace:
        return self.opening.workspace

    def file(self, shown: str) -> Path | None:
        """The file that a shown path means; None for one of a bundled profile."""
        if self.workspace.locate(shown) is None and "@" in shown:
            return None
        return Path(os.path.normpath(self.root / shown))

    def shown(self, file: Path) -> str:
        """A file's path as findings show it."""
        return os.path.relpath(file, self.root).replace(os.sep, "/")

    def findings_in(self, file: Path) -> list[Finding]:
        shown = self.shown(file)
        return [finding for finding in self.report.findings if finding.place.path == shown]

    def text_of(self, shown: str) -> str | None:
        return self.workspace.text_of(shown)


@dataclass(frozen=True, slots=True)
class _Disk:
    """What a room read from disk."""

    config: Config
    rules: tuple[Rule, ...]
    comments: bool
    found: tuple[Opened | InputError, ...]
    problem: str | None


class Room:
    """A folder that is linted as a whole, as `ctlint lint` does when it is started there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._disk: _Disk | None = None
        self._good: Config | None = None
        self._last: tuple[Mapping[Path, str], Result] | None = None

    def forget(self) -> None:
        """Files on disk changed: read them anew at the next run."""
        self._disk = self._last = None

    def holds(self, file: Path) -> bool:
        """Whether a file is, or would be once it is saved, one of the room's. Raises OSError."""
        if not file.is_relative_to(self.root):
            return False
        if self._is_too_wide():
            return True
        return any(_place_in(opened.snapshot, file) is not None for opened in self._opened(self._read()))

    def result(self, documents: Mapping[Path, str], stale: Callable[[], bool] = lambda: False) -> Result:
        """The findings with the texts of open documents in place of their files'.

        Linted are the images of the repositories that hold the documents, and all that are built on them. Raises Stale
        as soon as `stale` says so.
        """
        disk = self._read()
        texts = {file: text for file, text in documents.items() if file.is_relative_to(self.root)}
        if self._last is not None and self._last[0] == texts:
            return self._last[1]
        with chdir(self.root):
            result = self._lint(disk, texts, stale)
        self._last = (texts, result)
        return result

    def _lint(self, disk: _Disk, texts: Mapping[Path, str], stale: Callable[[], bool]) -> Result:
        alone = [_alone(file, text) for file, text in texts.items()] if self._is_too_wide() else []
        opened = alone or [_overlaid(each, texts, disk) for each in self._opened(disk)]
        errors = [] if alone else [each for each in disk.found if isinstance(each, InputError)]
        workspace = Workspace(
            [(each.snapshot, each.dockerfiles) for each in opened], settings_of(disk.config, Request())
        )
        edited = [each.snapshot for each in opened if any(_place_in(each.snapshot, file) for file in texts)]
        workspace.selected = affected(workspace, edited)
        opening = Opening(workspace, disk.config, tuple(errors))

        def progress(source: ImageSource) -> None:
            if stale():
                raise Stale

        severities = disk.config.severities([*all_rules(), *ENGINE_RULES])
        run = run_rules(workspace, disk.rules, errors=errors, severities=severities, progress=progress)
        return Result(
            self.root, opening, judged(run, opening, disk.config, ignored_comments=disk.comments), disk.problem
        )

    def _read(self) -> _Disk:
        if self._disk is None:
            with chdir(self.root):
                config, problem = self._configuration()
                selection = config.selected([*all_rules(), *ENGINE_RULES])
                wide = self._is_too_wide()
                found = () if wide else tuple(open_targets([os.curdir], self.root, exclude=config.excluded_in))
            rules = tuple(rule for rule in selection.rules if rule not in ENGINE_RULES)
            self._disk = _Disk(config, rules, IGNORED in selection.rules, found, problem)
        return self._disk

    def _configuration(self) -> tuple[Config, str | None]:
        """The configuration, and what is wrong with it; then the last that was right is in force."""
        try:
            config = load_config(self.root)
            config.selected([*all_rules(), *ENGINE_RULES])
            config.severities([*all_rules(), *ENGINE_RULES])
            config.ignored_in("Dockerfile", [*all_rules(), *ENGINE_RULES])
        except CtlintError as error:
            return self._good or Config(self.root), sentence(error)
        self._good = config
        if config.baseline is not None:
            from ..judging.baseline import read_baseline

            try:
                read_baseline(config.baseline)
            except CtlintError as error:
                return replace(config, baseline=None), sentence(error)
        return config, None

    def _opened(self, disk: _Disk) -> list[Opened]:
        return [each for each in disk.found if isinstance(each, Opened)]

    def _is_too_wide(self) -> bool:
        """Whether the folder is one that nobody keeps a repository in, and that may hold everything."""
        wide = {Path(self.root.anchor), Path(os.path.realpath(Path.home())), Path(os.path.realpath(gettempdir()))}
        return self.root in wide and not checkout_at(self.root)


def affected(workspace: Workspace, edited: Sequence[Snapshot]) -> list[ImageSource]:
    """The images of some repositories and of those in which an image takes anything of them over by FROM or --from.

    Always all of a repository: whether an ignore comment in it is idle is seen only with all images that share the file.
    """
    children: dict[str, list[ImageSource]] = {}
    for source in workspace.images:
        for base in sources_behind(workspace, source):
            children.setdefault(base.id, []).append(source)
    waiting = [source for source in workspace.images if any(source.snapshot is snapshot for snapshot in edited)]
    reached = {source.id for source in waiting}
    while waiting:
        for child in children.get(waiting.pop().id, ()):
            if child.id not in reached:
                reached.add(child.id)
                waiting.append(child)
    touched = {id(source.snapshot) for source in workspace.images if source.id in reached}
    return [source for source in workspace.images if id(source.snapshot) in touched]


def sources_behind(workspace: Workspace, source: ImageSource) -> Iterator[ImageSource]:
    """The images at hand that a Dockerfile names."""
    for stage in source.stages.stages:
        named = [stage.base.image] if isinstance(stage.base.image, str) else []
        named += [taken.text for taken in source.stages.taken_from(stage) if taken.kind == "image"]
        for text in named:
            reference = parse_reference(text)
            parent = workspace.parent(reference, source).source if isinstance(reference, Reference) else None
            if parent is not None and parent is not source:
                yield parent


def _place_in(snapshot: Snapshot, file: Path) -> str | None:
    """The repository path of a file that the repository holds or, once it is saved, would hold."""
    if snapshot.root is None or not file.is_relative_to(snapshot.root):
        return None
    inside = file.relative_to(snapshot.root).as_posix()
    entry = snapshot.entries.get(inside)
    if entry is not None:
        return inside if entry.kind == "file" else None
    held = snapshot.holds(inside)
    return None if isinstance(held, Unknown) or held or _within_file(snapshot, inside) else inside


def _within_file(snapshot: Snapshot, inside: str) -> bool:
    """Whether a part of the way is no folder: a submodule, a link."""
    parts = inside.split("/")[:-1]
    return any("/".join(parts[: depth + 1]) in snapshot.entries for depth in range(len(parts)))


def _overlaid(opened: Opened, texts: Mapping[Path, str], disk: _Disk) -> Opened:
    snapshot = opened.snapshot
    files: dict[str, bytes] = {}
    for file, text in texts.items():
        inside = _place_in(snapshot, file)
        if inside is None:
            continue
        saved = snapshot.content(inside) if inside in snapshot.entries else b""
        data = text.encode("utf-8", "replace")
        if isinstance(saved, bytes) and saved.startswith(_BOM.encode()) and not text.startswith(_BOM):
            data = _BOM.encode() + data  # editors keep it to themselves
        if data != saved or inside not in snapshot.entries:
            files[inside] = data
    if not files:
        return opened
    overlay = snapshot.overlaid(files)
    overlay.commit = snapshot.commit
    roots = [each.snapshot.root for each in disk.found if isinstance(each, Opened)]
    own = {inside for inside in files if _innermost(snapshot, inside, roots)}
    found = own.intersection(all_dockerfiles(overlay, disk.config.excluded_in(overlay.root)))
    return replace(opened, snapshot=overlay, dockerfiles=tuple(sorted({*opened.dockerfiles, *found})))


def _innermost(snapshot: Snapshot, inside: str, roots: Iterable[Path | None]) -> bool:
    """Whether no other repository that lies within this one holds the file."""
    top = snapshot.root
    if top is None:
        return False
    file = top / inside
    return not any(root and root != top and root.is_relative_to(top) and file.is_relative_to(root) for root in roots)


def _alone(file: Path, text: str) -> Opened:
    """A document whose folder is not read."""
    unknown = {"": "the build context is not read: the file lies in no repository"}
    snapshot = Snapshot.from_mapping(file.parent.name, {file.name: text}, label="", unknown=unknown)
    snapshot.root = file.parent
    return Opened(snapshot, all_dockerfiles(snapshot))
