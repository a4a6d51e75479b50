"""Seeding one defect into a correct organisation: the kinds of edits, and what the linter says of the result."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
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
    def paths(self) -> frozenset[str]:
        """What the edits change, and what the finding speaks of."""
        changed = {path for edit in self.edits for path in (edit.path, getattr(edit, "to", edit.path))}
        return frozenset((self.path, *changed, *(path for path, _ in self.related)))


Batch = tuple[Mutation, ...]
"""Mutations of one organisation that have no file in common."""


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


def batches(mutations: Iterable[Mutation], most: int) -> tuple[Batch, ...]:
    """The mutations, up to so many together."""
    found: list[list[Mutation]] = []
    for mutation in mutations:
        fit = (batch for batch in found if len(batch) < most and not any(_meet(mutation, other) for other in batch))
        batch = next(fit, None)
        if batch is None:
            found.append([mutation])
        else:
            batch.append(mutation)
    return tuple(map(tuple, found))


def _meet(one: Mutation, other: Mutation) -> bool:
    return one.organisation != other.organisation or any(
        f"{path}/".startswith(f"{another}/") or f"{another}/".startswith(f"{path}/")
        for path in one.paths
        for another in other.paths
    )


def wrong_of(batch: Batch) -> Iterator[str]:
    """What is wrong of the findings on an organisation with these defects in it: none, where each brings its own alone.

    Where it is otherwise, they are tried again in parts: one may be the consequence of another.
    """
    organisation = batch[0].organisation
    files = dict(files_of_organisation(organisation))
    for mutation in batch:
        for edit in mutation.edits:
            edit.apply(files)

    def place(path: str, anchor: str) -> tuple[str, int]:
        return path, line_of(files[path][0].decode(), anchor, path)

    found: dict[tuple[str, str, int], set[tuple[str, int]]] = {}
    findings = linted(organisation, files).findings
    for finding in findings:
        related = {(one.place.path, one.place.line) for one in finding.related}
        found[finding.rule, finding.place.path, finding.place.line] = related
    wanted = {(each.rule, *place(each.path, each.anchor)): each for each in batch}
    poor = [
        each
        for key, each in wanted.items()
        if not {place(path, anchor) for path, anchor in each.related} <= found.get(key, set())
    ]
    if found.keys() == wanted.keys() and len(findings) == len(batch) and not poor:
        return
    if len(batch) == 1:
        said = ", ".join(map(str, sorted(found))) or "nothing"
        yield f"{next(iter(wanted))}: {said}" + (", without what is related" if poor else "")
        return
    lost = tuple(each for key, each in wanted.items() if key not in found)
    parts = (lost, tuple(each for each in batch if each not in lost))
    half = len(batch) // 2
    for part in parts if all(parts) else (batch[:half], batch[half:]):
        yield from wrong_of(part)


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
