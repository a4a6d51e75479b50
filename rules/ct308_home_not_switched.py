"""A program is started as the desktop user with another home in HOME.

## What it does
Reports `s6-setuidgid`, `s6-applyuidgid` and `setpriv` that start, as the desktop user, a program known to keep its settings in
`$HOME`, while HOME is still the image's (or root's); and one whose HOME begins like the account's home and is a folder that
nothing makes (`/home/$USER_NAME-cont`).

## Why it matters at run time
These tools change the user and nothing else. The program reads and writes the settings of another home, which the user
may not write: sessions do not start, settings are lost.

## When to ignore it
When the program is meant to use the image's home. `su` and `sudo -H`, which set HOME, are not reported.

## References
- s6, s6-setuidgid: "uid, gid and supplementary groups" only
"""

from collections.abc import Iterator, Sequence

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.steps import StartStep
from ..lineage.builds.build_files import build_files
from ..lineage.commands.model import Command
from ..lineage.effects.model import MakeDirectory
from ..lineage.image.image import EffectiveImage
from ..lineage.late.dataclasses import dataclass, replace
from ..lineage.text.errors import Unknown
from ..lineage.text.symbolic import Text
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Related, Severity

SEVERITY = Severity.WARNING

_SWITCHES = ("s6-setuidgid", "s6-applyuidgid", "setpriv")
# Programs that keep settings, sockets or caches in $HOME and misbehave where they may not write it.
_USES_HOME = frozenset(
    """Xtigervnc Xvnc bash brave chromium chromium-browser code code-server conda dbus-launch dbus-run-session
    emacs firefox firefox-esr fluxbox geany git gnome-session google-chrome gvfsd i3 icewm jupyter jupyter-lab
    jupyter-notebook jupyterhub-singleuser kasmvncserver lxqt-session lxsession marimo mate-session
    mate-terminal napari nautilus npm octave octave-gui openbox openbox-session pcmanfm pip pip3 plasmashell
    pulseaudio qterminal rsession ssh startkde startlxde startlxqt startplasma-x11 startxfce4 streamlit thunar
    tigervncserver vglrun vncserver wine x11vnc xfce4-panel xfce4-session xfce4-terminal xfdesktop xfwm4
    xstartup xterm yarn""".split()
)


