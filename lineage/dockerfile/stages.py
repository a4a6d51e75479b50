"""Build stages: what each FROM is built on, which stages a target needs, and what ARG makes of it.

Source: BuildKit frontend/dockerfile/dockerfile2llb/convert.go and platform.go.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from ..late.dataclasses import dataclass, replace
from ..late.patterns import pattern
from ..text.errors import Unknown
from ..text.go_strings import lower
from ..text.numbers import integer
from ..text.places import Span
from .checks import accepted, stage_name
from .expand import Expansion, expand, holes
from .heredoc import parse_mark
from .instruction import ParseProblem
from .operands import (
    Declaration,
    parse_arg,
    parse_copy,
    parse_mounts,
)
from .parse import Dockerfile, Instruction

PLATFORM_ARGS = (
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
)
"""Set in the global scope, so usable in FROM; a stage sees one only after `ARG NAME`."""
PROXY_ARGS = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
"""In any letter case: reach the environment of RUN when given as build arguments, with no ARG needed."""
SCRATCH = "scratch"
_NUMBER = pattern(r"[+-]?[0-9]+")


@dataclass(frozen=True, slots=True)
class Platforms:
    """The platform that builds and the one that is built for, as `os/architecture[/variant]`."""

    build: str = "linux/amd64"
    target: str = "linux/amd64"

    def arguments(self, target_stage: str) -> dict[str, str]:
        """The predefined arguments of the global scope."""
        return {**_platform_arguments(self), "TARGETSTAGE": target_stage or "default"}


@dataclass(frozen=True, slots=True)
class GlobalArg:
    """An ARG before the first FROM. `value` is None where neither a default nor a build argument gives one.

    `uses` are the global arguments that the default was made from, those of the defaults behind them included.
    """

    declaration: Declaration
    instruction: Instruction
    value: str | None
    given: bool
    """By a build argument."""
    uses: frozenset[str]
    missing: frozenset[str]
    """The variables without value that leave a hole in it, directly or by way of the arguments it uses."""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Base:
    """What a FROM names. `text` is the reference with variables filled in, empty for those without value.

    `unmatched` are all variables that have no value, `missing` those whose lack leaves a hole in the text, be it by way
    of a global argument's default; `uses` are those that have a value. `stage` is the index of the earlier stage it
    names, if it does. BuildKit finds that only by its lower-case name: `miscased` is the index of the stage that
    another spelling of the letters would have named.
    """

    raw: str
    text: str
    span: Span
    unmatched: tuple[str, ...]
    missing: tuple[str, ...]
    uses: tuple[str, ...]
    error: str | None
    stage: int | None = None
    miscased: int | None = None
    unevaluated: str | None = None
    """Why the name is not known although the Dockerfile has a default for it: a build gives a value that is not evaluated."""
    doubt: str | None = None
    """Why the registry, the namespace or the tag may be another one than the default's."""

    @property
    def reference(self) -> "str | Unknown":
        """The image's reference or stage's name, Unknown where a variable has no known value or the word is malformed."""
        if self.error:
            return Unknown(self.error)
        if self.unevaluated and self.stage is None:
            return Unknown(self.unevaluated)
        if self.missing:
            names = ", ".join(f"${name}" for name in self.missing)
            return Unknown(f"FROM {self.raw}: no value for {names}")
        if not self.text:
            return Unknown(f"FROM {self.raw}: the name is empty")
        return self.text

    @property
    def scratch(self) -> bool:
        """Whether it is the empty image."""
        return self.stage is None and self.text == SCRATCH

    @property
    def image(self) -> "str | Unknown | None":
        """The reference of the image that it takes from outside the Dockerfile; None for an earlier stage and for scratch."""
        return None if self.stage is not None or self.scratch else self.reference


