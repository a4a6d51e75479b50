"""Files for s6-overlay that a repository holds and that none of its images takes."""

import re
from collections.abc import Iterator, Sequence

from ....lineage.builds.named_dockerfiles import all_dockerfiles
from ....lineage.dockerfile.context_sources import SourcePattern, context_sources, takes
from ....lineage.image.image import EffectiveImage
from ....lineage.late.dataclasses import dataclass
from ....lineage.late.patterns import pattern
from ....lineage.repository.snapshot import Snapshot
from ....lineage.text.errors import InputError, Unknown
from ....lineage.text.paths import within
from ....lineage.workspace.workspace import ImageSource, Workspace

_START = pattern(r"((?:.*/)?)(etc/(?:cont-init\.d/[^/]+|services\.d/[^/]+/run|s6-overlay/s6-rc\.d/[^/]+/(?:run|up)))\Z")
_WATCHED = pattern(r"""\s*-\s*(["']?)!?[\w.*-]+(?:/[\w.*-]+)+\1\s*""")
"""A path in a workflow's list of those on whose changes it runs."""
_SAMPLES = frozenset(
    ("test", "tests", "testdata", "example", "examples", "fixtures", "docs", "doc", "samples", "template", "templates")
)


@dataclass(frozen=True, slots=True)
class Untaken:
    """A folder that stands for an image's root: `path` is the first of its files that no image has."""

    folder: str
    path: str


def untaken(workspace: Workspace, source: ImageSource) -> tuple[Untaken, ...] | Unknown:
    """The s6 trees of the image's repository that no Dockerfile of the repository takes; Unknown where one may do so."""
    snapshot = source.snapshot
    found = workspace.once(_TreeFiles).of(snapshot)
    if not found:
        return ()
    siblings = workspace.made_in(snapshot)
    unread = set(all_dockerfiles(snapshot)) - {other.path for other in siblings}
    if unread:
        return Unknown(f"{min(unread)} is not among the files that are linted")
    stages = [(other, index) for other in siblings for index in range(len(other.stages.stages))]
    takers = list(_takes(workspace, siblings))
    first: dict[str, str] = {}
    for folder, target, path in found:
        if folder in first or any(each.take(path) for each in takers):
            continue
        if any(
            _fills(workspace.fold(other, index), target) for other, index in stages
        ):  # costs all images of a repository
            continue
        if _named_elsewhere(snapshot, folder):
            return Unknown(f"a script of the repository names {folder}")
        first[folder] = path
    return tuple(Untaken(folder, path) for folder, path in first.items())


class _TreeFiles:
    """The files of s6 trees in each repository: (the folder that stands for the root, path in the image, path)."""

    def __init__(self, workspace: Workspace) -> None:
        self._found: dict[Snapshot, Sequence[tuple[str, str, str]]] = {}

    def of(self, snapshot: Snapshot) -> Sequence[tuple[str, str, str]]:
        if snapshot not in self._found:
            self._found[snapshot] = [
                (match[1].rstrip("/"), "/" + match[2], path)
                for path in snapshot.entries
                if (match := _START.match(path)) is not None and not _SAMPLES & set(path.split("/"))
            ]
        return self._found[snapshot]


def _fills(image: EffectiveImage, target: str) -> bool:
    """Whether the image itself puts something there, in another way; what its parent has there is what was to be replaced."""
    node = image.tree.find(target)
    return node is not None and image.owns(node.image)


@dataclass(frozen=True, slots=True)
class _Takes:
    """What one image takes: patterns of paths below `root`, or below any folder, where that is not sure to be the root."""

    root: str
    sure: bool
    patterns: frozenset[SourcePattern]

    def take(self, path: str) -> bool:
        parts = path.split("/")
        inside = parts[len(self.root.split("/")) :] if self.root else parts
        if within("/" + path, "/" + self.root) and any(takes(pattern, inside) for pattern in self.patterns):
            return True
        tails = () if self.sure else [parts[start:] for start in range(1, len(parts))]
        return any(takes(pattern, tail) for tail in tails for pattern in self.patterns)


def _takes(workspace: Workspace, siblings: Sequence[ImageSource]) -> Iterator[_Takes]:
    """What COPY, ADD and bind mounts of all stages take."""
    for other in siblings:
        patterns = {
            pattern
            for index in range(len(other.stages.stages))
            for step in workspace.fold(other, index).steps
            for pattern in context_sources(step.instruction, other.stages.escape, step.env)
        }
        yield _Takes(other.build.root, other.build.sure, frozenset(patterns))


def _named_elsewhere(snapshot: Snapshot, folder: str) -> bool:
    """Whether a build file or script outside of it, that is no Dockerfile, names the folder (`rsync root/`, a template)."""
    name = f"{folder.rpartition('/')[2]}/" if folder else "etc/"
    for path in snapshot.entries:
        if within("/" + path, "/" + folder) if folder else path.startswith("etc/"):
            continue
        base = path.rpartition("/")[2]
        if not (
            base in ("Makefile", "Jenkinsfile", "justfile")
            or base.endswith((".sh", ".mk", ".yml", ".yaml", ".hcl", ".j2", ".tmpl"))
        ):
            continue
        try:
            text = snapshot.text(path)
        except InputError:
            return True
        rows = text.split("\n")
        if "/workflows/" in path:
            rows = [row for row in rows if not _WATCHED.fullmatch(row)]
        if any(re.search(rf"(?:^|[\s\"'=:/.]){re.escape(name)}", row) for row in rows):
            return True
    return False
