"""What an image is made of: the files that its build takes in, and the facts that other files of the repository give it.

Where it cannot be told whether a COPY takes a file (a variable in its source), it does.
"""

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from posixpath import normpath

from ..builds.image_source import ImageSource
from ..dockerfile.expand import expand
from ..dockerfile.instruction import Instruction
from ..dockerfile.operands import parse_copy, parse_mounts
from ..dockerfile.stages import Stage
from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..repository.dockerignore import DockerIgnore
from ..repository.since import Changes

_HOLE = "\ue000"
_ALTERNATIVE = pattern(r"\$\{\w+:?[^}\w:-]")
"""`${NAME:+…}`, `${NAME#…}`: what such a variable is worth depends on its value in ways that a hole does not show."""
_EVERYTHING = ("**",)


@dataclass(frozen=True, eq=False)
class Inputs:
    """The inputs of one image. `triggers` are the ONBUILD instructions of its parent images."""

    source: ImageSource
    triggers: tuple[Instruction, ...] = ()

    def take(self, path: str) -> bool:
        """Whether a repository path, which may no longer or not yet be there, is an input of the image.

        Inputs are the Dockerfile, the .dockerignore in force (or that would be), the build file that says how the image
        is built or called, and the files of the build context that are not ignored and that a COPY, ADD or bind mount
        of a stage which the target needs can take.
        """
        return path in self._named or self._copied(path)

    @property
    def facts(self) -> tuple[object, ...]:
        """What configuration and build files make of the image; it differs where one of them has changed that."""
        source, build = self.source, self.source.build
        names = tuple((name.name, name.tags, name.target, name.local, name.assumed) for name in source.names)
        args = tuple(sorted({**build.args, **source.build_args}.items()))
        return build.root, build.target, args, tuple(sorted(build.open_args)), names

    @cached_property
    def _named(self) -> frozenset[str]:
        source, snapshot = self.source, self.source.snapshot
        root = source.build.root
        found = {source.path, f"{source.path}.dockerignore", f"{root}/.dockerignore" if root else ".dockerignore"}
        real = snapshot.locate(source.path)
        if isinstance(real, str):
            found.add(real)
        evidence = [(source.build.place, source.build.evidence), *((name.place, name.how) for name in source.names)]
        for place, how in evidence:
            if place is not None and how != "README" and place.path.startswith(snapshot.label):
                found.add(place.path[len(snapshot.label) :])
        return frozenset(found)

    @cached_property
    def _ignore(self) -> DockerIgnore:
        return DockerIgnore.for_build(self.source.snapshot, self.source.build.root, self.source.path)

    @cached_property
    def patterns(self) -> frozenset[tuple[str, ...]]:
        """What COPY, ADD and bind mounts take, links followed: the parts of context paths, with globs in them."""
        waiting = [_pattern(text) for text in self._sources()]
        found: set[tuple[str, ...]] = set()
        while waiting:
            pattern = waiting.pop()
            if pattern not in found:
                found.add(pattern)
                waiting += self._followed(pattern)
        return frozenset(found)

    @cached_property
    def _links(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """The symbolic links of the build context that lead to somewhere else in it: (parts of the path, of the target)."""
        snapshot, prefix = self.source.snapshot, _prefix(self.source)
        found: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        for path in snapshot.links():
            real = snapshot.locate(path) if path.startswith(prefix) else None
            if isinstance(real, str) and f"{real}/".startswith(prefix):
                inside = real[len(prefix) :]
                found.append((tuple(path[len(prefix) :].split("/")), tuple(inside.split("/")) if inside else ()))
        return tuple(found)

    def _sources(self) -> Iterator[str]:
        stages = self.source.stages
        for instruction in self.triggers:
            yield from _taken(instruction, stages.escape)
        for stage in stages.stages:
            if stage.index in stages.reachable:
                for instruction in _with_triggers(stage, stages.stages):
                    yield from _taken(instruction, stages.escape)

    def _followed(self, pattern: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """Where a source leads that has a symbolic link on its way or at its end."""
        for link, target in self._links:
            if _begins(pattern, link):
                yield (*target, *pattern[len(link) :]) or _EVERYTHING

    def _copied(self, path: str) -> bool:
        prefix = _prefix(self.source)
        if not path.startswith(prefix):
            return False
        inside = path[len(prefix) :]
        parts = inside.split("/")
        entry = self.source.snapshot.entries.get(path)
        above = entry is not None and entry.kind in ("submodule", "link")
        return any(_matches(pattern, parts, above) for pattern in self.patterns) and not self._ignore.excluded(inside)


def touched(now: Iterable[Inputs], before: Iterable[Inputs], changes: Changes) -> frozenset[str]:
    """The ids of the images that a change touches: that are new, or whose inputs have changed.

    `before` are the inputs of the images as they were; what was an input then and is gone counts.
    """
    earlier = {inputs.source.id: inputs for inputs in before}
    found: set[str] = set()
    for inputs in now:
        old = earlier.get(inputs.source.id)
        change = changes.of(inputs.source.snapshot)
        if old is None or old.facts != inputs.facts or (change is not None and _differ(inputs, old, change.paths)):
            found.add(inputs.source.id)
    return frozenset(found)


def _differ(inputs: Inputs, old: Inputs, paths: Iterable[str]) -> bool:
    """Whether one of the paths is an input, or what is taken has become another by a link that leads elsewhere."""
    return inputs.patterns != old.patterns or any(inputs.take(path) or old.take(path) for path in paths)


def all_triggers(sources: Iterable[ImageSource]) -> tuple[Instruction, ...]:
    """The ONBUILD instructions of all these images, for where it is not known which descends from which."""
    stages = (stage for source in sources for stage in source.stages.stages)
    return tuple(i.onbuild for stage in stages for i in stage.instructions if i.onbuild is not None)


def _prefix(source: ImageSource) -> str:
    """What the repository paths of an image's build context begin with."""
    return f"{source.build.root}/" if source.build.root else ""


def _begins(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether the first parts of a source stand for this path."""
    for index, part in enumerate(parts):
        if index >= len(pattern):
            return False
        if pattern[index] == "**":
            return True
        if not fnmatchcase(part, pattern[index]):
            return False
    return True


def _with_triggers(stage: Stage, stages: Sequence[Stage]) -> Iterator[Instruction]:
    if stage.base.stage is not None:
        for instruction in stages[stage.base.stage].instructions:
            if instruction.onbuild is not None:
                yield instruction.onbuild
    yield from stage.instructions


def _taken(instruction: Instruction, escape: str) -> Iterator[str]:
    """What an instruction takes from the build context: paths and globs, `**` where variables decide."""
    if instruction.keyword in ("COPY", "ADD"):
        if instruction.flag("from") is None and len(instruction.arguments) > 1:
            for source in parse_copy(instruction).sources:
                if "://" not in source.text and not source.text.startswith("git@"):
                    yield _with_holes(source.text, escape)
    elif instruction.keyword == "RUN":
        for mount in parse_mounts(instruction):
            if mount.kind == "bind" and mount.origin is None:
                yield _with_holes(mount.source or "/", escape)


def _with_holes(text: str, escape: str) -> str:
    if "$" not in text:
        return expand(text, {}, escape).text
    if _ALTERNATIVE.search(text):
        return "**"
    expansion = expand(text, lambda name: _HOLE, escape)
    return "**" if expansion.error else expansion.text


def _pattern(text: str) -> tuple[str, ...]:
    """The parts of a source. One with a variable in it stands for any path from there on: it may hold slashes."""
    path = normpath("/" + text).lstrip("/")
    if not path or path == ".":
        return _EVERYTHING
    parts: list[str] = []
    for part in path.split("/"):
        if _HOLE in part or "**" in part:
            return (*parts, "**")
        parts.append("*" if "\\" in part else part.replace("[^", "[!"))
    return tuple(parts)


def _matches(pattern: Sequence[str], parts: Sequence[str], above: bool) -> bool:
    """Whether a source takes a path: it is that path, or a folder above it.

    With `above` the path may also be one above the source: what was a file or folder there was, or is, a link.
    """
    for index, wanted in enumerate(pattern):
        if wanted == "**":
            return True
        if index >= len(parts):
            return above
        if not fnmatchcase(parts[index], wanted):
            return False
    return True
