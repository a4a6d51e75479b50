"""What a start step needs of the account that is made at start: its name in a command, or a place below its home."""

from collections.abc import Iterator

from ..effects.model import ChangeOwner, Copy, Effect, Link, MakeDirectory, NeedAccount, Write
from ..late.dataclasses import dataclass
from ..text.symbolic import Text
from .plan import BootPlan, RuntimeAccount
from .steps import StartStep


@dataclass(frozen=True, slots=True)
class Need:
    """An effect of a step that fails, or works on the wrong place, unless the account exists."""

    account: RuntimeAccount
    effect: Effect
    how: str


def needs_of(plan: BootPlan, step: StartStep) -> Iterator[Need]:
    """The needs of a step, in order; those under a condition that may be false at the first start are left out."""
    for effect in step.effects:
        if not surely_at_first_start(plan, effect):
            continue
        for account, how in _needs(plan, effect):
            yield Need(account, effect, how)


def _needs(plan: BootPlan, effect: Effect) -> Iterator[tuple[RuntimeAccount, str]]:
    if isinstance(effect, NeedAccount):
        account = plan.account(effect.name)
        if account is not None and effect.name.variables:
            yield account, f"`{effect.by}` needs the account"
    elif isinstance(effect, ChangeOwner) and effect.owner is not None:
        account = plan.account(effect.owner)
        if account is not None and effect.owner.variables:
            yield account, "`chown` needs the account"
    elif isinstance(effect, Copy | Link | Write | MakeDirectory):
        target = target_of(effect)
        account = plan.home(target)
        if account is not None and not (
            isinstance(effect, MakeDirectory) and target.canonical == account.home.canonical
        ):
            yield account, "it works below the home of the account"


def target_of(effect: Copy | Link | Write | MakeDirectory) -> Text:
    """Where the effect writes."""
    return effect.target if isinstance(effect, Copy) else effect.path


def surely_at_first_start(plan: BootPlan, effect: Effect) -> bool:
    """Whether the effect happens at the container's first start.

    Nothing is below the home then, so a test that something there is missing is met.
    """
    if effect.sure:
        return True
    command = effect.command
    if command is None or command.loop == "unbounded":
        return False
    for guard in command.guards:
        if guard.presumed:
            continue
        test = guard.holds
        if test is None or test.op not in ("-f", "-d", "-e", "-L", "-s", "-r", "-x") or not test.negated:
            return False
        if not all(plan.home(operand) is not None for operand in test.operands):
            return False
    return True
