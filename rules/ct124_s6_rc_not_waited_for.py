"""A service does not wait for the oneshot that prepares what it uses.

## What it does
Reports a oneshot of s6-rc that makes, changes or gives away files, and that no other service or oneshot depends on, while a
service of the image that surely uses its work starts beside it: one of the same name (`init-site-config` and `svc-site`), or one
whose `run` names a path that the oneshot makes. A service that waits in a loop, and what lies below `/run` and `/tmp`, are left
alone.

## Why it matters at run time
s6-rc starts at once what does not depend on each other. The service finds its folder, its configuration or its permissions as
they were before: it fails at the first start, or now and then, as the race goes.

## When to ignore it
When the services do not use what the oneshot makes.

## References
- s6-rc, "Dependencies"; s6-overlay README, "Writing an optional service"
"""

import re
from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.effects.model import ChangeMode, ChangeOwner, Copy, Effect, Link, MakeDirectory, Write
from ..lineage.image.image import EffectiveImage
from ..lineage.late.patterns import pattern
from ..lineage.s6.rc_database import Database, Service
from .base import Message, Related, Severity
from .shared.questions import place_in_image
from .shared.subjects import order_of

SEVERITY = Severity.WARNING

_MADE_ANEW = ("/run/", "/var/run/", "/tmp/", "/dev/", "/proc/", "/sys/")
_WAITS = pattern(r"(?m)^\s*(?:until|while)\b|\bs6-svwait\b|\binotifywait\b|\bwait-for\b")
_AROUND = pattern(r"\A(?:init|svc|setup|prepare)-|-(?:config|init|setup|prepare|server)\Z")
_MOST = 4


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    database = boot.database
    if database is None or database.refused:
        return
    for step in boot.of_kind("oneshot"):
        service = database.services.get(step.name)
        if service is None or not service.own or not image.owns(step.image) or database.starts(step.name) is not True:
            continue
        if any(step.name in other.dependencies for other in database.services.values() if other.own):
            continue
        made = [effect for effect in step.effects if _prepares(effect)]
        before = database.dependencies(step.name)
        longruns = list(_longruns(boot, database))
        beside = [one for one, run in longruns if _same(step.name, one.name) or _uses(run, made)]
        if not made or not beside or any(one.name in before for one, _ in longruns):
            continue
        names = ", ".join(one.name for one in beside[:_MOST]) + (" and others" if len(beside) > _MOST else "")
        place = place_in_image(image, service.path)
        if place is None:
            continue
        related = [Related(made[0].place, "it makes this")]
        for one in beside[:_MOST]:
            at = place_in_image(image, one.path)
            related += [Related(at, "this starts beside it")] if at is not None else []
        yield Message(
            place,
            f"Nothing waits for `{step.name}`, which prepares files: {names} start{'s' if len(beside) == 1 else ''} beside it.",
            f"Add an empty file `dependencies.d/{step.name}` to what needs it.",
            tuple(related),
            subject=step.name,
            owner=step.image,
            about=(order_of(step.name),),
        )


def _longruns(boot: BootPlan, database: Database) -> Iterator[tuple[Service, str]]:
    """The image's own longruns that are surely started, and do not wait for something by themselves, with their `run`."""
    for step in boot.of_kind("longrun"):
        service = database.services.get(step.name)
        if service is None or not service.own or not boot.image.owns(step.image):
            continue
        data = step.script.data if step.script is not None else None
        run = (data or b"").decode("utf-8", "replace")
        if database.starts(step.name) is True and not _WAITS.search(run):
            yield service, run


def _same(oneshot: str, longrun: str) -> bool:
    """Whether both are named for one thing."""
    return _AROUND.sub("", oneshot) == _AROUND.sub("", longrun)


def _uses(run: str, made: list[Effect]) -> bool:
    """Whether a `run` names a path that is made, and not as something that it makes itself."""
    paths = {path for effect in made if (path := _path(effect)).count("/") > 1 and "$" not in path and "*" not in path}
    rows = [row for row in run.split("\n") if not row.lstrip().startswith(("#", "mkdir", "chown", "chmod", "install"))]
    return any(re.search(rf"(?<![\w./-]){re.escape(path)}(?![\w.-])", row) for path in paths for row in rows)


def _prepares(effect: Effect) -> bool:
    if not isinstance(effect, MakeDirectory | Copy | Write | Link | ChangeOwner | ChangeMode):
        return False
    path = _path(effect)
    return path.startswith("/") and not (path + "/").startswith(_MADE_ANEW)


def _path(effect: Effect) -> str:
    if isinstance(effect, Copy):
        return effect.target.canonical
    if isinstance(effect, MakeDirectory | Write | Link | ChangeOwner | ChangeMode):
        return effect.path.canonical
    return ""
