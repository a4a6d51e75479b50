"""Which files of a repository say how its images are built, and the builds they describe."""

import re
from collections.abc import Iterator, Sequence
from weakref import WeakKeyDictionary

from ..late.patterns import pattern
from ..repository.dockerfiles import NOT_SEARCHED
from ..repository.git_files import github_name
from ..repository.snapshot import Snapshot
from ..text.budget import LARGEST_BUILD_FILE, LimitError, budget
from ..text.errors import InputError, Unknown
from .build import Build
from .placeholders import expand_shell

KINDS = ("compose", "bake", "workflow", "gitlab", "home-assistant", "makefile", "jenkinsfile", "script", "readme")
_BUILD_STEPS = (
    b"docker build",
    b"docker/build-push-action",
    b"docker image build",
    b"buildx build",
    b"podman build",
    b"buildah",
    b"executor",
    b"ublish-docker",
    b"ublish-Docker",
    b"push-to-ghcr",
    b"docker-build-push",
)
_NEEDED: dict[str, tuple[bytes, ...]] = {
    "compose": (b"build",),
    "bake": (b"target",),
    "workflow": (*_BUILD_STEPS, b"docker/github-builder", b"docker/bake-action"),
    "gitlab": _BUILD_STEPS,
    "home-assistant": (b"build_from",),
    "makefile": (b"build", b"executor"),
    "jenkinsfile": (b"build", b"executor"),
    "script": (b" build", b" bud", b"executor"),
    "readme": (b" build ", b" bud "),
}
_YAML = ("compose", "workflow", "gitlab", "home-assistant")
_ESCAPED = pattern(rb"\A(?:\xff\xfe|\xfe\xff)|\\[xuU][0-9A-Fa-f]{2}")
"""YAML or JSON that may hold a word without its letters: UTF-16, and escapes in double quotes."""
OTHER_CI = pattern(
    r"(?:^|/)(?:(?:(?!azure-?pipelines)[\w.-])*azure-?pipelines[\w./-]*|\.circleci/[\w.-]+|\.(?:drone|travis|appveyor|cirrus|woodpecker)(?:/[\w.-]+)?"
    r"|appveyor|bitbucket-pipelines|buildspec[\w.-]*|cloudbuild[\w.-]*|skaffold[\w.-]*|\.gitlab/[\w./-]+|\.gitlab-ci[\w.-]+"
    r"|\.buildkite/[\w.-]+|\.semaphore/[\w.-]+)\.(?:ya?ml|json)$"
)
"""Files of CI services whose builds are not read."""
_builds: WeakKeyDictionary[Snapshot, tuple[Build, ...]] = WeakKeyDictionary()
_files: WeakKeyDictionary[Snapshot, tuple[tuple[str, str], ...]] = WeakKeyDictionary()


def builds(snapshot: Snapshot) -> tuple[Build, ...]:
    """The builds that a repository's files describe, those of the most reliable kinds of files first.

    The order is compose, docker-bake, GitHub workflows, GitLab CI, Home Assistant's build.yaml, Makefiles,
    Jenkinsfiles, shell scripts, READMEs; within a kind by path; last, documents that name no image, so that it is built
    where it runs. Files that make no sense say nothing.
    """
    found = _builds.get(snapshot)
    if found is None:
        found = _builds[snapshot] = tuple(_all_builds(snapshot))
    return found


def owner_and_repository(snapshot: Snapshot) -> str | None:
    """`OWNER/REPO` on GitHub, by the snapshot's name (a GitHub target) or its remotes, or None."""
    if snapshot.root is None and snapshot.name.count("/") == 1:
        return snapshot.name
    return next((name for address in snapshot.remotes.values() if (name := github_name(address))), None)


def build_files(snapshot: Snapshot) -> Sequence[tuple[str, str]]:
    """The files that may describe builds, as (kind, path); the kinds are those of `KINDS`."""
    found = _files.get(snapshot)
    if found is None:
        found = _files[snapshot] = tuple(_build_files(snapshot))
    return found


