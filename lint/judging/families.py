"""Which images are judged together, and the judging of one such family: a function of the workspace and the family alone.

Images that are built on each other, or copy from each other, are of one family, and so is who runs them: what is folded
for one serves the others, and nothing of it is needed by another family. Families can therefore be judged one after the
other, each forgotten when it is done, or by several processes (see `processes.py`), and the run is the same.
"""

import gc
import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from ...lineage.late.dataclasses import dataclass, field
from ...lineage.repository.asked import Answer, Question
from ...lineage.text.crash import Crash
from ...lineage.text.places import Place
from ...lineage.workspace.deployments import Deployment, asked_for
from ...lineage.workspace.workspace import ImageSource, Workspace
from ...rules.base import Finding
from ..output.report import ImageSummary, Skipped

WORTH = 150
"""Images for which another process pays: what it costs to begin one is what some dozens of images take."""


_MOST_NEW = 200_000
"""Objects that are made before garbage is looked for: some 20 MB. What is folded of an image refers to itself in places, and
is garbage only then."""
_MOST_HELD = 1_500_000
"""Objects that are held between images, those of folded images above all: some 150 MB."""
_MOST_FOLDED = 64
"""Stages that are held folded between images."""


@dataclass(frozen=True, slots=True)
class Family:
    """Images and deployments that are judged together, by their places among those that are to be judged."""

    images: tuple[int, ...] = ()
    deployments: tuple[int, ...] = ()
    shared: int = 0
    """How many of its images others need: whoever judges a part of the family may have to fold all of these."""

    @property
    def size(self) -> int:
        return len(self.images) + len(self.deployments)


