"""A real image's facts as data that is committed beside a lock: small, the same bytes each time, readable in a review.

Kept are settings, history, every path with kind, mode, owner and layer, and the contents that ctlint reads: start scripts,
service definitions, launchers, accounts. Of scripts in a distribution's own folders only those are kept that the start of the
image runs. No secret is kept (see kept.py), and of other files neither content nor digest.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from ..boot.plan import plan_of
from ..image.image import EffectiveImage
from ..image.tree import Blob, Node, Tree
from ..late.dataclasses import replace
from ..oci.entry import Kind, LayerEntry
from ..oci.kept import keeping
from ..oci.manifest import History, ImageConfiguration
from ..oci.read import RealImage
from ..remote.registry_image import Platform, parse_platform
from ..text.errors import InputError, UsageError
from .effective import effective_image

SCHEMA = 1
_KINDS: dict[str, Kind] = {
    "f": "file",
    "d": "directory",
    "l": "link",
    "c": "character device",
    "b": "block device",
    "p": "pipe",
}
_LETTERS = {kind: letter for letter, kind in _KINDS.items()}
_DISTRIBUTION = ("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/etc/init.d/", "/etc/cron", "/etc/kernel/", "/etc/apt/")
_LONGEST_STEP = 4000
Json = dict[str, Any]


def facts_to_json(image: RealImage) -> Json:
    """The facts of an image."""
    settings = image.configuration
    kept = _contents(image)
    return {
        "schema": SCHEMA,
        "address": image.address,
        "digest": image.digest,
        "platform": str(settings.platform),
        "created": settings.created,
        "config": {key: value for key, value in sorted(settings.settings.items()) if value not in (None, "", [], {})},
        "history": [_step(entry) for entry in settings.history],
        "folders": _folders(image.files),
        "texts": {path: _text(image.files[path].data or b"") for path in sorted(kept)},
    }


def facts_text(image: RealImage) -> str:
    """The facts as they stand in a file, one folder a line."""
    data = facts_to_json(image)
    rows: list[str] = []
    for key, value in data.items():
        if key in ("folders", "texts", "config"):
            inner = ",\n".join(f"  {_compact(name)}: {_compact(item)}" for name, item in value.items())
            rows.append(f' "{key}": {{\n{inner}\n }}' if inner else f' "{key}": {{}}')
        elif key == "history":
            rows.append(f' "{key}": [\n' + ",\n".join(f"  {_compact(item)}" for item in value) + "\n ]")
        else:
            rows.append(f' "{key}": {_compact(value)}')
    return "{\n" + ",\n".join(rows) + "\n}\n"


def facts_from_json(data: Json) -> RealImage:
    """The image whose facts these are. Raises InputError where the data is none, or of another version."""
    if data.get("schema") != SCHEMA:
        raise InputError(f"these facts are of schema {data.get('schema')!r}; this version reads schema {SCHEMA}")
    try:
        return _image(data)
    except (KeyError, TypeError, ValueError, AttributeError, UsageError):
        raise InputError("these are no facts of an image, or they were changed by hand") from None


def _image(data: Json) -> RealImage:
    platform: Platform = parse_platform(data["platform"])
    steps = [_history(row) for row in cast("list[Json]", data["history"])]
    created = data.get("created")
    known = created if isinstance(created, str) else None
    configuration = ImageConfiguration(dict(data["config"]), tuple(steps), (), known, platform)
    files: dict[str, LayerEntry] = {}
    for folder, groups in cast("dict[str, dict[str, Any]]", data["folders"]).items():
        for key, names in groups.items():
            for entry in _entries(folder, key, names):
                files[entry.path] = entry
    for path, text in cast("dict[str, Any]", data["texts"]).items():
        content = text.encode("utf-8") if isinstance(text, str) else base64.b64decode(text["base64"])
        entry = files[path]
        entry.data, entry.size = content, len(content)
        entry.digest = Blob.of(content).digest
    return RealImage(str(data["address"]), str(data["digest"]), configuration, files)


def _history(row: Json) -> History:
    layer = row.get("layer")
    if layer is not None and type(layer) is not int:
        raise TypeError
    return History(str(row.get("by", "")), layer)


def _step(entry: History) -> Json:
    by = entry.created_by[:_LONGEST_STEP]
    return {"by": by} if entry.layer is None else {"by": by, "layer": entry.layer}


def _folders(files: Mapping[str, LayerEntry]) -> dict[str, dict[str, Any]]:
    """By folder, and in it by what files have in common, their names; links with their targets."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(files):
        entry = files[path]
        folder, _, name = path.rpartition("/")
        group = f"{_LETTERS[entry.kind]} {entry.mode:o} {entry.uid}:{entry.gid} {entry.layer}"
        if entry.capability:
            group += " cap"
        groups = found.setdefault(folder or "/", {})
        if entry.kind == "link":
            groups.setdefault(group, {})[name] = entry.target
        else:
            groups.setdefault(group, []).append(name)
    return {
        folder: {key: names if isinstance(names, dict) else "/".join(names) for key, names in groups.items()}
        for folder, groups in found.items()
    }


def _entries(folder: str, key: str, names: Any) -> Iterator[LayerEntry]:
    letter, mode, owner, layer, *rest = key.split(" ")
    uid, _, gid = owner.partition(":")
    prefix = folder.rstrip("/")
    targets = cast("dict[str, Any]", names) if isinstance(names, dict) else dict.fromkeys(str(names).split("/"), "")
    if not all(isinstance(target, str) for target in targets.values()):
        raise TypeError
    for name, target in targets.items():
        yield LayerEntry(
            f"{prefix}/{name}",
            _KINDS[letter],
            int(mode, 8),
            int(uid),
            int(gid),
            target=target,
            capability="cap" in rest,
            layer=int(layer),
        )


def _contents(image: RealImage) -> set[str]:
    """The paths whose contents are kept: by their place, and those that are asked for when the start is read."""
    kept: set[str] = set()
    for path, entry in image.files.items():
        if entry.data is not None:
            by_place = keeping(path, entry.size) == "always" or not path.startswith(_DISTRIBUTION)
            if by_place:
                kept.add(path)
    return kept | {path for path in _asked_for(image) if image.files[path].data is not None}


def _asked_for(image: RealImage) -> set[str]:
    """The files whose contents are asked for while the boot plan is made."""
    asked: set[str] = set()
    made = effective_image(image, "image")
    nodes = {path: _watched(path, node, asked) for path, node in made.tree.nodes.items()}
    _plan(replace(made, tree=Tree(nodes, made.tree.clouds)))
    return asked


def _watched(path: str, node: Node, asked: set[str]) -> Node:
    data = node.blob.data
    if data is None:
        return node
    content = data

    def load() -> bytes:
        asked.add(path)
        return content

    return replace(node, blob=Blob(load, node.blob.digest))


def _plan(image: EffectiveImage) -> None:
    plan = plan_of(image)
    for step in plan.steps:
        if step.script is not None:
            _ = step.script.data


def _text(data: bytes) -> Any:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(", ", ": "))
