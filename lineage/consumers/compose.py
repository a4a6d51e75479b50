"""Compose files, with all that merges them: `extends`, `include`, override files, anchors, `<<`; and Tycho's specs.

Implements the Compose specification ("Merge", "Extend", "Include", "Interpolation") as far as it concerns how an image
is run. A value that depends on a variable which neither `.env` nor a default gives is unknown.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from ..builds.build_files import dotenv
from ..builds.placeholders import expand_shell
from ..builds.yaml_nodes import Node, documents, get, items, overlaid, scalar, sequence, shape
from ..late.dataclasses import dataclass, field, replace
from ..late.patterns import pattern
from ..repository.snapshot import Snapshot
from ..text.budget import LARGEST_BUILD_FILE, LimitError
from ..text.errors import InputError, Unknown
from ..text.places import Place
from .model import SOME_NETWORK, Check, Consumer, ConsumerSetting, Kind, Mount, Port, first_reason
from .names import read_image
from .ports_and_mounts import mount_of, port_of, projected
from .reading import SourceText, kept_user, without_jinja

DEEPEST = 50
_OVERRIDE = pattern(r"(?P<base>(?:docker-)?compose)\.override\.ya?ml")
_VARIANT = pattern(r"(?P<base>(?:docker-)?compose)[.-][\w.-]+\.ya?ml")
_TYCHO_VARIABLES = ("GUID", "USER_NAME", "USER", "NB_PREFIX", "FB_BASEURL", "HOST")
"""What Tycho gives to every container (tycho/template/pod.yaml)."""


@dataclass(frozen=True)
class ComposeLayer:
    """One file's part of a service."""

    source: SourceText
    node: Node


@dataclass(frozen=True)
class File:
    """A compose file of a repository: its source and its root node."""

    path: str
    source: SourceText
    root: Node

    @cached_property
    def services(self) -> dict[str, Node]:
        return dict(items(get(self.root, "services")))


def read_file(snapshot: Snapshot, path: str) -> File | None:
    """The compose file at a path of the repository; None for what is none. Raises LimitError for one that is too large."""
    entry = snapshot.get(path)
    if entry is None or entry.kind != "file":
        return None
    if entry.size > LARGEST_BUILD_FILE:
        raise LimitError(f"{path} is larger than {LARGEST_BUILD_FILE >> 20} MiB, so that it could not be read")
    folder = path.rpartition("/")[0]
    variables = dotenv(snapshot, f"{folder}/.env" if folder else ".env")
    try:
        source, text = without_jinja(snapshot.show(path), snapshot.text(path), variables)
    except InputError:
        return None
    root = overlaid(documents(text))
    return File(path, source, root) if root is not None else None


def compose_consumers(snapshot: Snapshot, path: str, *, tycho: bool = False) -> Iterator[Consumer]:
    """The services of a compose file, each with what it extends; those of an override file stand with the file it is for."""
    file = read_file(snapshot, path)
    if file is None:
        return
    reader = _ComposeReader(snapshot, tycho)
    folder, _, name = path.rpartition("/")
    override = _OVERRIDE.fullmatch(name)
    base = _beside(snapshot, folder, override["base"]) if override is not None else None
    if base is not None:
        return  # it is read with the file that it overrides
    over = _override_of(snapshot, path)
    variant = _VARIANT.fullmatch(name)
    beside = _beside(snapshot, folder, variant["base"]) if variant is not None and over is None else None
    under = read_file(snapshot, beside) if beside is not None and beside != path else None
    names = dict.fromkeys([*file.services, *(over.services if over is not None else ())])
    for title in names:
        layers = reader.layers(file, title)
        if over is not None:
            layers = [*layers, *reader.layers(over, title)]
        if not layers:
            continue
        open_: Unknown | None = None
        if under is not None and title in under.services:
            if not any(get(layer.node, "image") or get(layer.node, "build") for layer in layers):
                layers = [*reader.layers(under, title), *layers]
            else:
                open_ = Unknown(f"it may be laid over the service of {under.source.shown}")
        found = reader.consumer(title, layers, _project(file), _volumes(file, over))
        if found is not None:
            yield replace(found, open=first_reason(found.open, open_))


