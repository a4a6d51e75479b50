"""Seeding one defect into a correct organisation: the kinds of edits, and what the linter says of the result."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.commands.lint import judged
from ctlint.lint.config.effective import Config
from ctlint.lint.judging.engine import run_rules
from ctlint.lint.opening.open import Opening
from ctlint.lint.output.report import Report
from ctlint.rules.discover import all_rules
from expectations import ORGANISATIONS

NAMES = [path.name for path in ORGANISATIONS]
File = tuple[bytes, int]
"""Content and mode."""
Files = dict[str, File]
"""An organisation's files by path; the first part of a path is the repository."""


@dataclass(frozen=True)
class Replace:
    """Another text in the place of one that stands in the file exactly once."""

    path: str
    old: str
    new: str

    def apply(self, files: Files) -> None:
        _rewrite(files, self.path, lambda text: _once(text, self.old, self.path).replace(self.old, self.new))


@dataclass(frozen=True)
class DeleteLine:
    """The line that holds a text is gone."""

    path: str
    anchor: str

    def apply(self, files: Files) -> None:
        _rewrite(files, self.path, lambda text: _without(text, line_of(text, self.anchor, self.path)))


@dataclass(frozen=True)
class InsertLine:
    """New lines behind the line that holds a text; without one, at the top."""

    path: str
    line: str
    after: str = ""

    def apply(self, files: Files) -> None:
        def insert(text: str) -> str:
            rows = text.splitlines(keepends=True)
            rows.insert(line_of(text, self.after, self.path) if self.after else 0, f"{self.line}\n")
            return "".join(rows)

        _rewrite(files, self.path, insert)


@dataclass(frozen=True)
class MoveLine:
    """The line that holds a text stands behind another one; without one, at the top."""

    path: str
    anchor: str
    after: str = ""

    def apply(self, files: Files) -> None:
        text = files[self.path][0].decode()
        line = text.splitlines()[line_of(text, self.anchor, self.path) - 1]
        DeleteLine(self.path, self.anchor).apply(files)
        InsertLine(self.path, line, self.after).apply(files)


@dataclass(frozen=True)
class Rename:
    """A file or folder under another path."""

    path: str
    to: str

    def apply(self, files: Files) -> None:
        for path in _at_or_below(files, self.path):
            files[self.to + path.removeprefix(self.path)] = files.pop(path)


@dataclass(frozen=True)
class Duplicate:
    """A file or folder that stands a second time, elsewhere."""

    path: str
    to: str

    def apply(self, files: Files) -> None:
        for path in _at_or_below(files, self.path):
            files[self.to + path.removeprefix(self.path)] = files[path]


@dataclass(frozen=True)
class Delete:
    """A file or folder is gone."""

    path: str

    def apply(self, files: Files) -> None:
        for path in _at_or_below(files, self.path):
            del files[path]


@dataclass(frozen=True)
class Chmod:
    """Another mode."""

    path: str
    mode: int

    def apply(self, files: Files) -> None:
        assert files[self.path][1] != self.mode, f"{self.path} has the mode {self.mode:o} already"
        files[self.path] = (files[self.path][0], self.mode)


@dataclass(frozen=True)
class Create:
    """A new file."""

    path: str
    text: str = ""
    mode: int = 0o644

    def apply(self, files: Files) -> None:
        assert self.path not in files, f"{self.path} is there already"
        files[self.path] = (self.text.encode(), self.mode)


@dataclass(frozen=True)
class Recode:
    """The same text as an editor on another system saves it: `crlf`, or with a byte-order mark (`bom`)."""

    path: str
    how: str

    def apply(self, files: Files) -> None:
        data, mode = files[self.path]
        files[self.path] = (b"\xef\xbb\xbf" + data if self.how == "bom" else data.replace(b"\n", b"\r\n"), mode)


Edit = Replace | DeleteLine | InsertLine | MoveLine | Rename | Duplicate | Delete | Chmod | Create | Recode


@dataclass(frozen=True)
class Mutation:
    """A defect: the edits that make it, and the one finding that must come of them.

    `path` and `anchor` say where: the line of the edited file that holds the text; the first line without one. `related`
    are places of the same form that the finding must name too.
    """

    rule: str
    edits: tuple[Edit, ...]
    path: str
    anchor: str = ""
    related: tuple[tuple[str, str], ...] = ()

    @property
    def organisation(self) -> str:
        return next(name for name in NAMES if self.path.split("/")[0] in repositories(name))

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(type(edit).__name__ for edit in self.edits)


