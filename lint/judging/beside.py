"""The clones that lie beside a repository which is linted alone, and that may make its parents."""

import os
from collections.abc import Iterator
from pathlib import Path

from ...lineage.repository.asked import exists
from ...lineage.workspace.workspace import Workspace
from ..output.report import Report


def clones_beside(report: Report, workspace: Workspace) -> Iterator[str]:
    """A sentence on every parent that is known by a bundled profile alone, and for which a clone of its name lies beside the
    one repository that was asked for: nobody would look for the cause of what differs there.
    """
    (asked, *others) = workspace.asked or (None,)
    if asked is None or others or asked.root is None:
        return
    for name in dict.fromkeys(image.bundled for image in report.images if image.bundled):
        folder = next((one for one in _named_after(name, asked.root.parent) if one != asked.root), None)
        if folder is not None:
            shown, here = os.path.relpath(folder).replace(os.sep, "/"), asked.label.rstrip("/") or "."
            yield (
                f"{name} is known by a bundled profile here. If {shown} makes it: `ctlint lint {here} {shown}` "
                "looks at that, and so does an entry of `[parents]`."
            )


def _named_after(name: str, above: Path) -> Iterator[Path]:
    """The checkouts in a folder that are called as repositories of such an image are."""
    *_, owner, last = ("", *name.split("/"))
    for called in (last, f"{owner}-{last}", f"docker-{last}"):
        if exists(above / called / ".git"):
            yield above / called
