"""A file that s6-overlay or a start script executes has no execute permission.

## What it does
Looks at the mode that git records (or `--chmod`, or a chmod at build time gives) of every file that is executed at start:
with s6-overlay 3 the scripts of `cont-init.d` and `cont-finish.d` and `run` and `finish` of `services.d`; in every
generation the files that an `up` or a start script runs by their path. An x bit that git has and the disk of this checkout
has not is told at info: what is built from a fresh checkout is right, what is built here is not.

## Why it matters at run time
On s6-overlay 3 a script of `cont-init.d` without execute permission ends with 126 and the boot goes on without its work; a
service's `run` is tried again every 60 seconds for ever, and what a `finish` does is left out. Generations 1 and 2 mend the
modes of their own directories when they boot, and `run` in `s6-rc.d` needs none: those are not reported. Nor is a file that
a start script, a line of `fix-attrs.d` or a hook that runs before them makes executable; where a hook's content is not known,
that is not decided. Below a parent that is not known it is a warning, as that may mend the modes when it starts; it
is an information where a document at the top of the repository tells whoever builds the image to `chmod +x` that file first.

## When to ignore it
When a program that ctlint cannot read sets the mode before the file is needed.

## References
- s6-overlay, cont-init and services-up of version 3; init-stage2-fixattrs of version 2
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan, Replaced
from ..lineage.effects.model import Execute
from ..lineage.effects.s6_directories import FINISH_SCRIPTS, INIT_SCRIPTS, RC_D, SERVICES
from ..lineage.image.image import EffectiveImage
from ..lineage.image.tree import Node
from ..lineage.late.dataclasses import replace
from ..lineage.s6.release import S6Release
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from ..lineage.workspace.workspace import Workspace
from .base import Edit, Fix, Message, Related, Severity, Undecided
from .shared.executable_at_start import given_at_start
from .shared.scripts.x_bits import cured_where_it_lacks, told_to_give_x

SEVERITY = Severity.ERROR

_MENDED = (f"{INIT_SCRIPTS}/", f"{FINISH_SCRIPTS}/", f"{SERVICES}/")


def check(
    image: EffectiveImage, boot: BootPlan, replaced: Replaced, workspace: Workspace
) -> Iterator[Message | Undecided]:
    for message, path in _messages(image, boot):
        given = given_at_start(boot, path)
        if given is True:
            continue
        if isinstance(given, Unknown):
            yield Undecided(given, path=path)
            continue
        message = cured_where_it_lacks(message, workspace, message.place.path)
        message = told_to_give_x(message, workspace, message.place.path)
        if image.config_open is not None and message.severity is None:
            message = replace(
                message, severity=Severity.WARNING
            )  # what a parent that is not known does at start may mend it
        node = image.tree.find(path)
        before = replaced.parent.tree.find(path) if replaced.parent is not None else None
        edited = node is not None and node.source is None and before is not None and _lacks_x(before)
        yield replace(message, owner=before.image) if edited and before is not None else message


def _messages(image: EffectiveImage, boot: BootPlan) -> Iterator[tuple[Message, str]]:
    """What is said where nothing gives the x bit at start, each with the path in the image."""
    seen: set[str] = set()
    if isinstance(boot.s6, S6Release) and boot.s6.generation >= 3 and boot.starts_init is not False:
        for started, consequence in _started_by_s6(image):
            node = image.tree.find(started)
            if node is not None and _lacks_x(node):
                seen.add(started)
                yield _message(node, started, f"s6-overlay {boot.s6.label} cannot run it: {consequence}", ()), started
    for step in boot.steps:
        for effect in step.effects:
            if not isinstance(effect, Execute) or effect.interpreter is not None or _tests_it(effect):
                continue
            path = effect.path.literal
            if path is None or path in seen or path.startswith(f"{RC_D}/"):
                continue
            if path.startswith(_MENDED) and isinstance(boot.s6, S6Release) and boot.s6.generation < 3:
                continue
            node = image.tree.find(path)
            if node is not None and node.kind == "file" and _lacks_x(node):
                seen.add(path)
                told = f"{step.label} executes it by its path and gets `Permission denied`"
                yield _message(node, path, told, (Related(effect.place, "it is executed here"),)), path
    yield from _run_by_up(image, boot, seen)
    if isinstance(boot.s6, Unknown) and any(True for _ in _started_by_s6(image)):
        raise boot.s6


def _tests_it(effect: Execute) -> bool:
    """Whether it runs only where a test has found the x bit."""
    guards = effect.command.guards if effect.command is not None else ()
    tests = [test for guard in guards for test in (guard.holds, *guard.alternatives) if test is not None]
    return any(test.op == "-x" for test in tests)


_UNDONE = "so its work is not done when the service ends"


def _started_by_s6(image: EffectiveImage) -> Iterator[tuple[str, str]]:
    for directory, consequence in (
        (INIT_SCRIPTS, "exit code 126, and the boot goes on without its work"),
        (FINISH_SCRIPTS, "`Permission denied`, so its work is not done when the container stops"),
    ):
        for name in image.tree.children(directory):
            node = image.tree.find(f"{directory}/{name}", follow=False)
            if not name.startswith(".") and node is not None and node.kind == "file":
                yield f"{directory}/{name}", consequence
    for service in image.tree.children(SERVICES):
        if service.startswith("."):
            continue
        for name in ("run", "finish", "log/run", "log/finish"):
            path = f"{SERVICES}/{service}/{name}"
            node = image.tree.find(path)
            if node is not None and node.kind == "file":
                ends = name.endswith("finish")
                yield path, f"`Permission denied`, {_UNDONE if ends else 'tried again every 60 seconds for ever'}"


def _run_by_up(image: EffectiveImage, boot: BootPlan, seen: set[str]) -> Iterator[tuple[Message, str]]:
    """The scripts that a oneshot's `up` names by their path."""
    for step in boot.of_kind("oneshot"):
        script = step.script
        if script is None or script.interpreter is not None:
            continue
        if script.path in (step.path, *seen) or not _lacks_x(script.node):
            continue
        up = image.tree.find(step.path)
        related = (Related(up.home, "`up` executes it by its path"),) if up is not None else ()
        seen.add(script.path)
        told = f"the oneshot {step.name} executes it by its path and fails"
        yield _message(script.node, script.path, told, related), script.path


def _lacks_x(node: Node) -> bool:
    return node.sure and (node.executable is False or node.x_in_git_alone)


def _message(node: Node, path: str, consequence: str, related: tuple[Related, ...]) -> Message:
    place = node.home
    fix = None
    if node.place.path != place.path:
        related = (*related, Related(node.place, "this puts it into the image"))
    if node.source is not None:
        fix = Fix("make it executable", (Edit("chmod", Place(node.source, place.span), mode="755"),), "safe")
    if node.x_in_git_alone:
        what = f"{path} has the x bit in git, and none on this disk. In an image built from this checkout it is not executable"
    else:
        what = f"{path} is not executable (mode {node.mode or 0:04o})"
    return Message(
        place,
        f"{what}: {consequence}.",
        "Make it executable in git with `git update-index --chmod=+x`, or copy it with `COPY --chmod=755`.",
        related,
        fix=fix,
        owner=node.image,
        severity=Severity.INFO if node.x_in_git_alone else None,
    )
