"""What a start surely writes where the user that runs it may not write: the image's folders that are root's."""

import posixpath
from collections.abc import Iterator

from ....lineage.boot.plan import BootPlan
from ....lineage.boot.steps import StartStep
from ....lineage.consumers.model import Mount
from ....lineage.effects.model import Copy, Effect, Link, MakeDirectory, Write
from ....lineage.image.image import EffectiveImage
from ....lineage.image.tree import Node
from ....lineage.late.dataclasses import dataclass
from ....lineage.text.errors import Unknown
from ....lineage.text.paths import within
from ....lineage.workspace.deployments import Deployment
from .root_needs import is_root

_OF_ENGINE = ("/dev", "/proc", "/sys", "/tmp")


@dataclass(frozen=True, slots=True)
class RefusedWrite:
    """A write that fails, with the folder of root's that it would be in, and the volume that has that folder's owner."""

    step: StartStep
    effect: Effect
    path: str
    folder: str
    volume: Mount | None


def refused_writes(deployment: Deployment) -> Iterator[RefusedWrite]:
    """The writes of the entry script, under `set -e`, that the consumer's user may not do.

    A new volume of Docker or Podman has the owner of the image's folder that it covers, or root where there is none.
    """
    consumer = deployment.consumer
    if consumer.open is not None or any(isinstance(mount.target, Unknown) for mount in consumer.mounts):
        return
    for step, effect, path in _writes(deployment.started_boot):
        mount = consumer.mount_over(path)
        assert not isinstance(mount, Unknown)
        if mount is not None and not (mount.fresh and mount.kind == "volume" and "external" not in mount.options):
            continue
        folder = _of_root(deployment.image, path, mount)
        if folder is not None:
            yield RefusedWrite(step, effect, path, folder, mount)


def refused_by_image(image: EffectiveImage, boot: BootPlan) -> Iterator[RefusedWrite]:
    """The same of the image's own USER, whoever runs it: outside of its volumes."""
    volumes = [volume.value for volume in image.volumes]
    for step, effect, path in _writes(boot, image.entrypoint is None and image.config_open is None):
        folder = None if any(within(path, place) for place in volumes) else _of_root(image, path, None)
        if folder is not None:
            yield RefusedWrite(step, effect, path, folder, None)


def _writes(boot: BootPlan, cmd: bool = False) -> Iterator[tuple[StartStep, Effect, str]]:
    """What the entry script, or (`cmd`) that of CMD, surely writes as another user than root, and ends where that fails."""
    for step in boot.of_kind("entrypoint", *(("cmd",) if cmd else ())):
        for effect in step.effects:
            path = _path(effect)
            command = effect.command
            if path is None or command is None or not effect.sure or not command.errexit or command.ignores_failure:
                continue
            if effect.user.literal is None or is_root(effect.user.literal) or _by_sudo(effect):
                continue
            if not any(within(path, place) for place in _OF_ENGINE):
                yield step, effect, path


def _by_sudo(effect: Effect) -> bool:
    return effect.command is not None and any(w.name in ("sudo", "doas") for w in effect.command.wrappers)


def _path(effect: Effect) -> str | None:
    if isinstance(effect, Copy):
        return effect.target.literal
    return effect.path.literal if isinstance(effect, Write | MakeDirectory | Link) else None


def _of_root(image: EffectiveImage, path: str, mount: Mount | None) -> str | None:
    """The existing folder that something new at `path` would be made in, where root alone may write to it."""
    tree = image.tree
    if tree.get(path) is not None:
        return None  # it is there, or may be: who may write to it is another question
    top = str(mount.target) if mount is not None else "/"
    folder = posixpath.dirname(path)
    while folder != "/":
        node = tree.get(folder)
        if isinstance(node, Node):
            root = node.kind == "directory" and node.owner.partition(":")[0] in ("root", "0")
            return folder if root and node.mode is not None and not node.mode & 0o022 else None
        if node is not None:
            return None
        if folder == posixpath.normpath(top):
            return folder  # the engine makes it, as root
        folder = posixpath.dirname(folder)
    return "/"
