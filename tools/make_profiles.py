"""Make the bundled profiles of families from real sources, for maintainers.

    python tools/make_profiles.py MIRROR [FILE…]

MIRROR holds git repositories as `OWNER+NAME/repo` or `OWNER/NAME`. `profile_recipes.json` beside this script says which
commits are read and which profile stands for each parent; profiles are written into `lineage/profiles/` and listed in its
`index.json`. The export itself is that of `ctlint inspect --export-profile`.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeGuard, cast

from profile_differences import over

from ctlint.lineage.effects.places import IMAGE_PLACES
from ctlint.lineage.image.image import EffectiveImage
from ctlint.lineage.profiles.find import find_profile, load_profile
from ctlint.lineage.profiles.write import image_to_json, script_facts
from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.text.reference import Reference, identity
from ctlint.lineage.workspace.workspace import ImageSource, Parent, Settings, Workspace

HERE = Path(__file__).parent
PROFILES = HERE.parent / "lineage" / "profiles"
_ROOTFS = "rootfs-of-the-distribution"
_LONGEST_LINE = 110
Json = dict[str, Any]


class Repository:
    """A repository of the mirror at a commit."""

    def __init__(self, mirror: Path, source: str) -> None:
        self.name, _, revision = source.partition("@")
        folders = (mirror / self.name.replace("/", "+") / "repo", mirror / self.name)
        self.folder = next(folder for folder in folders if folder.exists())
        self.commit = self.git("rev-parse", f"{revision}^{{commit}}").decode().strip()
        self.cited = f"{self.name}@{self.commit[:12]}"

    def git(self, *words: str) -> bytes:
        return subprocess.run(["git", "-C", str(self.folder), *words], check=True, capture_output=True).stdout

    def snapshot(self, changed: Mapping[str, str]) -> Snapshot:
        files = dict(self.files())
        files.update((path, FileSpec(text.encode())) for path, text in changed.items())
        return Snapshot.from_mapping(self.name, files, label=f"{self.cited}/", commit=self.commit)

    def files(self) -> Iterator[tuple[str, FileSpec]]:
        for row in self.git("ls-tree", "-r", "-z", self.commit).decode().split("\0"):
            if not row:
                continue
            mode, _, digest, path = re.split(r"[ \t]", row, maxsplit=3)
            if mode == "120000":
                yield path, FileSpec(b"", 0o777, "link", self.git("cat-file", "blob", digest).decode())
            elif mode != "160000":
                data = self.git("cat-file", "blob", digest)
                yield path, FileSpec(data, 0o755 if mode == "100755" else 0o644)

    def text(self, path: str) -> str:
        return self.git("show", f"{self.commit}:{path}").decode()


class RecipeWorkspace(Workspace):
    """A workspace whose parents are the profiles that the recipe names."""

    parents: Mapping[str, list[str]]

    def parent(self, reference: Reference, child: ImageSource | None = None) -> Parent:
        name = identity(reference)
        if reference.familiar == _ROOTFS:
            return Parent(None, load_profile(*self.parents[_ROOTFS], name=name))
        layers = self.parents.get(f"{name}:{reference.effective_tag}")
        if layers is not None:
            return Parent(None, load_profile(*layers, name=name))
        found = find_profile(name, reference.effective_tag)
        return Parent(None, found[0] if found else None)


def on_rootfs(text: str) -> str:
    """The Dockerfile of an image made from a distribution's root file system, as one that is built FROM it.

    Of the stage that fetches and unpacks that file system only what installs s6-overlay stays. Lines keep their numbers.
    """
    rows = text.split("\n")
    last = max(index for index, row in enumerate(rows) if re.match(r"FROM\s+scratch\b", row, re.IGNORECASE))
    kept: list[str] = []
    index = 0
    while index < last:
        end = index
        while rows[end].rstrip().endswith("\\") and end < last:
            end += 1
        block = rows[index : end + 1]
        whole = "\n".join(block)
        if block[0].startswith("RUN") and "s6-overlay-" not in whole:
            block = [""] * len(block)
        kept += block
        index = end + 1
    return "\n".join([*kept, f"FROM {_ROOTFS}", *rows[last + 1 :]])


def made(mirror: Path, recipe: Json) -> Json:
    """The profile of a recipe."""
    repository = Repository(mirror, recipe["source"])
    dockerfile = recipe.get("dockerfile", "Dockerfile")
    changed = {dockerfile: on_rootfs(repository.text(dockerfile))} if "rootfs" in recipe else {}
    snapshot = repository.snapshot(changed)
    settings = Settings(names={dockerfile: [recipe["image"]]}, build_args=recipe.get("args", {}))
    workspace = RecipeWorkspace([(snapshot, [dockerfile])], settings)
    rootfs = {_ROOTFS: [recipe["rootfs"]]} if "rootfs" in recipe else {}
    workspace.parents = {**recipe.get("parents", {}), **rootfs}
    source = workspace.images[0]
    image = workspace.effective(source)
    data = image_to_json(image, script_facts(image, workspace.boot(source)), repository.cited, recipe["tags"])
    whole = finished(data, recipe, image)
    return over(whole, recipe["over"]) if "over" in recipe else whole


def finished(data: Json, recipe: Json, image: EffectiveImage) -> Json:
    """With what the sources do not say: login scripts, and scripts that are fetched when the image is built."""
    data["image"] = recipe["image"]
    if "rootfs" in recipe:
        data.pop("chain", None)
        data = without_owners(data)
    closed = recipe.get("closed", False)
    if closed:
        data["closed"] = closed if isinstance(closed, list) else list(IMAGE_PLACES)
    data["sessions"] = [*data.get("sessions", ()), *(p for p in recipe.get("sessions", ()) if p not in image.sessions)]
    data["scripts"] = {**data.get("scripts", {}), **recipe.get("scripts", {})}
    return changed(data, recipe.get("changes", {}))


def changed(data: Json, changes: Json) -> Json:
    """With a recipe's corrections: objects are merged (RFC 7396), null removes."""
    merged = dict(data)
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        else:
            inner = merged.get(key)
            merged[key] = changed(inner if is_object(inner) else {}, value) if is_object(value) else value
    return merged


