"""A profile as what its image adds to the one that it is built on, for `make_profiles.py`.

What is written is read back and held against the whole export; `fingerprint` is kept in the profile (`whole`), so that a test
can tell, without the sources, that the two still say the same.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, TypeGuard

from ctlint.lineage.effects.as_json import effect_to_json
from ctlint.lineage.image.image import EffectiveImage
from ctlint.lineage.image.script_facts import ScriptFacts
from ctlint.lineage.image.tree import Cloud, Node
from ctlint.lineage.profiles.find import load_profile
from ctlint.lineage.profiles.read import image_from_json
from ctlint.lineage.profiles.write import image_to_json

Json = dict[str, Any]

_KEPT = ("schema", "image", "tags", "source", "known", "chain")
_SETTINGS = ("user", "workdir", "shell", "entrypoint", "cmd", "env_open", "config_open", "sh")
_LISTS = ("exposed", "volumes", "sessions")


class DifferentError(Exception):
    """What an image adds to another cannot be written so that the same is read back."""


def over(whole: Json, file: str) -> Json:
    """The profile `whole` as what it adds to the bundled profile of `file`. Raises DifferentError."""
    image, base = image_from_json(whole), load_profile(file, name=whole["chain"][0]["name"])
    data: Json = {key: whole[key] for key in _KEPT if key in whole}
    data["from"] = file
    data["whole"] = fingerprint(image)
    data["env"] = {name: value for name, value in whole.get("env", {}).items() if base.env.get(name) != image.env[name]}
    data["env_removed"] = sorted(base.env.keys() - image.env.keys())
    for key in _SETTINGS:
        if getattr(image, key) != getattr(base, key) or (key == "cmd" and "entrypoint" in data):
            data[key] = whole.get(key)
    for key in _LISTS:
        data[key] = _further(whole.get(key, []), getattr(image, key), getattr(base, key))
    data["accounts"] = _accounts(whole.get("accounts", {}), image, base)
    data["clouds"] = [_cloud(cloud, base) for cloud in image.tree.clouds]
    data["nodes"] = {path: _node(whole, path, node) for path, node in _added(whole, image, base)}
    data["removed"] = sorted(path for path in base.tree.nodes if path not in image.tree.nodes)
    data["scripts"] = {path: facts for path, facts in whole.get("scripts", {}).items() if path in data["nodes"]}
    data = {
        key: value for key, value in data.items() if value not in ([], {}) and (value is not None or key in _SETTINGS)
    }
    read = image_from_json(data, base)
    if fingerprint(read) != data["whole"]:
        raise DifferentError(f"{whole['image']}: {'; '.join(_differences(read, image))}")
    return data


def fingerprint(image: EffectiveImage) -> str:
    """What tells whether two profiles say the same of an image, in 16 characters."""
    text = json.dumps(_state(image), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _state(image: EffectiveImage) -> Json:
    """All that a profile says of an image, however it is written."""
    data = image_to_json(image, {}, "", [])
    data["clouds"] = [_same(cloud) for cloud in image.tree.clouds]
    data["nodes"] = {path: _told(node) for path, node in image.tree.nodes.items()}
    data["accounts"]["removed"] = sorted(image.accounts.removed)
    return data


def _told(node: Node) -> list[Any]:
    """What is told of a node; of a folder not where it comes from, which is what was put into it first."""
    folder = node.kind == "directory"
    return [
        node.kind,
        None if folder else str(node.place),
        None if folder else node.image,
        node.mode,
        node.owner,
        node.target,
        node.sure,
        node.provides,
        node.blob.digest,
        [line.text for line in node.inserted],
        _facts(node.facts) if node.facts is not None else None,
    ]


def _facts(facts: ScriptFacts) -> list[Any]:
    effects = [effect_to_json(effect, str(effect.place)) for effect in facts.effects]
    return [facts.shebang, facts.sees_environment, effects]


def _differences(read: EffectiveImage, image: EffectiveImage) -> Iterator[str]:
    found, wanted = _state(read), _state(image)
    for key in sorted(found.keys() | wanted.keys()):
        one, other = found.get(key), wanted.get(key)
        if is_object(one) and is_object(other):
            yield from (
                f"{key} {k}: {one.get(k)} for {other.get(k)}" for k in {*one, *other} if one.get(k) != other.get(k)
            )
        elif one != other:
            yield f"{key}: {one} for {other}"


def is_object(value: Any) -> TypeGuard[Json]:
    return isinstance(value, dict)


def _further(told: list[Any], image: tuple[Any, ...], base: tuple[Any, ...]) -> list[Any]:
    if image[: len(base)] != base:
        raise DifferentError(f"{image} does not begin with {base}")
    return told[len(base) :]


def _accounts(told: Json, image: EffectiveImage, base: EffectiveImage) -> Json:
    known = {
        name: account
        for name, account in told.get("known", {}).items()
        if base.accounts.known.get(name) != image.accounts.known[name]
    }
    removed = sorted({*told.get("removed", ()), *(base.accounts.known.keys() - image.accounts.known.keys())})
    packages = sorted(image.accounts.packages - base.accounts.packages)
    opened = told.get("open") if image.accounts.open != base.accounts.open else None
    groups = told.get("groups") if image.accounts.groups != base.accounts.groups else None
    data = {"known": known, "removed": removed, "packages": packages, "open": opened, "groups": groups}
    return {key: value for key, value in data.items() if value}


def _added(whole: Json, image: EffectiveImage, base: EffectiveImage) -> Iterator[tuple[str, Node]]:
    """What is new or another, without the folders that come by what is in them."""
    for path, node in sorted(image.tree.nodes.items()):
        own = base.tree.nodes.get(path)
        another = own is not None and _told(own) != _told(node)
        if another or (own is None and path in whole["nodes"]):
            yield path, node


def _node(whole: Json, path: str, node: Node) -> Json:
    """A node as the whole profile has it."""
    told: Json | None = whole["nodes"].get(path)
    if told is None:
        raise DifferentError(f"{path} of {whole['image']} is another than its base's: {node}")
    return told


def _same(cloud: Cloud) -> list[Any]:
    """What makes two clouds the same one, however often a spare stands in them."""
    return [cloud.reason, list(cloud.below), sorted(set(cloud.spares)), cloud.by]


def _cloud(cloud: Cloud, base: EffectiveImage) -> Json | int:
    """A cloud: the number of the base's that it is, or that it is with further spares; else itself."""
    for number, own in enumerate(base.tree.clouds):
        if (own.reason, own.below, own.by) == (cloud.reason, cloud.below, cloud.by) and {*own.spares} <= {
            *cloud.spares
        }:
            more = sorted({*cloud.spares} - {*own.spares})
            return {"base": number, "spares": more} if more else number
    reason, below, spares, by = _same(cloud)
    return {"reason": reason, "below": below, **({"spares": spares} if spares else {}), **({"by": by} if by else {})}
