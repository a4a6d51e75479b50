"""The effective image: what an image is once its whole FROM chain is folded."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Literal, cast

from ..late.dataclasses import dataclass, field
from ..text.errors import Unknown, met
from ..text.places import Place, Sourced, Span
from .accounts import Accounts
from .tree import Node, Tree

if TYPE_CHECKING:
    from ..commands.model import VariableMention
    from ..dockerfile.instruction import Instruction
    from ..effects.model import Effect

Known = Literal["full", "assumed", "partial"]
SHELL_FORM = ("/bin/sh", "-c")
"""What reads the shell form where no SHELL says otherwise."""


@dataclass(frozen=True, slots=True)
class Ancestor:
    """One link of the FROM chain, the image itself first.

    `reference` is as the child's FROM wrote it (after expansion), `place` that FROM. `origin`: `target` (among the
    linted repositories), `profile` (bundled facts), `image` (a real one, or what a lock tells of it), `unknown`.
    `assumed` says why the source may not be quite this image's (another tag); None if it is.
    """

    name: str
    origin: Literal["target", "profile", "image", "unknown"]
    reference: str | None = None
    tag: str | None = None
    place: Place | None = None
    assumed: str | None = None
    id: str | None = None
    s6: str | None = None


@dataclass(frozen=True, slots=True)
class CommandLine:
    """ENTRYPOINT or CMD. In shell form `words` is the one text that `shell` is given."""

    form: Literal["exec", "shell"]
    words: tuple[str, ...]
    shell: tuple[str, ...] = ("/bin/sh", "-c")

    @property
    def argv(self) -> tuple[str, ...]:
        """What the kernel is asked to run."""
        return self.words if self.form == "exec" else (*self.shell, *self.words)


@dataclass(frozen=True, slots=True)
class Clash:
    """What a COPY or ADD brings, where the image has something of another kind: BuildKit puts no directory in place of a
    link or file, nor the other way round (fsutil copy/copy.go). With `--link` it makes a layer of its own that knows nothing
    of the image, so that what it brings takes the place of what was there (`replaces`); so does a folder of an archive that
    ADD unpacks (moby pkg/archive, createTarFile)."""

    path: str
    kind: Literal["file", "directory", "link"]
    old: Node
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class BuildStep:
    """An instruction of the image's own final stage, with the surroundings it runs in.

    `env` is the environment before it, ENV and ARG alike; `args` are the names that only ARG declares, with or without a
    value.
    `effects` are what a RUN was read to do.
    """

    instruction: "Instruction"
    place: Place
    env: Mapping[str, str]
    args: AbstractSet[str]
    env_open: Unknown | None
    user: str
    workdir: str
    accounts: Accounts
    effects: tuple["Effect", ...] = ()
    mentions: tuple["VariableMention", ...] = ()
    """The variables that a RUN expands."""
    from_parent: str | None = None
    """The image whose ONBUILD this is, if it is one."""
    clashes: tuple["Clash", ...] = ()
    """Where a COPY or ADD cannot put what it brings."""
    may_replace: Mapping[str, Unknown] = field(default_factory=lambda: dict[str, Unknown]())
    """The folders of an archive that ADD unpacked, where it is not known what they take the place of: path and reason."""
    shell: tuple[str, ...] = SHELL_FORM
    """What reads the shell form here: a later SHELL changes nothing about it."""
    sh: str | None = None
    """What /bin/sh is before a RUN."""


@dataclass(frozen=True, slots=True)
class EffectiveImage:
    """An image with all that it inherits; every value knows the line and the image that set it."""

    id: str
    name: str
    dockerfile: str | None
    target: str | None
    chain: tuple[Ancestor, ...]
    known: Known
    env: Mapping[str, Sourced[str]] = field(default_factory=lambda: dict[str, Sourced[str]]())
    env_open: Unknown | None = None
    user: Sourced[str] | None = None
    workdir: Sourced[str] | None = None
    shell: Sourced[tuple[str, ...]] | None = None
    entrypoint: Sourced[CommandLine] | None = None
    cmd: Sourced[CommandLine] | None = None
    config_open: Unknown | None = None
    """Why a value above that is None may still be set (the parent is not known)."""
    healthcheck: Sourced[str] | None = None
    stopsignal: Sourced[str] | None = None
    exposed: tuple[Sourced[str], ...] = ()
    volumes: tuple[Sourced[str], ...] = ()
    labels: Mapping[str, Sourced[str]] = field(default_factory=lambda: dict[str, Sourced[str]]())
    onbuild: tuple[Sourced["Instruction"], ...] = ()
    tree: Tree = field(default_factory=lambda: Tree({}))
    accounts: Accounts = field(default_factory=Accounts)
    steps: tuple[BuildStep, ...] = ()
    """The image's own instructions (not its ancestors'), in order."""
    sessions: tuple[str, ...] = ()
    """Scripts of the image that the desktop session runs as the user at login."""
    s6_version: str | None = None
    """The version of s6-overlay, or its generation where that is all that is known; None for none or unknown."""
    sh: str | None = None
    """What `/bin/sh` is: `dash`, `bash` or `busybox`; None where it cannot be known."""
    build_args: Mapping[str, str | None] = field(default_factory=lambda: dict[str, str | None]())
    """The ARGs that a stage built on this one inherits; None for one without value, or under an ENV."""

    @property
    def parent(self) -> Ancestor | None:
        return self.chain[1] if len(self.chain) > 1 else None

    def owns(self, image: str) -> bool:
        """Whether a value whose origin is the image with that id was set by this image itself, not by an ancestor."""
        return image == self.id

    @property
    def own_nodes(self) -> tuple[tuple[str, Node], ...]:
        """What this image itself put into its tree, not an ancestor: paths and nodes, in no order."""
        return self.tree.brought_by(self.id)

    def name_of(self, image: str) -> str:
        """The name of the ancestor (or of this image) with that id."""
        return next((link.name for link in self.chain if link.id == image), image)

    def variable(self, name: str) -> str | Unknown | None:
        """The value of an environment variable; None if it surely has none."""
        sourced = self.env.get(name)
        if sourced is not None:
            return sourced.value
        return met(self.env_open) if self.env_open is not None else None

    @property
    def first_line(self) -> Place:
        return Place(self.dockerfile or self.name, Span(1))


def setting_text(value: Sourced[object] | None) -> str | None:
    """A setting of an image as one text; None where it is not set."""
    if value is None:
        return None
    if isinstance(value.value, CommandLine):
        return " ".join(value.value.argv)
    held = cast("tuple[str, ...] | str | int", value.value)
    return " ".join(held) if isinstance(held, tuple) else str(held)


@dataclass(frozen=True, slots=True)
class StageImages:
    """The folded stages in order; the last one asked for is the image itself.

    `line` are those that the image stands on, itself among them: what they do is in the image.
    """

    stages: tuple[EffectiveImage, ...]
    final: EffectiveImage
    line: tuple[EffectiveImage, ...]
