"""The files that root runs or sources when the container starts, and who else may write them."""

from collections.abc import Iterator

from ....lineage.boot.plan import BootPlan
from ....lineage.boot.start_commands import StartCommands
from ....lineage.effects.model import ChangeMode, ChangeOwner, Execute
from ....lineage.image.image import BuildStep, EffectiveImage
from ....lineage.image.tree import Node
from ....lineage.late.dataclasses import dataclass
from ....lineage.text.errors import Unknown
from ....lineage.text.globs import path_matches, path_within
from ....lineage.text.paths import normal, within
from ....lineage.text.places import Place

_ROOTS = ("", "root", "0")
_NOT_LOOKED_AT = ("/", "/tmp", "/run", "/var/tmp", "/dev")


@dataclass(frozen=True, slots=True)
class RootRuns:
    """A file that root runs; `by` is where it is run, `name` the step or service that does it."""

    path: str
    by: Place | None
    name: str


@dataclass(frozen=True, slots=True)
class Writable:
    """What others may change: the file itself or a directory above it. `owner` is the account it was given to, None
    where everybody may write it. `cause` is the build instruction that made it so.
    """

    path: str
    owner: str | None
    cause: Place


def run_by_root(image: EffectiveImage, boot: BootPlan, commands: StartCommands) -> Iterator[RootRuns]:
    """Each file once, init scripts and `run` files themselves included."""
    seen: set[str] = set()
    for path, by, name in _all(boot, commands):
        real = image.tree.resolve(path)
        if real not in seen:
            seen.add(real)
            yield RootRuns(real, by, name)


def _all(boot: BootPlan, commands: StartCommands) -> Iterator[tuple[str, Place | None, str]]:
    for step in boot.steps:
        if step.kind == "session" or step.user.literal != "root":
            continue
        yield step.path, None, step.label
        for effect in step.effects:
            if isinstance(effect, Execute) and effect.user.literal == "root" and not effect.globs:
                path = effect.path.literal
                if path is not None and path.startswith("/"):
                    yield path, effect.place, step.label
    for start in commands:
        command = start.command
        if command.user.literal != "root" or command.name not in (".", "source") or len(command.argv) < 2:
            continue
        path = command.argv[1].literal
        if path is not None and path.startswith("/"):
            yield normal(path), command.place, start.name


def writable_by_others(image: EffectiveImage, boot: BootPlan, users: frozenset[str], path: str) -> Writable | None:
    """The file, or the nearest directory above it, that the build of this image left in other hands than root's.

    `users` are the accounts that programs run as, from `users_at_start`.
    """
    if _mended_at_start(boot, path):
        return None
    at = path
    while at and at not in _NOT_LOOKED_AT:
        node = image.tree.find(at, follow=False)
        if node is not None and node.sure and node.kind != "link":
            found = _writable(image, at, node, users, itself=at == path)
            if found is not None:
                return found
        at = at.rpartition("/")[0]
    return None


def _writable(image: EffectiveImage, path: str, node: Node, users: frozenset[str], *, itself: bool) -> Writable | None:
    if node.mode is not None and node.mode & 0o002 and (itself or not node.mode & 0o1000):
        cause = _cause(image, path, node, ChangeMode)
        return Writable(path, None, cause) if cause is not None else None
    if node.owner not in _ROOTS and node.owner in users:
        cause = _cause(image, path, node, ChangeOwner)
        return Writable(path, node.owner, cause) if cause is not None else None
    return None


def users_at_start(image: EffectiveImage, boot: BootPlan, commands: StartCommands) -> frozenset[str]:
    """The accounts that programs run as at start: those that scripts switch to, and those made at start, by number too."""
    names = {start.command.user.canonical for start in commands}
    names |= {step.user.canonical for step in boot.steps}
    for account in boot.accounts:
        names.add(account.name.canonical)
        if account.uid is not None:
            names.add(account.uid.canonical)
            names |= {value.value for name in account.uid.variables if (value := image.env.get(name)) is not None}
    for name in tuple(names):
        known = image.accounts.get(name) if name else None
        if known is not None and not isinstance(known, Unknown) and known.uid is not None:
            names.add(str(known.uid))
    return frozenset(names - set(_ROOTS))


def _cause(image: EffectiveImage, path: str, node: Node, kind: type[ChangeMode] | type[ChangeOwner]) -> Place | None:
    """The last instruction of this image that set the mode or owner: a chmod or chown, else the COPY with that flag."""
    for step in reversed(image.steps):
        for effect in reversed(step.effects):
            if isinstance(effect, kind) and effect.sure and _covers(effect, path):
                return effect.place
    if not image.owns(node.image):
        return None
    flag = "chmod" if kind is ChangeMode else "chown"
    return next((step.place for step in image.steps if _copied_by(step, node, flag)), None)


def _copied_by(step: BuildStep, node: Node, flag: str) -> bool:
    return step.place == node.place and step.instruction.flag(flag) is not None


def _covers(effect: ChangeMode | ChangeOwner, path: str) -> bool:
    changed = effect.path.literal
    if changed is None or not changed.startswith("/"):
        return False
    if effect.globs:
        return path_within(path, changed) if effect.recursive else path_matches(path, changed)
    return within(path, normal(changed)) if effect.recursive else path == normal(changed)


def _mended_at_start(boot: BootPlan, path: str) -> bool:
    """Whether a start step changes mode or owner of the file: to what, is not looked at, unless it opens it further."""
    return any(within(path, effect.path.prefix or "\0") and not _opens(effect) for effect in boot.changes)


def _opens(effect: ChangeMode | ChangeOwner) -> bool:
    return isinstance(effect, ChangeMode) and effect.mode.endswith(("777", "666", "+w", "+rwx"))
