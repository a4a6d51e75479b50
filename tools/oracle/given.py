"""Dockerfiles that are given: cases with their contexts from a JSON file, and public ones without their package steps."""

import io
import json
import re
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from .builder import BASES
from .grammar import Case

PUBLIC = Path(__file__).parent / "public_dockerfiles.json"
"""`OWNER/NAME@COMMIT:PATH` of every public Dockerfile that is tried, drawn by hash before any of them was built."""
_ADDRESS = re.compile(r"([^/@]+)/([^/@]+)@([0-9a-f]{40}):(.+)")
_PACKAGES = re.compile(
    r"(?<![\w/.$-])(?:apt-get|apt|aptitude|dpkg|add-apt-repository|apt-key|locale-gen|update-locale|debconf-set-selections"
    r"|pip3?|npm|yarn|gem|conda)(?=\s+-?\w)"
)
_FROM = re.compile(r"(?im)^([ \t]*FROM\s+(?:--platform=\S+\s+)?)(\S+)(?:([ \t]+AS[ \t]+)(\S+))?")
_SYNTAX = re.compile(r"(?i)\A#[ \t]*syntax[ \t]*=.*\n")
"""Names a frontend that would be fetched; the builder's own is used instead."""
_RUN = re.compile(r"(?mi)^[ \t]*(RUN|ADD)[ \t](?:[^\n]*\\[ \t]*\n(?:[ \t]*#[^\n]*\n)*)*[^\n]*$")
_FETCHES = re.compile(
    r"(?:https?|ftp|git)://|git@|\b(?:curl|wget|svn|git|hg|apk|yum|dnf|microdnf|zypper|pacman|pipenv|poetry|npx|pnpm|bundle|cargo"
    r"|go|composer|mamba|gradle|mvn|make|cmake|gcc|python\d?(?:\.\d+)?|node|perl|ruby|php|java|Rscript|julia)\b"
)
"""What fetches, compiles, or is a program that a package brings: a step with it does nothing here, as a whole."""
_LARGEST = 4 << 20
"""Bytes of a context beyond which a public Dockerfile is not tried."""


def cases_of(file: Path) -> list[Case]:
    """The cases of a JSON file: a list of {name, dockerfile, files, args, base, net}. ValueError for another form."""
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))
    return [
        Case(
            one["name"],
            one["dockerfile"],
            one.get("base", BASES["bookworm"]),
            files=one.get("files", {}),
            args=one.get("args", {}),
            network=bool(one.get("net")),
        )
        for one in found
    ]


def public_cases(clones: Path, into: Path, addresses: Sequence[str] = ()) -> Iterator[Case]:
    """Public Dockerfiles, each with its folder as the context, on a local base, and without what installs packages.

    `clones` holds `OWNER+NAME/repo`, as a bare repository or with a work tree; the contexts are unpacked below `into`.
    A repository that is not there is passed over.
    """
    for address in addresses or json.loads(PUBLIC.read_text("utf-8")):
        match = _ADDRESS.fullmatch(address)
        if match is None:
            raise ValueError(f"no address of a Dockerfile: {address}")
        owner, name, commit, path = match.groups()
        folder = _unpacked(clones / f"{owner}+{name}" / "repo", commit, path, into)
        if folder is not None:
            own = PurePosixPath(path).name
            text = without_packages((folder / own).read_text("utf-8", "replace"))
            yield Case(f"public/{owner}/{name}/{path}", text, BASES["bookworm"], folder=(folder, own))


def without_packages(text: str) -> str:
    """A Dockerfile that stands on a local base, where what installs packages does nothing and succeeds. Steps that fetch, or
    run what packages would have brought, are left out."""
    stages: set[str] = {"scratch"}

    def base(match: re.Match[str]) -> str:
        before, reference, word, name = match.groups()
        known = reference.lower() in stages
        stages.add((name or "").lower())
        return f"{before}{reference if known else BASES['bookworm']}{word or ''}{name or ''}"

    text = _SYNTAX.sub("", text)
    text = _RUN.sub(_kept, _FROM.sub(base, text.replace("\r\n", "\n")))
    text = _PACKAGES.sub("true", text)
    return text if text.endswith("\n") else text + "\n"


def _kept(match: re.Match[str]) -> str:
    step = match[0]
    return "RUN true" if _FETCHES.search(step) and "<<" not in step else step


def _unpacked(repository: Path, commit: str, path: str, into: Path) -> Path | None:
    """The Dockerfile's folder at that commit, on the disk; None where it cannot be had, or is too large."""
    folder = str(PurePosixPath(path).parent)
    tree = commit if folder == "." else f"{commit}:{folder}"
    done = subprocess.run(["git", "-C", str(repository), "archive", tree], capture_output=True, check=False)
    if done.returncode or len(done.stdout) > _LARGEST:
        return None
    target = into / re.sub(r"\W+", "-", f"{repository.parent.name} {path}").lower()
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(target, filter="tar")
    return target
