"""The flags of an instruction, and the checks of their values that need no build.

Source: BuildKit frontend/dockerfile/instructions/bflag.go, commands_run*.go, parse.go, and Go's time.ParseDuration.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from ..text.go_strings import lower, quoted
from ..text.spelling import nearest
from .flag_fields import FlagError, fields

FlagKind = Literal["bool", "string", "strings"]

_COPIED: Mapping[str, FlagKind] = {"chown": "string", "chmod": "string", "link": "bool", "exclude": "strings"}
KNOWN: Mapping[str, Mapping[str, FlagKind]] = {
    "ADD": {**_COPIED, "keep-git-dir": "bool", "checksum": "string", "unpack": "bool"},
    "COPY": {**_COPIED, "from": "string", "parents": "bool"},
    "FROM": {"platform": "string"},
    "HEALTHCHECK": dict.fromkeys(("interval", "timeout", "start-period", "start-interval", "retries"), "string"),
    "RUN": {"mount": "strings", "network": "string", "security": "string", "device": "strings"},
}

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_DURATION_PART = r"([0-9]*)(\.[0-9]*)?([^.0-9]*)"
_INTEGER = r"[+-]?[0-9]+"
_TRUTHS = frozenset(("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"))
_LIMIT = 1 << 63


def check_flags(flags: Sequence[str], known: Mapping[str, FlagKind]) -> None:
    """Refuse flags that are not in `known`, or given more often or with other values than their kind allows.

    Raises FlagError.
    """
    used: set[str] = set()
    for flag in flags:
        written, sign, value = flag.partition("=")
        name = written[2:]
        kind = known.get(name)
        if kind is None:
            raise FlagError(f"unknown flag: {written}" + did_you_mean(name, known))
        if name in used and kind != "strings":
            raise FlagError(f"duplicate flag specified: {written}")
        used.add(name)
        if (sign and not value) if kind == "bool" else not sign:
            raise FlagError(f"missing a value on flag: {written}")
        if kind == "bool" and lower(value) not in ("", "true", "false"):
            raise FlagError(f"expecting boolean value for flag {written}, not: {value}")


def did_you_mean(name: str, known: Mapping[str, object] | Sequence[str], *, case_sensitive: bool = True) -> str:
    """The end of a message that names the nearest known name, or nothing."""
    near = nearest(name, known, case_sensitive=case_sensitive)
    return f" (did you mean {near}?)" if near else ""


def check_mount(value: str) -> None:
    """What is checked of a `--mount` before the build: CSV, and no variable in `from`. Raises FlagError."""
    try:
        found = fields(value)
    except FlagError as problem:
        raise FlagError(f"failed to parse csv mounts: {problem}") from None
    for field in found:
        key, _, text = field.partition("=")
        if lower(key) == "from" and "$" in text and text.index("$") != len(text) - 1:
            raise FlagError("'from' doesn't support variable expansion, define alias stage instead")


def check_device(value: str) -> None:
    """What is checked of a `--device`. Raises FlagError."""
    try:
        found = fields(value)
    except FlagError as problem:
        raise FlagError(f"failed to parse csv devices: {problem}") from None
    name = ""
    for field in found:
        written, sign, text = field.partition("=")
        key = lower(written)
        if key == "required":
            if sign and text not in _TRUTHS:
                raise FlagError(f"invalid value for {key}: {text}")
        elif sign and key == "name":
            if name:
                raise FlagError(f"device name already set to {name}")
            name = text
        elif not name:
            name = field
        elif sign:
            raise FlagError(f"unexpected key '{key}' in '{field}'" + did_you_mean(key, ("name", "required")))
        else:
            raise FlagError(f"invalid field '{field}' must be a key=value pair")


def check_interval(name: str, value: str) -> None:
    """What is checked of HEALTHCHECK's times. Raises FlagError."""
    if value and (nanoseconds := duration(value)) and nanoseconds < _UNITS["ms"]:
        raise FlagError(f"Interval {quoted(name)} cannot be less than 1ms")


def check_retries(value: str) -> None:
    """What is checked of HEALTHCHECK's `--retries`. Raises FlagError."""
    if not value:
        return
    if not re.fullmatch(_INTEGER, value):
        raise FlagError(f"strconv.ParseInt: parsing {quoted(value)}: invalid syntax")
    digits = value.lstrip("+-").lstrip("0")
    number = int(digits or "0") if len(digits) < 12 else 1 << 40
    number = -number if value[0] == "-" else number
    if not -(1 << 31) <= number < 1 << 31:
        raise FlagError(f"strconv.ParseInt: parsing {quoted(value)}: value out of range")
    if number < 0:
        raise FlagError(f"--retries cannot be negative ({number})")


def duration(value: str) -> int:
    """A Go duration such as `1m30s` in nanoseconds. Raises FlagError."""
    rest = value[1:] if value[:1] in ("+", "-") else value
    if rest == "0":
        return 0
    invalid = FlagError(f"time: invalid duration {quoted(value)}")
    if not rest:
        raise invalid
    total = 0
    while rest:
        found = re.match(_DURATION_PART, rest)
        whole, fraction, unit = (found[1], found[2] or "", found[3]) if found else ("", "", "")
        if not whole and len(fraction) < 2:
            raise invalid
        number = whole.lstrip("0")
        if len(number) > 19 or int(number or "0") > _LIMIT:
            raise invalid
        if not unit:
            raise FlagError(f"time: missing unit in duration {quoted(value)}")
        if unit not in _UNITS:
            raise FlagError(f"time: unknown unit {quoted(unit)} in duration {quoted(value)}")
        nanoseconds = int(number or "0") * _UNITS[unit]
        digits = fraction[1:19]
        nanoseconds += int(digits or "0") * _UNITS[unit] // 10 ** len(digits)
        total += nanoseconds
        if nanoseconds > _LIMIT or total > _LIMIT:
            raise invalid
        rest = rest[len(whole) + len(fraction) + len(unit) :]
    if value[0] == "-":
        return -total
    if total == _LIMIT:
        raise invalid
    return total
