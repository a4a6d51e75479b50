"""A parent that moves: what it was for the images at hand, what it becomes, and what differs."""

from ..boot.differences import Difference, differences
from ..boot.plan import BootPlan, plan_of
from ..image.image import EffectiveImage
from ..late.dataclasses import dataclass
from ..text.errors import Unknown
from .real_parents import external_references, fits
from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class ParentBump:
    """A parent before and after; `differences` are what the images built on it gain and lose. `before` is None where
    nothing was known of it, `children` are the ids of the images that stand on it."""

    name: str
    before: str | None
    after: str
    children: tuple[str, ...]
    differences: tuple[Difference, ...]


def parent_bump(before: Workspace, after: Workspace, name: str) -> ParentBump:
    """What moves when the parent of that name is one image before and another after."""
    old, new = _parent(before, name), _parent(after, name)
    if new is None:
        return ParentBump(name, _shown(old), "not a parent of any image here", (), ())
    known = old is not None and old.known != "partial"
    found = differences(old, new, (_plan(old), _plan(new))) if known and old is not None else []
    children = tuple(
        source.id
        for source in after.selected
        if source.readable and any(link.id == new.id for link in after.effective(source).chain[1:])
    )
    return ParentBump(name, _shown(old) if known else None, str(_shown(new)), children, tuple(found))


def _parent(workspace: Workspace, name: str) -> EffectiveImage | None:
    """The image that a name means as a parent of an image at hand."""
    for source in workspace.images:
        for reference in external_references(source):
            if fits(reference, name, workspace.settings.aliases):
                parent = workspace.parent(reference, source)
                if parent.source is not None and parent.source.readable:
                    return workspace.effective(parent.source)
                if parent.profile is not None:
                    return parent.profile
    return None


def _plan(image: EffectiveImage) -> BootPlan:
    try:
        return plan_of(image)
    except Unknown as unknown:
        return BootPlan(image, unknown, unknown, (), open=unknown)


def _shown(image: EffectiveImage | None) -> str | None:
    return image.id if image is not None else None
