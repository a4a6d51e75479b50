"""FROM names an image that cannot be told.

## What it does
Reports names of stages and images that are not valid, and a variable in FROM that no ARG declares and without which no name
is left. An argument that only the caller can give, because it has no default or one that holds the place of a value
(`<base>`, `REPLACE_ME`) and no build file of the repository gives it (Makefile, compose, bake, CI), is for information, once
an argument. A variable without which the name is still one (`FROM ${MIRROR}debian:12`) is silent, and so is one that a build
file may give: it assigns something of that name, or gives arguments whose names cannot be read. A name and version of an
official image with no colon between them (`ubuntu18.04`) is reported as well.

## Why it matters at run time
`docker build` fails, or is given a value by somebody's hand that nobody can repeat.

## When to ignore it
When the value always comes from outside. Give the argument a default, or name it under `build-args` in the configuration.

## References
- Dockerfile reference, "Understand how ARG and FROM interact"
- distribution/reference, grammar of image names
"""

from collections.abc import Iterator

from ..lineage.builds.build_files import filler_of, may_give
from ..lineage.dockerfile.stages import GlobalArg, Stage
from ..lineage.late.patterns import pattern
from ..lineage.profiles.find import is_official
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from ..lineage.text.reference import InvalidReference, Reference, parse
from ..lineage.text.stand_in import stands_in
from ..lineage.workspace.siblings import builds_of
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Severity, Undecided
from .shared.subjects import line_of, stages_of

SEVERITY = Severity.ERROR

_DEMANDS = pattern(r"\$\{(\w+):?\?")
_NAME_AND_VERSION = pattern(r"([a-z]+(?:-[a-z]+)*)(\d+\.\d[\w.-]*)")


def check(source: ImageSource, workspace: Workspace) -> Iterator[Message | Undecided]:
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
                about=(stages_of(source.shown),),
            )
    declared = source.declared_args
    told: set[str] = set()
    for stage in source.stages.needed:
        if stage.base.image is None:
            continue
        demanded = _demanded(source, stage)
        found = _given_or_told(source, workspace, stage, demanded, "must be given") if demanded is not None else None
        if demanded is None:
            found = _refused(source, stage, declared)
        if found is None:
            found = _colon_missing(source, workspace, stage)
        if found is None:
            found = _left_open(source, workspace, stage)
        if isinstance(found, Unknown):
            yield Undecided(found)
        elif found is not None and found.subject not in told:
            told.add(found.subject)
            yield found


def _colon_missing(source: ImageSource, workspace: Workspace, stage: Stage) -> Message | None:
    """`ubuntu18.04`: the name and the version of an official image, with nothing between them."""
    base = stage.base
    match = _NAME_AND_VERSION.fullmatch(base.text) if not base.missing and not base.uses else None
    if match is None or not is_official(match[1]) or is_official(base.text) or workspace.publishers(base.text):
        return None
    return Message(
        Place(source.shown, base.span),
        f"There is no official image `{base.text}`: the colon between `{match[1]}` and its tag is missing.",
        f"Write `{match[1]}:{match[2]}`.",
        severity=Severity.WARNING,  # an image of that name may lie on the machine that builds
        subject=base.text,
        about=(line_of(source.shown, base.span.line),),
    )


def _refused(source: ImageSource, stage: Stage, declared: frozenset[str]) -> Message | Unknown | None:
    """What is wrong with a FROM whatever value a build gives to the arguments."""
    base, arguments = stage.base, source.stages.global_args
    place = Place(source.shown, base.span)
    if base.error:
        return Message(place, f"{base.error}.", "Correct the word.", subject=base.raw)
    parsed = parse(base.text)
    if not isinstance(parsed, InvalidReference):
        return None  # whatever is missing, the name that is left is one
    name = next((name for name in base.missing if name not in declared), None)
    if name is not None:
        filler = filler_of(source.snapshot, source.path, name)
        if filler is not None:
            return Unknown(f"{filler} puts in what stands for {name}")
        return Message(
            place,
            f"`FROM {base.raw}`: nothing gives `{name}` a value, and no ARG declares it.",
            f"Give it a default: `ARG {name}=…` before the first FROM.",
            subject=name,
        )
    if base.missing or any(
        name in arguments and not arguments[name].given and _holds_place(arguments[name]) for name in base.uses
    ):
        return None  # out of scope, or for a build to give
    if stands_in(base.raw):
        return Unknown(f"`FROM {base.raw}` holds the place of a name that is put in before the build")
    return Message(
        place,
        f"`{base.text}` is not a valid name of an image: {parsed.reason}.",
        "Correct the name: lower-case letters, digits and `.`, `_`, `-` between them, parts separated by `/`.",
        subject=base.text,
    )


def _left_open(source: ImageSource, workspace: Workspace, stage: Stage) -> Message | Unknown | None:
    """What a FROM leaves to whoever builds: an argument without which it names no image."""
    base, arguments = stage.base, source.stages.global_args
    if isinstance(parse(base.text), Reference):
        return None
    empty = [name for name in base.missing if name in arguments]
    standing = [name for name in base.uses if name in arguments and not arguments[name].given]
    name = next(iter(empty or [name for name in standing if _holds_place(arguments[name])]), None)
    if name is None:
        return None
    what = "has no default" if name in empty else f"holds the place of a value (`{arguments[name].value}`)"
    return _given_or_told(source, workspace, stage, name, what)


def _demanded(source: ImageSource, stage: Stage) -> str | None:
    """The argument that an ARG declares without a value and that FROM itself demands of whoever builds: `${BASE:?none}`."""
    if not stage.base.error:
        return None
    arguments = source.stages.global_args
    names = (match[1] for match in _DEMANDS.finditer(stage.base.raw))
    return next((name for name in names if name in arguments and arguments[name].value is None), None)


def _given_or_told(
    source: ImageSource, workspace: Workspace, stage: Stage, name: str, what: str
) -> Message | Unknown | None:
    """That an argument is for whoever builds to give, unless a build file gives it."""
    base = stage.base
    giver = _giver(source, workspace, name)
    if giver is not None:
        return Unknown(f"{giver} gives {name} a value that is not known here, or may do so")
    return Message(
        Place(source.shown, base.span),
        f"`FROM {base.raw}`: `{name}` {what}, and no build file of the repository gives it one: `docker build .` alone fails.",
        f"Give it a default, `ARG {name}=…` before the first FROM, or say beside it that the caller must give it.",
        severity=Severity.INFO,
        subject=name,
    )


def _holds_place(argument: GlobalArg) -> bool:
    return not argument.given and argument.value is not None and (not argument.value or stands_in(argument.value))


def _giver(source: ImageSource, workspace: Workspace, name: str) -> str | None:
    """The build file that gives the argument a value, known or not, or may do so."""
    for bound in builds_of(workspace, source):
        if name in bound.build.args or name in bound.build.open_args:
            return bound.build.place.path
    return may_give(source.snapshot, name)
