"""What a mount of a consumer hides of the image."""

import posixpath
from collections.abc import Iterator

from ...lineage.consumers.files import unread_runs
from ...lineage.consumers.model import Mount
from ...lineage.image.tree import Node
from ...lineage.text.errors import Unknown
from ...lineage.text.paths import within
from ...lineage.workspace.deployments import Deployment, consumers_of
from ...lineage.workspace.workspace import ImageSource, Workspace


def hiding(deployment: Deployment) -> Iterator[tuple[Mount, str]]:
    """The mounts over folders that hide what the image has there, each with its target; those that are filled from the
    image when they are new are left out, and those of single files.
    """
    for mount in deployment.consumer.mounts:
        if isinstance(mount.target, str) and mount.target.startswith("/") and not mount.fresh and not mount.single_file:
            yield mount, posixpath.normpath(mount.target)


def hides(deployment: Deployment, mount: Mount, target: str, path: str) -> bool:
    """Whether a mount hides the file at a path of the image. What the mounted folder of the repository has itself counts
    as seen, and so does a file that another mount lays over it again.
    """
    real = deployment.image.tree.resolve(path)
    if not (within(path, target) or within(real, target)) or path == target:
        return False
    covered = path if within(path, target) else real
    if any(
        other is not mount
        and isinstance(other.target, str)
        and len(other.target) > len(target)
        and within(covered, posixpath.normpath(other.target))
        for other in deployment.consumer.mounts
    ):
        return False
    return not _has(deployment, mount, covered[len(target.rstrip("/")) + 1 :])


def in_repository(deployment: Deployment, mount: Mount) -> str | None:
    """The repository path that a bind mount's source means, where something lies there; None for any other place."""
    if mount.kind != "bind" or mount.source is None or not mount.source.startswith("."):
        return None
    shown = mount.place.path.removeprefix(deployment.snapshot.label)
    found = posixpath.normpath(posixpath.join(posixpath.dirname(shown), mount.source))
    if found.startswith("..") or deployment.snapshot.locate("" if found == "." else found) is None:
        return None
    return found


def _has(deployment: Deployment, mount: Mount, inside: str) -> bool:
    """Whether the mounted folder of the repository has the file. A compose file in a folder of its own may be run with the
    repository's top as its project directory (`--project-directory .`), which it cannot say itself: that counts, too.
    """
    if mount.kind != "bind" or mount.source is None or not mount.source.startswith("."):
        return False
    shown = mount.place.path.removeprefix(deployment.snapshot.label)
    paths = (
        posixpath.normpath(posixpath.join(folder, mount.source, inside)) for folder in (posixpath.dirname(shown), "")
    )
    return any(not path.startswith("..") and deployment.snapshot.get(path) is not None for path in paths)


def mounted_over(workspace: Workspace, source: ImageSource, path: str) -> Mount | Unknown | None:
    """What somebody here who runs the image mounts over a path of it; an Unknown where that may be, None where nobody does."""
    found = [consumer.mount_over(path) for consumer in consumers_of(workspace, source)]
    mount = next((one for one in found if isinstance(one, Mount)), None)
    if mount is not None:
        return mount
    unknown = next((one for one in found if isinstance(one, Unknown)), None)
    return unknown if unknown is not None else unread_runs(source.snapshot)


def content_below(deployment: Deployment, target: str) -> list[tuple[str, Node]]:
    """The files that the image is known to have below a path, by path."""
    tree = deployment.image.tree
    return sorted((path, node) for path, node in tree.below(target) if node.kind == "file" and node.sure)
