"""A build step that needs root runs under a USER that is not root.

## What it does
Reports a RUN that installs packages of the distribution (`apt-get install`, `apk add`, `dnf install`) or makes an account or
group, where the USER before it, of this Dockerfile or of a parent image that is known, is another account than root and
nothing (`sudo`, `su`, `gosu`, a SHELL that begins with `fakeroot`) makes the command root's.

## Why it matters at run time
The build fails: "could not open lock file: Permission denied", "cannot lock /etc/passwd".

## When to ignore it
When the account has the number 0 in a way that ctlint cannot see, or the program is setuid in this image.

## References
- Dockerfile reference, "USER": the account of the RUN instructions behind it
- apt-get(8), apk(8), useradd(8)
"""

from collections.abc import Iterator

from ..lineage.commands.model import Command
from ..lineage.effects.model import Effect, InstallPackages, MakeAccount, MakeGroup
from ..lineage.image.image import BuildStep, EffectiveImage, StageImages
from ..lineage.late.patterns import pattern
from ..lineage.text.errors import Unknown
from ..lineage.text.numbers import is_digits
from ..lineage.text.spelling import words_of
from .base import Message, Severity

SEVERITY = Severity.ERROR
YIELDS_TO = ("CT306",)
"""Where the parent's own USER is what keeps its start from root."""

_MANAGERS = frozenset(words_of("apt-get apt aptitude apt-fast apk dnf yum microdnf tdnf zypper"))
"""Managers that write into the system's own directories, whoever calls them."""
_ACCOUNTS = frozenset(words_of("useradd adduser groupadd addgroup"))
_PLAIN_SHELL = pattern(r"""[\s\["']*(?:/(?:usr/)?bin/)?(?:ba|da|a|z)?sh\b""")
_ELSEWHERE = ("-p", "--root", "-R", "--prefix", "--installroot", "--usermode")


def check(stages: StageImages) -> Iterator[Message]:
    for image in stages.stages:
        if _is_wrapped(image):
            continue
        for step in image.steps:
            if step.instruction.keyword == "RUN" and step.from_parent is None and _is_no_root(step):
                found = next((effect for effect in step.effects if _needs_root(effect, step)), None)
                if found is not None and found.command is not None:
                    yield _message(step, found, found.command, inherited=not _says_user(image, step))
                    break  # the build ends here


def _says_user(image: EffectiveImage, step: BuildStep) -> bool:
    """Whether the Dockerfile itself says before a step who runs it; else the parent does."""
    own = image.steps[: image.steps.index(step)]
    return any(one.instruction.keyword == "USER" and one.from_parent is None for one in own)


def _is_wrapped(image: EffectiveImage) -> bool:
    """Whether SHELL puts another program before the commands, which may make them root's (`fakeroot`, `sudo`)."""
    words = [image.shell.value[0]] if image.shell is not None and image.shell.value else []
    words += [s.instruction.body.text for s in image.steps if s.instruction.keyword == "SHELL"]
    return any(_PLAIN_SHELL.match(word) is None for word in words)


def _is_no_root(step: BuildStep) -> bool:
    """Whether the account that the RUN has is surely none with the number 0."""
    name = step.user.split(":")[0]
    if not name or "$" in name:
        return False
    if is_digits(name):
        return name.strip("0") != ""
    account = step.accounts.get(name)
    if name == "root" or isinstance(account, Unknown):
        return False
    return account is None or account.uid != 0


def _needs_root(effect: Effect, step: BuildStep) -> bool:
    command = effect.command
    if command is None or not effect.sure or command.ignores_failure or command.substitution:
        return False
    if command.wrappers or command.user.literal != step.user.split(":")[0]:
        return False
    if any((word.literal or "").startswith(_ELSEWHERE) for word in command.arguments):
        return False
    if isinstance(effect, InstallPackages):
        return effect.manager in _MANAGERS and not effect.removes
    return isinstance(effect, MakeAccount | MakeGroup) and command.name in _ACCOUNTS


def _message(step: BuildStep, effect: Effect, command: Command, *, inherited: bool) -> Message:
    installs = isinstance(effect, InstallPackages)
    what = f"{command.name} installs packages" if installs else f"{command.name} changes the accounts"
    name = step.user.split(":")[0]
    return Message(
        command.place,
        f"{what} as `{name}`, whom USER has set, and needs root: the build fails.",
        f"Put `USER root` before it and `USER {name}` behind it.",
        subject=name,
        about=(f"user {step.user}",) if inherited else (),
    )
