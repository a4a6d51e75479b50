"""Whether a repository tells its readers of a path of the image, so that they may mount something there."""

from ...lineage.text.errors import InputError
from ...lineage.workspace.workspace import ImageSource

_TOLD_IN = (".md", ".rst", ".txt", ".adoc", ".yml", ".yaml", ".xml", ".json", ".env")
_LARGEST = 400_000


def is_told_of(source: ImageSource, path: str) -> bool:
    """Whether a text of the repository that is no part of the image speaks of the path, or of a folder above it that is not
    one of a distribution's own: `-v notes:/var/lib/notes` in a README."""
    parts = path.strip("/").split("/")
    above = ("/" + "/".join(parts[:count]) for count in range(min(2, len(parts)), len(parts) + 1))
    names = [name for name in above if name not in _OF_DISTRIBUTIONS] or [path]
    for entry in source.snapshot.files_below(""):
        lowered = entry.path.lower()
        if entry.kind != "file" or entry.size > _LARGEST or not (lowered.endswith(_TOLD_IN) or "readme" in lowered):
            continue
        try:
            text = source.snapshot.text(entry.path)
        except InputError:
            continue
        if any(name in text for name in names):
            return True
    return False


_OF_DISTRIBUTIONS = frozenset(
    "/var/log /var/lib /var/run /var/cache /var/spool /var/www /usr/local /usr/lib /usr/share /usr/src /usr/bin".split()
)
