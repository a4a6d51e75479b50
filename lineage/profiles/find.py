"""Bundled base images: facts of parents whose source is not at hand, so that a lone repository is linted right, offline.

`index.json` says which data files describe an image: `images` holds, by image name (after aliases), rows of tag
globs, files and, where the files may not describe quite that tag, the reason why they are only assumed to. The first
row with a matching glob wins; one without files says that nothing is known of these tags. The files are laid one over
the other; `extends` in a file names those that come before it. `tools/make_profiles.py` makes those of whole families.
"""

import json
from functools import cache
from typing import Any

from ..image.image import EffectiveImage
from ..late.package_files import text_in
from ..text.errors import InputError
from ..text.globs import glob_matches
from ..text.platforms import OFFICIAL_NAMESPACES
from .read import image_from_json

_INDEX = "index.json"
_OF_AN_OWNER = "index-{}.json"
"""The index of an owner with many images, which is only read where one of its names is looked up."""
_ANY = "*"


def _read(file: str) -> Any:
    return json.loads(text_in(__name__.rpartition(".")[0], file))


@cache
def _listing(file: str) -> dict[str, Any]:
    found: dict[str, Any] = _read(file)
    return found


def _index() -> dict[str, list[list[Any]]]:
    images: dict[str, list[list[Any]]] = _listing(_INDEX)["images"]
    return images


def _rows(name: str) -> list[list[Any]]:
    found = _index().get(name)
    owner = name.partition("/")[0]
    if found is None and owner in _listing(_INDEX)["owners"]:
        found = _listing(_OF_AN_OWNER.format(owner))["images"].get(name)
    return found or []


def find_profile(name: str, tag: str | None) -> tuple[EffectiveImage, str | None] | None:
    """The bundled image of that name (after aliases) for that tag, with the reason if it is only assumed to be it.

    None where nothing is bundled. Without a tag (a digest alone) only facts that hold for any tag are found.
    """
    for globs, layers, *assumed in _rows(_plain(name)):
        fits = _ANY in globs if tag is None else any(glob_matches(tag, glob) for glob in globs)
        if fits:
            return (load_profile(*layers, name=name), assumed[0] if assumed else None) if layers else None
    return None


def tells_tags_apart(name: str) -> bool:
    """Whether the bundled facts of a name (after aliases) are other ones for other tags."""
    return len({tuple(row[1]) for row in _rows(_plain(name)) if row[1]}) > 1


def _plain(name: str) -> str:
    """The name without the namespace of official images."""
    return next((name[len(prefix) :] for prefix in OFFICIAL_NAMESPACES if name.startswith(prefix)), name)


def is_official(name: str) -> bool:
    """Whether it is the familiar name of an official image that facts are bundled of (`ubuntu`)."""
    return "/" not in name and name in _index()


@cache
def load_profile(*layers: str, name: str | None = None) -> EffectiveImage:
    """The image of bundled data files, laid one over the other. Raises FileNotFoundError, InputError."""
    image: EffectiveImage | None = None
    for data in _data(layers):
        if "from" in data:
            image = load_profile(data["from"], name=data["chain"][0]["name"])
        image = _laid_over(image, data, name)
    if image is None:
        raise InputError("no profile is named")
    return image


def _data(layers: tuple[str, ...]) -> list[dict[str, Any]]:
    """The data of files, each after that of the files it extends."""
    found: list[dict[str, Any]] = []
    for layer in layers:
        data = _read(layer)
        found += [*_data(tuple(data.get("extends", ()))), data]
    return found


def _laid_over(base: EffectiveImage | None, data: dict[str, Any], name: str | None) -> EffectiveImage:
    return image_from_json({**data, "image": name or data.get("image") or "a bundled image"}, base)
