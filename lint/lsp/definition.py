"""Go to definition: from FROM to the parent, from a COPY source to the file, from a variable to what sets it."""

from collections.abc import Iterable, Iterator

from lsprotocol import types

from ...lineage.dockerfile.expand import expand
from ...lineage.dockerfile.operands import parse_copy, parse_mounts
from ...lineage.dockerfile.parse import Instruction
from ...lineage.dockerfile.stages import Stage
from ...lineage.folding.context_files import ContextFiles
from ...lineage.late.dataclasses import replace
from ...lineage.repository.dockerignore import DockerIgnore
from ...lineage.text.errors import Unknown
from ...lineage.text.paths import normal, within
from ...lineage.text.places import Place, Span
from ...lineage.text.reference import Reference
from ...lineage.text.reference import parse as parse_reference
from ...lineage.workspace.workspace import ImageSource
from .diagnostics import Editor, Locator
from .spot import Spot
from .variables import about_variable

_MOST = 50
"""How many files of a folder are answered with."""


def definition(spot: Spot, editor: Editor) -> list[types.Location]:
    """The locations of what stands at a spot; none where it is of no file at hand."""
    places: list[Place] = []
    for source in spot.sources():
        at = spot.instruction(source)
        if at is not None and at[0] is not None:
            places += _of_instruction(spot, source, at[0], at[1])
    variable = spot.variable() if not places else None
    if variable is not None and variable.expanded:
        places += _of_variable(spot, variable.name)
    located = Locator(spot.result, editor)
    found = [location for place in dict.fromkeys(places) if (location := located(place)) is not None]
    return found[:_MOST]


def _of_variable(spot: Spot, name: str) -> Iterable[Place]:
    try:
        return [fact.place for each in about_variable(spot, name) for fact in each.facts if fact.place is not None]
    except Unknown:
        return []


def _of_instruction(spot: Spot, source: ImageSource, stage: Stage, instruction: Instruction) -> Iterator[Place]:
    if instruction is stage.origin:
        if spot.within(stage.base.span):
            yield from _parent(spot, source, stage)
    elif instruction.keyword in ("COPY", "ADD") and len(instruction.arguments) > 1:
        yield from _copied(spot, source, stage, instruction)
    elif instruction.keyword == "RUN":
        for mount in parse_mounts(instruction):
            if mount.origin and spot.within(mount.span):
                yield from _origin(spot, source, stage, mount.origin, numbers=False)


def _parent(spot: Spot, source: ImageSource, stage: Stage) -> Iterator[Place]:
    base = stage.base
    if base.stage is not None:
        yield _from_line(source, source.stages.stages[base.stage])
    elif isinstance(base.image, str):
        yield from _image(spot, source, base.image)


def _image(spot: Spot, source: ImageSource, text: str) -> Iterator[Place]:
    """The FROM of the final stage of the Dockerfile that makes an image."""
    reference = parse_reference(text)
    parent = spot.result.workspace.parent(reference, source).source if isinstance(reference, Reference) else None
    if parent is not None and parent.stage is not None:
        yield _from_line(parent, parent.stage)


def _from_line(source: ImageSource, stage: Stage) -> Place:
    return Place(source.shown, stage.origin.span)


def _origin(spot: Spot, source: ImageSource, stage: Stage, text: str, *, numbers: bool = True) -> Iterator[Place]:
    """What a --from names."""
    named = source.stages.source(text, stage, numbers=numbers)
    if named.stage is not None:
        yield _from_line(source, source.stages.stages[named.stage])
    elif named.kind == "image":
        yield from _image(spot, source, named.text)


def _copied(spot: Spot, source: ImageSource, stage: Stage, instruction: Instruction) -> Iterator[Place]:
    copy = parse_copy(instruction)
    if copy.origin is not None and spot.within(copy.origin.span):
        yield from _origin(spot, source, stage, copy.origin.text)
        return
    pointed = [operand for operand in copy.sources if spot.within(operand.span)]
    if not pointed:
        return
    image = spot.result.workspace.fold(source, stage.index)
    step = next((step for step in image.steps if step.instruction is instruction), None)
    for operand in pointed:
        if copy.origin is not None:
            yield from _in_stage(spot, source, stage, copy.origin.text, operand.text)
        else:
            yield from _in_context(source, operand.text, dict(step.env) if step is not None else {})


def _in_context(source: ImageSource, written: str, env: dict[str, str]) -> Iterator[Place]:
    """The files of the build context that a source takes."""
    ignored = DockerIgnore.for_build(source.snapshot, source.build.root, source.path).excluded
    context = ContextFiles(source.snapshot, source.build.root, ignored, source.id)
    path = expand(written, env, source.stages.escape).text
    taken = context.take(path, Place(source.shown, Span(1)))
    for each in taken if not isinstance(taken, Unknown) else ():
        for _, node in each.files:
            if node.source is not None and node.kind == "file":
                yield Place(node.source, Span(1, 1, 1, 1))


def _in_stage(spot: Spot, source: ImageSource, stage: Stage, origin: str, path: str) -> Iterator[Place]:
    """What made the files that are copied from another stage: their own files, or the instruction."""
    named = source.stages.source(origin, stage)
    if named.kind != "stage" or named.stage is None:
        return
    tree = spot.result.workspace.fold(source, named.stage).tree
    top = normal(path)
    nodes = [node for at, node in sorted(tree.nodes.items()) if node.kind == "file" and within(at, top)]
    for node in nodes:
        home = node.home
        yield replace(home, span=Span(home.line)) if node.source is not None else home
