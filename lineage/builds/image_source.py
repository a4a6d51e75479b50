"""Images by the Dockerfiles that make them: what a Dockerfile's build is, and what it is published as."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from ..dockerfile.instruction import ParseProblem
from ..dockerfile.parse import Dockerfile, parse_all
from ..dockerfile.stages import Stage, Stages, parse_stages, refused_word
from ..late.dataclasses import dataclass, field, replace
from ..repository.snapshot import Snapshot
from ..text.budget import IMAGE_STEPS, LimitError, budget
from ..text.errors import InputError, Unknown
from ..text.reference import Alias
from .contexts import FoundContext, contexts
from .published_names import PublishedName, published


@dataclass(frozen=True, eq=False)
class ImageSource:
    """A Dockerfile (and target) that makes an image, with the repository it stands in.

    `id` is `REPO/PATH[#TARGET]`; `path` the Dockerfile's repository path; `names` what it is published as.
    """

    id: str
    snapshot: Snapshot
    path: str
    dockerfile: Dockerfile
    build: FoundContext
    names: tuple[PublishedName, ...]
    build_args: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())

    @property
    def shown(self) -> str:
        """The Dockerfile's path as it is shown to the user."""
        return self.snapshot.show(self.path)

    @property
    def name(self) -> str:
        """What the image is called in reports: the first name it is published under, else its id."""
        public = [name for name in self.names if not name.local]
        return (public or list(self.names))[0].name if self.names else self.id

    @property
    def stages(self) -> Stages:
        """The stages, for the build arguments and the target of the image's build; none where `limit` says why."""
        return self._read[0]

    @property
    def limit(self) -> str | None:
        """Why the Dockerfile is not read: it asks for more steps than are followed."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[Stages, str | None]:
        try:
            with budget(IMAGE_STEPS):
                return self._stages(), None
        except LimitError as limit:
            return parse_stages(replace(self.dockerfile, instructions=())), str(limit)

    def _stages(self) -> Stages:
        given = self.build.args
        if given and self.build.evidence == "README":  # it shows what may be given in place of the defaults
            defaults = {name for name, equals, _ in self._declared() if equals}
            given = {name: value for name, value in given.items() if name not in defaults}
        stages = parse_stages(self.dockerfile, {**given, **self.build_args}, self.build.target)
        unknown = self.build.open_args - self.build_args.keys()
        if not unknown or self.build.evidence in ("README", "configuration"):
            return stages
        return replace(stages, stages=tuple(self._doubted(stage, stages, unknown) for stage in stages.stages))

    def _doubted(self, stage: Stage, stages: Stages, unknown: frozenset[str]) -> Stage:
        """The stage, whose FROM is in doubt where a build gives one of its arguments a value that is not known."""
        base = stage.base
        used = {name: _reach(name, stages) & unknown for name in base.uses}
        doubtful = [name for name, reached in used.items() if reached]
        if not doubtful:
            return stage
        giver = self.build.place if self.build.place is not None else "a build file"
        given = ", ".join(sorted({each for name in doubtful for each in used[name]}))
        last = base.raw.rpartition("/")[2].partition("@")[0]
        named = [name for name in doubtful if used[name] & self.build.unevaluated and _in_name(last, name)]
        if named:
            reason = f"FROM {base.raw}: {giver} gives {given} a value that is not evaluated"
            return replace(stage, base=replace(base, unevaluated=reason))
        return replace(stage, base=replace(base, doubt=f"{giver} may give {given} another value than {base.text}"))

    def _declared(self) -> Iterator[tuple[str, str, str]]:
        """The (name, `=` or nothing, default) of every ARG."""
        for instruction in self.dockerfile.instructions:
            if instruction.keyword == "ARG":
                yield from (argument.partition("=") for argument in instruction.arguments)

    @cached_property
    def declared_args(self) -> frozenset[str]:
        """Names that an ARG anywhere in the file declares."""
        return frozenset(name for name, _, _ in self._declared())

    @property
    def stage(self) -> Stage | None:
        """The stage that is the image."""
        return self.stages.target

    @property
    def readable(self) -> bool:
        return self.stage is not None

    @property
    def stage_name_error(self) -> tuple[int, str] | None:
        """(line, name) where all that BuildKit refuses is the name of a stage."""
        error = self.dockerfile.error
        if error is None or "invalid name for build stage" not in error.message:
            return None
        quoted = error.message.partition('"')[2].partition('"')[0]
        return error.line, quoted

    @property
    def problem(self) -> InputError | None:
        """Why the Dockerfile cannot be built, as BuildKit says it."""
        error = self.dockerfile.error
        if self.limit is not None:
            return InputError(f"This Dockerfile cannot be read: {self.limit}.", self.shown, 1)
        if error is not None and error.found_by == "reading":
            return InputError(f"This Dockerfile cannot be read: {error.message}.", self.shown, 1)
        if error is not None and self.stage_name_error is None:
            return InputError(f"BuildKit refuses this Dockerfile: {error.message}.", self.shown, error.line)
        if not self.stages.stages:
            return InputError("There is no FROM in this Dockerfile.", self.shown, 1)
        if self.stage is None:
            place = self.build.place
            if place is None:
                return InputError(f"There is no stage {self.build.target!r} in this Dockerfile.", self.shown, 1)
            return InputError(f"There is no stage {self.build.target!r} in {self.shown}.", place.path, place.line)
        refused = refused_word(self.stages)
        if refused is not None:
            return InputError(f"BuildKit refuses this Dockerfile: {refused.message}.", self.shown, refused.line)
        return None


def _reach(name: str, stages: Stages) -> frozenset[str]:
    """A global argument and those that its default uses."""
    argument = stages.global_args.get(name)
    return frozenset((name, *(argument.uses if argument is not None else ())))


def _in_name(last: str, name: str) -> bool:
    """Whether a variable stands in the last part of an image's name, before the tag; `last` is that part with its tag."""
    plain = re.sub(r"\$\{(\w+)\b[^}]{0,1000}\}", r"$\1", last)
    return re.search(rf"\${name}(?!\w)", plain.partition(":")[0]) is not None


