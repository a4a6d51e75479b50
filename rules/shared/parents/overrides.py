"""What an image's RUN does to files that its parent is meant to have, and whether the image may have made them itself before."""

from collections.abc import Iterator

from ....lineage.dockerfile.operands import parse_copy, parse_mounts
from ....lineage.effects.model import (
    ChangeMode,
    Copy,
    Effect,
    InstallPackages,
    Link,
    MakeAccount,
    MakeDirectory,
    Opens,
    Remove,
    Unpack,
    Write,
)
from ....lineage.effects.places import IMAGE_PLACES
from ....lineage.image.image import BuildStep, EffectiveImage
from ....lineage.late.dataclasses import dataclass
from ....lineage.text.paths import normal, within
from ....lineage.text.places import Place
from ....lineage.text.symbolic import Text
from ....lineage.workspace.workspace import ImageSource


@dataclass(frozen=True, slots=True)
class Override:
    """A command that fails where the file at `path` is not there. `does` is how it is said: edits, removes, copies."""

    path: str
    does: str
    place: Place
    step: BuildStep
    index: int


def overrides(image: EffectiveImage) -> Iterator[Override]:
    """The commands of the image's own RUNs that surely run and need a file at a literal path."""
    for step in image.steps:
        if step.instruction.keyword != "RUN" or step.from_parent is not None:
            continue
        for index, effect in enumerate(step.effects):
            command = effect.command
            if not effect.sure or command is None or command.ignores_failure or command.callers:
                continue
            for path, does in _needed(effect, command.name):
                wanted = path.startswith("/") and not any(character in path for character in "*?[$")
                if wanted and not _mounted(step, normal(path)):
                    yield Override(normal(path), does, effect.place, step, index)


def _mounted(step: BuildStep, path: str) -> bool:
    """Whether the path lies in what `--mount` brings for the time of the RUN."""
    targets = [mount.target or "/run/secrets" for mount in parse_mounts(step.instruction)]
    return any(within(path, normal(target, step.workdir)) for target in targets)


def _needed(effect: Effect, command: str) -> Iterator[tuple[str, str]]:
    if isinstance(effect, Write) and effect.keeps and command == "sed" and effect.path.literal:
        yield effect.path.literal, "edits"
    elif isinstance(effect, Copy) and command in ("cp", "mv") and not effect.globs:
        for source in effect.sources:
            if source.literal:
                yield source.literal, "moves" if effect.moves else "copies"
    elif isinstance(effect, Remove) and command == "rm" and not (effect.force or effect.globs) and effect.path.literal:
        yield effect.path.literal, "removes"
    elif isinstance(effect, ChangeMode) and command == "chmod" and not effect.globs and effect.path.literal:
        yield effect.path.literal, "changes the mode of"


class Makers:
    """What an image's own instructions may have put where, asked for one path after another."""

    def __init__(self, image: EffectiveImage, source: ImageSource) -> None:
        self.image = image
        self.source = source
        self.at: dict[str, tuple[int, int]] = {}
        """The first effect that puts something at a literal path: the numbers of its instruction and of the effect."""
        self.below: dict[str, tuple[int, int]] = {}
        """The first effect that puts something below a path."""
        self.others: list[tuple[tuple[int, int], Effect]] = []
        self.steps: list[tuple[int, BuildStep]] = []
        """The instructions other than RUN that put something anywhere."""
        self.number = {id(step): number for number, step in enumerate(image.steps)}
        for number, step in enumerate(image.steps):
            if step.instruction.keyword in ("COPY", "ADD", "WORKDIR"):
                self.steps.append((number, step))
            for index, effect in enumerate(step.effects):
                self._note((number, index), effect)

    def _note(self, when: tuple[int, int], effect: Effect) -> None:
        path = effect.path if isinstance(effect, Write | MakeDirectory | Link) else None
        literal = (effect.target if isinstance(effect, Copy) else path or Text()).literal or ""
        if not literal.startswith("/"):
            self.others.append((when, effect))
            return
        self.at.setdefault(literal, when)
        for above in _above(literal):
            self.below.setdefault(above, when)

    def may_have_made(self, override: Override) -> bool:
        """Whether an instruction of the image before the command may have put something at its path."""
        path, image = override.path, self.image
        here = (self.number[id(override.step)], override.index)
        for number, step in self.steps:
            if number > here[0]:
                break
            if step.instruction.keyword != "WORKDIR":
                if _copy_reaches(image, self.source, step, path):
                    return True
            elif within(normal(step.instruction.arguments[0], step.workdir), path):
                return True
        near = [self.at.get(one, here) for one in (path, *_above(path))]
        if min(*near, self.below.get(path, here)) < here:
            return True
        return any(when < here and _reaches(effect, path) for when, effect in self.others)


def _above(path: str) -> Iterator[str]:
    """The folders that an absolute path lies below."""
    yield "/"
    end = path.find("/", 1)
    while end > 0:
        yield path[:end]
        end = path.find("/", end + 1)


def _copy_reaches(image: EffectiveImage, source: ImageSource, step: BuildStep, path: str) -> bool:
    if len(step.instruction.arguments) < 2:
        return False
    copy = parse_copy(step.instruction)
    target = copy.destination.text
    if "$" in target:
        fixed = target.partition("$")[0]
        return not fixed or _near(normal(fixed, step.workdir), None, path)
    if copy.origin is not None or not within(path, normal(target, step.workdir)):
        return copy.origin is not None and within(path, normal(target, step.workdir))
    if normal(target, step.workdir) != "/":
        return True
    node = image.tree.find(path)
    copied = node is not None and node.source is not None
    held = (f"/{entry}" for entry in source.snapshot.entries)
    return copied or any(one.endswith(path) or f"{path}/" in one for one in held)


def _reaches(effect: Effect, path: str) -> bool:
    match effect:
        case Write() | MakeDirectory() | Link():
            return _near(effect.path.prefix, effect.path.literal, path)
        case Copy():
            return _near(effect.target.prefix, effect.target.literal, path)
        case Unpack():
            return effect.into.literal is None or within(path, effect.into.literal)
        case MakeAccount():
            home = effect.home.literal if effect.home is not None else None
            return within(path, home or "/home")
        case InstallPackages():
            return not effect.removes and not any(within(path, spare) for spare in IMAGE_PLACES)
        case Opens():
            return any(within(path, base) for base in effect.below) and not any(
                within(path, spare) for spare in effect.spares
            )
        case _:
            return False


def _near(prefix: str, literal: str | None, path: str) -> bool:
    """Whether what is written at a place may be, or lie above or below, the path."""
    if literal is None:
        return not prefix or path.startswith(prefix)
    return within(path, literal) or within(literal, path)
