"""Real images in the place of parents: configured ones, those of --parents-from and --with-parent, and locks."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from ...lineage.image.image import EffectiveImage
from ...lineage.late.dataclasses import dataclass
from ...lineage.oci.address import LOCK, ImageAddress, is_image_address, parse_address, same_image
from ...lineage.real_images.images import RealImages, name_of, tag_of
from ...lineage.real_images.lock import Lock, lock_of
from ...lineage.remote.registry_image import parse_platform
from ...lineage.repository.snapshot import Snapshot
from ...lineage.text.errors import InputError, Unknown, UsageError
from ...lineage.text.reference import Alias, InvalidReference, Reference
from ...lineage.text.reference import parse as parse_reference
from ...lineage.workspace.real_parents import RealParents, external_references, fits
from ...lineage.workspace.workspace import Workspace
from ..config.effective import Config
from ..output.console import progress_on
from ..version import VERSION
from .configured_parents import elsewhere, local_place
from .request import Request

FROM_REGISTRY = "registry"


def real_images(request: Request, config: Config, *, exact: bool = False) -> RealImages:
    """What reads real images for a request; `exact` as RealImages has it. Raises UsageError for what is no platform."""
    from ...lineage.oci.credentials import Credentials
    from ...lineage.remote.cache import Cache
    from ...lineage.remote.registry import Registries

    cache = Cache(request.cache_dir)

    def registries() -> Registries:
        return Registries(
            cache,
            progress=progress_on(sys.stderr, request.progress),
            agent=f"ctlint/{VERSION}",
            offline=request.offline,
            login=Credentials().login,
        )

    return RealImages(registries, parse_platform(request.platform), cache, tuple(config.aliases.items()), exact=exact)


def parents_place(text: str) -> ImageAddress:
    """Where --parents-from says that parents are. Raises UsageError."""
    if text == FROM_REGISTRY:
        return ImageAddress("registry", shown=FROM_REGISTRY)
    address = parse_address(text)
    if address.reference is not None:
        raise UsageError(
            f"--parents-from {text} names one image; `registry` alone asks for each parent under its own name."
        )
    return address


def real_targets(workspace: Workspace, targets: tuple[str, ...], images: RealImages) -> list[InputError]:
    """Take in the targets that are real images; what could not be read."""
    failed: list[InputError] = []
    for text in targets:
        address = parse_address(text)
        try:
            image = images.read(address)
            name, tag = name_of(address, image), tag_of(address, image)
            workspace.take_real(images.effective(address, name), tag)
        except InputError as error:
            failed.append(_told(error, text))
    return failed


Open = Callable[[str], tuple[Workspace, tuple[InputError, ...]]]
"""Opens a repository as a target of its own."""


def stand_in(
    workspace: Workspace,
    request: Request,
    config: Config,
    images: Callable[[], RealImages],
    open_other: Open,
    kept_in: Callable[[Snapshot], Snapshot] = lambda snapshot: snapshot,
) -> list[InputError]:
    """Let real images, locks and what --with-parent names stand for parents; what could not be read.

    `kept_in` tells the repository whose lock counts for another: the same as it was, for instance.
    """
    places = tuple(parents_place(text) for text in request.parents_from)
    bringing = _Bringing(workspace, images, [], open_other, places, kept_in)
    configured, refused = _configured(config, network=bool(request.parents_from))
    locks, aliases = bringing.locks(), tuple(config.aliases.items())
    if locks and not request.parents_from:
        pinned = _pinned(workspace, configured, locks, aliases)
        configured = {pattern: text for pattern, text in configured.items() if pattern not in pinned}
    first = bringing.named({**configured, **dict(request.with_parent)})
    asked = bringing.asked()
    real = RealParents(first, asked, locks, aliases)
    if first or asked or real.locks:
        workspace.stand_in(real)
    return [*refused, *bringing.failed, *_damaged(workspace, real)]


def _pinned(
    workspace: Workspace, configured: Mapping[str, str], locks: Mapping[Snapshot, Lock], aliases: tuple[Alias, ...]
) -> set[str]:
    """The patterns of configured images that need not be read: whoever takes them has them locked from there."""
    pinned, open_ = set[str](), set[str]()
    for source in workspace.images if configured else ():
        lock = locks.get(source.snapshot)
        for reference in external_references(source):
            locked = lock.find(reference, aliases) if lock is not None else None
            for pattern in (name for name in configured if fits(reference, name, aliases)):
                there = locked is not None and same_image(
                    parse_address(locked.address, source.snapshot.root), parse_address(configured[pattern])
                )
                (pinned if there else open_).add(pattern)
    return pinned - open_


def _damaged(workspace: Workspace, real: RealParents) -> list[InputError]:
    """Why the facts of parents that are locked, and that something here is built on, cannot be used."""
    for source in workspace.images if real.locks else ():
        for reference in external_references(source):
            if real.named(reference) is None and real.brought(reference) is None:
                real.locked(reference, source)
    return [error for lock in real.locks.values() for error in lock.failed.values()]


def _configured(config: Config, *, network: bool) -> tuple[dict[str, str], list[InputError]]:
    """Real images that configuration names, one of a registry only where the command line asks for real parents; and what
    a repository's own configuration names and may not."""
    found: dict[str, str] = {}
    refused: list[InputError] = []
    for pattern, parent in config.parents.items():
        place = local_place(parent) if parent.kind == "real" else None
        error = elsewhere(config, pattern, place) if place is not None else None
        if error is not None:
            refused.append(error)
        elif place is not None or (parent.kind == "real" and network):
            found[pattern] = parent.value
    return found, refused


