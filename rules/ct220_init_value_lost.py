"""What a loop behind a pipe sets is lost when the loop ends.

## What it does
Reports, in start scripts and in those that the image brings into PATH, into cron's folders or near `/`, a variable that has a
value before a pipeline, is set in a loop or `{ … }` of it and read behind it: `count=0; list | while read -r one; do
count=$((count + 1)); done; echo "$count"`. Only what is set for behind the loop is told: a variable that the loop itself reads
only to set it anew.

## Why it matters at run time
bash, dash and busybox run each part of a pipeline in a process of its own. The variable still has the value of before: nothing
was found, none failed, the list is empty.

## When to ignore it
When the value of before is what is wanted behind the loop.

## References
- POSIX.1-2024, Shell Command Language, 2.13 "Shell Execution Environment"
- Bash Reference Manual, "Pipelines", `lastpipe`
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.startable import spawned, tools
from ..lineage.image.image import EffectiveImage
from ..lineage.shell.nodes import Script
from ..lineage.text.places import Place
from .base import Message, Severity
from .shared.scripts.lost_values import LostValue, lost_values
from .shared.scripts.written_scripts import written, written_in

SEVERITY = Severity.WARNING


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    seen: set[str] = set()
    told: set[Place] = set()
    for name, tree, owner in _scripts(image, boot):
        if tree is None or tree.path in seen:
            continue
        seen.add(tree.path)
        for lost in lost_values(tree):
            if lost.place not in told:
                told.add(lost.place)
                yield _message(name, lost, owner)


def _scripts(image: EffectiveImage, boot: BootPlan) -> Iterator[tuple[str, Script | None, str]]:
    for step in boot.steps:
        if step.script is not None:
            yield step.label, written(step.script), step.image
    for one in (*spawned(image, boot), *tools(image)):
        yield one.name, written_in(one.node), one.node.image


def _message(name: str, lost: LostValue, owner: str) -> Message:
    return Message(
        lost.place,
        f"{name}: {lost.name} is set in a part of a pipeline, which is a process of its own: line {lost.read} reads the value of "
        "before.",
        "Give the loop its input without a pipe: `while …; do …; done < FILE`, or `done <<EOF` with `$(…)`.",
        subject=lost.name,
        owner=owner,
    )
