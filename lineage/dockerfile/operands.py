"""What the arguments and flags of single instructions mean: pairs, declarations, what is copied, what is mounted.

Texts are as written: variables in them are still to be filled in (`expand`), quotes still to be taken away.
"""

from ..late.dataclasses import dataclass
from ..text.go_strings import lower
from ..text.places import Span
from .flag_fields import FlagError, fields
from .heredoc import Heredoc, parse_mark
from .instruction import Instruction


@dataclass(frozen=True, slots=True)
class Operand:
    """A text as it is written, and where it stands."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Pair:
    """NAME=value of ENV or LABEL; `legacy` is the form `NAME value`."""

    name: Operand
    value: Operand
    legacy: bool


@dataclass(frozen=True, slots=True)
class Declaration:
    """NAME or NAME=default of ARG; `default` is None where there is none, which is not the same as an empty one."""

    name: str
    default: str | None
    span: Span
    default_span: Span | None


@dataclass(frozen=True, slots=True)
class CopyOperands:
    """COPY or ADD. `heredocs` are the sources that stand in the Dockerfile itself; each makes a file of its name."""

    sources: tuple[Operand, ...]
    heredocs: tuple[Heredoc, ...]
    destination: Operand
    origin: Operand | None
    """`--from`: a stage, a stage's number or an image. Variables are not filled in there."""
    chown: str | None
    chmod: str | None
    link: bool
    parents: bool
    excludes: tuple[str, ...]
    checksum: str | None
    keep_git_dir: bool | None
    unpack: bool | None


@dataclass(frozen=True, slots=True)
class RunMount:
    """One `--mount` of RUN. `options` holds all its fields by lower-case key, a bare key with the empty string."""

    kind: str
    """bind, cache, tmpfs, secret or ssh."""
    origin: str | None
    """`from`: a stage or an image, None for the build context."""
    source: str | None
    target: str | None
    options: dict[str, str]
    span: Span


def parse_env_pairs(instruction: Instruction) -> tuple[Pair, ...]:
    """The pairs of an ENV or LABEL."""
    arguments = instruction.arguments
    return tuple(
        Pair(_operand(instruction, at), _operand(instruction, at + 1), arguments[at + 2] == "")
        for at in range(0, len(arguments) - 2, 3)
    )


def parse_arg(instruction: Instruction) -> tuple[Declaration, ...]:
    """The declarations of an ARG."""
    found: list[Declaration] = []
    for index, argument in enumerate(instruction.arguments):
        name, sign, default = argument.partition("=")
        start, end = instruction.argument_places[index]
        at = start + len(name)
        found.append(
            Declaration(
                name,
                default if sign else None,
                instruction.line.span(start, at),
                instruction.line.span(at + 1, end) if sign else None,
            )
        )
    return tuple(found)


def parse_copy(instruction: Instruction) -> CopyOperands:
    """What a COPY or ADD copies where. The instruction must have passed BuildKit's checks (two arguments or more)."""
    documents = {heredoc.name: heredoc for heredoc in instruction.heredocs}
    sources: list[Operand] = []
    heredocs: list[Heredoc] = []
    last = len(instruction.arguments) - 1
    for index in range(last):
        mark = parse_mark(instruction.arguments[index])
        if mark is None:
            sources.append(_operand(instruction, index))
        elif mark.name in documents:
            heredocs.append(documents[mark.name])
    origin = next(iter(instruction.flags_named("from")), None)
    return CopyOperands(
        sources=tuple(sources),
        heredocs=tuple(heredocs),
        destination=_operand(instruction, last),
        origin=_flag_value(instruction, *origin) if origin and origin[1] else None,
        chown=instruction.flag("chown") or None,
        chmod=instruction.flag("chmod") or None,
        link=bool(_switch(instruction, "link")),
        parents=bool(_switch(instruction, "parents")),
        excludes=instruction.flag_values("exclude"),
        checksum=instruction.flag("checksum") or None,
        keep_git_dir=_switch(instruction, "keep-git-dir"),
        unpack=_switch(instruction, "unpack"),
    )


def parse_mounts(instruction: Instruction) -> tuple[RunMount, ...]:
    """The mounts of a RUN; one whose CSV is broken is left out (BuildKit's checks have refused it)."""
    mounts: list[RunMount] = []
    for index, value in instruction.flags_named("mount"):
        try:
            parted = [field.partition("=") for field in fields(value)]
        except FlagError:
            continue
        options = {lower(key): text for key, _, text in parted}
        mounts.append(
            RunMount(
                kind=lower(options.get("type", "bind")),
                origin=options.get("from") or None,
                source=options.get("source", options.get("src")),
                target=options.get("target", options.get("dst", options.get("destination"))),
                options=options,
                span=instruction.flag_span(index),
            )
        )
    return tuple(mounts)


def _operand(instruction: Instruction, index: int) -> Operand:
    return Operand(instruction.arguments[index], instruction.argument_span(index))


def _flag_value(instruction: Instruction, index: int, value: str) -> Operand:
    """The value of a flag with its place, which is the whole flag's where quotes or escapes stand in it."""
    start, end = instruction.flag_places[index]
    if instruction.line.text[end - len(value) : end] == value:
        start = end - len(value)
    return Operand(value, instruction.line.span(start, end))


def _switch(instruction: Instruction, name: str) -> bool | None:
    value = instruction.flag(name)
    return None if value is None else lower(value) != "false"
