"""A launcher whose program or icon is not in the image.

## What it does
Reports `Exec` of a launcher whose program is surely absent from the effective image or has no x bit, an absolute `Icon` that is
absent, and a path in `Exec` with a version in it that the Dockerfile has as a variable.

## Why it matters at run time
A double click does nothing, or the icon is a blank sheet. A hard-coded version breaks the launcher when the variable is
raised, with no error at build time.

## When to ignore it
When something that ctlint cannot see brings the program.

## References
- Desktop Entry Specification, "Recognized desktop entry keys": Exec, Icon
"""

import re
from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.desktop.launchers import Launcher, Launchers
from ..lineage.dockerfile.expand import expand, variables
from ..lineage.effects.model import Execute
from ..lineage.image.image import BuildStep, EffectiveImage
from ..lineage.image.program_lookup import file_at, program_on_path
from ..lineage.image.tree import Node
from ..lineage.late.dataclasses import dataclass
from ..lineage.late.patterns import pattern
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place, Span
from ..lineage.text.spelling import is_sure_slip
from .base import Message, Related, Severity
from .shared.launchers.missed_launchers import only_bounded_writers

SEVERITY = Severity.WARNING


@dataclass(frozen=True, slots=True)
class VersionedPath:
    """A path that an instruction writes with the variable `name`, whose value is `version`."""

    path: str
    name: str
    version: str
    place: Place


def check(image: EffectiveImage, boot: BootPlan, launchers: Launchers) -> Iterator[Message]:
    own = {x.node.source: x for x in launchers.staged if x.node.source is not None and image.owns(x.node.image)}
    if not own:
        return
    executed = {e.path.literal for step in boot.steps for e in step.effects if isinstance(e, Execute)}
    versioned = tuple(versioned_paths(image))
    doubt: Unknown | None = None
    for launcher in own.values():
        for found in _problems(image, launcher, executed, versioned):
            if isinstance(found, Unknown):
                doubt = found if doubt is None else doubt
            else:
                yield found
    if doubt is not None:
        raise doubt


def _problems(
    image: EffectiveImage, launcher: Launcher, executed: set[str | None], versioned: tuple[VersionedPath, ...]
) -> Iterator[Message | Unknown]:
    from ..lineage.desktop.entry import parse_entry
    from ..lineage.desktop.exec_line import parse_exec

    data = launcher.node.blob.data
    if data is None or b"[Desktop Entry]" not in data:
        return
    entry = parse_entry(data)
    if entry.is_true("Hidden"):
        return
    line = entry.get("Exec")
    parsed = parse_exec(line.value) if line is not None else None
    word = parsed.program if parsed is not None and parsed.failure is None else None
    if line is not None and word is not None and word.literal:
        place = _place(launcher, line.line, line.value_column + word.start, line.value_column + word.end)
        yield from _program(image, word.literal, place, executed, versioned)
    icon = entry.get("Icon")
    if icon is not None and icon.text.startswith("/"):
        found = file_at(image, icon.text.strip())
        if isinstance(found, Unknown):
            yield found
        elif found is None:
            place = _place(launcher, icon.line, icon.value_column, icon.value_column + len(icon.value))
            said = f"The icon {icon.text} is not in the image: the launcher shows a blank sheet."
            yield Message(place, said, "Copy it into the image, or correct the path.", subject=icon.text)


def _program(
    image: EffectiveImage, name: str, place: Place, executed: set[str | None], versioned: tuple[VersionedPath, ...]
) -> Iterator[Message | Unknown]:
    if "/" in name and not name.startswith("/"):
        return
    found = file_at(image, name) if name.startswith("/") else program_on_path(image, name)
    meant = _meant(image, name) if isinstance(found, Unknown) else None
    if meant is not None:
        said = f"{name} is not in the image: a double click on the launcher does nothing."
        related = (Related(meant[1].home, f"{meant[0]} comes from here"),)
        yield Message(place, said, f"The image has {meant[0]}: name that.", related, subject=name)
        return
    if isinstance(found, Unknown):
        yield found
    elif found is None and (name.startswith("/") or not _anywhere(image, name)):
        where = "is not in the image" if name.startswith("/") else "is in no folder of PATH"
        cure = "Install it, copy it into the image, or correct Exec."
        yield Message(place, f"{name} {where}: a double click on the launcher does nothing.", cure, subject=name)
        return
    elif isinstance(found, Node) and found.kind == "file" and found.executable is False and name not in executed:
        said = f"{name} has no x bit (mode {found.mode or 0:04o}): a double click on the launcher does nothing."
        related = (Related(found.home, "it comes from here"),)
        yield Message(place, said, "Give it the x bit: `COPY --chmod=0755`.", related, subject=name)
        return
    for path in versioned:
        if name == path.path or name.startswith(path.path + "/"):
            yield Message(
                place,
                f"{name} has the version {path.version}, which the Dockerfile has as `{path.name}`: when that is raised, the "
                "launcher starts nothing.",
                "Link the program to a path without version in the Dockerfile, and name that.",
                (Related(path.place, "the path is made from the variable here"),),
                subject=name,
            )
            return


def _meant(image: EffectiveImage, name: str) -> tuple[str, Node] | None:
    """The image's own file beside a path that only packages, builds and archives could bring, for which it is a slip."""
    folder, _, base = name.rpartition("/")
    if not folder or image.tree.find(name, follow=False) is not None:
        return None
    if not only_bounded_writers(image, image.tree.resolve(name)):
        return None
    for sibling in image.tree.children(folder):
        node = image.tree.find(f"{folder}/{sibling}")
        own = node is not None and node.kind == "file" and node.source is not None and image.owns(node.image)
        if not own or node is None or not (is_sure_slip(base, sibling) or base.lower() == sibling.lower()):
            continue
        if name.encode("utf-8", "surrogateescape") not in (node.blob.data or b""):  # else it starts the very file
            return f"{folder}/{sibling}", node
    return None


def _anywhere(image: EffectiveImage, name: str) -> bool:
    """Whether a file of that name lies anywhere: the session may have another PATH."""
    return any(path.endswith(f"/{name}") for path in image.tree.nodes)


def _place(launcher: Launcher, line: int, start: int, end: int) -> Place:
    return Place(launcher.place.path, Span(line, start, line, end))


_VERSION = pattern(r"v?\d+(?=[._-])(?:[.-]?\w)+")
_NAMED = pattern(r"VERSION|_VER\b|\bVER\b|RELEASE|_TAG\b", re.IGNORECASE)
_PATH_WORD = pattern(r"(?<![\w./+@${}~-])/[\w./+@${}-]*\$[\w./+@${}-]*")


def versioned_paths(image: EffectiveImage) -> Iterator[VersionedPath]:
    """The absolute paths in the image's own COPY, ADD, RUN and WORKDIR that hold a variable which is a version."""
    for step in image.steps:
        if step.from_parent is not None or step.instruction.keyword not in ("COPY", "ADD", "RUN", "WORKDIR"):
            continue
        text = step.instruction.body.text
        if "$" not in text:
            continue
        for match in _PATH_WORD.finditer(text):
            yield from _of_word(step, match[0])


def _of_word(step: BuildStep, word: str) -> Iterator[VersionedPath]:
    for used in variables(word):
        value = step.env.get(used.name, "")
        if _NAMED.search(used.name) and _VERSION.fullmatch(value):
            path = expand(word, step.env).text.rstrip("/")
            if value in path:
                yield VersionedPath(path, used.name, value, step.place)
