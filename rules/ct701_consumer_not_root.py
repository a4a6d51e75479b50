"""A compose file, manifest or run command runs an image as a user whose start needs root.

## What it does
Compares the user that a consumer gives (`user:`, `runAsUser`, `--user`, `runAsNonRoot`) with what the image's start does: init
scripts that make accounts, change owners or become another user (`s6-setuidgid`, `gosu`, `su`), and s6-overlay's own needs in the
image's release; and an entry script that makes files in folders, or in new volumes, that are root's. What an image does under a
test of the user is left alone, and so is a start that needs nothing of root.

## Why it matters at run time
s6-overlay 1 does not start at all. Later releases start with a helper that has the setuid bit, and then every step that needs
root fails: the account is not made, services that drop privileges are restarted for ever. Without new privileges the helper
cannot work, and `/init` ends with exit code 100; without the capabilities SETUID, SETGID and CHOWN it ends with 111.

## When to ignore it
When the platform maps the user to root (user namespaces), or a hook of the platform does the work of the failing steps.

## References
- s6-overlay README, "USER directive"; s6-overlay-helpers, s6-overlay-suexec.c
- Compose specification, "user"; Kubernetes, "Configure a Security Context for a Pod or Container"
"""

from collections.abc import Iterator

from ..lineage.consumers.model import Consumer, ConsumerSetting, Mount
from ..lineage.effects.model import MakeAccount
from ..lineage.image.accounts import Account
from ..lineage.s6.release import S6Release
from ..lineage.text.errors import Unknown
from ..lineage.text.numbers import is_digits
from ..lineage.workspace.deployments import Deployment
from .base import Message, Related, Severity, Undecided
from .shared.users.own_user import need_of_own_user
from .shared.users.root_needs import RootNeed, capability, is_root, root_needs, unread_steps
from .shared.users.unwritable import RefusedWrite, refused_writes

SEVERITY = Severity.ERROR


def check(deployment: Deployment) -> Iterator[Message | Undecided]:
    consumer = deployment.consumer
    user = consumer.user
    if user is None:
        if consumer.non_root is not None and consumer.non_root.known is True:
            yield from _refused(deployment, consumer.non_root)
        elif consumer.platform_user is not None and consumer.base is not None and _starts_as_root(deployment):
            yield Undecided(consumer.platform_user)
        return
    if isinstance(user.value, Unknown) or is_root(user.value):
        return
    lacking = _lacks_account(deployment, user.value)
    found = _no_account(deployment, user, user.value) if lacking is True else None
    found = found or _start(deployment, consumer, user, user.value)
    if found is not None:
        yield found
    elif isinstance(lacking, Unknown):
        yield Undecided(lacking)


def _starts_as_root(deployment: Deployment) -> bool:
    """Whether the image is started as root, and something in its start needs it: then it matters who the platform runs it as."""
    user = deployment.image.user
    return (user is None or is_root(user.value)) and any(need.vital for need in root_needs(deployment.started_boot))


def _refused(deployment: Deployment, non_root: ConsumerSetting[bool]) -> Iterator[Message]:
    """`runAsNonRoot` over an image whose user is root: the kubelet does not start it."""
    image = deployment.image
    user = image.user
    if user is None and image.config_open is not None:
        raise image.config_open
    if user is not None and not is_root(user.value):
        return
    yield Message(
        non_root.place,
        f"`runAsNonRoot` is set and {deployment.image_name} runs as root: the container is not created "
        "(CreateContainerConfigError).",
        "Give `runAsUser` a user that the image can run as, or take `runAsNonRoot` out.",
        (Related(user.place, "the image's user is set here"),) if user is not None else (),
        subject="runAsNonRoot",
    )


def _no_account(deployment: Deployment, user: ConsumerSetting[str], name: str) -> Message:
    """A user by name who is not in the image's /etc/passwd: the engine refuses to make the container."""
    name = name.partition(":")[0]
    return Message(
        user.place,
        f"The image {deployment.image_name} has no account `{name}`: the container is not created (no matching entries in "
        "the passwd file).",
        "Give a number, or an account that the image's build makes.",
        subject=name,
    )


def _lacks_account(deployment: Deployment, name: str) -> bool | Unknown:
    """Whether a user is named of whom the image has no account."""
    name = name.partition(":")[0]
    account = None if is_digits(name) else deployment.image.accounts.get(name)
    if is_digits(name) or isinstance(account, Account):
        return False
    return next((doubt for doubt in (account, deployment.consumer.open) if doubt is not None), True)