@dataclass(frozen=True)
class _ComposeReader:
    snapshot: Snapshot
    tycho: bool
    files: dict[str, File | None] = field(default_factory=dict[str, File | None])
    """What was read, by path: many services may extend those of one file."""

    def read(self, path: str) -> File | None:
        if path not in self.files:
            self.files[path] = read_file(self.snapshot, path)
        return self.files[path]

    def layers(self, file: File, title: str, depth: int = 0) -> list[ComposeLayer]:
        """The parts of a service, what it extends first."""
        node = file.services.get(title)
        if node is None:
            return []
        own = [ComposeLayer(file.source, node)]
        extends = get(node, "extends")
        if extends is None:
            return own
        if depth >= DEEPEST:
            raise LimitError(f"its services extend each other more than {DEEPEST} deep, so that they could not be read")
        service = scalar(extends) or scalar(get(extends, "service")) or ""
        written = scalar(get(extends, "file"))
        other: File | None = file
        if written:
            path = _joined(file.path, written)
            other = self.read(path) if path is not None else None
        if other is None:
            return own
        return [*self.layers(other, service, depth + 1), *own]

    def consumer(self, title: str, layers: list[ComposeLayer], project: str, volumes: Iterable[str]) -> Consumer | None:
        image = _last(layers, "image")
        built = _last(layers, "build")
        if image is None and built is None:
            return None
        written = scalar(image[1]) if image is not None else None
        place = image[0].place(image[1]) if image is not None and written else None
        build_place = Place(built[0].shown, built[0].begins(built[1]).span) if built is not None else None
        name, tag, is_open = read_image(_interpolated(image, written)) if written else (None, None, False)
        where = place or build_place
        if where is None:
            return None
        kind: Kind = "Tycho" if self.tycho else "compose"
        environment, environment_open = self._environment(layers)
        network = _network(layers)
        found = Consumer(
            kind,
            title,
            image[0].written(image[1]) if image is not None else "",
            name,
            tag,
            is_open,
            where,
            build_place,
            user=_text(layers, "user") or kept_user(_text(layers, "userns_mode")),
            platform_user=Unknown("the app registry and Tycho's settings may say another user") if self.tycho else None,
            entrypoint=_words(layers, "entrypoint"),
            command=_words(layers, "command"),
            environment=environment,
            environment_open=environment_open,
            mounts=tuple(_mounts(layers, set(volumes), self.tycho)),
            ports=tuple(_ports(layers)),
            read_only=_flag(layers, "read_only"),
            pid=_text(layers, "pid"),
            init=_flag(layers, "init"),
            cap_add=tuple(_list(layers, "cap_add")),
            cap_drop=tuple(_list(layers, "cap_drop")),
            privileged=_flag(layers, "privileged"),
            no_new_privileges=no_new_privileges(_list(layers, "security_opt")),
            seccomp=seccomp(_list(layers, "security_opt")),
            workdir=_text(layers, "working_dir"),
            checks=tuple(_checks(layers)),
            checks_disabled=_checks_disabled(layers),
            network=network,
            project=project,
            profiles=tuple(s.known for s in _list(layers, "profiles") if s.known is not None),
            passing=self._passing(layers),
            open=self._open(layers),
        )
        return _as_tycho(found) if self.tycho else found

    def _passing(self, layers: list[ComposeLayer]) -> bool:
        command, restart = _words(layers, "command"), _text(layers, "restart")
        said = command is not None and (bool(command.known) or isinstance(command.value, Unknown))
        return restart is not None and restart.known == "no" and said

    def _open(self, layers: list[ComposeLayer]) -> Unknown | None:
        for layer in layers:
            opened = layer.source.opened(layer.node)
            if opened is not None:
                return opened
            extends = get(layer.node, "extends")
            if extends is not None and len(layers) == 1:
                return Unknown(f"what the service extends at {layer.source.place(extends)} is not at hand")
        return None

    def _environment(self, layers: list[ComposeLayer]) -> tuple[dict[str, ConsumerSetting[str]], Unknown | None]:
        found: dict[str, ConsumerSetting[str]] = {}
        is_open: Unknown | None = None
        for layer, files in _parts(layers, "env_file"):
            named = [scalar(get(item, "path")) or scalar(item) for item in sequence(files)] or [scalar(files)]
            for written in named:
                values = self._env_file(layer, written)
                if values is None:
                    is_open = Unknown(f"the environment file {written or ''} is not in the repository")
                place = layer.source.place(files)
                found.update({name: ConsumerSetting(value, place) for name, value in (values or {}).items()})
        for layer, node in _parts(layers, "environment"):
            found.update({name: setting for name, setting, _ in layer.source.entries(node)})
        return found, is_open

    def _env_file(self, layer: ComposeLayer, written: str | None) -> dict[str, str] | None:
        shown = layer.source.shown.removeprefix(self.snapshot.label)
        path = _joined(shown, written) if written else None
        return dotenv(self.snapshot, path) if path is not None and self.snapshot.get(path) is not None else None


