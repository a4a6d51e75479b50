"""A start script writes a key or a password file with a mode for which its program refuses it.

## What it does
Reports where a start script writes a private key of ssh (`~/.ssh/id_rsa`, `id_ed25519` …) or PostgreSQL's `.pgpass`, and neither
gives it another mode, in that script or another that runs at start, nor has set the umask before. A file that the image has
already keeps the mode that it has there, and is left alone.

## Why it matters at run time
What a shell writes is 0644. ssh says "UNPROTECTED PRIVATE KEY FILE" and ignores the key; libpq warns that `.pgpass` has group or
world access, and asks for the password, which nobody types.

## When to ignore it
When another program than ssh or libpq reads the file, or a mount of the file's own brings its mode.

## References
- ssh(1), "FILES", `~/.ssh/id_rsa`; PostgreSQL, libpq, "The Password File"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command
from ..lineage.effects.model import ChangeMode, Copy, Effect, Opens, Write
from ..lineage.image.image import EffectiveImage
from ..lineage.late.patterns import pattern
from .base import Message, Severity
from .shared.changed_modes import reaches

SEVERITY = Severity.WARNING

_KEY = pattern(r".*/\.ssh/id_(?:rsa|dsa|ecdsa|ed25519)")
_PASSWORDS = pattern(r".*/\.pgpass")

_OPEN = frozenset(("umask", "022", "0022", "22", "002", "0002"))
"""What leaves others the right to read."""


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    told: set[str] = set()
    for step in boot.steps:
        for effect in step.effects:
            if not isinstance(effect, Write) or effect.keeps or effect.command is None or not effect.sure:
                continue
            path = effect.path.canonical
            if effect.command.name != "tee" and not _is_redirected_to(effect.command, path):
                continue  # ssh-keygen and openssl give what they write a mode of its own
            key = _KEY.fullmatch(path) is not None
            if not (key or _PASSWORDS.fullmatch(path)) or path in told or _is_given_a_mode(image, boot, step, path):
                continue
            told.add(path)
            who = "ssh ignores a private key" if key else "libpq ignores a password file"
            yield Message(
                effect.place,
                f"{step.label} writes `{path}` with the mode 0644: {who} that others may read.",
                f"Give it its mode behind that, `chmod 600 {path}`, or set `umask 077` before.",
                subject=path,
                owner=step.image,
            )


def _is_redirected_to(command: Command, path: str) -> bool:
    """Whether the shell makes the file for the command, and not for its messages alone (`ssh-keygen -f KEY > /dev/null`)."""
    targets = (one.target for one in command.redirects if one.writes)
    return any(target is not None and _tail(target.text.canonical) == _tail(path) for target in targets)


def _is_given_a_mode(image: EffectiveImage, boot: BootPlan, step: StartStep, path: str) -> bool:
    """Whether it gets another mode, has one before it is written, or a command sets the umask."""
    if image.tree.find(path) is not None:
        return True
    commands = step.script.commands if step.script is not None else ()
    if any(command.name == "umask" and str(command).split()[-1] not in _OPEN for command in commands):
        return True
    return any(_changes(effect, path) for one in boot.steps for effect in one.effects)


def _changes(effect: Effect, path: str) -> bool:
    """Whether a command gives the file, or a folder above it with all that is in it, a mode; or puts another in its place."""
    if isinstance(effect, Opens):
        return True
    if isinstance(effect, Copy):
        return _tail(effect.target.canonical) == _tail(path)
    if not isinstance(effect, ChangeMode):
        return False
    return reaches(effect, path) or effect.path.opaque or effect.globs or _tail(effect.path.canonical) in _tails(path)


def _tail(path: str) -> str:
    """The last two parts of a path: the home before them can be written in several ways."""
    return "/".join(path.rstrip("/").split("/")[-2:])


def _tails(path: str) -> tuple[str, ...]:
    """The file and the folder that it lies in, by their last parts."""
    return (_tail(path), _tail(path.rpartition("/")[0]))
