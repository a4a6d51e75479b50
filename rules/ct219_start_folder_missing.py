"""A start script goes to, or writes into, a folder that is not in the image.

## What it does
Reports, where a failure ends the script (`set -e`, `exec`), a `cd` to a folder, a redirection (`> /var/log/app/all`) and a
`touch`, `tee` or `mkdir` without `-p` whose folder is surely not in the image, and that no start script makes; and `cd $HOME`
where the build makes the account of USER without its home. Folders that somebody here mounts, that are a VOLUME or of which a
README or another text of the repository speaks are left alone, as are those in which distributions and programs put their own,
and those that lie elsewhere than below `/var`, `/etc`, `/usr`, `/opt`, `/srv` and the home. Where not all of the image is known,
it is a warning, and only told of folders of `/srv` and `/var/log`, which distributions' packages leave to the user by custom.

## Why it matters at run time
"No such file or directory": the script ends there, and what it has to start is not started.

## When to ignore it
When the folder is mounted into every container.

## References
- POSIX.1-2024, Shell Command Language, 2.7 "Redirection", 2.8.1 "Consequences of Shell Errors"
- useradd(8), `--create-home`
"""

import posixpath
from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command
from ..lineage.effects.model import MakeDirectory
from ..lineage.image.accounts import Account
from ..lineage.image.distributions import distributions
from ..lineage.image.image import EffectiveImage
from ..lineage.image.program_lookup import file_at
from ..lineage.image.script_files import text_of
from ..lineage.image.tree import Node
from ..lineage.late.patterns import pattern
from ..lineage.text.errors import Unknown
from ..lineage.text.paths import within
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Severity, Undecided
from .shared.hidden_paths import mounted_over
from .shared.missing_programs import may_be_made
from .shared.told_paths import is_told_of

SEVERITY = Severity.ERROR

_BELOW = ("/var/", "/etc/", "/usr/", "/opt/", "/srv/")
_NEED_IT = frozenset(
    "cd ls touch tee echo printf cat chown chmod chgrp [ test [[ find rm grep sed exec stat du df".split()
)
"""Commands that make no folder, whatever they are given."""
_LOGS = "/var/log"
_SKELETON = pattern(r"CREATE_HOME|useradd\s+-D")
"""What makes `useradd` make homes without being told to."""
_HOME = frozenset(("$HOME", '"$HOME"', "${HOME}", '"${HOME}"', "~"))


def check(
    image: EffectiveImage, boot: BootPlan, source: ImageSource, workspace: Workspace
) -> Iterator[Message | Undecided]:
    doubt: Unknown | None = None
    for step in boot.of_kind("entrypoint", "cmd", "cont-init", "oneshot", "longrun", "services.d"):
        told: set[str] = set()
        for command, folder, does in _needed(image, step):
            if folder in told:
                continue
            told.add(folder)
            absent = _is_absent(image, folder, of_home=does == _GOES_HOME)
            if isinstance(absent, Unknown):
                doubt = absent if doubt is None else doubt
            elif absent is not None and not _may_be_there(image, boot, source, step, command, folder):
                mount = mounted_over(workspace, source, folder)
                unsure = mount if isinstance(mount, Unknown) else boot.open if mount is None else None
                if unsure is not None:
                    doubt = unsure
                elif mount is None:
                    yield _message(step, command, folder, does, absent)
    if doubt is not None:
        yield Undecided(doubt)


_GOES_HOME = "goes to its home"


def _message(step: StartStep, command: Command, folder: str, does: str, absent: Severity) -> Message:
    by_custom = " (nothing here does, and no package is known to)" if absent is not SEVERITY else ""
    return Message(
        command.place,
        f"{step.label} {does} {folder}, which nothing makes{by_custom}: it ends there.",
        f"Let the build make it: `RUN mkdir -p {folder}`, and give it to whom the script runs as.",
        severity=absent if absent is not SEVERITY else None,
        subject=folder,
        owner=step.image,
    )


def _may_be_there(
    image: EffectiveImage,
    boot: BootPlan,
    source: ImageSource,
    step: StartStep,
    command: Command,
    folder: str,
) -> bool:
    volumes = [volume.value for volume in image.volumes]
    if any(within(folder, one) or within(one, folder) for one in volumes):
        return True
    if may_be_made(boot, folder, step, command, ()) or any(_handles(one, folder) for one in boot.steps):
        return True
    return is_told_of(source, folder)


