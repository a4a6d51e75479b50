"""A link in a start folder of s6-overlay leads to nothing.

## What it does
Reports symbolic links in `/etc/cont-init.d`, in `/etc/services.d` and for `run` or `finish` of a service there, whose target is
surely not in the image: every layer that could have put it there is known, no start script makes it, and no volume holds it.
In `s6-rc.d` such a link is an invalid definition (CT107).

## Why it matters at run time
The script or service is not started, and the start goes on without its work.

## When to ignore it
When the target is mounted into every container.

## References
- symlink(7): a link whose target does not exist
- s6-overlay README, "Executing initialization tasks", "Writing a service script"
"""

from collections.abc import Iterator
from posixpath import dirname, normpath

from ..lineage.boot.plan import BootPlan
from ..lineage.effects.s6_directories import INIT_SCRIPTS, SERVICES
from ..lineage.image.image import EffectiveImage
from ..lineage.image.program_lookup import file_at
from ..lineage.image.tree import Node
from ..lineage.text.errors import Unknown
from .base import Message, Severity, Undecided
from .shared.missing_programs import may_be_made_at_start

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message | Undecided]:
    if boot.s6 is None or boot.starts_init is False:
        return
    for path, node in _links(image):
        target = normpath(node.target if node.target.startswith("/") else f"{dirname(path)}/{node.target}")
        found = file_at(image, target)
        unknown = found if isinstance(found, Unknown) else boot.s6 if isinstance(boot.s6, Unknown) else None
        if isinstance(found, Node) or may_be_made_at_start(boot, target, path):
            continue
        if unknown is not None:
            yield Undecided(unknown, path=path)
            continue
        what = "the service is not started" if path.startswith(SERVICES) else "the script is not run"
        yield Message(
            node.home,
            f"{path} is a link to {target}, which is not in the image: {what}.",
            "Correct the target, or put the file itself there.",
            subject=path,
            owner=node.image,
        )


def _links(image: EffectiveImage) -> Iterator[tuple[str, Node]]:
    """The links among what s6-overlay starts, each with its path."""
    paths = [f"{INIT_SCRIPTS}/{name}" for name in image.tree.children(INIT_SCRIPTS)]
    for name in image.tree.children(SERVICES):
        paths += [f"{SERVICES}/{name}", f"{SERVICES}/{name}/run", f"{SERVICES}/{name}/finish"]
    for path in paths:
        node = image.tree.find(path, follow=False)
        if node is not None and node.kind == "link" and node.sure and not path.rpartition("/")[2].startswith("."):
            yield path, node
