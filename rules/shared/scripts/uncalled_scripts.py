"""Scripts that do the work of a start and that nothing of the image or its repository calls."""

import re
from collections.abc import Iterator
from posixpath import basename, dirname

from ....lineage.boot.plan import BootPlan
from ....lineage.boot.script_reader import ScriptReader, StartScript
from ....lineage.effects.model import ChangeOwner, Effect, MakeAccount, MakeDirectory, NeedAccount, RenameAccount
from ....lineage.families.read import families
from ....lineage.image.image import EffectiveImage
from ....lineage.image.script_files import LONGEST
from ....lineage.image.tree import Node
from ....lineage.late.dataclasses import dataclass
from ....lineage.late.patterns import pattern
from ....lineage.shell.shebang import read_shebang
from ....lineage.text.errors import Unknown
from ....lineage.text.places import Place
from ....lineage.workspace.workspace import ImageSource

_CALLED_BY_OTHERS = pattern(
    r"\A/etc/(?:cont|s6|service|cron|periodic|init|X11|xdg|skel|profile)|\.d/|/s?bin/|/cron|/migrat|/hooks?/|/plugins?/|/libexec/"
    r"|/share/|/node_modules/|/site-packages/|/tests?/|/examples?/|\A/(?:home|root|usr/lib|docker-entrypoint)"
    + "".join(rf"|\A{re.escape(place)}" for place in families().left_to_others)
)
"""Places whose scripts something else runs: packages, cron, shells, sessions, people."""
_COPIES = pattern(r"\s*(?:COPY|ADD)\s")
_PREPARES = pattern(r"\b(?:chmod|dos2unix)\b")
_BINARY = pattern(r"\.(?:png|jpe?g|gif|svg|ico|gz|xz|zip|jar|war|pdf|woff2?|ttf|so|pyc)\Z", re.I)


@dataclass(frozen=True, slots=True)
class Uncalled:
    """A script of the image at `path`; `does` says what start-time work it does, at `work`."""

    path: str
    place: Place
    does: str
    work: Place


def uncalled_scripts(image: EffectiveImage, plan: BootPlan, source: ImageSource) -> Iterator[Uncalled]:
    """Raises Unknown where a candidate may be called by a step that is not known."""
    reader = ScriptReader(image)
    for path, node in sorted(image.own_nodes):
        if node.kind != "file" or node.source is None or _CALLED_BY_OTHERS.search(path):
            continue
        script = _shell_script(reader, path, node)
        work = _start_work(image, script) if script is not None else None
        if work is None or _is_read(plan, node) or _is_mentioned(source, node, path):
            continue
        if plan.open is not None:
            raise plan.open
        place = node.home if node.source.endswith(path) else node.place
        yield Uncalled(path, place, _told(work), work.place)


def _shell_script(reader: ScriptReader, path: str, node: Node) -> StartScript | None:
    data = node.blob.data
    if data is None or len(data) > LONGEST or (read_shebang(data) is None and not path.endswith(".sh")):
        return None
    return reader.read(path, inherits=True)


def _start_work(image: EffectiveImage, script: StartScript) -> Effect | None:
    """The first thing it does with an account that is only named when the container starts."""
    for effect in script.effects:
        if isinstance(effect, MakeAccount) and not effect.system and _given(image, effect.name.variables):
            return effect
        if isinstance(effect, RenameAccount) and _given(image, effect.new_name.variables):
            return effect
        if isinstance(effect, ChangeOwner) and effect.owner is not None and _given(image, effect.owner.variables):
            return effect
        if (
            isinstance(effect, MakeDirectory)
            and effect.path.prefix == "/home/"
            and _given(image, effect.path.variables)
        ):
            return effect
        if isinstance(effect, NeedAccount) and _given(image, effect.name.variables):
            return effect
    return None


def _given(image: EffectiveImage, names: tuple[str, ...]) -> bool:
    """Whether a variable is one that the image leaves for the container to be given."""
    return any(name in image.env and not image.env[name].value for name in names)


def _is_read(plan: BootPlan, node: Node) -> bool:
    """Whether a start step is or runs the script."""
    shown = node.home.path
    return any(
        step.place.path == shown
        or any(effect.place.path == shown for effect in step.effects)
        or any(command.place.path == shown for command in (step.script.commands if step.script is not None else ()))
        for step in plan.steps
    )


def _is_mentioned(source: ImageSource, node: Node, path: str) -> bool:
    """Whether any file of the repository names the script, or its directory, other than to copy it."""
    name, folder = basename(path), dirname(path)
    wanted = re.compile(re.escape(name) + r"|" + re.escape(folder) + r"/?(?:\*|[\"'\s]|$)", re.M)
    for entry in source.snapshot.files_below(""):
        if _BINARY.search(entry.path) or source.snapshot.show(entry.path) == node.home.path:
            continue
        content = source.snapshot.content(entry.path)
        if isinstance(content, Unknown) or len(content) > LONGEST:
            continue
        if (
            name.encode("utf-8", "surrogateescape") not in content
            and folder.encode("utf-8", "surrogateescape") not in content
        ):
            continue
        for line in content.decode("utf-8", "replace").split("\n"):
            if wanted.search(line) and not _only_moves(line, name):
                return True
    return False


def _only_moves(line: str, name: str) -> bool:
    """Whether a line of a Dockerfile copies the script or makes it executable, and no more."""
    return bool(_COPIES.match(line)) or (bool(_PREPARES.search(line)) and line.count(name) < 2)


def _told(effect: Effect) -> str:
    if isinstance(effect, MakeAccount):
        return f"makes the account `{effect.name.canonical}`"
    return "works for the user that the container is given"