def without_owners(data: Json) -> Json:
    """Facts of the distribution's file system as the image's own: it is made from scratch."""
    return {key: _without_owners(value) for key, value in data.items() if key != "of"}


def _without_owners(value: Any) -> Any:
    if is_object(value):
        return without_owners(value)
    return [_without_owners(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


def is_object(value: Any) -> TypeGuard[Json]:
    return isinstance(value, dict)


def written(data: Json) -> str:
    """A profile as text: a line for each entry of its tables."""
    return "{\n" + ",\n".join(f" {json.dumps(key)}: {_written(value)}" for key, value in data.items()) + "\n}\n"


def _written(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= _LONGEST_LINE:
        return text
    if is_object(value):
        rows = (f"  {json.dumps(key)}: {json.dumps(item, ensure_ascii=False)}" for key, item in value.items())
        return "{\n" + ",\n".join(rows) + "\n }"
    if isinstance(value, list):
        items = (f"  {json.dumps(item, ensure_ascii=False)}" for item in cast("list[Any]", value))
        return "[\n" + ",\n".join(items) + "\n ]"
    return text


def index_rows(recipe: Json) -> list[tuple[str, list[Any]]]:
    """The rows of the index: a recipe's tags, and those that it is only assumed to describe, each with the reason."""
    stale = [recipe["assumed"]] if "assumed" in recipe else []
    rows: list[tuple[str, list[Any]]] = []
    for image in (recipe["image"], *recipe.get("also", ())):
        if recipe["tags"]:
            rows.append((image, [recipe["tags"], [recipe["file"]], *stale]))
        for other in recipe.get("assumed_for", ()):
            row = (other.get("image", image), [other["tags"], [recipe["file"]], other["reason"]])
            rows += [] if row in rows else [row]
    return rows


def main(arguments: list[str]) -> None:
    mirror, only = Path(arguments[0]), set(arguments[1:])
    indexes: dict[str, Json] = {}
    for recipe in json.loads((HERE / "profile_recipes.json").read_text("utf-8")):
        if only and recipe["file"] not in only:
            continue
        text = written(made(mirror, recipe))
        (PROFILES / recipe["file"]).write_text(text, "utf-8")
        index = indexes.setdefault(index_of(recipe), read_index(index_of(recipe)))
        for rows in index.values():
            rows[:] = [row for row in rows if recipe["file"] not in row[1]]
        for image, row in index_rows(recipe):
            rows = index.setdefault(image, [])
            rows.insert(next((number for number, other in enumerate(rows) if "*" in other[0]), len(rows)), row)
        print(recipe["file"], len(text))
    for file, index in indexes.items():
        write_index(file, index)


def index_of(recipe: Json) -> str:
    """The index that a recipe's rows stand in: those of applications, of which an owner has many, have one of their own."""
    return f"index-{recipe['image'].partition('/')[0]}.json" if "over" in recipe else "index.json"


def read_index(file: str) -> Json:
    path = PROFILES / file
    images: Json = json.loads(path.read_text("utf-8"))["images"] if path.exists() else {}
    return images


def write_index(file: str, images: Json) -> None:
    rows = ",\n".join(
        f"  {json.dumps(name)}: [\n"
        + ",\n".join(f"   {json.dumps(row, ensure_ascii=False)}" for row in found)
        + "\n  ]"
        for name, found in sorted(images.items())
        if found
    )
    owners = sorted(path.stem.removeprefix("index-") for path in PROFILES.glob("index-*.json"))
    told = f' "owners": {json.dumps(owners)},\n' if file == "index.json" else ""
    (PROFILES / file).write_text(f'{{\n "schema": 1,\n{told} "images": {{\n{rows}\n }}\n}}\n', "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
