"""Home Assistant add-ons: `config.yaml` or `config.json` beside the add-on's Dockerfile.

Implements the Supervisor's schema and its way of starting add-ons (supervisor/addons/validate.py, docker/addon.py): an init
of the engine unless `init: false`, `/data` and the folders of `map` bound into the container.
"""

from collections.abc import Iterator

from ..builds.yaml_nodes import Node, get, items, scalar, sequence
from ..families.read import families
from ..late.dataclasses import replace
from ..late.patterns import pattern
from ..repository.snapshot import Snapshot
from ..text.errors import Unknown
from ..text.places import Place, Span
from .kubernetes import namespace
from .model import Check, Consumer, ConsumerSetting, Mount, Port
from .names import read_image
from .ports_and_mounts import number
from .reading import SourceText

_FOLDERS = {
    "config": "/config",
    "homeassistant_config": "/homeassistant",
    "addon_config": "/config",
    "all_addon_configs": "/addon_configs",
    "ssl": "/ssl",
    "addons": "/addons",
    "backup": "/backup",
    "share": "/share",
    "media": "/media",
}

_WATCHED = pattern(r"\[PORT:(\d+)\]")


def is_add_on(root: Node | None) -> bool:
    """Whether a document is the configuration of an add-on: it has what the Supervisor demands."""
    return all(get(root, key) is not None for key in ("name", "slug", "version", "arch"))


def add_on_consumers(snapshot: Snapshot, path: str, source: SourceText, root: Node) -> Iterator[Consumer]:
    """The add-on that a configuration describes."""
    slug = get(root, "slug")
    assert slug is not None
    folder = path.rpartition("/")[0]
    dockerfile = f"{folder}/Dockerfile" if folder else "Dockerfile"
    has_dockerfile = snapshot.get(dockerfile) is not None
    image = get(root, "image")
    written = scalar(image) or ""
    place = source.place(image) if image is not None and written else source.place(slug)
    name, tag, is_open = read_image(written) if written else (None, None, False)
    if written and ":" not in written.rpartition("/")[2]:
        tag = scalar(get(root, "version"))
    init = source.flag(get(root, "init"))
    network, pid = source.flag(get(root, "host_network")), source.flag(get(root, "host_pid"))
    full = source.flag(get(root, "full_access"))
    found = Consumer(
        "Home Assistant add-on",
        scalar(slug) or "",
        written,
        name,
        tag,
        is_open,
        place,
        dockerfile=dockerfile if has_dockerfile else None,
        init=init if init is not None else ConsumerSetting(True, source.place(slug)),
        pid=namespace(pid, "host"),
        environment=dict(_environment(source, root)),
        mounts=tuple(_mounts(source, root)),
        ports=tuple(_ports(source, root)),
        cap_add=tuple(said for item in sequence(get(root, "privileged")) if (said := source.text(item)) is not None),
        privileged=full,
        checks=tuple(_watched(source, root)),
        network="host" if network is not None and network.known is True else "",
        project=source.shown,
    )
    yield replace(found, built=Place(snapshot.show(dockerfile), Span(1))) if has_dockerfile and not written else found


def _environment(source: SourceText, root: Node) -> Iterator[tuple[str, ConsumerSetting[str]]]:
    for name, setting, _ in source.entries(get(root, "environment")):
        yield name, setting
    slug = get(root, "slug")
    assert slug is not None
    for name in families().given_variables:
        yield name, ConsumerSetting(Unknown("the Supervisor gives it"), source.place(slug))


def _mounts(source: SourceText, root: Node) -> Iterator[Mount]:
    slug = get(root, "slug")
    assert slug is not None
    yield Mount("bind", None, "/data", source.place(slug))
    for item in sequence(get(root, "map")):
        written = scalar(item)
        name, _, mode = (written or scalar(get(item, "type")) or "").partition(":")
        path = source.text(get(item, "path"))
        target = path.known if path is not None else _FOLDERS.get(name)
        writable = mode == "rw" or scalar(get(item, "read_only")) == "false"
        if target is not None:
            yield Mount("bind", None, target, source.place(item), not writable)
    tmpfs = source.flag(get(root, "tmpfs"))
    node = get(root, "tmpfs")
    if tmpfs is not None and tmpfs.known is True and node is not None:
        yield Mount("tmpfs", None, "/tmp", source.place(node))


def _watched(source: SourceText, root: Node) -> Iterator[Check]:
    """The port of the container that the Supervisor asks whether the add-on is well: `http://[HOST]:[PORT:80]/`."""
    said = source.text(get(root, "watchdog"))
    asked = _WATCHED.search(said.known or "") if said is not None else None
    if said is not None and asked is not None:
        yield Check((), said.place, port=number(asked[1]), by="the watchdog")


def _ports(source: SourceText, root: Node) -> Iterator[Port]:
    for key, value in items(get(root, "ports")):
        container, _, protocol = key.partition("/")
        host = scalar(value)
        yield Port(number(container), number(host), protocol or "tcp", source.place(value))
