"""The entry script writes where the image's own USER may not.

## What it does
Reports what an ENTRYPOINT script under `set -e` surely makes (a folder, a file, a link, a copy) in a folder of the image that is
root's and that nobody else may write to, in an image that starts as another user. Volumes, `/tmp`, what a mount of whoever runs
the image covers, and what is there already are left alone, and so is an image that somebody here runs as another user.

## Why it matters at run time
"Permission denied": the script ends there, and the container with it.

## When to ignore it
When the image is always started as root, or with something mounted there.

## References
- Dockerfile reference, "USER", "WORKDIR" (its folder is root's) and "COPY --chown"
- mkdir(2): EACCES
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan, plan_of
from ..lineage.consumers.model import Mount, first_reason
from ..lineage.image.image import EffectiveImage
from ..lineage.text.errors import Unknown
from ..lineage.text.symbolic import Text
from ..lineage.workspace.deployments import consumers_of
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Related, Severity, Undecided
from .shared.hidden_paths import mounted_over
from .shared.users.root_needs import is_root
from .shared.users.unwritable import refused_by_image

SEVERITY = Severity.ERROR


def check(
    image: EffectiveImage, boot: BootPlan, source: ImageSource, workspace: Workspace
) -> Iterator[Message | Undecided]:
    user = image.user
    if user is None or is_root(user.value) or boot.s6 is not None:
        return
    as_user = plan_of(image, Text.of(user.value.partition(":")[0]))
    for refused in refused_by_image(image, as_user):
        otherwise = _is_run_otherwise(workspace, source, refused.path)
        if otherwise is not False:
            if isinstance(otherwise, Unknown):
                yield Undecided(otherwise, path=refused.path)
            continue
        owner = refused.step.image
        yield Message(
            refused.effect.place,
            f"{refused.step.label} makes {refused.path} as `{user.value}`, in {refused.folder}, which is root's: that fails, and "
            "the container ends.",
            f"Let the build make it and give it to {user.value}, before USER.",
            (Related(user.place, "the user is chosen here"),),
            subject=refused.path,
            owner=owner,
        )
        return


def _is_run_otherwise(workspace: Workspace, source: ImageSource, path: str) -> bool | Unknown:
    """Whether somebody who runs the image runs it as another user, otherwise, or with something mounted over the path."""
    consumers = tuple(consumers_of(workspace, source))
    mount = mounted_over(workspace, source, path)
    if isinstance(mount, Mount) or any(one.user is not None or one.entrypoint is not None for one in consumers):
        return True
    doubt = first_reason(mount, *(one.open for one in consumers))
    return False if doubt is None else doubt
