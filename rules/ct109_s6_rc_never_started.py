"""Nothing starts an s6-rc service.

## What it does
Reports a service, or a bundle with what it holds, that no bundle reachable from `user` and `user2` contains, that nothing
depends on, and that no script starts with `s6-rc`.

## Why it matters at run time
The definition is compiled and passed over without a word: the program never runs.

## When to ignore it
When it is started by hand, or from outside of the container, by `s6-rc -u change`.

## References
- s6-overlay README, "s6-rc": "put an empty file in user/contents.d"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.rc_problem import Problem
from ..lineage.text.errors import Unknown
from .base import Message, Severity
from .shared.questions import owner_in_image, place_in_image
from .shared.s6rc_started_by import started_by_scripts

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    database = boot.database
    if database is None:
        if isinstance(boot.s6, Unknown) and image.tree.children("/etc/s6-overlay/s6-rc.d"):
            raise boot.s6
        return
    if database.refused:
        return
    idle = [problem for problem in database.problems if problem.aspect == "start"]
    if not idle:
        doubt = database.start_doubt()
        if doubt is not None and any(service.own for service in database.services.values()):
            raise doubt
        return
    started = started_by_scripts(image, boot)
    for problem in idle:
        names = {problem.service} | database.expand(problem.service)
        if isinstance(started, frozenset) and not names & started:
            yield from _message(image, boot, problem)
    if isinstance(started, Unknown):
        raise started


def _message(image: EffectiveImage, boot: BootPlan, problem: Problem) -> Iterator[Message]:
    assert boot.database is not None
    path = problem.path
    if problem.service in boot.database.bundles:
        members = sorted(boot.database.expand(problem.service))
        path = boot.database.services[members[0]].path if members else path
    place = place_in_image(image, path)
    if place is None:
        return
    what, _, cure = problem.message.partition(" Add an empty file ")
    yield Message(place, what, f"Add an empty file {cure}", subject=problem.service, owner=owner_in_image(image, path))
