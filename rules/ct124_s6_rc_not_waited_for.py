"""A service does not wait for the oneshot that prepares what it uses.

## What it does
Reports a oneshot of s6-rc that makes, changes or gives away files, and that no other service or oneshot depends on, while a
service of the image that uses its work starts beside it: one of the same name whose files have that name, too
(`init-site-config`, `svc-site` and `/srv/site`), one whose `run` gives a path that the oneshot makes to a command, or the only
service of an image, for whose HOME (by ENV) the oneshot makes files. A service that waits in a loop, makes the path itself or
asks whether it is there, folders that the build has made, and what lies below `/run` and `/tmp`, are left alone.

A oneshot is reported as well if all services wait for a milestone of the parent (a oneshot that does nothing itself), and that
milestone does not wait for it.

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
from ..lineage.boot.steps import StartStep
from ..lineage.effects.model import ChangeMode, ChangeOwner, Copy, Effect, Link, MakeDirectory, Write
from ..lineage.image.image import EffectiveImage
from ..lineage.interpreter.builtins import DECLARING
from ..lineage.late.patterns import pattern
from ..lineage.s6.rc_database import Database, Service
from ..lineage.text.errors import Unknown
from ..lineage.text.paths import within
from ..lineage.text.spelling import words_of
from .base import Message, Related, Severity, Undecided
from .shared.questions import owner_in_image, place_in_image
from .shared.scripts.run_again import MADE_ANEW
from .shared.subjects import order_of

SEVERITY = Severity.WARNING

_WAITS = pattern(r"(?m)^[ \t]*(?:until|while)\b|\bs6-svwait\b|\binotifywait\b|\bwait-for\b")
_AROUND = pattern(r"\A(?:init|svc|setup|prepare)-|-(?:config|init|setup|prepare|server)\Z")
_BECOMES = pattern(r"\b(?:s6-setuidgid|s6-applyuidgid|setpriv|gosu|su-exec|su|runuser|sudo|chpst)\b")
_ASKED = r"(?:\[\[?|\btest)[ \t]+(?:![ \t]+)?-[defrsw][ \t]+[\"']?%s[\"'/]?[ \t]"
_SAY = frozenset(words_of("echo printf logger mkdir install chown chmod rm [ [[ test"))
"""Commands that do without what they name, or make it."""
_MOST = 4
_HOMES = ("HOME", "XDG_CONFIG_HOME")


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message | Undecided]:
    database = boot.database
    if database is None or database.refused:
        return
    for step in boot.of_kind("oneshot"):
        service = database.services.get(step.name)
        if service is None or not service.own or not image.owns(step.image) or database.starts(step.name) is not True:
            continue
        if _is_waited_for(image, database, step.name):
            continue
        made = [effect for effect in step.effects if _prepares(effect)]
        before = database.dependencies(step.name)
        longruns = list(_longruns(boot, database))
        beside = [one for one, run in longruns if _misses(image, step, one, run, made)]
        unsure = [(one, database.depends(one.name, step.name)) for one in beside]
        doubts = [answer for _, answer in unsure if isinstance(answer, Unknown)]
        beside = [one for one, answer in unsure if not isinstance(answer, Unknown)]
        if doubts and not beside:
            yield Undecided(doubts[0], (order_of(step.name),))
            continue
        if not beside and len(longruns) == 1 and _are_in_its_home(image, longruns[0][1], made):
            beside = [longruns[0][0]]
        if not made or any(one.name in before for one, _ in longruns):
            continue
        if not beside and not any(step.name in other.dependencies for other in database.services.values() if other.own):
            yield from _missed_by_milestone(image, database, step, made)
        if not beside:
            continue
        names = ", ".join(one.name for one in beside[:_MOST]) + (" and others" if len(beside) > _MOST else "")
        start = "starts" if len(beside) == 1 else "start"
        place = place_in_image(image, service.path)
        if place is None:
            continue
        related = [Related(made[0].place, "it makes this")]
        for one in beside[:_MOST]:
            at = place_in_image(image, one.path)
            related += [Related(at, "this starts beside it")] if at is not None else []
        yield Message(
            place,
            f"No service of this image waits for `{step.name}`, which prepares files: {names} {start} beside it.",
            f"Add an empty file `dependencies.d/{step.name}` to what needs it.",
            tuple(related),
            subject=step.name,
            owner=step.image,
            about=(order_of(step.name),),
        )


def _is_waited_for(image: EffectiveImage, database: Database, name: str) -> bool:
    """Whether the image itself lists it in the dependencies of a service, or a longrun of the image's own depends on it."""
    for other in database.services.values():
        if not other.own or name not in database.dependencies(other.name):
            continue
        entry = image.tree.find(f"{other.path}/dependencies.d/{name}")
        mine = owner_in_image(image, other.path) if entry is None else entry.image
        if name in other.dependencies and (mine is None or image.owns(mine)):
            return True
        if other.kind == "longrun" and image.owns(owner_in_image(image, other.path) or ""):
            return True
    return False


def _are_in_its_home(image: EffectiveImage, run: StartStep, made: list[Effect]) -> bool:
    """Whether files are made in the home that ENV of this image gives its only service (`ENV HOME=/config`)."""
    if run.script is None or run.script.sees_environment is not True:
        return False
    given = (image.env.get(name) for name in _HOMES)
    homes = {one.value for one in given if one is not None and image.owns(one.image) and one.value.count("/") > 0}
    files = (one for one in made if isinstance(one, Copy | Write | Link) and _is_missed(image, one, run))
    return any(_path(one) != home and within(_path(one), home) for one in files for home in homes)


