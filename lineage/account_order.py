"""Whether a start step waits for the account that it needs."""

from .boot import BootPlan, StartStep
from .errors import Unknown
from .needs import Need


def made_later(plan: BootPlan, step: StartStep, need: Need) -> StartStep | None:
    """The step that makes the account, where the boot does not surely run it before what `step` needs it for.

    Raises Unknown where the order of the two cannot be known.
    """
    for account in plan.accounts:
        if account.name.canonical != need.account.name.canonical:
            continue
        if account.step is step:
            effects = step.effects
            if effects.index(account.effect) <= effects.index(need.effect) or not account.effect.sure:
                return None
            continue
        before = plan.precedes(account.step, step)
        if isinstance(before, Unknown):
            raise before
        if before:
            return None
    return need.account.step