@dataclass(frozen=True, slots=True)
class CopySource:
    """What a `--from` names: an earlier stage, a stage that comes too late, no stage of that number, or an image."""

    kind: Literal["stage", "later", "no-such-number", "image"]
    text: str
    stage: int | None = None
    span: Span | None = None
    """Where it is written, of one that `Stages.taken_from` found."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage. `name` is in lower case, empty where FROM gives none; `instructions` are those behind the FROM."""

    index: int
    name: str
    base: Base
    platform: Expansion | None
    """`--platform` with variables filled in."""
    origin: Instruction
    """The FROM."""
    instructions: tuple[Instruction, ...]

    @property
    def title(self) -> str:
        """What messages call it: its name, or `stage-N`, counted from 0."""
        return self.name or f"stage-{self.index}"


@dataclass(frozen=True, slots=True)
class Stages:
    """All stages of a Dockerfile, with the build arguments and target they were read for."""

    stages: tuple[Stage, ...]
    global_args: Mapping[str, GlobalArg]
    """By name, in order of declaration; of one declared twice, the last."""
    global_values: Mapping[str, str]
    """What FROM and `ARG NAME` see: predefined and global arguments that have a value."""
    build_args: Mapping[str, str]
    escape: str
    target: Stage | None
    """What is built: the stage asked for, else the last. None where there is no such stage."""
    reachable: frozenset[int]
    """The indices of the stages that the target needs, its own included."""

    def named(self, name: str) -> Stage | None:
        """The stage of that name, in any letter case; of two that share it, the last."""
        wanted = lower(name)
        return next((stage for stage in reversed(self.stages) if stage.name == wanted), None) if wanted else None

    @property
    def needed(self) -> "Iterator[Stage]":
        """The stages that the target needs, in the order they stand in."""
        return (stage for stage in self.stages if stage.index in self.reachable)

    @property
    def own_line(self) -> "tuple[Stage, ...]":
        """What the image stands on within the Dockerfile: the target, the stage it is built on, and so on down."""
        return self.line(self.target) if self.target is not None else ()

    def line(self, stage: Stage) -> "tuple[Stage, ...]":
        """A stage and the earlier ones that it stands on, itself first."""
        found = [stage]
        while (below := found[-1].base.stage) is not None:
            found.append(self.stages[below])
        return tuple(found)

    def taken_from(self, stage: Stage) -> "Iterator[CopySource]":
        """What a stage copies and mounts from, its base stage's ONBUILD triggers included."""
        return _sources_in(self.stages, stage)

    def source(self, text: str, stage: Stage, *, numbers: bool = True) -> CopySource:
        """What the `--from` of a COPY in `stage` names; that of a RUN --mount has no `numbers`."""
        return _source(self.stages, text, stage.index, numbers=numbers)

    def architecture(self, stage: Stage) -> str:
        """The architecture that a stage's commands run on, as Go calls it (`amd64`); empty where it is not known."""
        platform = stage.platform.text if stage.platform is not None else self.global_values.get("TARGETPLATFORM", "")
        return platform.partition("/")[2].partition("/")[0]

    def arg_value(
        self, declaration: Declaration, env: Mapping[str, str] | Callable[[str], str | None]
    ) -> Expansion | None:
        """What an ARG inside a stage is worth, given the environment before it; None where nothing gives it a value."""
        if declaration.name in self.build_args:
            return Expansion(self.build_args[declaration.name], ())
        if declaration.default is not None:
            return expand(declaration.default, env, self.escape)
        value = self.global_values.get(declaration.name)
        return None if value is None else Expansion(value, ())


