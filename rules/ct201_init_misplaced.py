"""A script that does start-time work lies where nothing runs it.

## What it does
Reports shell scripts that the image copies outside of every start directory, that make or use an account named by a variable
which is empty until the container starts, and that nothing calls, sources or names: no start script, no Dockerfile
instruction, no other file of the repository. Scripts on PATH, in cron's and shells' directories, and scripts that a package
could bring are left alone, and so are scripts that a RUN executes.

## Why it matters at run time
The script is in the image and never runs: there is no account, and nothing of what it prepares.

## When to ignore it
When it is run from outside (`docker exec`), or by an image that is derived from this one.

## References
- s6-overlay README, "Executing initialization tasks": `/etc/cont-init.d`
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.image.image import EffectiveImage
from ..lineage.late.dataclasses import replace
from ..lineage.s6.release import S6Release
from ..lineage.workspace.workspace import ImageSource
from .base import Message, Related, Severity
from .shared.scripts.uncalled_scripts import Uncalled, uncalled_scripts
from .shared.subjects import launchers_named_in

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan, source: ImageSource) -> Iterator[Message]:
    if not isinstance(boot.s6, S6Release) or boot.starts_init is not True:
        return
    if boot.database is not None and boot.database.refused:
        return  # nothing starts at all, for another reason
    for script in uncalled_scripts(image, boot, source):
        node = image.tree.find(script.path)
        text = node.blob.data if node is not None else None
        yield replace(_message(script), about=tuple(launchers_named_in(text or b"")))


def _message(script: Uncalled) -> Message:
    return Message(
        script.place,
        f"`{script.path}` {script.does}, and nothing runs it when the container starts.",
        "Put it into `/etc/cont-init.d`, with a number that says when, or call it from a script there.",
        (Related(script.work, "the work that is not done"),),
        subject=script.path,
    )
