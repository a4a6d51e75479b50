"""What ctlint says of an image: `ctlint inspect --format json --files`, and the answers that follow from it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from posixpath import dirname, normpath
from typing import Any, Literal

from .inspector import asked

Answer = Literal["yes", "no", "unknown"]


class InspectFailed(Exception):  # noqa: N818 - a crash or a refusal of ctlint, with what it printed
    """ctlint gave no image."""


def inspected(folder: Path, target: str, *more: str, image: str | None = None) -> "Predicted":
    """The image that ctlint predicts for a target below `folder`, of several that it calls `image`. Raises InspectFailed."""
    names = [target] if image is None else [target, image]
    out, err = asked(["inspect", *names, "--format", "json", "--files", "*", *more], folder)
    try:
        data: dict[str, Any] = json.loads(out)
    except ValueError:
        raise InspectFailed((err or out).strip()[-400:]) from None
    return Predicted(data)


class Predicted:
    """The JSON of `inspect`, with the paths and clouds as a tree."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.files: dict[str, Mapping[str, Any]] = {one["path"]: one for one in data["files"]}
        self.clouds: Sequence[Mapping[str, Any]] = data["files_open"]
        own = {data["image"], data["id"]}
        own |= {link["name"] for link in data["chain"] if link["origin"] == "target"}
        self.own = own
        self.above = {folder for path, one in self.files.items() if one["sure"] for folder in _folders(path)}
        """What is there because something in it surely is, whatever it is itself."""

    def answer(self, path: str) -> Answer:
        """Whether something is at a path, links on the way followed, but not one at its end."""
        real = self.resolved(path)
        node = self.files.get(real)
        if real in self.above:
            return "yes"
        if node is not None:
            return "yes" if node["sure"] else "unknown"
        return "unknown" if any(_covers(cloud, real) for cloud in self.clouds) else "no"

    def resolved(self, path: str) -> str:
        done = "/"
        todo = [part for part in path.split("/") if part]
        followed = 0
        while todo:
            part = todo.pop(0)
            step = normpath(f"{done}/{part}").replace("//", "/")
            node = self.files.get(step)
            if node is not None and node["kind"] == "link" and todo and followed < 40:
                followed += 1
                target = normpath(
                    f"{dirname(step)}/{node['link']}" if not node["link"].startswith("/") else node["link"]
                )
                todo = [*[piece for piece in target.split("/") if piece], *todo]
                done = "/"
                continue
            done = step
        return done

    def value(self, name: str) -> Any:
        found = self.data[name]
        return None if found is None else found["value"]

    def account(self, name: str) -> Mapping[str, Any] | None:
        made = [one for one in self.data["accounts"] if one["made"] == "build" and one["name"] == name]
        return made[0] if made else None


def _folders(path: str) -> Iterator[str]:
    """The folders that a path leads through."""
    while (path := dirname(path)) != "/":
        yield path


def _covers(cloud: Mapping[str, Any], path: str) -> bool:
    if not any(_within(path, one) for one in cloud["below"]):
        return False
    return not any(_within(path, one) for one in cloud["spares"])


def _within(path: str, folder: str) -> bool:
    return folder == "/" or path == folder or path.startswith(folder + "/")