@dataclass(frozen=True, slots=True)
class ConfiguredBuild:
    """How configuration has a Dockerfile built. `context` is an absolute folder; what is None is found as without it."""

    context: Path | None = None
    target: str | None = None
    args: Mapping[str, str] | None = None

    def over(self, found: FoundContext, snapshot: Snapshot) -> FoundContext:
        """`found` with what is configured in its place."""
        root, sure = found.root, found.sure
        if self.context is not None and snapshot.root is not None:
            inside = os.path.relpath(self.context, snapshot.root).replace(os.sep, "/")
            root, sure = ("" if inside == "." else inside), True
        args = found.args if self.args is None else self.args
        return replace(
            found, root=root, sure=sure, target=self.target or found.target, args=args, evidence="configuration"
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """What configuration says about resolving. Keys of `names` and `contexts` are Dockerfiles' paths as they are shown."""

    aliases: tuple[Alias, ...] = ()
    names: Mapping[str, Sequence[str]] = field(default_factory=lambda: dict[str, Sequence[str]]())
    contexts: Mapping[str, ConfiguredBuild] = field(default_factory=lambda: dict[str, ConfiguredBuild]())
    parents: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    build_args: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    target: str | None = None
    moving_tags: tuple[str, ...] | None = None
    """The tags that move, as patterns; None where the rules' own list is in force."""


def sources_of(snapshot: Snapshot, paths: Sequence[str], settings: Settings) -> Iterator[ImageSource]:
    """The images that a repository's Dockerfiles make. `paths` are the repository paths of all of them."""
    paths = tuple(paths)
    contents = [(path, snapshot.content(path)) for path in paths]
    read = parse_all(
        (content if isinstance(content, bytes) else b"", snapshot.show(path)) for path, content in contents
    )
    for (path, content), dockerfile in zip(contents, read, strict=True):
        if isinstance(content, Unknown):
            problem = ParseProblem(content.reason, 1, 1, "reading")
            dockerfile = Dockerfile(dockerfile.path, "", (), problem, "\\", {}, ())
        yield from _images(snapshot, path, dockerfile, paths, settings)


def _images(
    snapshot: Snapshot, path: str, dockerfile: Dockerfile, siblings: Sequence[str], settings: Settings
) -> Iterator[ImageSource]:
    """The images that the Dockerfile at a repository path makes."""
    builds = contexts(snapshot, path, siblings, _copy_sources(dockerfile))
    configured = settings.contexts.get(dockerfile.path)
    if configured is not None:
        builds = (configured.over(builds[0], snapshot),)
    wanted = settings.target
    if wanted is not None:
        builds = (replace(builds[0], target=wanted),)
    last = _last_stage(dockerfile) if any(build.target for build in builds) else None
    names = published(
        snapshot, path, siblings, configured=settings.names.get(dockerfile.path) or (), aliases=settings.aliases
    )
    for build in builds:
        target = build.target if last is None or (build.target or "").lower() not in ("", last.name) else None
        target = wanted if wanted is not None else target
        own = names if len(builds) == 1 else tuple(name for name in names if name.target in (None, build.target))
        image_id = f"{snapshot.name}/{path}" + (f"#{target}" if target else "")
        yield ImageSource(image_id, snapshot, path, dockerfile, build, own, settings.build_args)


def _last_stage(dockerfile: Dockerfile) -> Stage | None:
    try:
        with budget(IMAGE_STEPS):
            return parse_stages(dockerfile).target
    except LimitError:
        return None


def _copy_sources(dockerfile: Dockerfile) -> tuple[str, ...]:
    """The sources that COPY and ADD take from the context, as written, without those that hold variables."""
    found: list[str] = []
    for instruction in dockerfile.instructions:
        if instruction.keyword in ("COPY", "ADD") and instruction.flag("from") is None:
            found += [
                a for a in instruction.arguments[:-1] if "$" not in a and "://" not in a and not a.startswith("<<")
            ]
    return tuple(found)
