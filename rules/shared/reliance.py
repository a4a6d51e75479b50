"""Commands of a start script whose failure nobody looks at, and what later relies on their success."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...lineage.boot.plan import StartStep
from ...lineage.commands.model import Command
from ...lineage.effects.model import ChangeMode, ChangeOwner, Effect, MakeAccount, MakeDirectory, NeedAccount, Remove
from ...lineage.image.image import EffectiveImage
from ...lineage.text.errors import Unknown
from ...lineage.text.places import Place
from ...lineage.text.symbolic import Text


@dataclass(frozen=True, slots=True)
class Reliance:
    """`first` may fail unnoticed; `then` is the place of what relies on it. `what`: the directory, or the account."""

    kind: str
    first: Command
    then: Place
    what: Text


def reliances_of(image: EffectiveImage, step: StartStep) -> Iterator[Reliance]:
    """`cd` and `useradd` that are not checked, where something after them needs their success."""
    if step.script is None or step.script.reading is None:
        return
    commands = step.script.commands
    if any(command.errexit for command in commands):
        return
    looked_at = {guard.place for command in commands for guard in command.guards}
    for index, command in enumerate(commands):
        if command.place in looked_at or command.pipe is not None:
            continue
        if command.name == "cd" and len(command.argv) == 2 and command.argv[0].literal == "cd":
            found = _after_cd(image, step, commands, index)
        elif command.name in ("useradd", "adduser"):
            found = _after_account(step, command)
        else:
            found = None
        if found is not None:
            yield found


def _after_cd(image: EffectiveImage, step: StartStep, commands: tuple[Command, ...], index: int) -> Reliance | None:
    command = commands[index]
    following = commands[index + 1 :]
    target = following[0].directory if following else None
    if target is None or target.literal in ("/", "/tmp", "/root"):
        return None
    there = _is_there(image, step, command, target)
    if there is True:
        return None
    for effect in step.effects:
        one = effect.command
        if one is None or one not in following or one.directory != target or one.subshell != command.subshell:
            continue
        if isinstance(effect, Remove | ChangeOwner | ChangeMode) and _is_relative(effect):
            return Reliance("cd", command, effect.place, target)
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
    node = image.tree.get(literal)
    if isinstance(node, Unknown):
        return node
    return node is not None


def _after_account(step: StartStep, command: Command) -> Reliance | None:
    made = next((e for e in step.effects if isinstance(e, MakeAccount) and e.command is command), None)
    if made is None or made.system:
        return None
    behind = step.effects[step.effects.index(made) + 1 :]
    for effect in behind:
        name = (
            effect.name
            if isinstance(effect, NeedAccount)
            else effect.owner
            if isinstance(effect, ChangeOwner)
            else None
        )
        if name is not None and name.canonical == made.name.canonical:
            return Reliance("account", command, effect.place, made.name)
    return None
