"""Facts across the images at hand: who descends from whom by tag, who publishes what, and which tags siblings stand on."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..builds.build import Bound
from ..builds.contexts import bound_builds
from ..builds.placeholders import has_hole
from ..builds.published_names import ANY_TAG, SHOWN_ONLY, PublishedName
from ..dockerfile.stages import Stage
from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..text.cycles import cycles
from ..text.numbers import natural
from ..text.places import Place, Span
from ..text.platforms import without_platform
from ..text.reference import Reference, identity, parse
from ..text.stand_in import stands_in
from .workspace import ImageSource, Workspace

_NUMBERS = pattern(r"\d+(?:[._]\d+)*")


def foundation(source: ImageSource) -> tuple[Stage, Reference] | None:
    """The stage at the root of the image's own line in its Dockerfile, with the image it is built on; None without one."""
    line = source.stages.own_line
    named = line[-1].base.image if line else None
    reference = parse(named) if isinstance(named, str) else None
    return (line[-1], reference) if isinstance(reference, Reference) else None


def builds_of(workspace: Workspace, source: ImageSource) -> tuple[Bound, ...]:
    """The builds of the image's Dockerfile that the repository's files describe."""
    return tuple(workspace.once(_builds_by_repository)[id(source.snapshot)].get(source.path, ()))


def siblings(workspace: Workspace, source: ImageSource) -> Sequence[ImageSource]:
    """The images of one repository, with `source` itself."""
    return workspace.made_in(source.snapshot)


def _builds_by_repository(workspace: Workspace) -> Mapping[int, Mapping[str, Sequence[Bound]]]:
    """By the identity of the repository and the path of the Dockerfile."""
    return {
        id(snapshot): bound_builds(snapshot, tuple(dict.fromkeys(image.path for image in workspace.made_in(snapshot))))
        for snapshot in workspace.snapshots
    }


# Descent


def parent_by_tag(workspace: Workspace, source: ImageSource) -> ImageSource | None:
    """The image at hand that publishes the very tag which `source` is built on."""
    found = foundation(source)
    if found is None:
        return None
    reference = found[1]
    return next(
        (
            candidate
            for candidate in workspace.publishers(reference.name)
            for name in candidate.names
            if not name.local and name.answers(reference, workspace.settings.aliases) == "known"
        ),
        None,
    )


def cycle_through(workspace: Workspace, source: ImageSource) -> Sequence[ImageSource]:
    """The images that descend from each other, from `source` along the parents back to it; none where it is in no cycle."""
    return workspace.once(_cycles).get(id(source), ())


def _cycles(workspace: Workspace) -> Mapping[int, Sequence[ImageSource]]:
    """By the identities of the images in cycles. Each image has one parent at most, so each is in one cycle at most."""
    names = {id(image): str(number) for number, image in enumerate(workspace.images)}
    edges = {names[id(image)]: _above(workspace, image, names) for image in workspace.images}
    found: dict[int, Sequence[ImageSource]] = {}
    for cycle in cycles(edges):
        members = [workspace.images[int(name)] for name in cycle]
        for index, member in enumerate(members):
            found[id(member)] = members[index:] + members[:index]
    return found


def _above(workspace: Workspace, image: ImageSource, names: Mapping[int, str]) -> Sequence[str]:
    parent = parent_by_tag(workspace, image)
    return (names[id(parent)],) if parent is not None else ()


# Publishing


@dataclass(frozen=True, slots=True)
class Publication:
    """A tag given to an image: the name's identity with the tag, and where that is said."""

    reference: str
    source: ImageSource
    place: Place


def published_twice(workspace: Workspace) -> Mapping[str, Sequence[Publication]]:
    """Names with tags that are published more than once, with who does it, by path.

    Local names, guesses and tags that are not known are left out.
    """
    found: dict[str, list[Publication]] = {}
    for source in sorted(workspace.images, key=lambda image: image.shown.split("/")):
        for name in published_under(source):
            for tag in name.tags:
                if name.place is not None and ANY_TAG not in tag and tag:
                    place = _place_of(workspace, source, name, tag)
                    found.setdefault(f"{name.name}:{tag}", []).append(Publication(f"{name.name}:{tag}", source, place))
    return {reference: published for reference, published in found.items() if len(published) > 1}


def published_under(source: ImageSource) -> Iterator[PublishedName]:
    """The names that an image surely goes out under: none that counts only where it is built, is guessed or an example."""
    for name in source.names:
        if not (name.local or name.assumed or name.how == "README" or _only_tries(name.place)):
            yield name


