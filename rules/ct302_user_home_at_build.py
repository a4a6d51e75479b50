"""The build puts files where the desktop user will not find them.

## What it does
In images whose desktop user is made when the container starts, reports files that COPY puts below a home like `/home/ada`, and
settings that a RUN writes into the home of the build (`~/.bashrc`, `conda init`, `pip install --user`), where no start script
takes them from there.

## Why it matters at run time
The user's home is made at start, from `/etc/skel` and with the name that the container is given. What lies in another home,
or in root's, has no effect in the session.

## When to ignore it
When a service that runs as root uses the file. Launchers are CT401's.

## References
- useradd(8): the home directory is filled from SKEL_DIR
- Dockerfile reference, "RUN": HOME while the image is built
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.image.image import EffectiveImage
from .base import Message, Related, Severity
from .shared.unused_home import Lost, lost_to_user

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    if not boot.accounts:
        return
    for lost in lost_to_user(image, boot):
        yield _message(boot, lost)


def _message(boot: BootPlan, lost: Lost) -> Message:
    account = boot.accounts[0]
    home = account.home.canonical
    return Message(
        lost.place,
        f"The desktop user does not get `{lost.path}`: the home is `{home}`, made when the container starts.",
        "Put it into `/etc/skel` or a place that serves all users (`/etc/profile.d`, `/etc/xdg`), or copy it in a start script.",
        (Related(account.effect.place, "the account and its home are made here"),),
        subject=lost.path,
    )
