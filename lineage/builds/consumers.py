"""Files that name images to be run: compose files, Kubernetes manifests, Helm values, app specs with placeholders."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

from ..repository.dockerfiles import NOT_SEARCHED
from ..repository.snapshot import Snapshot
from ..text.budget import LimitError, budget, spend
from ..text.errors import InputError
from ..text.places import Place, Span
from ..text.reference import InvalidReference, parse
from .placeholders import expand_shell, has_hole, hole, hole_names

if TYPE_CHECKING:
    from .yaml_nodes import Node

_LARGEST = 1 << 18
_PLACEHOLDER = re.compile(r"\{\{(?:(?!\{\{|\}\}).)*+\}\}|\{%(?:(?!\{%|%\}).)*+%\}|<[A-Z_][A-Z0-9_ -]*>|\$\([\w.]+\)")
_IMAGE_HEAD = re.compile(r"[ \t]*+(?:-[ \t]++)?image:[ \t]*+")
_NAMES_IMAGES = re.compile(rb"^[ \t]*(?:-[ \t]+)?image:", re.MULTILINE)

Kind = Literal["compose", "Kubernetes", "Helm values"]


@dataclass(frozen=True, slots=True)
class Consumer:
    """A place that names an image to be run.

    `title` is the service or container, `written` the reference as it stands there. `name` is the image's familiar name
    without tag, None where a placeholder hides it; a placeholder in place of the registry is left out, and
    `registry_open` says so. `tag` is None where none is given or a placeholder hides it. `built` is the place of the
    `build:` of the same compose service, `init` that of its `init: true`.
    """

    kind: Kind
    title: str
    written: str
    name: str | None
    tag: str | None
    registry_open: bool
    place: Place
    built: Place | None = None
    init: Place | None = None


_found: WeakKeyDictionary[Snapshot, tuple[Consumer, ...]] = WeakKeyDictionary()


def consumers(snapshot: Snapshot) -> tuple[Consumer, ...]:
    """All that a repository's YAML files run, by path and line. Files that make no sense say nothing."""
    found = _found.get(snapshot)
    if found is None:
        found = _found[snapshot] = tuple(_all(snapshot))
    return found


def _all(snapshot: Snapshot) -> Iterator[Consumer]:
    for path in sorted(snapshot.entries):
        entry = snapshot.entries[path]
        if not path.endswith((".yml", ".yaml")) or entry.kind != "file" or entry.size > _LARGEST:
            continue
        if not NOT_SEARCHED.isdisjoint(path.split("/")[:-1]) or path.startswith((".github/", ".circleci/")):
            continue
        if not snapshot.speaks(path):
            continue
        try:
            data = snapshot.read(path)
            if _NAMES_IMAGES.search(data) or b"init:" in data:
                with budget():
                    found = list(_in_file(snapshot, path, snapshot.text(path)))
                yield from found
        except LimitError as limit:
            snapshot.trouble(path, str(limit))
        except (InputError, RecursionError):
            continue


def _in_file(snapshot: Snapshot, path: str, text: str) -> Iterator[Consumer]:
    from .yaml_nodes import documents, get

    name = path.rpartition("/")[2]
    compose = "compose" in name
    shown = snapshot.show(path)
    if not compose and not _is_manifest(text) and "values" not in name:
        return
    roots = documents(text)
    if not roots or "{%" in text or re.search(r":[ \t]+\{\{", text):
        yield from _by_lines("compose" if compose else "Kubernetes", shown, text)
    elif compose:
        yield from _services(shown, get(roots[0], "services"))
    else:
        kind: Kind = "Kubernetes" if _is_manifest(text) else "Helm values"
        for root in roots:
            yield from _containers(kind, shown, root)


def _is_manifest(text: str) -> bool:
    return re.search(r"^apiVersion:", text, re.MULTILINE) is not None and "kind:" in text


def _by_lines(kind: Kind, shown: str, text: str) -> Iterator[Consumer]:
    """Templates that are no YAML before they are filled in: the lines `image: …` alone."""
    for number, row in enumerate(text.splitlines(), 1):
        found = _image_in(row)
        if found is not None and not re.match(r"\[|\{(?!\{)|[&*|>]", found[0]):
            yield _consumer(kind, "", found[0], Place(shown, Span(number, found[1] + 1)))


