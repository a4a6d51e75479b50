"""A mount hides what the image needs: its init scripts, services, programs, or what its start copies from.

## What it does
Looks what each mount of a consumer lies over: start scripts and services, programs that the start executes, files that start
scripts copy from, and what the image's own build put into the home of an account that it makes. Also a folder that the image
declares as VOLUME below a mounted one: an anonymous volume takes its place there; and a folder that two tags of one image
share and both fill where it is empty; and, as an information, the `node_modules` that the build filled, below a folder of the
repository that is mounted. A new named volume of Docker or Podman is filled from the image and hides nothing at first; folders
of the repository that hold the same files, and mounts of single files, are left alone.

## Why it matters at run time
A bind mount and every volume of Kubernetes cover the image's folder: what the build put there is gone, scripts do not run, and
copies fail. A VOLUME below a mounted folder gets an anonymous volume of its own: what lies in the mounted folder at that place
is not seen, and what is written there is lost with the container.

## When to ignore it
When what is mounted holds those files.

## References
- Docker documentation, "Bind mounts": "Bind-mounting over existing data"; "Volumes": "Mounting a volume over existing data"
- Dockerfile reference, "VOLUME"
"""

import posixpath
from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.consumers.model import Consumer, Mount
from ..lineage.effects.model import Copy, Execute, InstallPackages, Write
from ..lineage.image.tree import Blob
from ..lineage.text.errors import Unknown
from ..lineage.text.paths import within
from ..lineage.text.places import Place
from ..lineage.workspace.deployments import Deployment, DeploymentGroup
from .base import Message, Related, Severity
from .shared.hidden_paths import content_below, hides, hiding, in_repository

SEVERITY = Severity.ERROR

_MOST = 3
_EMPTY = Blob.of(b"")
_OF_NODE = ("npm", "yarn", "pnpm", "bun")
_OF_SKELETON = (".bashrc", ".bash_logout", ".bash_profile", ".profile", ".face", ".face.icon")
"""What useradd puts into every home."""


def check(deployment: Deployment) -> Iterator[Message]:
    if not deployment.consumer.mounts:
        return
    yield from _over_init(deployment)
    yield from _shadowed(deployment)
    yield from _shared(deployment)
    for mount, target in hiding(deployment):
        needed = list(_needed(deployment, mount, target))
        if needed:
            yield _hidden(deployment, mount, target, needed)
        elif mount.kind != "file":
            yield from _home(deployment, mount, target)
            yield from _modules(deployment, mount, target)


def _over_init(deployment: Deployment) -> Iterator[Message]:
    """A mount in the very place of `/init`: a file of the repository may be meant to be it, anything else is not."""
    for mount in deployment.consumer.mounts:
        if not isinstance(mount.target, str) or posixpath.normpath(mount.target) != "/init" or mount.kind == "file":
            continue
        if deployment.release is None or in_repository(deployment, mount) is not None or not deployment.starts_init:
            continue
        yield Message(
            mount.place,
            f"The mount takes the place of `/init`, with which {deployment.image_name} starts: where what is mounted is a "
            "folder, the container is not created.",
            "Mount it elsewhere.",
            (Related(deployment.release.place, "s6-overlay comes into the image here"),),
            subject="/init",
        )


def _needed(deployment: Deployment, mount: Mount, target: str) -> Iterator[tuple[str, str, Place]]:
    """(path, what needs it, place) of what the start needs below the mount."""
    boot = deployment.started_boot
    seen: set[str] = set()
    for path, what, place in _paths(deployment, boot):
        node = deployment.image.tree.find(path)
        if path in seen or node is None or node.kind != "file" or not node.sure:
            continue
        seen.add(path)
        if hides(deployment, mount, target, path):
            yield path, what, place