def _build_files(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    for path, entry in snapshot.entries.items():
        kind = build_file_kind(path)
        if not kind or entry.kind != "file":
            continue
        if NOT_SEARCHED.isdisjoint(path.split("/")[:-1]) and snapshot.speaks(path):
            if entry.size <= LARGEST_BUILD_FILE:
                yield kind, path
            elif kind != "script":
                snapshot.trouble(path, f"it is larger than {LARGEST_BUILD_FILE >> 20} MiB, so that it was not read")


def may_give(snapshot: Snapshot, name: str) -> str | None:
    """The first build file that may give a build argument of that name.

    Something is assigned to a variable of the name, whatever becomes of it, it is handed on from the surroundings
    (`--build-arg NAME`), or arguments are given whose names cannot be read, or the file itself cannot.
    """
    word = re.escape(name)
    assigned = re.compile(
        rf"(?<![\w.-]){word}[\"']?\s*(?:[:?]?=(?!=)|:\s)|--build-arg[= ]+[\"']?(?:\$|{word}\b)".encode(
            "utf-8", "surrogateescape"
        )
    )
    for kind, path in _giving_files(snapshot):
        if kind != "readme":
            try:
                if assigned.search(snapshot.read(path)):
                    return path
            except InputError:
                if snapshot.unreadable(path) is not None:
                    return path
    return None


def filler_of(snapshot: Snapshot, path: str, name: str) -> str | None:
    """The script or Makefile that makes the real Dockerfile out of this one, by putting a text where `$name` stands."""
    folder, _, file = path.rpartition("/")
    if file == "Dockerfile":  # its name says that it is built as it is
        return passed_on_by(snapshot, path)
    here = re.compile(rf"(?<![\w.-]){re.escape(file)}(?![\w-])".encode("utf-8", "surrogateescape"))
    put_in = re.compile(
        rb"\b(?:sed|envsubst|perl|awk|m4)\b[^\n]{0,400}\b" + re.escape(name).encode("utf-8", "surrogateescape") + rb"\b"
    )
    for child in snapshot.children(folder):
        beside = f"{folder}/{child}" if folder else child
        entry = snapshot.get(beside)
        if beside == path or entry is None or entry.kind != "file" or entry.size > LARGEST_BUILD_FILE:
            continue
        text = snapshot.content(beside)
        if isinstance(text, bytes) and here.search(text) and put_in.search(text):
            return snapshot.show(beside)
    return None


def passed_on_by(snapshot: Snapshot, path: str) -> str | None:
    """The script or Makefile that has a program write the real Dockerfile out of this one, and leaves this one as it is."""
    folder, _, file = path.rpartition("/")
    word = re.escape(file)
    through = re.compile(
        r"\b(?:sed|envsubst|perl|awk|m4|cpp|gomplate|jinja2?|j2|erb|ytt|gpp)\b(?![^\n|>]{0,400}\s-i)[^\n|>]{0,400}"
        rf"(?<![\w.-]){word}(?![\w.-])"
        r"[^\n]{0,400}[|>]".encode("utf-8", "surrogateescape")
    )
    for child in snapshot.children(folder):
        beside = f"{folder}/{child}" if folder else child
        if beside != path and build_file_kind(beside) in ("script", "makefile"):
            content = snapshot.content(beside)
            if isinstance(content, bytes) and len(content) <= LARGEST_BUILD_FILE and through.search(content):
                return snapshot.show(beside)
    return None


def _giving_files(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """The build files, and those of CI services whose builds are not read but whose variables may be given to one."""
    yield from build_files(snapshot)
    for path, entry in snapshot.entries.items():
        if (
            entry.kind == "file"
            and entry.size <= LARGEST_BUILD_FILE
            and OTHER_CI.search(path)
            and snapshot.speaks(path)
        ):
            yield "ci", path


def build_file_kind(path: str) -> str | None:
    """Which of `KINDS` a file is by its repository path; None for another file."""
    folder, _, name = path.rpartition("/")
    return _kind(folder, name.lower())


def dotenv(snapshot: Snapshot, path: str) -> dict[str, str]:
    """The variables of a file of `NAME=value` lines (.env, config.env), unquoted and expanded; none if unreadable."""
    found: dict[str, str] = {}
    content = snapshot.content(path)
    if isinstance(content, Unknown):
        return found
    text = content.decode("utf-8", "replace")
    for row in text.splitlines():
        name, equals, value = row.strip().removeprefix("export ").partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not name.isidentifier():
            continue
        if value[:1] in "'\"" and len(value) > 1 and value[0] in value[1:]:
            quote = value[0]
            value = value[1 : value.index(quote, 1)]
            found[name] = value if quote == "'" else expand_shell(value, found)
        else:
            found[name] = expand_shell(value.partition(" #")[0].strip(), found)
    return found


def _kind(folder: str, name: str) -> str | None:
    if name.endswith((".yml", ".yaml")):
        stem = name.rpartition(".")[0]
        if folder == ".github/workflows" or (stem == "action" and folder.startswith(".github")):
            return "workflow"
        if stem == ".gitlab-ci":
            return "gitlab"
        if stem == "build":
            return "home-assistant"
        return "compose" if "compose" in stem else None
    if name.endswith(".hcl"):
        return "bake"
    if name.endswith(".json"):
        return "bake" if "docker-bake" in name else "home-assistant" if name == "build.json" else None
    if name in ("makefile", "gnumakefile") or name.endswith((".mk", ".make")) or name.startswith("makefile."):
        return "makefile"
    if name.startswith("jenkinsfile") or name.endswith(".jenkinsfile"):
        return "jenkinsfile"
    if name.endswith((".sh", ".bash")):
        return "script"
    return "readme" if name.partition(".")[0] == "readme" else None


def _has_escapes(kind: str, path: str) -> bool:
    return kind in _YAML or path.endswith(".json")


def _all_builds(snapshot: Snapshot) -> Iterator[Build]:
    files: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for kind, path in build_files(snapshot):
        files[kind].append(path)
    files["compose"].extend(_named_in_compose(snapshot, files["compose"]))
    for kind, paths in files.items():
        for path in paths:
            try:
                data = snapshot.read(path)
                if any(word in data for word in _NEEDED[kind]) or (_has_escapes(kind, path) and _ESCAPED.search(data)):
                    with budget():
                        found = list(_read(snapshot, kind, path))
                    yield from found
            except LimitError as limit:
                snapshot.trouble(path, str(limit))
            except RecursionError:
                snapshot.trouble(path, "it is nested too deeply, so that it could not be read")
            except InputError:
                continue
    from .unpublished_builds import document_builds

    yield from document_builds(snapshot, files["home-assistant"])


def _named_in_compose(snapshot: Snapshot, paths: Sequence[str]) -> list[str]:
    """The files of other names that compose files include, or whose services theirs extend, however deep.

    A file that cannot be read names none; that is told where its own builds are read.
    """
    from .compose_builds import extended_files, included_files

    seen = dict.fromkeys(paths)
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        try:
            data = snapshot.read(path)
            with budget():
                includes = included_files(snapshot, path) if b"include" in data else ()
                extends = extended_files(snapshot, path) if b"extends" in data else ()
                asked = dict.fromkeys((*includes, *extends))
                named = [one for one in asked if one not in seen and _small(snapshot, one)]
        except (InputError, LimitError, RecursionError):
            continue
        seen.update(dict.fromkeys(named))
        waiting += named
    return list(seen)[len(paths) :]


def _small(snapshot: Snapshot, path: str) -> bool:
    entry = snapshot.get(path)
    return entry is not None and entry.kind == "file" and entry.size <= LARGEST_BUILD_FILE


def _read(snapshot: Snapshot, kind: str, path: str) -> Iterator[Build]:
    if kind in _YAML:
        return _read_yaml(snapshot, kind, path)
    if kind == "bake":
        from .bake import bake_builds

        return bake_builds(snapshot, path)
    from . import script_builds as scripts

    readers = {
        "makefile": scripts.make_builds,
        "jenkinsfile": scripts.jenkins_builds,
        "script": scripts.shell_builds,
        "readme": scripts.readme_builds,
    }
    return readers[kind](snapshot, path)


def _read_yaml(snapshot: Snapshot, kind: str, path: str) -> Iterator[Build]:
    from . import ci_builds
    from .compose_builds import compose_builds

    if kind == "compose":
        folder = path.rpartition("/")[0]
        return compose_builds(snapshot, path, dotenv(snapshot, f"{folder}/.env" if folder else ".env"))
    if kind == "workflow":
        return ci_builds.workflow_builds(snapshot, path, owner_and_repository(snapshot))
    if kind == "gitlab":
        return ci_builds.gitlab_builds(snapshot, path)
    return ci_builds.home_assistant_builds(snapshot, path)
