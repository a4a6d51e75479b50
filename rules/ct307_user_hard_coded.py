"""A start script names the desktop user literally, although the container is told who that is.

## What it does
In images that make the desktop user from runtime variables, reports start scripts that use an account name which neither the
image nor the start makes, or which is only the default of the variable, a path below `/home/NAME` of such an account, and
`chown` to the number that is only the default of the variable.

## Why it matters at run time
It works for the one user it was tried with. With another name or number the command fails, or the files belong to nobody.

## When to ignore it
When the number belongs to something else that happens to have the same one.

## References
- docker run, `--env`
"""

import re
from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan, RuntimeAccount
from ..lineage.boot.steps import StartStep
from ..lineage.effects.model import ChangeOwner, Copy, Effect, Link, MakeDirectory, NeedAccount, Remove, Write
from ..lineage.image.image import EffectiveImage
from ..lineage.text.numbers import is_digits
from ..lineage.text.symbolic import Text, Var
from .base import Message, Related, Severity
from .shared.scripts.required_values import default_number

SEVERITY = Severity.WARNING


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    account = next((one for one in boot.accounts if one.name.variables), None)
    if account is None:
        return
    for step in boot.steps:
        told: set[int] = set()
        for effect in step.effects:
            found = _named(image, boot, account, step, effect)
            if found is None or id(effect.command) in told:
                continue
            told.add(id(effect.command))
            yield _message(step, account, effect, *found)


def _named(
    image: EffectiveImage, boot: BootPlan, account: RuntimeAccount, step: StartStep, effect: Effect
) -> tuple[str, str] | None:
    """(what is named literally, what to use instead)."""
    instead = _shell(account.name)
    if isinstance(effect, ChangeOwner) and account.uid is not None:
        owner = effect.owner.literal if effect.owner is not None else None
        if owner is not None and is_digits(owner) and owner == default_number(image, account.uid):
            return owner, _shell(account.uid)
    if isinstance(effect, NeedAccount):
        name = effect.name.literal
        if (
            name
            and re.fullmatch(r"[a-z_][\w-]*", name)
            and (_is_nobodys(image, boot, name) or _is_default(image, account, name))
        ):
            return name, instead
    if _expands(effect, account) or _is_emptied(step, account):
        return None
    for path in _paths(effect):
        name = _home_name(path.literal or "", account)
        home = account.home.prefix + name
        free = _is_nobodys(image, boot, name) and image.tree.get(home) is None
        if name and (free or (_is_default(image, account, name) and image.tree.find(home) is None)):
            return home, _shell(account.home)
    return None


def _expands(effect: Effect, account: RuntimeAccount) -> bool:
    """Whether the command names the home by the account's variables, which may be empty where the script runs."""
    words = effect.command.argv if effect.command is not None else ()
    return any(name in account.name.variables for word in words if "/" in word.raw for name in word.variables)


def _is_emptied(step: StartStep, account: RuntimeAccount) -> bool:
    """Whether the script names the account by variables that s6-overlay does not hand to it: then they are just empty."""
    script = step.script
    if script is None or script.reading is None or script.sees_environment is not False:
        return False
    return any(mention.name in account.name.variables for mention in script.reading.mentions)


def _is_nobodys(image: EffectiveImage, boot: BootPlan, name: str) -> bool:
    """Whether surely no account of that name is in the image or made at start."""
    return image.accounts.get(name) is None and boot.account(Text.of(name)) is None


def _is_default(image: EffectiveImage, account: RuntimeAccount, name: str) -> bool:
    """Whether it is what the account is called where the container is given no name."""
    variable = account.name.pieces[0] if len(account.name.pieces) == 1 else None
    return isinstance(variable, Var) and variable.default == name and name not in image.accounts.known


def _home_name(path: str, account: RuntimeAccount) -> str:
    """The account's name in a path below the directory of the homes."""
    homes = account.home.prefix
    if not account.home.variables or not homes.endswith("/") or homes == "/" or not path.startswith(homes):
        return ""
    return path[len(homes) :].partition("/")[0]


def _paths(effect: Effect) -> tuple[Text, ...]:
    if isinstance(effect, Copy):
        return (*effect.sources, effect.target)
    if isinstance(effect, Link):
        return (effect.target, effect.path)
    return (effect.path,) if isinstance(effect, Write | MakeDirectory | Remove | ChangeOwner) else ()


def _shell(text: Text) -> str:
    return "".join(piece if isinstance(piece, str) else f"${getattr(piece, 'name', '?')}" for piece in text.pieces)


def _message(step: StartStep, account: RuntimeAccount, effect: Effect, literal: str, instead: str) -> Message:
    return Message(
        effect.place,
        f"`{literal}` stands in the script, but the desktop user is `{account.name.canonical}`, whom the container is given.",
        f'Use `"{instead}"`.',
        (Related(account.effect.place, "the account is made here from the variables"),),
        subject=literal,
        owner=step.image,
    )