def _only_tries(place: Place | None) -> bool:
    """Whether a build stands in a folder of tests or examples, whose images are tried and not published."""
    return place is not None and not SHOWN_ONLY.isdisjoint(place.path.lower().split("/")[:-1])


def _place_of(workspace: Workspace, source: ImageSource, name: PublishedName, tag: str) -> Place:
    places = workspace.once(_places)[id(source.snapshot)].get(source.path, {})
    return places.get(f"{name.name}:{tag}") or name.place or Place(source.shown, Span(1))


def _places(workspace: Workspace) -> Mapping[int, Mapping[str, Mapping[str, Place]]]:
    """The first build that gives a tag, by the identity of the repository, the path of the Dockerfile and the tag."""
    found: dict[int, dict[str, dict[str, Place]]] = {}
    for repository, by_path in workspace.once(_builds_by_repository).items():
        places = found.setdefault(repository, {})
        for path, builds in by_path.items():
            for bound in builds:
                for written in bound.tags:
                    reference = parse(written) if not has_hole(written) else None
                    if isinstance(reference, Reference):
                        name = identity(reference, workspace.settings.aliases)
                        places.setdefault(path, {}).setdefault(f"{name}:{reference.tag or 'latest'}", bound.build.place)
    return found


# Drift


@dataclass(frozen=True, slots=True)
class OddOne:
    """An image that stands on another tag of a parent than its siblings. `others` are how many stand on `usual`."""

    stage: Stage
    reference: Reference
    usual: str
    others: int
    example: ImageSource

    @property
    def example_place(self) -> Place:
        """The FROM of a sibling that stands on the usual tag."""
        found = foundation(self.example)
        return Place(self.example.shown, (found[0] if found is not None else self.stage).base.span)


def odd_one(workspace: Workspace, source: ImageSource) -> OddOne | None:
    """What sets the image apart from the others of its repository that are built on the same parent, if anything does.

    Only parents of the organisation that publishes the siblings count, and only tags that differ in their numbers, not
    in their words: other variants of a parent are chosen, not forgotten.
    """
    own = foundation(source)
    if own is None or own[1].digest or own[1].tag is None or not _of_the_family(workspace, source, own[1]):
        return None
    stage, reference = own
    name = identity(reference, workspace.settings.aliases)
    alike = workspace.once(_by_parent).get((id(source.snapshot), name, _shape(reference.tag or "")))
    if alike is None or len(alike.counts) < 2:
        return None
    found = alike.usual_beside(source)
    if found is None or source.path not in alike.by_path or found[0] == without_platform(reference.tag or ""):
        return None
    if _chooses(source, without_platform(reference.tag or ""), found[0]):
        return None
    return OddOne(stage, reference, *found)


def _chooses(source: ImageSource, own: str, usual: str) -> bool:
    """Whether the image's path or its own tags name the number of the parent's tag, and not of the usual one: `26-ui/Dockerfile`
    on `:26`, `Dockerfile.py2` on `:py27`; or whether the two are of other series of a part (`python2.7`, `python3.7`)."""
    if _series(own) != _series(usual):
        return True
    named = [source.path, *(tag for name in source.names for tag in name.tags if not name.assumed)]
    written = {re.sub(r"[._]", "", number) for text in named for number in _NUMBERS.findall(text)}
    wanted, others = ([re.sub(r"[._]", "", number) for number in _NUMBERS.findall(tag)] for tag in (own, usual))
    fits = {one for one in written if any(number.startswith(one) for number in wanted)}
    return any(not any(number.startswith(one) for number in others) for one in fits)


def _series(tag: str) -> list[str]:
    """The first numbers of the parts that a tag names, each with its name: `python2` of `java1.8_python2.7.12`."""
    return re.findall(r"(?<![a-z])[a-z]{2,}\d+", tag)


