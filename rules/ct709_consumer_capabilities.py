"""What the image's start needs of the kernel is taken away, or `privileged` is given that nothing of the image asks for.

## What it does
Compares `cap_drop`/`cap_add`, `capabilities` and `no-new-privileges` of a consumer with what the image's start surely does as
root: becoming another user (SETUID, SETGID), giving files away (CHOWN); and `sudo` in a start that is not root's. A seccomp
profile that lies in the repository is read for the system calls of these steps. `privileged` is mentioned where all that the
image starts is known and none of it needs the host.

## Why it matters at run time
Root without SETUID and SETGID cannot become another user: `s6-setuidgid`, `gosu` and `su` fail, and the services that they
start are restarted for ever. Without CHOWN the files that a start script makes stay root's. A seccomp profile that refuses the
system calls does the same. A privileged container is root on the host.

## When to ignore it
When a hook of the platform does the work of the failing steps.

## References
- capabilities(7), seccomp(2); Docker documentation, "Seccomp security profiles for Docker"
- Compose specification, "cap_drop"; Kubernetes, "Pod Security Standards"
"""

from collections.abc import Iterator

from ..lineage.commands.model import Command
from ..lineage.consumers.model import Consumer, ConsumerSetting
from ..lineage.consumers.seccomp import call_filter
from ..lineage.effects.model import NeedAccount
from ..lineage.effects.read import returns
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from ..lineage.workspace.deployments import Deployment
from .base import Message, Related, Severity
from .shared.users.root_needs import RootNeed, capability, is_root, root_needs, unread_steps

SEVERITY = Severity.ERROR

_NEEDED = {"SETUID": ("SETUID", "SETGID"), "CHOWN": ("CHOWN",)}
_CALLS = {
    "SETUID": (("setuid", "setresuid", "setreuid"), ("setgid", "setresgid", "setregid")),
    "CHOWN": (("chown", "lchown", "fchown", "fchownat"),),
}
"""System calls by what needs them: of each group one is made."""
_WITH_GROUPS = ("s6-setuidgid", "setuidgid", "su-exec", "gosu", "su", "runuser")
"""Programs that set the supplementary groups before they become another user."""
_OF_HOST = frozenset(
    """mount umount modprobe insmod iptables ip6tables nft ip ifconfig sysctl losetup docker dockerd podman systemctl
    systemd chroot unshare nsenter swapon mknod fusermount sshfs rclone openvpn wg wg-quick tailscaled dmsetup cryptsetup
    exportfs rpc.nfsd smbd udevd udevadm setcap hdparm smartctl tc brctl ebtables conntrack""".split()
)


def check(deployment: Deployment) -> Iterator[Message]:
    consumer = deployment.consumer
    if _privileged(consumer):
        yield from _unasked(deployment, consumer)
        return
    dropped = {name: setting for setting in consumer.cap_drop if (name := capability(setting)) is not None}
    if dropped and _is_root_at_start(deployment):
        yield from _lacking(deployment, consumer, dropped)
    if consumer.seccomp is not None and deployment.known and _is_root_at_start(deployment):
        yield from _filtered(deployment, consumer.seccomp)
    if consumer.no_new_privileges is not None and consumer.no_new_privileges.known is True and deployment.known:
        yield from _sudo(deployment, consumer.no_new_privileges)


def _privileged(consumer: Consumer) -> bool:
    return consumer.privileged is not None and consumer.privileged.known is True


def _is_root_at_start(deployment: Deployment) -> bool:
    user = deployment.started.user
    if user is None:
        if deployment.image.config_open is not None:
            raise deployment.image.config_open
        return True
    return is_root(user.value)


def _lacking(deployment: Deployment, consumer: Consumer, dropped: dict[str, ConsumerSetting[str]]) -> Iterator[Message]:
    added = {capability(setting) for setting in consumer.cap_add}
    if None in added or "ALL" in added:
        return
    told: set[str] = set()
    needs = list(root_needs(deployment.started_boot))
    for need in needs:
        for one in _NEEDED.get(need.capability, ()):
            setting = dropped.get(one) or dropped.get("ALL")
            if setting is None or one in added or need.capability in told:
                continue
            if not need.vital and need.effect.command is not None and not need.effect.command.errexit:
                continue
            told.add(need.capability)
            yield _of_need(deployment, setting, need, [c for c in _NEEDED[need.capability] if c not in added])
    doubt = unread_steps(deployment.started_boot) if not told else None
    if doubt is not None and deployment.starts_init:
        raise doubt


