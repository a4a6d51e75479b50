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
from ..lineage.commands.model import Command
from ..lineage.effects.model import Execute, Remove
from ..lineage.effects.s6_directories import RC_D, USER_BUNDLES_D
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.rc_problem import DefinitionProblem
from ..lineage.text.errors import Unknown
from .base import Message, Severity
from .shared.questions import owner_in_image, place_in_image

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    database = boot.database
    if database is None:
        if isinstance(boot.s6, Unknown) and image.tree.children(RC_D):
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
    boot.require_whole()
    started = started_by_scripts(image, boot)
    for problem in idle:
        names = {problem.service} | database.expand(problem.service)
        if isinstance(started, frozenset) and not names & started:
            yield from _message(image, boot, problem)
    if isinstance(started, Unknown):
        raise started


def _message(image: EffectiveImage, boot: BootPlan, problem: DefinitionProblem) -> Iterator[Message]:
    assert boot.database is not None
    path = problem.path
    if problem.service in boot.database.bundles:
        members = sorted(boot.database.expand(problem.service))
        path = boot.database.services[members[0]].path if members else path
    place = place_in_image(image, path)
    if place is None:
        return
    owner = owner_in_image(image, path)
    yield Message(place, problem.message, problem.cure, subject=problem.service, owner=owner)


_LONGEST = 1 << 18


def started_by_scripts(image: EffectiveImage, boot: BootPlan) -> frozenset[str] | Unknown:
    """The names given to `s6-rc … change` anywhere in the image; Unknown where a name there is not known.

    Names whose entry in a bundle the build removes count too: they are left out on purpose.
    """
    names: set[str] = set(_removed(image))
    for step in boot.steps:
        for command in step.script.commands if step.script is not None else ():
            for name in _changed(command):
                if isinstance(name, Unknown):
                    return name
                names.add(name)
    names.update(_mentioned(image, boot))
    names.update(_run_by_path(boot))
    return frozenset(names)


def _run_by_path(boot: BootPlan) -> Iterator[str]:
    """Services whose `run` is started by its path: as the container's main program, or by another script."""
    started = [step.path for step in boot.steps if step.kind in ("cmd", "entrypoint")]
    started += [e.path.literal or "" for step in boot.steps for e in step.effects if isinstance(e, Execute)]
    for path in started:
        if path.startswith(RC_D + "/") and path.endswith("/run"):
            yield path[len(RC_D) + 1 :].partition("/")[0]


def _changed(command: Command) -> Iterator[str | Unknown]:
    if command.name != "s6-rc":
        return
    words = [word.literal for word in command.arguments]
    if "change" not in words and "start" not in words:
        return
    for word in command.arguments:
        yield (
            word.literal if word.literal is not None else Unknown(f"{command.place} starts services by a variable name")
        )


def _mentioned(image: EffectiveImage, boot: BootPlan) -> Iterator[str]:
    """Services that another file of the image names beside `s6-rc`: a program that is no start script may start them."""
    assert boot.database is not None
    wanted = [name for name, service in boot.database.services.items() if service.own]
    wanted += [name for name, bundle in boot.database.bundles.items() if bundle.own]
    for path, node in image.tree.nodes.items():
        if node.kind != "file" or node.source is None or path.startswith((RC_D + "/", USER_BUNDLES_D + "/")):
            continue
        data = node.blob.data
        if data is None or len(data) > _LONGEST or b"s6-rc" not in data:
            continue
        yield from (name for name in wanted if name.encode("utf-8", "surrogateescape") in data)


def _removed(image: EffectiveImage) -> Iterator[str]:
    for step in image.steps:
        for effect in step.effects:
            if isinstance(effect, Remove):
                directory, _, name = effect.path.canonical.rpartition("/")
                if directory.endswith("/contents.d") and directory.startswith((RC_D, USER_BUNDLES_D)):
                    yield name
