"""A compose file, manifest or app spec names an image that nothing publishes.

## What it does
Reports an image in a compose file, a Kubernetes manifest, Helm values or an app spec whose name is a slip of the pen away
from one that the repositories at hand publish, or that has two registry hosts (`docker.io/quay.io/a/b`,
`{{ registry }}/quay.io/a/b`: an information, as that registry may be a proxy of the other); and a FROM that can name no image:
three path parts on Docker Hub. Placeholders in templates are left open, as are words that stand for one
(`your-registry/a/b`); names that are not like any at hand are left alone, as other repositories may publish them. A name in a
document (README, .rst) that is such a slip is told as an information.

## Why it matters at run time
The pull fails ("manifest unknown", "not found"), and the application does not start.

## When to ignore it
When another repository publishes that very name, or the registry is a mirror with the other host in its paths.

## References
- distribution/reference, normalize.go; Docker Hub, "Repositories": `OWNER/NAME`
"""

from collections.abc import Iterable, Iterator, Mapping

from ..lineage.consumers.model import Consumer
from ..lineage.families.read import families
from ..lineage.late.dataclasses import dataclass, field
from ..lineage.late.patterns import pattern
from ..lineage.text.places import Place, Span
from ..lineage.text.reference import InvalidReference, Reference, parse
from ..lineage.text.spelling import NearNames
from ..lineage.workspace.deployments import asked_for
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Related, Severity
from .shared.parents.own_builder import given_by_own_builder, impossible

SEVERITY = Severity.WARNING


@dataclass(frozen=True, slots=True)
class Misnamed:
    """A consumer with why its image cannot be had. `meant` is the name it is nearly like, `publisher` who publishes that.

    `doubtful`: it can be had where the first of two registries is a proxy of the second.
    """

    consumer: Consumer
    why: str
    meant: str | None = None
    publisher: ImageSource | None = None
    doubtful: bool = False


def check(source: ImageSource, workspace: Workspace) -> Iterator[Message]:
    for place, name, default in _from_place(workspace, source):
        if not workspace.publishers(name):
            by_hand = f" A build that gives no `{default}` fails." if default else ""
            yield Message(
                place,
                f"{name} cannot be pulled: it is on Docker Hub, whose names have no more than two parts.{by_hand}",
                "Name the registry in front of it, or correct the name.",
                severity=Severity.INFO if default else None,
                subject=name,
            )
    told = workspace.once(_told_at).get(id(source))
    for found in told.misnamed if told is not None else ():
        yield _message(source, found)
    for place, name, meant, publisher in told.mentioned if told is not None else ():
        yield Message(
            place,
            f"The image {name} is published by nothing here: whoever follows the document cannot pull it.",
            f"Did you mean {meant}?",
            (Related(Place(publisher.shown, Span(1)), f"{meant} is built here"),),
            severity=Severity.INFO,
            subject=name,
            owner=source.id,
        )


@dataclass(frozen=True, slots=True)
class _Mistakes:
    """What is told at one image."""

    misnamed: list[Misnamed] = field(default_factory=lambda: list[Misnamed]())
    mentioned: list[tuple[Place, str, str, ImageSource]] = field(
        default_factory=lambda: list[tuple[Place, str, str, ImageSource]]()
    )


def _told_at(workspace: Workspace) -> Mapping[int, _Mistakes]:
    """What is told at each image: at the one that publishes what was meant, else at the first that can be read."""
    readable = [image for image in workspace.selected if image.readable]
    here = {id(image) for image in readable}
    told: dict[int, _Mistakes] = {}
    for found in misnamed(workspace) if readable else ():
        at = found.publisher if found.publisher is not None and id(found.publisher) in here else readable[0]
        told.setdefault(id(at), _Mistakes()).misnamed.append(found)
    for mention in mentioned(workspace) if readable else ():
        at = mention[3] if id(mention[3]) in here else readable[0]
        told.setdefault(id(at), _Mistakes()).mentioned.append(mention)
    return told


