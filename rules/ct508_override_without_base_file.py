"""A child edits a file of its parent that the parent does not have.

## What it does
Reports `sed -i`, `mv`, `cp`, `rm` (without -f) and `chmod` in RUN on a path that the known parent, at that tag, surely does not
have and that nothing in the Dockerfile makes before. Commands whose failure is ignored are left alone, as is what a package
installed before may bring.

## Why it matters at run time
The build fails; or, where the failure is hidden by a later command of the line, the change that was meant is not made, and the
service starts as the parent has it. It is what is left when a parent renames a service.

## When to ignore it
When something that ctlint cannot see makes the file.

## References
- Dockerfile reference, "RUN"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import Replaced
from ..lineage.effects.s6_directories import SERVICES
from ..lineage.image.image import EffectiveImage
from ..lineage.late.patterns import pattern
from ..lineage.text.errors import Unknown
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Severity
from .shared.parents.overrides import Makers, Override, overrides

SEVERITY = Severity.WARNING


_OF_PROGRAMS = pattern(r"/(?:root|home/[^/]+)/\.")
"""What programs keep for themselves in a home, whoever runs them (`~/.cache`)."""


def check(image: EffectiveImage, source: ImageSource, replaced: Replaced, workspace: Workspace) -> Iterator[Message]:
    parent = replaced.parent
    stage = source.stage
    if parent is None or stage is None or stage.base.stage is not None:
        return
    if parent.known != "full":
        if any(True for _ in overrides(image)):
            raise (
                parent.config_open
                if parent.config_open is not None
                else Unknown(f"{parent.name} is not known", "parent")
            )
        return
    doubt: Unknown | None = None
    told: set[str] = set()
    makers = Makers(image, source)
    for override in overrides(image):
        held = parent.tree.get(override.path)
        if override.path in told or (held is not None and not isinstance(held, Unknown)):
            continue
        if _OF_PROGRAMS.match(override.path):
            continue
        if makers.may_have_made(override) or _is_meant(workspace, parent, override.path):
            continue
        if isinstance(held, Unknown):
            doubt = held if doubt is None else doubt
            continue
        told.add(override.path)
        yield _message(parent, override)
    if doubt is not None:
        raise doubt


def _is_meant(workspace: Workspace, parent: EffectiveImage, path: str) -> bool:
    """Whether the parent is broken there itself: its repository has the file, or it has the service without its `run`."""
    source = workspace.with_id(parent.id)
    if source is not None and any(f"/{held}".endswith(path) for held in source.snapshot.entries):
        return True
    folder, _, name = path.rpartition("/")
    kind = parent.tree.find(f"{folder}/type")
    longrun = kind is not None and (kind.blob.data or b"").strip() == b"longrun"
    return name == "run" and parent.tree.find(folder) is not None and (longrun or folder.startswith(f"{SERVICES}/"))


def _message(parent: EffectiveImage, override: Override) -> Message:
    from difflib import get_close_matches

    folder, _, name = override.path.rpartition("/")
    near = get_close_matches(name, parent.tree.children(folder or "/"), 1, 0.6)
    above = folder.rpartition("/")[0]
    others = [other for other in parent.tree.children(above or "/") if parent.tree.find(f"{above}/{other}/{name}")]
    if near:
        cure = f"The parent has {folder}/{near[0]}: did you mean that?"
    elif others and parent.tree.find(folder) is None:
        cure = f"The parent has {above}/{others[0]}/{name}: did you mean that?"
    else:
        cure = "Correct the path, or take the line out."
    return Message(
        override.place,
        f"This {override.does} {override.path}, which the parent {parent.name} does not have and nothing makes before.",
        cure,
        subject=override.path,
    )
