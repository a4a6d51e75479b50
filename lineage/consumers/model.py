"""A consumer: one place of a file that runs an image, with all that it says of how.

Each value knows its line and has three answers: what stands there, that nothing stands there (None), and that it cannot
be known (an `Unknown`: a template computes it). `Consumer.open` says why more may be said than was read.
"""

from collections.abc import Iterator, Mapping
from typing import Generic, Literal, TypeVar

from ..late.dataclasses import dataclass, field
from ..text.errors import Unknown
from ..text.paths import normal, within
from ..text.places import Place

T_co = TypeVar("T_co", covariant=True)

Kind = Literal[
    "compose",
    "Kubernetes",
    "Helm",
    "Helm values",
    "kustomize",
    "Tycho",
    "Home Assistant add-on",
    "devcontainer",
    "docker run",
    "documentation",
    "Quadlet",
]
SOME_NETWORK = "?"
"""A network that a template or variable computes."""
MountKind = Literal["bind", "volume", "tmpfs", "file", "unknown"]
"""`file`: a configuration or secret that the platform projects; it hides what lies there as a bind mount does."""


@dataclass(frozen=True, slots=True)
class ConsumerSetting(Generic[T_co]):
    """A value as a consumer gives it, at its place; an Unknown where a template or variable computes it."""

    value: T_co | Unknown
    place: Place

    @property
    def known(self) -> T_co | None:
        """The value, None where it cannot be known."""
        return None if isinstance(self.value, Unknown) else self.value


def said_flag(setting: ConsumerSetting[bool] | None) -> bool | Unknown:
    """What a switch says that is off where it does not stand; an Unknown where a template or variable computes it."""
    return False if setting is None else setting.value


def first_reason(*reasons: Unknown | None) -> Unknown | None:
    """The first of several reasons why something cannot be known; None where there is none."""
    return next((reason for reason in reasons if reason is not None), None)


@dataclass(frozen=True, slots=True)
class Mount:
    """Something laid over a path of the image. `fresh` is true for a volume that starts as a copy of what it covers.

    Docker and Podman fill a new named or anonymous volume from the image; Kubernetes never does. `options` are those of
    a tmpfs or of `-v`: `exec`, `noexec`, `size=…`, `ro`; `external` for a volume that something else makes.
    """

    kind: MountKind
    source: str | None
    target: str | Unknown
    place: Place
    read_only: bool | Unknown = False
    fresh: bool = False
    options: tuple[str, ...] = ()
    single_file: bool = False
    """Only one file of the source is mounted (`subPath`)."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port of the container that is published or declared; `host` is None where none is asked for.

    Numbers are None where they cannot be known or are a range.
    """

    container: int | None
    host: int | None
    protocol: str
    place: Place
    address: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A health check or probe: `words` is what is run in the container (`shell`: by its shell), `port` what is asked.

    `words` is an Unknown where a template or variable computes what is run.
    """

    words: tuple[str, ...] | Unknown
    place: Place
    shell: bool = False
    port: int | None = None
    by: str = "the health check"


@dataclass(frozen=True, slots=True)
class Consumer:
    """A place that names or builds an image to be run.

    `title` is the service or container, `written` the reference as it stands there. `name` is the image's familiar name
    without tag, None where a placeholder hides it; a placeholder in place of the registry is left out, and
    `registry_open` says so. `tag` is None where none is given or a placeholder hides it. `built` is the place of the
    `build:` of the same service, `dockerfile` the repository path of the Dockerfile that lies beside an add-on or
    devcontainer. `command` replaces CMD, `entrypoint` replaces ENTRYPOINT. `user` is `UID[:GID]` or a name.
    `platform_user` says why the platform may run it as somebody else; None where what stands there counts. `project`
    names what runs together on one host. `non_root` is Kubernetes' `runAsNonRoot`.
    """

    kind: Kind
    title: str
    written: str
    name: str | None
    tag: str | None
    registry_open: bool
    place: Place
    built: Place | None = None
    dockerfile: str | None = None
    user: ConsumerSetting[str] | None = None
    platform_user: Unknown | None = None
    non_root: ConsumerSetting[bool] | None = None
    entrypoint: ConsumerSetting[tuple[str, ...]] | None = None
    command: ConsumerSetting[tuple[str, ...]] | None = None
    environment: Mapping[str, ConsumerSetting[str]] = field(default_factory=lambda: dict[str, ConsumerSetting[str]]())
    environment_open: Unknown | None = None
    mounts: tuple[Mount, ...] = ()
    ports: tuple[Port, ...] = ()
    read_only: ConsumerSetting[bool] | None = None
    pid: ConsumerSetting[str] | None = None
    """The process namespace, where it is not the container's own: `host`, `pod`, `service:NAME`, `container:NAME`."""
    init: ConsumerSetting[bool] | None = None
    unmet: tuple[ConsumerSetting[str], ...] = ()
    """Services that an app registry gives a port, and of which its spec has none."""
    cap_add: tuple[ConsumerSetting[str], ...] = ()
    cap_drop: tuple[ConsumerSetting[str], ...] = ()
    privileged: ConsumerSetting[bool] | None = None
    no_new_privileges: ConsumerSetting[bool] | None = None
    seccomp: ConsumerSetting[str] | None = None
    """The filter of system calls: a file as it is written, or a word (`unconfined`, `RuntimeDefault`)."""
    workdir: ConsumerSetting[str] | None = None
    checks: tuple[Check, ...] = ()
    checks_disabled: bool = False
    engine: str = ""
    """`podman` where that runs it; nothing where Docker does, or that is not said."""
    network: str = ""
    """`host`, `none`, `service:NAME` where the network is another container's, `SOME_NETWORK` where that cannot be known."""
    project: str = ""
    profiles: tuple[str, ...] = ()
    passing: bool = False
    """It is run once and not kept: `--rm`, a shell to type in, an init container, a job."""
    base: "Consumer | None" = field(default=None, compare=False, repr=False)
    """What it extends or overrides in another file, which is a consumer of its own."""
    open: Unknown | None = None

    @property
    def kubernetes(self) -> bool:
        """Whether Kubernetes runs it in the end: volumes are never filled from the image, and a pod shares a network."""
        return self.kind in ("Kubernetes", "Helm", "Helm values", "kustomize", "Tycho")

    @property
    def label(self) -> str:
        """How it is called in messages."""
        return f"{self.kind} `{self.title}`" if self.title else self.kind

    def mount_over(self, path: str) -> Mount | Unknown | None:
        """The deepest mount that a path of the image is known to lie in, else an Unknown where one may lie anywhere."""
        known = [(normal(m.target), m) for m in self.mounts if isinstance(m.target, str)]
        over = [(target, mount) for target, mount in known if within(path, target)]
        if over:
            return max(over, key=lambda one: len(one[0]))[1]
        return next((m.target for m in self.mounts if isinstance(m.target, Unknown)), None)

    def places(self) -> Iterator[Place]:
        """The image's place and that of each setting."""
        yield self.place
        settings: tuple[ConsumerSetting[str] | ConsumerSetting[bool] | ConsumerSetting[tuple[str, ...]] | None, ...] = (
            self.user,
            self.entrypoint,
            self.command,
            self.read_only,
            self.pid,
            self.init,
            self.privileged,
            self.no_new_privileges,
            self.seccomp,
            self.workdir,
            *self.cap_add,
            *self.cap_drop,
            *self.environment.values(),
        )
        for setting in settings:
            if setting is not None:
                yield setting.place
        yield from (mount.place for mount in self.mounts)
        yield from (port.place for port in self.ports)
        yield from (check.place for check in self.checks)
