"""Deployments: each consumer with the image that it runs, and what becomes of that image's start under it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, TypeVar

from ..boot.main_command import leads_to_init
from ..boot.plan import BootPlan, plan_of
from ..boot.steps import ROOT
from ..builds.contexts import bound_builds
from ..builds.placeholders import has_hole
from ..builds.published_names import ANY_TAG
from ..consumers.model import Consumer
from ..image.grades import opened
from ..image.image import CommandLine, EffectiveImage
from ..late.dataclasses import dataclass, field, replace
from ..repository.snapshot import Snapshot
from ..s6.release import S6Release, release_of
from ..text.errors import Unknown
from ..text.globs import glob_matches
from ..text.places import Place, Sourced
from ..text.reference import Reference
from ..text.reference import parse as parse_reference
from ..text.symbolic import Text
from .workspace import ImageSource, Workspace

T = TypeVar("T")


class DeploymentGroup:
    """All consumers of one image, whatever its tag, in the repositories asked for, and what is told of them together."""

    def __init__(self) -> None:
        self.members: list[Deployment] = []
        self._facts: dict[Callable[[DeploymentGroup], Any], Any] = {}

    def once(self, fact: "Callable[[DeploymentGroup], T]") -> T:
        """What `fact` tells of the group, computed when it is first asked for."""
        if fact not in self._facts:
            self._facts[fact] = fact(self)
        found: T = self._facts[fact]
        return found


@dataclass(frozen=True, eq=False)
class Deployment:
    """A consumer and the image that it runs.

    `source` is the image at hand that it is, `profile` the bundled facts where there is none; neither where nothing is
    known of it. `assumed` says why it may not be quite that image (another tag). `group` holds all consumers of the image,
    this one among them.
    """

    workspace: Workspace
    consumer: Consumer
    snapshot: Snapshot
    source: ImageSource | None = None
    profile: EffectiveImage | None = None
    assumed: str | None = None
    group: DeploymentGroup = field(default_factory=DeploymentGroup, repr=False)

    @property
    def known(self) -> bool:
        """Whether anything is known of the image."""
        return self.source is not None or self.profile is not None

    @property
    def made_here(self) -> bool:
        """Whether a repository that was asked for makes the image, not one that was brought in to know it."""
        return self.source is not None and self.source.snapshot in self.workspace.asked

    @property
    def image_name(self) -> str:
        """The image's name for reports."""
        if self.source is not None:
            return self.source.name
        return self.consumer.name or self.consumer.written or self.consumer.title

    @cached_property
    def _image(self) -> EffectiveImage | Unknown:
        if self.source is not None:
            image = self.workspace.effective(self.source)
        elif self.profile is not None:
            image = self.profile
        else:
            return self._unknown
        return opened(image, self.assumed) if self.assumed else image

    @property
    def _unknown(self) -> Unknown:
        if self.consumer.built is not None:
            return Unknown(f"no Dockerfile for what {self.consumer.built} builds is here", "missing")
        name = self.image_name
        alike = self.workspace.once(_sources_by_last_part).get(name.rpartition("/")[2])
        if alike is None or self.consumer.name is None:
            return Unknown(f"the image {name} is not known", "run")
        lines = f'[names] "{alike.path}" = "{name}" in ctlint.toml'
        return Unknown(f"the image {name} is not known; if {alike.shown} makes it, say so: {lines}", "run")

    @property
    def image(self) -> EffectiveImage:
        """The image as it was built. Raises Unknown where nothing is known of it."""
        if isinstance(self._image, Unknown):
            raise self._image
        return self._image

    @cached_property
    def boot(self) -> BootPlan:
        """The image's own boot plan, as if nobody changed its start. Raises Unknown."""
        if self.source is not None and not self.assumed:
            return self.workspace.boot(self.source)
        return plan_of(self.image)

    @cached_property
    def started(self) -> EffectiveImage:
        """The image with the consumer's entrypoint, command, user, directory and variables instead of its own. Raises Unknown."""
        return under(self.image, self.consumer)

    @cached_property
    def started_boot(self) -> BootPlan:
        """The boot plan under the consumer. Raises Unknown."""
        if self.started is self.image:
            return self.boot
        user = self.consumer.user.known if self.consumer.user is not None else None
        return plan_of(self.started, Text.of(user.partition(":")[0]) if user else ROOT)

    @property
    def release(self) -> S6Release | None:
        """The s6-overlay that the image brings; None for none. Raises Unknown."""
        release = release_of(self.image)
        if isinstance(release, Unknown):
            raise release
        return release

    @property
    def starts_init(self) -> bool:
        """Whether `/init` of s6-overlay is started under the consumer. Raises Unknown."""
        if self.release is None:
            return False
        answer = leads_to_init(self.started)
        if isinstance(answer, Unknown):
            raise answer
        return answer

    def variable(self, name: str) -> str | Unknown | None:
        """What a variable is when the container starts: what the consumer says, else the image. None for surely nothing."""
        said = self.consumer.environment.get(name)
        if said is not None:
            return said.value
        if self.consumer.environment_open is not None:
            return self.consumer.environment_open
        if self.consumer.open is not None:
            return self.consumer.open
        return self.image.variable(name)


