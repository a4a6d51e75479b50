"""How each bundled profile was made, as a page: `python tools/profile_sources.py > docs/profiles.md`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PROFILES = ROOT / "lineage" / "profiles"
RECIPES = ROOT / "tools" / "profile_recipes.json"
BY_RECIPE = "exported from the source's Dockerfile and files by `tools/make_profiles.py`"
BY_HAND = "written by hand from the source"
BY_EXPORT = "exported from the source's Dockerfile and files by `ctlint inspect --export-profile`"
_SHORT_KEYS = frozenset(("links", "programs", "directories", "closed"))
"""Keys that only profiles written by hand have."""


def page() -> Iterator[str]:
    yield "# Bundled profiles\n"
    yield "Facts of public parent images, for repositories whose parents are not at hand. What each was made of, and how:\n"
    yield "| profile | of | how |\n|---|---|---|"
    recipes = {recipe["file"] for recipe in json.loads(RECIPES.read_text("utf-8"))}
    for path in sorted(PROFILES.glob("*.json")):
        if not path.name.startswith("index"):
            data = json.loads(path.read_text("utf-8"))
            yield f"| {path.stem} | {data['source']} | {made(path.name, data, recipes)} |"
    yield "\nThe `-slim` images of Debian lack manuals, documentation and translations of the others. No profile of Debian lists"
    yield "these, so one serves both."
    export = "ctlint inspect registry:acme/base:2 --export-profile base.json"
    yield f"\nA real image makes one, too: `{export}`. To know a parent by its real"
    yield "image without a profile, see [real images](real-images.md)."


def made(file: str, data: dict[str, Any], recipes: set[str]) -> str:
    told = data.get("made")
    if isinstance(told, str):
        return told
    if file in recipes:
        return f"what it adds to {data['from'].removesuffix('.json')}: {BY_RECIPE}" if "from" in data else BY_RECIPE
    return BY_HAND if _SHORT_KEYS & data.keys() or not data.get("scripts") else BY_EXPORT


if __name__ == "__main__":
    sys.stdout.write("\n".join(page()) + "\n")
