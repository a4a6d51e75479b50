"""Build context, target and build arguments of a Dockerfile, and how they are known."""

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from weakref import WeakKeyDictionary

from ..late.dataclasses import dataclass, field, replace
from ..repository.snapshot import Snapshot
from ..text.errors import Unknown
from ..text.globs import go_match
from ..text.places import Place
from ..text.reference import Reference, parse
from .build import HOME_ASSISTANT, NO_ARGS, Bound, KnownPaths, bind
from .build_files import builds

_bound: WeakKeyDictionary[Snapshot, dict[tuple[str, ...], dict[str, list[Bound]]]] = WeakKeyDictionary()
_last_bound: WeakKeyDictionary[Snapshot, tuple[tuple[str, ...], dict[str, list[Bound]]]] = WeakKeyDictionary()
"""The answer for the very same tuple of Dockerfiles: to hash thousands of paths for each of them would take long."""


@dataclass(frozen=True, slots=True)
class FoundContext:
    """One way in which a Dockerfile is built.

    `root` is the build context as a repository path ('' for the top); `args` are the build arguments whose values are
    known, `open_args` the names of those that are given and whose values are not. `evidence` says how it is known
    ("compose", "Makefile", "configuration", "guess"), `place` where. It is `sure` unless the context was guessed from
    where the sources of COPY lie.
    """

    root: str
    target: str | None = None
    args: Mapping[str, str] = field(default_factory=lambda: NO_ARGS)
    evidence: str = "guess"
    place: Place | None = None
    sure: bool = False
    open_args: frozenset[str] = frozenset()
    unevaluated: frozenset[str] = frozenset()
    """Those of `open_args` for which no build has a value that can be read: it is an expression, or comes from outside."""
    named: Mapping[str, "NamedContext"] = field(default_factory=lambda: NO_NAMES)
    """The images that named build contexts stand for, by their familiar names with the tag."""
    more_names: bool = False
    """Whether there may be other named contexts: a build file gives some that cannot be read."""

    def stands_for(self, reference: Reference) -> "NamedContext | None":
        """The named context that stands for an image in FROM and `--from`, if one does or may."""
        if not self.named and not self.more_names:
            return None
        found = self.named.get(f"{reference.name}:{reference.effective_tag}")
        return NamedContext() if found is None and self.more_names else found


@dataclass(frozen=True, slots=True)
class NamedContext:
    """What a named context is: another image, or what a Dockerfile of the same repository makes (with its target); neither
    where that is not known, or it is a folder."""

    image: str | None = None
    dockerfile: str | None = None
    target: str | None = None


NO_NAMES: Mapping[str, NamedContext] = {}


def contexts(
    snapshot: Snapshot,
    dockerfile: str,
    dockerfiles: Sequence[str],
    sources: Iterable[str] = (),
    *,
    configured: Sequence[FoundContext] = (),
) -> tuple[FoundContext, ...]:
    """The ways in which a Dockerfile is built, one for each target, the likeliest first; at least one.

    `dockerfiles` are all of the repository's; `sources` are the sources of the Dockerfile's COPY and ADD from the
    context, with variables expanded as far as they are known. Configuration decides alone. Else what the repository's
    files say (see `buildfiles.builds`) counts where the context they name holds as many of the sources as a guess does.
    """
    if configured:
        return tuple(configured)
    wanted = tuple(source for source in sources if _in_context(source))
    guess = _guess(snapshot, dockerfile, wanted)
    by_target: dict[str | None, list[Bound]] = {}
    for bound in bound_builds(snapshot, dockerfiles).get(dockerfile, ()):
        by_target.setdefault(bound.target, []).append(bound)
    if not by_target:
        return (guess,)
    best = _score(snapshot, guess.root, wanted)
    found: list[FoundContext] = []
    for target, group in by_target.items():
        placed = [bound for bound in group if bound.context is not None]
        chosen = max(placed, key=lambda bound: _score(snapshot, bound.context or "", wanted), default=None)
        if chosen is None or chosen.context is None or _score(snapshot, chosen.context, wanted) < best:
            args, open_args = _agreed(group)
            unread = _unevaluated(group)
            found.append(
                FoundContext(guess.root, target, args, sure=guess.sure, open_args=open_args, unevaluated=unread)
            )
            continue
        placed = [bound for bound in placed if bound.context == chosen.context]
        args, open_args = _agreed(placed)
        build, unread = chosen.build, _unevaluated(placed)
        found.append(FoundContext(chosen.context, target, args, build.kind, build.place, True, open_args, unread))
    found.sort(key=lambda context: context.target is not None)
    names = {target: _named(group, snapshot, dockerfiles) for target, group in by_target.items()}
    return tuple(
        replace(context, named=names[context.target][0], more_names=names[context.target][1]) for context in found
    )


def _named(
    group: Sequence[Bound], snapshot: Snapshot, dockerfiles: Sequence[str]
) -> tuple[Mapping[str, NamedContext], bool]:
    """What the named contexts stand for of which some builds speak, and whether there may be others."""
    if not any(bound.build.named for bound in group):
        return NO_NAMES, False
    found: dict[str, NamedContext] = {}
    for bound in group:
        for name, what in bound.build.named.by_name.items():
            reference = parse(name)
            if not isinstance(reference, Reference):
                continue
            key = f"{reference.name}:{reference.effective_tag}"
            one = _named_context(what, snapshot, dockerfiles)
            found[key] = one if found.get(key, one) == one else NamedContext()
    return found, not all(bound.build.named.whole for bound in group)


