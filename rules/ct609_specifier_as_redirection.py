"""An unquoted `>=` or `<` of a version specifier, which the shell takes for a redirection.

## What it does
Reports a word such as `requests>=2.31` or `urllib3<3` without quotes, in RUN and in start scripts.

## Why it matters at run time
The shell writes the output into a file `=2.31`, or reads from a file `3`: the bound is dropped, and another version is installed
than the one that was asked for; with `<` the command fails for lack of the file.

## When to ignore it
Never.

## References
- POSIX Shell Command Language, "Redirection"; pip, "Requirement specifiers"
"""

from collections.abc import Iterable, Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.commands.model import Command, Redirect
from ..lineage.folding.run import reading_of
from ..lineage.image.image import EffectiveImage, StageImages
from ..lineage.late.patterns import pattern
from ..lineage.text.places import Place
from .base import Message, Severity
from .shared.questions import text_of_run

SEVERITY = Severity.ERROR

_WORTH_READING = pattern(r"[\w\])]\s?[<>]=?\s?['\"]?[\d$]")
_BOUND = pattern(r"=\d[\w.*+!-]*(?:,.*)?")
_VERSION = pattern(r"\d+(?:\.[\w*]+)*(?:,.*)?")
_INSTALLERS = frozenset(
    """pip pip2 pip3 pipx uv conda mamba micromamba easy_install npm yarn pnpm apk apt apt-get dnf yum microdnf zypper gem
    composer cargo poetry pdm""".split()
)
_INSTALLING = frozenset(("install", "add", "create", "update", "upgrade", "require", "wheel", "download", "i"))


def check(image: EffectiveImage, stages: StageImages, boot: BootPlan) -> Iterator[Message]:
    told: set[Place] = set()
    for commands, owner in _all_commands(image, stages, boot):
        for command in commands:
            for redirect in command.redirects:
                target = _specifier(command, redirect)
                if target is None or redirect.place in told:
                    continue
                told.add(redirect.place)
                sign = redirect.operator
                last = command.argv[-1].raw if command.argv else ""
                does = f"writes its output to a file `{target}`" if sign == ">" else f"reads from a file `{target}`"
                yield Message(
                    redirect.place,
                    f"The shell takes `{sign}{target}` for a redirection: {command.name} {does}, and the bound is dropped.",
                    f"Put the whole word in quotes: `'{last}{sign}{target}'`.",
                    subject=f"{last}{sign}{target}",
                    owner=owner,
                )


def _all_commands(
    image: EffectiveImage, stages: StageImages, boot: BootPlan
) -> Iterator[tuple[Iterable[Command], str | None]]:
    for stage in stages.stages:
        for step in stage.steps:
            if (
                step.instruction.keyword == "RUN"
                and step.from_parent is None
                and _WORTH_READING.search(text_of_run(step))
            ):
                reading = reading_of(stage, step)
                yield (reading.commands if reading is not None else ()), None
    for start in boot.steps:
        if start.script is not None and image.owns(start.image):
            yield start.script.commands, start.image


def _specifier(command: Command, redirect: Redirect) -> str | None:
    """The file that the rest of a version specifier is taken for; None where a redirection is meant."""
    if redirect.operator not in (">", "<") or redirect.target is None or not command.argv:
        return None
    target = redirect.target.literal or redirect.target.raw
    if redirect.target.quoted:
        return None
    installs = command.name in _INSTALLERS or any(word.literal == "pip" for word in command.argv[:3])
    if _BOUND.fullmatch(target) or (installs and target.startswith("=$")):
        return target
    chosen = installs and any(word.literal in _INSTALLING for word in command.arguments)
    return target if chosen and _VERSION.fullmatch(target) else None
