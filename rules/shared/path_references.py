"""Whether anything in an image refers to a path: a script, a configuration file, a link, ENTRYPOINT or CMD."""

import re

from ...lineage.effects.model import Copy, Execute, Link, Opens
from ...lineage.image.image import EffectiveImage
from ...lineage.text.paths import normal, within

LONGEST = 1 << 18
"""Bytes up to which a file is searched."""


def is_referred_to(image: EffectiveImage, directory: str) -> bool:
    """Whether something outside of `directory` may read what lies below it.

    Any occurrence of the path in a file of the image counts, comments too: what is silent here is never a false alarm.
    """
    words = [word for line in (image.entrypoint, image.cmd) if line is not None for word in line.value.words]
    if any(directory in word for word in words) or any(directory in value.value for value in image.env.values()):
        return True
    return _linked(image, directory) or _used_by_build(image, directory) or _in_a_file(image, directory)


def _linked(image: EffectiveImage, directory: str) -> bool:
    for path, node in image.tree.nodes.items():
        if node.kind == "link" and not within(path, directory):
            target = normal(node.target, path.rpartition("/")[0] or "/")
            if within(target, directory):
                return True
    return False


def _used_by_build(image: EffectiveImage, directory: str) -> bool:
    """A command of the build that copies, links or runs what lies there, or a program that may do anything with it."""
    for step in image.steps:
        for effect in step.effects:
            match effect:
                case Copy():
                    paths = [source.canonical for source in effect.sources]
                case Link():
                    paths = [effect.target.canonical]
                case Execute():
                    paths = [effect.path.canonical]
                case Opens():
                    paths = [word.text.canonical for word in effect.command.argv] if effect.command is not None else []
                case _:
                    continue
            if any(within(path, directory) for path in paths):
                return True
    return False


def _in_a_file(image: EffectiveImage, shown: str) -> bool:
    directory = shown.encode("utf-8", "surrogateescape")
    ways = _ways_there(shown)
    for path, node in image.tree.nodes.items():
        if node.kind != "file" or within(path, shown):
            continue
        if node.facts is not None and any(_names(effect, shown) for effect in node.facts.effects):
            return True
        data = node.blob.data
        if data is None or len(data) > LONGEST:
            pass
        elif directory in data or any(rest in data and way.search(data) is not None for way, rest in ways):
            return True
        if any(shown in line.text for line in node.inserted):
            return True
    return False


def _ways_there(directory: str) -> tuple[tuple[re.Pattern[bytes], bytes], ...]:
    """(who changes to a folder above it, what he must say besides), for each of those folders: of `/etc` and its like the rest of
    the path, as many go there for something else."""
    parts = directory.strip("/").split("/")
    ways: list[tuple[re.Pattern[bytes], bytes]] = []
    for at in range(1, len(parts)):
        above, rest = "/" + "/".join(parts[:at]), "/".join(parts[at:])
        way = rf"(?:\b(?:cd|pushd)[ \t]+|[ \t]-C[ \t]*|--directory[= ])[\"']?{re.escape(above)}/?(?![\w./-])"
        ways.append(
            (
                re.compile(way.encode("utf-8", "surrogateescape")),
                b"" if at > 1 else rest.encode("utf-8", "surrogateescape"),
            )
        )
    return tuple(ways)


def _names(effect: object, directory: str) -> bool:
    return isinstance(effect, Execute) and effect.path.canonical.startswith(directory)
