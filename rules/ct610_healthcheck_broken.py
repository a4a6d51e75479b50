"""A HEALTHCHECK whose program or script is not in the image, or cannot be executed.

## What it does
Reports the first program of a HEALTHCHECK, or the script that it gives to an interpreter, when it is surely absent from the
effective image or has no x bit, an init script that takes the x bit away (`find /app -type f -exec chmod 640 {} +`), and `&>`
where dash reads the check. Files that a start script makes, volumes and temporary folders are left alone.

## Why it matters at run time
Every check fails with exit code 126 or 127: the container is unhealthy for ever, and orchestrators restart it or send it no
traffic.

## When to ignore it
When something that ctlint cannot see brings the program.

## References
- Dockerfile reference, "HEALTHCHECK"
"""

from collections.abc import Iterator

from ..lineage.boot.healthcheck import commands_of_healthcheck
from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command
from ..lineage.effects.model import ChangeMode
from ..lineage.image.image import BuildStep, EffectiveImage
from ..lineage.image.tree import Node
from ..lineage.shell.parse import parse_script
from ..lineage.text.errors import Unknown
from ..lineage.text.places import MappedText
from .base import Message, Related, Severity
from .shared.changed_modes import gives_x, reaches, takes_x
from .shared.health_programs import lacking
from .shared.missing_programs import found_at, needed

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    step = next((s for s in reversed(image.steps) if s.instruction.keyword == "HEALTHCHECK"), None)
    if step is None or step.from_parent is not None:
        return
    yield from _in_the_background(image, step)
    commands = commands_of_healthcheck(image, step)
    said = lacking(image, boot, commands)
    if isinstance(said, Unknown):
        raise said
    if said is None:
        yield from _taken_at_start(image, boot, commands, step)
        return
    related = (Related(said.found.home, "it comes from here"),) if isinstance(said.found, Node) else ()
    yield Message(
        step.place,
        f"HEALTHCHECK runs {said.name}, which {said.why}: the container is never healthy.",
        "Give it the x bit: `COPY --chmod=0755`."
        if related
        else "Install it, copy it into the image, or correct the path.",
        related,
        subject=said.name,
    )


def _in_the_background(image: EffectiveImage, check: BuildStep) -> Iterator[Message]:
    """`curl … &>/dev/null || exit 1` for dash, which starts curl in the background and goes on with 0."""
    words = check.instruction.arguments[1:]
    shell = image.shell.value[0] if image.shell is not None else "/bin/sh"
    if (
        not words
        or check.instruction.form == "exec"
        or image.sh != "dash"
        or shell not in ("/bin/sh", "sh", "/bin/dash")
    ):
        return
    script = parse_script(MappedText.whole(words[0], check.place.line), check.place.path, "bash")
    if any(kind == "&>" for kind, _ in script.bashisms):
        yield Message(
            check.place,
            "dash reads this check, and takes `&>` for `&` and a redirection: the command runs in the background, and the "
            "container is healthy whatever it finds.",
            "Write `>/dev/null 2>&1`.",
            subject="&>",
        )


def _taken_at_start(
    image: EffectiveImage, boot: BootPlan, commands: tuple[Command, ...], check: BuildStep
) -> Iterator[Message]:
    """The command of a start script that leaves the check's program without x bit, and nothing gives it back."""
    for name, needs_x in (pair for command in commands for pair in needed(command)):
        found = found_at(image, name) if needs_x and name.startswith("/") else None
        if not isinstance(found, Node) or found.kind != "file":
            continue
        taken: tuple[StartStep, ChangeMode] | None = None
        for step in boot.of_kind("entrypoint", "cont-init", "oneshot"):
            for effect in step.effects:
                if not isinstance(effect, ChangeMode) or not reaches(effect, name):
                    continue
                if gives_x(effect.mode):
                    taken = None
                elif takes_x(effect.mode) and effect.sure and not effect.path.opaque and not effect.globs:
                    taken = (step, effect) if effect.names is None else taken
        if taken is not None:
            yield Message(
                taken[1].place,
                f"{taken[0].label} takes the x bit from {name} (mode {taken[1].mode}), which HEALTHCHECK runs: "
                "the container is never healthy.",
                f"Give it back afterwards (`chmod +x {name}`), or leave programs out of it.",
                (Related(check.place, "this is the check"),),
                subject=name,
                owner=taken[0].image,
            )