def _as_tycho(found: Consumer) -> Consumer:
    """What Tycho makes of a service: its entrypoint becomes the container's command, and it gives some variables."""
    given: dict[str, ConsumerSetting[str]] = {
        name: ConsumerSetting(Unknown("Tycho gives it"), found.place) for name in _TYCHO_VARIABLES
    }
    return replace(
        found, environment={**found.environment, **given}, command=None, init=None, read_only=None, user=None
    )


def _interpolated(image: tuple[SourceText, Node] | None, written: str) -> str:
    if image is None:
        return written
    return expand_shell(written, image[0].variables) if "$" in written else written


def _parts(layers: list[ComposeLayer], key: str) -> list[tuple[ComposeLayer, Node]]:
    """What the layers say of a key, in order; `!override` and `!reset` take away what was said before (specification,
    "Merge").
    """
    found: list[tuple[ComposeLayer, Node]] = []
    for layer in layers:
        node = get(layer.node, key)
        if node is None:
            continue
        if node.tag in ("!reset", "!override"):
            found.clear()
        if node.tag != "!reset":
            found.append((layer, node))
    return found


def _last(layers: list[ComposeLayer], key: str) -> tuple[SourceText, Node] | None:
    found = _parts(layers, key)
    return (found[-1][0].source, found[-1][1]) if found else None


def _text(layers: list[ComposeLayer], key: str) -> ConsumerSetting[str] | None:
    found = _last(layers, key)
    return found[0].text(found[1]) if found is not None else None


def _flag(layers: list[ComposeLayer], key: str) -> ConsumerSetting[bool] | None:
    found = _last(layers, key)
    return found[0].flag(found[1]) if found is not None else None


def _words(layers: list[ComposeLayer], key: str) -> ConsumerSetting[tuple[str, ...]] | None:
    found = _last(layers, key)
    if found is None or (scalar(found[1]) is None and shape(found[1]) == "scalar"):
        return None
    return found[0].words(found[1])


def _list(layers: list[ComposeLayer], key: str) -> Iterator[ConsumerSetting[str]]:
    for layer, node in _parts(layers, key):
        for item in sequence(node) or ([node] if scalar(node) else []):
            said = layer.source.text(item)
            if said is not None:
                yield said


def _network(layers: list[ComposeLayer]) -> str:
    said = _text(layers, "network_mode")
    if said is None:
        return ""
    return SOME_NETWORK if said.known is None else said.known


def no_new_privileges(options: Iterable[ConsumerSetting[str]]) -> ConsumerSetting[bool] | None:
    """What the security options of Docker and Podman say of new privileges: the last counts."""
    found: ConsumerSetting[bool] | None = None
    for name, value, place in _security(options):
        if name in ("", "no-new-privileges"):
            found = ConsumerSetting(value if isinstance(value, Unknown) else value != "false", place)
    return found


def seccomp(options: Iterable[ConsumerSetting[str]]) -> ConsumerSetting[str] | None:
    """The filter of system calls that the security options name: the last counts."""
    found: ConsumerSetting[str] | None = None
    for name, value, place in _security(options):
        if name in ("", "seccomp"):
            found = ConsumerSetting(value, place)
    return found


def _security(options: Iterable[ConsumerSetting[str]]) -> Iterator[tuple[str, str | Unknown, Place]]:
    """Security options as (name, value, place); no name and an Unknown where it cannot be told which it is."""
    for option in options:
        if isinstance(option.value, Unknown):
            yield "", option.value, option.place
            continue
        parts = re.split("[=:]", option.value, maxsplit=1)
        yield parts[0].strip(), parts[1].strip() if len(parts) > 1 else "", option.place


