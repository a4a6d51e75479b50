"""The image's start no longer leads to s6-overlay's `/init`.

## What it does
Follows the final argument vector (ENTRYPOINT and CMD together, as the runtime joins them) of an image that has
s6-overlay, through scripts that end in `exec "$@"`, and reports when it does not reach `/init`. A script that runs the init
scripts or services by their paths itself is left alone.

## Why it matters at run time
Without `/init` as process 1 no init script runs and no service starts: the account is never made, the desktop never
comes up, and the container does only what the new entrypoint says.

## When to ignore it
When the image is meant to be run without its services, for instance a tool image built on a desktop image.

## References
- s6-overlay README, "Usage": `ENTRYPOINT ["/init"]`
- Dockerfile reference, "Understand how CMD and ENTRYPOINT interact"
"""

from collections.abc import Iterator

from ..lineage.boot.main_command import argument_vector, leads_to_init
from ..lineage.boot.plan import BootPlan, Replaced
from ..lineage.effects.model import Execute
from ..lineage.effects.s6_directories import INIT_SCRIPTS, RC_D, SERVICES
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release, release_of
from ..lineage.text.errors import Unknown
from .base import Message, Related, Severity
from .shared.questions import own_value, shell_form_entrypoint

SEVERITY = Severity.ERROR
_STARTED = (INIT_SCRIPTS, SERVICES, RC_D)


def check(image: EffectiveImage, replaced: Replaced, boot: BootPlan) -> Iterator[Message]:
    release = release_of(image)
    if release is None:
        return
    if not isinstance(release, S6Release):
        raise release
    if shell_form_entrypoint(image) is not None:
        return
    reaches = leads_to_init(image)
    if reaches is True:
        return
    if reaches is not False:
        raise reaches
    culprit = own_value(image, image.entrypoint) or own_value(image, image.cmd)
    if culprit is None and image.entrypoint is None and image.owns(release.image) and not _has_start_scripts(image):
        return  # an image that only brings s6-overlay leaves its start to those who build on it
    if _starts_them_itself(boot) or _has_nothing_to_start(image):
        return
    if culprit is None and _is_told_of(replaced.parent):
        return
    place = culprit.place if culprit is not None else image.first_line
    words = argument_vector(image)
    started = " ".join(words) if words else "nothing"
    yield Message(
        place,
        f"The container starts `{started}`, which does not lead to `/init`: "
        f"none of the image's init scripts and services (s6-overlay {release.label}) will run.",
        'Leave ENTRYPOINT as the parent has it, `["/init"]`, and give the program as CMD or as a service; '
        'or end the entrypoint script with `exec /init "$@"`.',
        (Related(release.place, "s6-overlay comes into the image here"),),
        owner=culprit.image if culprit is not None else image.id,
    )


def _starts_them_itself(boot: BootPlan) -> bool:
    """Whether what the container starts runs init scripts or services by their paths, in the place of s6."""
    executed = (effect.path.prefix for step in boot.steps for effect in step.effects if isinstance(effect, Execute))
    return any(path.startswith(tuple(f"{place}/" for place in _STARTED)) for path in executed)


def _has_nothing_to_start(image: EffectiveImage) -> bool:
    """Whether the image has no init script and no service at all, its ancestors' included. Raises Unknown where others may be."""
    tree = image.tree
    files = [
        node for place in _STARTED for path, node in tree.below(place) if node.kind == "file" and not _is_s6s_own(path)
    ]
    if files:
        return False
    for place in _STARTED:
        closed = tree.closed(place)
        if isinstance(closed, Unknown):
            raise closed
    return True


def _is_s6s_own(path: str) -> bool:
    """Whether s6-overlay itself brings the file: the bundles that it starts are empty until something is put into them."""
    return path.rpartition("/")[2] == "type" and "/user" in path


def _has_start_scripts(image: EffectiveImage) -> bool:
    """Whether the image itself adds something for `/init` to start."""
    tree = image.tree
    return any(image.owns(node.image) for place in _STARTED for _, node in tree.below(place) if node.kind == "file")


def _is_told_of(parent: EffectiveImage | None) -> bool:
    """Whether the parent has start scripts of its own and no way to `/init`: then the defect is the parent's."""
    if parent is None or not isinstance(release_of(parent), S6Release) or shell_form_entrypoint(parent) is not None:
        return False
    return leads_to_init(parent) is False and _has_start_scripts(parent)
