"""kustomization.yaml: the images that it puts in the place of those of its resources.

Implements `images` (newName, newTag, digest) over `resources`, `bases` and `components` that lie in the repository. Patches
(`patches`, `patchesStrategicMerge`, `patchesJson6902`, and what generates or transforms) are not carried out: what they may
change of a resource is unknown.
"""

import posixpath
from collections.abc import Callable, Iterator

from ..builds.yaml_nodes import Node, get, line, scalar, sequence
from ..late.dataclasses import replace
from ..repository.snapshot import Snapshot
from ..text.budget import LimitError, spend
from ..text.errors import Unknown
from .model import Consumer
from .names import read_image
from .reading import SourceText

NAMES = frozenset(("kustomization.yaml", "kustomization.yml", "Kustomization"))
DEEPEST = 50
Read = Callable[[str], tuple[Consumer, ...]]


def kustomize_consumers(
    snapshot: Snapshot, path: str, source: SourceText, root: Node, read: Read
) -> Iterator[Consumer]:
    """The containers whose image a kustomization replaces, run as its resources say; `read` gives those of a file."""
    replaced = sequence(get(root, "images"))
    if not replaced:
        return
    resources: dict[str | None, list[Consumer]] = {}
    for file in _resources(snapshot, path, root):
        for one in read(file):
            resources.setdefault(one.name, []).append(one)
    for item in replaced:
        old, new = source.text(get(item, "name")), source.text(get(item, "newName"))
        tag, digest = source.text(get(item, "newTag")), source.text(get(item, "digest"))
        if old is None or old.known is None:
            continue
        subject = new or tag or digest
        if subject is None:
            continue
        name = new.known if new is not None else old.known
        if name is None:
            continue
        written = name
        if tag is not None and tag.known is not None:
            written += f":{tag.known}"
        elif digest is not None and digest.known is not None:
            written += f"@{digest.known}"
        image = read_image(written)
        known, _, _ = read_image(old.known)
        for one in resources.get(known, ()) if known is not None else ():
            shown = (written, image[0], image[1] or (one.tag if tag is None and digest is None else None), image[2])
            yield replace(
                one,
                kind="kustomize",
                written=shown[0],
                name=shown[1],
                tag=shown[2],
                registry_open=shown[3],
                place=subject.place,
                base=one,
            )
        if known not in resources:
            unknown = Unknown("the resources that the kustomization changes are not at hand")
            yield Consumer("kustomize", "", written, *image, subject.place, open=unknown)


_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902", "transformers", "replacements")


def patched(snapshot: Snapshot, path: str, root: Node) -> Iterator[tuple[str, Unknown]]:
    """The files whose containers are not run as they stand, with why: resources that a kustomization patches, and patches."""
    written = [(key, get(root, key)) for key in _PATCHES]
    used = [(key, node) for key, node in written if node is not None and (sequence(node) or scalar(node))]
    if not used:
        return
    key, node = used[0]
    changed = Unknown(f"`{key}` of {snapshot.show(path)}:{line(node)} may change it")
    yield from ((file, changed) for file in _resources(snapshot, path, root))
    part = Unknown(f"it is a patch of {snapshot.show(path)}")
    folder = path.rpartition("/")[0]
    for _, patches in used:
        for item in sequence(patches):
            named = scalar(item) or scalar(get(item, "path"))
            if named and "\n" not in named and "://" not in named:
                yield posixpath.normpath(posixpath.join(folder, named)), part


def _resources(snapshot: Snapshot, path: str, root: Node, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The repository paths of the manifests below a kustomization."""
    if path in seen:
        return
    if len(seen) >= DEEPEST:
        raise LimitError(f"its resources go more than {DEEPEST} folders deep, so that they could not be read")
    seen |= {path}
    folder = path.rpartition("/")[0]
    for key in ("resources", "bases", "components"):
        for item in sequence(get(root, key)):
            written = scalar(item)
            if not written or "://" in written:
                continue
            spend(200)
            found = posixpath.normpath(posixpath.join(folder, written))
            if found.startswith(".."):
                continue
            if snapshot.get(found) is not None:
                yield found
                continue
            for name in sorted(NAMES):
                inner = f"{found}/{name}" if found != "." else name
                if snapshot.get(inner) is not None and inner != path:
                    yield from _inner(snapshot, inner, seen)


def _inner(snapshot: Snapshot, path: str, seen: frozenset[str]) -> Iterator[str]:
    from ..builds.yaml_nodes import document
    from ..text.errors import InputError

    try:
        root = document(snapshot.text(path))
    except InputError:
        return
    if root is not None:
        yield from _resources(snapshot, path, root, seen)
