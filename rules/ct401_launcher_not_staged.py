"""A launcher that the build puts into a home which does not exist until the container starts.

## What it does
Reads from the lineage where the account that is made at start gets its home, and reports a `.desktop` file that a build step
puts into the Desktop or an autostart folder of such a home.

## Why it matters at run time
The home of the user who is made at start has another name, or a volume is mounted over it: the icon does not appear. Where
the name is the same, `useradd -m` finds the home there, leaves the skeleton out, and the folders belong to root.

## When to ignore it
Never: stage the launcher in a neutral place and copy it when the account is there.

## References
- useradd(8), "-m": files of the skeleton are copied only into a home that did not exist
"""

from collections.abc import Iterator

from ..lineage.desktop.launchers import Launcher, Launchers
from ..lineage.image.image import EffectiveImage
from .base import Message, Related, Severity

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, launchers: Launchers) -> Iterator[Message]:
    for launcher in launchers.staged:
        account = launchers.in_future_home(launcher) if image.owns(launcher.node.image) else None
        if account is None:
            continue
        yield Message(
            launcher.place if _by_tree(launcher) else launcher.node.place,
            f"{launcher.path} is put into a home that does not exist until the container starts: "
            f"the account's home is {account.home.canonical}, made then.",
            f"Stage {launcher.name} elsewhere, as in /usr/share/applications, and copy it in an init "
            f"script that runs after {account.step.label}.",
            (Related(account.effect.place, "the account is made here"),),
            subject=launcher.path,
        )


def _by_tree(launcher: Launcher) -> bool:
    """Whether the repository holds the launcher below folders of the same names, so that its place there is the cause."""
    source = launcher.node.source
    return source is not None and source.endswith("/".join(launcher.path.split("/")[-3:]))
