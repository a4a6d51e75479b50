"""A daemon is started that does not start while the file of its last run is there.

## What it does
Reports a lock or pid file that is taken away only where a command that stops the program has worked (`vncserver -kill :1 && rm
/tmp/.X*`), and a start script that starts a program which refuses to run while its pid file exists (`dbus-daemon --system`,
`xrdp`, `xrdp-sesman`), where nothing that runs before takes the file away. Programs that are started by an init script of the
distribution, which does that itself, are left alone, and so are those that look whether the process is still there.

## Why it matters at run time
The first start works. A container that was stopped hard, or ended while the program ran, keeps the file, and at the next
`docker start` the program says that it is running already, and ends.

## When to ignore it
When the folder of the file is a tmpfs in every container.

## References
- dbus-daemon(1), `<pidfile>`; xrdp(8), xrdp-sesman(8); docker container restart
"""

from collections.abc import Iterator, Sequence

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command
from ..lineage.effects.model import Effect, Opens, Remove
from ..lineage.image.image import EffectiveImage
from ..lineage.late.patterns import pattern
from ..lineage.text.paths import within
from ..lineage.text.places import Place
from .base import Message, Severity

SEVERITY = Severity.WARNING

_PID_FILES = {
    "dbus-daemon": ("/run/dbus/pid", "/run/dbus.pid", "/run/messagebus.pid"),
    "xrdp": ("/run/xrdp/xrdp.pid", "/run/xrdp.pid"),
    "xrdp-sesman": ("/run/xrdp/xrdp-sesman.pid", "/run/xrdp-sesman.pid"),
}
_ALL_FILES = tuple(path for paths in _PID_FILES.values() for path in paths)
_LOCK = pattern(r"\A/tmp/\.X|\.pid\Z|[.-]lock\Z")
_HARMLESS_OPTIONS = ("--session", "--nopidfile", "--kill", "-k", "--config-file", "--help", "-h")


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    before: set[str] = set()
    for step in boot.steps:
        script = step.script
        if script is None or script.reading is None or step.kind == "session":
            continue
        own = [effect for effect in step.effects if isinstance(effect, Remove | Opens)]
        yield from _only_where_it_ran(step, own)
        taken: dict[str, Place | bool] = {}
        for command in script.commands:
            files = _pid_files(command)
            for path in files:
                if path not in taken:
                    taken[path] = path in before or _taken_away(path, own)
            if files and not any(_is_behind(command, taken[path]) for path in files):
                yield Message(
                    command.place,
                    f"{step.label} starts {command.name}, which refuses to run while the pid file of its last run is there "
                    f"({files[0]}), and nothing takes that away: after a hard stop it does not start again.",
                    f"Remove the file before: `rm -f {files[0]}`.",
                    subject=command.name,
                    owner=step.image,
                )
        before |= {path for path in _ALL_FILES if any(_takes_away(effect, path) for effect in own)}


def _taken_away(path: str, own: Sequence[Effect]) -> Place | bool:
    """Whether a script surely removes a file, or the first place of it that may have removed it."""
    if any(_takes_away(effect, path) for effect in own if isinstance(effect, Remove)):
        return True
    return min((effect.place for effect in own if _takes_away(effect, path)), default=False)


def _is_behind(command: Command, taken: Place | bool) -> bool:
    return taken if isinstance(taken, bool) else taken < command.place


def _only_where_it_ran(step: StartStep, effects: Sequence[Effect]) -> Iterator[Message]:
    """A lock that is removed behind `&&`, and the command before it fails where nothing runs: when the container starts."""
    stopping: dict[Place, Command] = {}
    for one in step.script.commands if step.script is not None else ():
        if _stops(one):
            stopping.setdefault(one.place, one)
    told: set[Place] = set()
    for effect in effects:
        command = effect.command
        if not isinstance(effect, Remove) or command is None or not _LOCK.search(effect.path.canonical):
            continue
        first = next(
            (
                stopping[guard.place]
                for guard in command.guards
                if guard.kind == "&&" and guard.presumed and guard.place in stopping
            ),
            None,
        )
        if first is not None and command.place not in told:
            told.add(command.place)
            yield Message(
                command.place,
                f"{step.label} removes {effect.path.canonical} only where `{first}` works, and that fails when nothing runs: the "
                "file of the last run stays after a restart of the container.",
                "Put `;` or `||` between the two.",
                subject=effect.path.canonical,
                owner=step.image,
            )


def _stops(command: Command) -> bool:
    words = [word.literal or "" for word in command.arguments]
    return command.name in ("kill", "pkill", "killall") or any(word in ("-kill", "--kill", "stop") for word in words)


def _pid_files(command: Command) -> tuple[str, ...]:
    words = [word.text.canonical for word in command.arguments]
    if not command.sure or command.substitution or any(word.startswith(_HARMLESS_OPTIONS) for word in words):
        return ()
    if command.name == "dbus-daemon" and "--system" not in words:
        return ()
    return _PID_FILES.get(command.name, ())


def _takes_away(effect: Effect, path: str) -> bool:
    if isinstance(effect, Opens):
        return effect.may_remove and any(within(path, base) for base in effect.below)
    if not isinstance(effect, Remove):
        return False
    target = effect.path.canonical.replace("/var/run/", "/run/")
    fixed = target.split("*")[0].rstrip("/")
    if target.rpartition("/")[0] == path.rpartition("/")[0] and target.endswith(("/pid", ".pid")):
        return True  # a build may name the pid file otherwise
    return effect.path.opaque or within(path, target) or (effect.globs and path.startswith(fixed)) or bool(effect.names)
