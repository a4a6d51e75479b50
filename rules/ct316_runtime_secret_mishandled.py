"""A start script prints a password to the log, or overwrites the one that the container was given.

## What it does
Reports `echo`, `printf` and here-documents of a start script that write the value of a password or token to the container's
log, and assignments that put another value in the place of a secret which the environment gives, without looking
whether it is set.

## Why it matters at run time
The log goes to whoever may read logs, and is kept. A secret that is overwritten cannot be set by the user, whatever
the documentation says.

## When to ignore it
When the password is made for one session, and the log is the only way to tell it to the user.

## References
- Docker documentation, "docker container logs"
- CWE-532, "Insertion of Sensitive Information into Log File"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan, StartStep
from ..lineage.image.image import EffectiveImage
from .base import Message, Severity
from .shared.disclosure import Mishap, mishaps_of

SEVERITY = Severity.WARNING


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    for step in boot.steps:
        for mishap in mishaps_of(image, step):
            yield _message(step, mishap)


def _message(step: StartStep, mishap: Mishap) -> Message:
    if mishap.kind == "printed":
        text = f"The value of `{mishap.name}` goes to the container's log."
        cure = "Leave it out, or write it to a file that only its user may read."
    else:
        text = f"`{mishap.name}` is set here whatever the container was given: the user's own value is lost."
        cure = f'Set it only where it is empty: `: "${{{mishap.name}:=…}}"`.'
    return Message(mishap.place, text, cure, subject=mishap.name, owner=step.image)