def _sources_by_last_part(workspace: Workspace) -> dict[str, ImageSource]:
    """The images of the repositories that were asked for, by the last part of their name; the first of several."""
    asked = set(workspace.asked)
    found: dict[str, ImageSource] = {}
    for source in workspace.images:
        if source.snapshot in asked:
            found.setdefault(source.name.rpartition("/")[2], source)
    return found


def under(image: EffectiveImage, consumer: Consumer) -> EffectiveImage:
    """The image as a consumer starts it: an entrypoint of its own takes the image's CMD away, too. Raises Unknown."""
    changes: dict[str, object] = {}
    entrypoint, command, user = consumer.entrypoint, consumer.command, consumer.user
    for setting in (entrypoint, command):
        if setting is not None and isinstance(setting.value, Unknown):
            raise setting.value
    if entrypoint is not None and entrypoint.known is not None:
        line = CommandLine("exec", entrypoint.known)
        changes["entrypoint"] = Sourced(line, entrypoint.place, image.id) if entrypoint.known else None
        changes["cmd"] = None
    if command is not None and command.known is not None:
        changes["cmd"] = Sourced(CommandLine("exec", command.known), command.place, image.id)
    if user is not None and user.known is not None:
        changes["user"] = Sourced(user.known, user.place, image.id)
    if consumer.workdir is not None and consumer.workdir.known is not None:
        changes["workdir"] = Sourced(consumer.workdir.known, consumer.workdir.place, image.id)
    given = {n: Sourced(s.known, s.place, image.id) for n, s in consumer.environment.items() if s.known is not None}
    if given:
        changes["env"] = {**image.env, **given}
    return replace(image, **changes) if changes else image


def deployments(workspace: Workspace) -> tuple[Deployment, ...]:
    """The deployments of the repositories that were asked for, by repository and place; what documents show comes last."""
    return workspace.once(_all)


def _all(workspace: Workspace) -> tuple[Deployment, ...]:
    from ..consumers.files import consumers, documented

    found: list[Deployment] = []
    for snapshot in workspace.asked:
        read = (*consumers(snapshot), *documented(snapshot))
        builders = _Builders(workspace, snapshot, read)
        for consumer in read:
            source, profile, assumed = _resolved(workspace, snapshot, consumer, builders)
            found.append(Deployment(workspace, consumer, snapshot, source, profile, assumed))
    return tuple(_grouped(workspace, found))


def _grouped(workspace: Workspace, found: Iterable[Deployment]) -> Iterator[Deployment]:
    """Each with the group of all that run its image: by the image's name, and where several images at hand have one name (a
    pipeline computes what it builds), those that name none by what they build."""
    named = [(one, workspace.identity(one.consumer.name) if one.consumer.name is not None else None) for one in found]
    made: dict[str, set[int]] = {}
    for one, name in named:
        if name is None and one.source is not None:
            made.setdefault(one.source.name, set()).add(id(one.source))
    groups: dict[tuple[str, int], DeploymentGroup] = {}
    for one, name in named:
        which = 0
        if name is None and one.source is not None:
            name = one.source.name
            which = id(one.source) if len(made[name]) > 1 else 0
        group = groups.setdefault((name, which), DeploymentGroup()) if name is not None else DeploymentGroup()
        deployment = replace(one, group=group)
        group.members.append(deployment)
        yield deployment


def run_references(workspace: Workspace) -> Iterator[Reference]:
    """The images that consumers run by a name, each once, in order of appearance."""
    seen: set[str] = set()
    for one in deployments(workspace):
        written = _reference(one.consumer)
        if written is None or written in seen:
            continue
        seen.add(written)
        parsed = parse_reference(written)
        if isinstance(parsed, Reference):
            yield parsed


def missing_images(workspace: Workspace) -> list[str]:
    """The references of images that consumers run and that no repository at hand makes, in order of appearance."""
    found = (_reference(one.consumer) for one in deployments(workspace) if one.source is None)
    return list(dict.fromkeys(reference for reference in found if reference is not None))


def asked_for(workspace: Workspace) -> tuple[Deployment, ...]:
    """The deployments that are to be judged: all of a repository, or those of the images that were named alone."""
    return workspace.once(_LastAsked).of(workspace).all


def consumers_of(workspace: Workspace, source: ImageSource) -> Sequence[Consumer]:
    """Who runs an image, of those that are to be judged."""
    return workspace.once(_LastAsked).of(workspace).by_image.get(source.id, ())


class _ToJudge:
    """The deployments that are to be judged, and who runs each image, by its id."""

    def __init__(self, workspace: Workspace) -> None:
        selected = {source.id for source in workspace.selected}
        self.all = tuple(
            deployment
            for deployment in deployments(workspace)
            if (deployment.source is not None and deployment.source.id in selected)
            or any(place.path in workspace.named for place in deployment.consumer.places())
            or deployment.snapshot in workspace.whole
        )
        self.by_image: dict[str, list[Consumer]] = {}
        for deployment in self.all:
            if deployment.source is not None:
                self.by_image.setdefault(deployment.source.id, []).append(deployment.consumer)


