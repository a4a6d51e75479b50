"""The command line in an `up` or `down` does not do what it says, because it is written as shell.

## What it does
Reads `up` and `down` of oneshots as s6-rc-compile does, as one execline command line, and reports shell operators, further
commands on later lines, words of the shell, execline's own `if` or `export` used as the shell's, single quotes, variables and
relative paths. Comments, an execlineb `#!` line, chain loading and one command over several lines are all right.

## Why it matters at run time
The first program gets everything that follows as arguments. Often it exits with 0, so nothing tells that half of the work was
not done; else the oneshot fails, and with it all that depends on it.

## When to ignore it
When the program is meant to get these words.

## References
- s6-rc: https://skarnet.org/software/s6-rc/s6-rc-compile.html, "Oneshots"
- execline: https://skarnet.org/software/execline/grammar.html
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.effects.s6_directories import RC_D
from ..lineage.image.image import EffectiveImage
from ..lineage.text.errors import Unknown
from .base import Message, Severity
from .shared.questions import owner_in_image, place_in_image

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    if boot.database is None:
        if isinstance(boot.s6, Unknown) and image.tree.children(RC_D):
            raise boot.s6
        return
    told: set[str] = set()
    for problem in boot.database.problems:
        if problem.aspect != "up" or problem.path in told:
            continue
        if boot.database.starts(problem.service) is False and problem.service in boot.database.services:
            continue
        place = place_in_image(image, problem.path, problem.line)
        if place is None:
            continue
        told.add(problem.path)
        owner = owner_in_image(image, problem.path)
        yield Message(place, problem.message, problem.cure, subject=problem.code, owner=owner)
