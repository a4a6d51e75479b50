"""What an image is made of: the files that its build takes in, and the facts that other files of the repository give it.

Where it cannot be told whether a COPY takes a file (a variable in its source), it does.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from ..builds.image_source import ImageSource
from ..dockerfile.context_sources import EVERYTHING, SourcePattern, begins_with, context_sources, takes
from ..dockerfile.instruction import Instruction
from ..dockerfile.stages import Stage
from ..late.dataclasses import dataclass
from ..repository.dockerignore import DockerIgnore
from ..repository.since import Changes


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
    def patterns(self) -> frozenset[SourcePattern]:
        """What COPY, ADD and bind mounts take, links followed: the parts of context paths, with globs in them."""
        waiting = list(self._sources())
        found: set[SourcePattern] = set()
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

    def _sources(self) -> Iterator[SourcePattern]:
        stages = self.source.stages
        for instruction in self.triggers:
            yield from context_sources(instruction, stages.escape)
        for stage in stages.needed:
            for instruction in _with_triggers(stage, stages.stages):
                yield from context_sources(instruction, stages.escape)

    def _followed(self, pattern: SourcePattern) -> Iterator[SourcePattern]:
        """Where a source leads that has a symbolic link on its way or at its end."""
        for link, target in self._links:
            if begins_with(pattern, link):
                yield (*target, *pattern[len(link) :]) or EVERYTHING

    def _copied(self, path: str) -> bool:
        prefix = _prefix(self.source)
        if not path.startswith(prefix):
            return False
        inside = path[len(prefix) :]
        parts = inside.split("/")
        entry = self.source.snapshot.entries.get(path)
        above = entry is not None and entry.kind in ("submodule", "link")
        return any(takes(pattern, parts, above=above) for pattern in self.patterns) and not self._ignore.excluded(
            inside
        )


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


def _with_triggers(stage: Stage, stages: Sequence[Stage]) -> Iterator[Instruction]:
    if stage.base.stage is not None:
        for instruction in stages[stage.base.stage].instructions:
            if instruction.onbuild is not None:
                yield instruction.onbuild
    yield from stage.instructions
