"""Parents that the configuration names: folders are read, and an entry that leads to nothing is told.

A configuration that lies in a git checkout may name what is in that checkout, and what lies beside it; not other places of
this machine: whoever wrote it would choose what is read and shown, and `/` has no end.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from ...lineage.oci.address import is_image_address, parse_address
from ...lineage.repository.asked import real
from ...lineage.repository.discover import Opened, open_targets
from ...lineage.repository.git_files import enclosing_checkout
from ...lineage.text.errors import InputError
from ...lineage.text.reference import Reference
from ...lineage.workspace.deployments import run_references
from ...lineage.workspace.real_parents import external_references
from ...lineage.workspace.workspace import Workspace
from ..config.effective import Config
from ..config.files import shown
from ..config.keys import ParentSource


def bring_folders(workspace: Workspace, config: Config, cwd: Path) -> list[InputError]:
    """Take in the folders that `parents` names for images that are built on or run here; what could not be read."""
    refused: list[InputError] = []
    wanted: list[str] = []
    for pattern, parent in _used(workspace, config):
        if parent.kind == "path" and Path(parent.value).exists() and workspace.stands_for(parent.value) is None:
            error = elsewhere(config, pattern, Path(parent.value))
            refused += [error] if error is not None else []
            wanted += [parent.value] if error is None else []
    if not wanted:
        return refused
    found = open_targets([shown(Path(one)) for one in dict.fromkeys(wanted)], cwd, exclude=lambda _: config.exclude)
    workspace.add((item.snapshot, item.dockerfiles) for item in found if isinstance(item, Opened))
    return [*refused, *(item for item in found if isinstance(item, InputError))]


def local_place(parent: ParentSource) -> Path | None:
    """The layout or archive of this machine that an entry of `parents` names; None where it names none."""
    address = parse_address(parent.value) if is_image_address(parent.value) else None
    return address.path if address is not None and address.reference is None else None


def elsewhere(config: Config, pattern: str, place: Path) -> InputError | None:
    """Why a place of this machine that an entry of `parents` names is not read; None where it may be."""
    origin = config.origin("parents", pattern)
    if origin.file is None:
        return None
    checkout = enclosing_checkout(Path(real(origin.file.folder)))
    if checkout is None:
        return None
    meant, top = Path(real(place)), Path(real(checkout.root))
    beside = len(top.parts) > 2 and meant.is_relative_to(top.parent) and meant != top.parent
    if meant.is_relative_to(top) or beside:
        return None
    return InputError(
        f'the repository names {shown(place)} as the parent "{pattern}", which lies neither in it nor beside it: it is '
        "not read. Give the configuration with --config from outside, or --with-parent",
        shown(origin.file.path),
        origin.file.line(origin.key),
    )


def without_effect(workspace: Workspace, config: Config) -> Iterator[str]:
    """A sentence on every entry of `parents` that leads to nothing, or that nothing asks for in the repository that has it."""
    used = dict(_used(workspace, config))
    yield from _for_nothing(workspace, config, used)
    for pattern, parent in used.items():
        if parent.kind == "real" or workspace.stands_for(parent.value) is not None:
            continue
        if parent.kind == "path" and elsewhere(config, pattern, Path(parent.value)) is not None:
            continue
        where = config.origin("parents", pattern)
        value = shown(Path(parent.value)) if parent.kind == "path" else parent.value
        if parent.kind == "github":
            why = "nothing is fetched without --fetch-parents, or no image of it is known"
        elif parent.kind == "image":
            why = "no repository at hand, lock or profile is of that image; name a folder, github:OWNER/REPO or registry:REF"
        elif not Path(parent.value).exists():
            why = "there is no such file or folder"
        else:
            why = "there is no Dockerfile"
        yield f'{where}: parents."{pattern}" = "{value}" has no effect: {why}.'


def _for_nothing(workspace: Workspace, config: Config, used: Mapping[str, ParentSource]) -> Iterator[str]:
    tops = {real(str(snapshot.root)) for snapshot in workspace.whole if snapshot.root is not None}
    for pattern in config.parents:
        where = config.origin("parents", pattern)
        if pattern not in used and where.file is not None and real(str(where.file.folder)) in tops:
            yield f'{where}: parents."{pattern}" has no effect: nothing here is built on an image of that name, or runs one.'


def _used(workspace: Workspace, config: Config) -> Iterator[tuple[str, ParentSource]]:
    """The entries of `parents` that are about an image which something here is built on, or runs."""
    references: dict[Reference, None] = {}
    for source in workspace.images if config.parents else ():
        references.update(dict.fromkeys(external_references(source)))
    if config.parents:
        references.update(dict.fromkeys(run_references(workspace)))
    for pattern, parent in config.parents.items():
        if any(workspace.covers(pattern, reference) for reference in references):
            yield pattern, parent
