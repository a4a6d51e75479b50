"""Text stands behind an exec array.

## What it does
Reports ENTRYPOINT, CMD, RUN or HEALTHCHECK CMD with a complete JSON array and something after it, such as
`["/init"]'`.

## Why it matters at run time
Builders before BuildKit 0.15 (Dockerfile frontend 1.9, July 2024) ignored the rest and ran the array. Since then the
whole line is a shell command, here one that no shell can parse: the container does not start, or the build fails.

## When to ignore it
Never: the line means different things to different builders.

## References
- BuildKit, frontend/dockerfile/parser/line_parsers.go, parseJSON
"""

import re
from collections.abc import Iterator

from ..lineage.image.image import StageImages
from ..lineage.late.patterns import pattern
from ..lineage.text.places import Place
from .base import Edit, Fix, Message, Severity

SEVERITY = Severity.ERROR

_ARRAY = pattern(r'\s*(\[\s*(?:"(?:[^"\\]|\\.)*"\s*(?:,\s*"(?:[^"\\]|\\.)*"\s*)*)?\])\s*(\S.*)', re.DOTALL)

_CHECK = pattern(r"CMD\s+", re.IGNORECASE)
_WITH_ARRAY = ("ENTRYPOINT", "CMD", "RUN", "HEALTHCHECK")
_EFFECTS = {"RUN": "the build fails", "HEALTHCHECK": "the container is never healthy"}


def check(stages: StageImages) -> Iterator[Message]:
    for step in (step for image in stages.stages for step in image.steps):
        instruction = step.instruction
        if instruction.keyword not in _WITH_ARRAY or instruction.form != "shell" or step.from_parent:
            continue
        text = instruction.body.text.rstrip()
        start = _CHECK.match(text)
        match = _ARRAY.fullmatch(text, start.end() if start is not None and instruction.keyword == "HEALTHCHECK" else 0)
        if match is None or _continues(match.group(2)):
            continue
        tail = match.group(2)
        span = instruction.body.span(match.start(2), match.start(2) + len(tail))
        place = Place(step.place.path, span)
        effect = _EFFECTS.get(instruction.keyword, "the container does not start")
        yield Message(
            place,
            f"`{tail}` stands behind the array of {instruction.keyword}: since BuildKit 0.15 the whole line is a shell "
            f"command, not an exec array, and {effect}.",
            f"Remove `{tail}`.",
            fix=Fix(f"remove `{tail}`", (Edit("text", place, ""),), "safe"),
        )


def _continues(tail: str) -> bool:
    """Whether the line is a shell command that begins with a test: `[ "$A" ] && …`."""
    return bool(re.match(r"(?:&&|\|\||;|\||&|>)", tail))