def _missed_by_milestone(
    image: EffectiveImage, database: Database, step: StartStep, made: list[Effect]
) -> Iterator[Message]:
    """The services of the image wait for a milestone of the parent's, which this oneshot is not part of."""
    before = database.dependencies(step.name)
    services = [one for one in database.services.values() if one.own and one.kind == "longrun"]
    started = [one for one in services if database.starts(one.name) is True]
    behind = [database.dependencies(one.name) for one in started]
    common = behind[0].intersection(*behind) if behind else frozenset[str]()
    if before & {one.name for one in services} or not before & common:
        return
    gates = [
        one
        for name in common
        if (one := database.services[name]).own and _is_milestone(image, one) and not before & _behind(database, name)
    ]
    place = place_in_image(image, database.services[step.name].path)
    gates = [one for one in gates if not image.owns(owner_in_image(image, one.path) or image.id)]
    if not gates or place is None or not any(isinstance(one, Copy | Write | Link) for one in made):
        return
    gate = min(gates, key=lambda one: (len(database.dependencies(one.name)), one.name))
    yield Message(
        place,
        f"Nothing waits for `{step.name}`, which prepares files: the services of this image wait for `{gate.name}`, and that "
        "does not wait for it.",
        f"Add an empty file `{gate.name}/dependencies.d/{step.name}`.",
        (Related(made[0].place, "it makes this"),),
        subject=step.name,
        owner=step.image,
        about=(order_of(step.name),),
    )


def _is_milestone(image: EffectiveImage, service: Service) -> bool:
    """Whether a oneshot only marks a point of the boot: its `up` is empty, or a comment."""
    node = image.tree.find(f"{service.path}/up") if service.kind == "oneshot" else None
    data = node.blob.data if node is not None else None
    return data is not None and all(not row.strip() or row.lstrip().startswith(b"#") for row in data.splitlines())


def _behind(database: Database, name: str) -> frozenset[str]:
    """A service, and those that start only after it."""
    later = (one for one in database.services if name in database.dependencies(one))
    return frozenset((name, *later))


def _longruns(boot: BootPlan, database: Database) -> Iterator[tuple[Service, StartStep]]:
    """The image's own longruns that are surely started, and do not wait for something by themselves, with their `run`."""
    for step in boot.of_kind("longrun"):
        service = database.services.get(step.name)
        if service is None or not service.own or not boot.image.owns(step.image):
            continue
        if database.starts(step.name) is True and not _WAITS.search(_text(step)):
            yield service, step


def _text(step: StartStep) -> str:
    data = step.script.data if step.script is not None else None
    return (data or b"").decode("utf-8", "replace")


def _misses(image: EffectiveImage, oneshot: StartStep, longrun: Service, run: StartStep, made: list[Effect]) -> bool:
    """Whether a service uses what the oneshot makes: its `run` names it, or both are named for one thing, and the files are.

    What the image has from its build, what `run` makes itself or asks for, and an owner that root does without are not missed.
    """
    paths = {_path(effect) for effect in made if _is_missed(image, effect, run)}
    thing = _AROUND.sub("", oneshot.name)
    named = thing == _AROUND.sub("", longrun.name) and any(thing in path for path in paths)
    return named or _uses(run, paths)


def _is_missed(image: EffectiveImage, effect: Effect, run: StartStep) -> bool:
    path = _path(effect)
    if any(_makes(own, path) for own in run.effects) or re.search(_ASKED % re.escape(path), _text(run)):
        return False
    if isinstance(effect, ChangeOwner | ChangeMode):
        return _BECOMES.search(_text(run)) is not None
    there = image.tree.find(path) is not None
    guards = effect.command.guards if effect.command is not None else ()
    where_missing = any(guard.holds is not None and guard.holds.negated for guard in guards)
    return not (there and (isinstance(effect, MakeDirectory) or where_missing))


def _makes(own: Effect, path: str) -> bool:
    if isinstance(own, MakeDirectory) and own.parents:
        return within(own.path.canonical, path)
    return isinstance(own, MakeDirectory | Copy | Write | Link) and _path(own) == path


def _uses(run: StartStep, made: set[str]) -> bool:
    """Whether a command of `run` is given one of the paths, or works there or below; what it only says or hands on in the
    environment is not counted.
    """
    paths = [path for path in made if path.count("/") > 1 and "$" not in path and "*" not in path]
    named = re.compile("|".join(rf"(?<![\w./-]){re.escape(path)}(?![\w.-])" for path in paths)) if paths else None
    if named is None or run.script is None:
        return False
    if run.script.reading is None:
        return any(named.search(row) for row in _text(run).split("\n") if not row.lstrip().startswith("#"))
    for command in run.script.commands:
        if command.name in _SAY or command.name in DECLARING:
            continue
        words = [
            word.text.canonical for word in (*command.argv, *(one.target for one in command.redirects if one.target))
        ]
        if any(named.search(text) for text in words):
            return True
    return False


def _prepares(effect: Effect) -> bool:
    if not isinstance(effect, MakeDirectory | Copy | Write | Link | ChangeOwner | ChangeMode):
        return False
    path = _path(effect)
    return path.startswith("/") and not (path + "/").startswith(MADE_ANEW)


def _path(effect: Effect) -> str:
    if isinstance(effect, Copy):
        return effect.target.canonical
    if isinstance(effect, MakeDirectory | Write | Link | ChangeOwner | ChangeMode):
        return effect.path.canonical
    return ""
