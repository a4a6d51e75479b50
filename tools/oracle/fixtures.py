"""The project's fixtures that can be built here: their Dockerfiles stand on Debian, or on nothing, and fetch nothing."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .builder import BASES

_FETCHES = re.compile(r"https?://(?!deb\.debian)|\b(?:pip3?|npm|gem|cargo|go) (?:install|get)\b|\bgit clone\b")
_SAID_ONLY = re.compile(r"(?m)^\s*(?:#|LABEL|CMD|HEALTHCHECK|ENV).*")
_FROM = re.compile(r"(?im)^\s*FROM\s+(?:--platform=\S+\s+)?(\S+)(?:\s+AS\s+(\S+))?")


@dataclass(frozen=True)
class FixtureImage:
    """`context` is the path of the build context below the fixture, `base` the image that its final stage stands on."""

    name: str
    folder: Path
    context: str
    text: str
    base: str
    image: str | None
    args: Mapping[str, str | None]
    target: str | None


def fixture_images(top: Path) -> Iterator[FixtureImage]:
    """Every image of a fixture that can be built here."""
    for dockerfile in sorted(top.glob("*/*/Dockerfile")):
        text = dockerfile.read_text(errors="surrogateescape")
        base = _base(text)
        if base is None or _FETCHES.search(_SAID_ONLY.sub("", text)):
            continue
        folder = dockerfile.parent
        data = _inspected(folder)
        if data is None or data["dockerfile"] not in (f"{folder.name}/Dockerfile", "Dockerfile"):
            continue
        name = f"{folder.parent.name}/{folder.name}"
        yield FixtureImage(name, folder, data["context"]["path"] or ".", text, base, None, {}, data["target"])


def _base(text: str) -> str | None:
    """The local base of the final stage, where each stage stands on one."""
    stages: dict[str, str] = {}
    found: str | None = None
    for reference, name in _FROM.findall(text):
        if reference.lower() in stages:
            found = stages[reference.lower()]
        elif re.fullmatch(r"(?:docker\.io/)?(?:library/)?debian:(?:12|bookworm)(?:-slim)?", reference):
            found = BASES["bookworm"]
            if reference != found:
                return None
        elif reference in BASES.values():
            found = reference
        else:
            return None
        if name:
            stages[name.lower()] = found
    return found


def _inspected(folder: Path) -> dict[str, Any] | None:
    words = [sys.executable, "-m", "ctlint", "inspect", str(folder), "--format", "json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return None
    return found
