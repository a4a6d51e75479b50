"""Names of images that only the repository's own build tool knows: it gives each folder's image to the next as it is built."""

from ....lineage.dockerfile.stages import Stage
from ....lineage.repository.dockerfiles import is_dockerfile_name
from ....lineage.repository.snapshot import Snapshot
from ....lineage.text.reference import InvalidReference, Reference, parse
from ....lineage.workspace.workspace import ImageSource, Workspace


def impossible(reference: Reference) -> bool:
    """Whether the name is on Docker Hub and has more parts than its names can have."""
    return reference.domain == "docker.io" and reference.path.count("/") > 1


def given_by_own_builder(workspace: Workspace, source: ImageSource, reference: Reference) -> bool:
    """Whether a name is a folder's behind a word that no registry can know (`built/tools/editor`, of `tools/editor`)."""
    first, _, folder = reference.path.partition("/")
    return (
        reference.domain == "docker.io"
        and _makes_image(source.snapshot, folder)
        and (id(source.snapshot), first) in workspace.once(_words_of_builders)
    )


def _words_of_builders(workspace: Workspace) -> frozenset[tuple[int, str]]:
    """The first parts of names that cannot be pulled and whose rest is a folder of their repository with a Dockerfile."""
    return frozenset(
        (id(source.snapshot), reference.path.partition("/")[0])
        for source in workspace.images
        for stage in source.stages.stages
        if (reference := _reference(stage)) is not None
        and impossible(reference)
        and _makes_image(source.snapshot, reference.path.partition("/")[2])
    )


def _reference(stage: Stage) -> Reference | None:
    base = stage.base
    if base.stage is not None or base.scratch or not isinstance(base.reference, str):
        return None
    parsed = parse(base.text)
    return None if isinstance(parsed, InvalidReference) else parsed


def _makes_image(snapshot: Snapshot, folder: str) -> bool:
    return bool(folder) and any(is_dockerfile_name(child) for child in snapshot.children(folder))
