"""Image names as documents mention them: in prose, tables and commands."""

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..repository.dockerfiles import NOT_SEARCHED
from ..repository.snapshot import Snapshot
from ..text.errors import Unknown
from ..text.places import Place, Span

_LARGEST = 1 << 18
_ENDINGS = (".md", ".rst", ".adoc", ".markdown")
_NAME = pattern(
    r"(?<![\w./:@%-])(?P<name>(?:(?:docker\.io|[a-z0-9-]+(?:\.[a-z0-9-]+)+)/)?[a-z0-9][a-z0-9_-]*/[a-z0-9][a-z0-9._-]*[a-z0-9])"
    r"(?P<tag>:[\w.-]*\w)?(?![\w/])"
)

_found: WeakKeyDictionary[Snapshot, tuple["DocumentMention", ...]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class DocumentMention:
    """A word of a document that has the form of an image's name with its owner."""

    name: str
    place: Place


def mentions(snapshot: Snapshot) -> tuple[DocumentMention, ...]:
    """The words of a repository's documents that may be names of images, by path and line."""
    found = _found.get(snapshot)
    if found is None:
        found = _found[snapshot] = tuple(_mentions(snapshot))
    return found


def _mentions(snapshot: Snapshot) -> Iterator[DocumentMention]:
    for path, entry in snapshot.entries.items():
        if not path.lower().endswith(_ENDINGS) or entry.kind != "file" or entry.size > _LARGEST:
            continue
        content = snapshot.content(path) if NOT_SEARCHED.isdisjoint(path.split("/")[:-1]) else b""
        if isinstance(content, Unknown) or not snapshot.speaks(path):
            continue
        for number, row in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
            for match in _NAME.finditer(row):
                span = Span(number, match.start() + 1, number, match.end("name") + 1)
                yield DocumentMention(match["name"], Place(snapshot.show(path), span))
