"""The cure for a file without x bit: where git and the disk of this checkout do not agree about it, or a document tells it."""

from collections.abc import Iterator, Mapping

from ....lineage.late.dataclasses import replace
from ....lineage.late.patterns import pattern
from ....lineage.repository.snapshot import Snapshot
from ....lineage.text.errors import Unknown
from ....lineage.text.globs import glob_matches
from ....lineage.text.places import Place, Span
from ....lineage.workspace.workspace import Workspace
from ...base import Message, Related, Severity

_DOCUMENTS = ("readme", "readme.md", "readme.rst", "readme.txt", "install.md", "building.md", "contributing.md")
_LONGEST = 1 << 20
_GIVES_X = pattern(r"\bchmod((?:[ \t]+-\w+)*)[ \t]+(?:[ugoa]*\+r?w?x|0?7[0-7]{2})((?:[ \t]+[\w./*+-]+)+)")


def told_to_give_x(message: Message, workspace: Workspace, source: str | None) -> Message:
    """The message about the repository file `source` (as shown), as an information where a document of the repository tells
    whoever builds the image to give that file the x bit first."""
    found = workspace.locate(source) if source is not None else None
    if found is None or message.severity is Severity.INFO:
        return message
    snapshot, path = found
    told = workspace.once(_told).get(id(snapshot), ())
    place = next((place for word, below, place in told if _means(word, below, path)), None)
    if place is None:
        return message
    related = (*message.related, Related(place, "this tells whoever builds the image to give it the x bit"))
    return replace(message, severity=Severity.INFO, related=related)


def _means(word: str, below: bool, path: str) -> bool:
    """Whether a word of a document's chmod means a file of the repository; `below`: with all that lies in it (`-R`)."""
    word = word.removeprefix("./").rstrip("/")
    return glob_matches(path, word) or (below and (word in (".", "*") or path.startswith(f"{word}/")))


def _told(workspace: Workspace) -> Mapping[int, tuple[tuple[str, bool, Place], ...]]:
    """What the documents at the top of each repository tell to give the x bit, by the repository's identity."""
    return {id(snapshot): tuple(_told_in(snapshot)) for snapshot in workspace.snapshots}


def _told_in(snapshot: Snapshot) -> Iterator[tuple[str, bool, Place]]:
    for name in snapshot.children(""):
        entry = snapshot.get(name)
        if name.lower() not in _DOCUMENTS or entry is None or entry.kind != "file" or entry.size > _LONGEST:
            continue
        content = snapshot.content(name)
        if isinstance(content, Unknown):
            continue
        for number, row in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
            for match in _GIVES_X.finditer(row):
                place = Place(snapshot.show(name), Span(number, match.start() + 1, number, match.end() + 1))
                yield from ((word, "R" in match[1], place) for word in match[2].split())


def cured_where_it_lacks(message: Message, workspace: Workspace, source: str | None) -> Message:
    """The message about the repository file `source` (as shown), whose help says which of the two has no x bit.

    What is built from this checkout has the modes of the disk, what is built from a fresh one those of git.
    """
    found = workspace.locate(source) if source is not None else None
    if found is None:
        return message
    snapshot, path = found
    lacks = snapshot.entries[path].without_x
    if lacks == "git":
        at = f"-C {snapshot.label.rstrip('/')} " if snapshot.label else ""
        return replace(
            message,
            help="The x bit is on this disk and not in git, so that an image built from a fresh checkout has none: "
            f"`git {at}add {path}`.",
        )
    if lacks == "disk":
        return replace(message, help=f"Give it the x bit on this disk, too: `chmod +x {snapshot.label}{path}`.")
    return message
