"""Commands that build an image as builds, each with the names that `docker tag` gives it."""

from collections.abc import Iterable, Iterator

from ..late.dataclasses import replace
from ..text.places import Place, Span
from .build import Build, join, named_contexts
from .build_commands import BuildCommand, BuildWords, read_build, read_tag
from .placeholders import has_hole, is_hole


def build_of(words: BuildWords, kind: str, path: str, bases: tuple[str, ...]) -> Build:
    """A build command, read in the file shown as `path`, as a Build. `bases` are the folders it may be run in."""
    folder = words.folder
    if folder:
        bases = tuple(found for base in bases if (found := join(base, folder)) is not None)
    args = {key: value for key, value in words.args.items() if value is not None and not has_hole(value)}
    return Build(
        kind,
        Place(path, Span(words.line)),
        None if words.context == "-" else words.context,
        words.dockerfile if words.dockerfile != "-" else None,
        words.target,
        args,
        frozenset(words.args) - args.keys(),
        words.tags,
        bases,
        named_contexts(words.contexts),
    )


def builds_of(found: Iterable[BuildCommand], kind: str, path: str, bases: tuple[str, ...]) -> Iterator[Build]:
    """The builds among commands, read in the file shown as `path`."""
    for command in found:
        words = read_build(command)
        if words:
            yield build_of(words, kind, path, bases)


def with_later_names(builds: Iterable[Build], found: Iterable[BuildCommand]) -> Iterator[Build]:
    """The builds with the names, too, that a `docker tag` among the commands of the same file or job gives them."""
    renamed = [pair for command in found if (pair := read_tag(command))]
    for build in builds:
        tags = dict.fromkeys(build.tags)
        for image, name in renamed:
            if any(image in (tag, _without_tag(tag)) for tag in tags) and not is_hole(name):
                tags.setdefault(name)
        yield replace(build, tags=tuple(tags))


def _without_tag(reference: str) -> str:
    head, slash, last = reference.rpartition("/")
    return head + slash + last.partition(":")[0]
