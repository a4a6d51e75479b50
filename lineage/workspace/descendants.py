"""Which images of a workspace are built on which, without folding them and without a graph."""

from collections.abc import Iterable, Iterator

from ..dockerfile.instruction import Instruction
from ..dockerfile.stages import Stage
from ..text.reference import Reference
from ..text.reference import parse as parse_reference
from .inputs import Inputs
from .parents import Parent
from .real_parents import external_references
from .workspace import ImageSource, Workspace


def descendants(workspace: Workspace, ids: Iterable[str]) -> frozenset[str]:
    """The ids of the images that are built on those, or copy from them, over any number of steps; without those."""
    children: dict[str, list[str]] = {}
    for source in workspace.images:
        for parent in _parents(workspace, source):
            children.setdefault(parent.id, []).append(source.id)
    given = frozenset(ids)
    found: set[str] = set()
    waiting = list(given)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found and child not in given:
                found.add(child)
                waiting.append(child)
    return frozenset(found)


def inputs_of(workspace: Workspace) -> list[Inputs]:
    """The inputs of every image of a workspace."""
    return [Inputs(source, tuple(_triggers(workspace, source))) for source in workspace.images]


def _triggers(workspace: Workspace, source: ImageSource) -> Iterator[Instruction]:
    """The ONBUILD instructions that the parents of an image's stages leave to it."""
    for stage in source.stages.needed:
        parent = _base(workspace, source, stage)
        if parent is None:
            continue
        if parent.source is not None and parent.source.stage is not None:
            for instruction in parent.source.stage.instructions:
                if instruction.onbuild is not None:
                    yield instruction.onbuild
        elif parent.profile is not None:
            for trigger in parent.profile.onbuild:
                yield trigger.value


def _parents(workspace: Workspace, source: ImageSource) -> Iterator[ImageSource]:
    for reference in external_references(source):
        parent = workspace.parent(reference, source).source
        if parent is not None:
            yield parent


def _base(workspace: Workspace, source: ImageSource, stage: Stage) -> Parent | None:
    reference = stage.base.image
    parsed = parse_reference(reference) if isinstance(reference, str) else None
    return workspace.parent(parsed, source) if isinstance(parsed, Reference) else None
