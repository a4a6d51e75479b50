"""devcontainer.json: an image or a Dockerfile that an editor works in.

Implements the Development Container specification as far as it concerns how the image is run: unless `overrideCommand` is
false, the tool starts a shell of its own in the place of the image's ENTRYPOINT and CMD.
"""

import posixpath
import re
from collections.abc import Iterator

from ..builds.yaml_nodes import Node, document, get, scalar, sequence
from ..late.dataclasses import replace
from ..late.patterns import pattern
from ..repository.snapshot import Snapshot
from ..text.errors import InputError, Unknown
from ..text.places import Place
from .compose import no_new_privileges, seccomp
from .container_run import PlacedWord, consumer_of, read_options
from .model import Consumer, ConsumerSetting, Mount, MountKind, Port
from .names import read_image
from .ports_and_mounts import read_port
from .reading import SourceText

_COMMENT = pattern(r'"(?:[^"\\\n]|\\.)*"?|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_COMPUTED = Unknown("the tool puts a path in its place")
_FEATURES = Unknown("its features change the image")
_OVERRIDE = ("/bin/sh", "-c", "while sleep 1000; do :; done")


def devcontainer_consumers(snapshot: Snapshot, path: str) -> Iterator[Consumer]:
    """The container of a devcontainer.json; none where it names a compose file."""
    root = _root(snapshot, path)
    source = SourceText(snapshot.show(path))
    image = get(root, "image")
    build = get(root, "build", "dockerfile") or get(root, "dockerFile")
    subject = image or build
    if root is None or subject is None or get(root, "dockerComposeFile") is not None:
        return
    place = source.place(subject)
    written = scalar(image) or ""
    name, tag, is_open = read_image(written) if written else (None, None, False)
    dockerfile = posixpath.normpath(posixpath.join(path.rpartition("/")[0], scalar(build) or "")) if build else None
    override = source.flag(get(root, "overrideCommand"))
    security = [said for item in sequence(get(root, "securityOpt")) if (said := source.text(item)) is not None]
    found = Consumer(
        "devcontainer",
        scalar(get(root, "name")) or "",
        written,
        name,
        tag,
        is_open,
        place,
        built=place if build is not None and not written else None,
        dockerfile=dockerfile if dockerfile is not None and snapshot.get(dockerfile) is not None else None,
        user=source.text(get(root, "containerUser")),
        entrypoint=ConsumerSetting(_OVERRIDE, override.place if override is not None else place)
        if override is None or override.known is not False
        else None,
        environment={key: setting for key, setting, _ in source.entries(get(root, "containerEnv"))},
        mounts=tuple(_mounts(source, root)),
        ports=tuple(_ports(source, root)),
        init=source.flag(get(root, "init")),
        privileged=source.flag(get(root, "privileged")),
        cap_add=tuple(said for item in sequence(get(root, "capAdd")) if (said := source.text(item)) is not None),
        no_new_privileges=no_new_privileges(security),
        seccomp=seccomp(security),
        project=source.shown,
        passing=True,
        open=_FEATURES if get(root, "features") is not None else None,
    )
    yield _with_arguments(source, root, found)


def changed_services(snapshot: Snapshot, path: str) -> Iterator[tuple[str, str, Unknown]]:
    """The services of compose files that a devcontainer.json works in with an image of its own: file, service, why."""
    root = _root(snapshot, path)
    files, service = get(root, "dockerComposeFile"), scalar(get(root, "service"))
    if service is None or get(root, "features") is None:
        return
    for one in sequence(files) or ([files] if files is not None else []):
        named = scalar(one)
        if named:
            yield posixpath.normpath(posixpath.join(path.rpartition("/")[0], named)), service, _FEATURES


def _root(snapshot: Snapshot, path: str) -> Node | None:
    """The document, without its comments; None where it cannot be read."""
    try:
        text = snapshot.text(path)
    except InputError:
        return None
    return document(_COMMENT.sub(_blanked, text).replace("\t", " "))


def _blanked(match: "re.Match[str]") -> str:
    return match[0] if match[0].startswith('"') else re.sub(r"[^\n]", " ", match[0])


def _mounts(source: SourceText, root: Node) -> Iterator[Mount]:
    for item in sequence(get(root, "mounts")):
        written = scalar(item)
        pairs = {key: value for key, _, value in (part.partition("=") for part in (written or "").split(","))}
        target = pairs.get("target") or pairs.get("dst") or scalar(get(item, "target"))
        kind = pairs.get("type") or scalar(get(item, "type")) or "volume"
        if target:
            where = _COMPUTED if "${" in target else target
            known: MountKind = "bind" if kind == "bind" else "tmpfs" if kind == "tmpfs" else "volume"
            yield Mount(known, None, where, source.place(item), fresh=kind == "volume")


def _ports(source: SourceText, root: Node) -> Iterator[Port]:
    """What `appPort` publishes: numbers, or texts as `-p` takes them."""
    node = get(root, "appPort")
    for item in sequence(node) or ([node] if node is not None else []):
        said = source.text(item)
        read = read_port(said.known, said.place) if said is not None and said.known is not None else None
        if read is not None:
            yield replace(read, host=read.host or read.container)


def _with_arguments(source: SourceText, root: Node, found: Consumer) -> Consumer:
    """The consumer with what `runArgs` says too."""
    node = get(root, "runArgs")
    words = source.words(node)
    if node is None or words is None or not words.known:
        return found
    items = [(scalar(item) or "", source.place(item)) for item in sequence(node)]
    said = read_options([*(PlacedWord(word, place) for word, place in items), "image"])
    if said is None:
        return found
    places, whole = dict(items), source.place(node)

    def find(word: str) -> Place:
        return word.place if isinstance(word, PlacedWord) else places.get(word, whole)

    more = consumer_of(said, "devcontainer", whole, find, "")
    if more is None:
        return found
    return replace(
        found,
        user=found.user or more.user,
        init=found.init or more.init,
        read_only=more.read_only,
        workdir=more.workdir,
        checks=more.checks,
        checks_disabled=more.checks_disabled,
        pid=more.pid,
        privileged=found.privileged or more.privileged,
        cap_add=(*found.cap_add, *more.cap_add),
        cap_drop=more.cap_drop,
        no_new_privileges=found.no_new_privileges or more.no_new_privileges,
        seccomp=found.seccomp or more.seccomp,
        mounts=(*found.mounts, *more.mounts),
        ports=(*found.ports, *more.ports),
        environment={**more.environment, **found.environment},
        network=more.network,
    )
