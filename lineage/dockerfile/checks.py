"""BuildKit's checks of instructions, beyond what its parser asks of them.

Source: BuildKit frontend/dockerfile/instructions/parse.go. Messages are BuildKit's, of the first refused instruction.
"""

from collections.abc import Callable, Sequence

from ..late.patterns import pattern
from ..text.go_strings import SPACE, lower, quoted, upper
from .flag_checks import (
    KNOWN,
    check_device,
    check_flags,
    check_interval,
    check_mount,
    check_retries,
    did_you_mean,
)
from .flag_fields import FlagError
from .heredoc import parse_mark
from .instruction import Instruction, ParseProblem
from .split import KEYWORDS

_STAGE_NAME = pattern(r"[a-z][a-z0-9-_.]*")
_NETWORKS = ("default", "none", "host")
_SECURITIES = ("insecure", "sandbox")


class _Refused(Exception):  # noqa: N818 - the text is the message
    pass


def check(instructions: Sequence[Instruction]) -> ParseProblem | None:
    """The first problem that keeps BuildKit from making stages of the instructions."""
    in_stage = False
    for instruction in instructions:
        try:
            _check(instruction)
            if instruction.keyword != "ARG" and instruction.keyword != "FROM" and not in_stage:
                raise _Refused("no build stage in current context")
        except (_Refused, FlagError) as problem:
            return ParseProblem(str(problem), instruction.start_line, instruction.end_line, "instructions")
        in_stage = in_stage or instruction.keyword == "FROM"
    return None


def accepted(instruction: Instruction) -> bool:
    """Whether an instruction passes the checks, wherever it stands."""
    try:
        _check(instruction)
    except (_Refused, FlagError):
        return False
    return True


def stage_name(instruction: Instruction) -> str:
    """The name that a FROM gives its stage, in lower case; empty where it gives none."""
    arguments = instruction.arguments
    return lower(arguments[2]) if len(arguments) == 3 else ""


def _check(instruction: Instruction) -> None:
    checker = _CHECKS.get(instruction.keyword)
    if checker is None:
        raise _Refused(
            f"unknown instruction: {instruction.written}"
            + did_you_mean(instruction.written, KEYWORDS, case_sensitive=False)
        )
    checker(instruction)


def _flags(instruction: Instruction) -> None:
    check_flags(instruction.flags, KNOWN.get(instruction.keyword, {}))


def _at_least_one(instruction: Instruction) -> None:
    if not instruction.arguments:
        raise _Refused(f"{instruction.keyword} requires at least one argument")


def _exactly_one(instruction: Instruction) -> None:
    if len(instruction.arguments) != 1:
        raise _Refused(f"{instruction.keyword} requires exactly one argument")


def _one_and_flags(instruction: Instruction) -> None:
    _exactly_one(instruction)
    _flags(instruction)


def _some_and_flags(instruction: Instruction) -> None:
    _at_least_one(instruction)
    _flags(instruction)


def _pairs(instruction: Instruction) -> None:
    _flags(instruction)
    _at_least_one(instruction)
    if not all(instruction.arguments[::3]):
        raise _Refused(f"{instruction.keyword} names can not be blank")


def _arg(instruction: Instruction) -> None:
    _at_least_one(instruction)
    if any(argument.startswith("=") for argument in instruction.arguments):
        raise _Refused("ARG names can not be blank")


def _copy(instruction: Instruction) -> None:
    if len(instruction.arguments) < 2:
        raise _Refused(
            f"{instruction.keyword} requires at least two arguments, but only one was provided. "
            "Destination could not be determined"
        )
    _flags(instruction)
    if parse_mark(instruction.arguments[-1]):
        raise _Refused(f"{instruction.keyword} cannot accept a heredoc as a destination")


def _from(instruction: Instruction) -> None:
    arguments = instruction.arguments
    if len(arguments) == 3 and lower(arguments[1]) == "as":
        if not _STAGE_NAME.fullmatch(stage_name(instruction)):
            raise _Refused(
                f"invalid name for build stage: {quoted(arguments[2])}, "
                "name can't start with a number or contain symbols"
            )
    elif len(arguments) != 1:
        raise _Refused("FROM requires either one or three arguments")
    _flags(instruction)


def _onbuild(instruction: Instruction) -> None:
    _some_and_flags(instruction)
    trigger = upper(instruction.arguments[0].strip(SPACE))
    if trigger == "ONBUILD":
        raise _Refused("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
    if trigger in ("MAINTAINER", "FROM"):
        raise _Refused(f"{trigger} isn't allowed as an ONBUILD trigger")


def _run(instruction: Instruction) -> None:
    _flags(instruction)
    for device in instruction.flag_values("device"):
        check_device(device)
    for mount in instruction.flag_values("mount"):
        check_mount(mount)
    network = instruction.flag("network")
    if network is not None and network not in _NETWORKS:
        raise _Refused(f"invalid network mode {quoted(network)}")
    security = instruction.flag("security")
    if security is not None and security not in _SECURITIES:
        raise _Refused(f"security {quoted(security)} is not valid")


def _healthcheck(instruction: Instruction) -> None:
    _at_least_one(instruction)
    kind = upper(instruction.arguments[0])
    if kind == "NONE":
        if len(instruction.arguments) > 1:
            raise _Refused("HEALTHCHECK NONE takes no arguments")
        return
    _flags(instruction)
    if kind != "CMD":
        raise _Refused(f"Unknown type {quoted(kind)} in HEALTHCHECK (try CMD)")
    if len(instruction.arguments) == 1:
        raise _Refused("Missing command after HEALTHCHECK CMD")
    for name in ("interval", "timeout", "start-period", "start-interval"):
        check_interval(name, instruction.flag(name) or "")
    check_retries(instruction.flag("retries") or "")


def _volume(instruction: Instruction) -> None:
    _some_and_flags(instruction)
    if not all(argument.strip(SPACE) for argument in instruction.arguments):
        raise _Refused("VOLUME specified can not be an empty string")


def _shell(instruction: Instruction) -> None:
    _flags(instruction)
    _at_least_one(instruction)
    if instruction.form != "exec":
        raise _Refused("SHELL requires the arguments to be in JSON form")


_CHECKS: dict[str, Callable[[Instruction], None]] = {
    "ADD": _copy,
    "ARG": _arg,
    "CMD": _flags,
    "COPY": _copy,
    "ENTRYPOINT": _flags,
    "ENV": _pairs,
    "EXPOSE": _some_and_flags,
    "FROM": _from,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _pairs,
    "MAINTAINER": _one_and_flags,
    "ONBUILD": _onbuild,
    "RUN": _run,
    "SHELL": _shell,
    "STOPSIGNAL": _exactly_one,
    "USER": _one_and_flags,
    "VOLUME": _volume,
    "WORKDIR": _one_and_flags,
}
