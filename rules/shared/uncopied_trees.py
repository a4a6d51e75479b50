"""Files for s6-overlay that a repository holds and that none of its images takes."""

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from ...lineage.builds.named_dockerfiles import all_dockerfiles
from ...lineage.dockerfile.expand import expand
from ...lineage.dockerfile.stages import parse_copy
from ...lineage.image.image import EffectiveImage
from ...lineage.late.dataclasses import dataclass
from ...lineage.late.patterns import pattern
from ...lineage.repository.snapshot import Snapshot
from ...lineage.text.errors import InputError, Unknown
from ...lineage.text.paths import within
from ...lineage.workspace.workspace import ImageSource, Workspace

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
    found = [
        (match[1].rstrip("/"), "/" + match[2], path)
        for path in snapshot.entries
        if (match := _START.match(path)) is not None and not _SAMPLES & set(path.split("/"))
    ]
    if not found:
        return ()
    siblings = workspace.made_in(snapshot)
    unread = set(all_dockerfiles(snapshot)) - {other.path for other in siblings}
    if unread:
        return Unknown(f"{min(unread)} is not among the files that are linted")
    images = [workspace.fold(other, index) for other in siblings for index in range(len(other.stages.stages))]
    patterns = list(_taken(workspace, siblings))
    first: dict[str, str] = {}
    for folder, target, path in found:
        if folder in first or _is_taken(path, patterns) or any(_fills(image, target) for image in images):
            continue
        if _named_elsewhere(snapshot, folder):
            return Unknown(f"a script of the repository names {folder}")
        first[folder] = path
    return tuple(Untaken(folder, path) for folder, path in first.items())


def _fills(image: EffectiveImage, target: str) -> bool:
    """Whether the image itself puts something there, in another way; what its parent has there is what was to be replaced."""
    node = image.tree.find(target)
    return node is not None and image.owns(node.image)


def _taken(workspace: Workspace, siblings: Sequence[ImageSource]) -> Iterator[str]:
    """The repository paths, with globs, of all that COPY, ADD and bind mounts take; `*` for what cannot be known."""
    for other in siblings:
        root = other.build.root
        for index in range(len(other.stages.stages)):
            image = workspace.fold(other, index)
            for text in _sources(image):
                path = text.removeprefix("./").strip("/")
                if "$" in path or path in ("", ".", "*"):
                    yield root or "*"
                else:
                    yield f"{root}/{path}" if root else path
                    if not other.build.sure:
                        yield f"*/{path}"


def _sources(image: EffectiveImage) -> Iterator[str]:
    for step in image.steps:
        instruction = step.instruction
        if (
            instruction.keyword in ("COPY", "ADD")
            and instruction.flag("from") is None
            and len(instruction.arguments) > 1
        ):
            for source in parse_copy(instruction).sources:
                expansion = expand(source.text, step.env, "\\")
                yield "*" if expansion.unmatched or expansion.error else expansion.text
        elif instruction.keyword == "RUN" and any("type=bind" in value for value in instruction.flag_values("mount")):
            yield "*"


def _is_taken(path: str, patterns: list[str]) -> bool:
    for taken in patterns:
        if taken == "*" or within("/" + path, "/" + taken.rstrip("/")):
            return True
        parts = path.split("/")
        if any(fnmatchcase("/".join(parts[:end]), taken) for end in range(1, len(parts) + 1)):
            return True
    return False


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
