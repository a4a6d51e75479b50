"""s6-overlay 3.0 gives scripts and services a PATH of its own, in which a program that they call is not found.

## What it does
Reports commands of init scripts, services and oneshots that name a program without a folder, where the image has s6-overlay 3.0
and the program lies in none of `/command`, `/usr/bin` and `/bin`: in `/usr/local/bin`, `/usr/sbin`, or a folder that only the
image's PATH names. Scripts that set PATH first are left alone, and so are images that set `/etc/s6-overlay/config/global_path`.

## Why it matters at run time
The PATH of scripts and services is `/command:/usr/bin:/bin` in 3.0, with `with-contenv` too: the command is not found (exit code
127), though it works in older and in later releases, and in a shell in the container.

## When to ignore it
When something that ctlint cannot see puts the program into one of these folders.

## References
- s6-overlay, MOVING-TO-V3.md; CHANGELOG.md, 3.1.0.0: "S6_GLOBAL_PATH"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.start_commands import StartCommand, StartCommands
from ..lineage.effects.s6_directories import S6_OVERLAY
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release
from ..lineage.text.paths import DEFAULT_PATH
from .base import Message, Related, Severity

SEVERITY = Severity.ERROR

_PATH = ("/command", "/usr/bin", "/bin")
_IN_SBIN = frozenset(
    """adduser addgroup deluser delgroup useradd userdel usermod groupadd groupdel groupmod chpasswd cron crond sshd nginx
    apache2 apache2ctl apachectl service start-stop-daemon ldconfig iptables sysctl runuser rsyslogd dnsmasq""".split()
)
"""Programs that distributions put into /usr/sbin or /sbin."""
_GLOBAL = f"{S6_OVERLAY}/config/global_path"


def check(image: EffectiveImage, boot: BootPlan, commands: StartCommands) -> Iterator[Message]:
    release = boot.s6
    if not isinstance(release, S6Release) or release.version is None or not release.version.startswith("3.0."):
        return
    changed = image.tree.find(_GLOBAL)
    if changed is not None and changed.provides is None:
        return
    told: set[tuple[str, str]] = set()
    for one in commands:
        where = _elsewhere(image, one)
        key = (one.name, one.command.name)
        if where is None or key in told:
            continue
        told.add(key)
        command = one.command
        yield Message(
            command.argv[0].place,
            f"`{command.name}` of {one.name} is not found: s6-overlay {release.label} gives scripts the PATH "
            f"`{':'.join(_PATH)}`, and the program is in {where}.",
            f"Name it by its path, `{where}/{command.name}`; or set PATH at the top of the script; or move to s6-overlay 3.1.",
            (Related(release.place, "s6-overlay comes into the image here"),),
            subject=command.name,
            owner=one.image,
        )


def _elsewhere(image: EffectiveImage, one: StartCommand) -> str | None:
    """The folder in which the command's program lies, where that is none that s6-overlay 3.0 looks in."""
    command = one.command
    name = command.argv[0].literal
    if name is None or "/" in name or not name or command.function or "PATH" in command.variables:
        return None
    if any(word == "PATH" for word, _ in command.assignments) or any(w.name == "env" for w in command.wrappers):
        return None
    if any(image.tree.find(f"{folder}/{name}") is not None for folder in _PATH):
        return None
    path = image.env["PATH"].value if "PATH" in image.env else DEFAULT_PATH
    for folder in path.split(":"):
        folder = folder.rstrip("/")
        if folder and folder not in _PATH and image.tree.find(f"{folder}/{name}") is not None:
            return None if image.tree.resolve(folder) in _PATH else folder
    if name in _IN_SBIN and image.tree.resolve("/usr/sbin") not in _PATH:
        return "/usr/sbin"
    return None
