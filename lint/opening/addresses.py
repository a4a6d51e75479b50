"""Addresses that people have at hand as targets: of a file or folder on GitHub, of an image on Docker Hub, an image's name.

A path that exists wins over all of them, and `./x` is always a path.
"""

from collections.abc import Mapping
from pathlib import Path

from ...lineage.late.dataclasses import dataclass
from ...lineage.late.patterns import pattern
from ...lineage.profiles.find import find_profile
from ...lineage.repository.asked import exists
from ...lineage.repository.snapshot import Snapshot
from ...lineage.text.errors import InputError, NoSuchTargetError
from ...lineage.text.reference import InvalidReference, Reference, identity, named_by_page, parse
from ...lineage.workspace.workspace import Workspace
from ..config.effective import Config

_REPOSITORY = r"(?P<owner>[A-Za-z0-9-]+)/(?P<repo>[A-Za-z0-9._-]+)"
_ON_GITHUB = (
    pattern(
        rf"https?://(?:www\.)?github\.com/{_REPOSITORY}/(?:blob|raw)/(?P<ref>[^/\s]+)/(?P<path>[^\s?#]+)(?:[?#]\S*)?"
    ),
    pattern(rf"https?://(?:www\.)?github\.com/{_REPOSITORY}/tree/(?P<ref>[^/\s]+)/(?P<path>[^\s?#]+?)/?"),
    pattern(
        rf"https?://raw\.githubusercontent\.com/{_REPOSITORY}/(?:refs/heads/|refs/tags/)?(?P<ref>[^/\s]+)/(?P<path>[^\s?#]+)"
        r"(?:\?\S*)?"
    ),
)


@dataclass(frozen=True, slots=True)
class InRepository:
    """A file or folder of a repository on GitHub. `target` is the repository as `github:` writes it.

    Of `…/tree/A/B` it cannot be told whether the branch is `A` or `A/B`: `folder` says that it was written so.
    """

    target: str
    path: str
    folder: bool
    whole_ref: str


def in_repository(text: str) -> InRepository | None:
    """What the address of a file or folder on GitHub means; None for any other target."""
    for index, form in enumerate(_ON_GITHUB):
        match = form.fullmatch(text)
        if match is not None:
            name = f"github:{match['owner']}/{match['repo'].removesuffix('.git')}"
            whole = f"{name}@{match['ref']}/{match['path']}"
            return InRepository(f"{name}@{match['ref']}", match["path"], index == 1, whole)
    return None


def image_named(text: str, cwd: Path) -> Reference | None:
    """The image that a target means by its name or its page on Docker Hub; None for what is a path, or no such name."""
    page = named_by_page(text)
    if page is not None:
        parsed = parse(page)
        return parsed if isinstance(parsed, Reference) else None
    if text.startswith((".", "/", "~", "-")) or "\\" in text or exists(cwd / text):
        return None
    parsed = parse(text)
    if isinstance(parsed, InvalidReference) or text.endswith("/"):
        return None
    return parsed


def restrict(workspace: Workspace, snapshot: Snapshot, address: InRepository) -> InputError | None:
    """Keep of a fetched repository what the address names; what is wrong where it names nothing."""
    folder = f"{address.path.rstrip('/')}/"
    below = [path for path in snapshot.entries if path == address.path or path.startswith(folder)]
    if not below:
        return InputError("there is no such file or folder in the repository", snapshot.show(address.path))
    shown = {snapshot.show(path) for path in below}
    workspace.selected = [
        one
        for one in workspace.selected
        if one.snapshot is not snapshot
        or one.shown in shown
        or (one.readable and any(node.source in shown for node in workspace.effective(one).tree.nodes.values()))
    ]
    workspace.whole -= {snapshot}
    workspace.named |= shown
    return None


def take_images(workspace: Workspace, wanted: Mapping[str, Reference], config: Config) -> list[InputError]:
    """Ask for images by their names: what publishes them at hand, else their profile; the names that nothing answers to."""
    errors: list[InputError] = []
    for text, reference in wanted.items():
        published = [one for one in workspace.publishers(reference.familiar) if one.readable]
        if published:
            workspace.selected += [one for one in published if one not in workspace.selected]
            continue
        name = identity(reference, tuple(config.aliases.items()))
        found = find_profile(name, reference.effective_tag) or find_profile(name, None)
        if found is None:
            problem = "there is no such file or folder, and no image of that name is published here or bundled"
            errors.append(NoSuchTargetError(problem, text))
            continue
        workspace.take_real(found[0], reference.effective_tag)
    return errors
