"""What instructions take from the build context, as patterns of its paths: for what need not be there, or no longer."""

from collections.abc import Iterator, Mapping, Sequence
from posixpath import normpath
from typing import TypeAlias

from ..late.patterns import pattern
from ..text.globs import go_match
from .expand import expand
from .instruction import Instruction
from .operands import parse_copy, parse_mounts

SourcePattern: TypeAlias = tuple[str, ...]
"""The parts of a context path, with Go's wildcards in them; `**` at the end stands for any parts, or none."""
EVERYTHING: SourcePattern = ("**",)
_HOLE = "\ue000"
_ALTERNATIVE = pattern(r"\$\{\w+:?[^}\w:-]")
"""`${NAME:+…}`, `${NAME#…}`: what such a variable is worth depends on its value in ways that a hole does not show."""


def context_sources(
    instruction: Instruction, escape: str, values: Mapping[str, str] | None = None
) -> Iterator[SourcePattern]:
    """What a COPY, an ADD or the bind mounts of a RUN take from the build context.

    `values` are those of variables, as far as they are known; whatever else a variable may hold is taken too.
    """
    if instruction.keyword in ("COPY", "ADD"):
        if instruction.flag("from") is None and len(instruction.arguments) > 1:
            for source in parse_copy(instruction).sources:
                if "://" not in source.text and not source.text.startswith("git@"):
                    yield _pattern(_filled(source.text, escape, values or {}))
    elif instruction.keyword == "RUN":
        for mount in parse_mounts(instruction):
            if mount.kind == "bind" and mount.origin is None:
                yield _pattern(_filled(mount.source or "/", escape, values or {}))


def takes(pattern: SourcePattern, parts: Sequence[str], *, above: bool = False) -> bool:
    """Whether a source takes the path of these parts: it is that path, or a folder above it.

    With `above` the path may also be one above the source: what was a file or folder there was, or is, a link.
    """
    for index, wanted in enumerate(pattern):
        if wanted == "**":
            return True
        if index >= len(parts):
            return above
        if not go_match(wanted)(parts[index]):
            return False
    return True


def begins_with(pattern: SourcePattern, parts: Sequence[str]) -> bool:
    """Whether the first parts of a source stand for this path."""
    for index, part in enumerate(parts):
        if index >= len(pattern):
            return False
        if pattern[index] == "**":
            return True
        if not go_match(pattern[index])(part):
            return False
    return True


def _filled(text: str, escape: str, values: Mapping[str, str]) -> str:
    """The text with the values of its variables, `**` or a hole for those that are not known."""
    if "$" not in text:
        return expand(text, {}, escape).text
    known = expand(text, values, escape)
    if not known.unmatched and not known.error:
        return known.text
    if _ALTERNATIVE.search(text):
        return "**"
    expansion = expand(text, lambda name: values.get(name, _HOLE), escape)
    return "**" if expansion.error else expansion.text


def _pattern(text: str) -> SourcePattern:
    """The parts of a source. One with a variable in it stands for any path from there on: it may hold slashes."""
    path = normpath("/" + text).lstrip("/")
    if not path or path == ".":
        return EVERYTHING
    parts: list[str] = []
    for part in path.split("/"):
        if _HOLE in part or "**" in part:
            return (*parts, "**")
        parts.append(part)
    return tuple(parts)
