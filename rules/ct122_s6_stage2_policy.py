"""The container goes on, and looks healthy, when the init script it relies on has failed.

## What it does
Reports an init script that makes the account or a database and stops at its first failure, in an image that leaves
`S6_BEHAVIOUR_IF_STAGE2_FAILS` at 0. As an error: a value with which s6-overlay 1 and 2 hang.

## Why it matters at run time
With 0 the failure of an init script is ignored: services start without the account, and the container stays up. On s6-overlay 1
and 2 the value 1 (on 2 also `true`) stops the boot half way and leaves the container hanging.

## When to ignore it
When an orchestrator's health check notices that the start has failed.

## References
- s6-overlay README, "Customizing s6 behaviour"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command
from ..lineage.effects.model import MakeAccount
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from .base import Message, Severity
from .shared.questions import own_value

SEVERITY = Severity.INFO

_NAME = "S6_BEHAVIOUR_IF_STAGE2_FAILS"
_DATABASE = frozenset(("createdb", "mysql_install_db", "mariadb-install-db", "initdb"))


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    if not isinstance(boot.s6, S6Release) or boot.starts_init is False:
        return
    value = image.variable(_NAME)
    if isinstance(value, str) and value not in ("", "0"):
        yield from _hangs(image, boot, boot.s6, value)
        return
    for step in boot.of_kind("cont-init", "oneshot"):
        found = _relied_on(step)
        if found is None:
            continue
        if isinstance(value, Unknown):
            raise value
        place, what = found
        yield Message(
            place,
            f"When {step.label} fails here, {what} is missing, the boot goes on and the container looks healthy.",
            f"Set `ENV {_NAME}=2`: the container then ends.",
            subject=step.name,
            owner=step.image,
        )


def _relied_on(step: StartStep) -> tuple[Place, str] | None:
    """The command that makes what others rely on, in a script that ends with an error when it fails."""
    for effect in step.effects:
        if isinstance(effect, MakeAccount) and not effect.system and _ends_script(effect.command):
            return effect.place, "the account"
    for command in step.script.commands if step.script is not None else ():
        client = command.name in ("mysql", "mariadb", "psql")
        if client and "create database" not in str(command).lower():
            continue
        if (client or command.name in _DATABASE) and _ends_script(command):
            return command.place, "the database"
    return None


def _ends_script(command: Command | None) -> bool:
    return command is not None and command.errexit and not command.ignores_failure


def _hangs(image: EffectiveImage, boot: BootPlan, release: S6Release, value: str) -> Iterator[Message]:
    own = own_value(image, image.env.get(_NAME))
    if own is None or release.generation >= 3 or value not in (("1", "true") if release.generation == 2 else ("1",)):
        return
    if any(True for _ in boot.of_kind("cont-init")):
        yield Message(
            own.place,
            f"On s6-overlay {release.label} the value `{value}` leaves the container hanging when an init script fails: "
            "no service and no CMD starts, and it does not end.",
            f"Set `{_NAME}=2`: the container then ends.",
            severity=Severity.ERROR,
            subject=_NAME,
        )
