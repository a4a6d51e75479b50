"""Which images of a workspace are built on which, without folding them and without a graph."""

from collections.abc import Iterable, Iterator

from ..dockerfile.instruction import Instruction
from ..dockerfile.stages import Stage, parse_copy, parse_mounts
from ..text.errors import Unknown
from ..text.reference import Reference
from ..text.reference import parse as parse_reference
from .inputs import Inputs
from .parents import Parent
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
    for stage in _needed(source):
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
    for stage in _needed(source):
        base = _base(workspace, source, stage)
        if base is not None and base.source is not None:
            yield base.source
        for text in _origins(source, stage):
            parent = _meant(workspace, source, text)
            if parent is not None and parent.source is not None:
                yield parent.source


def _needed(source: ImageSource) -> Iterator[Stage]:
    stages = source.stages
    return (stage for stage in stages.stages if stage.index in stages.reachable)


def _base(workspace: Workspace, source: ImageSource, stage: Stage) -> Parent | None:
    base = stage.base
    if base.stage is not None or base.scratch or isinstance(base.reference, Unknown):
        return None
    return _meant(workspace, source, base.reference)


def _meant(workspace: Workspace, source: ImageSource, text: str) -> Parent | None:
    parsed = parse_reference(text)
    return workspace.parent(parsed, source) if isinstance(parsed, Reference) else None


def _origins(source: ImageSource, stage: Stage) -> Iterator[str]:
    """The images that COPY --from and RUN --mount=from= of a stage name."""
    for instruction in stage.instructions:
        given: list[tuple[str, bool]] = []
        if instruction.keyword == "COPY" and len(instruction.arguments) > 1:
            origin = parse_copy(instruction).origin
            given = [(origin.text, True)] if origin is not None else []
        elif instruction.keyword == "RUN":
            given = [(mount.origin, False) for mount in parse_mounts(instruction) if mount.origin]
        for text, numbers in given:
            if source.stages.source(text, stage, numbers=numbers).kind == "image":
                yield text
