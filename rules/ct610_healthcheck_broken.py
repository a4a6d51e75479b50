"""A HEALTHCHECK whose program or script is not in the image, or cannot be executed.

## What it does
Reports the first program of a HEALTHCHECK, or the script that it gives to an interpreter, when it is surely absent from the
effective image or has no x bit. Files that a start script makes, volumes and temporary folders are left alone.

## Why it matters at run time
Every check fails with exit code 126 or 127: the container is unhealthy for ever, and orchestrators restart it or send it no
traffic.

## When to ignore it
When something that ctlint cannot see brings the program.

## References
- Dockerfile reference, "HEALTHCHECK"
"""

from collections.abc import Iterator
from posixpath import basename

from ..lineage.boot.healthcheck import commands_of_healthcheck
from ..lineage.boot.plan import BootPlan
from ..lineage.commands.model import Command
from ..lineage.effects.model import Copy, Link, Opens, Write
from ..lineage.image.image import EffectiveImage
from ..lineage.image.program_lookup import file_at, program_on_path
from ..lineage.image.tree import Node
from ..lineage.text.errors import Unknown
from .base import Message, Related, Severity

SEVERITY = Severity.ERROR

_INTERPRETERS = frozenset(("sh", "bash", "dash", "ash", "python", "python3", "node", "perl", "ruby", "php"))


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    step = next((s for s in reversed(image.steps) if s.instruction.keyword == "HEALTHCHECK"), None)
    if step is None or step.from_parent is not None:
        return
    doubt: Unknown | None = None
    for command in commands_of_healthcheck(image, step):
        for name, needs_x in _needed(command):
            found = file_at(image, name) if name.startswith("/") else program_on_path(image, name)
            if isinstance(found, Unknown):
                doubt = found if doubt is None else doubt
                continue
            said = _problem(name, found, needs_x)
            if said is not None and not _made_at_start(boot, name):
                related = (Related(found.home, "it comes from here"),) if isinstance(found, Node) else ()
                yield Message(
                    step.place,
                    f"HEALTHCHECK runs {name}, which {said}: the container is never healthy.",
                    "Give it the x bit: `COPY --chmod=0755`."
                    if related
                    else "Install it, copy it into the image, or correct the path.",
                    related,
                    subject=name,
                )
                return
    if doubt is not None:
        raise doubt


def _needed(command: Command) -> Iterator[tuple[str, bool]]:
    """(program or file, whether it must be executable) that a command surely needs."""
    words = [word.literal for word in command.argv]
    first = words[0] if words else None
    if not command.sure or first is None or command.function or command.substitution:
        return
    if "/" not in first or first.startswith("/"):
        yield first, True
    if basename(first) in _INTERPRETERS and len(words) > 1:
        script = words[1]
        if script is not None and script.startswith("/"):
            yield script, False


def _problem(name: str, found: Node | None, needs_x: bool) -> str | None:
    if found is None:
        return "is not in the image" if name.startswith("/") else "is in no folder of PATH"
    if found.kind == "directory":
        return "is a directory"
    if needs_x and found.kind == "file" and found.executable is False:
        return f"has no x bit (mode {found.mode or 0:04o})"
    return None


def _made_at_start(boot: BootPlan, path: str) -> bool:
    for step in boot.steps:
        for effect in step.effects:
            target = (
                effect.target if isinstance(effect, Copy) else effect.path if isinstance(effect, Link | Write) else None
            )
            if target is not None and (
                target.opaque or path == target.canonical or path.startswith(target.canonical + "/")
            ):
                return True
            if target is not None and path.rpartition("/")[0] == target.canonical.rstrip("/"):
                return True
            if isinstance(effect, Opens) and step.kind in ("cont-init", "oneshot", "entrypoint"):
                return True
    return boot.open is not None