def parse_stages(
    dockerfile: Dockerfile,
    build_args: Mapping[str, str] | None = None,
    target: str | None = None,
    platforms: Platforms | None = None,
) -> Stages:
    """The stages of a Dockerfile for these build arguments and this target (a stage's name, in any letter case).

    Works on what can be read: of a Dockerfile with an error, on its FROMs, and on the instructions that BuildKit takes.
    """
    given = dict(build_args or {})
    known = dockerfile.instructions
    if dockerfile.error is not None:
        known = tuple(each for each in known if each.keyword == "FROM" or accepted(each))
    head, groups = _grouped(known)
    names = [stage_name(origin) for origin, _ in groups]
    last = names[-1] if names else ""
    values = (platforms or Platforms()).arguments(target or last)
    if given:
        values |= {name: given[name] for name in values if name in given}
    global_args = _global_args(head, given, values, dockerfile.escape)
    stages: list[Stage] = []
    earlier: dict[str, int] = {}
    for index, (origin, instructions) in enumerate(groups):
        stages.append(
            Stage(
                index=index,
                name=names[index],
                base=_base(origin, values, global_args, dockerfile.escape, earlier),
                platform=_platform(origin, values, dockerfile.escape),
                origin=origin,
                instructions=tuple(instructions),
            )
        )
        if names[index]:
            earlier[names[index]] = index
    wanted = _target(stages, target)
    reachable = _reachable(stages, wanted) if wanted else frozenset[int]()
    return Stages(tuple(stages), global_args, values, given, dockerfile.escape, wanted, reachable)


_WORDS = frozenset(("ARG", "WORKDIR", "USER", "VOLUME", "STOPSIGNAL", "EXPOSE"))
_PAIRS = frozenset(("ENV", "LABEL"))


def refused_word(stages: Stages) -> ParseProblem | None:
    """The first quote without its end in a word that BuildKit fills in, of the stages that are built; it stops there.

    Source: BuildKit, dockerfile2llb/convert.go, dispatch: ENV, LABEL, ARG, COPY, ADD, WORKDIR, USER, VOLUME, STOPSIGNAL, EXPOSE.
    """
    for stage in stages.needed:
        for instruction in stage.instructions:
            for word in _filled_in(instruction):
                error = expand(word, lambda _: "", stages.escape).error if "'" in word or '"' in word else None
                if error is not None and "matching" in error and "quote" in error:
                    return ParseProblem(error, instruction.start_line, instruction.end_line, "instructions")
    return None


def _filled_in(instruction: Instruction) -> tuple[str, ...]:
    """The words of an instruction in which BuildKit fills in variables, and takes quotes away."""
    if instruction.keyword in _PAIRS:
        return tuple(word for index, word in enumerate(instruction.arguments) if index % 3 < 2)
    if instruction.keyword in _WORDS:
        return instruction.arguments
    if instruction.keyword in ("COPY", "ADD"):
        return tuple(word for word in instruction.arguments if parse_mark(word) is None)
    return ()


@lru_cache(maxsize=8)
def _platform_arguments(platforms: Platforms) -> Mapping[str, str]:
    values: dict[str, str] = {}
    for prefix, platform in (("BUILD", platforms.build), ("TARGET", platforms.target)):
        system, architecture, variant = (*platform.split("/"), "", "")[:3]
        values |= {
            f"{prefix}PLATFORM": platform,
            f"{prefix}OS": system,
            f"{prefix}OSVERSION": "",
            f"{prefix}ARCH": architecture,
            f"{prefix}VARIANT": variant,
        }
    return values


_Groups = list[tuple[Instruction, list[Instruction]]]


def _grouped(instructions: Sequence[Instruction]) -> tuple[list[Instruction], _Groups]:
    """What stands before the first FROM, and each usable FROM with what follows it."""
    head: list[Instruction] = []
    groups: _Groups = []
    for instruction in instructions:
        if instruction.keyword == "FROM":
            if instruction.arguments:
                groups.append((instruction, []))
        elif groups:
            groups[-1][1].append(instruction)
        else:
            head.append(instruction)
    return head, groups


def _global_args(
    head: Sequence[Instruction], given: Mapping[str, str], values: dict[str, str], escape: str
) -> dict[str, GlobalArg]:
    """The global arguments; `values` takes up what each is worth, in order."""
    found: dict[str, GlobalArg] = {}
    for instruction in head:
        if instruction.keyword != "ARG":
            continue
        for declaration in parse_arg(instruction):
            name = declaration.name
            value: str | None = given.get(name)
            uses: set[str] = set()
            missing: set[str] = set()
            error: str | None = None
            if value is None and declaration.default is not None:
                expansion = expand(declaration.default, values, escape)
                error = expansion.error
                value = expansion.text
                missing.update(holes(declaration.default, values, escape))
                uses.update(expansion.matched, expansion.unmatched)
                for used in expansion.matched:
                    if used in found:
                        uses |= found[used].uses
                        missing |= found[used].missing
            if value is not None:
                values[name] = value
            found[name] = GlobalArg(
                declaration, instruction, value, name in given, frozenset(uses), frozenset(missing), error
            )
    return found


