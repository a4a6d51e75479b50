"""Whether a start step waits for the account that it needs."""

from collections.abc import Collection, Iterator

from ....lineage.boot.account_needs import Need, needs_of
from ....lineage.boot.plan import BootPlan
from ....lineage.boot.steps import StartStep
from ....lineage.late.dataclasses import dataclass, replace
from ....lineage.text.errors import Unknown
from ...base import Related


@dataclass(frozen=True, slots=True)
class TooEarly:
    """A step that may run before the account that it needs is there; `maker` makes that account.

    `alike` are later steps that are too early for the same maker, where it is the same image's, or an ancestor's that has
    a step too early itself: when the maker runs before the first of them, it does so for all.
    """

    step: StartStep
    need: Need
    maker: StartStep
    alike: tuple[StartStep, ...] = ()


def too_early(plan: BootPlan, telling: Collection[int]) -> tuple[TooEarly, ...]:
    """The steps that the boot does not run after the step that makes the account they need, each once.

    Of a step's needs it is the first whose effect is among `telling` (ids of effects), else the first. A service of s6-rc
    that depends on another one of them is left out: it waits as soon as that one does. Raises Unknown where an order cannot
    be known.
    """
    found = [late for step in plan.steps if (late := _of_step(plan, step, telling)) is not None]
    if plan.database is not None and plan.database.refused:  # of its services no order is known
        found = [late for late in found if late.step.kind == late.maker.kind == "cont-init"]
    found = [late for late in found if not any(_waits_for(plan, late, other) for other in found)]
    first: dict[tuple[int, str], TooEarly] = {}
    for late in found:
        key = (id(late.maker), late.maker.image) if _moves_together(late, found) else (id(late.step), late.step.image)
        known = first.get(key)
        first[key] = late if known is None else replace(known, alike=(*known.alike, late.step))
    return tuple(first.values())


def _moves_together(late: TooEarly, found: list[TooEarly]) -> bool:
    """Whether a script of cont-init.d is mended by moving the maker, as one of the maker's own image must be before it."""
    if late.step.kind != "cont-init" or late.maker.kind != "cont-init" or late.step is late.maker:
        return False
    own = [one for one in found if one.maker is late.maker and one.step.image == late.maker.image]
    return any(one.step.kind == "cont-init" and one.step.rank <= late.step.rank for one in own)


def _of_step(plan: BootPlan, step: StartStep, telling: Collection[int]) -> TooEarly | None:
    if step.kind in ("session", "cmd"):
        return None
    late = list(_late_needs(plan, step))
    return next((one for one in late if id(one.need.effect) in telling), late[0] if late else None)


def _late_needs(plan: BootPlan, step: StartStep) -> Iterator[TooEarly]:
    for need in needs_of(plan, step):
        maker = made_later(plan, step, need)
        if maker is not None:
            yield TooEarly(step, need, maker)


def _waits_for(plan: BootPlan, late: TooEarly, other: TooEarly) -> bool:
    if late is other or late.maker is not other.maker or {late.step.kind, other.step.kind} - {"oneshot", "longrun"}:
        return False
    return plan.precedes(other.step, late.step) is True


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


def named_otherwise(plan: BootPlan, step: StartStep) -> Related | None:
    """The COPY that gives a script another name than its file in the repository has; None where they are the same."""
    node = plan.image.tree.find(step.path)
    if node is None or node.source is None or node.source.rpartition("/")[2] == step.label:
        return None
    return Related(node.place, f"it is called {step.label} in the image here")


def later_name(plan: BootPlan, step: StartStep, maker: StartStep) -> str:
    """The cure for an init script that sorts before the one that makes the account: where its name is to be changed."""
    named = named_otherwise(plan, step)
    if named is None:
        return f"Give the script a name that sorts after {maker.label}."
    return f"Give the script a name that sorts after {maker.label}, at {named.place}."
