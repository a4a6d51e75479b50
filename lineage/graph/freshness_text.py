"""What registries said of the images of a graph, below its tree and on its page."""

from collections import Counter
from collections.abc import Iterable, Iterator

from ..remote.freshness import VERDICTS, Freshness
from ..remote.registry_image import RegistryImage
from .node_text import plain
from .tree import FRESHNESS, Line

_SHORT_DIGEST = 12


def freshness_lines(found: Iterable[Freshness], *, verbose: bool = False, quiet: bool = False) -> Iterator[Line]:
    """Each stale image with both digests and dates (in UTC), what could not be asked, and how many there are of each.

    With `verbose` also why the others are unknown; with `quiet` not how many.
    """
    freshnesses = list(found)
    kinds = ("stale", "unreachable", "unknown") if verbose else ("stale",)
    for kind in kinds:
        for freshness in freshnesses:
            if freshness.verdict == kind:
                yield from _stale(freshness) if kind == "stale" else [_reason(freshness)]
    counted = Counter(freshness.verdict for freshness in freshnesses)
    if counted and not quiet:
        counts = ", ".join(f"{counted[kind]} {kind}" for kind in VERDICTS if counted[kind])
        undecided = counted["unknown"] + counted["unreachable"]
        hint = "; --verbose says why" if undecided and not verbose else ""
        platforms = dict.fromkeys(str(freshness.platform) for freshness in freshnesses)
        yield [(f"In the registries ({', '.join(platforms)}): {counts}{hint}.", "bold")]


def _reason(freshness: Freshness) -> Line:
    return [(f"{freshness.verdict}: ", FRESHNESS[freshness.verdict]), (freshness.reason, "")]


def _stale(freshness: Freshness) -> Iterator[Line]:
    """A short sentence, as both names stand below it."""
    name = freshness.image.reference if freshness.image is not None else ""
    yield [("stale: ", FRESHNESS["stale"]), (f"{name} lacks its parent's current layers.", "")]
    images = [image for image in (freshness.image, freshness.parent) if image is not None]
    width = max((len(image.reference) for image in images), default=0)
    for image in images:
        encoded = image.digest.partition(":")[2][:_SHORT_DIGEST]
        yield [("  ", ""), (image.reference.ljust(width), ""), (f"  @{encoded}  {_date(image)}", "dim")]


def _date(image: RegistryImage) -> str:
    created = image.configuration.created
    return created[:16].replace("T", " ") if created else "no date"


def told(freshness: Freshness) -> list[str]:
    """The sentence, and each image with its digest and date."""
    images = [image for image in (freshness.image, freshness.parent) if image is not None]
    return [
        plain(freshness.reason),
        *(f"{plain(image.reference)} · {image.digest} · {_date(image)}" for image in images),
    ]