def _paths(deployment: Deployment, boot: BootPlan) -> Iterator[tuple[str, str, Place]]:
    for step in boot.steps:
        if step.kind != "session":
            yield step.path, "it runs at start", step.place
        for effect in step.effects:
            if not effect.sure:
                continue
            if isinstance(effect, Execute) and effect.path.literal is not None:
                yield effect.path.literal, f"{step.label} executes it", effect.place
            elif isinstance(effect, Copy) and not effect.globs:
                for source in effect.sources:
                    if source.literal is not None:
                        yield source.literal, f"{step.label} copies it", effect.place
    if deployment.starts_init:
        yield "/init", "it is the container's first process", boot.image.first_line
    for line in (boot.image.entrypoint, boot.image.cmd):
        words = line.value.words if line is not None and line.value.form == "exec" else ()
        if line is not None and words and words[0].startswith("/"):
            yield words[0], "the container starts it", line.place


def _hidden(deployment: Deployment, mount: Mount, target: str, needed: list[tuple[str, str, Place]]) -> Message:
    path, what, place = needed[0]
    more = f", and {len(needed) - 1} more" if len(needed) > 1 else ""
    cure = (
        "Mount it elsewhere, or mount the single files that are meant. A named volume is filled from the image, but only "
        "while it is empty: it keeps the old files when the image is updated."
    )
    if deployment.consumer.kubernetes and mount.kind == "volume":
        cure = "Mount it elsewhere: Kubernetes fills no volume from the image."
    return Message(
        mount.place,
        f"The mount at {target} hides {path} of {deployment.image_name} ({what}){more}: it is not there when the container "
        "starts.",
        cure,
        tuple(Related(where, f"{name}: {why}") for name, why, where in needed[:_MOST])
        if needed
        else (Related(place, what),),
        subject=target,
    )


def _home(deployment: Deployment, mount: Mount, target: str) -> Iterator[Message]:
    """What the image's own build put into an account's home, under a mount on that home. An empty file is no content: it marks
    that nothing is mounted, or keeps a folder."""
    image = deployment.image
    account = next(
        (one for one in image.accounts.known.values() if one.home == target and one.sure and one.name != "root"), None
    )
    if account is None or in_repository(deployment, mount) is not None:
        return
    files = [
        (path, node)
        for path, node in content_below(deployment, target)
        if image.owns(node.image)
        and posixpath.basename(path) not in _OF_SKELETON
        and node.blob.same_as(_EMPTY) is not True
    ]
    hidden = [(path, node) for path, node in files if hides(deployment, mount, target, path)]
    if not hidden:
        return
    path, node = hidden[0]
    more = f" and {len(hidden) - 1} more" if len(hidden) > 1 else ""
    yield Message(
        mount.place,
        f"The mount hides the home {target} that {deployment.image_name} was built with: {path}{more} cannot be seen when the "
        "container runs.",
        "Let the build put it elsewhere, or mount a folder below the home.",
        (Related(node.home, f"{path} comes from here"),),
        severity=Severity.WARNING,
        subject=target,
    )


def _modules(deployment: Deployment, mount: Mount, target: str) -> Iterator[Message]:
    """The modules that the build installed into a folder over which the repository's own is mounted."""
    if in_repository(deployment, mount) is None:
        return
    for step in deployment.image.steps:
        for effect in step.effects:
            if not isinstance(effect, InstallPackages) or effect.manager not in _OF_NODE:
                continue
            folder = effect.command.directory.literal if effect.command is not None else None
            path = posixpath.join(folder, "node_modules") if folder else ""
            if effect.packages or effect.removes or not path or not hides(deployment, mount, target, path):
                continue
            yield Message(
                mount.place,
                f"The mount at {target} hides {path}, which the build of {deployment.image_name} fills by `{effect.manager}`: "
                "the modules are there only if they were installed in the repository's folder as well.",
                f"Mount an anonymous volume at {path}, which is filled from the image.",
                (Related(effect.place, "the modules are installed here"),),
                severity=Severity.INFO,
                subject=path,
            )
            return


