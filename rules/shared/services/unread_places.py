"""Start scripts and services that lie where the image's release of s6-overlay does not look."""

import re
from collections.abc import Iterator

from ....lineage.dockerfile.operands import parse_copy
from ....lineage.effects.s6_directories import FINISH_SCRIPTS, INIT_SCRIPTS, RC_D, S6_OVERLAY, SERVICES
from ....lineage.image.image import EffectiveImage
from ....lineage.image.tree import Node
from ....lineage.late.dataclasses import dataclass, replace
from ....lineage.late.patterns import pattern
from ....lineage.s6.release import S6Release
from ....lineage.text.errors import Unknown
from ....lineage.text.spelling import is_slip
from ..path_references import LONGEST, is_referred_to
from ..questions import text_of_run

_SCRIPTS = {"continit": INIT_SCRIPTS, "contfinish": FINISH_SCRIPTS}
_SERVICES = {"service": SERVICES, "services": SERVICES}
_BY_NAME = {"cont-init.d": "continit", "cont-finish.d": "contfinish", "services.d": "services"}
_TOPS = ("/etc", S6_OVERLAY, "/etc/s6", "")
_READ = frozenset((INIT_SCRIPTS, FINISH_SCRIPTS, SERVICES, "/etc/s6/services", "/etc/s6/init"))

_NEAR_RC_D = (S6_OVERLAY, "/etc/s6-rc.d", "/etc/s6-rc", "/etc/s6/s6-rc.d", "/s6-rc.d")

_ROOTED = pattern(r"(/etc/cont-init\.d|/etc/services\.d|/etc/s6-overlay/s6-rc\.d)/(?:[^/]+|[^/]+/(?:run|up))")
"""Start files of a tree that is meant to lie at `/`."""


@dataclass(frozen=True, slots=True)
class DeadPlace:
    """Files that are never read: `path` is the first of them, in `directory`, which should be `meant`.

    `inside` says that `directory` is a subdirectory of the right place, `loose` that the file lies in the right place, and not
    in a service's own directory there.
    """

    directory: str
    path: str
    node: Node
    meant: str
    inside: bool = False
    loose: bool = False


def dead_places(image: EffectiveImage, release: S6Release) -> Iterator[tuple[DeadPlace, Unknown | None]]:
    """The dead places that hold files of the image, each with why something may read it all the same, if that may be."""
    s6_rc = _beside_s6_rc(image) if release.generation >= 3 else _s6_rc_before_3(image)
    for dead in (*_misspelt(image), *_subdirectories(image), *_loose(image), *_too_deep(image), *s6_rc):
        if dead.loose or (dead.inside and release.generation == 1):
            yield dead, None
        elif not is_referred_to(image, dead.directory):
            closed = image.tree.closed(INIT_SCRIPTS)
            yield dead, closed if isinstance(closed, Unknown) else None


def _misspelt(image: EffectiveImage) -> Iterator[DeadPlace]:
    for top in _TOPS:
        for name in image.tree.children(top or "/"):
            directory = f"{top}/{name}"
            node = image.tree.find(directory, follow=False)
            if node is None or node.kind != "directory" or directory in _READ:
                continue
            near = next((meant for meant in _BY_NAME if name.endswith(".d") and is_slip(name, meant)), "")
            plain = "".join(letter for letter in name.lower() if letter not in "-_. ")
            stem = plain[:-1] if plain.endswith("d") and plain[:-1] in (*_SCRIPTS, *_SERVICES) else plain
            stem = _BY_NAME.get(near, stem)
            if stem in _SCRIPTS:
                found = _first(image, directory, ("",))
                meant = _SCRIPTS[stem]
            elif stem in _SERVICES:
                found = _first(image, directory, ("run",))
                meant = _SERVICES[stem]
            else:
                continue
            if found is not None:
                yield DeadPlace(directory, *found, meant)


def _first(image: EffectiveImage, directory: str, inside: tuple[str, ...]) -> tuple[str, Node] | None:
    """The first file of the image itself: in `directory` (for ''), or that of that name in one of its directories."""
    for name in image.tree.children(directory):
        for inner in inside:
            path = f"{directory}/{name}" + (f"/{inner}" if inner else "")
            node = image.tree.find(path, follow=False)
            if node is not None and node.kind == "file" and node.sure and image.owns(node.image) and _starts(node):
                return path, node
    return None


def _starts(node: Node) -> bool:
    """Whether a file looks like something to be started."""
    data = node.blob.data
    return bool(node.mode and node.mode & 0o111) or (data is not None and data.startswith(b"#!"))


