"""FROM chains across repositories: which image each Dockerfile makes, what its parent is, and both folded.

Resolving one image needs no graph. Parents are looked for in this order: configuration, the repositories at hand, real images
and locks, the bundled profiles; else the parent is unknown.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from operator import itemgetter
from typing import Any, TypeVar

from ..boot.plan import BootPlan, Replaced, plan_of
from ..builds.contexts import FoundContext
from ..builds.image_source import ConfiguredBuild, ImageSource, Settings, sources_of
from ..builds.published_names import ANY_TAG, PublishedName
from ..dockerfile.parse import parse as parse_dockerfile
from ..dockerfile.stages import Stage
from ..folding.context_files import ContextFiles
from ..folding.fold import StageFold, scratch, unknown_image
from ..image.grades import agreed, informed, opened
from ..image.image import Ancestor, EffectiveImage, StageImages
from ..late.dataclasses import dataclass, replace
from ..repository.dockerignore import DockerIgnore
from ..repository.snapshot import Snapshot
from ..s6.release import S6Release, release_of
from ..text.budget import IMAGE_STEPS, STAGE_ENTRIES, LimitError, budget
from ..text.crash import Crash
from ..text.errors import InputError, Unknown
from ..text.places import Place
from ..text.reference import InvalidReference, Reference, identity
from ..text.reference import parse as parse_reference
from .parents import Parent, Publishers
from .real_parents import RealParents

__all__ = ["ConfiguredBuild", "ImageSource", "Parent", "Settings", "Workspace"]

T = TypeVar("T")
_MOST_CANDIDATES = 6


class Workspace:
    """The repositories at hand and the images that they make.

    `selected` are the images that were asked for; others are known only as parents. Everything is computed when first
    asked for and kept.
    """

    def __init__(self, snapshots: Iterable[tuple[Snapshot, Sequence[str]]], settings: Settings | None = None) -> None:
        """`snapshots` are repositories with the repository paths of their Dockerfiles."""
        self.settings = settings or Settings()
        self.images: list[ImageSource] = []
        self._sure_only = False
        self._sure: Workspace | None = None
        self._effective: dict[tuple[str, int], EffectiveImage] = {}
        self._active: set[tuple[str, int]] = set()
        self._entries: dict[str, int] = {}
        self._plans: dict[str, BootPlan] = {}
        self._parent_plans: dict[tuple[str, str | None], BootPlan] = {}
        """Those of the bundled profiles, by their ids and why they are assumed: many images share them."""
        self.crashes: dict[str, Crash] = {}
        """What ctlint failed on, by the id of the image: all else is there."""
        self._owners: dict[str, dict[str, str]] = {}
        self._facts: dict[Callable[[Workspace], Any], Any] = {}
        self.snapshots: list[Snapshot] = []
        self.real = RealParents()
        self._targets: dict[str, EffectiveImage] = {}
        self.add(snapshots)
        self.several = len(self.snapshots) > 1
        self.selected: list[ImageSource] = list(self.images)
        self.asked: tuple[Snapshot, ...] = tuple(self.snapshots)
        """The repositories that were asked for, without those brought in as parents."""
        self.whole: frozenset[Snapshot] = frozenset(self.asked)
        """Those of them that were asked for as a whole, not by one of their files."""
        self.named: frozenset[str] = frozenset()
        """The files, as they are shown, that were asked for by name."""

    def add(self, snapshots: Iterable[tuple[Snapshot, Sequence[str]]]) -> None:
        """Take in more repositories, as parents of those that are there."""
        known = {(snapshot.name, snapshot.label) for snapshot in self.snapshots}
        for snapshot, paths in snapshots:
            if (snapshot.name, snapshot.label) in known:
                continue
            known.add((snapshot.name, snapshot.label))
            self.snapshots.append(snapshot)
            self.images.extend(sources_of(snapshot, paths, self.settings))
        self._forget()

    def take_real(self, image: EffectiveImage, tag: str | None = None) -> None:
        """Take in a real image as one that was asked for, under its name and tag."""
        source = _real_source(image, tag)
        self._targets[source.id] = image
        self.snapshots.append(source.snapshot)
        self.images.append(source)
        self.selected.append(source)
        self._forget()

    def stand_in(self, real: RealParents) -> None:
        """Let real images and locked ones stand for parents from now on."""
        self.real = real
        self._forget()

    def sure_only(self) -> "Workspace":
        """The same repositories, where a parent that is only assumed is not known: what rests on no assumption."""
        if self._sure is None:
            other = copy(self)
            other._sure_only, other._sure = True, other
            other._effective, other._active, other._plans, other.crashes = {}, set(), {}, {}
            other._owners, other._facts, other._parent_plans = {}, {}, {}
            self._sure = other
        return self._sure

    def _forget(self) -> None:
        self._sure = None
        self._publishers = Publishers(self.images, self.settings, self.real)
        self._parent_plans.clear()
        self._effective.clear()
        self._entries.clear()
        self._plans.clear()
        self.crashes.clear()
        self._owners.clear()
        self._facts.clear()

    @property
    def is_sure_only(self) -> bool:
        """Whether parents that are only assumed count for unknown here."""
        return self._sure_only

    def once(self, fact: "Callable[[Workspace], T]") -> T:
        """What `fact` tells of the workspace, computed when it is first asked for."""
        if fact not in self._facts:
            self._facts[fact] = fact(self)
        found: T = self._facts[fact]
        return found

    def missing_parents(self) -> list[str]:
        """The references of parents that no repository at hand publishes, in order of appearance."""
        found: list[str] = []
        for source in self.images:
            for stage in source.stages.stages:
                reference = stage.base.image
                if not isinstance(reference, str):
                    continue
                parsed = parse_reference(reference)
                if isinstance(parsed, Reference) and self.parent(parsed, source).source is None:
                    found.append(reference)
        return list(dict.fromkeys(found))

    def identity(self, name: str) -> str | None:
        """The familiar name that all names of one image share; None where `name` is no image name."""
        return self._publishers.identity(name)

    def publishers(self, name: str) -> list[ImageSource]:
        """The images at hand that are published under that name or an alias of it."""
        return self._publishers.publishers(name)

    def image_by(self, text: str) -> list[ImageSource]:
        """The images that a user means by a name, an alias, its page on Docker Hub, an id, or a repository's last path part."""
        return self._publishers.image_by(text)

    def parent(self, reference: Reference, child: ImageSource | None = None) -> Parent:
        """What a FROM (or COPY --from) reference is, as far as is known here."""
        return self._publishers.parent(reference, child)

    def bundled(self, reference: Reference) -> tuple[EffectiveImage, str | None] | None:
        """The bundled profile of a reference, with the reason where it is only assumed to be of it."""
        return self._publishers.bundled(reference)

    def stands_for(self, target: str) -> Parent | None:
        """What an entry of the configured `parents` leads to; None where it leads to nothing."""
        return self._publishers.stands_for(target)

    def covers(self, pattern: str, reference: Reference) -> bool:
        """Whether an entry of the configured `parents` is about a reference."""
        return self._publishers.covers(pattern, reference)

    # Folding

    def effective(self, source: ImageSource) -> EffectiveImage:
        """The effective image. Raises Unknown where the Dockerfile has no stage to build."""
        stage = source.stage
        if stage is None:
            raise Unknown(f"{source.shown} has no stage to build")
        return self.fold(source, stage.index)

    def fold(self, source: ImageSource, index: int) -> EffectiveImage:
        """The image that the stage with that index makes."""
        key = (source.id, index)
        if key in self._effective:
            found = self._effective[key] = self._effective.pop(key)  # the last to be forgotten now
            return found
        if key in self._active:
            return unknown_image(source.name, f"{source.shown} descends from itself")
        for needed, stage in self._in_order(source, index):
            self._fold_once(needed, stage)
        return self._fold_once(source, index)

    def _fold_once(self, source: ImageSource, index: int) -> EffectiveImage:
        key = (source.id, index)
        if key not in self._effective:
            self._active.add(key)
            try:
                with budget(IMAGE_STEPS):
                    self._effective[key] = self._held(source, self._fold(source, index))
            except Unknown:
                raise
            except LimitError as limit:
                source.snapshot.trouble(source.path, str(limit))
                unread = unknown_image(source.name, f"{source.shown} asks for more than is followed")
                self._effective[key] = replace(unread, id=source.id, dockerfile=source.shown)
            except Exception as crash:
                self.crashes.setdefault(source.id, Crash("it could not be folded", crash))
                unfolded = unknown_image(source.name, f"{source.shown} could not be folded, by a defect of ctlint")
                self._effective[key] = replace(unfolded, id=source.id, dockerfile=source.shown)
            finally:
                self._active.discard(key)
        return self._effective[key]

    def _held(self, source: ImageSource, image: EffectiveImage) -> EffectiveImage:
        """The image, whose files are counted. Raises LimitError where the stages of a Dockerfile hold too many."""
        entries = self._entries[source.id] = self._entries.get(source.id, 0) + len(image.tree.nodes)
        if entries > STAGE_ENTRIES:
            raise LimitError(
                f"its stages hold more than {STAGE_ENTRIES:,} files together, so that it could not be followed"
            )
        return image

    def _in_order(self, source: ImageSource, index: int) -> Iterator[tuple[ImageSource, int]]:
        """The stages that are still to be folded for one, each behind those that it needs, itself the last: a long chain
        of them does not nest calls."""
        seen = {(source.id, index), *self._active}
        waiting = [(source, index, self._needs(source, index))]
        while waiting:
            needing, stage, needs = waiting[-1]
            for needed, number in needs:
                key = (needed.id, number)
                if key not in seen and key not in self._effective:
                    seen.add(key)
                    waiting.append((needed, number, self._needs(needed, number)))
                    break
            else:
                waiting.pop()
                yield needing, stage

    def _needs(self, source: ImageSource, index: int) -> Iterator[tuple[ImageSource, int]]:
        """The stages at hand that one is built on, and copies and mounts from."""
        stages = source.stages.stages
        base = stages[index].base
        names: list[str] = []
        if base.stage is not None:
            yield source, base.stage
        elif isinstance(base.image, str):
            names.append(base.image)
        for origin in source.stages.taken_from(stages[index]):
            if origin.kind == "stage" and origin.stage is not None:
                yield source, origin.stage
            elif origin.kind == "image":
                names.append(origin.text)
        for name in names:
            parsed = parse_reference(name)
            parent = self.parent(parsed, source).source if isinstance(parsed, Reference) else None
            if parent is not None and parent.stage is not None:
                yield parent, parent.stage.index

    def needs(self, source: ImageSource) -> Iterator[ImageSource]:
        """The images at hand that an image's build needs: its parents, and those that it copies and mounts from."""
        for stage in source.stages.stages:
            yield from (needed for needed, _ in self._needs(source, stage.index))

    @property
    def folded(self) -> int:
        """How many stages are held folded."""
        others = self._sure.folded if self._sure is not None and self._sure is not self else 0
        return len(self._effective) + others

    def release_oldest(self, kept: int) -> None:
        """Forget the folded stages that were asked for longest ago, but so many."""
        if self._sure is not None and self._sure is not self:
            self._sure.release_oldest(kept)
        for key in list(self._effective)[: max(len(self._effective) - kept, 0)]:
            self._drop(key)

    def _drop(self, key: tuple[str, int]) -> None:
        image = self._effective.pop(key, None)
        if image is not None:
            self._entries[key[0]] = max(self._entries.get(key[0], 0) - len(image.tree.nodes), 0)
        self._plans.pop(key[0], None)
        self._owners.pop(key[0], None)

    def release(self, sources: Iterable[ImageSource] | None = None) -> None:
        """Forget what was folded of some images, or of all: it is made again when it is asked for."""
        if self._sure is not None and self._sure is not self:
            self._sure.release(sources)
        if sources is None:
            self._effective.clear()
            self._entries.clear()
            self._plans.clear()
            self._owners.clear()
            return
        for source in sources:
            for stage in source.stages.stages:
                self._drop((source.id, stage.index))

    def _fold(self, source: ImageSource, index: int) -> EffectiveImage:
        if source.id in self._targets:
            return self._targets[source.id]
        return self._completed(source, *self.folder(source, source.stages.stages[index]))

    def folder(self, source: ImageSource, stage: Stage) -> tuple[StageFold, tuple[Ancestor, ...]]:
        """What folds a stage of an image's Dockerfile, and the chain of the image that it makes."""
        images = _StageImages(self, source)
        parent = images.base(stage)
        chain = (Ancestor(source.name, "target", id=source.id), *parent.chain)
        ignored = DockerIgnore.for_build(source.snapshot, source.build.root, source.path).excluded
        context = ContextFiles(
            source.snapshot, source.build.root, ignored, source.id, guessed=source.build.evidence == "guess"
        )
        return StageFold(source.stages, stage, parent, images, context, source.shown, source.id), chain

    def moment(self, source: ImageSource, index: int, count: int) -> EffectiveImage:
        """The image after so many instructions of a stage (none: after its FROM and what its parent's ONBUILD does)."""
        stage = source.stages.stages[index]
        stage = replace(stage, instructions=stage.instructions[:count])
        return self._completed(source, *self.folder(source, stage))

    def _completed(self, source: ImageSource, folder: StageFold, chain: tuple[Ancestor, ...]) -> EffectiveImage:
        image = folder.fold(source.name, source.shown, source.build.target, chain)
        release = release_of(image)
        version = release.label if isinstance(release, S6Release) else None
        first = replace(image.chain[0], s6=version)
        return replace(image, s6_version=version, chain=(first, *image.chain[1:]))

    def source_of_base(self, source: ImageSource, stage: Stage) -> ImageSource | None:
        """The image at hand that a stage of a Dockerfile is built on; None for another one, or an earlier stage."""
        reference = stage.base.image
        parsed = parse_reference(reference) if isinstance(reference, str) else None
        return self.parent(parsed, source).source if isinstance(parsed, Reference) else None

    def line(self, source: ImageSource, stage: Stage) -> Iterator[tuple[ImageSource, Stage]]:
        """The stages that one stands on, itself first, through the Dockerfiles at hand of its parents."""
        seen: set[str] = set()
        while source.id not in seen:
            seen.add(source.id)
            line = source.stages.line(stage)
            for one in line:
                yield source, one
            above = self.source_of_base(source, line[-1])
            if above is None or above.stage is None:
                return
            source, stage = above, above.stage

    def real_target(self, source: ImageSource) -> EffectiveImage | None:
        """The real image that was asked for as that source; None for one that a Dockerfile makes."""
        return self._targets.get(source.id)

    def stage_images(self, source: ImageSource) -> StageImages:
        """Every stage that the image's build needs, folded."""
        final = self.effective(source)
        stages = {stage.index: self.fold(source, stage.index) for stage in source.stages.needed}
        line = tuple(stages[stage.index] for stage in reversed(source.stages.own_line))
        return StageImages(tuple(stages.values()), final, line)

    def replaced(self, source: ImageSource) -> Replaced:
        """What the image's start scripts replace: its parent and the parent's boot plan."""
        line = source.stages.own_line
        if not line:
            raise Unknown(f"{source.shown} has no stage to build")
        parent = _StageImages(self, source).base(line[-1])
        first = next(iter(parent.chain), None)
        if first is not None and first.origin == "profile":
            key = parent.id, first.assumed
            if key not in self._parent_plans:
                self._parent_plans[key] = plan_of(parent)
            return Replaced(parent, self._parent_plans[key])
        if parent.id not in self._plans:
            self._plans[parent.id] = plan_of(parent)
        return Replaced(parent, self._plans[parent.id])

    def boot(self, source: ImageSource) -> BootPlan:
        """The image's boot plan. Raises Unknown where the Dockerfile has no stage to build, or ctlint fails on it."""
        if source.id not in self._plans:
            image = self.effective(source)
            try:
                self._plans[source.id] = plan_of(image)
            except Unknown:
                raise
            except Exception as crash:
                self.crashes.setdefault(source.id, Crash("its boot plan could not be worked out", crash))
        if source.id not in self._plans:
            raise Unknown(f"the boot plan of {source.shown} could not be worked out, by a defect of ctlint")
        return self._plans[source.id]

    # Files

    def locate(self, shown: str) -> tuple[Snapshot, str] | None:
        """The repository and repository path of a path as it is shown; None for one of no repository at hand."""
        for length in self.once(_label_lengths):
            for snapshot in self.once(_by_label).get(shown[:length], ()) if len(shown) >= length else ():
                if shown[length:] in snapshot.entries:
                    return snapshot, shown[length:]
        return None

    def lasting_path(self, shown: str) -> str:
        """What a file is called from run to run, wherever ctlint is run: its repository path.

        It stands behind the repository's name where several repositories were opened (not counting fetched parents).
        """
        found = self.locate(shown)
        if found is None:
            return shown
        return f"{found[0].name}/{found[1]}" if self.several else found[1]

    def text_of(self, shown: str) -> str | None:
        """The text of a file of a repository at hand."""
        found = self.locate(shown)
        if found is None:
            return None
        try:
            return found[0].text(found[1])
        except InputError:
            return None

    def owner_of(self, shown: str, image: EffectiveImage) -> str | None:
        """The id of the link of `image`'s chain that a file belongs to; None where that cannot be told.

        Whose build put the file into the image decides, then whose Dockerfile it is, then whose repository. A file of
        no repository at hand is the parent's: it is known from a profile.
        """
        if shown == image.dockerfile:
            return image.id
        put_by = self._owners_in(image).get(shown)
        if put_by is not None:
            return put_by
        links = {link.id for link in image.chain if link.id is not None}
        found = self.locate(shown)
        if found is None:
            named = (link.id for link in image.chain if "@" in shown and shown.startswith(f"{link.name}@"))
            return next(named, image.parent.id if image.parent is not None else None)
        whose = [source for source in self._with_ids(links) if source.snapshot is found[0]]
        dockerfiles = [source.id for source in whose if source.shown == shown]
        own = [source.id for source in whose if source.id == image.id]
        return next(iter((*dockerfiles, *own, *(source.id for source in whose))), None)

    def with_id(self, image: str) -> ImageSource | None:
        """The image at hand of that id, the first of several."""
        return next(iter(self.once(_by_id).get(image, ())), None)

    def shown_as(self, path: str) -> Sequence[ImageSource]:
        """The images that the Dockerfile at a path, as it is shown, makes."""
        return self.once(_by_path).get(path, ())

    def made_in(self, snapshot: Snapshot) -> Sequence[ImageSource]:
        """The images that the Dockerfiles of one repository make."""
        return self.once(_by_repository).get(id(snapshot), ())

    def _with_ids(self, ids: Iterable[str]) -> list[ImageSource]:
        """The images at hand of those ids, in their order."""
        found = [(self.once(_order)[id(source)], source) for one in ids for source in self.once(_by_id).get(one, ())]
        return [source for _, source in sorted(found, key=itemgetter(0))]

    def _owners_in(self, image: EffectiveImage) -> dict[str, str]:
        """The id of the image that took a file in, by the file's path as it is shown."""
        if image.id not in self._owners:
            nodes = image.tree.nodes.values()
            self._owners[image.id] = {node.source: node.image for node in nodes if node.source is not None}
        return self._owners[image.id]


