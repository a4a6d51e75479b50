"""A later step of a start script relies on a command that may fail unnoticed.

## What it does
Reports, in scripts without `set -e`, a `cd` that nobody checks and after which files are removed or given away by relative
names, where the directory is not surely there; and a `useradd` that nobody checks, where a later command needs the account.
A `cd` to a folder whose name is one of the image's but for a slip is reported in every script.

## Why it matters at run time
When `cd` fails the script goes on where it is: `rm -rf ./*` empties another directory. When `useradd` fails everything
after it fails too, and the container looks as if it had started.

## When to ignore it
When the failure is harmless in each place that follows.

## References
- POSIX shell, `set -e`; `cd`
- useradd(8), exit values
"""

import re
from collections.abc import Iterable, Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command
from ..lineage.effects.model import ChangeMode, ChangeOwner, Effect, MakeAccount, MakeDirectory, NeedAccount, Remove
from ..lineage.image.image import EffectiveImage
from ..lineage.late.dataclasses import dataclass
from ..lineage.text.errors import Unknown
from ..lineage.text.paths import within
from ..lineage.text.places import Place
from ..lineage.text.spelling import near_name
from ..lineage.text.symbolic import Text
from .base import Message, Related, Severity, Undecided
from .shared.questions import lines_at, text_of_run
from .shared.subjects import account_made_at

SEVERITY = Severity.WARNING
YIELDS_TO = ("CT305",)


@dataclass(frozen=True, slots=True)
class Reliance:
    """`first` may fail unnoticed; `then` is the place of what relies on it. `what`: the directory, or the account."""

    kind: str
    first: Command
    then: Place
    what: Text
    doubt: Unknown | None = None
    """Why the directory may well be there."""


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message | Undecided]:
    told: set[tuple[str, int]] = set()
    for step in boot.steps:
        yield from _slips(image, boot, step)
    for step in boot.of_kind("cont-init", "oneshot", "entrypoint"):
        for reliance in reliances_of(image, step):
            place = reliance.first.place
            if (place.path, place.line) not in told:
                told.add((place.path, place.line))
                yield _message(step, reliance) if reliance.doubt is None else Undecided(reliance.doubt)


def _slips(image: EffectiveImage, boot: BootPlan, step: StartStep) -> Iterator[Message]:
    """`cd` to a folder that nothing known makes, beside one of nearly the same name."""
    told: set[str] = set()
    for command in step.script.commands if step.script is not None else ():
        path = command.argv[1].literal if command.name == "cd" and len(command.argv) == 2 else None
        if path is None or not path.startswith("/") or image.tree.find(path) is not None or command.callers:
            continue
        if path in told:
            continue  # one slip, one finding
        told.add(path)
        folder, _, name = path.rstrip("/").rpartition("/")
        beside = {*image.tree.children(folder or "/"), *_named_by_build(image, folder)}
        meant = near_name(name, beside)
        made = any(
            isinstance(effect, MakeDirectory) and effect.path.canonical == path
            for one in boot.steps
            for effect in one.effects
        )
        if meant is not None and not made:
            yield Message(
                command.place,
                f"Nothing known makes `{path}`, and the image has `{folder}/{meant}`: `cd` fails.",
                f"Write `cd {folder}/{meant}`.",
                subject=path,
                owner=step.image,
            )


def _named_by_build(image: EffectiveImage, folder: str) -> Iterator[str]:
    """What the image's own RUNs name right below a folder: it may be a clone or an archive that puts it there."""
    for step in image.steps:
        if step.instruction.keyword == "RUN":
            yield from re.findall(rf"(?<![\w.-]){re.escape(folder)}/(\w[\w.-]*)", text_of_run(step))


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
    about = (account_made_at(reliance.first.place),) if reliance.kind == "account" else ()
    related = (Related(reliance.then, then),)
    return Message(reliance.first.place, text, cure, related, subject=what, owner=step.image, about=about)


