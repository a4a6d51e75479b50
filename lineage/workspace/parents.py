"""Which image a reference means: configuration, then the repositories at hand, real images and locks, the bundled profiles.

An answer has one of three grades. *Proved*: a repository publishes this name with this tag by evidence (a build file,
CI, configuration), a real image or a lock is of it, or a profile of this very tag; the latter goes before another
repository whose evidence leaves the tag open. *Assumed*: the name is guessed from
a folder, a file or the repository, or the tag is another one. *Unknown*: nothing answers, or several do and nothing
tells which.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Literal, NamedTuple

from ..builds.contexts import NamedContext
from ..builds.image_source import ImageSource, Settings
from ..builds.namespaces import in_namespace, namespaces
from ..builds.published_names import ANY_TAG, CONFIGURED, PublishedName
from ..image.image import EffectiveImage
from ..late.dataclasses import dataclass
from ..profiles.find import find_profile, tells_tags_apart
from ..repository.snapshot import Snapshot
from ..text.errors import Unknown
from ..text.globs import glob_matches
from ..text.platforms import platform_of
from ..text.reference import InvalidReference, Reference, identity, named_by_page
from ..text.reference import parse as parse_reference
from .real_parents import RealParents

_ON_GITHUB = "github:"
Grade = Literal["proved", "assumed", "unknown"]
_MOST_NAMED = 4
_MOST_TAGS = 20


@dataclass(frozen=True, slots=True)
class Parent:
    """What a reference was resolved to: an image at hand, facts of one (`profile`: bundled, locked or read), or both.

    Where both are there, `source` is only assumed, and the profile is of the very tag: what both lack is surely lacking.
    `assumed` says why it may not be quite that image, `doubt` why nothing is known although something might be it.
    """

    source: ImageSource | None
    profile: EffectiveImage | None
    assumed: str | None = None
    doubt: str | None = None
    candidates: tuple[ImageSource, ...] = ()
    """The images of which nothing tells which is meant; `candidates_proved` where each carries the name and tag by evidence."""
    candidates_proved: bool = False
    named: bool = False
    """Whether `source` carries the whole name, whatever the tag: it is not the last part of it that was guessed."""
    tag_open: bool = False
    """Whether what names `source` leaves open which tags it is built for (`acme/base:$(VERSION)`)."""

    @property
    def grade(self) -> Grade:
        if self.source is None and self.profile is None:
            return "unknown"
        return "assumed" if self.assumed else "proved"


@dataclass(frozen=True, slots=True)
class _PossibleParent:
    """An image at hand that a reference may mean, and the name of it that answers."""

    source: ImageSource
    name: PublishedName
    fit: Literal["tag", "pattern", "any", "other"]
    """Whether the reference's tag is given to the image: by itself, by a pattern, by one that leaves it open, or not."""

    @property
    def rank(self) -> int:
        """Lower is surer. A guess whose own tag fits goes before evidence of another tag."""
        if self.name.evident:
            return {"tag": 0, "pattern": 1, "any": 2, "other": 4}[self.fit]
        return {"tag": 3, "pattern": 3, "any": 5, "other": 6}[self.fit]


class _Meaning(NamedTuple):
    """The images at hand that a reference may mean in a repository, the best of them, and the ids of those that are
    called otherwise than by evidence and this very tag."""

    answers: list[_PossibleParent]
    best: Parent
    unsure: frozenset[str]