def _checks_disabled(layers: list[ComposeLayer]) -> bool:
    found = _last(layers, "healthcheck")
    if found is None:
        return False
    disabled, test = found[0].flag(get(found[1], "disable")), found[0].words(get(found[1], "test"))
    none = test is not None and test.known == ("NONE",)
    return none or (disabled is not None and disabled.known is True)


def _checks(layers: list[ComposeLayer]) -> Iterator[Check]:
    for layer, node in reversed(_parts(layers, "healthcheck")):
        test = get(node, "test")
        if test is None:
            continue
        said = layer.source.words(test)
        if said is None:
            return
        if said.known is None:
            yield Check(said.value, said.place)
            return
        words = said.known
        if scalar(test) is not None:
            yield Check((layer.source.text(test).known or "",), said.place, shell=True)  # type: ignore[union-attr]
        elif words[:1] == ("CMD-SHELL",) and len(words) > 1:
            yield Check((words[1],), said.place, shell=True)
        elif words[:1] == ("CMD",):
            yield Check(words[1:], said.place)
        return


def _ports(layers: list[ComposeLayer]) -> Iterator[Port]:
    for key in ("ports", "expose"):
        for layer, node in _parts(layers, key):
            for item in sequence(node):
                port = port_of(layer.source, item)
                if port is not None:
                    yield port if key == "ports" else replace(port, host=None)


def _mounts(layers: list[ComposeLayer], volumes: set[str], tycho: bool) -> Iterator[Mount]:
    found: dict[str, Mount] = {}
    for layer, node in _parts(layers, "volumes"):
        for item in sequence(node):
            mount = mount_of(layer.source, item, tycho)
            if mount is not None and mount.kind == "volume" and mount.source in volumes:
                mount = replace(mount, options=(*mount.options, "external"))
            if mount is not None:
                found[mount.target if isinstance(mount.target, str) else f"\0{mount.place}"] = mount
    for layer, tmpfs in _parts(layers, "tmpfs"):
        for item in sequence(tmpfs) or ([tmpfs] if scalar(tmpfs) else []):
            said = layer.source.text(item)
            if said is not None and isinstance(said.value, Unknown):
                found[f"\0{said.place}"] = Mount("tmpfs", None, said.value, said.place)
            elif said is not None and said.known is not None:
                target, _, options = said.known.partition(":")
                found[target] = Mount(
                    "tmpfs", None, target, said.place, options=tuple(filter(None, options.split(",")))
                )
    for key in ("configs", "secrets"):
        for layer, node in _parts(layers, key):
            for item in sequence(node):
                mount = projected(layer.source, item, key)
                if mount is not None:
                    found[mount.target if isinstance(mount.target, str) else f"\0{mount.place}"] = mount
    yield from found.values()


def _volumes(file: File, over: File | None) -> Iterator[str]:
    """The volumes of which something else decides what they hold and whose they are."""
    for one in (file, over):
        for name, node in items(get(one.root, "volumes")) if one is not None else ():
            if any(get(node, key) is not None for key in ("external", "driver", "driver_opts")):
                yield name


def _project(file: File) -> str:
    named = scalar(get(file.root, "name"))
    return named or file.source.shown.rpartition("/")[0] or "."


def _beside(snapshot: Snapshot, folder: str, stem: str) -> str | None:
    prefix = f"{folder}/" if folder else ""
    names = (f"{prefix}{stem}.{ending}" for ending in ("yaml", "yml"))
    return next((name for name in names if snapshot.get(name) is not None), None)


def _override_of(snapshot: Snapshot, path: str) -> File | None:
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0]
    if stem not in ("compose", "docker-compose"):
        return None
    found = _beside(snapshot, folder, f"{stem}.override")
    return read_file(snapshot, found) if found is not None else None


def _joined(path: str, written: str) -> str | None:
    """The repository path of a file named in the file at `path`; None for one outside."""
    import posixpath

    joined = posixpath.normpath(posixpath.join(path.rpartition("/")[0], written))
    return None if joined.startswith(("..", "/")) else joined
