"""A start script names an account that nobody makes.

## What it does
Reports what an init script, service or entry script surely does for an account by its name (`s6-setuidgid NAME`, `gosu NAME`,
`su NAME`, `chown NAME`) which neither the parents, nor the build, nor any start step makes. Where the build does what may bring
accounts in a way of its own (packages, programs, archives), only a slip of an account that is there is told. Numbers, names that
come from a variable, and commands whose failure is expected are left alone, and so is every image that makes an account whose
name is only given when the container starts. There, what is told is a script that names the user, or the home, by a variable
which nothing sets, gives or asks for, where the account is made from another one.

## Why it matters at run time
"unknown user": the program is not started. A service tries it again and again, and an init script goes on without its work.

## When to ignore it
When the container's `/etc/passwd` is mounted.

## References
- s6, "s6-setuidgid": the account is looked up in the user database
- passwd(5)
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.effects.model import (
    Copy,
    Effect,
    InstallPackages,
    Link,
    MakeAccount,
    NeedAccount,
    Opens,
    RenameAccount,
    Write,
)
from ..lineage.image.distributions import distributions
from ..lineage.image.image import EffectiveImage
from ..lineage.late.patterns import pattern
from ..lineage.text.errors import Unknown
from ..lineage.text.paths import within
from ..lineage.text.places import Place
from ..lineage.text.spelling import near_name
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Related, Severity, Undecided
from .shared.expected_failures import asked_whether_they_succeed, is_silenced
from .shared.hidden_paths import mounted_over
from .shared.missing_programs import makes
from .shared.subjects import variable_of
from .shared.users.other_variables import OtherVariable, other_variables

SEVERITY = Severity.ERROR
YIELDS_TO = ("CT315",)

_NAME = pattern(r"[A-Za-z_][\w-]*\$?\Z")
_DATABASE = "/etc/passwd"


def check(
    image: EffectiveImage, boot: BootPlan, source: ImageSource, workspace: Workspace
) -> Iterator[Message | Undecided]:
    missing: dict[str, tuple[StartStep, NeedAccount]] = {}
    doubt: Unknown | None = None
    for step in boot.steps:
        needs = [effect for effect in step.effects if isinstance(effect, NeedAccount)]
        asked = asked_whether_they_succeed(step) if needs else frozenset[Place]()
        for effect in needs:
            if not _surely(effect, asked):
                continue
            name = effect.name.literal or ""
            known = image.accounts.get(name) if _NAME.match(name) else True
            if isinstance(known, Unknown):
                doubt = known if doubt is None else doubt
            elif known is None:
                missing.setdefault(name, (step, effect))
    at_start = {name: _made_at_start(boot, name) for name in missing}
    doubt = next((made for made in at_start.values() if isinstance(made, Unknown)), doubt)
    missing = {name: one for name, one in missing.items() if at_start[name] is False}
    if missing and boot.open is not None:
        raise boot.open
    if missing:
        _accounts_are_the_images(workspace, source)
    unsure = _may_hold_more(image)
    if unsure is not None and any(_near(image, name) is None for name in missing):
        doubt = unsure
        missing = {name: one for name, one in missing.items() if _near(image, name) is not None}
    for name, (step, effect) in missing.items():
        yield _message(image, step, effect, name)
    for other in other_variables(image, boot, workspace, source):
        yield _of_other(other)
    if doubt is not None:
        yield Undecided(doubt)


def _accounts_are_the_images(workspace: Workspace, source: ImageSource) -> None:
    """Raises Unknown where who runs the image mounts a list of accounts over the image's, or may."""
    mount = mounted_over(workspace, source, _DATABASE)
    if isinstance(mount, Unknown):
        raise mount
    if mount is not None:
        raise Unknown(f"what accounts the mount over {_DATABASE} at {mount.place} brings is not known")


def _may_hold_more(image: EffectiveImage) -> Unknown | None:
    """Why the image may have accounts that nothing names: what it was built with may have made them in its own way."""
    if any(name.startswith("NSS_WRAPPER") for name in image.env) or image.env_open is not None:
        return Unknown("accounts may come from elsewhere than /etc/passwd")
    if image.onbuild:
        return Unknown(f"an image that is built on this one may be given accounts by {image.onbuild[0].place}")
    if any(link.origin == "target" for link in image.chain[1:]):
        return Unknown("a parent that is built here may make accounts in its own way")
    for step in image.steps:
        keyword, text = step.instruction.keyword, step.instruction.body.text
        if keyword == "RUN" and ("$" in text or not all(map(_makes_no_account, step.effects))):
            return Unknown(f"{step.place} may make accounts")
    return None


def _makes_no_account(effect: Effect) -> bool:
    """Whether an effect of the build makes no account but by its literal name."""
    if isinstance(effect, InstallPackages):
        return all(package.literal in distributions().packages_without_accounts for package in effect.packages)
    if isinstance(effect, MakeAccount):
        return bool(effect.name.literal)
    return not isinstance(effect, Opens) or effect.by == "packages"


def _near(image: EffectiveImage, name: str) -> str | None:
    """The account that the name is a slip for."""
    return near_name(name, [one for one in image.accounts.known if len(one) > 2])


def _surely(effect: NeedAccount, asked: frozenset[Place]) -> bool:
    """Whether the step surely comes to it, and does not expect that it fails."""
    command = effect.command
    if not effect.sure or command is None or (command.ignores_failure and command.errexit):
        return False
    return not is_silenced(command) and command.place not in asked


def _made_at_start(boot: BootPlan, name: str) -> bool | Unknown:
    """Whether a start step makes the account; Unknown where one may: under a name that is given to it, or with the packages
    that it installs."""
    makers = [effect for step in boot.steps for effect in step.effects if _makes(effect, name)]
    if any(isinstance(one, MakeAccount) and one.name.literal == name for one in makers):
        return True
    return Unknown(f"{makers[0].place} may make the account {name}") if makers else False


def _makes(effect: Effect, name: str) -> bool:
    """Whether it makes the account, or writes the list of accounts, or may."""
    if isinstance(effect, InstallPackages):
        return True
    if isinstance(effect, MakeAccount):
        return effect.name.literal in (None, name)
    if isinstance(effect, RenameAccount):
        return effect.new_name.literal in (None, name)
    if isinstance(effect, Opens):
        return makes(effect, _DATABASE)
    target = effect.target if isinstance(effect, Copy) else effect.path if isinstance(effect, Link | Write) else None
    if target is None:
        return False
    if target.literal is not None:
        return within(_DATABASE, target.literal.rstrip("/"))
    return _DATABASE.startswith(target.prefix) or target.prefix.startswith(_DATABASE)


def _message(image: EffectiveImage, step: StartStep, effect: NeedAccount, name: str) -> Message:
    near = _near(image, name)
    return Message(
        effect.place,
        f"{step.label} names the account `{name}` (`{effect.by}`), which nobody makes: it fails.",
        f"Did you mean `{near}`?" if near is not None else f"Make the account in the Dockerfile (`useradd {name}`).",
        subject=name,
        owner=step.image,
    )


def _of_other(other: OtherVariable) -> Message:
    account = other.account
    made = ", ".join(account.name.variables)
    return Message(
        other.effect.place,
        f"{other.step.label} names the user by `{other.name}`, which nothing sets: {account.step.label} makes the account from "
        f"`{made}`.",
        f"Use `{made}`, as {account.step.label} does.",
        (Related(account.effect.place, "the account is made here"),),
        severity=Severity.WARNING,
        subject=other.name,
        owner=other.step.image,
        about=(variable_of(other.effect.place.path, other.name),),
    )
