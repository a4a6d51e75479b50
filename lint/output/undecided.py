"""What a run could not decide, in the sentences and places that the formats share."""

import sys
from collections.abc import Iterable, Iterator, Mapping

from ...lineage.late.dataclasses import dataclass
from ...lineage.text.errors import Cause
from ...lineage.text.places import Place, Span
from .report import DoubtfulParent, DoubtfulRun, Report, Skipped

_MOST_NAMED = 5
_NAMED_IN_PASSING = 2
"""Images that are run and not known, in a summary that comes with every run of a hook."""
_FEW = 3
_OF_FILES = "Have the file there and readable."
_OF_PARENTS = "`ctlint lock` (asks the registry), or its clone, named under `[parents]` in ctlint.toml, makes it known."
_OF_RUNS = (
    "Its clone makes it known: linted along as a further target, or named under `[parents]` in ctlint.toml; or a real image: "
    "`--with-parent NAME=registry:REF`. One that a Dockerfile here makes: `[names]` in ctlint.toml says what that publishes."
)
_CURES: dict[Cause | None, str] = {
    "unread": _OF_FILES,
    "missing": _OF_FILES,
    "parent": _OF_PARENTS,
    "run": _OF_RUNS,
    "profile": _OF_PARENTS,
    "platform": "What the platform is set to decides it; where the file that runs the image says it, that counts.",
    None: "The built image tells: `docker save -o image.tar NAME`, then `ctlint lint docker-archive:image.tar`.",
}
"""What would decide a check, by the cause that it is not."""
_SOME = 12


@dataclass(frozen=True, slots=True)
class Note:
    """What was not decided, and the line that it hangs on: a FROM, or the Dockerfile's first line."""

    place: Place
    text: str


def parent_sentences(report: Report, *, whole: bool = False) -> list[str]:
    """One sentence on the parents that are not known, one on those that are only assumed, and one on the images that are
    run and not known, where there are any. Five parents and two images that are run are named, all with their places if
    `whole`.
    """
    most = sys.maxsize if whole else _MOST_NAMED
    unknown, assumed = report.standing_on("unknown"), report.standing_on("assumed")
    told: list[str] = []
    if unknown:
        count = sum(1 for image in report.images if any(parent.grade == "unknown" for parent in image.doubtful))
        told.append(f"{_stand(count, len(unknown))} that ctlint does not know: {_listed(map(_parent, unknown), most)}.")
    if assumed:
        count = sum(1 for image in report.images if any(parent.grade == "assumed" for parent in image.doubtful))
        names = _listed(map(_parent, assumed), most)
        told.append(f"{_stand(count, len(assumed))} that {_is(len(assumed))} only assumed: {names}.")
    runs = report.unknown_runs
    if runs:
        what = "image that is run here is" if len(runs) == 1 else "images that are run here are"
        names = _listed(map(_run, runs.items()), most) if whole else ", ".join(runs)
        named = whole or len(runs) <= _NAMED_IN_PASSING
        which = f"not known to ctlint: {names}." if named else "not known to ctlint; --verbose names them."
        told.append(f"{len(runs)} {what} {which}")
    return told


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """Checks that were not decided: for each reason a line that says it, and which on what; in `cure` what would decide them."""

    reasons: Mapping[str, str]
    cure: str


def left_open(report: Report, *, whole: bool = False) -> list[LeftOpen]:
    """What was not decided, by its cure and its reason, that of the most checks first. Of many rules and images the first
    are named, all if `whole`.
    """
    by_reason: dict[str, list[Skipped]] = {}
    called = _called(report)
    for each in report.skipped:
        by_reason.setdefault(each.reason, []).append(each)
    by_cure: dict[str, dict[str, str]] = {}
    for reason, checks in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0])):
        by_cure.setdefault(_CURES[checks[0].cause], {})[reason] = f"{reason}: {_checks(checks, called, whole)}"
    return [LeftOpen(reasons, cure) for cure, reasons in by_cure.items()]


