"""A service that a derived image adds runs as root without need.

## What it does
Reports services of an image that inherits s6-overlay from its parent where the program runs as root, by `s6-setuidgid root`
or as nothing changes the user, and is known not to need it, or is a script of the image. Ports below 1024, root's files, and
programs that drop their privileges themselves are reasons to be root.

## Why it matters at run time
Whoever gets hold of the service has the whole container, and, with a mounted volume, root's rights on its files.

## When to ignore it
When the program needs root for something that cannot be seen from outside.

## References
- s6, s6-setuidgid
- CIS Docker Benchmark, "Ensure that a user for the container has been created"
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command
from ..lineage.effects.model import ChangeMode, ChangeOwner, Effect, Execute, Opens, Write
from ..lineage.image.image import EffectiveImage
from ..lineage.late.dataclasses import dataclass
from ..lineage.late.patterns import pattern
from ..lineage.s6.release import S6Release
from ..lineage.text.numbers import natural
from ..lineage.text.spelling import words_of
from .base import Message, Severity
from .shared.services.service_program import child_program, replacing_program

SEVERITY = Severity.WARNING


@dataclass(frozen=True, slots=True)
class RootService:
    """A service's program. `switched`: it says itself that it wants root (`s6-setuidgid root`)."""

    step: StartStep
    command: Command
    switched: bool


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    for service in root_services(image, boot):
        yield _message(boot, service)


def _message(boot: BootPlan, service: RootService) -> Message:
    names = [account.name.canonical for account in boot.accounts if account.name.pieces]
    user = names[0].replace("${", "$").replace("}", "") if names else "nobody"
    how = "is told to run as root" if service.switched else "runs as root, as nothing changes the user"
    return Message(
        service.command.place,
        f"`{service.command.name}` of the service {service.step.label} {how}, and does nothing that is known to need it.",
        f'Start it with `exec s6-setuidgid "{user}" {service.command.name} …`.',
        subject=service.step.name,
        owner=service.step.image,
    )


_UNPRIVILEGED = frozenset(
    words_of("""python python2 python3 node nodejs java catalina.sh startup.sh gunicorn uvicorn flask waitress-serve hypercorn
        celery streamlit jupyter jupyter-lab jupyter-notebook jupyterhub-singleuser code-server http-server serve websockify
        novnc_proxy vncserver Xvnc Xtigervnc x11vnc firefox chromium guacd ruby puma rails npm yarn pnpm deno bun dotnet mono
        filebrowser startxfce4 octave pgadmin4 ohif voila panel bokeh rserver""")
)
"""Programs that serve or draw, and need nothing that is root's."""
_DROPS_RIGHTS = frozenset(
    words_of(
        "apache2 apache2ctl chronyd dbus-daemon dnsmasq dovecot haproxy httpd lighttpd named nginx php-fpm squid sshd"
    )
)
"""Programs that are started as root to open a port or a file, and then change their user by themselves."""
_NEEDS_ROOT = pattern(
    r"^/(?:root|dev|sys|proc|boot|var/run/docker|run/docker|etc/(?:shadow|ssl/private|letsencrypt))(?:/|$|\.)"
)
_PORT = pattern(r"(?:^|[:=])(\d{1,4})$")
_HARMLESS_PLACES = ("/tmp", "/run", "/var/run", "/dev", "/var/log", "/var/tmp")


def root_services(image: EffectiveImage, plan: BootPlan) -> Iterator[RootService]:
    """The services that an image derived from one with s6-overlay adds, and that run as root without a known need."""
    release = plan.s6
    if not isinstance(release, S6Release) or image.owns(release.image):
        return
    for step in plan.of_kind("services.d", "longrun"):
        command = _program(step) if image.owns(step.image) else None
        if command is None or command.user.canonical not in ("root", "0:0", "0"):
            continue
        switched = any(w.user is not None and w.user.literal in ("root", "0:0") for w in command.wrappers)
        if command.name in _DROPS_RIGHTS or _may_need_root(step, command) or not _does_without(step, command):
            continue
        yield RootService(step, command, switched)


def _program(step: StartStep) -> Command | None:
    """The program that the run script starts, whether it takes the script's place or stays a child of the shell."""
    script = step.script
    family = script.shebang.interpreter_of_family if script is not None and script.shebang is not None else None
    if script is None or (family is not None and family.root):
        return None
    return replacing_program(step) or child_program(step)


def _may_need_root(step: StartStep, command: Command) -> bool:
    for word in command.arguments:
        text = word.text.canonical
        port = _PORT.search(text)
        if _NEEDS_ROOT.match(text) or (port is not None and 0 < (natural(port.group(1)) or 0) < 1024):
            return True
        if text.startswith(("--user", "--uid", "--runas", "-u")) and command.name not in _UNPRIVILEGED:
            return True
    return any(_works_on_system(effect) for effect in step.effects)


def _works_on_system(effect: Effect) -> bool:
    """Whether the run script does as root what only root may do."""
    if effect.user.canonical != "root":
        return False
    if isinstance(effect, ChangeOwner | ChangeMode):
        return True
    return isinstance(effect, Write) and not effect.path.canonical.startswith(_HARMLESS_PLACES)


def _does_without(step: StartStep, command: Command) -> bool:
    """Whether the program is one that is known not to need root, or a script of the image that was read to the end."""
    if command.name in _UNPRIVILEGED:
        return True
    if not command.loaded:
        return False
    return not any(isinstance(e, Opens) or (isinstance(e, Execute) and not e.read) for e in step.effects)
