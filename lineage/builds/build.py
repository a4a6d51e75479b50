"""What a repository's files say about how a Dockerfile is built, and which Dockerfile they mean."""

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..late.dataclasses import dataclass, field
from ..text.places import Place
from .placeholders import TOP, filled, has_hole, match

NO_ARGS: Mapping[str, str] = {}


HOME_ASSISTANT = "Home Assistant build file"
"""The `kind` of the build that a build.yaml of an add-on describes."""
WHERE_IT_RUNS = "who runs the image"
"""The `kind` of a build whose arguments no file of the repository gives: who runs the image builds it, with its own."""


@dataclass(frozen=True, slots=True)
class NamedContexts:
    """The named contexts of a build: what each stands for, None where that is not known. There may be others unless `whole`."""

    by_name: Mapping[str, str | None] = field(default_factory=lambda: dict[str, str | None]())
    whole: bool = True

    def __bool__(self) -> bool:
        return bool(self.by_name) or not self.whole


NO_CONTEXTS: NamedContexts = NamedContexts()


def named_contexts(given: Mapping[str, str]) -> NamedContexts:
    """The named contexts of which a build file speaks. Texts may have holes: a name that has one may be any."""
    by_name = {name: None if has_hole(value) else value for name, value in given.items() if not has_hole(name)}
    return NamedContexts(by_name, len(by_name) == len(given))


@dataclass(frozen=True, slots=True)
class Build:
    """A build that a file describes. Texts may have holes.

    `context` is the build context, relative to one of `bases` (repository paths, the likeliest first; more than one
    for a script, which may be started anywhere), or None where it is none of the repository's folders. `dockerfile`
    is relative to the base, too; None means the one in the context. `args` are the build arguments whose values are
    known, `open_args` the names of others. `tags` are the references given to the image. `kind` says what was read,
    as a user is told ("compose", "Makefile"). `named` are the named build contexts, which stand for the images of these
    names in FROM and `--from`: what they are where it is known (`docker-image://alpine:3.22`, `target:base`). `label` is
    what other builds of the file call this one.
    """

    kind: str
    place: Place
    context: str | None = "."
    dockerfile: str | None = None
    target: str | None = None
    args: Mapping[str, str] = field(default_factory=lambda: NO_ARGS)
    open_args: frozenset[str] = frozenset()
    tags: tuple[str, ...] = ()
    bases: tuple[str, ...] = ("",)
    named: NamedContexts = field(default_factory=lambda: NO_CONTEXTS)
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A build of one Dockerfile of the repository; `context` is a repository path ('' for the top), None if unknown."""

    build: Build
    dockerfile: str
    context: str | None
    values: Mapping[str, str]

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(filled(tag, self.values) for tag in self.build.tags)

    @property
    def target(self) -> str | None:
        target = filled(self.build.target, self.values) if self.build.target else None
        return None if target and has_hole(target) else target


class KnownPaths:
    """The repository paths of Dockerfiles: whether one is there is looked up, and so are those that a template may match."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = tuple(paths)
        self._places = {path: place for place, path in enumerate(self.paths)}
        self._levels: dict[int, dict[str, list[str]]] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._places

    def alike(self, template: str) -> Sequence[str]:
        """The paths, in order, that have the template's depth and those of its parts that hold no hole.

        A hole stands for a part of a path or less, never for several (see `match`).
        """
        parts = template.split("/")
        fixed = [(level, part) for level, part in enumerate(parts) if not has_hole(part)]
        if not fixed:
            return self.paths
        found = [self._with_part(level).get(part, []) for level, part in fixed]
        return min(found, key=len)

    def _with_part(self, level: int) -> Mapping[str, list[str]]:
        """The paths by their part at a level, counted from the top."""
        if level not in self._levels:
            by_part: dict[str, list[str]] = {}
            for path in self.paths:
                parts = path.split("/", level + 1)
                if len(parts) > level:
                    by_part.setdefault(parts[level], []).append(path)
            self._levels[level] = by_part
        return self._levels[level]


def bind(build: Build, known: KnownPaths) -> Iterator[Bound]:
    """The Dockerfiles (repository paths) that a build is of, with what its holes stand for there."""
    for base in build.bases:
        context = join(base, build.context) if build.context is not None else None
        paths = wanted(build, base)
        found = [Bound(build, path, _context_of(context, values), values) for path, values in _matches(paths, known)]
        if found:
            yield from found
            return


def join(base: str, path: str) -> str | None:
    """A path relative to a folder of the repository as a repository path; None where it leads out of it."""
    if path.startswith(TOP):
        joined = path[len(TOP) :].lstrip("/")
    elif path.startswith(("/", "git@")) or "://" in path:
        return None
    else:
        joined = f"{base}/{path}" if base else path
    cleaned = posixpath.normpath(joined) if joined else "."
    if cleaned == ".." or cleaned.startswith("../"):
        return None
    return "" if cleaned == "." else cleaned


def wanted(build: Build, base: str) -> list[str]:
    """The repository paths, which may have holes, at which a build looks for its Dockerfile; `base` is one of its bases."""
    if build.dockerfile is not None:
        path = join(base, build.dockerfile)
        return [path] if path is not None else []
    context = join(base, build.context) if build.context is not None else None
    if context is None:
        return []
    prefix = f"{context}/" if context else ""
    return [prefix + name for name in ("Dockerfile", "Containerfile", "dockerfile")]


def _matches(wanted: Iterable[str], dockerfiles: KnownPaths) -> Iterator[tuple[str, Mapping[str, str]]]:
    for template in wanted:
        if not has_hole(template):
            if template in dockerfiles:
                yield template, {}
                return
            continue
        found = [
            (path, values) for path in dockerfiles.alike(template) if (values := match(template, path)) is not None
        ]
        if found:
            yield from found
            return


def _context_of(context: str | None, values: Mapping[str, str]) -> str | None:
    if context is None:
        return None
    known = filled(context, values)
    return None if has_hole(known) else known