def _image_in(row: str) -> tuple[str, int] | None:
    """What a line `image: …` names, and at which offset; None for another line."""
    head = _IMAGE_HEAD.match(row)
    if head is None:
        return None
    quote = row[head.end() : head.end() + 1] if row[head.end() : head.end() + 1] in ("'", '"') else ""
    start = head.end() + len(quote)
    text, mark, _ = row[start:].partition("#")
    if mark and not text.endswith((" ", "\t")):
        return None
    text = text.rstrip(" \t")
    if not text.endswith(quote):
        return None
    text = text.removesuffix(quote) if quote else text
    return (text, start) if text else None


def _services(shown: str, services: "Node | None") -> Iterator[Consumer]:
    from .yaml_nodes import get, items, line, scalar

    for title, service in items(services):
        image, build, init = get(service, "image"), get(service, "build"), get(service, "init")
        built = Place(shown, Span(line(build))) if build is not None else None
        child = _place(shown, init) if init is not None and scalar(init) in ("true", "True", "yes", "on") else None
        written = scalar(image)
        if image is not None and written:
            yield _consumer("compose", title, written, _place(shown, image), built, child)
        elif built is not None:
            yield Consumer("compose", title, "", None, None, False, built, built, child)


def _containers(kind: Kind, shown: str, root: "Node") -> Iterator[Consumer]:
    """`image` of every mapping: a text, or in Helm values a mapping with `repository` and `tag`."""
    from .yaml_nodes import get, items, line, scalar, sequence

    waiting: list[Node] = [root]
    seen: set[int] = set()
    while waiting:
        spend(4)
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        pairs = list(items(node))
        waiting += [value for _, value in reversed(pairs)] or list(reversed(sequence(node)))
        image = dict(pairs).get("image")
        if image is None:
            continue
        title = scalar(get(node, "name")) or ""
        written = scalar(image)
        repository = get(image, "repository")
        if written and (kind == "Kubernetes" or "/" in written):
            yield _consumer(kind, title, written, _place(shown, image))
        elif repository is not None and scalar(repository):
            registry, tag = scalar(get(image, "registry")), scalar(get(image, "tag"))
            whole = f"{registry + '/' if registry else ''}{scalar(repository)}{':' + tag if tag else ''}"
            yield _consumer(kind, title, whole, Place(shown, Span(line(repository))))


def _place(shown: str, node: "Node") -> Place:
    start, end = node.start_mark, node.end_mark
    if start.line != end.line:
        return Place(shown, Span(start.line + 1, start.column + 1))
    return Place(shown, Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1))


def _consumer(
    kind: Kind, title: str, written: str, place: Place, built: Place | None = None, init: Place | None = None
) -> Consumer:
    name, tag, is_open = read_image(written)
    return Consumer(kind, title, written, name, tag, is_open, place, built, init)


def read_image(written: str) -> tuple[str | None, str | None, bool]:
    """(familiar name, tag, whether the registry is a placeholder) of a reference that may have placeholders.

    The name is None where a placeholder hides a part of it, or it is no name.
    """
    text = _PLACEHOLDER.sub(lambda found: hole(found[0]), written.strip())
    text = expand_shell(text, {})
    head, slash, last = text.rpartition("/")
    last, _, digest = last.partition("@")
    last, colon, tag = last.partition(":")
    is_open = False
    parts = head.split("/") if slash else []
    if parts and has_hole(parts[0]) and (len(parts) > 1 or "regist" in parts[0].lower()):
        is_open, parts = True, parts[1:]
    name = "/".join((*parts, last))
    known_tag = tag if colon and not has_hole(tag) else None
    if has_hole(name):
        return None, known_tag, is_open or bool(hole_names(name))
    parsed = parse(name)
    if isinstance(parsed, InvalidReference):
        return None, known_tag, is_open
    return parsed.familiar, known_tag if not digest else None, is_open