def _handles(step: StartStep, folder: str) -> bool:
    """Whether a command of a step may make the folder in a way of its own: it names it, or makes one that is not known."""
    if any(isinstance(effect, MakeDirectory) and effect.path.literal is None for effect in step.effects):
        return True
    reading = step.script.reading if step.script is not None else None
    return any(
        one.name not in _NEED_IT and any(within(folder, word.literal) for word in one.arguments if word.literal)
        for one in (reading.commands if reading is not None else ())
        if not one.function
    )


def _is_absent(image: EffectiveImage, folder: str, *, of_home: bool) -> Severity | Unknown | None:
    """How sure it is that the folder is not in the image: an error where that is proved, a warning where it rests on what
    distributions do by custom; None where it is there."""
    found = image.tree.get(folder) if of_home else file_at(image, folder)
    if isinstance(found, Node):
        return None
    if found is None and not (folder.startswith("/srv/") and image.accounts.packages):
        return SEVERITY
    if _is_left_to_the_user(image, folder):
        return Severity.WARNING
    return found if found is not None else Unknown(f"an installed package may bring {folder}")


def _is_left_to_the_user(image: EffectiveImage, folder: str) -> bool:
    """Whether a folder lies in /srv, where distributions' packages leave all but a few names to the user, or in /var/log where
    nothing was installed."""
    real = image.tree.resolve(folder)
    covering = [cloud for cloud in image.tree.clouds if cloud.covers(real)]
    packages = image.accounts.packages
    if folder.startswith("/srv/"):
        name = folder.split("/")[2]
        named = name in distributions().server_folders or any(name in package for package in packages)
        return not named and all(cloud.by in ("packages", "distribution") for cloud in covering)
    if packages or posixpath.dirname(folder) != _LOGS or posixpath.basename(folder) in distributions().log_folders:
        return False
    return isinstance(image.tree.get(_LOGS), Node) and all(cloud.by == "distribution" for cloud in covering)


def _needed(image: EffectiveImage, step: StartStep) -> Iterator[tuple[Command, str, str]]:
    """The commands that the step surely runs and that end it where a folder is missing: with the folder, and what they do."""
    reading = step.script.reading if step.script is not None else None
    if reading is None or any(one.place.path == step.place.path for one in reading.unread):
        return
    handled = {
        guard.place for one in reading.commands for guard in one.guards if guard.kind in ("||", "if", "while", "until")
    }
    for command in reading.commands:
        if not command.sure or command.substitution or command.background or command.pipe is not None:
            continue
        if command.place in handled or not ((command.errexit and not command.ignores_failure) or command.exec):
            continue
        if any(one.fd == 2 and one.writes and one.operator != "&>" for one in command.redirects):
            continue
        yield from _folders(image, step, command)


def _folders(image: EffectiveImage, step: StartStep, command: Command) -> Iterator[tuple[Command, str, str]]:
    for redirect in command.redirects:
        target = redirect.target.literal if redirect.writes and redirect.target is not None else None
        if target is not None and target.startswith(_BELOW):
            yield command, posixpath.dirname(target), "writes into"
    if not command.errexit:
        return  # what `exec` starts is another program
    words = [word.literal for word in command.arguments]
    if command.name == "cd" and len(words) == 1:
        home = _home(image, step) if command.arguments[0].raw in _HOME else None
        if home is not None:
            yield command, home, _GOES_HOME
        elif words[0] is not None and words[0].startswith(_BELOW):
            yield command, words[0].rstrip("/"), "goes to"
    elif command.name in ("touch", "tee", "mkdir"):
        if any(word is None or word.startswith("-") for word in words):
            return
        for word in words:
            if word is not None and word.startswith(_BELOW):
                yield command, posixpath.dirname(word.rstrip("/")), "writes into"


def _built(image: EffectiveImage) -> Iterator[str]:
    return (step.instruction.body.text for step in image.steps if step.instruction.keyword == "RUN")


def _text(step: StartStep) -> str:
    text = text_of(step.script.node) if step.script is not None else None
    return text.text if text is not None else ""


def _home(image: EffectiveImage, step: StartStep) -> str | None:
    """The home of USER, where this Dockerfile makes the account and nothing sets HOME."""
    user = image.user
    if any(word in _text(step) for word in ("HOME=", "read HOME")) or any(
        _SKELETON.search(one) for one in _built(image)
    ):
        return None
    if user is None or "HOME" in image.env or step.kind not in ("entrypoint", "cmd") or not image.owns(user.image):
        return None
    account = image.accounts.known.get(user.value.partition(":")[0])
    if not isinstance(account, Account) or not account.sure or account.place is None or not image.owns(account.image):
        return None
    return account.home