def _message(source: ImageSource, found: Misnamed) -> Message:
    consumer = found.consumer
    related: tuple[Related, ...] = ()
    cure = "Correct the name."
    if found.meant is not None and found.publisher is not None:
        cure = f"Did you mean {found.meant}?"
        related = (Related(Place(found.publisher.shown, Span(1)), f"{found.meant} is built here"),)
    elif "registr" in found.why:
        cure = "Leave one of them out."
    happens = "it is pulled only where the one is a proxy of the other" if found.doubtful else "it cannot be pulled"
    return Message(
        consumer.place,
        f"The image {consumer.written} {found.why}: {happens}.",
        cure,
        related,
        severity=Severity.INFO if found.doubtful else None,
        subject=consumer.written,
        owner=source.id,
        image=consumer.name or consumer.written,
    )


_PUBLIC = (
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "quay.io",
    "ghcr.io",
    "gcr.io",
    "mcr.microsoft.com",
    *(mirror.partition("/")[0] for mirror, _ in families().mirrors),
)
_DOTTED_OWNERS = frozenset(("quay.io",))
"""Those of them whose owners may have a dot in their name: `quay.io/acme.io/app`."""
_PLACEHOLDERS = frozenset(
    """your yours my username user owner org organization organisation namespace account example placeholder changeme
    dockerhub dockerid yourname yourusername youruser yourorg yourorganization myname myorg myusername myuser""".split()
)
"""Words that documents and templates write in the place of an owner's name."""
_WORD = pattern(r"[a-z]+")
_TOPMOST = ("io", "com", "org", "net", "dev", "cloud", "edu", "gov", "eu", "de", "aws")


def misnamed(workspace: Workspace) -> tuple[Misnamed, ...]:
    """The consumers of all repositories at hand that name an image which surely is a mistake, by repository and place."""
    return tuple(_misnamed(workspace))


def _misnamed(workspace: Workspace) -> Iterator[Misnamed]:
    names = workspace.once(_published)
    for deployment in asked_for(workspace):
        consumer = deployment.consumer
        if consumer.name is None or consumer.built is not None or consumer.kind == "documentation":
            continue
        found = _judge(workspace, consumer, consumer.name, names)
        if found is not None:
            yield found


def mentioned(workspace: Workspace) -> tuple[tuple[Place, str, str, ImageSource], ...]:
    """The names in documents that are a slip away from an image at hand, by repository and place: see `_mentioned`."""
    return tuple(_mentioned(workspace))


def _mentioned(workspace: Workspace) -> Iterator[tuple[Place, str, str, ImageSource]]:
    """(place, name, meant, who publishes that) of names in documents that are a slip away from an image at hand.

    An image that is only known by its folder's name counts with the owners that images here are built on or published by.
    """
    from ..lineage.consumers.documents import mentions

    published, folders = workspace.once(_published), _by_folder(workspace)
    owners = {name.partition("/")[0] for name in published} | _owners(workspace) if folders else set[str]()
    near_folders = NearNames(folders)
    for snapshot in workspace.asked:
        if snapshot not in workspace.whole:
            continue
        for mention in mentions(snapshot):
            key = workspace.identity(mention.name)
            if key is None or key in published or workspace.publishers(mention.name) or _stands_for_a_name(key):
                continue
            meant = workspace.once(_near_names).nearest(key)
            if meant is not None:
                yield mention.place, mention.name, meant, published[meant]
                continue
            owner, _, last = key.rpartition("/")
            near = next(iter(near_folders.near(last)), None) if owner in owners and last not in folders else None
            if near is not None:
                yield mention.place, mention.name, f"{mention.name.rpartition('/')[0]}/{near}", folders[near]


def _stands_for_a_name(name: str) -> bool:
    """Whether a word stands in the place of the registry or the owner: `your-registry/acme/app`, `username/app`."""
    return not _PLACEHOLDERS.isdisjoint(_WORD.findall(name.rpartition("/")[0].lower()))


def _by_folder(workspace: Workspace) -> dict[str, ImageSource]:
    found: dict[str, ImageSource] = {}
    for source in workspace.images:
        for name in source.names:
            if name.assumed:
                found.setdefault(name.name, source)
    return found


def _owners(workspace: Workspace) -> set[str]:
    """The owners of the images that Dockerfiles here are built on, but for the official ones."""
    found: set[str] = set()
    for source in workspace.images:
        for stage in source.stages.stages:
            parsed = parse(stage.base.text) if stage.base.image is not None else None
            if isinstance(parsed, Reference) and "/" in parsed.identity:
                found.add(parsed.identity.rpartition("/")[0])
    return found


