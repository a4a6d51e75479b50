"""Which image a reference means: configuration, then the repositories at hand, then the bundled profiles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ..builds.image_source import ImageSource, Settings
from ..builds.published_names import ANY_TAG, PublishedName
from ..image.image import EffectiveImage
from ..profiles.find import find_profile
from ..text.reference import InvalidReference, Reference, identity
from ..text.reference import parse as parse_reference


@dataclass(frozen=True, slots=True)
class Parent:
    """What a reference was resolved to. `assumed` says why it may not be quite that image; `place` is unset."""

    source: ImageSource | None
    profile: EffectiveImage | None
    assumed: str | None = None


class Publishers:
    """The images at hand by the names that they are published under."""

    def __init__(self, images: Sequence[ImageSource], settings: Settings) -> None:
        self.images = images
        self.settings = settings
        self.by_name = _index(images)

    def identity(self, name: str) -> str | None:
        """The familiar name that all names of one image share; None where `name` is no image name."""
        reference = parse_reference(name)
        return None if isinstance(reference, InvalidReference) else identity(reference, self.settings.aliases)

    def publishers(self, name: str) -> list[ImageSource]:
        """The images at hand that are published under that name or an alias of it."""
        key = self.identity(name)
        return self.by_name.get(key, []) if key is not None else []

    def image_by(self, text: str) -> list[ImageSource]:
        """The images that a user means by a name, an alias of it, an id, or a repository's last path part."""
        by_id = [source for source in self.images if text in (source.id, source.shown)]
        if by_id:
            return by_id
        by_name = self.publishers(text)
        if by_name:
            return by_name
        return [
            source
            for source in self.images
            if text in (source.snapshot.name, *(name.name.rpartition("/")[2] for name in source.names))
        ]

    def parent(self, reference: Reference, child: ImageSource | None = None) -> Parent:
        """What a FROM (or COPY --from) reference is, as far as is known here."""
        found = self._configured(reference)
        if found:
            return Parent(found[0], None)
        answers = self._answers(reference, child)
        if answers:
            return _best(answers, reference)
        name = identity(reference, self.settings.aliases)
        profile = find_profile(name, reference.effective_tag)
        if profile is not None:
            return Parent(None, profile[0], profile[1])
        return Parent(None, None)

    def _answers(
        self, reference: Reference, child: ImageSource | None
    ) -> list[tuple[ImageSource, PublishedName, bool]]:
        """The images at hand that the reference may mean, each with the name that answers, and whether the tag does too."""
        aliases = self.settings.aliases
        candidates = [
            *self.by_name.get(identity(reference, aliases), ()),
            *self.by_name.get(f"*/{reference.last}", ()),
        ]
        found: list[tuple[ImageSource, PublishedName, bool]] = []
        for source in dict.fromkeys(candidates):
            here = child is not None and source.snapshot is child.snapshot
            for name in source.names:
                answer = name.answers(reference, aliases, same_repository=here)
                if answer is not None and not (child is not None and source.id == child.id and answer == "assumed"):
                    found.append((source, name, answer == "known"))
                    break
        return found

    def _configured(self, reference: Reference) -> list[ImageSource]:
        for pattern, target in self.settings.parents.items():
            if fnmatchcase(reference.familiar, pattern) or self.identity(pattern) == reference.identity:
                found = self.image_by(target)
                if found:
                    return found
        return []


def _index(images: Iterable[ImageSource]) -> dict[str, list[ImageSource]]:
    """Images by the identity of a name, and by the last component of one that is only assumed."""
    found: dict[str, dict[ImageSource, None]] = {}
    for source in images:
        for name in source.names:
            found.setdefault(f"*/{name.name}" if name.assumed else name.name, {})[source] = None
    return {name: list(named) for name, named in found.items()}


def _best(answers: Sequence[tuple[ImageSource, PublishedName, bool]], reference: Reference) -> Parent:
    """The publisher whose tag matches; else the first, with the reason why it is only assumed to be the image."""
    for source, _, known in answers:
        if known:
            return Parent(source, None)
    certain = [answer for answer in answers if not answer[1].assumed] or list(answers)
    source, name, _ = certain[0]
    tags = [tag for tag in name.tags if tag != ANY_TAG]
    if len(certain) > 1:
        assumed = f"{len(certain)} Dockerfiles publish {reference.familiar}; {source.shown} was taken"
    elif name.assumed:
        assumed = f"{source.shown} is taken for {reference.familiar} by its folder's name"
    elif tags and not reference.digest and not name.fits(reference.effective_tag or ""):
        assumed = f"{source.shown} publishes the tag {', '.join(tags)}, not {reference.effective_tag}"
    else:
        assumed = None
    return Parent(source, None, assumed)
