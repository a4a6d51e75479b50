"""s6-rc-compile refuses a service definition.

## What it does
Reports what the compiler of the image's own release refuses in `/etc/s6-overlay/s6-rc.d`: a missing or unknown `type`, a
longrun without `run`, a oneshot without `up`, a name in `dependencies.d` or `contents.d` that nothing defines, cycles,
pipelines whose ends do not answer each other, numbers that are none, reserved names. A directory that only adds to a
service of the parent image is an overlay and judged with the parent's files. Where more definitions may exist than are known,
a name that nothing known defines is reported, as a warning, if it is one of the image's own but for a slip or the order of its
words (`set-app-perms` beside `app-set-perms`).

## Why it matters at run time
One invalid definition, listed or not, is fatal for all: no service and no CMD starts, while the container stays up and
looks alive.

## When to ignore it
Never: the image cannot start. Where a file is made at start by a hook, name the hook in `S6_STAGE2_HOOK`; the rule is then
silent.

## References
- s6-rc: https://skarnet.org/software/s6-rc/s6-rc-compile.html, "Source format"
- s6-overlay, rc.init: the database is compiled at every boot
"""

from collections.abc import Iterator, Sequence

from ..lineage.boot.plan import BootPlan
from ..lineage.effects.s6_directories import RC_D
from ..lineage.image.image import EffectiveImage
from ..lineage.late.dataclasses import dataclass
from ..lineage.s6.rc_database import Bundle, Database, Service
from ..lineage.s6.rc_problem import DefinitionProblem
from ..lineage.text.errors import Unknown
from ..lineage.text.spelling import near_name
from .base import Message, Related, Severity
from .shared.questions import owner_in_image, place_in_image

SEVERITY = Severity.ERROR


_LISTS = ("dependencies.d", "contents.d")
_FEWEST_WORDS = 3


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    database = boot.database
    if database is None:
        if isinstance(boot.s6, Unknown) and image.tree.children(RC_D):
            raise boot.s6
        return
    problems = [one for one in database.problems if one.fatal and one.aspect == "compile"]
    roots = _RootProblems.of(image, problems)
    for problem in problems:
        if _listing_of_reserved(image, problem) or roots.explain(problem):
            continue
        path = _entry_of_cycle(image, problem) or problem.path
        place, owner = place_in_image(image, path, problem.line), owner_in_image(image, path)
        if problem.code == "entry-dangling" and (link := image.tree.find(path, follow=False)) is not None:
            place, owner = link.home, link.image
        if place is None:
            continue
        related = tuple(
            Related(at, "this takes part in it")
            for path in problem.related
            if (at := place_in_image(image, path)) is not None
        )
        yield Message(
            place,
            f"{problem.message} s6-rc-compile refuses it, so no service and no CMD of this image starts.",
            problem.cure,
            related,
            subject=f"{problem.service} {problem.code}",
            owner=owner,
        )
    if database.open is not None:
        yield from _slips(image, database)


def _slips(image: EffectiveImage, database: Database) -> Iterator[Message]:
    """Names that nothing known defines, each nearly that of a service which the image itself brings."""
    listings: list[Service | Bundle] = [*database.services.values(), *database.bundles.values()]
    mine = {one.name for one in listings if one.own and image.owns(owner_in_image(image, one.path) or "")}
    for listing in listings:
        for name in listing.listed if listing.own else ():
            entries = (image.tree.find(f"{listing.path}/{folder}/{name}") for folder in _LISTS)
            entry = next((node for node in entries if node is not None), None)
            meant = (
                None if database.known(name) or entry is None else _meant(name, mine - {*listing.listed, listing.name})
            )
            if meant is None or entry is None or not image.owns(entry.image):
                continue
            yield Message(
                entry.home,
                f"`{listing.name}` names `{name}`, which nothing known defines, and the image's own service is `{meant}`: "
                "unless a parent brings it, s6-rc-compile refuses it, so no service and no CMD of this image starts.",
                f"Rename the file to `{meant}`.",
                severity=Severity.WARNING,  # what is not known may define it
                subject=f"{listing.name} name-undefined",
                owner=entry.image,
            )


def _meant(name: str, mine: set[str]) -> str | None:
    """The one own name that has the same words in another order, or that differs by a slip."""
    words = sorted(name.split("-"))
    same = [one for one in mine if len(words) >= _FEWEST_WORDS and sorted(one.split("-")) == words]
    return same[0] if len(same) == 1 else near_name(name, mine)


def _entry_of_cycle(image: EffectiveImage, problem: DefinitionProblem) -> str | None:
    """The entry by which the first service of a cycle goes on to the next; of an overlay's service that which lists it."""
    if problem.code not in ("dependency-cycle", "bundle-cycle"):
        return None
    members = [path.rpartition("/")[2] for path in (*problem.related, problem.path)]
    entries = [f"{problem.path}/{listing}/{name}" for listing in _LISTS for name in members]
    found = next((entry for entry in entries if image.tree.find(entry) is not None), None)
    if found is None and not problem.path.startswith(RC_D):
        listings = [image.tree.glob(f"{RC_D}/*/{listing}/{problem.service}") for listing in reversed(_LISTS)]
        found = next((path for paths in listings for path in paths), None)
    return found


@dataclass(frozen=True)
class _RootProblems:
    """What of a directory's problems others may be there because of: a service of the same pipeline is broken."""

    broken: frozenset[str]
    """The paths of what has a problem but that its pipeline is not answered."""
    is_any: bool
    names_pipeline: bool
    unanswered: bool
    pipelines: tuple[str, ...]
    """The ends of the paths that entries by the names of pipelines have."""

    @classmethod
    def of(cls, image: EffectiveImage, problems: Sequence[DefinitionProblem]) -> "_RootProblems":
        others = [other for other in problems if other.code not in ("name-undefined", "pipeline-not-answered")]
        return cls(
            frozenset(other.path for other in problems if other.code != "pipeline-not-answered"),
            bool(others),
            any(other.path.endswith("/pipeline-name") for other in others),
            any(other.code == "pipeline-not-answered" for other in problems),
            tuple(f"/{name}" for name in _pipelines(image)) if problems else (),
        )

    def explain(self, problem: DefinitionProblem) -> bool:
        """Whether it is an end without answer, or a name not made, of a pipeline whose other service is broken."""
        if problem.code == "pipeline-not-answered":
            return not self.broken.isdisjoint(problem.related)
        if problem.code == "name-undefined" and self.names_pipeline:
            return problem.path.rpartition("/")[0].endswith("/contents.d")
        if problem.code != "name-undefined" or not problem.path.endswith(self.pipelines):
            return False
        return self.is_any or self.unanswered


def _pipelines(image: EffectiveImage) -> Iterator[str]:
    """The names that pipelines are given."""
    for path in image.tree.glob(f"{RC_D}/*/pipeline-name"):
        node = image.tree.find(path)
        data = node.blob.data if node is not None else None
        yield from (data or b"").decode("utf-8", "replace").split()


def _listing_of_reserved(image: EffectiveImage, problem: DefinitionProblem) -> bool:
    """Whether it is the listing of a reserved name whose definition, also refused, is the cause."""
    folder, _, name = problem.path.rpartition("/")
    return problem.code == "name-reserved" and folder.endswith(_LISTS) and image.tree.find(f"{RC_D}/{name}") is not None
