"""A launcher that desktops refuse or cannot start, or that breaks the Desktop Entry Specification.

## What it does
Reads every `.desktop` file of the repository that the image holds, and reports what `desktop-file-validate` complains
of, without its hints. It is an error where the launcher does not show or start: the group `[Desktop Entry]`, Name, Type or
the application's Exec is missing, a line cannot be read, or Exec breaks the quoting rules so that another command than
the one meant is run, or none. All else is a warning: deprecated keys, own keys without `X-`, unregistered categories,
values that are not true or false.

## Why it matters at run time
Xfce and MATE leave out a file that they cannot read without a word: there is no icon, or a double click does nothing.
Exec is not read by a shell: variables, `~`, `&&` and redirections reach the program as they are written. What is only
a warning is ignored by one desktop and misunderstood by the next.

## When to ignore it
When the file is a template that a start script completes, or is read by one program only that takes more than the
specification allows. An entry with `Hidden=true` is never an error: it is there to hide another one, and needs to say no
more than that. A type of a program's own (`X-XFCE-Helper`) is not reported: that program reads the file.

## References
- Desktop Entry Specification, "Recognized desktop entry keys" and "The Exec key"
- Desktop Menu Specification, "Registered Categories"
- desktop-file-validate(1)
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ..lineage.desktop.launchers import Launchers
from ..lineage.image.image import EffectiveImage
from ..lineage.text.places import Place, Span
from .base import Message, Related, Severity

if TYPE_CHECKING:
    from ..lineage.desktop.validate import Complaint

SEVERITY = Severity.ERROR

_FOLLOWS_FROM_NO_GROUP = ("entry-before-group", "first-group", "group-unknown")
_LFS_POINTER = b"version https://git-lfs.github.com/"


def check(image: EffectiveImage, launchers: Launchers) -> Iterator[Message]:
    own = {launcher.node.source: launcher for launcher in launchers.staged if image.owns(launcher.node.image)}
    for source, launcher in own.items():
        data = launcher.node.blob.data
        if source is None or data is None or data.startswith(_LFS_POINTER):
            continue
        # here, as most images hold no launchers
        from ..lineage.desktop.validate import validate
        from .shared.launchers.desktop_wording import worded

        hides = _only_hides(data)
        told = tuple(worth_telling(validate(data, launcher.name)))
        for complaint in told:
            if _is_for_another_reader(complaint) or (hides and complaint.code == "key-required"):
                continue
            again = _again(complaint, told)
            if again and again[0] is not complaint:
                continue
            lacking = [other.item for other in told if other.code == "key-required" and other.group == complaint.group]
            if complaint.code == "key-required" and complaint.item != lacking[0]:
                continue
            yield Message(
                Place(source, Span(complaint.line, complaint.column, complaint.line, complaint.end_column)),
                *(
                    _neither(complaint, lacking)
                    if complaint.code == "key-required" and lacking[1:]
                    else worded(complaint)
                ),
                tuple(Related(Place(source, Span(other.line)), "and here") for other in again[1:]),
                severity=None if complaint.fatal else Severity.WARNING,
                subject=f"{complaint.key}:{complaint.code}:{complaint.item}",
            )


def _neither(complaint: "Complaint", lacking: Sequence[str]) -> tuple[str, str]:
    """The sentence about a group that lacks several keys, and its cure."""
    keys = " and no ".join(lacking)
    lines = " and ".join(f"`{key}=…`" for key in lacking)
    return f"The group `[{complaint.group}]` has no {keys}, which it must have.", f"Add the lines {lines}."


def _again(complaint: "Complaint", told: Sequence["Complaint"]) -> tuple["Complaint", ...]:
    """The same deprecated key in all groups that have it: one cause, told at the first. Nothing for another complaint."""
    if complaint.code != "key-deprecated":
        return ()
    return tuple(other for other in told if (other.code, other.key) == (complaint.code, complaint.key))


def _only_hides(data: bytes) -> bool:
    """Whether an entry says nothing but that the one it overrides is not to be shown."""
    rows = [row.strip() for row in data.decode("utf-8", "replace").split("\n")]
    return [row for row in rows if row and not row.startswith("#")] == ["[Desktop Entry]", "Hidden=true"]


def _is_for_another_reader(complaint: "Complaint") -> bool:
    """Whether an entry's type is one of a program's own (`X-XFCE-Helper`): that program reads it, and no desktop shows it."""
    return complaint.code == "type-unknown" and complaint.value.strip().startswith("X-")


def worth_telling(complaints: Iterable["Complaint"]) -> Iterator["Complaint"]:
    """All but hints, and of a command line only the worst: what else is wrong with its quotes follows from it."""
    told = [complaint for complaint in complaints if complaint.level != "hint"]
    groupless = any(complaint.code == "group-missing" for complaint in told)
    worst: dict[int, Complaint] = {}
    for complaint in told:
        if complaint.code.startswith("exec-"):
            known = worst.get(complaint.line)
            if known is None or (complaint.fatal and not known.fatal):
                worst[complaint.line] = complaint
    for complaint in told:
        if groupless and complaint.code in _FOLLOWS_FROM_NO_GROUP:
            continue
        if not complaint.code.startswith("exec-") or worst[complaint.line] is complaint:
            yield complaint
