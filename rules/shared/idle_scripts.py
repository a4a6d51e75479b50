"""The texts of start scripts that are in the repository or the image and that nothing runs, for whatever reason."""

from collections.abc import Iterator

from ...lineage.boot.plan import BootPlan
from ...lineage.image.image import EffectiveImage
from ...lineage.s6.release import S6Release
from ...lineage.text.errors import InputError, Unknown
from ...lineage.workspace.workspace import ImageSource, Workspace
from .uncalled_scripts import uncalled_scripts
from .uncopied_trees import untaken
from .unread_places import dead_places


def scripts_never_run(
    image: EffectiveImage, plan: BootPlan, source: ImageSource, workspace: Workspace
) -> Iterator[str]:
    """Scripts outside of the start directories, in directories that s6-overlay does not read, and that no COPY takes."""
    yield from _in_dead_places(image, plan)
    try:
        for script in uncalled_scripts(image, plan, source):
            node = image.tree.find(script.path)
            if node is not None and node.blob.data is not None:
                yield node.blob.data.decode("utf-8", "replace")
    except Unknown:
        pass  # what may be called is no script that never runs
    left_out = untaken(workspace, source)
    for one in left_out if not isinstance(left_out, Unknown) else ():
        for entry in source.snapshot.files_below(f"{one.folder}/etc" if one.folder else "etc"):
            try:
                yield source.snapshot.text(entry.path)
            except InputError:
                continue


def _in_dead_places(image: EffectiveImage, plan: BootPlan) -> Iterator[str]:
    if not isinstance(plan.s6, S6Release):
        return
    for dead in dead_places(image, plan.s6):
        if isinstance(dead, Unknown):
            continue
        for _, node in image.tree.below(dead.directory):
            if node.kind == "file" and node.blob.data is not None:
                yield node.blob.data.decode("utf-8", "replace")
