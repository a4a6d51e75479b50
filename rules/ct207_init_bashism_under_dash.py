"""A start script that dash reads uses what only Bash understands.

## What it does
Reports the first of `[[`, `&>`, arrays, `<<<`, `<(`, `source`, `set -o pipefail`, `[ a == b ]`, `function`, `${X//a/b}` and their
like in each start script whose `#!` line names `sh` in an image where `/bin/sh` is dash (Debian, Ubuntu). `echo -e` is an
info.

## Why it matters at run time
dash stops at a syntax error, so nothing in the script is done; or it reads something else than was meant: `cmd &> file` runs
cmd in the background, `[[` is a command that does not exist, so that the condition is always false.

## When to ignore it
Never, where the script is really run by dash.

## References
- Debian policy, "Scripts"; dash(1)
- POSIX shell command language
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.script_reader import StartScript
from ..lineage.boot.steps import StartStep
from ..lineage.image.image import EffectiveImage
from ..lineage.late.dataclasses import replace
from ..lineage.late.patterns import pattern
from ..lineage.text.errors import Unknown
from .base import Message, Related, Severity, Undecided
from .shared.scripts.bashisms import Bashism, bashisms_in, read_by_dash
from .shared.subjects import line_of

SEVERITY = Severity.ERROR

_BASH_READS_IT = pattern(rb"\bexec\s+(?:/usr/bin/env\s+|/\S*/)?bash\s.*\$\{?0")


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message | Undecided]:
    told: set[str] = set()
    for step in boot.steps:
        script = step.script
        dash = read_by_dash(image, script) if script is not None else False
        if script is None or script.place.path in told or dash is False:
            continue
        told.add(script.place.path)
        found = list(bashisms_in(script))
        if not found or _starts_bash(script, found[0].place.line):
            continue
        about = tuple(_without_their_test(script, found))
        if isinstance(dash, Unknown):
            yield Undecided(dash, about)
            continue
        broken = [one for one in found if not one.harmless]
        yield replace(_message(step, (broken or found)[0], broken[1:4]), about=about)


def _starts_bash(script: StartScript, line: int) -> bool:
    """Whether the script has Bash read it, before the line, where another shell does: dash reads line by line."""
    before = (script.data or b"").split(b"\n")[: line - 1]
    return any(_BASH_READS_IT.search(row) for row in before)


def _message(step: StartStep, first: Bashism, others: list[Bashism]) -> Message:
    line = step.script.shebang.raw if step.script is not None and step.script.shebang is not None else "#!/bin/sh"
    cure = (
        "Use `printf`."
        if first.harmless
        else f"End the `#!` line with `bash` instead of `sh` (`{line}`), or use what POSIX has."
    )
    return Message(
        first.place,
        f"dash reads this script (`{line}`): {first.effect}.",
        cure,
        tuple(Related(one.place, one.effect) for one in others),
        severity=Severity.INFO if first.harmless else None,
        owner=step.image,
    )


def _without_their_test(script: StartScript, found: list[Bashism]) -> Iterator[str]:
    """The lines from a test on that dash does not wait for (`id … &>/dev/null ||`): it goes on as if it had succeeded."""
    first = next((one.place for one in found if one.effect.startswith(("`&>`", "`&>>`"))), None)
    if first is not None:
        last = (script.data or b"").count(b"\n") + 1
        yield from (line_of(first.path, line) for line in range(first.line, last + 1))