def _shared(deployment: Deployment) -> Iterator[Message]:
    """A folder that another tag of the image fills at its start, too: the files of the one are found by the other."""
    consumer = deployment.consumer
    first = deployment.group.once(_first_with)
    for mount in consumer.mounts:
        key = _key(consumer, mount)
        other = first.get(key) if key is not None else None
        if other is None or other[0] is consumer or other[0].tag == consumer.tag or consumer.tag is None:
            continue
        if consumer.kind == "compose" and _instead(other[0], consumer):
            continue
        where = _fills(deployment, mount.target)
        if where is None:
            continue
        yield Message(
            mount.place,
            f"`{other[0].title}` runs {other[0].written} with the same folder at {mount.target}, which the start of both fills "
            "where it is empty: this one finds the other's files and leaves them, and does not come up as itself.",
            "Give each a folder of its own.",
            (Related(other[1].place, f"`{other[0].title}` mounts it here"), Related(where, "the start fills it")),
            severity=Severity.WARNING,
            subject=f"shared {mount.target}",
        )


def _instead(one: Consumer, other: Consumer) -> bool:
    """Whether two services are versions of one: of the same name, in two files of one folder."""
    return one.title == other.title and one.place.path != other.place.path and one.project == other.project


_Key = tuple[str, str, str]


def _key(consumer: Consumer, mount: Mount) -> _Key | None:
    """What makes two mounts the same folder at the same place; None for what cannot be told, or cannot be written."""
    if (
        mount.kind not in ("bind", "volume")
        or mount.read_only is not False
        or mount.source is None
        or not isinstance(mount.target, str)
    ):
        return None
    absolute = mount.source.startswith(("/", "~"))
    return "" if absolute else consumer.project, mount.source, posixpath.normpath(mount.target)


def _first_with(group: DeploymentGroup) -> dict[_Key, tuple[Consumer, Mount]]:
    found: dict[_Key, tuple[Consumer, Mount]] = {}
    for member in group.members:
        if member.consumer.kind != "documentation":
            for mount in member.consumer.mounts:
                key = _key(member.consumer, mount)
                if key is not None:
                    found.setdefault(key, (member.consumer, mount))
    return found


def _fills(deployment: Deployment, target: str | Unknown) -> Place | None:
    """Where the start writes below a folder only what is not there yet."""
    if isinstance(target, Unknown):
        return None
    for step in deployment.boot.steps:
        for effect in step.effects:
            path = effect.target if isinstance(effect, Copy) else effect.path if isinstance(effect, Write) else None
            if path is None or path.literal is None or effect.command is None or not within(path.literal, target):
                continue
            tests = [guard.holds for guard in effect.command.guards if guard.holds is not None]
            if any(test.op in ("-f", "-e", "-d", "-s") and test.negated for test in tests):
                return effect.place
    return None


def _shadowed(deployment: Deployment) -> Iterator[Message]:
    """A VOLUME of the image below a mounted folder, which nothing is mounted at."""
    consumer = deployment.consumer
    targets = [posixpath.normpath(m.target) for m in consumer.mounts if isinstance(m.target, str)]
    if consumer.kubernetes or any(isinstance(mount.target, Unknown) for mount in consumer.mounts):
        return
    volumes = deployment.image.volumes
    for mount in consumer.mounts:
        if mount.kind not in ("bind", "volume") or mount.single_file or not isinstance(mount.target, str):
            continue
        target = posixpath.normpath(mount.target)
        below = [
            volume
            for volume in volumes
            if (path := posixpath.normpath(volume.value)) != target
            and within(path, target)
            and not any(within(path, other) and len(other) > len(target) for other in targets)
        ]
        if not below or target == "/" or any(posixpath.normpath(volume.value) == target for volume in volumes):
            continue  # an image that declares both means it
        names = ", ".join(volume.value for volume in below[:_MOST])
        yield Message(
            mount.place,
            f"{deployment.image_name} declares {names} as VOLUME below the mounted {target}: the engine puts an anonymous volume "
            "there, so what the mounted folder holds at that place is not seen, and what is written there is lost.",
            f"Mount {below[0].value} too, or take the VOLUME out of the image: no image built on it can.",
            tuple(Related(volume.place, f"VOLUME {volume.value} is declared here") for volume in below[:_MOST]),
            severity=Severity.WARNING,
            subject=f"volume {target}",
        )
