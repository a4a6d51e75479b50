"""The project's fixtures that can be built here: their Dockerfiles stand on Debian, or on nothing, and fetch nothing."""

import os
import re
import subprocess
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from pathlib import Path

from ctlint.lineage.repository.discover import Opened, open_targets
from ctlint.lineage.text.errors import InputError
from ctlint.lineage.workspace.workspace import Workspace

from .builder import BASES

_FETCHES = re.compile(r"https?://(?!deb\.debian)|\b(?:pip3?|npm|gem|cargo|go) (?:install|get)\b|\bgit clone\b")
_STARTS = 'ENTRYPOINT ["/init"]'
_SAID_ONLY = re.compile(r"(?m)^\s*(?:#|LABEL|CMD|HEALTHCHECK|ENV).*")
_S6 = re.compile(
    r"(?m)^ADD (?:--checksum=\S+ )?https://github\.com/just-containers/s6-overlay/releases/download/v?([\d.]+)/"
    r"(s6-overlay-\S+) (\S+)"
)
_DEBIAN = re.compile(r"(?:docker\.io/)?(?:library/)?debian:(?:12(?:\.\d+)?|bookworm)(?:-slim)?")
_DESKTOP = re.compile(r"dbus-x11 tigervnc-standalone-server xfce4 xterm")
"""Packages that a boot does not need, and that take long to install."""
_DOS2UNIX = r"""dos2unix() { sed -i 's/\r$//' "$@"; }"""
"""The program, where the machine has none."""
S6_IMAGE = "oracle/s6-archives"
"""The image whose `/vVERSION/NAME` are the archives of s6-overlay that the builder has."""
_FROM = re.compile(r"(?im)^\s*FROM\s+(?:--platform=\S+\s+)?(\S+)(?:\s+AS\s+(\S+))?")


@dataclass(frozen=True)
class FixtureImage:
    """`context` is the path of the build context below the fixture, `base` the local image that its final stage stands on,
    `references` what the Dockerfile calls it, `args` the build arguments that the fixture's own builds give."""

    name: str
    folder: Path
    context: str
    text: str
    base: str
    references: tuple[str, ...]
    args: Mapping[str, str | None]
    target: str | None


def fixture_images(
    top: Path, archives: Collection[str] = (), *, boots: bool = False, only: str = ""
) -> Iterator[FixtureImage]:
    """Every image of a fixture that can be built here; `boots`: of those alone that start by s6-overlay's `/init`; `only`: with
    that word in their names.

    `archives` are the releases of s6-overlay that the builder has.
    """
    for dockerfile in sorted([*top.glob("*/*/Dockerfile"), *top.glob("incidents/*/*/Dockerfile")]):
        if only not in str(dockerfile.parent.relative_to(top)):
            continue
        text = _S6.sub(partial(_local, archives), dockerfile.read_text(errors="surrogateescape"))
        if boots and (_STARTS not in text or S6_IMAGE not in text):
            continue
        if boots:
            text = _DESKTOP.sub("procps", text)
        base, references = _base(text, near=boots)
        if base is None or _FETCHES.search(_SAID_ONLY.sub("", text)):
            continue
        folder = dockerfile.parent
        workspace, problems = opened(folder)
        if problems or len(workspace.images) != 1 or workspace.images[0].path != "Dockerfile":
            continue
        source = workspace.images[0]
        name = str(folder.relative_to(top))
        context = source.build.root or "."
        yield FixtureImage(name, folder, context, text, base, references, source.build.args, source.build.target)


def prepare(folder: Path) -> None:
    """Carry out what the pipeline of a fixture does to its files before it builds (`.gitlab-ci.yml`)."""
    pipeline = folder / ".gitlab-ci.yml"
    lines = re.findall(r"(?m)^ +- (.+)$", pipeline.read_text()) if pipeline.is_file() else []
    before = list(takewhile(lambda line: not line.startswith("docker build"), lines))
    if before and any(line.startswith("docker build") for line in lines):
        script = "\n".join(("set -e", _DOS2UNIX, *before))
        subprocess.run(["sh", "-c", script], cwd=folder, check=True, capture_output=True)


def _local(archives: Collection[str], match: re.Match[str]) -> str:
    version, name, target = match.groups()
    if version not in archives:
        return match[0]
    return f"COPY --from={S6_IMAGE} --chmod=0600 /v{version}/{name} {target}"


def _base(text: str, *, near: bool = False) -> tuple[str | None, tuple[str, ...]]:
    """The local base of the final stage, where each stage stands on one, and what the Dockerfile calls it.

    `near`: Debian stands for Ubuntu, too; what the start scripts do is the same on both.
    """
    stages: dict[str, str] = {}
    found: str | None = None
    references: list[str] = []
    for reference, name in _FROM.findall(text):
        if reference.lower() in stages:
            found = stages[reference.lower()]
        elif reference in BASES.values():
            found = reference
        elif _DEBIAN.fullmatch(reference) or (near and reference.startswith("ubuntu:")):
            found = BASES["bookworm"]
            references.append(reference)
        else:
            return None, ()
        if name and found is not None:
            stages[name.lower()] = found
    return found, tuple(references)


def opened(folder: Path) -> tuple[Workspace, list[InputError]]:
    """A fixture as a workspace of its own."""
    found = open_targets([os.curdir], folder)
    targets = [(one.snapshot, one.dockerfiles) for one in found if isinstance(one, Opened)]
    return Workspace(targets), [one for one in found if isinstance(one, InputError)]


@dataclass(frozen=True)
class BuiltSo:
    """How ctlint takes a Dockerfile to be built: context, arguments, stage, and what it calls the image."""

    context: Path
    args: Mapping[str, str | None]
    target: str | None = None
    image: str | None = None


def built_so(folder: Path, dockerfile: str) -> BuiltSo:
    """How ctlint takes a Dockerfile of a repository to be built, by the first build that the repository's own files say."""
    workspace, _ = opened(folder)
    for source in workspace.images:
        if source.path == dockerfile:
            build = source.build
            return BuiltSo(folder / (build.root or ""), build.args, build.target, source.id)
    return BuiltSo((folder / dockerfile).parent, {})
