"""A later step of a start script relies on a command that may fail unnoticed.

## What it does
Reports, in scripts without `set -e`, a `cd` that nobody checks and after which files are removed or given away by relative
names, where the directory is not surely there; and a `useradd` that nobody checks, where a later command needs the account.

## Why it matters at run time
When `cd` fails the script goes on where it is: `rm -rf ./*` empties another directory. When `useradd` fails everything
after it fails too, and the container looks as if it had started.

## When to ignore it
When the failure is harmless in each place that follows.

## References
- POSIX shell, `set -e`; `cd`
- useradd(8), exit values
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan, StartStep
from ..lineage.image.image import EffectiveImage
from .base import Message, Related, Severity
from .shared.reliance import Reliance, reliances_of

SEVERITY = Severity.WARNING


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    for step in boot.of_kind("cont-init", "oneshot", "entrypoint"):
        for reliance in reliances_of(image, step):
            yield _message(step, reliance)


def _message(step: StartStep, reliance: Reliance) -> Message:
    what = reliance.what.canonical
    if reliance.kind == "cd":
        text = f"If `{what}` is not there, `cd` fails and the script goes on in another directory."
        cure = f"Write `cd {reliance.first.argv[1].raw} || exit 1`, or begin with `set -e`."
        then = "this works in the directory that the script is in then"
    else:
        text = f"If the account `{what}` cannot be made, the script goes on as if it were there."
        cure = f"Make it where it is missing, and end the script on failure: `id -u NAME || {reliance.first.name} … || exit 1`."
        then = "this needs the account"
    return Message(reliance.first.place, text, cure, (Related(reliance.then, then),), subject=what, owner=step.image)
