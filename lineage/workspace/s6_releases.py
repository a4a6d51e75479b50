"""Which s6-overlay release each of many images has, folding only those whose own build may change that.

An image has its parent's release unless its own stage names s6 or `/init`, copies onto the root directory, or runs a file
of its repository. Those images, and what is built on an ONBUILD, are folded; for all others the parent's answer stands.
"""

from ..dockerfile.parse import Instruction
from ..dockerfile.stages import Stage
from ..image.image import EffectiveImage
from ..late.patterns import pattern
from ..repository.snapshot import Snapshot
from ..s6.release import S6Release, release_of
from ..text.reference import Reference
from ..text.reference import parse as parse_reference
from .workspace import ImageSource, Workspace

_NAMES_S6 = pattern(r"[sS]6|\b[iI][nN][iI][tT]\b")
_WORDS = pattern(r"[^\s/;&|\"'=]+")
_Key = tuple[str, int]


class S6Marks:
    """The s6-overlay version (or generation) of the images of a workspace, each found once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._known: dict[_Key, str | None] = {}
        self._fires: dict[_Key, bool] = {}
        self._files: dict[int, tuple[frozenset[str], bool]] = {}

    def of(self, source: ImageSource) -> str | None:
        """The version, or the generation where that is all that is known; None for none or unknown."""
        stage = source.stage
        if stage is None:
            return None
        chain: list[tuple[ImageSource, Stage]] = []
        seen: set[_Key] = set()
        mark, fires = None, False
        step: tuple[ImageSource, Stage] | EffectiveImage | None = (source, stage)
        while isinstance(step, tuple):
            key = (step[0].id, step[1].index)
            if key in self._known:
                mark, fires = self._known[key], self._fires[key]
                break
            if key in seen:
                break
            seen.add(key)
            chain.append(step)
            step = self._below(*step)
        else:
            mark, fires = (None, False) if step is None else (_release(step), bool(step.onbuild))
        for below, its_stage in reversed(chain):
            key = (below.id, its_stage.index)
            if fires or self._may_change(below, its_stage):
                mark = self._workspace.fold(below, its_stage.index).s6_version
            fires = any(instruction.keyword == "ONBUILD" for instruction in its_stage.instructions)
            self._known[key], self._fires[key] = mark, fires
        return mark

    def _below(self, source: ImageSource, stage: Stage) -> tuple[ImageSource, Stage] | EffectiveImage | None:
        """What the stage is built on, as far as it is at hand."""
        if stage.base.stage is not None:
            return source, source.stages.stages[stage.base.stage]
        reference = stage.base.image
        parsed = parse_reference(reference) if isinstance(reference, str) else None
        if not isinstance(parsed, Reference):
            return None
        parent = self._workspace.parent(parsed, source)
        if parent.source is not None:
            return (parent.source, parent.source.stage) if parent.source.stage is not None else None
        return parent.profile

    def _may_change(self, source: ImageSource, stage: Stage) -> bool:
        names, has_init = self._repository(source.snapshot)
        return any(_touches(instruction, names, has_init) for instruction in stage.instructions)

    def _repository(self, snapshot: Snapshot) -> tuple[frozenset[str], bool]:
        """(the names of its files, whether one is called `init`)."""
        if id(snapshot) not in self._files:
            names = frozenset(path.rpartition("/")[2] for path in snapshot.entries)
            self._files[id(snapshot)] = names, "init" in names
        return self._files[id(snapshot)]


def _touches(instruction: Instruction, names: frozenset[str], has_init: bool) -> bool:
    """Whether an instruction may put, replace or remove `/init`."""
    keyword = instruction.keyword
    if keyword not in ("COPY", "ADD", "RUN"):
        return False
    text = instruction.original
    if instruction.heredocs:
        text = "\n".join((text, *(heredoc.content for heredoc in instruction.heredocs)))
    if _NAMES_S6.search(text):
        return True
    if keyword == "RUN":
        return not names.isdisjoint(_WORDS.findall(text))
    target = instruction.arguments[-1] if instruction.arguments else "/"
    if target.startswith("/") and target.strip("/.") and "$" not in target:
        return False
    return has_init or keyword == "ADD" or instruction.flag("from") is not None


def _release(image: EffectiveImage) -> str | None:
    release = release_of(image)
    return release.label if isinstance(release, S6Release) else None
