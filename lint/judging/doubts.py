"""Which checks were not decided: what the parent, or a file that cannot be read, left open while a rule looked at an image."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property

from ...lineage.boot.plan import BootPlan, Replaced
from ...lineage.boot.start_commands import StartCommands
from ...lineage.builds.build_files import build_files
from ...lineage.desktop.launchers import Launchers
from ...lineage.families.read import families
from ...lineage.image.image import EffectiveImage
from ...lineage.image.tree import Node
from ...lineage.repository.snapshot import Snapshot
from ...lineage.text.errors import InputError, Unknown
from ...lineage.workspace.deployments import Deployment
from ...lineage.workspace.facts import Facts
from ...lineage.workspace.workspace import Workspace
from ...rules.base import Rule

_OF_BOOT = (BootPlan, Launchers, StartCommands, Replaced)
"""The facts that are made from the boot plan."""
_asks_for_start: dict[str, bool] = {}
"""Whether a rule asks for any of them, by its code."""
_START_PLACES = ("/etc/", "/init", *families().start_directories, *families().left_to_others)


class ImageDoubts:
    """What was left open of how one image starts."""

    def __init__(self, facts: Facts, image: EffectiveImage) -> None:
        self._facts = facts
        self._image = image

    def open_to(self, rule: Rule) -> Unknown | None:
        """What was left open, if the rule asks for how the image starts and the image itself brings something to start."""
        code = rule.code
        if code not in _asks_for_start:
            _asks_for_start[code] = any(kind in _OF_BOOT for _, kind in rule.needs)
        return self._left_open if _asks_for_start[code] else None

    @cached_property
    def _left_open(self) -> Unknown | None:
        doubts = self._facts.get(BootPlan).doubts
        return doubts[0] if doubts and _brings_something_to_start(self._image) else None


def open_under(deployment: Deployment) -> Unknown | None:
    """What was left open of how an image starts under its consumer, or of its files."""
    with suppress(Unknown):
        plan = deployment.started_boot
        unread = unread_files(deployment.image)
        if unread:
            return Unknown(f"{unread[0].home.path} {unread[0].blob.unread}", "unread")
        return plan.doubts[0] if plan.doubts else None
    return None


def _brings_something_to_start(image: EffectiveImage) -> bool:
    settings = (image.entrypoint, image.cmd, image.user, image.healthcheck)
    if any(setting is not None and image.owns(setting.image) for setting in settings):
        return True
    return any(_may_start(path, node) for path, node in image.own_nodes)


def _may_start(path: str, node: Node) -> bool:
    if node.kind != "file" or (node.source is None and node.text is None):
        return False
    return bool((node.mode or 0) & 0o111) or path.endswith((".sh", ".desktop")) or path.startswith(_START_PLACES)


def unread_files(image: EffectiveImage) -> list[Node]:
    """The files of repositories that the image takes in and that cannot be read."""
    return list(image.tree.nodes.unread.values())


def unread_build_files(workspace: Workspace, snapshot: Snapshot) -> Sequence[InputError]:
    """The files that may say how the repository's images are built, and cannot be read."""
    return workspace.once(_unread_build_files).get(id(snapshot), ())


def _unread_build_files(workspace: Workspace) -> Mapping[int, Sequence[InputError]]:
    found: dict[int, list[InputError]] = {}
    for snapshot in workspace.snapshots:
        for _, path in build_files(snapshot):
            reason = snapshot.unreadable(path)
            if reason is not None:
                found.setdefault(id(snapshot), []).append(InputError(f"It {reason}.", snapshot.show(path)))
    return found