@dataclass(frozen=True, slots=True)
class Part:
    """What one image, or one deployment, adds to a run. It is plain data: one process may make it for another."""

    findings: tuple[tuple[Finding, tuple[str, ...]], ...]
    """Each with the ids of the images in which it was seen."""
    skipped: tuple[Skipped, ...]
    images: tuple[ImageSummary, ...]
    files: tuple[str, ...]
    commented: tuple[str, ...]
    limits: tuple[tuple[Place, str], ...]
    unread: tuple[tuple[str | None, str], ...]
    failed: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What judging a family brought, by the places of its images and deployments. It is plain data."""

    images: tuple[tuple[int, Part], ...] = ()
    deployments: tuple[tuple[int, Part], ...] = ()
    crashes: tuple[tuple[str, Part], ...] = ()
    """What ctlint failed on, by the id of the image."""
    troubles: tuple[tuple[int, str, str, int | None], ...] = ()
    """Files that another process found to ask for more than is followed: (place of the repository, path, reason, line)."""
    told: tuple[tuple[Question, Answer], ...] = ()
    """What the disk was asked for it by another process, and told."""


@contextmanager
def collecting_rarely() -> Generator[None, None, None]:
    """Let Python's collector look for garbage between families alone, and not among what there is now: to look through all
    that is known again and again would take a fifth of the time."""
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # what was made meanwhile does not count as new: nobody looks through it at once
        gc.enable()
        gc.unfreeze()


class Gathering(Protocol):
    """What judges an image, or a deployment, and gathers what comes of it (see `engine.Run`)."""

    def image(self, source: ImageSource) -> None: ...

    def deployment(self, deployment: Deployment) -> None: ...

    def crash_of(self, source: ImageSource, crash: Crash) -> None: ...

    def part(self) -> Part: ...


@dataclass(frozen=True)
class Judging:
    """What is judged: `run` begins a run of nothing yet. `keep` says whether what was folded of a family is kept for later
    questions."""

    workspace: Workspace
    run: Callable[[], Gathering]
    keep: bool = True
    _counted: list[int] = field(default_factory=lambda: list[int]())
    """How many objects there were behind the first image, and how many there were when they were last counted."""

    def verdict(self, family: Family, progress: Callable[[ImageSource], None] = lambda source: None) -> Verdict:
        """Judge the images and deployments of a family. Never raises for what one image or rule does."""
        images: list[tuple[int, Part]] = []
        run_by = [asked_for(self.workspace)[place] for place in family.deployments]
        needed = frozenset(each.source.id for each in run_by if each.source is not None)
        needed |= self.workspace.once(_needed) if not self.keep else needed
        for place in family.images:
            source = self.workspace.selected[place]
            progress(source)
            if not source.readable:
                continue
            run = self.run()
            run.image(source)
            images.append((place, run.part()))
            if not self.keep and source.id not in needed:
                self.workspace.release((source,))
            self._bound()
        deployments: list[tuple[int, Part]] = []
        for place, deployment in zip(family.deployments, run_by, strict=True):
            run = self.run()
            run.deployment(deployment)
            deployments.append((place, run.part()))
            self._bound()
        verdict = Verdict(tuple(images), tuple(deployments), tuple(self._crashes()))
        if not self.keep:
            self.workspace.release()
        return verdict

    def _bound(self) -> None:
        """Forget what was folded longest ago where much is held: memory is bounded, however many images a family has. It is
        made again when it is asked for."""
        if self.workspace.folded > _MOST_FOLDED:
            self.workspace.release_oldest(_MOST_FOLDED // 2)
        if gc.isenabled():
            return
        if not self._counted:
            self._counted.append(len(gc.get_objects()))
        begun, last = self._counted[0], self._counted[-1]
        if gc.get_count()[0] < max(_MOST_NEW, (last - begun) // 2):
            return
        gc.collect()
        if len(gc.get_objects()) - begun > _MOST_HELD and self.workspace.folded > 1:
            self.workspace.release_oldest(self.workspace.folded // 4)
            gc.collect()
        self._counted[1:] = [len(gc.get_objects())]

    def _crashes(self) -> Iterator[tuple[str, Part]]:
        for image, crash in self.workspace.crashes.items():
            source = self.workspace.with_id(image)
            if source is not None:
                run = self.run()
                run.crash_of(source, crash)
                yield image, run.part()


def families_of(workspace: Workspace, *, of_deployments: bool) -> tuple[Family, ...]:
    """The families of the images, and deployments if `of_deployments` says so, that are to be judged, in the order of their
    first members."""
    groups = _Groups()
    for source in workspace.images:
        groups.root(source.id)
    for image, needed in workspace.once(_links):
        groups.join(image, needed)
    deployments = asked_for(workspace) if of_deployments else ()
    for deployment in deployments:
        if deployment.source is not None:
            groups.join(f"\0{id(deployment.group)}", deployment.source.id)
    images: dict[str, list[int]] = {}
    for place, source in enumerate(workspace.selected):
        images.setdefault(groups.root(source.id), []).append(place)
    behind = workspace.once(_behind)
    run_by: dict[str, list[int]] = {}
    for place, deployment in enumerate(deployments):
        run_by.setdefault(groups.root(f"\0{id(deployment.group)}"), []).append(place)
    shared = Counter(groups.root(image) for image in workspace.once(_needed))
    return tuple(
        Family(tuple(sorted(images.get(root, ()), key=behind.__getitem__)), tuple(run_by.get(root, ())), shared[root])
        for root in dict.fromkeys((*images, *run_by))
    )


def processes_for(wanted: int | None, images: int) -> int:
    """How many processes judge so many images: those that were asked for, else the machine's, as far as the work pays."""
    if wanted is not None:
        return max(1, min(wanted, images))
    machine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(machine, images // WORTH))


class _Groups:
    """Things that belong together, directly or by way of others (a union-find)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def root(self, thing: str) -> str:
        above = self._above.setdefault(thing, thing)
        while above != thing:
            further = self._above[above]
            self._above[thing] = further
            thing, above = above, further
        return thing

    def join(self, one: str, other: str) -> None:
        self._above[self.root(one)] = self.root(other)


def _links(workspace: Workspace) -> tuple[tuple[str, str], ...]:
    """(image, image that it needs), by their ids: its parents, and those that it copies and mounts from."""
    return tuple(
        (source.id, needed.id)
        for source in workspace.images
        for needed in workspace.needs(source)
        if needed is not source
    )


def _behind(workspace: Workspace) -> Sequence[int]:
    """When each image is judged, by its place: behind those that it needs and soon after them, so that what was folded of
    these is still held."""
    places = {source.id: place for place, source in enumerate(workspace.selected)}
    children: dict[str, list[str]] = {}
    waiting_for = Counter[str]()
    for image, needed in dict.fromkeys(workspace.once(_links)):
        children.setdefault(needed, []).append(image)
        waiting_for[image] += 1
    turns: dict[str, int] = {}
    ready = [source.id for source in reversed(workspace.images) if not waiting_for[source.id]]
    while ready:
        image = ready.pop()
        turns.setdefault(image, len(turns))
        for child in reversed(children.get(image, ())):
            waiting_for[child] -= 1
            if not waiting_for[child]:
                ready.append(child)
    return [turns.get(source.id, len(turns) + places[source.id]) for source in workspace.selected]


def _needed(workspace: Workspace) -> frozenset[str]:
    """The ids of the images that others need."""
    return frozenset(needed for _, needed in workspace.once(_links))
