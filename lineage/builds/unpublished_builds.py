"""Builds of images that no file publishes: who runs them builds them, with arguments of its own."""

import re
from collections.abc import Iterator, Sequence

from ..families.read import NamingDocument, families
from ..repository.snapshot import Snapshot
from ..text.budget import LARGEST_BUILD_FILE
from ..text.errors import InputError
from ..text.places import Place, Span
from . import yaml_nodes as y
from .build import WHERE_IT_RUNS, Build


def document_builds(snapshot: Snapshot, build_files: Sequence[str]) -> Iterator[Build]:
    """The builds of the documents of families that name no image and stand beside a Dockerfile.

    `build_files` are the platform's own files of builds: a folder that has one is left to that. Only arguments for which
    the Dockerfile has no value are given.
    """
    told = {path.rpartition("/")[0] for path in build_files}
    documents = [(one, name) for one in families().naming_documents if one.built_with for name in one.files]
    for path in [path for path in snapshot.entries if path.rpartition("/")[2] == "Dockerfile"]:
        folder = path.rpartition("/")[0]
        if folder in told:
            continue
        for naming, name in documents:
            beside = f"{folder}/{name}" if folder else name
            if _names_no_image(snapshot, beside, naming):
                text = snapshot.text(path)
                args = {key: value for key, value in naming.built_with.items() if _asked(text, key)}
                if args:
                    yield Build(WHERE_IT_RUNS, Place(snapshot.show(beside), Span(1)), args=args, bases=(folder,))
                break


def _names_no_image(snapshot: Snapshot, path: str, naming: NamingDocument) -> bool:
    entry = snapshot.get(path)
    if entry is None or entry.kind != "file" or entry.size > LARGEST_BUILD_FILE:
        return False
    try:
        root = y.document(snapshot.text(path))
    except (InputError, RecursionError):
        return False
    if any(y.get(root, key) is None for key in (*naming.has, naming.each, naming.tag)):
        return False
    return y.get(root, naming.image) is None


def _asked(dockerfile: str, name: str) -> bool:
    """Whether a Dockerfile has an argument of that name without a value."""
    return re.search(rf"(?im)^[ \t]*ARG\s+{re.escape(name)}[ \t]*$", dockerfile) is not None
