"""A start step needs the desktop user's account and is not ordered after the step that makes it.

## What it does
Reads from the lineage which step makes the account when the container starts (`40-tigervnc.sh` in CloudTop, the s6-rc
service `init-adduser` in webtop), and reports the first command of another step that needs the account or its home and
that the boot does not run after it: a name that sorts before it in `cont-init.d`, an s6-rc service without a dependency
path to it, or an init script while an s6-rc service makes the account.

## Why it matters at run time
`chown` and `su` fail with "invalid user"; directories made below the home too early make `useradd -m` leave out the
skeleton, and belong to root.

## When to ignore it
When the command may fail at the first start, and the step runs again later.

## References
- s6-overlay README, "Executing initialization tasks": `cont-init.d` runs in byte order
- s6-overlay 3, base bundle: `cont-init.d` runs before services that depend on `base`, beside those that do not
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.desktop.launchers import Launchers
from .base import Message, Related, Severity
from .shared.scripts.account_order import TooEarly, later_name, named_otherwise, too_early
from .shared.subjects import order_of

SEVERITY = Severity.ERROR


def check(boot: BootPlan, launchers: Launchers) -> Iterator[Message]:
    if not boot.accounts:
        return
    delivered = {id(delivery.effect) for delivery in launchers.deliveries}
    for late in too_early(boot, delivered):
        if id(late.need.effect) not in delivered:
            yield _message(boot, late)


def _message(boot: BootPlan, late: TooEarly) -> Message:
    step, need, maker = late.step, late.need, late.maker
    name, named = need.account.name.canonical, named_otherwise(boot, step)
    if maker is step:
        order = "the account is made further down"
        cure = "Move this behind the command that makes the account."
    elif step.kind == "cont-init" and maker.kind == "cont-init":
        order = f"{maker.label} makes it, and {step.label} runs before that"
        cure = later_name(boot, step, maker)
    elif step.kind == "cont-init":
        order = f"the service {maker.label} makes it, and cont-init.d runs before or beside that"
        cure = f"Do this in an s6-rc oneshot with `{maker.label}` in its `dependencies.d`."
    else:
        order = f"{maker.label} makes it, and no dependency orders {step.label} after that"
        cure = f"Add `dependencies.d/{maker.label}` to {step.label}."
    return Message(
        need.effect.place,
        f"`{name}` does not exist yet: {need.how}, {order}.",
        cure,
        (
            *((named,) if named is not None else ()),
            Related(need.account.effect.place, "the account is made here"),
            *(Related(other.place, "this comes too early for it, too") for other in late.alike),
        ),
        subject=name,
        owner=step.image,
        about=(order_of(step.name),) if maker.kind == "cont-init" else (),
    )