def _by_label(workspace: Workspace) -> Mapping[str, Sequence[Snapshot]]:
    found: dict[str, list[Snapshot]] = {}
    for snapshot in workspace.snapshots:
        found.setdefault(snapshot.label, []).append(snapshot)
    return found


def _label_lengths(workspace: Workspace) -> Sequence[int]:
    """The lengths of the repositories' labels, the longest first."""
    return sorted({len(snapshot.label) for snapshot in workspace.snapshots}, reverse=True)


def _by_repository(workspace: Workspace) -> Mapping[int, Sequence[ImageSource]]:
    found: dict[int, list[ImageSource]] = {}
    for image in workspace.images:
        found.setdefault(id(image.snapshot), []).append(image)
    return found


def _by_id(workspace: Workspace) -> Mapping[str, Sequence[ImageSource]]:
    found: dict[str, list[ImageSource]] = {}
    for source in workspace.images:
        found.setdefault(source.id, []).append(source)
    return found


def _by_path(workspace: Workspace) -> Mapping[str, Sequence[ImageSource]]:
    found: dict[str, list[ImageSource]] = {}
    for source in workspace.images:
        found.setdefault(source.shown, []).append(source)
    return found


def _order(workspace: Workspace) -> Mapping[int, int]:
    """The place of each image among them all, by its identity."""
    return {id(source): place for place, source in enumerate(workspace.images)}


