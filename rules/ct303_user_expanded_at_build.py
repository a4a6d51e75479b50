"""A variable that is given when the container starts is expanded while the image is built.

## What it does
Reports ENV, RUN, COPY, ADD, WORKDIR and USER that expand a variable from which a start script makes the account (`USER_NAME`,
`USER_ID`…), and that is empty while the image is built.

## Why it matters at run time
`ENV USER_HOME=/home/$USER_NAME` is `/home/` for ever: the value is fixed when the image is built and does not follow what
`docker run -e` gives.

## When to ignore it
When empty is meant. A word with a default (`${USER_NAME:-…}`) is not reported.

## References
- Dockerfile reference, "Environment replacement"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.image.image import BuildStep, EffectiveImage
from ..lineage.text.places import Place
from .base import Message, Related, Severity
from .shared.questions import account_names, expanded_variables, runtime_variables

SEVERITY = Severity.ERROR

_EXPANDING = ("ENV", "COPY", "ADD", "WORKDIR", "USER", "VOLUME")


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    names = runtime_variables(boot)
    if boot.open is not None and boot.open.withheld and any(_open_uses(image)):
        yield from _messages(image, boot, names)
        raise boot.open
    yield from _messages(image, boot, names)


def _open_uses(image: EffectiveImage) -> Iterator[str]:
    """The variables that the image's own instructions expand and that are empty, or not known to be set."""
    for step in image.steps:
        if step.from_parent is None:
            yield from (name for name, _ in expanded_variables(step, _EXPANDING) if not step.env.get(name))


def _messages(image: EffectiveImage, boot: BootPlan, names: frozenset[str]) -> Iterator[Message]:
    if not names:
        return
    for step in image.steps:
        if step.from_parent is not None:
            continue
        for name, place in expanded_variables(step, _EXPANDING):
            if name in names and not step.env.get(name):
                yield _message(step, name, place, image, boot)


def _message(step: BuildStep, name: str, place: Place, image: EffectiveImage, boot: BootPlan) -> Message:
    sourced = image.env.get(name)
    maker = next((a for a in boot.accounts if name in account_names(a)), boot.accounts[0])
    related = [Related(maker.effect.place, "the account is made from it here, when the container starts")]
    if sourced is not None and sourced.place.line != step.place.line:
        related.append(Related(sourced.place, "it is empty in the image"))
    return Message(
        place,
        f"`${name}` is empty while the image is built: it is given when the container starts.",
        "Use it in a start script that runs when the container starts, not in the Dockerfile.",
        tuple(related),
        subject=name,
    )
