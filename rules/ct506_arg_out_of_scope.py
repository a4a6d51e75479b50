"""An ARG is used where it is not in scope.

## What it does
Reports a variable that an ARG of the Dockerfile declares, but not for the place where it is used: before the first FROM and not
again in the stage, in another stage, further down, or in FROM though the ARG stands behind the first FROM. The platform's
arguments (`TARGETARCH`…) need an `ARG` in the stage too. Stages built on another stage have its arguments.

## Why it matters at run time
The variable is empty there: a file without its version, a download from a wrong address, or a build that fails.

## When to ignore it
When empty is meant: write `${NAME:-}`, which says so.

## References
- Dockerfile reference, "Scope" of ARG and "Understand how ARG and FROM interact"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.dockerfile.operands import parse_arg
from ..lineage.dockerfile.stages import PLATFORM_ARGS, Stage
from ..lineage.image.image import StageImages
from ..lineage.late.patterns import pattern
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from ..lineage.workspace.workspace import ImageSource
from .base import Message, Related, Severity
from .shared.questions import expanded_variables, runtime_variables

SEVERITY = Severity.ERROR

_SETS_UNSEEN = pattern(r"(?:^|[;&|\n({]|\b(?:then|do|else))[ \t]*(?:\.|source|eval)\s")
"""A RUN that reads variables from a file, or from what a command prints."""
_EXPANDING = ("ENV", "ARG", "COPY", "ADD", "WORKDIR", "USER", "LABEL", "EXPOSE", "VOLUME", "STOPSIGNAL")


def check(source: ImageSource, stages: StageImages, boot: BootPlan) -> Iterator[Message]:
    declared = source.declared_args
    yield from _in_from(source, declared)
    known = {*declared, *PLATFORM_ARGS} - runtime_variables(boot)
    doubt: Unknown | None = None
    inherited: dict[int, frozenset[str]] = {}
    for image, stage in zip(stages.stages, _needed(source), strict=False):
        scope = _inherited(source, stage, inherited)
        empty: dict[str, list[Place]] = {}
        for step in image.steps:
            if step.from_parent is not None:
                continue
            for name, place in expanded_variables(step, _EXPANDING):
                if name not in known or name in scope or name in step.env or name in step.args:
                    continue
                if step.instruction.keyword == "RUN" and _SETS_UNSEEN.search(step.instruction.body.text):
                    doubt = Unknown("what a RUN sources or evaluates may define it") if doubt is None else doubt
                    continue
                if step.env_open is not None:
                    doubt = step.env_open if doubt is None else doubt
                    continue
                empty.setdefault(name, []).append(place)
            if step.instruction.keyword == "ARG":
                scope = scope | {declaration.name for declaration in parse_arg(step.instruction)}
        for name, places in empty.items():
            yield _message(source, name, places, stage)
    if doubt is not None:
        raise doubt


def _needed(source: ImageSource) -> list[Stage]:
    return list(source.stages.needed)


def _inherited(source: ImageSource, stage: Stage, known: dict[int, frozenset[str]]) -> frozenset[str]:
    """The arguments of the stages that this one is built on; `known` are those of stages by their index, found before."""
    line: list[Stage] = []
    while stage.index not in known and stage.base.stage is not None:
        line.append(stage)
        stage = source.stages.stages[stage.base.stage]
    names = known.setdefault(stage.index, frozenset())
    for above in reversed(line):
        names = known[above.index] = names | _arguments(stage)
        stage = above
    return names


def _arguments(stage: Stage) -> frozenset[str]:
    return frozenset(
        declaration.name
        for instruction in stage.instructions
        if instruction.keyword == "ARG"
        for declaration in parse_arg(instruction)
    )


def _in_from(source: ImageSource, declared: frozenset[str]) -> Iterator[Message]:
    for stage in source.stages.needed:
        base = stage.base
        if base.stage is not None:
            continue
        for name in base.missing:
            if name in declared and name not in source.stages.global_args:
                yield Message(
                    Place(source.shown, base.span),
                    f"`{name}` is empty in FROM: its ARG stands behind the first FROM, and FROM sees only those before it.",
                    f"Declare `ARG {name}` before the first FROM.",
                    subject=name,
                )


def _message(source: ImageSource, name: str, places: list[Place], stage: Stage) -> Message:
    if name in PLATFORM_ARGS:
        where = "the builder sets it for stages that declare it, and this one does not"
    elif name in source.stages.global_args:
        where = "its ARG stands before the first FROM, which counts for FROM alone"
    elif name in _arguments(stage):
        where = "its ARG stands further down"
    else:
        where = "its ARG stands in another stage"
    return Message(
        places[0],
        f"`{name}` is empty here: {where}.",
        f"Add `ARG {name}` in this stage, before this.",
        tuple(Related(place, "it is empty here, too") for place in places[1:]),
        subject=name,
    )
