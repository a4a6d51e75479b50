"""A start script makes files in the user's home as root and leaves them to root.

## What it does
Reports the first directory or file of each start script that root makes below the home of the account that is made at start,
where no later command gives it to the user: `chown` (also recursive, above it), `lsiown`, `install -o`, a mode that lets
everybody write. What is done as the user (`s6-setuidgid`, `su`, `sudo -u`) is left alone, and so are programs, which the user
only runs, and `>>` to a file that the home has already.

## Why it matters at run time
The user cannot write there: the application does not save its settings, or does not start.

## When to ignore it
When the user is meant to read the file only.

## References
- useradd(8): only what is copied from the skeleton belongs to the new user
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan, RuntimeAccount
from ..lineage.boot.steps import StartStep
from ..lineage.desktop.launchers import Launchers
from ..lineage.image.image import EffectiveImage
from .base import Message, Related, Severity
from .shared.users.home_owners import RootOwned, left_to_root

SEVERITY = Severity.ERROR


def check(image: EffectiveImage, boot: BootPlan, launchers: Launchers) -> Iterator[Message]:
    for step in boot.steps:
        if step.kind == "session":
            continue
        for found in left_to_root(image, boot, step):
            if not _is_for_launchers(launchers, step, found.path.canonical):
                boot.require_whole()
                yield _message(step, found)
                break


def _is_for_launchers(launchers: Launchers, step: StartStep, path: str) -> bool:
    """Whether it is a copy of launchers or a directory for them: whose these are is CT405's question."""
    return any(
        delivery.step is step and (delivery.target.canonical + "/").startswith(path.rstrip("/") + "/")
        for delivery in launchers.deliveries
    )


def _message(step: StartStep, found: RootOwned) -> Message:
    account = found.account
    name = _owner(account)
    path = found.path.canonical
    return Message(
        found.effect.place,
        f"`{path}` is made as root and stays root's: nothing gives it to the user afterwards.",
        f'Add `chown -R "{name}" "{path}"` behind it, or make it as the user (`s6-setuidgid "{name}" …`).',
        (Related(account.effect.place, "the account is made here"),),
        subject=path,
        owner=step.image,
    )


def _owner(account: RuntimeAccount) -> str:
    return account.name.canonical.replace("${", "$").replace("}", "")
