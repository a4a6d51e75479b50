"""FROM names an image that cannot be told.

## What it does
Reports FROM with a variable that has no default and that no build file of the repository gives (Makefile, compose, bake,
CI), and names of stages or images that are not valid. A build file that assigns something to a variable of that name, or
gives arguments whose names cannot be read, makes it silent.

## Why it matters at run time
`docker build` fails, or is given a value by somebody's hand that nobody can repeat.

## When to ignore it
When the value always comes from outside. Give the argument a default, or name it under `build-args` in the configuration.

## References
- Dockerfile reference, "Understand how ARG and FROM interact"
- distribution/reference, grammar of image names
"""

from collections.abc import Iterator

from ..lineage.builds.build_files import may_give
from ..lineage.dockerfile.stages import Stage
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from ..lineage.text.reference import InvalidReference, parse
from ..lineage.workspace.workspace import ImageSource
from .base import Message, Severity

SEVERITY = Severity.ERROR


def check(source: ImageSource) -> Iterator[Message]:
    if source.stage_name_error is not None:
        line, name = source.stage_name_error
        place = next(
            (Place(source.shown, s.origin.span) for s in source.stages.stages if s.origin.start_line == line), None
        )
        if place is not None:
            yield Message(
                place,
                f"`{name}` is not a valid name for a build stage: BuildKit refuses the Dockerfile.",
                "A stage's name begins with a letter and goes on with letters, digits, `-`, `_` and `.`.",
                subject=name,
            )
    declared = _declared(source)
    for stage in source.stages.stages:
        if stage.index in source.stages.reachable:
            yield from _stage(source, stage, declared)


def _declared(source: ImageSource) -> frozenset[str]:
    """Names that an ARG anywhere in the file declares."""
    return frozenset(
        argument.partition("=")[0]
        for instruction in source.dockerfile.instructions
        if instruction.keyword == "ARG"
        for argument in instruction.arguments
    )


def _stage(source: ImageSource, stage: Stage, declared: frozenset[str]) -> Iterator[Message]:
    base = stage.base
    if base.stage is not None or base.scratch:
        return
    place = Place(source.shown, base.span)
    unset = [name for name in base.missing if name in source.stages.global_args or name not in declared]
    if base.missing and not unset:
        return  # declared, but behind the first FROM: out of scope rather than without a value
    if unset:
        name = unset[0]
        known = name in source.stages.global_args
        giver = may_give(source.snapshot, name) if known else None
        if giver is not None:
            raise Unknown(f"{giver} assigns something to {name}, and may build with it")
        yield Message(
            place,
            f"`FROM {base.raw}`: nothing gives `{name}` a value"
            + (", neither a default nor a build file of the repository." if known else ", and no ARG declares it."),
            f"Give it a default: `ARG {name}=…` before the first FROM.",
            subject=name,
        )
        return
    if isinstance(base.reference, Unknown):
        yield Message(place, f"{base.reference.reason}.", "Correct the word.", subject=base.raw)
        return
    parsed = parse(base.text)
    if isinstance(parsed, InvalidReference):
        yield Message(
            place,
            f"`{base.text}` is not a valid name of an image: {parsed.reason}.",
            "Correct the name: lower-case letters, digits and `.`, `_`, `-` between them, parts separated by `/`.",
            subject=base.text,
        )