def _judge(workspace: Workspace, consumer: Consumer, name: str, names: dict[str, ImageSource]) -> Misnamed | None:
    whole = consumer.written if "{" not in consumer.written and "$" not in consumer.written else name
    two = two_registries(whole, consumer.registry_open)
    if two is not None:
        return Misnamed(consumer, f"has two registries, {two}", doubtful=consumer.registry_open)
    key = workspace.identity(name)
    if key is None or key in names or workspace.publishers(name) or _stands_for_a_name(name):
        return None
    if not consumer.registry_open and isinstance(parsed := parse(name), Reference) and impossible(parsed):
        return Misnamed(consumer, "has three parts, and Docker Hub knows only `OWNER/NAME`")
    meant = workspace.once(_near_names).nearest(key)
    if meant is None:
        return None
    return Misnamed(consumer, "is published by nothing here", meant, names[meant])


def _published(workspace: Workspace) -> dict[str, ImageSource]:
    found: dict[str, ImageSource] = {}
    for source in workspace.images:
        for name in source.names:
            if "/" in name.name and not name.assumed and not name.local:
                found.setdefault(name.name, source)
    return found


def two_registries(name: str, registry_open: bool) -> str | None:
    """The registry that stands where a path belongs, `quay.io` in `docker.io/quay.io/a/b`; None where none does.

    A private registry that mirrors others has such paths; behind a public one, or a placeholder for a registry, there
    are none.
    """
    parsed = parse(name)
    if isinstance(parsed, InvalidReference):
        return None
    if registry_open:
        return (
            f"a placeholder and {parsed.domain}"
            if parsed.domain != "docker.io" or name.startswith("docker.io/")
            else None
        )
    first = parsed.path.split("/")[0]
    host = "." in first and first.rpartition(".")[2] in _TOPMOST
    if host and parsed.domain in _DOTTED_OWNERS:
        host = first in _PUBLIC
    same = first == parsed.domain
    return (
        f"{parsed.domain} and {first}" if "/" in parsed.path and ((host and parsed.domain in _PUBLIC) or same) else None
    )


class _NearPublished:
    """The published names, to look up those that are a slip of the pen away, in the image's part or in the organisation's."""

    def __init__(self, names: Iterable[str]) -> None:
        lasts: dict[str, list[str]] = {}
        owners: dict[str, list[str]] = {}
        for name in names:
            owner, _, last = name.rpartition("/")
            lasts.setdefault(owner, []).append(last)
            owners.setdefault(last, []).append(owner)
        self._lasts = {owner: NearNames(found) for owner, found in lasts.items()}
        self._owners = {last: NearNames(found) for last, found in owners.items()}

    def nearest(self, name: str) -> str | None:
        """The first in alphabetical order; None where there is none."""
        owner, _, last = name.rpartition("/")
        found = [f"{owner}/{known}" for known in self._lasts[owner].near(last)] if owner in self._lasts else []
        if last in self._owners and "." not in owner:
            found += [f"{known}/{last}" for known in self._owners[last].near(owner)]
        return min(found, default=None)


def _near_names(workspace: Workspace) -> _NearPublished:
    """Those that the repositories asked for publish: of an owner whose image was only brought in, many others are not at hand."""
    published = workspace.once(_published)
    return _NearPublished(name for name, source in published.items() if source.snapshot in workspace.asked)


def _from_place(workspace: Workspace, source: ImageSource) -> Iterator[tuple[Place, str, str | None]]:
    """The FROMs of the image that name what cannot be on Docker Hub, with the name, and the argument whose default that is:
    whoever builds may give another, and it is told once."""
    told: set[str] = set()
    for stage in source.stages.stages:
        base = stage.base
        if base.stage is not None or base.scratch or not isinstance(base.reference, str):
            continue
        parsed = parse(base.text)
        if not isinstance(parsed, Reference) or not impossible(parsed) or stage.index not in source.stages.reachable:
            continue
        arguments = ((name, source.stages.global_args.get(name)) for name in base.uses)
        default = next((name for name, argument in arguments if argument is not None and not argument.given), None)
        if given_by_own_builder(workspace, source, parsed) or default in told:
            continue
        if default is not None:
            told.add(default)
        yield Place(source.shown, base.span), parsed.familiar, default
