"""A service directory in /etc/services.d has no `run`.

## What it does
Reports a directory of `/etc/services.d` in which the whole image, parents included, has no file `run`, where nothing makes it at
start and no file of the image names it. A longrun of s6-rc without `run` is CT107's.

## Why it matters at run time
s6-supervise tries to start the service again and again, every 10 or 60 seconds, and nothing of it ever runs.

## When to ignore it
When a start script puts `run` there before services are started.

## References
- s6, "Service directories": `run` is the only file that must be there
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.effects.model import Copy, Link, Write
from ..lineage.effects.s6_directories import SERVICES
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release
from ..lineage.text.errors import Unknown
from .base import Message, Severity, Undecided
from .shared.questions import place_in_image
from .shared.scripts.boot_outcome import retry_seconds

SEVERITY = Severity.ERROR
_ACCOUNTS = frozenset(f"/etc/{name}{old}" for name in ("passwd", "group", "shadow", "gshadow") for old in ("", "-"))
"""What useradd writes, and no start script takes a service from."""


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message | Undecided]:
    if boot.s6 is None or boot.starts_init is False:
        return
    doubt: Unknown | None = boot.s6 if isinstance(boot.s6, Unknown) else None
    for name in image.tree.children(SERVICES):
        folder = f"{SERVICES}/{name}"
        owner = _owner(image, folder)
        if name.startswith(".") or owner is None or not image.owns(owner):
            continue
        run = image.tree.get(f"{folder}/run")
        if isinstance(run, Unknown):
            doubt = run
        elif run is None and isinstance(boot.s6, S6Release) and not _made_at_start(boot, folder):
            why = _may_be_named(image, f"{folder}/run")
            yield _message(image, boot.s6, name, owner) if why is None else Undecided(why, path=f"{folder}/run")
    if doubt is not None and image.tree.children(SERVICES):
        raise doubt


def _owner(image: EffectiveImage, folder: str) -> str | None:
    """The image that put a file into the service directory; None where there is none, or where it is not surely there."""
    node = image.tree.find(folder, follow=False)
    if node is None or node.kind != "directory" or image.tree.find(f"{folder}/down") is not None:
        return None
    return next((inner.image for _, inner in image.tree.below(folder) if inner.kind == "file" and inner.sure), None)


def _made_at_start(boot: BootPlan, folder: str) -> bool:
    for step in boot.steps:
        for effect in step.effects:
            if isinstance(effect, Write | Link):
                path = effect.path.canonical
            elif isinstance(effect, Copy):
                path = effect.target.canonical
            else:
                continue
            if path.startswith(SERVICES) and (path.startswith(folder) or folder.startswith(path) or "$" in path):
                return True
    return False


def _may_be_named(image: EffectiveImage, path: str) -> Unknown | None:
    """Why a file of the image may have the path made: a script, or a configuration, names it or cannot be read."""
    wanted = path.encode("utf-8", "surrogateescape")
    unread: str | None = None
    for name, node in image.tree.nodes.items():
        data = node.blob.data if node.kind == "file" else None
        if data is not None and wanted in data:
            return Unknown(f"{name} names {path}: it may be made at start")
        if node.kind == "file" and data is None and node.source is not None and name not in _ACCOUNTS:
            unread = unread or name
    return None if unread is None else Unknown(f"{unread} cannot be read, and may have {path} made at start")


def _message(image: EffectiveImage, release: S6Release, name: str, owner: str) -> Message:
    place = place_in_image(image, f"{SERVICES}/{name}") or image.first_line
    others = [inside for inside in image.tree.children(f"{SERVICES}/{name}") if inside.startswith("run")]
    cure = (
        f"Rename `{others[0]}` to `run`." if others else "Add a `run` that starts the service, or remove the directory."
    )
    return Message(
        place,
        f"The service {name} has no `run`: s6 tries to start it every {retry_seconds(release)} seconds for ever.",
        cure,
        subject=name,
        owner=owner,
    )