def _base(
    origin: Instruction,
    values: Mapping[str, str],
    global_args: Mapping[str, GlobalArg],
    escape: str,
    earlier: Mapping[str, int],
) -> Base:
    expansion = expand(origin.arguments[0], values, escape)
    missing = dict.fromkeys(holes(origin.arguments[0], values, escape))
    for used in expansion.matched:
        if used in global_args:
            missing |= dict.fromkeys(sorted(global_args[used].missing))
    stage = earlier.get(expansion.text)
    return Base(
        raw=origin.arguments[0],
        text=expansion.text,
        span=origin.argument_span(0),
        unmatched=expansion.unmatched,
        missing=tuple(missing),
        uses=expansion.matched,
        error=expansion.error,
        stage=stage,
        miscased=earlier.get(lower(expansion.text)) if stage is None else None,
    )


def _platform(origin: Instruction, values: Mapping[str, str], escape: str) -> Expansion | None:
    written = origin.flag("platform")
    return expand(written, values, escape) if written else None


def _target(stages: Sequence[Stage], target: str | None) -> Stage | None:
    if not target:
        return stages[-1] if stages else None
    return next((stage for stage in reversed(stages) if stage.name == lower(target)), None)


def _source(stages: Sequence[Stage], text: str, of: int, *, numbers: bool) -> CopySource:
    if numbers and _NUMBER.fullmatch(text):
        number = integer(text)
        if number is None or not 0 <= number < len(stages):
            return CopySource("no-such-number", text)
        return CopySource("stage" if number < of else "later", text, number)
    named = _named(stages).get(lower(text)) if text else None
    if named is None:
        return CopySource("image", text)
    return CopySource("stage" if named < of else "later", text, named)


_last_named: list[tuple[Sequence[Stage], int, dict[str, int]]] = []


def _named(stages: Sequence[Stage]) -> Mapping[str, int]:
    """The last stage of each name; kept for the stages that were asked about last."""
    if not _last_named or _last_named[0][0] is not stages or _last_named[0][1] != len(stages):
        _last_named[:] = [(stages, len(stages), {stage.name: stage.index for stage in stages if stage.name})]
    return _last_named[0][2]


def _reachable(stages: Sequence[Stage], target: Stage) -> frozenset[int]:
    if target.index == 0:  # a stage can only be built on, and copy from, those before it
        return frozenset((0,))
    reached: set[int] = set()
    waiting = [target.index]
    while waiting:
        index = waiting.pop()
        if index in reached:
            continue
        reached.add(index)
        stage = stages[index]
        if stage.base.stage is not None:
            waiting.append(stage.base.stage)
        waiting += [
            each.stage for each in _sources_in(stages, stage) if each.kind == "stage" and each.stage is not None
        ]
    return frozenset(reached)


def _sources_in(stages: Sequence[Stage], stage: Stage) -> Iterator[CopySource]:
    inherited = stages[stage.base.stage].instructions if stage.base.stage is not None else ()
    triggers = [instruction.onbuild for instruction in inherited if instruction.onbuild]
    for instruction in (*triggers, *stage.instructions):
        if instruction.keyword == "COPY":
            origin = parse_copy(instruction).origin if instruction.flag("from") else None
            if origin is not None:
                yield replace(_source(stages, origin.text, stage.index, numbers=True), span=origin.span)
        elif instruction.keyword == "RUN":
            for mount in parse_mounts(instruction):
                if mount.origin:
                    yield replace(_source(stages, mount.origin, stage.index, numbers=False), span=mount.span)