class _Alike:
    """The images of a repository that can be compared: on tags of one parent that differ in their numbers alone."""

    def __init__(self, images: Iterable[tuple[ImageSource, str]]) -> None:
        self.by_path: dict[str, tuple[str, ImageSource]] = {source.path: (tag, source) for source, tag in images}
        self.counts = Counter(tag for tag, _ in self.by_path.values())
        self._ranked = sorted(self.counts, key=lambda tag: (self.counts[tag], _numbers(tag)), reverse=True)
        self.by_tag: dict[str, list[ImageSource]] = {}
        self._by_name: dict[str, list[str]] = {}
        for path, (tag, source) in sorted(self.by_path.items()):
            self.by_tag.setdefault(tag, []).append(source)
            for name in _names(source):
                self._by_name.setdefault(name, []).append(path)

    def usual_beside(self, source: ImageSource) -> tuple[str, int, ImageSource] | None:
        """The tag that most stand on, how many do, and the first of them by path, others that are called like the image
        left out; None where there are no two tags."""
        kin = {path for name in _names(source) for path in self._by_name.get(name, ())} - {source.path}
        less = Counter(self.by_path[path][0] for path in kin)
        left = {tag: self.counts[tag] - less[tag] for tag in less}
        first = next((tag for tag in self._ranked if tag not in less), None)
        if first is not None:
            left[first] = self.counts[first]
        if len(self.counts) - sum(count == 0 for count in left.values()) < 2:
            return None
        usual, count = max(left.items(), key=lambda item: (item[1], _numbers(item[0])))
        return usual, count, next(one for one in self.by_tag[usual] if one.path not in kin)


def _by_parent(workspace: Workspace) -> Mapping[tuple[int, str, str], _Alike]:
    """The images that can be compared, by their repository's identity, their parent's name and the words of their tags."""
    found: dict[tuple[int, str, str], list[tuple[ImageSource, str]]] = {}
    for source in workspace.images:
        own = foundation(source)
        if own is None or own[1].tag is None or own[1].digest:
            continue
        name = identity(own[1], workspace.settings.aliases)
        if not any(name == public.name for public in source.names):
            found.setdefault((id(source.snapshot), name, _shape(own[1].tag)), []).append(
                (source, without_platform(own[1].tag))
            )
    return {key: _Alike(images) for key, images in found.items()}


def _of_the_family(workspace: Workspace, source: ImageSource, parent: Reference) -> bool:
    """Whether the parent belongs to the organisation that publishes the image."""
    owner = identity(parent, workspace.settings.aliases).rpartition("/")[0]
    return bool(owner) and any(
        name.name.rpartition("/")[0].startswith(owner) for name in source.names if not name.local and not name.assumed
    )


def _names(source: ImageSource) -> set[str]:
    return {name.name for name in source.names if not name.assumed}


def _shape(tag: str) -> str:
    return _NUMBERS.sub("#", without_platform(tag))


def _numbers(tag: str) -> tuple[int, ...]:
    return tuple(natural(number) or 0 for number in re.findall(r"\d+", tag)[:8])


@dataclass(frozen=True, slots=True)
class OtherDefault:
    """A global ARG whose default is another one than all builds of the repository give."""

    name: str
    default: str
    given: str
    place: Place
    by: Bound


def other_defaults(workspace: Workspace, source: ImageSource) -> Iterator[OtherDefault]:
    """The global ARGs that the image's FROM uses and whose default differs from what its builds agree on."""
    found = foundation(source)
    if found is None:
        return
    builds = builds_of(workspace, source)
    for name in _used(source, found[0]):
        argument = source.stages.global_args.get(name)
        if argument is None or argument.declaration.default is None or argument.declaration.default_span is None:
            continue
        default = argument.declaration.default.strip("\"'")
        givers = [bound for bound in builds if name in bound.build.args or name in bound.build.open_args]
        givers = [bound for bound in givers if does_give(bound)]
        if any(bound not in givers and bound.build.kind in {one.build.kind for one in givers} for bound in builds):
            continue  # another build of the same file of builds uses the default
        values = {bound.build.args.get(name) for bound in givers}
        if len(values) != 1 or "$" in default or not default or stands_in(default):
            continue
        given = values.pop()
        if not given or has_hole(given) or _on_any_machine(given) == _on_any_machine(default):
            continue  # the same, or from another registry, or for another architecture (amd64/alpine, base-amd64)
        if ("@" in given) != ("@" in default) and given.partition("@")[0] == default.partition("@")[0]:
            continue  # the same tag, which one of them pins
        place = Place(source.shown, argument.instruction.span)
        yield OtherDefault(name, default, given, place, givers[0])


def _on_any_machine(image: str) -> str:
    """The last part of an image's name, with its tag, without the name of an architecture."""
    name, colon, tag = image.rpartition("/")[2].partition(":")
    return without_platform(name) + colon + tag


def does_give(bound: Bound) -> bool:
    """Whether a build is done as it stands there: a README shows what may be given."""
    return bound.build.kind != "README"


def _used(source: ImageSource, stage: Stage) -> tuple[str, ...]:
    """The global arguments that a FROM uses, directly or by way of another one's default."""
    names = list(stage.base.uses)
    for name in stage.base.uses:
        argument = source.stages.global_args.get(name)
        if argument is not None:
            names += sorted(argument.uses)
    return tuple(dict.fromkeys(names))
