"""The cure for a file without x bit, where git and the disk of this checkout do not agree about it."""

from ....lineage.late.dataclasses import replace
from ....lineage.workspace.workspace import Workspace
from ...base import Message


def cured_where_it_lacks(message: Message, workspace: Workspace, source: str | None) -> Message:
    """The message about the repository file `source` (as shown), whose help says which of the two has no x bit.

    What is built from this checkout has the modes of the disk, what is built from a fresh one those of git.
    """
    found = workspace.locate(source) if source is not None else None
    if found is None:
        return message
    snapshot, path = found
    lacks = snapshot.entries[path].without_x
    if lacks == "git":
        at = f"-C {snapshot.label.rstrip('/')} " if snapshot.label else ""
        return replace(
            message,
            help="The x bit is on this disk and not in git, so that an image built from a fresh checkout has none: "
            f"`git {at}add {path}`.",
        )
    if lacks == "disk":
        return replace(message, help=f"Give it the x bit on this disk, too: `chmod +x {snapshot.label}{path}`.")
    return message
