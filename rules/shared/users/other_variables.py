"""Start scripts that name the user by a variable, where the start makes the account from another one."""

import re
from collections.abc import Iterator

from ....lineage.boot.plan import BootPlan, RuntimeAccount
from ....lineage.boot.steps import StartStep
from ....lineage.effects.model import ChangeOwner, Copy, Effect, Link, MakeDirectory, NeedAccount, Write
from ....lineage.image.image import EffectiveImage
from ....lineage.late.dataclasses import dataclass
from ....lineage.text.symbolic import Text, Var
from ....lineage.workspace.deployments import consumers_of
from ....lineage.workspace.workspace import ImageSource, Workspace


@dataclass(frozen=True, slots=True)
class OtherVariable:
    """`step` names the user, by `effect`, with the variable `name`; the start makes `account` from another one."""

    step: StartStep
    effect: Effect
    name: str
    account: RuntimeAccount


def other_variables(
    image: EffectiveImage, boot: BootPlan, workspace: Workspace, source: ImageSource
) -> Iterator[OtherVariable]:
    """The first such place of each of the image's own scripts, for variables that nothing sets, gives or asks for.

    Raises Unknown where another start step may make the account, or whoever runs the image gives more than is known.
    """
    accounts = [account for account in boot.accounts if account.name.variables]
    if not accounts:
        return
    found = [one for step in boot.steps if image.owns(step.image) for one in _of_step(step, accounts)]
    found = [one for one in found if one.name not in image.env and not _is_spoken_of(boot, one)]
    if not found:
        return
    if boot.open is not None:
        raise boot.open
    if image.env_open is not None:
        raise image.env_open
    for consumer in consumers_of(workspace, source):
        if consumer.environment_open is not None:
            raise consumer.environment_open
        found = [one for one in found if one.name not in consumer.environment]
    yield from found


def _of_step(step: StartStep, accounts: list[RuntimeAccount]) -> list[OtherVariable]:
    if step.kind not in ("cont-init", "services.d", "oneshot", "longrun"):
        return []
    for effect in step.effects:
        name = _named(effect, accounts[0].home.prefix) if effect.sure else None
        if name is not None and all(name not in account.name.variables for account in accounts):
            return [OtherVariable(step, effect, name, accounts[0])]
    return []


def _named(effect: Effect, homes: str) -> str | None:
    """The variable that stands for an account in what a command does: as the name itself, or as the folder of its home."""
    owner = (
        effect.name if isinstance(effect, NeedAccount) else effect.owner if isinstance(effect, ChangeOwner) else None
    )
    if owner is not None:
        return _variable(owner)
    works = isinstance(effect, Copy | Link | MakeDirectory | Write)
    if works and effect.command is not None and homes.endswith("/") and homes != "/":
        written = re.compile(rf"[\"']?{re.escape(homes)}\$(?:(\w+)|\{{(\w+)\}})(?=[\"'/]|\Z)")
        for word in effect.command.argv:
            match = written.match(word.raw)
            if match is not None and (match[1] or match[2]) in word.variables:
                return match[1] or match[2]
    return None


def _variable(text: Text) -> str | None:
    piece = text.pieces[0] if len(text.pieces) == 1 else None
    return piece.name if isinstance(piece, Var) and piece.default is None else None


def _is_spoken_of(boot: BootPlan, found: OtherVariable) -> bool:
    """Whether a script gives the variable a value or a default, asks whether it is set, or makes accounts with it."""
    asks = re.compile(
        rf"\$\{{{found.name}:?[-=+?]|\b{found.name}=|-[zn][ \t]+[\"']?\$\{{?{found.name}\b|-v[ \t]+{found.name}\b"
    )
    for step in boot.steps:
        data = step.script.data if step.script is not None else None
        if data is None:
            continue
        text = data.decode("utf-8", "replace")
        makes = step is found.account.step and re.search(rf"\b{found.name}\b", text) is not None
        if makes or asks.search(text) is not None:
            return True
    return False
