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
    r"|pip3?|npm|yarn|gem|conda|apk|yum|dnf|microdnf|zypper|pacman)(?=\s+-?\w)"
)
_FROM = re.compile(r"(?im)^([ \t]*FROM\s+(?:--platform=\S+\s+)?)(\S+)(?:([ \t]+AS[ \t]+)(\S+))?")
_SYNTAX = re.compile(r"(?i)\A#[ \t]*syntax[ \t]*=.*\n")
"""Names a frontend that would be fetched; the builder's own is used instead."""
_RUN = re.compile(r"(?mi)^[ \t]*(RUN|ADD)[ \t](?:[^\n]*\\[ \t]*\n(?:[ \t]*#[^\n]*\n)*)*[^\n]*$")
_FETCHES = re.compile(
    r"(?<![\w/.$-])(?:curl|wget|svn|git|hg|pipenv|poetry|npx|pnpm|bundle|cargo|go|composer|mamba|gradle|mvn|make|cmake|gcc"
    r"|python\d?(?:\.\d+)?|node|perl|ruby|php|java|Rscript|julia)(?=\s|$)",
    re.MULTILINE,
)
"""What fetches, compiles, or is a program that a package brings: a step with it does nothing here, as a whole."""
_SCRIPT = re.compile(rb"#![^\n]*\b(?:sh|bash|dash)\b")
_LONGEST_SCRIPT = 1 << 16
_IN_SCRIPTS = re.compile(rb"(?<![\w/.$-])(?:curl|wget|git)(?=\s+[-\w\"'$])")
"""What fetches fails in a script, as it does without the network, whether it is installed or not."""
_PACKAGES_BYTES = re.compile(_PACKAGES.pattern.encode())
_REMOTE = re.compile(r"(?:https?|ftp|git)://|git@")
_LARGEST = 4 << 20
"""Bytes of a repository beyond which the Dockerfile's folder alone is taken; one that is larger is not tried."""
_MOST_FILES = 4000


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
    """Public Dockerfiles, each in its repository (in its folder where that is large), on a local base, and without what
    installs packages.

    `clones` holds `OWNER+NAME/repo`, as a bare repository or with a work tree; the files are unpacked below `into`.
    A repository that is not there is passed over.
    """
    for address in addresses or json.loads(PUBLIC.read_text("utf-8")):
        match = _ADDRESS.fullmatch(address)
        if match is None:
            raise ValueError(f"no address of a Dockerfile: {address}")
        owner, name, commit, path = match.groups()
        target = into / re.sub(r"\W+", "-", f"{owner} {name} {path}").lower()
        repository = clones / f"{owner}+{name}" / "repo"
        for top in dict.fromkeys((".", str(PurePosixPath(path).parent))):
            if _unpacked(repository, commit, top, target):
                own = path if top == "." else PurePosixPath(path).name
                text = without_packages((target / own).read_text("utf-8", "replace"))
                yield Case(f"public/{owner}/{name}/{path}", text, BASES["bookworm"], folder=(target, own))
                break


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


def without_instruction(text: str, lines: tuple[int, int]) -> str:
    """A Dockerfile without the instruction of these lines, the first being 1; the same where that is a FROM."""
    rows = text.splitlines(keepends=True)
    first, last = lines
    if rows[first - 1].lstrip().upper().startswith("FROM"):
        return text
    return "".join([*rows[: first - 1], *rows[last:]])


def _kept(match: re.Match[str]) -> str:
    step, instruction = match[0], match[1].upper()
    fetches = _REMOTE if instruction == "ADD" else _FETCHES
    return "RUN true" if fetches.search(step, match.end(1) - match.start()) and "<<" not in step else step


def _unpacked(repository: Path, commit: str, folder: str, target: Path) -> bool:
    """Put a folder of a repository at that commit onto the disk; False where it cannot be had, or is too large."""
    tree = commit if folder == "." else f"{commit}:{folder}"
    listed = _git(repository, "ls-tree", "-r", "-l", tree)
    sizes = [row.split()[3] for row in (listed or b"").splitlines()]
    if listed is None or len(sizes) > _MOST_FILES or sum(int(size) for size in sizes if size.isdigit()) > _LARGEST:
        return False
    data = _git(repository, "archive", tree)
    if data is None:
        return False
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(target, filter="tar")
    for file in target.rglob("*"):
        if file.is_file() and not file.is_symlink() and file.stat().st_size <= _LONGEST_SCRIPT:
            text = file.read_bytes()
            if _SCRIPT.match(text):
                file.write_bytes(_IN_SCRIPTS.sub(b"false", _PACKAGES_BYTES.sub(b"true", text)))
    return True


def _git(repository: Path, *words: str) -> bytes | None:
    done = subprocess.run(["git", "-C", str(repository), *words], capture_output=True, check=False)
    return None if done.returncode else done.stdout
