"""A password or token is part of the image.

## What it does
Reports ENV and ARG whose name says password, token, secret or key and which have a value, passwords that RUN gives to root or
to an account that may use sudo (`echo root:root | chpasswd`), and settings of that kind in the configuration files that the
Dockerfile copies (`.properties`, `.conf`, `.ini`, `.env`, YAML, TOML).

## Why it matters at run time
Everybody who can pull the image can read it, also where a later layer removes it, and every container that is started
without another value has the same password.

## When to ignore it
When the value opens nothing. A setting in a file is a warning: nothing proves that the image reads that file and not another,
or that the value is in force. The password of a database that is its user's or its own name is for information. Paths,
addresses, numbers, switches, placeholders (`changeme`), types (`str?`), calls and templates are not reported, nor what stands
in files for other containers (compose, Helm values), for CI, tests and development, in examples and `.default` files, in what
a start script rewrites, in the options of an add-on's own configuration, in a section that says that it is a demonstration, and
in what a supervisord that listens on a Unix socket alone is spoken to with.

## References
- BuildKit, "SecretsUsedInArgOrEnv"
- Docker documentation, "Build secrets"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.dockerfile.expand import expand
from ..lineage.image.image import BuildStep, EffectiveImage, StageImages
from ..lineage.text.places import Place
from .base import Message, Severity
from .shared.users.secrets import (
    WELL_KNOWN,
    is_secret_name,
    is_secret_value,
    names_itself,
    of_a_database,
    opens_something_here,
    passwords_in,
    secrets_in_files,
)

SEVERITY = Severity.ERROR

_GROUPS = frozenset(("sudo", "wheel", "admin", "root"))
"""The groups whose members may become root with a password."""


def check(image: EffectiveImage, stages: StageImages, boot: BootPlan) -> Iterator[Message]:
    for stage in stages.line:
        for step in stage.steps:
            if step.from_parent is None:
                yield from _step(step)
                yield from _passwords(stage, step)
    for secret in secrets_in_files(image, boot):
        if boot.open is not None and boot.open.cause == "unread":
            raise boot.open  # a script that cannot be read may put the real value in its place
        yield Message(
            secret.place,
            f"`{secret.name}` has a value here, and the file is copied into the image ({secret.path}): everybody who can pull it "
            "can read it.",
            "Write the file at start from a variable or a secret that the container is given.",
            severity=Severity.WARNING,  # nothing proves that a program reads the file, nor that the value opens anything
            subject=secret.name,
            owner=secret.image,
        )


def _step(step: BuildStep) -> Iterator[Message]:
    instruction = step.instruction
    for index, name, value in _settings(step):
        if names_itself(name, value):
            continue
        if is_secret_name(name) and (is_secret_value(value) or _is_well_known(step, name, value)):
            yield Message(
                Place(step.place.path, instruction.argument_span(index)),
                f"{instruction.keyword} gives `{name}` a value that is part of the image: everybody who can pull it can read it.",
                "Leave it empty and let the container be given one, or use `RUN --mount=type=secret` during the build.",
                severity=Severity.INFO if of_a_database(name) and value in _names(step) else None,
                subject=name,
            )


def _names(step: BuildStep) -> frozenset[str]:
    """The names of accounts and databases that the environment speaks of: a password that is one of them hides nothing."""
    known = [*step.env.items(), *((name, value) for _, name, value in _settings(step))]
    return frozenset(
        value for name, value in known if name.upper().endswith(("USER", "USERNAME", "NAME", "DB", "DATABASE"))
    )


def _is_well_known(step: BuildStep, name: str, value: str) -> bool:
    """Whether the word that stands for a password is one: as ENV it is in force wherever no other is given."""
    stands = step.instruction.keyword == "ENV" and opens_something_here(name) and value.lower() in WELL_KNOWN
    return stands and not (of_a_database(name) and _is_elsewhere(step))


def _is_elsewhere(step: BuildStep) -> bool:
    """Whether the environment names the host of the database: what stands for its password opens nothing of the image."""
    known = {**step.env, **{name: value for _, name, value in _settings(step)}}
    hosts = (value for name, value in known.items() if name.upper().endswith("HOST") and of_a_database(name))
    return any(value not in ("", "localhost", "127.0.0.1") for value in hosts)


def _passwords(image: EffectiveImage, step: BuildStep) -> Iterator[Message]:
    """The passwords that a RUN gives to accounts which are root, or may become it."""
    if step.instruction.keyword != "RUN" or "passwd" not in step.instruction.original:
        return
    told: set[int] = set()
    for given in passwords_in(image, step):
        if given.account in _may_be_root(image) and given.place.line not in told:
            told.add(given.place.line)
            yield Message(
                given.place,
                f"The account `{given.account}` has a password that is part of the image: everybody who can pull it has it, too.",
                "Lock the account, or set its password at start from what the container is given.",
                subject=given.account,
            )


def _may_be_root(image: EffectiveImage) -> frozenset[str]:
    """Root, and the accounts that the build puts into a group which may use sudo."""
    found = {"root"}
    for step in image.steps:
        for effect in step.effects:
            if effect.command is not None and effect.command.name in (
                "useradd",
                "adduser",
                "usermod",
                "gpasswd",
                "addgroup",
            ):
                words = [word.literal or "" for word in effect.command.argv]
                if any(name in _GROUPS for word in words for name in word.split(",")):
                    found.update(word for word in words if word and not word.startswith("-"))
    return frozenset(found)


def _settings(step: BuildStep) -> Iterator[tuple[int, str, str]]:
    """(index of the argument, name, value) of each variable that an ENV or ARG gives a value."""
    arguments = step.instruction.arguments
    if step.instruction.keyword == "ENV":
        for index in range(0, len(arguments) - 1, 3):
            yield index, arguments[index], expand(arguments[index + 1], step.env).text
    elif step.instruction.keyword == "ARG":
        for index, argument in enumerate(arguments):
            name, _, value = argument.partition("=")
            yield index, name, expand(value, step.env).text
