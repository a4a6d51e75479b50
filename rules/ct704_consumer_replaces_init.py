"""Who runs the image starts something else in the place of s6-overlay's `/init`, or what the image does not take.

## What it does
Reports an `entrypoint:`, `command` of Kubernetes, `--entrypoint` or `Entrypoint=` after which `/init` is no longer reached, for
an image that has init scripts or services to be started; a program that is surely not in the image; and arguments with which
the image's entry script surely ends in an error, though it does not with the image's own CMD. A container that is meant to be
gone soon (`--rm`, a job, an init container, a shell to type in) may start what it likes. That an editor's container starts the
editor's shell is an information: somebody works in it.

## Why it matters at run time
Without `/init` no init script runs and no service starts: the account is never made, the desktop never comes up. In Kubernetes,
`command` replaces the image's ENTRYPOINT, not its CMD; `args` is what replaces that. A program that is not there ends the
container at once, with exit code 127.

## When to ignore it
When the container is meant to run one program of the image without its services.

## References
- Compose specification, "entrypoint"; Kubernetes, "Define a Command and Arguments for a Container"
- Development Container specification, `overrideCommand`
"""

from collections.abc import Iterator

from ..lineage.boot.main_command import leads_to_init
from ..lineage.boot.plan import BootPlan
from ..lineage.commands.model import Command
from ..lineage.consumers.model import ConsumerSetting
from ..lineage.effects.s6_directories import INIT_SCRIPTS, RC_D, SERVICES
from ..lineage.image.program_lookup import file_at, program_on_path
from ..lineage.text.numbers import is_digits, natural
from ..lineage.workspace.deployments import Deployment
from .base import Message, Related, Severity

SEVERITY = Severity.WARNING

_STARTED = (INIT_SCRIPTS, SERVICES, RC_D)


def check(deployment: Deployment) -> Iterator[Message]:
    consumer = deployment.consumer
    entrypoint, command = consumer.entrypoint, consumer.command
    if entrypoint is None and command is None:
        return
    missing = _missing(deployment, entrypoint, command)
    if missing is not None:
        yield missing
        return
    if entrypoint is None and not consumer.passing and command is not None and command.known:
        yield from _not_taken(deployment, command)
    if entrypoint is None or (consumer.passing and consumer.kind != "devcontainer"):
        return
    release = deployment.release
    if release is None or leads_to_init(deployment.image) is not True or deployment.starts_init:
        return
    if not any(True for place in _STARTED for _ in deployment.image.tree.below(place)):
        return
    words = " ".join(entrypoint.known or ()) or "nothing"
    what, cure = (
        f"starts `{words}` in the place of `/init`",
        "Leave the entrypoint as it is, and give a program as the command.",
    )
    if consumer.kind == "devcontainer":
        what = "starts a shell of the tool in the place of `/init`, as `overrideCommand` is not false"
        cure = 'Set `"overrideCommand": false`.'
    elif consumer.kubernetes:
        what = f"starts `{words}` in the place of `/init`: `command` replaces ENTRYPOINT"
        cure = "Give the program as `args`, which `/init` runs when all is up."
    yield Message(
        entrypoint.place,
        f"The container {what}: none of the init scripts and services of {deployment.image_name} (s6-overlay {release.label}) "
        "will run.",
        cure,
        (Related(release.place, "s6-overlay comes into the image here"),),
        severity=Severity.INFO if consumer.kind == "devcontainer" else None,
        subject="entrypoint",
    )


def _missing(
    deployment: Deployment,
    entrypoint: ConsumerSetting[tuple[str, ...]] | None,
    command: ConsumerSetting[tuple[str, ...]] | None,
) -> Message | None:
    """The first program that the consumer names, where the image surely has none of that name."""
    if deployment.consumer.kind == "devcontainer":
        return None
    setting = entrypoint if entrypoint is not None else command
    assert setting is not None
    words = setting.known
    if not words or not _is_program(words[0]):
        return None
    if entrypoint is None and not _runs_command(deployment):
        return None
    if deployment.consumer.mount_over(words[0]) is not None:
        return None
    image = deployment.started
    found = file_at(image, words[0]) if words[0].startswith("/") else program_on_path(image, words[0])
    if found is not None or _is_the_images(deployment, words[0]):
        return None
    where = "has no such file" if words[0].startswith("/") else "has no program of that name in PATH"
    return Message(
        setting.place,
        f"`{words[0]}` is started, and {deployment.image_name} {where}: the container ends at once (exit code 127).",
        "Correct the name, or install the program in the image.",
        severity=Severity.ERROR,
        subject=words[0],
    )


def _is_the_images(deployment: Deployment, program: str) -> bool:
    """Whether the image itself starts the program: that it is missing is the image's own fault."""
    own = deployment.image.entrypoint or deployment.image.cmd
    return own is not None and own.value.argv[:1] == (program,)


def _not_taken(deployment: Deployment, command: ConsumerSetting[tuple[str, ...]]) -> Iterator[Message]:
    """Arguments that make the entry script end with an error before it starts anything."""
    ends = _error_exit(deployment.started_boot)
    own = _error_exit(deployment.boot)
    if ends is None or (own is not None and own.place == ends.place):
        return
    words = " ".join(command.known or ())
    yield Message(
        command.place,
        f"The entry script of {deployment.image_name} does not take `{words}`: it ends with exit code {ends.argv[1].literal}, "
        "and the container stops at once.",
        "Give arguments that it takes, or leave them out for the image's own.",
        (Related(ends.place, "it ends here"),),
        severity=Severity.ERROR,
        subject=words,
    )


def _error_exit(boot: BootPlan) -> Command | None:
    """The `exit` with an error that the entry script surely comes to; None where it may get past it."""
    for step in boot.steps:
        if step.kind != "entrypoint" or step.script is None or step.script.reading is None:
            continue
        reading = step.script.reading
        last = reading.commands[-1] if reading.commands else None
        if reading.ends != "exit" or reading.unread or last is None or not last.sure or last.name != "exit":
            continue
        if len(last.argv) == 2 and is_digits(last.argv[1].literal) and natural(last.argv[1].literal) != 0:
            return last
    return None


def _is_program(word: str) -> bool:
    """Whether a word may be the name or absolute path of a program, not an option or a relative path."""
    return (
        bool(word)
        and not word.startswith(("-", ".", "$"))
        and ("/" not in word or word.startswith("/"))
        and "=" not in word
    )


def _runs_command(deployment: Deployment) -> bool:
    """Whether the image runs its command as a program: it has no entrypoint, or `/init` as such."""
    image = deployment.image
    if image.entrypoint is None:
        return image.config_open is None
    return image.entrypoint.value.words == ("/init",) and deployment.release is not None