class Publishers:
    """The images at hand by the names that they are published under."""

    def __init__(self, images: Sequence[ImageSource], settings: Settings, real: RealParents | None = None) -> None:
        self.images = images
        self.settings = settings
        self.real = real or RealParents()
        self.by_name = _index(images)
        self._namespaces: dict[int, frozenset[str]] = {}
        self._names: dict[int, list[PublishedName]] | None = None
        self._targets: dict[str, list[ImageSource]] = {}
        self._meanings: dict[tuple[Reference, int], _Meaning] = {}
        """What references mean, by themselves and the identity of the repository that they stand in."""
        self._profiles: dict[Reference, tuple[EffectiveImage, str | None] | None] = {}

    def identity(self, name: str) -> str | None:
        """The familiar name that all names of one image share; None where `name` is no image name."""
        reference = parse_reference(name)
        return None if isinstance(reference, InvalidReference) else identity(reference, self.settings.aliases)

    def publishers(self, name: str) -> list[ImageSource]:
        """The images at hand that are published under that name or an alias of it."""
        key = self.identity(name)
        return self.by_name.get(key, []) if key is not None else []

    def image_by(self, text: str) -> list[ImageSource]:
        """The images that a user means by a name, an alias, its page on Docker Hub, an id, or a repository's last path part."""
        text = named_by_page(text) or text
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
        named = self.real.named(reference)
        if named is not None:
            return _real(named)
        for target in self.configured(reference):
            stands = self.stands_for(target, child)
            if stands is not None:
                return stands
        context = child.build.stands_for(reference) if child is not None else None
        if context is not None and child is not None:
            return self._named_context(context, reference, child)
        return self._unconfigured(reference, child)

    def _named_context(self, context: NamedContext, reference: Reference, child: ImageSource) -> Parent:
        """What a named build context is that stands for an image, or may."""
        giver = child.build.place or child.shown
        image = parse_reference(context.image) if context.image is not None else None
        if isinstance(image, Reference) and image != reference:
            return self.parent(image)
        made = [
            source
            for source in self.images
            if source.snapshot is child.snapshot
            and source.path == context.dockerfile
            and context.target in (source.build.target, None)
        ]
        if len(made) == 1 and made[0] is not child:
            return Parent(made[0], None, named=True)
        return Parent(None, None, doubt=f"{giver} gives a named build context that stands for {reference.familiar}")

    def configured(self, reference: Reference) -> list[str]:
        """What the configuration names in the place of a reference, in its order."""
        return [target for pattern, target in self.settings.parents.items() if self.covers(pattern, reference)]

    def covers(self, pattern: str, reference: Reference) -> bool:
        """Whether an entry of the configuration is about a reference: by a glob of the name, or by name, with its tag if any."""
        if glob_matches(reference.familiar, pattern):
            return True
        named = parse_reference(pattern)
        if isinstance(named, InvalidReference) or self.identity(pattern) != reference.identity:
            return False
        return named.tag in (None, reference.effective_tag) and named.digest in (None, reference.digest)

    def stands_for(self, target: str, child: ImageSource | None = None) -> Parent | None:
        """What an entry of the configuration leads to: an image at hand, else a real, locked or bundled one of that name;
        None where it leads to nothing."""
        if target not in self._targets:
            self._targets[target] = self._meant(target)
        found = self._targets[target]
        if found:
            return Parent(found[0], None)
        other = None if target.startswith((_ON_GITHUB, "/")) else parse_reference(target)
        if not isinstance(other, Reference):
            return None
        parent = self._unconfigured(other, child)
        return None if parent.grade == "unknown" else parent

    def _unconfigured(self, reference: Reference, child: ImageSource | None) -> Parent:
        answer = self._at_hand(reference, child)
        if answer.grade == "proved":
            return self._of_that_very_tag(answer, reference, child) or answer
        real = self.real.brought(reference)
        if real is None:
            real = self.real.locked(reference, child)
        if real is not None:
            return _real(real)
        profile = self.bundled(reference)
        if profile is not None and profile[1] is None:
            return Parent(answer.source, profile[0], answer.assumed) if answer.named else Parent(None, profile[0])
        if profile is not None and answer.grade == "unknown":
            return Parent(None, profile[0], profile[1])
        return answer

    def _of_that_very_tag(self, answer: Parent, reference: Reference, child: ImageSource | None) -> Parent | None:
        """The profile of the very tag, where another repository's image at hand may be of any tag; None where there is none.

        Where the profiles tell one image for all tags, the repository at hand is what that was made of, as it is today.
        """
        here = child is not None and answer.source is not None and answer.source.snapshot is child.snapshot
        other = answer.tag_open and not here and tells_tags_apart(identity(reference, self.settings.aliases))
        profile = self.bundled(reference) if other else None
        return Parent(None, profile[0]) if profile is not None and profile[1] is None else None

    def bundled(self, reference: Reference) -> tuple[EffectiveImage, str | None] | None:
        """The bundled profile of a reference, with the reason where it is only assumed to be of it."""
        if reference not in self._profiles:
            name = identity(reference, self.settings.aliases)
            self._profiles[reference] = find_profile(name, reference.effective_tag)
        return self._profiles[reference]

    def _at_hand(self, reference: Reference, child: ImageSource | None) -> Parent:
        """The image at hand that the reference means: for all that stand in a repository it is the same one, but that none
        is built on itself where it is called otherwise."""
        snapshot = child.snapshot if child is not None else None
        key = reference, id(snapshot)
        found = self._meanings.get(key)
        if found is None:
            answers = self._answers(reference, snapshot)
            unsure = frozenset(answer.source.id for answer in answers if answer.rank > 0)
            found = self._meanings[key] = _Meaning(answers, self._best(answers, reference), unsure)
        if child is None or child.id not in found.unsure:
            return found.best
        others = [answer for answer in found.answers if answer.source.id != child.id or answer.rank == 0]
        return self._best(others, reference)

    def _answers(self, reference: Reference, snapshot: Snapshot | None) -> list[_PossibleParent]:
        """The images at hand that the reference may mean in a repository, each with the name that answers best."""
        aliases = self.settings.aliases
        candidates = [
            *self.by_name.get(identity(reference, aliases), ()),
            *self.by_name.get(f"*/{reference.last}", ()),
        ]
        found: list[_PossibleParent] = []
        for source in dict.fromkeys(candidates):
            here = source.snapshot is snapshot
            answers = [
                _PossibleParent(source, name, _fit(name, reference))
                for name in source.names
                if name.answers(reference, aliases, same_repository=here) is not None
                and (not name.assumed or in_namespace(reference, self._owned(source), aliases))
            ]
            best = min(answers, key=lambda answer: answer.rank, default=None)
            if best is not None:
                found.append(best)
        return found

    def _owned(self, source: ImageSource) -> frozenset[str]:
        """The namespaces that the images of a repository are published in."""
        key = id(source.snapshot)
        if key not in self._namespaces:
            self._namespaces[key] = namespaces(source.snapshot, self._named().get(key, []))
        return self._namespaces[key]

    def _named(self) -> dict[int, list[PublishedName]]:
        """The names of all images of each repository, by the repository's identity."""
        if self._names is None:
            self._names = {}
            for image in self.images:
                self._names.setdefault(id(image.snapshot), []).extend(image.names)
        return self._names

    def _best(self, answers: Sequence[_PossibleParent], reference: Reference) -> Parent:
        """The surest of the images that may be meant, with its grade; none where several are as sure as each other."""
        if not answers:
            return Parent(None, None)
        surest = min(answer.rank for answer in answers)
        left = [answer for answer in answers if answer.rank == surest]
        for narrower in _NARROWERS:
            if len(left) > 1:
                left = narrower(left, reference) or left
        if len(left) > 1:
            return Parent(
                None,
                None,
                doubt=_undecided(left, reference),
                candidates=tuple(answer.source for answer in left),
                candidates_proved=all(_why_assumed(answer, reference) is None for answer in left),
            )
        best = left[0]
        tag_open = best.fit == "any" and best.name.how != CONFIGURED
        assumed = _why_assumed(best, reference)
        return Parent(best.source, None, assumed, named=not best.name.assumed, tag_open=tag_open)

    def _meant(self, target: str) -> list[ImageSource]:
        """The images that an entry of the configuration stands for: of a GitHub repository that was fetched, of a folder, or by
        their name."""
        if target.startswith(_ON_GITHUB):
            name = target.removeprefix(_ON_GITHUB).partition("@")[0]
            return [source for source in self.image_by(name) if source.snapshot.root is None]
        return self.image_by(target) or self._below(target)

    def _below(self, path: str) -> list[ImageSource]:
        """The images at hand whose repository, or Dockerfile, is at a path of this machine."""
        return [
            source
            for source in self.images
            if source.snapshot.root is not None
            and path in (str(source.snapshot.root), str(source.snapshot.root / source.path))
        ]


