"""The Dockerfiles of a repository, with those that only its build files tell: of any name, in any folder, or none at all."""

import re
from collections.abc import Iterator, Sequence

from ..late.patterns import pattern
from ..repository.dockerfiles import dockerfiles, is_built
from ..repository.gitignore import GitIgnore
from ..repository.snapshot import Snapshot
from ..text.errors import Unknown
from .build import wanted
from .build_files import build_files, builds
from .placeholders import has_hole

_INLINE = pattern(rb"^[^#\n]*\bdockerfile[_-]inline\b[\"']?[ \t]*[:=]", re.MULTILINE)


def all_dockerfiles(snapshot: Snapshot, exclude: Sequence[str] = ()) -> tuple[str, ...]:
    """The repository paths of a repository's Dockerfiles, sorted: those of a Dockerfile's name (see `dockerfiles`), and
    those that a compose file, a docker-bake file, a CI file, a Makefile or a script has built, whatever they are called.

    `exclude` are patterns as in a .gitignore.
    """
    named = dockerfiles(snapshot, exclude)
    more = set(_told(snapshot)) - set(named)
    if not more:
        return named
    excluded = GitIgnore()
    excluded.add("", "\n".join(exclude))
    known = {snapshot.locate(path) for path in named}
    return tuple(
        sorted((*named, *(p for p in more if not excluded.ignored(p, False) and snapshot.locate(p) not in known)))
    )


def inline_dockerfiles(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """The compose and docker-bake files that hold a Dockerfile in themselves, which is not read: (path, why)."""
    for kind, path in build_files(snapshot):
        if kind not in ("compose", "bake"):
            continue
        content = snapshot.content(path)
        if isinstance(content, bytes) and _INLINE.search(content):
            yield path, "it holds a Dockerfile in itself (dockerfile-inline), which is not read: write it into a file"


def _told(snapshot: Snapshot) -> Iterator[str]:
    """The paths of files that builds name, and that BuildKit reads as Dockerfiles."""
    for build in builds(snapshot):
        if build.kind == "README":
            continue
        for base in build.bases:
            paths = (path for path in wanted(build, base) if not has_hole(path) and path in snapshot.entries)
            path = next(paths, None)
            if path is not None:
                if _is_dockerfile(snapshot, path):
                    yield path
                break


def _is_dockerfile(snapshot: Snapshot, path: str) -> bool:
    found = snapshot.locate(path)
    entry = snapshot.entries.get(found) if isinstance(found, str) else None
    if entry is None or entry.kind == "submodule":
        return False
    content = snapshot.content(path)
    return isinstance(content, Unknown) or is_built(content)