def reliances_of(image: EffectiveImage, step: StartStep) -> Iterator[Reliance]:
    """`cd` and `useradd` that are not checked, where something after them needs their success."""
    if step.script is None or step.script.reading is None:
        return
    commands = step.script.commands
    if any(command.errexit for command in commands):
        return
    looked_at = {guard.place for command in commands for guard in command.guards}
    made = {id(e.command): (at, e) for at, e in reversed([*enumerate(step.effects)]) if isinstance(e, MakeAccount)}
    ending = [(index, command) for index, command in enumerate(commands) if _may_end(command)]
    needs = _needs(step)
    for index, command in enumerate(commands):
        if command.place in looked_at or command.pipe is not None:
            continue
        if command.name == "cd" and len(command.argv) == 2 and command.argv[0].literal == "cd":
            found = _after_cd(image, step, commands, index)
        elif command.name in ("useradd", "adduser"):
            at, account = made.get(id(command), (0, None))
            after = (one for place, one in ending if place > index)
            tested = account is None or _looked_for(image, step, after, account)
            found = None if account is None or tested else _after_account(needs, at, account)
        else:
            found = None
        if found is not None:
            yield found


def _after_cd(image: EffectiveImage, step: StartStep, commands: tuple[Command, ...], index: int) -> Reliance | None:
    command = commands[index]
    following = commands[index + 1 :]
    target = following[0].directory if following else None
    if target is None or target.opaque or target.literal in ("/", "/tmp", "/root"):
        return None
    there = _is_there(image, step, command, target)
    if there is True:
        return None
    for effect in step.effects:
        one = effect.command
        if one is None or one not in following or one.directory != target or one.subshell != command.subshell:
            continue
        if isinstance(effect, Remove | ChangeOwner | ChangeMode) and _is_relative(effect):
            return Reliance("cd", command, effect.place, target, there if isinstance(there, Unknown) else None)
    return None


def _is_relative(effect: Effect) -> bool:
    """Whether the operand that the effect was read off does not name the directory itself."""
    command = effect.command
    if command is None:
        return False
    words = [word for word in command.arguments if word.place == effect.place]
    return any(
        not word.text.prefix.startswith("/") and isinstance(next(iter(word.text.pieces), None), str) for word in words
    )


def _is_there(image: EffectiveImage, step: StartStep, command: Command, directory: Text) -> bool | Unknown:
    """Whether the directory is made by the step or is the image's, so that `cd` does not fail."""
    for effect in step.effects:
        if isinstance(effect, MakeDirectory) and effect.path.canonical == directory.canonical:
            return True
    if any(guard.holds is not None and guard.holds.op == "-d" and not guard.holds.negated for guard in command.guards):
        return True
    literal = directory.literal
    if literal is None:
        return False
    if any(within(volume.value, literal) for volume in image.volumes):
        return True
    node = image.tree.get(literal)
    if isinstance(node, Unknown):
        return node
    return node is not None


_ENDS = frozenset(("exit", "halt", "poweroff", "reboot", "s6-svscanctl"))


def _may_end(command: Command) -> bool:
    """Whether the script ends with a command, or waits there for ever."""
    waits = command.name == "sleep" and any((word.literal or "").startswith("inf") for word in command.arguments)
    return waits or command.name in _ENDS


def _looked_for(image: EffectiveImage, step: StartStep, ending: Iterable[Command], made: MakeAccount) -> bool:
    """Whether a test of the account behind the command that makes it ends the script, or lets it wait for ever."""
    name = made.name.literal or next(iter(made.name.variables), None)
    if name is None:
        return False
    guards = made.command.guards if made.command is not None else ()
    for one in ending:
        for guard in one.guards:
            if guard.presumed or guard in guards:
                continue
            tested = "\n".join(lines_at(image, step, guard.place))
            if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", tested):
                return True
    return False


def _needs(step: StartStep) -> dict[str, list[tuple[int, Place]]]:
    """Where the effects of a step need an account to be there, by its name, in order."""
    found: dict[str, list[tuple[int, Place]]] = {}
    for at, effect in enumerate(step.effects):
        name = (
            effect.name
            if isinstance(effect, NeedAccount)
            else effect.owner
            if isinstance(effect, ChangeOwner)
            else None
        )
        if name is not None:
            found.setdefault(name.canonical, []).append((at, effect.place))
    return found


def _after_account(needs: dict[str, list[tuple[int, Place]]], at: int, made: MakeAccount) -> Reliance | None:
    if made.system or made.command is None:
        return None
    then = next((place for number, place in needs.get(made.name.canonical, ()) if number > at), None)
    return Reliance("account", made.command, then, made.name) if then is not None else None