def check(source: ImageSource, workspace: Workspace, image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    told: dict[str, Message] = {}
    yield from _elsewhere(boot)
    for step, command, home in _unset(boot):
        known = told.get(home)
        if known is None:
            told[home] = _message(image, step, command, home)
        elif known.owner == step.image:
            also = Related(command.place, f"`{command.name}` runs with it, too")
            told[home] = replace(known, related=(*known.related, also))
    if told:
        heir = _heir_that_sets_home(workspace, source)
        if heir is not None:
            raise Unknown(f"{heir}, sets HOME")
    yield from told.values()


def _heir_that_sets_home(workspace: Workspace, source: ImageSource) -> str | None:
    """An image at hand that is built on this one, or may be, and sets HOME: this one is there to be built on."""
    names = {name.name for name in source.names}
    unread = next((path for _, path in build_files(source.snapshot) if source.snapshot.unreadable(path)), None)
    if unread is not None:
        return f"another image, which {unread} (it cannot be read) may say is built on this one, maybe"
    for heir in workspace.once(_heirs_that_set_home):
        if heir.source is source:
            continue
        if heir.ancestors is None:
            if heir.source.snapshot is source.snapshot:
                return f"{heir.source.shown}, which cannot be read and may be built on the image"
        elif source.id in heir.ancestors:
            return f"{heir.source.name}, which is built on the image"
        elif not names.isdisjoint(heir.unknown):
            return f"{heir.source.name}, which may be built on the image"
    return None


@dataclass(frozen=True, slots=True)
class _Heir:
    """An image that sets HOME itself, with the ids of the images that it is built on (None where it cannot be read) and the
    names of those that are not known."""

    source: ImageSource
    ancestors: frozenset[str] | None
    unknown: frozenset[str] = frozenset()


def _heirs_that_set_home(workspace: Workspace) -> Sequence[_Heir]:
    found: list[_Heir] = []
    for source in workspace.images:
        if source.stage is None:
            found.append(_Heir(source, None))
            continue
        heir = workspace.effective(source)
        home = heir.env.get("HOME")
        if home is not None and heir.owns(home.image) and len(heir.chain) > 1:
            above = heir.chain[1:]
            unknown = frozenset(link.name for link in above if link.origin == "unknown")
            found.append(_Heir(source, frozenset(link.id for link in above if link.id is not None), unknown))
    return found


def _unset(boot: BootPlan) -> Iterator[tuple[StartStep, Command, str]]:
    """The programs that run as the desktop user with the image's HOME, and the home that is meant."""
    for step in boot.steps:
        if step.script is None:
            continue
        for command in step.script.commands:
            account = boot.account(command.user)
            if account is None or not command.user.variables or command.name not in _USES_HOME:
                continue
            if not any(wrapper.name in _SWITCHES for wrapper in command.wrappers):
                continue
            if _home_is_set(command):
                continue
            yield step, command, account.home.canonical


def _elsewhere(boot: BootPlan) -> Iterator[Message]:
    """HOME of a program of the desktop user is nearly the account's, and a folder that nothing makes."""
    made = {
        effect.path.canonical for step in boot.steps for effect in step.effects if isinstance(effect, MakeDirectory)
    }
    told: set[str] = set()
    for step in boot.steps:
        for command in step.script.commands if step.script is not None else ():
            account = boot.account(command.user)
            if account is None or not command.user.variables or command.name not in _USES_HOME:
                continue
            value = command.variables.get("HOME")
            home = account.home.canonical
            if value is None or value.opaque or value.canonical == home or not value.canonical.startswith(home):
                continue
            text = value.canonical
            if text in made or text[len(home)] == "/" or text in told:
                continue
            told.add(text)
            yield Message(
                command.place,
                f"`{command.name}` runs with HOME={text}, and the home of `{command.user.canonical}` is {home}: nothing makes "
                "the folder, and its settings are lost.",
                f"Set `HOME` to {home}.",
                (*_assigned(step, value), Related(account.effect.place, "the account is made here")),
                subject=text,
                owner=step.image,
            )


def _assigned(step: StartStep, home: Text) -> tuple[Related, ...]:
    """Where a step sets HOME to that."""
    commands = step.script.commands if step.script is not None else ()
    places = [one.place for one in commands if any(name == "HOME" and value == home for name, value in one.assignments)]
    return tuple(Related(place, "HOME is set here") for place in places[:1])


def _home_is_set(command: Command) -> bool:
    if any(name == "HOME" for name, _ in command.assignments) or "HOME" in command.variables:
        return True
    return any(
        (wrapper.name == "env" and any(word.raw.startswith(("HOME=", '"HOME=')) for word in wrapper.argv))
        or wrapper.name in ("su", "runuser", "gosu", "login")
        or (wrapper.name == "setpriv" and any(word.raw == "--reset-env" for word in wrapper.argv))
        for wrapper in command.wrappers
    )


def _message(image: EffectiveImage, step: StartStep, command: Command, home: str) -> Message:
    sourced = image.env.get("HOME")
    sees = step.script is not None and step.script.sees_environment is True
    value = sourced.value if sourced is not None and sees else None
    now = f"`{value}`" if value else "not set"
    related = (Related(sourced.place, "the image sets HOME here"),) if sourced is not None and value else ()
    return Message(
        command.place,
        f"`{command.name}` runs as `{command.user.canonical}`, but HOME is still {now}: s6-setuidgid changes the user only.",
        f'Set it first: `export HOME="{home}"`.'.replace("${", "$").replace('}"', '"').replace("}", ""),
        related,
        subject=command.name,
        owner=step.image,
    )
