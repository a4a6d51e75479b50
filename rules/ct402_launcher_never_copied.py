"""A staged launcher that no start script brings to the user's Desktop.

## What it does
Reports a `.desktop` file of the repository that the image holds in a staging folder, and that no start script copies or
links, by name, by pattern or with its folder; and a start script that brings it to a folder of the home whose name is a
slip for `Desktop` or `.config/autostart`. Folders that desktops read by themselves (`applications`, `autostart`) and the
skeleton of new homes are left alone.

## Why it matters at run time
The launcher is in the image and on nobody's Desktop: the icon is not there.

## When to ignore it
When another program picks the file up.

## References
- Desktop Entry Specification; XDG Base Directory and Autostart specifications
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.desktop.launchers import SUFFIX, Delivery, Launcher, Launchers
from ..lineage.folding.missing_sources import BuildSources
from ..lineage.image.image import EffectiveImage
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from .base import Message, Related, Severity
from .shared.launchers.missed_launchers import asks_for, missing, no_picture, slips_in_one_name
from .shared.subjects import copied_at
from .shared.subjects import launcher as launcher_words

SEVERITY = Severity.ERROR
YIELDS_TO = ("CT101", "CT102", "CT119", "CT201", "CT304")

_SHOWN = ("Desktop", ".config/autostart")
"""Folders of a home whose launchers a desktop shows or starts."""


def check(image: EffectiveImage, boot: BootPlan, launchers: Launchers, sources: BuildSources) -> Iterator[Message]:
    if not boot.accounts and not launchers.deliveries:
        return  # not a desktop whose user is made at start
    if (absent := no_picture(sources)) is not None:
        raise Unknown(f"{absent.path} is missing, and may be the script that brings the launchers", "missing")
    yield from _astray(image, launchers)
    doubt: Unknown | None = None
    for launcher in launchers.staged:
        if not image.owns(launcher.node.image) or launcher.node.source is None or launcher.shown_by_itself:
            continue
        if launchers.in_future_home(launcher) is not None or launchers.in_emptied_home(launcher):
            continue
        delivered = launchers.delivered(launcher)
        if isinstance(delivered, Unknown):
            doubt = delivered if doubt is None else doubt
        elif not delivered:
            missed = _replaced_by_miss(launchers, launcher)
            if isinstance(missed, Unknown):
                doubt = missed if doubt is None else doubt
            if missed is not False:
                continue
            yield _message(launchers, launcher)
    if doubt is not None:
        raise doubt


def _message(launchers: Launchers, launcher: Launcher) -> Message:
    text = (
        f"{launcher.path} is in the image, and no start script copies or links it to the user's Desktop: the icon "
        "does not appear."
    )
    near = _near_folder(launchers, launcher)
    place, related = launcher.place, (Related(launcher.node.place, "it is put into the image here"),)
    cure = "Copy it in an init script that runs after the account is made, or stage it in /usr/share/applications."
    if near is not None:
        folder, by = near
        place, related = (
            launcher.node.place,
            (Related(by.place, f"what is in {folder} is brought to the Desktop here"),),
        )
        cure = f"Did you mean {folder}? Put it there."
    return Message(
        place,
        text,
        cure,
        related,
        subject=launcher.path,
        about=(*launcher_words(launcher.path), copied_at(launcher.node.place)),
    )


def _near_folder(launchers: Launchers, launcher: Launcher) -> tuple[str, Delivery] | None:
    """The folder that start scripts take launchers from and that the launcher's is a slip for, and what takes them."""
    folder = launcher.path.rpartition("/")[0]
    for delivery in launchers.deliveries:
        source = delivery.source.literal
        if source is None:
            continue
        asked = source if not delivery.globs and not source.endswith(SUFFIX) else source.rpartition("/")[0]
        asked = asked.rstrip("/").removesuffix("/.")
        if slips_in_one_name(folder, asked):
            return asked, delivery
    return None


def _astray(image: EffectiveImage, launchers: Launchers) -> Iterator[Message]:
    """Launchers that a start script brings to a folder of the home whose name is a slip for one that desktops show."""
    told: set[Place] = set()
    for delivery in launchers.deliveries:
        account = launchers.plan.home(delivery.target)
        if account is None or not image.owns(delivery.step.image) or delivery.place in told:
            continue
        home = account.home.canonical
        target = delivery.target.canonical.removeprefix("${HOME}").removeprefix(home)
        folder = (target.rpartition("/")[0] if target.endswith(SUFFIX) else target).strip("/")
        meant = next((shown for shown in _SHOWN if slips_in_one_name(folder, shown)), None)
        if meant is None or folder.lower() == meant.lower():
            continue  # `~/desktop` may be what XDG_DESKTOP_DIR names
        told.add(delivery.place)
        written = delivery.target.canonical.rstrip("/")
        yield Message(
            delivery.place,
            f"{written} is nearly {meant}, and no desktop shows what is in it: the icon does not appear.",
            f"Write `{home}/{meant}`.",
            subject=delivery.source.canonical,
            owner=delivery.step.image,
        )


def _replaced_by_miss(launchers: Launchers, launcher: Launcher) -> bool | Unknown:
    """Whether a start script asks for the same launcher under a name that is not there: that is the defect to report.

    Unknown where it asks for it under a name that may be there or not.
    """
    doubt: Unknown | None = None
    for delivery in launchers.deliveries:
        wanted = delivery.source.literal
        if wanted is None:
            continue
        unmatched = delivery.globs and not launchers.image.tree.glob(wanted)
        if not unmatched and not asks_for(delivery, wanted, launcher):
            continue
        missed = missing(launchers, delivery, wanted)
        if missed is True:
            return True
        if isinstance(missed, Unknown):
            doubt = missed if doubt is None else doubt
    return doubt if doubt is not None else False
