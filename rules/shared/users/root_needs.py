"""What a container's start needs root, or a capability, for: accounts, owners, becoming somebody else."""

from collections.abc import Iterator, Sequence

from ....lineage.boot.account_needs import surely_at_first_start
from ....lineage.boot.plan import BootPlan
from ....lineage.boot.steps import StartStep
from ....lineage.commands.model import Command
from ....lineage.consumers.model import ConsumerSetting
from ....lineage.effects.model import (
    ChangeAccount,
    ChangeOwner,
    Effect,
    InstallPackages,
    MakeAccount,
    MakeGroup,
    NeedAccount,
    RemoveAccount,
    RenameAccount,
)
from ....lineage.late.dataclasses import dataclass
from ....lineage.text.errors import Unknown
from ....lineage.text.numbers import natural
from ....lineage.text.places import Place

SWITCHES = frozenset(
    (
        "s6-setuidgid",
        "s6-applyuidgid",
        "setuidgid",
        "su",
        "su-exec",
        "gosu",
        "setpriv",
        "runuser",
        "chroot",
        "start-stop-daemon",
    )
)
"""Programs that become another user, which root alone can."""
BY_OPERAND = frozenset(("gosu", "su-exec", "s6-setuidgid", "setuidgid"))
"""Those whose first operand is the user: all that follows is the program."""


@dataclass(frozen=True, slots=True)
class RootNeed:
    """An effect of a step that fails unless it is done as root. `capability` is what the kernel asks for.

    `vital`: without it the service or the account is not there; else files keep the wrong owner.
    """

    step: StartStep
    effect: Effect
    what: str
    capability: str
    vital: bool


def root_needs(boot: BootPlan) -> Iterator[RootNeed]:
    """What surely needs root when the container starts, in order; what stands under a test of the user is left out."""
    for step in boot.steps:
        if step.kind == "session":
            continue
        tried = _tried(step.script.commands if step.script is not None else ())
        for effect in step.effects:
            if not _surely(boot, effect) or _runs_elsewhere(effect) or _is_tried(effect.command, tried):
                continue
            need = _need(step, effect)
            if need is not None:
                yield need
        yield from _switches(step, tried)


def _tried(commands: Sequence[Command]) -> frozenset[Place]:
    """The commands of which a script asks whether they succeed, with another way to go on where they do not.

    `if gosu nobody true; then`, `su-exec app true || exec "$@"`, and `gosu nobody true && exec gosu app "$@"` where more
    follows; a way that ends the script with an error is none.
    """
    asked: set[Place] = set()
    refused: set[Place] = set()
    for index, command in enumerate(commands):
        for guard in command.guards:
            if guard.kind in ("if", "||"):
                asked.add(guard.place)
                if guard.negated and command.name in ("exit", "return") and _is_failure(command):
                    refused.add(guard.place)
            elif guard.kind == "&&" and command.exec and _goes_on(commands[index + 1 :], guard.place):
                asked.add(guard.place)
    return frozenset(asked - refused)


def _is_failure(command: Command) -> bool:
    return len(command.argv) < 2 or command.argv[1].literal != "0"


def _goes_on(following: Sequence[Command], place: Place) -> bool:
    return any(all(guard.place != place for guard in command.guards) for command in following)


def _is_tried(command: Command | None, tried: frozenset[Place]) -> bool:
    """Whether a command's failure, or that of what it stands under, is one of two ways that a script has."""
    if command is None:
        return False
    return command.place in tried or any(guard.presumed and guard.place in tried for guard in command.guards)


def _switches(step: StartStep, tried: frozenset[Place]) -> Iterator[RootNeed]:
    """Programs that become root or a number, or another user for what the container's own arguments say: no account of the
    image is needed for that, so that no effect speaks of it.
    """
    told = {id(effect.command) for effect in step.effects if isinstance(effect, NeedAccount)}
    for command in step.script.commands if step.script is not None else ():
        if not command.sure or id(command) in told or (command.ignores_failure and command.errexit):
            continue
        if _is_tried(command, tried):
            continue
        named = [(wrapper.name, wrapper.argv) for wrapper in command.wrappers]
        for name, argv in (*named, (command.name, command.argv)):
            if name not in BY_OPERAND or len(argv) < 2 or not argv[1].text.pieces:
                continue
            user = argv[1].text
            effect = NeedAccount(place=argv[1].place, user=command.user, sure=True, command=command, name=user, by=name)
            yield RootNeed(step, effect, f"`{name}` becomes {user.canonical}", "SETUID", True)
            break


def _surely(boot: BootPlan, effect: Effect) -> bool:
    """Whether the effect happens at the first start, when there is neither account nor group that the start makes."""
    if surely_at_first_start(boot, effect):
        return True
    command = effect.command
    if command is None or command.loop is not None or not isinstance(effect, MakeAccount | MakeGroup):
        return False
    return all(
        guard.presumed or (guard.holds is not None and guard.holds.op in ("user", "group") and guard.holds.negated)
        for guard in command.guards
    )


def _runs_elsewhere(effect: Effect) -> bool:
    """Whether the command's failure is foreseen, or it is run by sudo, which makes root of anybody."""
    command = effect.command
    return command is not None and any(wrapper.name in ("sudo", "doas") for wrapper in command.wrappers)


def _need(step: StartStep, effect: Effect) -> RootNeed | None:
    tolerated = effect.command is not None and effect.command.ignores_failure and effect.command.errexit
    if isinstance(effect, NeedAccount):
        if effect.by in SWITCHES:
            return RootNeed(step, effect, f"`{effect.by}` becomes {effect.name.canonical}", "SETUID", True)
        return None
    if tolerated:
        return None
    if isinstance(effect, MakeAccount | MakeGroup):
        return RootNeed(step, effect, f"it makes {_named(effect)}", "", True)
    if isinstance(effect, ChangeAccount | RenameAccount | RemoveAccount):
        return RootNeed(step, effect, f"it changes the account {effect.name.canonical}", "", True)
    if isinstance(effect, InstallPackages):
        return RootNeed(step, effect, f"`{effect.manager}` installs packages", "", True)
    if isinstance(effect, ChangeOwner):
        return RootNeed(step, effect, f"`chown` gives {effect.path.canonical} away", "CHOWN", False)
    return None


def _named(effect: MakeAccount | MakeGroup) -> str:
    kind = "account" if isinstance(effect, MakeAccount) else "group"
    return f"the {kind} {effect.name.canonical}"


def capability(setting: ConsumerSetting[str]) -> str | None:
    """A capability that a consumer names, as it is called here: without `CAP_`, in capitals; None where not known."""
    return setting.known.upper().removeprefix("CAP_") if setting.known is not None else None


def is_root(user: str) -> bool:
    """Whether a user as Docker writes it (`UID[:GID]` or a name) is root."""
    name = user.partition(":")[0].strip()
    return name in ("", "root") or natural(name) == 0


def unread_steps(boot: BootPlan) -> Unknown | None:
    """Why the start may do more than is known."""
    if boot.open is not None:
        return boot.open
    for step in boot.steps:
        script = step.script
        if script is None or (script.reading is None and script.node.facts is None):
            return Unknown(f"what {step.label} does at start is not known")
    return None
