"""A build instruction names an account that no layer makes.

## What it does
Reports USER, `--chown=` and build commands (`chown`, `su`, `gosu`, `sudo -u`, `s6-setuidgid`, `usermod`, `install -o`) that
name an account literally which neither the parent images nor an earlier instruction create.

## Why it matters at run time
The build fails, or, with USER, the container does not start: "unable to find user". Not so for `--chown`: the image is built
without a word, and the files are root's (a warning). In images whose desktop user is made
when the container starts there is no such account while the image is built.

## When to ignore it
When something that ctlint cannot see brings the account. Numbers and accounts that an installed package may bring are not
reported.

## References
- Dockerfile reference, "USER" and "COPY --chown"
- BuildKit, solver/llbsolver/file/user_linux.go
"""

from collections.abc import Iterator, Mapping

from ..lineage.boot.plan import BootPlan
from ..lineage.dockerfile.expand import expand
from ..lineage.effects.model import NeedAccount
from ..lineage.folding.apply import accounts_along
from ..lineage.image.accounts import Accounts
from ..lineage.image.image import BuildStep, EffectiveImage, StageImages
from ..lineage.late.patterns import pattern
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from ..lineage.text.stand_in import stands_in
from .base import Message, Related, Severity

SEVERITY = Severity.ERROR

_NUMBER = pattern(r"\d*\Z")
_NAME = pattern(r"[A-Za-z_][\w.-]*\$?\Z")


def check(stages: StageImages, boot: BootPlan) -> Iterator[Message]:
    doubts: list[Unknown] = []
    for image in stages.stages:
        for step in image.steps:
            if step.from_parent is None:
                yield from _step(image, step, boot, doubts)
    if doubts:
        raise doubts[0]


def _step(image: EffectiveImage, step: BuildStep, boot: BootPlan, doubts: list[Unknown]) -> Iterator[Message]:
    instruction = step.instruction
    if instruction.keyword == "USER":
        name = _name(instruction.arguments[0], step.env) if instruction.arguments else None
        if name is not None and _lacks(image.accounts, name, doubts):
            yield _message(step.place, name, "USER", "the container cannot start", boot)
    elif instruction.keyword in ("COPY", "ADD"):
        for index, value in instruction.flags_named("chown"):
            name = _name(value, step.env)
            if name is not None and _lacks(step.accounts, name, doubts):
                place = Place(step.place.path, instruction.flag_span(index))
                by = f"{instruction.keyword} --chown"
                yield _message(place, name, by, "what it copies belongs to root", boot, Severity.WARNING)
    elif instruction.keyword == "RUN":
        yield from _run(step, boot, doubts)


def _run(step: BuildStep, boot: BootPlan, doubts: list[Unknown]) -> Iterator[Message]:
    if not any(isinstance(effect, NeedAccount) for effect in step.effects):
        return
    told: set[str] = set()
    for effect, accounts in accounts_along(step.accounts, step.effects):
        if not isinstance(effect, NeedAccount) or not effect.sure:
            continue
        if effect.command is not None and effect.command.ignores_failure:
            continue
        name = effect.name.literal
        if not name or not _NAME.match(name) or name in told:
            continue
        before_dot = name.partition(".")[0]  # chown still reads `user.group`
        if _lacks(accounts, before_dot, doubts) and _lacks(accounts, name, doubts):
            told.add(name)
            yield _message(effect.place, name, f"`{effect.by}`", "the build fails", boot)


def _name(value: str, env: Mapping[str, str]) -> str | None:
    """The account that a `name[:group]` means; None for a number, nothing, or what hangs on a variable without value."""
    expansion = expand(value, env)
    name = expansion.text.split(":")[0]
    if expansion.error or expansion.unmatched or not name or _NUMBER.match(name):
        return None
    return name


def _lacks(accounts: Accounts, name: str, doubts: list[Unknown]) -> bool:
    account = accounts.get(name)
    if account is None and stands_in(name):
        account = Unknown(f"{name} stands for a name that is put in before the build")
    if isinstance(account, Unknown):
        doubts.append(account)
        return False
    return account is None


def _message(
    place: Place, name: str, by: str, consequence: str, boot: BootPlan, severity: Severity | None = None
) -> Message:
    related: tuple[Related, ...] = ()
    cure = f"Create the account before this (`useradd {name}`), or use a number."
    if boot.accounts:
        first = boot.accounts[0]
        related = (Related(first.effect.place, "the desktop user is made here, when the container starts"),)
        cure = "The desktop user exists only once the container runs: do this in a start script that runs after it is made."
    return Message(
        place,
        f"{by} names the account `{name}`, which no layer of the image makes: {consequence}.",
        cure,
        related,
        severity,
        subject=name,
    )
