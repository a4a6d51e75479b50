"""The clones that lie beside a repository which is linted alone, and that may make its parents."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ...lineage.repository.asked import exists
from ...lineage.workspace.workspace import Workspace
from ..output.report import Report


def clones_beside(report: Report, workspace: Workspace) -> Iterator[str]:
    """A sentence on every parent that is known by a bundled profile alone, and for which a clone of its name lies beside the
    one repository that was asked for, or is among those that were and not known to make it: nobody would look for the
    cause of what differs there.
    """
    (asked, *others) = workspace.asked or (None,)
    if asked is None or asked.root is None:
        return
    names = dict.fromkeys(image.bundled for image in report.images if image.bundled)
    if others:
        yield from _among(names, workspace)
        return
    for name in names:
        folder = next((one for one in _named_after(name, asked.root.parent) if one != asked.root), None)
        if folder is not None:
            shown, here = os.path.relpath(folder).replace(os.sep, "/"), asked.label.rstrip("/") or "."
            yield (
                f"{name} is known by a bundled profile here. If {shown} makes it: `ctlint lint {here} {shown}` "
                "looks at that, and so does an entry of `[parents]`."
            )


def _among(names: Iterable[str], workspace: Workspace) -> Iterator[str]:
    """Of the repositories that were asked for, those that are called as ones of such an image are, and tell no name of it."""
    by_name = {snapshot.name.rpartition("/")[2]: snapshot for snapshot in workspace.asked if snapshot.label}
    for name in names:
        snapshot = next((by_name[called] for called in _called_after(name) if called in by_name), None)
        if snapshot is not None and not workspace.publishers(name):
            yield (
                f"{name} is known by a bundled profile here. If {snapshot.label.rstrip('/')} makes it, say so in ctlint.toml: "
                f'[parents] "{name}" = "{snapshot.label.rstrip("/")}".'
            )


def _named_after(name: str, above: Path) -> Iterator[Path]:
    """The checkouts in a folder that are called as repositories of such an image are."""
    return (above / called for called in _called_after(name) if exists(above / called / ".git"))


def _called_after(name: str) -> tuple[str, str, str]:
    """What the repository of an image may be called."""
    *_, owner, last = ("", *name.split("/"))
    return last, f"{owner}-{last}", f"docker-{last}"