def _real(image: EffectiveImage | Unknown) -> Parent:
    return Parent(None, None, doubt=image.reason) if isinstance(image, Unknown) else Parent(None, image)


def _index(images: Iterable[ImageSource]) -> dict[str, list[ImageSource]]:
    """Images by the identity of a name, and by the last component of one that is only assumed."""
    found: dict[str, dict[ImageSource, None]] = {}
    for source in images:
        for name in source.names:
            found.setdefault(f"*/{name.name}" if name.assumed else name.name, {})[source] = None
    return {name: list(named) for name, named in found.items()}


@lru_cache(maxsize=256)
def _patterns(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Those of an image's tags of which only a part is known."""
    return tuple(tag for tag in tags if tag != ANY_TAG and any(sign in tag for sign in "*?[\\"))


def _fit(name: PublishedName, reference: Reference) -> Literal["tag", "pattern", "any", "other"]:
    tag = reference.effective_tag
    if tag is None:
        return "any" if ANY_TAG in name.tags else "other"
    if tag in name.tags:
        return "tag" if not reference.digest else "pattern"
    if any(glob_matches(tag, pattern) for pattern in _patterns(name.tags)):
        return "pattern"
    return "any" if ANY_TAG in name.tags else "other"


def _why_assumed(answer: _PossibleParent, reference: Reference) -> str | None:
    """Why the image may not be quite the one that is meant; None where it is."""
    source, name = answer.source, answer.name
    if name.assumed:
        return f"{source.shown} is taken for {reference.familiar} by its folder's or file's name"
    if not name.evident:
        return f"{source.shown} is taken for {reference.familiar} by {name.how}"
    if answer.fit != "other":
        return None
    tags = list(islice((tag for tag in name.tags if tag != ANY_TAG), _MOST_TAGS + 1))
    listed = ", ".join(tags[:_MOST_TAGS]) + (" and others" if len(tags) > _MOST_TAGS else "")
    return f"{source.shown} publishes the tag {listed}, not {reference.effective_tag or reference.digest}"


def _undecided(answers: Sequence[_PossibleParent], reference: Reference) -> str:
    shown = [answer.source.id for answer in answers]
    listed = ", ".join(shown[:_MOST_NAMED]) + (" and others" if len(shown) > _MOST_NAMED else "")
    return f"{len(shown)} Dockerfiles may be what {reference} names ({listed}), and nothing tells which"


# Which of several images that answer alike


def _by_tag_in_path(answers: Sequence[_PossibleParent], reference: Reference) -> list[_PossibleParent]:
    """Those whose file or folder is called like the tag, or else like its beginning (`18/Dockerfile` for `18-slim`)."""
    tag = reference.effective_tag or ""
    parts = [(answer, _path_words(answer.source.path)) for answer in answers]
    exact = [answer for answer, words in parts if tag in words]
    if exact:
        return exact
    begun = [(max((len(w) for w in words if tag.startswith((f"{w}-", f"{w}.", f"{w}_"))), default=0), answer)
             for answer, words in parts]  # fmt: skip
    longest = max(length for length, _ in begun)
    return [answer for length, answer in begun if length == longest] if longest else []


def _path_words(path: str) -> list[str]:
    """The names that a Dockerfile's path gives it: its folders, and what its file's name has beside `Dockerfile`."""
    *folders, file = path.split("/")
    bare = file
    for word in ("Dockerfile", "dockerfile", "Containerfile"):
        bare = bare.removeprefix(word).removesuffix(word)
    bare = bare.strip("._-")
    return [*folders, bare] if bare else folders


def _by_platform(answers: Sequence[_PossibleParent], reference: Reference) -> list[_PossibleParent]:
    """Those for the platform that the tag names, or for the usual one."""
    wanted = platform_of(reference.effective_tag or "") or 0
    told = [(answer, platform_of(answer.source.path)) for answer in answers]
    exact = [answer for answer, platform in told if platform == wanted]
    return exact or [answer for answer, platform in told if platform is None]


def _whole_file(answers: Sequence[_PossibleParent], reference: Reference) -> list[_PossibleParent]:
    """The image of the whole Dockerfile, where others are made of its stages."""
    return [answer for answer in answers if answer.source.build.target is None]


_NARROWERS: tuple[Callable[[Sequence[_PossibleParent], Reference], list[_PossibleParent]], ...] = (
    _by_tag_in_path,
    _by_platform,
    _whole_file,
)
