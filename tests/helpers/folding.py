"""Effective images for tests, made from repositories that are dictionaries."""

import io
import tarfile
from collections.abc import Mapping

from ctlint.lineage.boot.plan import BootPlan
from ctlint.lineage.image.image import EffectiveImage
from ctlint.lineage.image.tree import Node
from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.workspace.workspace import ImageSource, Settings, Workspace

Files = Mapping[str, "bytes | str | FileSpec"]


def tarball(members: Mapping[str, str], compression: str = "gz") -> bytes:
    """A tar archive of files of mode 0644 that belong to root."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=f"w:{compression}") as archive:  # type: ignore[call-overload]
        for path, content in members.items():
            info = tarfile.TarInfo(path)
            info.size = len(content.encode())
            archive.addfile(info, io.BytesIO(content.encode()))
    return held.getvalue()


def program(text: str = "#!/bin/sh\n") -> FileSpec:
    """An executable file."""
    return FileSpec(text.encode(), 0o755)


def workspace(repositories: Mapping[str, Files], settings: Settings | None = None) -> Workspace:
    """A workspace of repositories by their names."""
    snapshots = [Snapshot.from_mapping(name, files) for name, files in repositories.items()]
    return Workspace([(snapshot, dockerfiles(snapshot)) for snapshot in snapshots], settings)


def source_of(work: Workspace, name: str) -> ImageSource:
    """The only image that `name` means."""
    (source,) = work.image_by(name)
    return source


def image_of(dockerfile: str, files: Files | None = None, settings: Settings | None = None) -> EffectiveImage:
    """The image that a lone Dockerfile makes of the context `files`."""
    work = workspace({"desk": {"Dockerfile": dockerfile, **(files or {})}}, settings)
    return work.effective(work.images[0])


def plan_of(dockerfile: str, files: Files | None = None) -> BootPlan:
    work = workspace({"desk": {"Dockerfile": dockerfile, **(files or {})}})
    return work.boot(work.images[0])


def paths(image: EffectiveImage, below: str = "/") -> list[str]:
    """The files and links that are surely there."""
    return sorted(path for path, node in image.tree.below(below) if node.kind != "directory" and node.sure)


def text(image: EffectiveImage, path: str) -> str:
    node = image.tree.get(path)
    assert isinstance(node, Node), f"{path}: {node}"
    assert node.blob.data is not None
    return node.blob.data.decode()


def mode(image: EffectiveImage, path: str) -> str:
    node = image.tree.get(path)
    assert isinstance(node, Node), f"{path}: {node}"
    return "unknown" if node.mode is None else f"{node.mode:o}"