def seed(rule: str, edits: Edit | tuple[Edit, ...], path: str, anchor: str = "", *related: tuple[str, str]) -> Mutation:
    """A mutation, written short."""
    return Mutation(rule, edits if isinstance(edits, tuple) else (edits,), path, anchor, related)


@cache
def files_of_organisation(name: str) -> Mapping[str, File]:
    root = next(path for path in ORGANISATIONS if path.name == name)
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mode & 0o777)
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.parent != root
    }


@cache
def repositories(name: str) -> frozenset[str]:
    return frozenset(path.split("/")[0] for path in files_of_organisation(name))


@cache
def _intact(organisation: str, repository: str) -> Snapshot:
    return _snapshot(repository, files_of_organisation(organisation))


def _snapshot(repository: str, files: Mapping[str, File]) -> Snapshot:
    prefix = f"{repository}/"
    inside = {path: file for path, file in files.items() if path.startswith(prefix)}
    return Snapshot.from_mapping(
        repository, {path.removeprefix(prefix): FileSpec(data, mode) for path, (data, mode) in inside.items()}
    )


def mutated(mutation: Mutation) -> Files:
    """The organisation's files with the defect in them."""
    files = dict(files_of_organisation(mutation.organisation))
    for edit in mutation.edits:
        edit.apply(files)
    return files


def linted(organisation: str, files: Mapping[str, File] | None = None) -> Report:
    """The report on an organisation, by all rules and with ignore comments read; on other files of it, if given."""
    original = files_of_organisation(organisation)
    files = original if files is None else files
    snapshots: list[Snapshot] = []
    for repository in sorted({path.split("/")[0] for path in files}):
        prefix = f"{repository}/"
        same = _part(files, prefix) == _part(original, prefix)
        snapshots.append(_intact(organisation, repository) if same else _snapshot(repository, files))
    workspace = Workspace([(snapshot, dockerfiles(snapshot)) for snapshot in snapshots])
    changed = {path for path in {*files, *original} if files.get(path) != original.get(path)}
    _take_over(organisation, workspace, changed)
    run = run_rules(workspace, all_rules())
    return judged(run, Opening(workspace, Config(Path()), ()), Config(Path()))


@cache
def _known(organisation: str) -> Workspace:
    """The intact organisation, its images folded."""
    names = sorted(repositories(organisation))
    snapshots = [_intact(organisation, name) for name in names]
    workspace = Workspace([(snapshot, dockerfiles(snapshot)) for snapshot in snapshots])
    for source in workspace.images:
        workspace.boot(source)
    return workspace


def _take_over(organisation: str, workspace: Workspace, changed: set[str]) -> None:
    """Spare the folding of images that no change can reach: the rules are run on them all the same.

    A change of what is not taken into an image (Dockerfiles, what publishes and uses images) may reach any.
    """
    harmless = r"(?:deployments|app-specs)/|[^/]+/(?:root|src|launchers|generated|tools|imagej)/"
    if not all(re.match(harmless, path) for path in changed):
        return
    touched = {path.split("/")[0] for path in changed}
    known = _known(organisation)
    spared = {
        image.id
        for image in map(known.effective, known.images)
        if touched.isdisjoint(link.id.split("/")[0] for link in image.chain)
    }
    workspace._effective.update({key: image for key, image in known._effective.items() if image.id in spared})
    workspace._plans.update({key: plan for key, plan in known._plans.items() if plan.image.id in spared})


def line_of(text: str, anchor: str, path: str) -> int:
    """The number of the one line that holds a text; 1 for no text."""
    found = [number for number, line in enumerate(text.splitlines(), 1) if anchor in line]
    assert not anchor or len(found) == 1, f"{path}: {len(found)} lines hold {anchor!r}"
    return found[0] if anchor else 1


def _part(files: Mapping[str, File], prefix: str) -> Files:
    return {path: file for path, file in files.items() if path.startswith(prefix)}


def _rewrite(files: Files, path: str, change: Callable[[str], str]) -> None:
    data, mode = files[path]
    text = change(data.decode())
    assert text.encode() != data, f"{path} is as it was"
    files[path] = (text.encode(), mode)


def _once(text: str, old: str, path: str) -> str:
    assert text.count(old) == 1, f"{path} holds {old!r} {text.count(old)} times"
    return text


def _without(text: str, number: int) -> str:
    rows = text.splitlines(keepends=True)
    return "".join(rows[: number - 1] + rows[number:])


def _at_or_below(files: Files, path: str) -> list[str]:
    found = [name for name in files if name == path or name.startswith(f"{path}/")]
    assert found, f"there is no {path}"
    return found
