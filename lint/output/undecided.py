"""What a run could not decide, in the sentences and places that the formats share."""

from collections.abc import Iterator

from ...lineage.late.dataclasses import dataclass
from ...lineage.text.places import Place, Span
from .report import DoubtfulParent, Report

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Note:
    """What was not decided, and the line that it hangs on: a FROM, or the Dockerfile's first line."""

    place: Place
    text: str


def parent_sentences(report: Report) -> list[str]:
    """One sentence on the parents that are not known, and one on those that are only assumed, where there are any."""
    unknown, assumed = report.standing_on("unknown"), report.standing_on("assumed")
    told: list[str] = []
    if unknown:
        count = sum(1 for image in report.images if any(parent.grade == "unknown" for parent in image.doubtful))
        told.append(f"{_stand(count, len(unknown))} that ctlint does not know: {_listed(unknown)}.")
    if assumed:
        count = sum(1 for image in report.images if any(parent.grade == "assumed" for parent in image.doubtful))
        told.append(f"{_stand(count, len(assumed))} that {_is(len(assumed))} only assumed: {_listed(assumed)}.")
    return told


def undecided_sentence(report: Report) -> str:
    """How many checks were not decided; empty where all were."""
    count = len(report.skipped)
    return f"{count} check{_s(count)} {'was' if count == 1 else 'were'} not decided." if count else ""


def notes(report: Report) -> Iterator[Note]:
    """A note for every FROM whose parent is not proved, and one for all other images of which something was not decided."""
    undecided: dict[str, int] = {}
    for each in report.skipped:
        undecided[each.image] = undecided.get(each.image, 0) + 1
    for grade in ("unknown", "assumed"):
        for parent, images in report.standing_on(grade).items():
            what = "is not known to ctlint" if grade == "unknown" else "is only assumed"
            where = parent.place or Place(parent.reference, Span(1))
            checks = sum(undecided.get(image.image, 0) for image in report.images if parent in image.doubtful)
            on = f"{images} image{_s(images)} stand{'s' if images == 1 else ''} on it"
            count = (
                f"{checks} check{_s(checks)} of {'it' if images == 1 else 'them'} {'was' if checks == 1 else 'were'}"
            )
            yield Note(where, f"The parent {parent.reference} {what} ({parent.reason}). {on}; {count} not decided.")
    others = [image for image in report.images if image.image in undecided and not image.doubtful]
    if others:
        checks = sum(undecided[name] for name in {image.image for image in others})
        on = "" if len(others) == 1 else f" of {len(others)} images"
        text = f"{checks} check{_s(checks)}{on} {'was' if checks == 1 else 'were'} not decided."
        yield Note(Place(others[0].dockerfile, Span(1)), text)


def _stand(images: int, parents: int) -> str:
    verb = "stands on a parent" if images == 1 and parents == 1 else "stands on parents" if images == 1 else "stand on"
    noun = "" if images == 1 else " a parent" if parents == 1 else " parents"
    return f"{images} image{_s(images)} {verb}{noun}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _listed(parents: dict[DoubtfulParent, int]) -> str:
    told = [f"{each.reference} ({each.place})" if each.place is not None else each.reference for each in parents]
    left = len(told) - _MOST_NAMED
    return ", ".join(told[:_MOST_NAMED]) + (f" and {left} more" if left > 0 else "")


def _s(count: int) -> str:
    return "" if count == 1 else "s"