@dataclass(frozen=True, slots=True)
class _StageImages:
    """The images that the stages of one Dockerfile are built on."""

    workspace: Workspace
    source: ImageSource

    def stage(self, index: int) -> EffectiveImage:
        return self.workspace.fold(self.source, index)

    def base(self, stage: Stage) -> EffectiveImage:
        base = stage.base
        if base.stage is not None:
            image = self.stage(base.stage)
            return replace(image, chain=image.chain[1:])
        if base.scratch:
            return scratch()
        reference, place = base.reference, Place(self.source.shown, base.span)
        if isinstance(reference, Unknown):
            return _named_at(place, unknown_image(base.raw, reference.reason, base.raw))
        return self.image(reference, place, base.doubt)

    def image(self, reference: str, place: Place | None = None, doubt: str | None = None) -> EffectiveImage:
        parsed = parse_reference(reference)
        if isinstance(parsed, InvalidReference):
            return unknown_image(reference, f"{reference} is not a valid image reference: {parsed.reason}", reference)
        parent = self.workspace.parent(parsed, self.source)
        name = identity(parsed, self.workspace.settings.aliases)
        image: EffectiveImage
        if parent.source is not None:
            image = self._of_source(parent.source, None if parent.assumed else parsed)
        elif parent.profile is not None:
            image = parent.profile
        else:
            reason = parent.doubt or f"the parent image {reference} is not known"
            unknown = unknown_image(name, reason, reference, parsed.effective_tag)
            return _named_at(place, self._agreed(parent, reason, unknown) or unknown)
        assumed = parent.assumed or doubt
        if assumed and self.workspace.is_sure_only:
            reason = f"the parent {reference} is only assumed: {assumed}"
            return _named_at(place, unknown_image(name, reason, reference, parsed.effective_tag))
        if assumed:
            other = parent.profile if parent.source is not None and doubt is None else None
            image = opened(image, f"the parent {reference} is only assumed: {assumed}", other)
        first = replace(
            image.chain[0],
            reference=reference,
            tag=parsed.effective_tag,
            place=place,
            assumed=assumed,
            name=name,
        )
        return replace(image, chain=(first, *image.chain[1:]))

    def _of_source(self, source: ImageSource, reference: Reference | None) -> EffectiveImage:
        """The image of a parent at hand; of scripts that it fetches, the bundled profile of what it is proved to be knows what
        they do."""
        if source.stage is None:
            return _broken(source)
        image = self.workspace.effective(source)
        profile, assumed = (self.workspace.bundled(reference) if reference is not None else None) or (None, None)
        if profile is None or (assumed and self.workspace.is_sure_only) or _generation(profile) != _generation(image):
            return image  # of another s6-overlay, it is of another time
        return informed(image, profile)

    def _agreed(self, parent: Parent, reason: str, unknown: EffectiveImage) -> EffectiveImage | None:
        """What all images have that the parent may be; None where that is not to be told."""
        readable = [source for source in parent.candidates if source.stage is not None]
        if self.workspace.is_sure_only or not 1 < len(parent.candidates) <= _MOST_CANDIDATES:
            return None
        if len(readable) < len(parent.candidates) or self.source in readable:
            return None
        found = agreed([self.workspace.effective(source) for source in readable], reason, unknown)
        return found if found is None or parent.candidates_proved else opened(found, reason)


def _named_at(place: Place | None, image: EffectiveImage) -> EffectiveImage:
    """An image of which nothing is known, with the FROM that names it."""
    return replace(image, chain=(replace(image.chain[0], place=place), *image.chain[1:]))


def _real_source(image: EffectiveImage, tag: str | None) -> ImageSource:
    """A real image as a source among the others: it has no Dockerfile that could be read, and no context."""
    text = "FROM scratch\n"
    snapshot = Snapshot.from_mapping(image.name, {"Dockerfile": text}, label=f"{image.id}/")
    dockerfile = parse_dockerfile(text, snapshot.show("Dockerfile"))
    name = PublishedName(image.name, (tag or ANY_TAG,), None, "real image")
    return ImageSource(image.id, snapshot, "Dockerfile", dockerfile, FoundContext("", evidence="real image"), (name,))


def _generation(image: EffectiveImage) -> int | None:
    release = release_of(image)
    return release.generation if isinstance(release, S6Release) else None


def _broken(source: ImageSource) -> EffectiveImage:
    return unknown_image(source.name, f"{source.shown} cannot be read")