def _named_context(what: str | None, snapshot: Snapshot, dockerfiles: Sequence[str]) -> NamedContext:
    kind, colon, rest = (what or "").partition(":")
    if colon and kind == "docker-image":
        return NamedContext(image=rest.removeprefix("//"))
    if colon and kind == "target":
        made = {
            (bound.dockerfile, bound.target)
            for bounds in bound_builds(snapshot, dockerfiles).values()
            for bound in bounds
            if bound.build.label == rest
        }
        if len(made) == 1:
            return NamedContext(None, *made.pop())
    return NamedContext()


def bound_builds(snapshot: Snapshot, dockerfiles: Sequence[str]) -> Mapping[str, Sequence[Bound]]:
    """The builds that the repository's files describe, by Dockerfile. `dockerfiles` are all of the repository's."""
    last = _last_bound.get(snapshot)
    if last is not None and last[0] is dockerfiles:
        return last[1]
    cache = _bound.setdefault(snapshot, {})
    key = tuple(dockerfiles)
    if key not in cache:
        found: dict[str, list[Bound]] = {}
        known = KnownPaths(key)
        for build in builds(snapshot):
            for bound in bind(build, known):
                found.setdefault(bound.dockerfile, []).append(bound)
        cache[key] = found
    if isinstance(dockerfiles, tuple):
        _last_bound[snapshot] = dockerfiles, cache[key]
    return cache[key]


def source_held(snapshot: Snapshot, context: str, source: str) -> bool | Unknown:
    """Whether a build context (a repository path) holds a source of COPY: a path, or a pattern that matches something.

    Unknown where git ignores it or it cannot be looked up. `..` does not lead out of the context, as in BuildKit.
    """
    path = posixpath.normpath("/" + source).lstrip("/")
    if not path or path == ".":
        return True
    if not any(character in path for character in "*?["):
        return snapshot.holds(f"{context}/{path}" if context else path)
    return _matched(snapshot, context, path.split("/"))


def _matched(snapshot: Snapshot, folder: str, parts: Sequence[str]) -> bool | Unknown:
    pattern, rest = parts[0], parts[1:]
    if not any(character in pattern for character in "*?["):
        path = f"{folder}/{pattern}" if folder else pattern
        held = snapshot.holds(path)
        return _matched(snapshot, path, rest) if rest and held is True else held
    unknown: Unknown | None = None
    for name in snapshot.children(folder):
        if not go_match(pattern)(name):
            continue
        below = _matched(snapshot, f"{folder}/{name}" if folder else name, rest) if rest else True
        if below is True:
            return True
        unknown = below if isinstance(below, Unknown) else unknown
    if unknown is not None:
        return unknown
    held = snapshot.holds_match(folder, pattern)
    return held if isinstance(held, Unknown) or not rest else False


def _in_context(source: str) -> bool:
    remote = source.startswith(("http://", "https://", "git@", "ssh://", "git://")) or source.endswith(".git")
    return not remote and not source.startswith("<<") and "$" not in source


def _guess(snapshot: Snapshot, dockerfile: str, sources: Sequence[str]) -> FoundContext:
    """The Dockerfile's folder, unless the repository's top, or else a folder between, holds more of the sources."""
    folder = dockerfile.rpartition("/")[0]
    above = [folder]
    while above[-1]:
        above.append(above[-1].rpartition("/")[0])
    if len(above) == 1:
        return FoundContext(folder, sure=True)
    order = [above[0], above[-1], *above[1:-1]]
    best = max(order, key=lambda root: _score(snapshot, root, sources))
    return FoundContext(best)


def _score(snapshot: Snapshot, root: str, sources: Sequence[str]) -> int:
    held = [source_held(snapshot, root, source) for source in sources]
    return sum(1 if isinstance(answer, Unknown) else 2 if answer else 0 for answer in held)


def _agreed(group: Sequence[Bound]) -> tuple[Mapping[str, str], frozenset[str]]:
    """The build arguments that the builds of the first kind of file agree on, and the names of the others."""
    same_kind = [bound.build for bound in group if bound.build.kind == group[0].build.kind]
    open_args = {name for build in same_kind for name in build.open_args}
    args: dict[str, str] = {}
    for build in same_kind:
        for name, value in build.args.items():
            if args.setdefault(name, value) != value:
                open_args.add(name)
    agreed = {name: value for name, value in args.items() if name not in open_args}
    # Home Assistant's builder gives what no other build speaks of, or what none says with one value.
    return {**_of_home_assistant(group), **agreed}, frozenset(open_args)


def _of_home_assistant(group: Sequence[Bound]) -> Mapping[str, str]:
    return next((bound.build.args for bound in group if bound.build.kind == HOME_ASSISTANT), NO_ARGS)


def _unevaluated(group: Sequence[Bound]) -> frozenset[str]:
    """The names of build arguments that the builds of the first kind of file give, none with a value that can be read."""
    same_kind = [bound.build for bound in group if bound.build.kind == group[0].build.kind]
    given = {name for build in same_kind for name in build.args} | _of_home_assistant(group).keys()
    return frozenset(name for build in same_kind for name in build.open_args if name not in given)