def reason_notes(report: Report) -> Iterator[Note]:
    """A note for every reason why something was not decided, at the Dockerfile of the first image that it is about."""
    made = {image.image: image.dockerfile for image in reversed(report.images)}
    somewhere = report.images[0].dockerfile if report.images else "."
    of_reason = {each.reason: each.image for each in reversed(report.skipped)}
    for left in left_open(report):
        for reason, told in left.reasons.items():
            yield Note(Place(made.get(of_reason[reason], somewhere), Span(1)), f"Not decided: {told}.")


def _called(report: Report) -> dict[str, str]:
    """How the images of names that several Dockerfiles make are told apart: by their Dockerfiles."""
    made: dict[str, list[str]] = {}
    for image in report.images:
        files = made.setdefault(image.image, [])
        if image.dockerfile not in files:
            files.append(image.dockerfile)
    return {name: f"{name} ({_listed(files, _FEW)})" for name, files in made.items() if len(files) > 1}


def _checks(checks: list[Skipped], called: Mapping[str, str], whole: bool) -> str:
    rules, images = sorted({one.rule for one in checks}), sorted({called.get(one.image, one.image) for one in checks})
    on = _listed(images, sys.maxsize if whole else _FEW)
    subjects = list(dict.fromkeys(subject for one in checks for subject in one.subjects))
    if whole and subjects:
        on = f"{on}: {_listed(subjects, _SOME)}"
    if len(checks) == 1:
        return f"{rules[0]} on {on}"
    return f"{len(checks)} checks ({_listed(rules, sys.maxsize if whole else _SOME)}) on {on}"


def undecided_sentence(report: Report) -> str:
    """How many checks were not decided, and of how many; empty where all were."""
    count = len(report.undecided)
    if not report.checks:
        return f"{count} check{_s(count)} {'was' if count == 1 else 'were'} not decided." if count else ""
    return f"{count} of {report.checks} checks {'was' if count == 1 else 'were'} not decided." if count else ""


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
    yield from _run_notes(report)
    others = [image for image in report.images if image.image in undecided and not image.doubtful]
    if others:
        checks = sum(undecided[name] for name in {image.image for image in others})
        on = "" if len(others) == 1 else f" of {len(others)} images"
        text = f"{checks} check{_s(checks)}{on} {'was' if checks == 1 else 'were'} not decided."
        yield Note(Place(others[0].dockerfile, Span(1)), text)


def _run_notes(report: Report) -> Iterator[Note]:
    """A note for every image that is run, not known, and asked for by a rule; one for all where they are many."""
    asked = {run.reference for run in report.asked("unknown")}
    runs = {reference: places for reference, places in report.unknown_runs.items() if reference in asked}
    if len(runs) > _MOST_NAMED:
        first = next(iter(runs.values()))[0]
        names = _listed(map(_run, runs.items()), _MOST_NAMED)
        yield Note(
            first.place, f"{len(runs)} images are not known to ctlint, and how they are run is not judged: {names}."
        )
        return
    for reference, places in runs.items():
        why = places[0].reason
        yield Note(
            places[0].place, f"The image {reference} is not known to ctlint ({why}): how it is run is not judged."
        )


def _stand(images: int, parents: int) -> str:
    verb = "stands on a parent" if images == 1 and parents == 1 else "stands on parents" if images == 1 else "stand on"
    noun = "" if images == 1 else " a parent" if parents == 1 else " parents"
    return f"{images} image{_s(images)} {verb}{noun}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _listed(names: Iterable[str], most: int) -> str:
    told = list(names)
    left = len(told) - most
    return ", ".join(told[:most]) + (f" and {left} more" if left > 0 else "")


def _parent(parent: DoubtfulParent) -> str:
    return f"{parent.reference} ({parent.place})" if parent.place is not None else parent.reference


def _run(run: tuple[str, list[DoubtfulRun]]) -> str:
    reference, places = run
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return f"{reference} ({places[0].place}{more})"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