def _subdirectories(image: EffectiveImage) -> Iterator[DeadPlace]:
    for name in image.tree.children(INIT_SCRIPTS):
        directory = f"{INIT_SCRIPTS}/{name}"
        node = image.tree.find(directory)
        if name.startswith(".") or node is None or node.kind != "directory":
            continue
        found = _first(image, directory, ("",))
        if found is not None:
            yield DeadPlace(directory, *found, INIT_SCRIPTS, inside=True)


def _loose(image: EffectiveImage) -> Iterator[DeadPlace]:
    """A `run` that lies in the directory of the services, and not in one of theirs; where somebody names it, it may be run."""
    path = f"{SERVICES}/run"
    node = image.tree.find(path, follow=False)
    if node is None or node.kind != "file" or not node.sure or not image.owns(node.image) or not _starts(node):
        return
    texts = [text_of_run(step) for step in image.steps if step.instruction.keyword == "RUN"]
    data = (one.blob.data for _, one in image.tree.sourced if one.kind == "file")
    texts += [one.decode("utf-8", "replace") for one in data if one is not None and len(one) <= LONGEST]
    if not any("services.d" in text for text in texts):
        yield DeadPlace(SERVICES, path, node, f"{SERVICES}/NAME/run", loose=True)


def _too_deep(image: EffectiveImage) -> Iterator[DeadPlace]:
    """The start files of a tree that was to be the image's root and lies in a folder of its own name: `COPY root /root`."""
    for step in image.steps:
        if step.instruction.keyword not in ("COPY", "ADD") or step.from_parent is not None:
            continue
        operands = parse_copy(step.instruction)
        top = "/" + operands.destination.text.strip("/")
        sources = [one.text.rstrip("/") for one in operands.sources]
        if top.count("/") != 1 or len(sources) != 1 or sources[0].rpartition("/")[2] != top[1:] or _is_read(image, top):
            continue
        for path, node in sorted(image.tree.below(top)):
            match = _ROOTED.fullmatch(path[len(top) :])
            if match is None or node.kind != "file" or not node.sure or not image.owns(node.image) or not _starts(node):
                continue
            if image.tree.find(path[len(top) :]) is None:
                yield DeadPlace(f"{top}{match[1]}", path, replace(node, source=None, place=step.place), match[1])
                break


def _is_read(image: EffectiveImage, top: str) -> bool:
    """Whether a RUN, a script or a setting of the image names the folder as a whole, or its `etc`. That it is somebody's
    home (`HOME=/root`) says nothing of that."""
    home = image.env.get("HOME")
    inside = r"/\.(?![\w.])|/\*|/etc"
    at_home = rf"|(?:\$HOME|\$\{{HOME\}}|~)[\"']?(?:{inside})" if home is not None and home.value == top else ""
    named = re.compile(rf"{re.escape(top)}(?:/?(?![\w./-])|{inside}){at_home}")
    texts = [text_of_run(step) for step in image.steps if step.instruction.keyword == "RUN"]
    texts += [word for line in (image.entrypoint, image.cmd) if line is not None for word in line.value.words]
    texts += [value.value for name, value in image.env.items() if name != "HOME"]
    for _, node in image.tree.sourced:
        data = node.blob.data if node.kind == "file" else None
        if data is not None and len(data) <= LONGEST:
            texts.append(data.decode("utf-8", "replace"))
    return any(named.search(text) is not None for text in texts)


def _beside_s6_rc(image: EffectiveImage) -> Iterator[DeadPlace]:
    """The first service definition of s6-rc in a folder above or beside the one that is compiled."""
    for top in _NEAR_RC_D:
        if top != S6_OVERLAY and is_referred_to(image, top):
            continue
        for name in image.tree.children(top):
            kind = image.tree.find(f"{top}/{name}/type", follow=False)
            data = kind.blob.data if kind is not None and kind.kind == "file" else None
            if kind is None or data is None or data.strip() not in (b"longrun", b"oneshot"):
                continue
            if kind.sure and image.owns(kind.image):
                yield DeadPlace(f"{top}/{name}", f"{top}/{name}/type", kind, RC_D)
                break


def _s6_rc_before_3(image: EffectiveImage) -> Iterator[DeadPlace]:
    for name in image.tree.children(RC_D):
        for inside in ("run", "up"):
            path = f"{RC_D}/{name}/{inside}"
            node = image.tree.find(path)
            if node is None or node.kind != "file" or not node.sure or not image.owns(node.image):
                continue
            if image.tree.find(f"{SERVICES}/{name}/run") is None:
                yield DeadPlace(f"{RC_D}/{name}", path, node, SERVICES)
            break