@dataclass(slots=True)
class _Bringing:
    """Reads what stands for parents, and gathers what could not be read."""

    workspace: Workspace
    images: Callable[[], RealImages]
    failed: list[InputError]
    open_other: Open
    places: tuple[ImageAddress, ...]
    kept_in: Callable[[Snapshot], Snapshot]

    def named(self, given: Mapping[str, str]) -> dict[str, EffectiveImage | Unknown]:
        found: dict[str, EffectiveImage | Unknown] = {}
        for pattern, text in given.items():
            name = pattern.rpartition(":")[0] if ":" in pattern.rpartition("/")[2] else pattern
            plain = name if not set(name) & set("*?[") else None
            if is_image_address(text):
                found[pattern] = self._effective(parse_address(text), plain, None)
            elif text.startswith("github:") or Path(text).exists():
                found[pattern] = self._of_repository(text, name)
            else:
                found[pattern] = self._of_name(text)
        return found

    def _of_repository(self, text: str, name: str) -> EffectiveImage | Unknown:
        """The image of that name that another repository makes, or one at another commit; its only one, else."""
        other, failed = self.open_other(text)
        self.failed += failed
        images = [source for source in other.images if source.readable]
        named = [source for source in other.publishers(name) if source.readable] or images
        if len(named) != 1:
            known = ", ".join(source.name for source in images[:12]) or "none"
            raise UsageError(f"Which image of {text} stands for {name} cannot be told; there are: {known}.")
        return other.effective(named[0])

    def _of_name(self, text: str) -> EffectiveImage | Unknown:
        """The image that a reference means here: at hand, among the places of --parents-from, locked, or bundled."""
        reference = parse_reference(text)
        if isinstance(reference, InvalidReference):
            raise UsageError(f"--with-parent: {text} {reference.reason}.")
        parent = self.workspace.parent(reference)
        if parent.source is not None and parent.source.readable and parent.assumed is None:
            return self.workspace.effective(parent.source)
        brought = self._first(reference)
        if brought is not None:
            return brought
        if parent.profile is not None:
            return parent.profile
        self.failed.append(InputError(f"--with-parent: {text} is not known here; registry:{text} asks its registry."))
        return Unknown(f"{text} is not known")

    def asked(self) -> dict[str, EffectiveImage | Unknown]:
        """The parents that no repository at hand publishes under the tag that is asked for."""
        found: dict[str, EffectiveImage | Unknown] = {}
        for source in self.workspace.images if self.places else ():
            for reference in external_references(source):
                key = str(reference)
                parent = self.workspace.parent(reference, source)
                at_hand = parent.source is not None and parent.assumed is None
                if key in found or at_hand:
                    continue
                image = self._first(reference)
                if image is not None and not (isinstance(image, Unknown) and parent.grade != "unknown"):
                    found[key] = image  # what could not be read takes nothing away that is known without it
        return found

    def _first(self, reference: Reference) -> EffectiveImage | Unknown | None:
        for place in self.places:
            try:
                address = self.images().among(place, reference)
            except InputError as error:
                self.failed.append(_told(error, str(place)))
                continue
            if address is not None:
                return self._effective(address, None, reference)
        return None

    def _effective(
        self, address: ImageAddress, name: str | None, reference: Reference | None
    ) -> EffectiveImage | Unknown:
        images = self.images()
        try:
            own = reference.familiar if reference is not None else name or name_of(address, images.read(address))
            return images.effective(address, own, reference)
        except InputError as error:
            told = _told(error, str(address))
            self.failed.append(told)
            return Unknown(f"{address} could not be read: {error}")

    def locks(self) -> dict[Snapshot, Lock]:
        found: dict[Snapshot, Lock] = {}
        for snapshot in self.workspace.snapshots:
            if LOCK not in self.kept_in(snapshot).entries:
                continue
            try:
                lock = lock_of(self.kept_in(snapshot))
            except InputError as error:
                self.failed.append(error)
                continue
            if lock is not None:
                found[snapshot] = lock
        return found


def _told(error: InputError, shown: str) -> InputError:
    """A failure with what was asked for, where it names no file itself."""
    text = str(error)
    if error.path is None or Path(error.path).name in shown:
        return InputError(f"{shown}: {text[0].lower()}{text[1:].removesuffix('.')}.")
    return error
