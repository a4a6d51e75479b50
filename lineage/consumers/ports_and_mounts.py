"""Ports and mounts, in the short and the long form in which Compose and `docker run` write them.

The short forms are those of the Compose specification ("ports", "volumes") and of docker's `--publish` and `--volume`.
"""

import re

from ..builds.yaml_nodes import Node, get, scalar
from ..late.patterns import pattern
from ..text.errors import Unknown
from ..text.numbers import natural
from ..text.places import Place
from .model import Mount, Port, said_flag
from .reading import SourceText

_PORT = pattern(
    r"(?:(?:(?P<address>\[[0-9a-fA-F:]+\]|[\d.]+):)?(?P<host>\d+(?:-\d+)?)?:)?(?P<port>\d+(?:-\d+)?)(?:/(?P<protocol>\w+))?"
)


def port_of(source: SourceText, item: Node) -> Port | None:
    """What an entry of `ports` or `expose` says, in the short or the long form; None for what is none."""
    place = source.place(item)
    target = get(item, "target")
    if target is not None:
        published, protocol = source.text(get(item, "published")), source.text(get(item, "protocol"))
        container, address = source.text(target), source.text(get(item, "host_ip"))
        return Port(
            number(container.known if container is not None else None),
            number(published.known if published is not None else None),
            (protocol.known if protocol is not None else None) or "tcp",
            place,
            (address.known if address is not None else None) or "",
        )
    said = source.text(item)
    if said is None or said.known is None:
        return Port(None, None, "tcp", place) if said is not None else None
    return read_port(said.known, place)


def read_port(text: str, place: Place) -> Port | None:
    """`[[ADDRESS:]HOST:]CONTAINER[/PROTOCOL]`; None for what is none."""
    match = _PORT.fullmatch(text.strip())
    if match is None:
        return None
    return Port(
        number(match["port"]),
        number(match["host"]),
        (match["protocol"] or "tcp").lower(),
        place,
        match["address"] or "",
    )


def number(text: str | None) -> int | None:
    """A port's number; None for a range and for what is no number."""
    number = natural(text)
    return number if number is not None and number < 65536 else None


def projected(source: SourceText, item: Node, key: str) -> Mount | None:
    """A config or secret: one file, at `/NAME` or `/run/secrets/NAME` where no `target` says another place."""
    place = source.place(item)
    said = source.text(get(item, "target")) or source.text(get(item, "source")) or source.text(item)
    if said is None:
        return None
    if isinstance(said.value, Unknown):
        return Mount("file", None, said.value, place, True, single_file=True)
    folder = "/run/secrets/" if key == "secrets" else "/"
    target = said.value if said.value.startswith("/") else folder + said.value
    return Mount("file", None, target, place, True, single_file=True)


def mount_of(source: SourceText, item: Node, tycho: bool) -> Mount | None:
    """What an entry of `volumes` says, in the short or the long form; None for what is none. Tycho's volumes (`pvc://`) are
    not filled from the image."""
    place = source.place(item)
    target = get(item, "target")
    if target is not None:
        return _long_mount(source, item, target, place)
    said = source.text(item)
    if said is None:
        return None
    if said.known is None:
        return _half_known(scalar(item) or "", source, place)
    if said.known.startswith("pvc://"):
        parts = said.known.split(":")
        return Mount("volume", parts[1].strip("/"), parts[2], place) if len(parts) > 2 else None
    return read_volume(said.known, place, fresh=not tycho)


def _half_known(written: str, source: SourceText, place: Place) -> Mount:
    """`${DATA}/x:/config` and its like: the target is known though the source is not."""
    match = re.fullmatch(r"(?P<source>.*[^:]):(?P<target>/[^:${}]*)(?::(?P<options>[\w,]+))?", written, re.DOTALL)
    if match is None:
        return Mount("unknown", None, Unknown("a variable or template computes what is mounted"), place)
    bind = match["source"].startswith((".", "/", "~")) or "/" in re.sub(
        r"\$\{[^}]{0,1000}\}|\{\{.{0,1000}?\}\}", "", match["source"]
    )
    options = tuple((match["options"] or "").split(",")) if match["options"] else ()
    return Mount("bind" if bind else "unknown", None, match["target"], place, "ro" in options, False, options)


def _long_mount(source: SourceText, item: Node, target: Node, place: Place) -> Mount | None:
    where = source.text(target)
    if where is None:
        return None
    kind = source.text(get(item, "type"))
    origin = source.text(get(item, "source"))
    no_copy = source.flag(get(item, "volume", "nocopy"))
    word = kind.known if kind is not None else None
    return Mount(
        "bind" if word == "bind" else "tmpfs" if word == "tmpfs" else "volume" if word == "volume" else "unknown",
        origin.known if origin is not None else None,
        where.value,
        place,
        said_flag(source.flag(get(item, "read_only"))),
        word == "volume" and not (no_copy is not None and no_copy.known is not False),
        single_file=get(item, "volume", "subpath") is not None,
    )


def read_volume(text: str, place: Place, *, fresh: bool = True) -> Mount | None:
    """`[SOURCE:]TARGET[:OPTIONS]`; `fresh`: a named volume is filled from the image. None for what is no volume."""
    parts = re.split(r":(?![\\/]{2})", text)
    if len(parts) > 2 and parts[2].startswith("/") and re.fullmatch(r"[A-Za-z]", parts[0]) and parts[1][:1] in "\\/":
        parts[:2] = [":".join(parts[:2])]
    if len(parts) == 1:
        return Mount("volume", None, parts[0], place, fresh=fresh) if parts[0].startswith("/") else None
    origin, target = parts[0], parts[1]
    options = tuple(parts[2].split(",")) if len(parts) > 2 else ()
    if not target.startswith("/"):
        return None
    bind = origin.startswith((".", "/", "~")) or re.match(r"[A-Za-z]:[\\/]", origin) is not None
    kind_is_volume = not bind and re.fullmatch(r"[\w.-]+", origin) is not None
    return Mount(
        "bind" if bind else "volume" if kind_is_volume else "unknown",
        origin,
        target,
        place,
        "ro" in options,
        kind_is_volume and fresh and "nocopy" not in options,
        options,
    )
