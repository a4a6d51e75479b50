"""A read-only root file system, or a `/run` that cannot be written or executed, under an image whose init needs it.

## What it does
Reports consumers that run an image of s6-overlay with a read-only root (`read_only`, `--read-only`, `readOnlyRootFilesystem`)
and no writable `/run`, or with a `/run` that may not execute (a tmpfs of Docker without `exec`), or without
`S6_READ_ONLY_ROOT=1` (which releases before 1.21.0.1 do not know); and start scripts that must write where nothing can be
written then, like an account to `/etc/passwd`.

## Why it matters at run time
s6-overlay puts its services below `/run` and runs them there. Without that, `/init` ends before anything is started. Docker
mounts a tmpfs `noexec` unless it is told otherwise.

## When to ignore it
When the platform mounts a writable `/run` that the file does not speak of.

## References
- s6-overlay README, "Read-Only Root Filesystem"; layout/rootfs-overlay/…/libexec/preinit
- docker-run(1), "--tmpfs": the default options are `rw,noexec,nosuid,nodev`
"""

from collections.abc import Iterable, Iterator

from ..lineage.boot.steps import StartStep
from ..lineage.consumers.model import Consumer, Mount, first_reason
from ..lineage.effects.model import ChangeAccount, Copy, Effect, Link, MakeAccount, MakeDirectory, MakeGroup, Write
from ..lineage.s6.release import S6Release
from ..lineage.text.errors import Unknown
from ..lineage.text.paths import within
from ..lineage.text.places import Place
from ..lineage.workspace.deployments import Deployment
from .base import Message, Related, Severity
from .shared.users.root_needs import RootNeed, root_needs

SEVERITY = Severity.ERROR