class _LastAsked:
    """What is to be judged, looked up again where something else is asked for than before."""

    def __init__(self, workspace: Workspace) -> None:
        self._wanted: tuple[object, ...] = ()
        self._count = 0
        self._found: _ToJudge | None = None

    def of(self, workspace: Workspace) -> _ToJudge:
        wanted = (workspace.selected, workspace.whole, workspace.named)
        same = all(one is other for one, other in zip(wanted, self._wanted, strict=False))
        if self._found is None or not same or self._count != len(workspace.selected):
            self._wanted, self._count, self._found = wanted, len(workspace.selected), _ToJudge(workspace)
        return self._found


class _Builders:
    """Which images of a repository a place builds: looked up, not searched."""

    def __init__(self, workspace: Workspace, snapshot: Snapshot, read: Iterable[Consumer]) -> None:
        self.by_path: dict[str, list[ImageSource]] = {}
        for source in workspace.made_in(snapshot):
            self.by_path.setdefault(source.path, []).append(source)
        self.by_place: dict[tuple[str, int], list[tuple[str, str | None]]] = {}
        self.beside: dict[tuple[str, str], dict[tuple[str, str | None], None]] = {}
        """What a file builds and calls by a name: such a name is no registry's, for the rest of the file."""
        for path, found in bound_builds(snapshot, tuple(self.by_path)).items():
            for bound in found:
                place = bound.build.place
                self.by_place.setdefault((place.path, place.line), []).append((path, bound.target))
                for tag in bound.tags:
                    if "/" not in tag and not has_hole(
                        tag
                    ):  # a name with an owner is looked up among the published ones
                        name, _, version = tag.partition(":")
                        self._call(place.path, f"{name}:{version or 'latest'}", path, bound.target)
        for consumer in read:
            if consumer.built is not None and consumer.written:
                for path, target in self.by_place.get((consumer.built.path, consumer.built.line), ()):
                    self._call(consumer.place.path, _called(consumer), path, target)

    def _call(self, file: str, name: str, dockerfile: str, target: str | None) -> None:
        self.beside.setdefault((file, name), {})[dockerfile, target] = None

    def of(self, consumer: Consumer) -> ImageSource | None:
        if consumer.dockerfile is not None:
            return next(iter(self.by_path.get(consumer.dockerfile, ())), None)
        if consumer.built is not None:
            return self._made_by(consumer.built)
        made = tuple(self.beside.get((consumer.place.path, _called(consumer)), ()))
        return self._source(*made[0]) if len(made) == 1 else None

    def _made_by(self, built: Place) -> ImageSource | None:
        made = self.by_place.get((built.path, built.line), ())
        return self._source(*made[0]) if made else None

    def _source(self, path: str, target: str | None) -> ImageSource:
        sources = self.by_path[path]
        return next((one for one in sources if one.build.target == target), sources[0])


def _called(consumer: Consumer) -> str:
    """What image a consumer names: `app` is `app:latest`."""
    tagged = consumer.tag is not None or ":" not in consumer.written.rpartition("/")[2]
    return f"{consumer.name}:{consumer.tag or 'latest'}" if consumer.name is not None and tagged else consumer.written


def _reference(consumer: Consumer) -> str | None:
    """The name and tag by which a consumer takes its image; None where it is built, or no name is known."""
    if consumer.name is None or consumer.built is not None:
        return None
    return f"{consumer.name}:{consumer.tag}" if consumer.tag else consumer.name


def _resolved(
    workspace: Workspace, snapshot: Snapshot, consumer: Consumer, builders: _Builders
) -> tuple[ImageSource | None, EffectiveImage | None, str | None]:
    built = builders.of(consumer)
    if built is not None:
        return (built, None, None) if built.readable else (None, None, None)
    written = _reference(consumer)
    parsed = parse_reference(written) if written is not None else None
    if not isinstance(parsed, Reference):
        return None, None, None
    parent = workspace.parent(parsed)
    if parent.source is not None and not parent.source.readable:
        return None, None, None
    assumed = parent.assumed
    if assumed is None and parent.source is not None:
        if consumer.tag is None and consumer.written.rpartition("/")[2].find(":") >= 0:
            assumed = "its tag is not known"
        elif parent.named and parent.source.snapshot is not snapshot:
            assumed = _other_moment(parent.source, workspace.identity(parsed.familiar), consumer.tag)
    return parent.source, parent.profile, assumed


def _other_moment(source: ImageSource, name: str | None, tag: str | None) -> str | None:
    """Why what another repository has at hand may not be what a tag stands for: nothing says which tag it is given now.

    `latest`, and what is written without a tag, is what was built last.
    """
    if tag in (None, "latest"):
        return None
    given = [one for published in source.names if published.name == name for one in published.tags]
    if not given or any(one != ANY_TAG and glob_matches(tag, one) for one in given):
        return None
    return f"nothing says that {source.shown} is given the tag {tag}"