def _of_need(deployment: Deployment, setting: ConsumerSetting[str], need: RootNeed, lacking: list[str]) -> Message:
    names = " and ".join(lacking)
    return Message(
        setting.place,
        f"The capabilities {names} are taken away, and {need.step.label} of {deployment.image_name} needs them at start "
        f"({need.what}): {_happens(need)}.",
        f"Add {names} again, or do without dropping them.",
        (Related(need.effect.place, "this needs the capability"),),
        severity=Severity.ERROR if need.vital or _ends(need) else Severity.WARNING,
        subject=names,
    )


def _ends(need: RootNeed) -> bool:
    """Whether the container ends with the failure: the entry script stops at the first one."""
    command = need.effect.command
    return need.step.kind == "entrypoint" and command is not None and command.errexit


def _filtered(deployment: Deployment, setting: ConsumerSetting[str]) -> Iterator[Message]:
    """What the start does by system calls that the consumer's seccomp profile never lets pass."""
    calls = call_filter(deployment.snapshot, deployment.consumer)
    needs = [need for need in root_needs(deployment.started_boot) if need.capability in _CALLS]
    if isinstance(calls, Unknown) and needs:
        raise calls
    if calls is None or isinstance(calls, Unknown):
        return
    told: set[str] = set()
    for need in needs:
        groups = _CALLS[need.capability]
        if isinstance(need.effect, NeedAccount) and need.effect.by in _WITH_GROUPS:
            groups = (("setgroups",), *groups)
        refused = next((group[0] for group in groups if all(calls.refuses(call) for call in group)), None)
        if refused is None or need.capability in told:
            continue
        told.add(need.capability)
        yield Message(
            setting.place,
            f"The seccomp profile lets no `{refused}` pass, and {need.step.label} of {deployment.image_name} needs it at start "
            f"({need.what}): {_happens(need)}.",
            f"Allow `{refused}` in the profile.",
            (Related(need.effect.place, "this makes the system call"),),
            severity=Severity.ERROR if need.vital or _ends(need) else Severity.WARNING,
            subject=refused,
        )


def _happens(need: RootNeed) -> str:
    if need.vital:
        return "that fails, and it does not start"
    return "that fails, and the container ends" if _ends(need) else "that fails, and the files stay root's"


def _sudo(deployment: Deployment, setting: ConsumerSetting[bool]) -> Iterator[Message]:
    user = deployment.started.user
    if user is None or is_root(user.value):
        return
    for step in deployment.started_boot.steps:
        for command in step.script.commands if step.script is not None and step.kind in ("entrypoint", "cmd") else ():
            if command.sure and any(wrapper.name == "sudo" for wrapper in command.wrappers):
                yield Message(
                    setting.place,
                    f"`no-new-privileges` makes `sudo` void, and {step.label} of {deployment.image_name} needs it at start: "
                    "sudo ends with an error.",
                    "Leave `no-new-privileges` out, or make the start do without sudo.",
                    (Related(command.place, "sudo is used here"),),
                    subject="sudo",
                )
                return


def _unasked(deployment: Deployment, consumer: Consumer) -> Iterator[Message]:
    setting = consumer.privileged
    assert setting is not None
    image = deployment.image
    if image.known != "full" or deployment.assumed is not None:
        raise Unknown(f"all that {deployment.image_name} starts is not known")
    doubt = unread_steps(deployment.started_boot)
    if doubt is not None:
        raise doubt
    steps = deployment.started_boot.steps
    place = _first_use(deployment)
    if place is not None or consumer.cap_add or not steps:
        return
    unseen = next((step for step in steps if step.script is not None and step.script.reading is None), None)
    if unseen is not None:
        raise Unknown(f"which programs {unseen.label} runs is not known")
    program = _first_unknown_program(deployment)
    if program is not None:
        raise Unknown(f"what {program.name} asks of the host is not known")
    yield Message(
        setting.place,
        f"The container is privileged, which makes it root on the host; nothing that {deployment.image_name} starts is known to "
        "need that.",
        "Leave it out, or give the capabilities and devices that are needed.",
        severity=Severity.INFO,
        subject="privileged",
    )


def _first_unknown_program(deployment: Deployment) -> Command | None:
    """The first command of the start that is neither a script that is read, nor a tool that does its work on files and ends."""
    commands = (
        command
        for step in deployment.started_boot.steps
        for command in (step.script.commands if step.script is not None else ())
    )
    return next(
        (one for one in commands if not (one.function or one.loaded or not one.argv or returns(one.name))), None
    )


def _first_use(deployment: Deployment) -> Place | None:
    """The first command of the start that works on the host, or on a device."""
    for step in deployment.started_boot.steps:
        for command in step.script.commands if step.script is not None else ():
            if command.name in _OF_HOST or any(wrapper.name in _OF_HOST for wrapper in command.wrappers):
                return command.place
            if any(
                "/dev/" in (word.literal or "") and "/dev/null" not in (word.literal or "") for word in command.argv
            ):
                return command.place
    return None
