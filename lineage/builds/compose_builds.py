"""Builds in compose files: the `build:` of their services."""

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

    for _, service in y.items(y.get(y.overlaid(y.documents(snapshot.text(path))), "services")):
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


def _compose_contexts(given: Mapping[str, str | None], environment: Mapping[str, str]) -> NamedContexts:
    return named_contexts({name: _compose_text(value or hole(name), environment) for name, value in given.items()})


def _compose_text(text: str, environment: Mapping[str, str]) -> str:
    marked = text.replace("$$", "\0")
    return (expand_shell(marked, environment) if "$" in marked else marked).replace("\0", "$")
