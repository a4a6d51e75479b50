"""Paths of the image whose version the Dockerfile has in a variable, so that a new version moves them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...lineage.dockerfile.expand import expand, variables
from ...lineage.image.image import BuildStep, EffectiveImage
from ...lineage.text.places import Place

_VERSION = re.compile(r"v?\d+(?:[.\-_]\w+)+")
_NAMED = re.compile(r"VERSION|_VER\b|\bVER\b|RELEASE|_TAG\b", re.IGNORECASE)
_PATH_WORD = re.compile(r"(?<![\w.${}~-])/[\w./+@${}-]*\$[\w./+@${}-]*")


@dataclass(frozen=True, slots=True)
class VersionedPath:
    """A path that an instruction writes with the variable `name`, whose value is `version`."""

    path: str
    name: str
    version: str
    place: Place


def versioned_paths(image: EffectiveImage) -> Iterator[VersionedPath]:
    """The absolute paths in the image's own COPY, ADD, RUN and WORKDIR that hold a variable which is a version."""
    for step in image.steps:
        if step.from_parent is not None or step.instruction.keyword not in ("COPY", "ADD", "RUN", "WORKDIR"):
            continue
        text = step.instruction.body.text
        if "$" not in text:
            continue
        for match in _PATH_WORD.finditer(text):
            yield from _of_word(step, match[0])


def _of_word(step: BuildStep, word: str) -> Iterator[VersionedPath]:
    for used in variables(word):
        value = step.env.get(used.name, "")
        if _NAMED.search(used.name) and _VERSION.fullmatch(value):
            path = expand(word, step.env).text.rstrip("/")
            if value in path:
                yield VersionedPath(path, used.name, value, step.place)