def _start(deployment: Deployment, consumer: Consumer, user: ConsumerSetting[str], name: str) -> Message | None:
    release = deployment.release if deployment.starts_init else None
    if release is not None and release.generation < 2:
        return _told(
            user, f"s6-overlay {release.label} cannot start as {name}: `/init` ends with exit code 1.", release
        )
    if release is not None and _no_privileges(deployment, consumer, release, name):
        between = release.at_least(3, 1) is True and release.at_least(3, 2) is False
        code = "1" if release.generation < 3 else "111" if between else "100"
        return _told(
            user,
            f"s6-overlay {release.label} needs root for its first steps, and gets it from a program with the setuid bit, "
            f"which `no-new-privileges` makes void: as {name} `/init` ends with exit code {code}.",
            release,
        )
    if release is not None and release.generation >= 3:
        lacking = _lacking(consumer)
        if lacking:
            return _told(
                user,
                f"s6-overlay {release.label} needs root for its first steps, and gets it from a program with the setuid bit, "
                f"which the container leaves without {lacking}: as {name} `/init` ends with exit code 111.",
                release,
            )
    needs = list(root_needs(deployment.started_boot))
    vital = next((need for need in needs if need.vital), None)
    if (
        vital is not None
        and deployment.made_here
        and _is_the_images(deployment, user)
        and (isinstance(vital.effect, MakeAccount) or need_of_own_user(deployment.image, deployment.boot) is not None)
    ):
        return None  # CT306 tells it of the image
    if vital is not None:
        return _of_need(deployment, user, name, vital, Severity.ERROR)
    if release is None and not _is_the_images(deployment, user):
        refused = next(refused_writes(deployment), None)
        if refused is not None:
            return _of_write(deployment, user, name, refused)
    if release is not None and needs:
        return _of_need(deployment, user, name, needs[0], Severity.WARNING)
    doubt = unread_steps(deployment.started_boot)
    if doubt is not None and release is not None:
        raise doubt
    return None


def _no_privileges(deployment: Deployment, consumer: Consumer, release: S6Release, name: str) -> bool:
    """Whether the setuid helper is made void, and /run is not the user's own."""
    setting = consumer.no_new_privileges
    if setting is None or setting.known is not True:
        return False
    if release.generation >= 3:
        accepts = deployment.variable("S6_YES_I_WANT_A_WORLD_WRITABLE_RUN_BECAUSE_KUBERNETES")
        if isinstance(accepts, Unknown) and consumer.open is not None:
            raise accepts
        if accepts is not None and not isinstance(accepts, Unknown):
            return False
    run = deployment.image.tree.find("/run")
    mount = next((mount for mount in consumer.mounts if mount.target == "/run"), None)
    mounted = mount is not None
    if mount is not None and _is_the_users(mount, name):
        return False
    if mounted and release.at_least(3, 1) is True and release.at_least(3, 2) is False:
        return False  # these take any /run that they can write to
    owner = run.owner.partition(":")[0] if run is not None else "root"
    return mounted or owner not in (name.partition(":")[0],)


def _is_the_users(mount: Mount, name: str) -> bool:
    """Whether what is mounted belongs to the user (`tmpfs: /run:uid=1000`). Raises Unknown for a folder of the host."""
    if mount.kind == "bind":
        raise Unknown(f"whom the folder that {mount.place} mounts at /run belongs to is not known")
    owner = next((option[4:] for option in mount.options if option.startswith("uid=")), None)
    return owner is not None and owner == name.partition(":")[0]


def _lacking(consumer: Consumer) -> str:
    """The first capability that the setuid helper lacks (booted: SETGID, SETUID, CHOWN, in this order); "" for none."""
    if consumer.no_new_privileges is not None and consumer.no_new_privileges.known is not False:
        return ""  # the helper is void then, and asks for nothing
    dropped, added = set(map(capability, consumer.cap_drop)), set(map(capability, consumer.cap_add))
    if None in dropped or None in added or "ALL" in added:
        return ""
    return next((c for c in ("SETGID", "SETUID", "CHOWN") if {c, "ALL"} & dropped and c not in added), "")


def _told(user: ConsumerSetting[str], text: str, release: S6Release) -> Message:
    return Message(
        user.place,
        text,
        "Run the image as root: its init scripts and services drop privileges themselves.",
        (Related(release.place, "s6-overlay comes into the image here"),),
        subject="user",
    )


def _is_the_images(deployment: Deployment, user: ConsumerSetting[str]) -> bool:
    """Whether the consumer says the very user that the image has: what that may not do is the image's own fault."""
    own = deployment.image.user
    return own is not None and own.value == user.known


def _of_write(deployment: Deployment, user: ConsumerSetting[str], name: str, refused: RefusedWrite) -> Message:
    where = f"{refused.folder}, which is root's"
    if refused.volume is not None:
        where += f", as a new volume takes the owner of what the image has at {refused.volume.target}"
    related = [Related(refused.effect.place, "this writes")]
    if refused.volume is not None:
        related.append(Related(refused.volume.place, "the volume is mounted here"))
    return Message(
        user.place,
        f"{deployment.image_name} is run as {name}, and {refused.step.label} makes {refused.path} at start in {where}: that "
        "fails, and the container ends.",
        f"Let the image's build make {refused.folder} and give it to {name}.",
        tuple(related),
        severity=Severity.ERROR,
        subject="user",
    )


def _of_need(
    deployment: Deployment, user: ConsumerSetting[str], name: str, need: RootNeed, severity: Severity
) -> Message:
    image = deployment.image
    runtime = next((account for account in deployment.boot.accounts), None)
    cure = "Leave the user out: the image drops privileges itself."
    if runtime is not None and runtime.uid is not None and runtime.uid.variables:
        cure = f"Leave the user out, and give the number as {runtime.uid.variables[0]}."
    elif image.user is not None and not is_root(image.user.value):
        cure = "Leave the user out, or make the start do without root."
    happens = (
        "that fails, and what rests on it does not start"
        if need.vital
        else "that fails, and files keep the wrong owner"
    )
    return Message(
        user.place,
        f"{deployment.image_name} is run as {name}, and {need.step.label} needs root at start ({need.what}): {happens}.",
        cure,
        (Related(need.effect.place, "this needs root"),),
        severity=severity,
        subject="user",
    )
