"""Parents that the configuration names: folders are read, and an entry that leads to nothing is told."""

from collections.abc import Iterator
from pathlib import Path

from ...lineage.repository.discover import Opened, open_targets
from ...lineage.text.errors import InputError
from ...lineage.text.reference import Reference
from ...lineage.workspace.real_parents import external_references
from ...lineage.workspace.workspace import Workspace
from ..config.effective import Config
from ..config.files import shown
from ..config.keys import ParentSource


def bring_folders(workspace: Workspace, config: Config, cwd: Path) -> list[InputError]:
    """Take in the folders that `parents` names for images that are built on here, as parents; what could not be read."""
    wanted = [
        parent.value
        for _, parent in _used(workspace, config)
        if parent.kind == "path" and Path(parent.value).exists() and workspace.stands_for(parent.value) is None
    ]
    if not wanted:
        return []
    found = open_targets([shown(Path(one)) for one in dict.fromkeys(wanted)], cwd, exclude=config.exclude)
    workspace.add((item.snapshot, item.dockerfiles) for item in found if isinstance(item, Opened))
    return [item for item in found if isinstance(item, InputError)]


def without_effect(workspace: Workspace, config: Config) -> Iterator[str]:
    """A sentence on every entry of `parents` that an image here asks for and that leads to nothing."""
    for pattern, parent in _used(workspace, config):
        if parent.kind not in ("path", "image") or workspace.stands_for(parent.value) is not None:
            continue
        where = config.origin("parents", pattern)
        value = shown(Path(parent.value)) if parent.kind == "path" else parent.value
        if parent.kind == "image":
            why = "no repository at hand, lock or profile is of that image; name a folder, github:OWNER/REPO or registry:REF"
        elif not Path(parent.value).exists():
            why = "there is no such file or folder"
        else:
            why = "there is no Dockerfile"
        yield f'{where}: parents."{pattern}" = "{value}" has no effect: {why}.'


def _used(workspace: Workspace, config: Config) -> Iterator[tuple[str, ParentSource]]:
    """The entries of `parents` that are about an image which something here is built on."""
    references: dict[Reference, None] = {}
    for source in workspace.images if config.parents else ():
        references.update(dict.fromkeys(external_references(source)))
    for pattern, parent in config.parents.items():
        if any(workspace.covers(pattern, reference) for reference in references):
            yield pattern, parent
