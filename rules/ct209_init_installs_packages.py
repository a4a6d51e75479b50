"""Software is installed each time the container starts.

## What it does
Reports start scripts that install packages (apt-get, apk, dnf, pip, npm, gem, conda …), unpack archives that they download, or
run what they download, on a path that every start takes.

## Why it matters at run time
The start takes minutes, fails without a network or when the server has moved on, and the next start may bring other versions
than were tested.

## When to ignore it
When what is installed is the user's choice. `$EXTRA_PACKAGES` and what a project in the working directory asks for
(`npm install` without names) are not reported.

## References
- Docker documentation, "Building best practices"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command
from ..lineage.effects.model import Effect, InstallPackages, Opens, Unpack
from ..lineage.text.places import Place
from .base import Message, Severity

SEVERITY = Severity.WARNING

_OF_A_PROJECT = ("npm", "yarn", "pnpm", "bundle", "composer", "poetry", "pipenv")
"""Without names these install what a project asks for, and that may be the user's own, in a volume."""


def check(boot: BootPlan) -> Iterator[Message]:
    for step in boot.steps:
        told: set[Place] = set()  # a loop over names runs one command
        for effect in step.effects:
            command = effect.command
            if command is None or command.place in told or not effect.sure:
                continue
            what = _installed(effect)
            if what is not None:
                told.add(command.place)
                yield _message(step, command, what)


def _installed(effect: Effect) -> str | None:
    """What the effect installs from elsewhere; None for what the user chooses, and for local files."""
    if isinstance(effect, InstallPackages):
        if effect.removes or _runs_a_program(effect) or any(package.literal is None for package in effect.packages):
            return None
        names = [package.literal or "" for package in effect.packages]
        if not names and effect.manager in _OF_A_PROJECT:
            return None
        if names and all(name.startswith(("/", "./", "../")) or name == "." for name in names):
            return None
        return " ".join(names[:3]) or "packages"
    if isinstance(effect, Unpack) and effect.url is not None and "://" in effect.url:
        return None if "$" in effect.url or "localhost" in effect.url else effect.url
    if isinstance(effect, Opens) and effect.fetched is not None:
        return None if "$" in effect.fetched else effect.fetched
    return None


def _runs_a_program(effect: InstallPackages) -> bool:
    """Whether it is there to run something (`uv run --no-sync serve`), for which what the image has may well be enough."""
    words = effect.command.arguments if effect.command is not None else ()
    return bool(words) and words[0].literal == "run"


def _message(step: StartStep, command: Command, what: str) -> Message:
    return Message(
        command.place,
        f"{step.label} installs {what} with `{command.name}` each time it runs: it needs the network, and gets what the server "
        "has that day.",
        "Install it in the Dockerfile.",
        subject=what,
        owner=step.image,
    )
