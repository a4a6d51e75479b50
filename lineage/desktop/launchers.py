"""Desktop launchers: where the build puts them, and which start steps bring them onto the user's Desktop.

Terms are those of the Desktop Entry Specification and the XDG Base Directory and Autostart specifications.
"""

from collections.abc import Iterator
from posixpath import basename

from ..boot.plan import BootPlan, RuntimeAccount
from ..boot.steps import StartStep
from ..effects.model import Copy, Link, Opens, Unpack
from ..image.image import EffectiveImage
from ..image.tree import Node
from ..late.dataclasses import dataclass
from ..text.errors import Unknown
from ..text.globs import path_within
from ..text.paths import normal
from ..text.places import Place
from ..text.symbolic import Text

SUFFIX = ".desktop"
_DATA_PARTS = frozenset(
    (
        "applications",
        "autostart",
        "xsessions",
        "wayland-sessions",
        "desktop-directories",
        "services",
        "mimelnk",
        "kservices5",
    )
)
"""Directories that desktops read launchers from by themselves (`XDG_DATA_DIRS/applications`, `/etc/xdg/autostart`)."""


@dataclass(frozen=True, slots=True)
class Launcher:
    """A `.desktop` file that the image holds at `path`."""

    path: str
    node: Node

    @property
    def name(self) -> str:
        return basename(self.path)

    @property
    def place(self) -> Place:
        return self.node.home

    @property
    def shown_by_itself(self) -> bool:
        """Whether it lies where a desktop (or useradd, from the skeleton) picks it up without a start script."""
        parts = self.path.split("/")
        return any(part in _DATA_PARTS for part in parts[:-1]) or self.path.startswith("/etc/skel/")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A start step's command that copies or links launchers.

    `source` is what it takes (a file, a pattern, or a directory), `target` where to; `user` the account that does it.
    """

    step: StartStep
    effect: Copy | Link
    source: Text
    target: Text
    user: Text
    globs: bool

    @property
    def place(self) -> Place:
        return self.effect.place

    def takes(self, launcher: Launcher) -> bool:
        """Whether it surely or possibly takes the launcher."""
        pattern = self.source.canonical
        if self.source.literal is None:
            fixed = self.source.prefix.rpartition("/")[0]
            return (bool(fixed) and launcher.path.startswith(fixed + "/")) or basename(pattern) == launcher.name
        if self.globs:
            return path_within(launcher.path, pattern)
        pattern = pattern.rstrip("/").removesuffix("/.")
        return launcher.path == pattern or launcher.path.startswith(pattern + "/")

    @property
    def destinations(self) -> tuple[str, ...]:
        """The files that a single launcher may become, as canonical texts; none where it takes several."""
        target = self.target.canonical.rstrip("/")
        taken = self.effect.target if isinstance(self.effect, Link) else self.source
        name = basename(taken.canonical)
        if self.globs or taken.opaque or not name.endswith(SUFFIX):
            return ()
        inside = f"{target}/{name}"
        if self.effect.into:
            return (inside,)
        return (target,) if target.endswith(SUFFIX) else (target, inside)

    def in_home(self, plan: BootPlan) -> bool:
        """Whether it goes below the home of an account that is made at start, or of the user who logs in."""
        if plan.home(self.target) is not None:
            return True
        command = self.effect.command
        if self.step.kind != "session" or command is None:
            return False
        home = command.home.canonical
        return bool(home) and self.target.canonical.startswith(home + "/")


_SHOWN_FOLDERS = ("Desktop", "autostart")


@dataclass(frozen=True)
class Launchers:
    """The launchers of an image, and their deliveries in the order of the boot."""

    image: EffectiveImage
    plan: BootPlan
    staged: tuple[Launcher, ...]
    deliveries: tuple[Delivery, ...]

    @classmethod
    def of(cls, image: EffectiveImage, plan: BootPlan) -> "Launchers":
        staged = tuple(
            Launcher(path, node)
            for path, node in sorted([pair for pair in image.tree.nodes.items() if pair[0].endswith(SUFFIX)])
            if node.kind == "file"
        )
        return cls(image, plan, staged, tuple(_deliveries(image, plan)))

    def in_future_home(self, launcher: Launcher) -> RuntimeAccount | None:
        """The account whose Desktop or autostart folder the launcher lies in, where it is made only at start.

        `/home/desktop/Desktop/x.desktop` is in the future home `/home/$USER_NAME` of whatever name, unless the image
        has an account `desktop` already.
        """
        parts = launcher.path.split("/")
        for account in self.plan.accounts:
            home = account.home.canonical.split("/")
            if (
                not account.home.variables
                or not account.home.prefix
                or len(parts) <= len(home)
                or not _alike(parts, home)
            ):
                continue
            names = [part for part, wanted in zip(parts, home, strict=False) if part != wanted]
            below = parts[len(home) : -1]
            known = any(self.image.accounts.get(name) is not None for name in names)
            if names and not known and any(folder in _SHOWN_FOLDERS for folder in below):
                return account
        return None

    def in_emptied_home(self, launcher: Launcher) -> bool:
        """Whether the launcher lies where `/home/$USER_NAME/Desktop` leads while the variables are still empty."""
        folder = launcher.path.rpartition("/")[0]
        for account in self.plan.accounts:
            home = "".join(
                piece if isinstance(piece, str) else self._value(getattr(piece, "name", ""))
                for piece in account.home.pieces
            )
            if account.home.variables and any(folder == normal(f"{home}/{shown}") for shown in _SHOWN_FOLDERS):
                return True
        return False

    def _value(self, variable: str) -> str:
        sourced = self.image.env.get(variable)
        return "" if sourced is None else sourced.value

    def delivered(self, launcher: Launcher) -> bool | Unknown:
        """Whether a start step brings the launcher to the user; Unknown where a step does what cannot be read."""
        if any(delivery.takes(launcher) for delivery in self.deliveries):
            return True
        for step in self.plan.steps:
            for effect in step.effects:
                if isinstance(effect, Opens) and "/" in effect.below and not _serves(step):
                    return Unknown(f"{effect.place}: {effect.reason}")
                if isinstance(effect, Copy | Link) and any(source.opaque for source in sources_of(effect)):
                    return Unknown(f"{effect.place} copies files that cannot be read off it")
                if isinstance(effect, Unpack) and effect.url is None and self.plan.home(effect.into) is not None:
                    return Unknown(f"{effect.place} unpacks an archive in the home")
            unread = step.script is None or (step.script.reading is None and step.script.node.facts is None)
            if unread and not _serves(step):
                return Unknown(f"what {step.place.path} does is not known")
        if self.plan.open is not None:
            return self.plan.open
        return False


def _serves(step: StartStep) -> bool:
    """Whether the step is a service: what is not known of its program is no reason to think it brings launchers."""
    return step.kind in ("services.d", "longrun")


def sources_of(effect: Copy | Link) -> tuple[Text, ...]:
    return effect.sources if isinstance(effect, Copy) else (effect.target,)


def _deliveries(image: EffectiveImage, plan: BootPlan) -> Iterator[Delivery]:
    folders = {path.rpartition("/")[0] for path in image.tree.nodes if path.endswith(SUFFIX)}
    for step in plan.steps:
        for effect in step.effects:
            if not isinstance(effect, Copy | Link):
                continue
            target = effect.target if isinstance(effect, Copy) else effect.path
            globs = isinstance(effect, Copy) and effect.globs
            for source in sources_of(effect):
                if _means_launchers(source, globs, target, folders):
                    yield Delivery(step, effect, source, target, effect.user, globs)


def _means_launchers(source: Text, globs: bool, target: Text, folders: set[str]) -> bool:
    text = source.canonical.rstrip("/").removesuffix("/.")
    if text.endswith(SUFFIX):
        return True
    if globs:
        folder = text.rpartition("/")[0]
        return folder in folders
    return any(folder == text or folder.startswith(text + "/") for folder in folders)


def _alike(parts: list[str], home: list[str]) -> bool:
    """Whether the path begins as a home whose variables may stand for any name does."""
    return all(part == want or want.startswith("${") for part, want in zip(parts, home, strict=False))
