"""Tags that mean another image from one build to the next."""

from ....lineage.text.globs import glob_matches
from ....lineage.text.reference import Reference
from ....lineage.workspace.workspace import Workspace

MOVING = (
    "latest",
    "*-latest",
    "latest-*",
    "develop",
    "development",
    "dev",
    "main",
    "master",
    "trunk",
    "edge",
    "nightly",
    "rolling",
    "unstable",
    "testing",
    "stable",
    "next",
    "canary",
    "snapshot",
)
"""The tags that move where configuration names none."""


def moves(workspace: Workspace, reference: Reference) -> bool:
    """Whether a reference names an image by a tag that moves, by the configuration or else by the list above."""
    if reference.digest:
        return False
    configured = workspace.settings.moving_tags
    tag = reference.effective_tag or "latest"
    return any(glob_matches(tag, pattern) for pattern in (MOVING if configured is None else configured))
