"""An init script or service does not bear being run again.

## What it does
Reports commands of init scripts that fail or pile up from the second start on: `mkdir` without `-p`, `useradd` and `groupadd`
without a test (also for each word of a setting, `for one in $USERS`), `ln -s` without `-f`, `>>`, `sed -i '/…/a …'`, `sed -i
's/KEY=/KEY=…/'` (what it looks for is there again) and `xmlstarlet edit --inplace --insert` without a test, `create database`
without `if not exists` (also from a here-document, a file or a pipe, where the client ends at the first error), `rm` of a
file of the image under `set -e`, `mv` of a file of the image. A failure is reported only where it has a consequence: it ends
the script, is its exit status, or keeps the next command from being run. Of a service only what piles up is told, and what
takes away, under `set -e`, a file of the image that it needs again: `run` is started again, too.

## Why it matters at run time
`docker restart` runs the init scripts again in a container that still has what the first start made. The script stops half
way, or its files grow at each start.

## When to ignore it
When the container is never restarted, only made anew. It is silent on what a test, a removal or a truncation before it makes
safe, on `/run`, `/tmp` and `/dev`, which are made anew.

## References
- s6-overlay README, "Executing initialization tasks"
- docker container restart
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.desktop.launchers import Launchers
from ..lineage.image.image import EffectiveImage
from .base import Message, Severity
from .shared.scripts.run_again import Repeat, repeats_of
from .shared.subjects import line_of

SEVERITY = Severity.WARNING
YIELDS_TO = ("CT207",)

_PILES_UP = ("append", "insert")
_USES_UP = ("removed", "own input")

_TOLD = {
    "directory": ("`{what}` is there already when this runs again, and mkdir fails", "Use `mkdir -p`."),
    "account": (
        "the account `{what}` is there already when this runs again, and useradd fails",
        'Make it only where it is missing: `id -u "NAME" >/dev/null 2>&1 || useradd …`.',
    ),
    "group": (
        "the group `{what}` is there already when this runs again, and groupadd fails",
        'Make it only where it is missing: `getent group "NAME" >/dev/null || groupadd …`.',
    ),
    "link": (
        "`{what}` is there already when this runs again: ln fails, or makes a link inside of the directory it points to",
        "Use `ln -sfn`.",
    ),
    "append": (
        "each start appends to `{what}` again",
        "Test whether the line is there (`grep -q … || …`), or write the file from scratch.",
    ),
    "insert": (
        "each start puts the same into `{what}` again",
        "Test whether it is there (`grep -q … || …`), or write the file from scratch.",
    ),
    "database": (
        "the database or account is there already when this runs again, and `{what}` fails",
        "Say `if not exists`, or test for it first.",
    ),
    "removed": ("`{what}` is gone when this runs again, and rm fails", "Use `rm -f`."),
    "own input": (
        "`{what}` was moved away by the first start, and mv fails when this runs again",
        "Copy it (`cp -n`), or move it only where it is still there.",
    ),
}


def check(image: EffectiveImage, boot: BootPlan, launchers: Launchers) -> Iterator[Message]:
    delivered = {delivery.place for delivery in launchers.deliveries}
    for step in boot.of_kind("entrypoint", "cmd", "cont-init", "oneshot", "session", "longrun", "services.d"):
        of_a_service = step.kind in ("longrun", "services.d")
        for repeat in repeats_of(image, step, boot.steps):
            if of_a_service and not (repeat.kind in _PILES_UP or (repeat.kind in _USES_UP and repeat.stops)):
                continue
            if repeat.place not in delivered and not repeat.what.endswith(".desktop"):
                yield _message(step, repeat)


def _message(step: StartStep, repeat: Repeat) -> Message:
    happens, cure = _TOLD[repeat.kind]
    text = happens.format(what=repeat.what)
    also = (
        "; under `set -e` that ends the script"
        if repeat.stops
        else "; the script ends itself then"
        if repeat.exits
        else ""
    )
    again = "each login" if step.kind == "session" else "each restart of the container"
    again = "each start of the service" if step.kind in ("longrun", "services.d") else again
    return Message(
        repeat.place,
        f"{step.label} runs at {again}: {text}{also}.",
        cure,
        subject=repeat.what,
        owner=step.image,
        about=(line_of(repeat.place.path, repeat.place.line),),
    )
