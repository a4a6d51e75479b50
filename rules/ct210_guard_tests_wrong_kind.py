"""A test does not fit what it guards: `-d` on a file, `-f` on a directory.

## What it does
Reports a test whether something is a directory (`-d`) before a command that makes a file of that name, and a test whether it
is a file (`-f`) before a command that makes a directory, in start scripts.

## Why it matters at run time
The test has the same answer whether the work is done or not: the step is done at each start, and overwrites what the
user has changed, or it is never done.

## When to ignore it
When something else makes the other kind under the same name.

## References
- test(1): `-d`, `-f`, `-e`
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command, Guard, Test
from ..lineage.effects.model import Copy, Effect, Link, MakeDirectory, Write
from ..lineage.image.image import EffectiveImage
from ..lineage.text.places import Place
from ..lineage.text.symbolic_paths import base_name
from .base import Message, Severity

SEVERITY = Severity.WARNING

_PROGRAMS = frozenset(("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"))
_KINDS = {"-d": "directory", "-f": "file"}


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    for step in boot.steps:
        told: set[Place] = set()
        for effect in step.effects:
            made = _made(image, effect)
            if made is None or effect.command is None or made[0].endswith((".desktop", "/.desktop")):
                continue
            for guard in effect.command.guards:
                test = guard.holds
                if test is None or guard.place in told or not _misfits(test, *made):
                    continue
                if not _is_of_kind(image, boot, test) and not _is_asked_for_too(effect.command, test, made[1]):
                    told.add(guard.place)
                    yield _message(step, guard, test, made[1])


def _made(image: EffectiveImage, effect: Effect) -> tuple[str, str] | None:
    """(path, `file` or `directory`) of what a command surely makes."""
    if isinstance(effect, MakeDirectory):
        return effect.path.canonical, "directory"
    if isinstance(effect, Link):
        return _linked(image, effect)
    if isinstance(effect, Write):
        return (effect.path.canonical, "file") if not effect.path.opaque else None
    if not isinstance(effect, Copy) or effect.globs or len(effect.sources) != 1 or effect.sources[0].literal is None:
        return None
    source = effect.sources[0]
    node = image.tree.find(source.canonical.removesuffix("/."))
    if node is None or node.kind not in ("file", "directory") or effect.target.opaque:
        return None
    if node.kind == "directory" and not (effect.recursive or effect.moves):
        return None  # cp refuses
    target = effect.target.canonical.rstrip("/")
    if effect.into or (node.kind == "file" and _is_directory(image, target)):
        target = f"{target}/{base_name(source).canonical}"
    return target, node.kind


def _linked(image: EffectiveImage, effect: Link) -> tuple[str, str] | None:
    """A symbolic link, and what it leads to: a node that is known, or a program in a folder of programs."""
    target = effect.target.literal
    if not effect.symbolic or effect.path.opaque or target is None or effect.into:
        return None
    node = image.tree.find(target) if target.startswith("/") else None
    kind = node.kind if node is not None else "file" if target.rpartition("/")[0] in _PROGRAMS else None
    return (effect.path.canonical, kind) if kind in ("file", "directory") else None


def _is_directory(image: EffectiveImage, path: str) -> bool:
    node = image.tree.find(path)
    return node is not None and node.kind == "directory"


def _misfits(test: Test, path: str, kind: str) -> bool:
    if test.op not in _KINDS or _KINDS[test.op] == kind or test.operands[0].opaque or not test.negated:
        return False
    return test.operands[0].canonical.rstrip("/") == path


def _is_asked_for_too(command: Command, test: Test, kind: str) -> bool:
    """Whether another test on the way asks for what is made: then the two together change their answer."""
    path = test.operands[0].canonical.rstrip("/")
    tests = (guard.holds for guard in command.guards)
    return any(
        other is not None
        and other.negated
        and (other.op in ("-e", "-s") or _KINDS.get(other.op) == kind)
        and other.operands[0].canonical.rstrip("/") == path
        for other in tests
    )


def _is_of_kind(image: EffectiveImage, boot: BootPlan, test: Test) -> bool:
    """Whether the image or another command makes what the test looks for."""
    path = test.operands[0].canonical.rstrip("/")
    node = image.tree.find(path)
    if node is not None and node.kind == _KINDS[test.op]:
        return True
    return any(_made(image, effect) == (path, _KINDS[test.op]) for step in boot.steps for effect in step.effects)


def _message(step: StartStep, guard: Guard, test: Test, kind: str) -> Message:
    path = test.operands[0].canonical
    right = "-f" if kind == "file" else "-d"
    return Message(
        guard.place,
        f"`{test.op}` asks whether `{path}` is a {_KINDS[test.op]}, and what is made under the test is a {kind}: the test never "
        "changes its answer.",
        f"Test with `{right}` or `-e`.",
        subject=path,
        owner=step.image,
    )
