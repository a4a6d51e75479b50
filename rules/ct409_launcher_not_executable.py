"""A launcher without x bit on a Desktop that asks before it starts one.

## What it does
Follows each `.desktop` file of the repository to the user's Desktop, with the modes that COPY, RUN and start scripts give it
(`cp` keeps modes, `install` sets 0755, a link has its target's), and reports one that arrives without x bit in a lineage
whose desktop is Xfce, or MATE with Caja up to 1.26.0.

## Why it matters at run time
A double click opens a question, "Untrusted application launcher", instead of the application; where the user does not own
the file, every time. From 4.18 on Xfce wants a checksum in the file's metadata besides the x bit.

## When to ignore it
When users are expected to answer the question.

## References
- Thunar, thunar-file.c, `thunar_file_is_desktop_file`; Caja, `is_link_trusted`
- Xfce 4.18: `gio set -t string FILE metadata::xfce-exe-checksum "$(sha256sum FILE | cut -d' ' -f1)"`
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.desktop.launchers import Delivery, Launcher, Launchers
from ..lineage.effects.file_modes import changed_mode
from ..lineage.effects.model import ChangeMode, Copy, Opens
from ..lineage.image.image import EffectiveImage
from ..lineage.late.patterns import pattern
from ..lineage.text.errors import Unknown
from ..lineage.text.globs import path_matches, path_within
from .base import Edit, Fix, Message, Related, Severity

SEVERITY = Severity.WARNING


def check(image: EffectiveImage, boot: BootPlan, launchers: Launchers) -> Iterator[Message]:
    desktop = asking_desktop(image)
    if desktop is None:
        return
    for launcher in launchers.staged:
        node = launcher.node
        if not image.owns(node.image) or node.source is None or node.executable is True:
            continue
        delivery = next((d for d in launchers.deliveries if d.takes(launcher) and _to_desktop(boot, d)), None)
        if delivery is None or _made_executable(boot, delivery, launcher):
            continue
        if isinstance(node.executable, Unknown):
            raise node.executable
        boot.require_whole()
        yield Message(
            launcher.place,
            f"{launcher.name} has no x bit (mode {node.mode or 0:04o}) when it arrives on the Desktop: {desktop} asks before it "
            "starts it.",
            "Give the file the x bit in the repository (`git update-index --chmod=+x`), or copy it with `install -m 0755`.",
            (Related(delivery.place, "it is brought to the Desktop here"),),
            fix=Fix("set the x bit", (Edit("chmod", launcher.place, mode="755"),), "safe"),
        )


def _to_desktop(boot: BootPlan, delivery: Delivery) -> bool:
    target = delivery.target.canonical
    return delivery.in_home(boot) and "Desktop" in target.split("/") and "autostart" not in target


def _made_executable(boot: BootPlan, delivery: Delivery, launcher: Launcher) -> bool:
    """Whether the copy, or a command at start, gives the launcher the x bit, or may."""
    effect = delivery.effect
    if isinstance(effect, Copy) and effect.mode is not None and effect.mode & 0o111:
        return True
    folder = delivery.target.canonical.rstrip("/")
    arrivals = (launcher.path, folder, f"{folder}/{launcher.name}")
    for step in boot.steps:
        for other in step.effects:
            if isinstance(other, Opens) and step is delivery.step:
                return True
            if isinstance(other, ChangeMode) and _covers(other, arrivals) and _adds_x(other.mode):
                return True
    return False


def _covers(change: ChangeMode, paths: tuple[str, ...]) -> bool:
    if change.path.opaque:
        return True
    wanted = change.path.canonical.rstrip("/")
    for path in paths:
        if path == wanted or (change.recursive and path.startswith(wanted + "/")):
            return True
        if change.globs and (path_within(path, wanted) if change.recursive else path_matches(path, wanted)):
            return True
    return False


def _adds_x(mode: str) -> bool:
    changed = changed_mode(0o644, mode)
    return changed is None or bool(changed & 0o111)


_XFCE = pattern(r"xfce4|xfdesktop4?|xubuntu-desktop.*|xubuntu-core|xfce4-session|task-xfce-desktop|xfce")
_CAJA = pattern(r"caja|mate-desktop-environment.*|ubuntu-mate-desktop|ubuntu-mate-core|mate-core|task-mate-desktop")
_BEFORE_CAJA_1_26_1 = pattern(
    r"(?:^|[:/-])(?:ubuntu(?::|-mate-)?(?:1\d|2[01]|22)\.\d\d|xenial|bionic|focal|jammy|stretch|buster|bullseye)\b"
    r"|^(?:ubuntu:(?:1\d|2[01]|22)\.|debian:(?:9|10|11)\b)"
)


def asking_desktop(image: EffectiveImage) -> str | None:
    """The desktop that asks before it starts a launcher without x bit: "Xfce" or "MATE"; None where none is known to."""
    packages = image.accounts.packages
    if any(_XFCE.fullmatch(package) for package in packages):
        return "Xfce"
    if any(_CAJA.fullmatch(package) for package in packages) and _has_old_caja(image):
        return "MATE"
    return None


def _has_old_caja(image: EffectiveImage) -> bool:
    return any(_BEFORE_CAJA_1_26_1.search(f"{link.name}:{link.tag}") for link in image.chain if link.tag)