_TOLD_FROM = (1, 21, 0, 1)
"""The release that brought `S6_READ_ONLY_ROOT` (init-stage2): it copies the scripts to /run and changes their modes there."""
_OF_ENGINE = ("/dev", "/proc", "/sys", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf")


def check(deployment: Deployment) -> Iterator[Message]:
    consumer = deployment.consumer
    read_only = consumer.read_only is not None and consumer.read_only.known is True
    if not read_only and not consumer.mounts:
        return  # nothing is asked of the image
    if not deployment.starts_init:
        if read_only:
            yield from _written(deployment)
        return
    run = _run_mount(consumer)
    noexec = run is not None and _noexec(consumer, run)
    if not read_only and not noexec:
        return
    release = deployment.release
    assert release is not None
    if noexec and run is not None:
        yield _not_executable(run, release)
        return
    assert consumer.read_only is not None
    place = consumer.read_only.place
    unwritable = run is None or run.read_only
    if isinstance(unwritable, Unknown):
        raise unwritable
    if unwritable:
        if run is None and consumer.open is not None:
            raise consumer.open
        if run is None and _engine_mounts_run(consumer):
            return
        yield Message(
            place,
            f"The root file system is read-only and nothing writable is mounted at `/run`: s6-overlay {release.label} cannot "
            "make its directories there, and `/init` ends before any service starts.",
            _cure(consumer),
            (Related(release.place, "s6-overlay comes into the image here"),),
            subject="/run",
        )
        return
    yield from _once_running(deployment, release, place)


def _once_running(deployment: Deployment, release: S6Release, place: Place) -> Iterator[Message]:
    written = _account_in_read_only_etc(deployment)
    if written is not None:
        yield Message(
            place,
            f"The root file system is read-only, and {written.step.label} writes accounts to `/etc` ({written.what}): that "
            "fails, and there is no account.",
            "Leave the root file system writable, or make the account at build time.",
            (Related(written.effect.place, "this writes to /etc"),),
            subject="accounts",
        )
        return
    told = deployment.variable("S6_READ_ONLY_ROOT")
    knows = release.at_least(*_TOLD_FROM) is not False
    if isinstance(told, Unknown) and knows:
        raise told
    if knows and told is not None and told not in ("", "0"):
        return
    script = _without_x(deployment) if release.generation < 3 else None
    if not knows and script is None:
        return
    what = (
        "it starts, but does not look whether `/run` can be written and executed, and cannot say what is wrong with it"
    )
    if script is not None:
        what = f"it goes on to change modes in `/etc`, which fails: {script.label}, which has no x bit, does not run"
    elif release.generation < 3:
        what = "it goes on to change modes in `/etc`, which fails, and matters only to scripts without x bit"
    yield Message(
        place,
        f"The root file system is read-only and s6-overlay {release.label} is not told so: {what}."
        if knows
        else f"The root file system is read-only, which s6-overlay {release.label} cannot be told: {what}.",
        "Set `S6_READ_ONLY_ROOT=1` in the container's environment."
        if knows
        else "Give the script its x bit when the image is built.",
        (Related(script.place, "this script has no x bit"),)
        if script is not None
        else (Related(release.place, "s6-overlay comes into the image here"),),
        severity=Severity.INFO if script is None else Severity.WARNING,
        subject="S6_READ_ONLY_ROOT",
    )


def _without_x(deployment: Deployment) -> StartStep | None:
    """The first script that `/init` of generations 1 and 2 would have to make executable in `/etc`."""
    for step in deployment.started_boot.steps:
        node = step.script.node if step.script is not None and step.kind in ("cont-init", "services.d") else None
        if node is not None and node.sure and node.mode is not None and not node.mode & 0o111:
            return step
    return None


def _written(deployment: Deployment) -> Iterator[Message]:
    """What the image's start surely writes where nothing can be written."""
    consumer = deployment.consumer
    setting = consumer.read_only
    assert setting is not None
    doubt = first_reason(consumer.open, *_mount_doubts(consumer.mounts))
    writable = (
        *_OF_ENGINE,
        *(m.target for m in consumer.mounts if isinstance(m.target, str) and m.read_only is False),
    )
    for step in deployment.started_boot.steps:
        for effect in step.effects if step.kind in ("entrypoint", "cmd") else ():
            path = _target(effect)
            if path is None or not effect.sure:
                continue
            renamed = (isinstance(effect, Write) and effect.replaces) or (isinstance(effect, Copy) and effect.moves)
            needed = path.rpartition("/")[0] or "/" if renamed else path
            if any(within(needed, place) for place in writable):
                continue
            if effect.command is not None and (effect.command.ignores_failure or not effect.command.errexit):
                continue
            if doubt is not None:
                raise doubt
            yield Message(
                setting.place,
                f"The root file system is read-only, and {step.label} of {deployment.image_name} writes to {path} at start: "
                f"that fails, and the container ends.{_FILE_ALONE if needed != path and path in writable else ''}",
                _where_to_write(deployment, path, isinstance(effect, MakeDirectory)),
                (Related(effect.place, "this writes"),),
                subject=path,
            )
            return


def _mount_doubts(mounts: Iterable[Mount]) -> Iterator[Unknown]:
    """Why it cannot be known where something writable is mounted."""
    for mount in mounts:
        if isinstance(mount.target, Unknown):
            yield mount.target
        elif isinstance(mount.read_only, Unknown):
            yield mount.read_only


_FILE_ALONE = " It makes a new file beside it and renames that, which a mount of the file alone does not allow."


def _where_to_write(deployment: Deployment, path: str, directory: bool) -> str:
    """The cure for what a start writes: a mount that hides nothing of the image."""
    folder = path if directory else path.rpartition("/")[0] or "/"
    others = set(deployment.image.tree.children(folder)) - {path.rpartition("/")[2]}
    if others or folder.count("/") < 2:
        return (
            f"Leave the root file system writable, or have it written below a mount of its own: {folder} holds other "
            "things of the image, which a tmpfs there would hide."
        )
    return f"Mount a volume or tmpfs at {folder}, or leave the root file system writable."


def _target(effect: Effect) -> str | None:
    if isinstance(effect, Copy):
        return effect.target.literal
    return effect.path.literal if isinstance(effect, Write | MakeDirectory | Link) else None


def _run_mount(consumer: Consumer) -> Mount | None:
    """What is mounted where s6-overlay works: `/run`, or what it lies in."""
    for mount in consumer.mounts:
        if isinstance(mount.target, Unknown):
            if consumer.read_only is not None:
                raise mount.target
        elif mount.target.rstrip("/") in ("/run", "/var/run"):
            return mount
    return None


def _noexec(consumer: Consumer, run: Mount) -> bool:
    if "noexec" in run.options:
        return True
    docker = consumer.kind in ("compose", "docker run", "documentation", "devcontainer") and consumer.engine != "podman"
    return run.kind == "tmpfs" and docker and "exec" not in run.options


def _engine_mounts_run(consumer: Consumer) -> bool:
    """Podman mounts a tmpfs at /run where the root is read-only."""
    return consumer.engine == "podman"


def _not_executable(run: Mount, release: S6Release) -> Message:
    why = "says `noexec`" if "noexec" in run.options else "does not say `exec`, and Docker mounts a tmpfs `noexec` then"
    return Message(
        run.place,
        f"The tmpfs at `/run` {why}: s6-overlay {release.label} runs its own scripts and the services from there, and `/init` "
        "ends with a permission denied.",
        "Mount it with `exec`: `/run:exec,mode=755`.",
        (Related(release.place, "s6-overlay comes into the image here"),),
        subject="noexec",
    )


def _cure(consumer: Consumer) -> str:
    if consumer.kubernetes:
        return "Mount an `emptyDir` at `/run`, and set `S6_READ_ONLY_ROOT=1`."
    return "Mount a tmpfs there, `/run:exec`, and set `S6_READ_ONLY_ROOT=1`."


def _account_in_read_only_etc(deployment: Deployment) -> RootNeed | None:
    if isinstance(deployment.consumer.mount_over("/etc/passwd"), Mount):
        return None
    kinds = (MakeAccount, ChangeAccount, MakeGroup)
    return next((n for n in root_needs(deployment.started_boot) if isinstance(n.effect, kinds)), None)
