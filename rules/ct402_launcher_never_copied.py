"""A staged launcher that no start script brings to the user's Desktop.

## What it does
Reports a `.desktop` file of the repository that the image holds in a staging folder, and that no start script copies or
links, by name, by pattern or with its folder. Folders that desktops read by themselves (`applications`, `autostart`) and the
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
from ..lineage.desktop.launchers import Launcher, Launchers
from ..lineage.folding.missing_sources import BuildSources
from ..lineage.image.image import EffectiveImage
from ..lineage.text.errors import Unknown
from .base import Message, Related, Severity
from .shared.launchers.missed_launchers import asks_for, missing
from .shared.subjects import copied_at
from .shared.subjects import launcher as launcher_words

SEVERITY = Severity.ERROR
YIELDS_TO = ("CT101", "CT102", "CT119", "CT201", "CT304")


def check(image: EffectiveImage, boot: BootPlan, launchers: Launchers, sources: BuildSources) -> Iterator[Message]:
    if not boot.accounts and not launchers.deliveries:
        return  # not a desktop whose user is made at start
    if sources.missing:
        raise Unknown(
            f"{sources.missing[0].path} is missing, and may be the script that brings the launchers", "missing"
        )
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
            yield Message(
                launcher.place,
                f"{launcher.path} is in the image, and no start script copies or links it to the user's Desktop: the icon "
                "does not appear.",
                "Copy it in an init script that runs after the account is made, or stage it in /usr/share/applications.",
                (Related(launcher.node.place, "it is put into the image here"),),
                subject=launcher.path,
                about=(*launcher_words(launcher.path), copied_at(launcher.node.place)),
            )
    if doubt is not None:
        raise doubt


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
