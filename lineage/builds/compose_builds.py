"""Builds in compose files: the `build:` of their services."""

import posixpath
from collections.abc import Iterator, Mapping

from ..repository.snapshot import Snapshot
from ..text.places import Place, Span
from . import yaml_nodes as y
from .build import Build, NamedContexts, named_contexts
from .placeholders import expand_shell, has_hole, hole


def compose_builds(snapshot: Snapshot, path: str, environment: Mapping[str, str]) -> Iterator[Build]:
    """The `build:` of a compose file's services. `environment` is that of the `.env` beside it."""
    folder = path.rpartition("/")[0]

    def text(node: y.Node | None) -> str | None:
        value = y.scalar(node)
        return _compose_text(value, environment) if value is not None else None

    for _, service in y.items(y.get(_root(snapshot, path), "services")):
        build = y.get(service, "build")
        if build is None or y.get(build, "dockerfile_inline") is not None:
            continue
        context = text(build) or text(y.get(build, "context")) or "."
        dockerfile = text(y.get(build, "dockerfile"))
        image = text(y.get(service, "image"))
        tags = [image, *(text(tag) for tag in y.sequence(y.get(build, "tags")))]
        given = y.pairs(y.get(build, "args"))
        args = {key: _compose_text(value, environment) if value else hole(key) for key, value in given.items()}
        yield Build(
            "compose",
            Place(snapshot.show(path), Span(y.line(build))),
            context,
            f"{context}/{dockerfile}" if dockerfile else None,
            text(y.get(build, "target")),
            {key: value for key, value in args.items() if not has_hole(value)},
            frozenset(key for key, value in args.items() if has_hole(value)),
            tuple(tag for tag in tags if tag),
            (folder,),
            _compose_contexts(y.pairs(y.get(build, "additional_contexts")), environment),
        )


def included_files(snapshot: Snapshot, path: str) -> Iterator[str]:
    """The repository paths of the files that a compose file includes (specification, "Include")."""
    for item in y.sequence(y.get(_root(snapshot, path), "include")):
        named = y.get(item, "path")
        listed: list[y.Node | None] = [*y.sequence(named)] or [named]
        for one in [item] if y.scalar(item) else listed:
            yield from _at_hand(snapshot, path, y.scalar(one))


def extended_files(snapshot: Snapshot, path: str) -> Iterator[str]:
    """The repository paths of the files whose services those of a compose file extend (specification, "Extend")."""
    for _, service in y.items(y.get(_root(snapshot, path), "services")):
        yield from _at_hand(snapshot, path, y.scalar(y.get(y.get(service, "extends"), "file")))


def _root(snapshot: Snapshot, path: str) -> y.Node | None:
    return y.overlaid(y.documents(snapshot.text(path)))


def _at_hand(snapshot: Snapshot, path: str, written: str | None) -> Iterator[str]:
    """The repository path of a file that the one at `path` names; nothing where the repository has no such file."""
    if not written or "://" in written:
        return
    found = posixpath.normpath(posixpath.join(path.rpartition("/")[0], written))
    if not found.startswith(("..", "/")) and snapshot.get(found) is not None:
        yield found


def _compose_contexts(given: Mapping[str, str | None], environment: Mapping[str, str]) -> NamedContexts:
    return named_contexts({name: _compose_text(value or hole(name), environment) for name, value in given.items()})


def _compose_text(text: str, environment: Mapping[str, str]) -> str:
    marked = text.replace("$$", "\0")
    return (expand_shell(marked, environment) if "$" in marked else marked).replace("\0", "$")
