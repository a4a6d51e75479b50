"""Parents that are real images, or facts of these in a lock: what was asked for by name, and what a repository has locked."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from ..builds.image_source import ImageSource
from ..image.image import EffectiveImage
from ..late.dataclasses import dataclass, field
from ..repository.snapshot import Snapshot
from ..text.errors import Unknown
from ..text.globs import glob_matches
from ..text.reference import Alias, InvalidReference, Reference, identity
from ..text.reference import parse as parse_reference

if TYPE_CHECKING:  # most repositories have no lock
    from ..real_images.lock import Lock


@dataclass(frozen=True, slots=True)
class RealParents:
    """What stands for parents. `first` are images by the pattern that a user gave for their names, `asked` by reference,
    `locks` by the snapshot that holds them."""

    first: Mapping[str, EffectiveImage | Unknown] = field(default_factory=lambda: dict[str, EffectiveImage | Unknown]())
    asked: Mapping[str, EffectiveImage | Unknown] = field(default_factory=lambda: dict[str, EffectiveImage | Unknown]())
    locks: "Mapping[Snapshot, Lock]" = field(default_factory=lambda: cast("Mapping[Snapshot, Lock]", {}))
    aliases: tuple[Alias, ...] = ()

    def named(self, reference: Reference) -> EffectiveImage | Unknown | None:
        """The image that the user has put in a parent's place; None where there is none."""
        return next((image for name, image in self.first.items() if fits(reference, name, self.aliases)), None)

    def brought(self, reference: Reference) -> EffectiveImage | Unknown | None:
        """The image that --parents-from brought for a reference."""
        return self.asked.get(str(reference))

    def locked(self, reference: Reference, child: ImageSource | None) -> EffectiveImage | Unknown | None:
        """The parent that the child's repository has locked."""
        lock = self.locks.get(child.snapshot) if child is not None else None
        locked = lock.find(reference, self.aliases) if lock is not None else None
        if lock is None or locked is None:
            return None
        return lock.image(locked, identity(reference, self.aliases))

    def pins(self, reference: Reference, child: ImageSource) -> bool:
        """Whether the child's repository says by digest which image a reference is."""
        lock = self.locks.get(child.snapshot)
        return lock is not None and lock.find(reference, self.aliases) is not None


def fits(reference: Reference, pattern: str, aliases: tuple[Alias, ...]) -> bool:
    """Whether a reference is meant by a name or glob, with or without a tag."""
    name, _, tag = _split(pattern)
    named = glob_matches(reference.familiar, name) or _identity(name, aliases) == identity(reference, aliases)
    return named and tag in (None, reference.effective_tag)


def external_references(source: ImageSource) -> Iterator[Reference]:
    """The images that an image's build takes from outside its Dockerfile: FROM, COPY --from and mounts, in order."""
    for stage in source.stages.needed:
        reference = stage.base.image
        if isinstance(reference, str):
            yield from _parsed(reference)
        for found in source.stages.taken_from(stage):
            if found.kind == "image":
                yield from _parsed(found.text)


def _parsed(text: str) -> Iterator[Reference]:
    parsed = parse_reference(text)
    if not isinstance(parsed, InvalidReference):
        yield parsed


def _split(pattern: str) -> tuple[str, str, str | None]:
    """(name, `:`, tag) of a pattern that may end in a tag."""
    name, colon, tag = pattern.rpartition(":")
    if not colon or "/" in tag:
        return pattern, "", None
    return name, colon, tag


def _identity(name: str, aliases: tuple[Alias, ...]) -> str | None:
    parsed = parse_reference(name)
    return None if isinstance(parsed, InvalidReference) else identity(parsed, aliases)
