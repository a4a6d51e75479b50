"""What the effects of build commands make of an image's file tree and accounts."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from posixpath import basename, dirname

from ..effects.model import (
    ChangeAccount,
    ChangeMode,
    ChangeOwner,
    Copy,
    Effect,
    InstallPackages,
    Link,
    MakeAccount,
    MakeDirectory,
    Opens,
    Remove,
    RemoveAccount,
    RenameAccount,
    Unpack,
    Write,
)
from ..effects.places import IMAGE_PLACES
from ..text.symbolic import Text
from .accounts import UNKNOWN_PACKAGE, Accounts
from .apply_accounts import change_account, make_account, remove_account, rename_account
from .build_state import BuildState
from .file_modes import changed_mode
from .s6_overlay_files import package_members, unpacked
from .tree import UNKNOWN_BLOB, Blob, Cloud, Inserted, Node, Tree, beside_root_folders, normal, only_packages


def apply(state: BuildState, effect: Effect) -> None:
    """Take in what a command does; effects that change neither files nor accounts pass by."""
    match effect:
        case Write():
            _write(state, effect)
        case MakeDirectory():
            _make_directory(state, effect)
        case Copy():
            _copy(state, effect)
        case Link():
            _link(state, effect)
        case Remove():
            _remove(state, effect)
        case ChangeMode():
            _change_mode(state, effect)
        case ChangeOwner():
            _change_owner(state, effect)
        case Unpack():
            _unpack(state, effect)
        case InstallPackages():
            _install(state, effect)
        case Opens():
            _opens(state, effect)
        case MakeAccount():
            make_account(state, effect)
        case RemoveAccount():
            remove_account(state, effect)
        case ChangeAccount():
            change_account(state, effect)
        case RenameAccount():
            rename_account(state, effect)
        case _:
            pass


def _at(text: Text) -> str | None:
    literal = text.literal
    return normal(literal) if literal is not None and literal.startswith("/") else None


def _matches(state: BuildState, text: Text, globs: bool) -> list[str] | None:
    path = _at(text)
    if path is None:
        return None
    if globs and any(character in path for character in "*?["):
        return state.tree.glob(path)
    return [path]


def _edits(effect: Write) -> bool:
    """Whether the file must be there already, as for `sed -i`."""
    return effect.keeps and effect.command is not None and effect.command.name == "sed"


def _write(state: BuildState, effect: Write) -> None:
    path = _at(effect.path)
    if path is None:
        if effect.path.canonical not in ("/dev/null", "/dev/stdout", "/dev/stderr"):
            state.open(effect.path, f"{effect.place} writes to a place that cannot be read off it")
        return
    if path.startswith(("/dev/", "/proc/", "/sys/")):
        return
    if path == "/etc/passwd" and _edits(effect):
        state.doubt_accounts(f"{effect.place} edits {path}")
    old = state.tree.get(path)
    if old is not None and old.kind == "directory":
        return
    if old is None and _edits(effect) and not state.tree.covered(path):
        return  # the command fails: nothing comes into being
    content = effect.content.literal if effect.content is not None else None
    blob = UNKNOWN_BLOB if content is None or not effect.sure else Blob.of(content.encode("utf-8", "surrogateescape"))
    if effect.append or effect.keeps:
        if old is None:
            blob = blob if not state.tree.covered(path) and effect.append else UNKNOWN_BLOB
        elif effect.append and blob is not UNKNOWN_BLOB and (data := old.blob.data) is not None:
            blob = Blob.of(data + blob.data if blob.data else data)
        elif effect.keeps and effect.content is not None and not effect.content.pieces:
            blob = old.blob
        else:
            blob = UNKNOWN_BLOB
    if old is not None:
        sure = old.sure or effect.sure
        keeps = effect.append or effect.keeps
        changed = replace(
            old,
            place=effect.place,
            image=state.image,
            blob=blob,
            source=old.source if keeps else None,
            text=None,
            sure=sure,
            facts=old.facts if effect.inserts or (keeps and blob is old.blob) else None,
            inserted=(*old.inserted, *(Inserted(line, effect.place) for line in effect.inserts)) if keeps else (),
        )
        state.tree.put(path, changed)
        return
    others = [cloud for cloud in state.tree.clouds if cloud.covers(path)]
    new = not others or (beside_root_folders(path) and all(only_packages(cloud) for cloud in others))
    mode = 0o644 if new else None
    inserted = tuple(Inserted(line, effect.place) for line in effect.inserts)
    state.tree.put(path, replace(state.node("file", effect, mode), blob=blob, inserted=inserted))


def _make_directory(state: BuildState, effect: MakeDirectory) -> None:
    path = _at(effect.path)
    if path is None:
        return
    if state.tree.get(path) is None:
        mode = effect.mode if effect.mode is not None else 0o755
        state.tree.put(path, state.node("directory", effect, mode))


def _copy(state: BuildState, effect: Copy) -> None:
    target = _at(effect.target)
    if target is None:
        state.open(effect.target, f"{effect.place} copies to a place that cannot be read off it")
        return
    several = len(effect.sources) > 1 or effect.globs
    into = not effect.onto_file and (effect.into or several or state.tree.is_directory(target))
    for source in effect.sources:
        paths = _matches(state, source, effect.globs)
        if not paths:
            state.open(target, f"{effect.place} copies files there that are not known")
            continue
        contents = (source.literal or "").endswith("/.")
        for path in paths:
            _copy_one(state, effect, path, f"{target}/{basename(path)}" if into and not contents else target)


def _copy_one(state: BuildState, effect: Copy, path: str, destination: str) -> None:
    real = state.tree.resolve(path, last=not (effect.recursive or effect.moves))
    node = state.tree.nodes.get(real)
    destination = normal(destination)
    if node is None:
        # what is not known as a file may be a directory with anything in it
        state.open(destination, f"{effect.place} copies {path}, which is not known")
        return
    if effect.no_clobber and state.tree.get(destination) is not None:
        return
    taken = [("", node)]
    if node.kind == "directory":
        if not (effect.recursive or effect.moves):
            return
        taken += [(below[len(real) :], inner) for below, inner in state.tree.below(real)]
        hidden = next((cloud for cloud in state.tree.clouds if cloud.covers(real + "/\0")), None)
        if hidden is not None:
            state.open(destination, hidden.reason)
    if effect.moves and effect.sure:
        state.tree.remove(path)
    elif effect.moves:
        state.tree.change([real, *(real + suffix for suffix, _ in taken[1:])], lambda old: replace(old, sure=False))
    for suffix, inner in taken:
        state.tree.put(destination + suffix, _copied(state, effect, inner))


def _copied(state: BuildState, effect: Copy, node: Node) -> Node:
    mode = effect.mode if effect.mode is not None and node.kind == "file" else node.mode
    owner = node.owner if effect.keeps_owner else "root"
    if effect.owner is not None:
        owner = effect.owner.canonical
    sure = node.sure and effect.sure
    return replace(node, place=effect.place, image=state.image, mode=mode, owner=owner, sure=sure)


def _link(state: BuildState, effect: Link) -> None:
    path, target = _at(effect.path), effect.target.literal
    if path is None or target is None:
        state.open(effect.path, f"{effect.place} makes a link that cannot be read off it")
        return
    if effect.into or state.tree.is_directory(path):
        path = normal(f"{path}/{basename(target.rstrip('/'))}")
    if effect.symbolic:
        state.tree.put(path, Node("link", effect.place, state.image, mode=0o777, target=target, sure=effect.sure))
        return
    node = state.tree.get(target)
    state.tree.put(path, replace(node, place=effect.place, image=state.image) if node else state.node("file", effect))


def _remove(state: BuildState, effect: Remove) -> None:
    paths = _matches(state, effect.path, effect.globs)
    if paths is None:
        return
    for path in paths:
        chosen = _chosen(state, effect, path)
        if chosen is not None and effect.sure:
            for one in chosen:
                state.tree.remove(one)
        elif chosen is not None:
            state.tree.change(chosen, lambda node: replace(node, sure=False))
        elif path == "/":
            continue
        elif effect.sure:
            state.tree.remove(path)
        else:
            state.tree.change([path, *(p for p, _ in state.tree.below(path))], lambda node: replace(node, sure=False))


def _chosen(state: BuildState, effect: Remove | ChangeMode | ChangeOwner, path: str) -> list[str] | None:
    """The known paths at and below `path` that find's tests choose; None where the effect has no such tests."""
    if effect.names is None and effect.types is None:
        return None
    inside = (
        [(path, state.tree.get(path)), *state.tree.below(path)] if effect.recursive else [(path, state.tree.get(path))]
    )
    kinds = {"f": "file", "d": "directory", "l": "link"}
    wanted = {kinds[letter] for letter in effect.types if letter in kinds} if effect.types else set(kinds.values())
    return [
        found
        for found, node in inside
        if node is not None and node.kind in wanted and fnmatchcase(basename(found), effect.names or "*")
    ]


def _targets(state: BuildState, effect: ChangeMode | ChangeOwner, paths: list[str]) -> list[str]:
    """The known paths that an effect on `paths` reaches."""
    found: list[str] = []
    for path in paths:
        chosen = _chosen(state, effect, path)
        if chosen is not None:
            found += chosen
            continue
        found.append(path)
        if effect.recursive:
            found.extend(inner for inner, _ in state.tree.below(path))
    return found


def _change_mode(state: BuildState, effect: ChangeMode) -> None:
    paths = _matches(state, effect.path, effect.globs)
    if paths is None:
        prefix = effect.path.prefix
        paths = [p for p, _ in state.tree.below(dirname(prefix) or "/")] if prefix.startswith("/") else []
        state.tree.change(paths, lambda node: replace(node, mode=None))
        return

    def edit(node: Node) -> Node:
        mode = changed_mode(node.mode, effect.mode, directory=node.kind == "directory")
        if not effect.sure and mode != node.mode:
            mode = None
        return replace(node, mode=mode)

    state.tree.change(_targets(state, effect, paths), edit)


def _change_owner(state: BuildState, effect: ChangeOwner) -> None:
    paths = _matches(state, effect.path, effect.globs)
    if paths is None or effect.owner is None or not effect.sure:
        return
    owner = effect.owner.canonical
    state.tree.change(_targets(state, effect, paths), lambda node: replace(node, owner=owner))


def _unpack(state: BuildState, effect: Unpack) -> None:
    into = _at(effect.into)
    archive = effect.url or _fetched_from(state, effect.archive) or effect.archive.canonical
    if into is None:
        state.open(effect.into, f"{effect.place} unpacks an archive to a place that cannot be read off it")
        return
    members = unpacked(archive, into, effect.members, effect.excludes)
    if members is None:
        spares = spared_by(archive, into)
        state.tree.open(Cloud(f"{effect.place} unpacks {basename(archive)} there", (into,), spares))
        return
    for path, node in members(effect.place, state.image):
        state.tree.put(path, replace(node, sure=node.sure and effect.sure))


def _fetched_from(state: BuildState, archive: Text) -> str | None:
    """The address that an earlier instruction fetched the archive from."""
    path = _at(archive)
    node = state.tree.get(path) if path is not None else None
    return node.provides if node is not None and node.provides and "://" in node.provides else None


def spared_by(archive: str, into: str) -> tuple[str, ...]:
    """What an archive of unknown content leaves alone when it is unpacked at `into`, as its name has it."""
    carries_an_image = any(word in archive for word in ("s6", "rootfs", "overlay"))
    return IMAGE_PLACES if into == "/" and not carries_an_image else ()


def _install(state: BuildState, effect: InstallPackages) -> None:
    names = [package.literal for package in effect.packages]
    if effect.removes:
        return
    for name in names:
        state.packages.add((name or UNKNOWN_PACKAGE).split("=")[0].split(":")[0])
    if effect.manager == "apk" and "s6-overlay" in state.packages:
        for path, node in package_members(effect.place, state.image):
            state.tree.put(path, node)


def _opens(state: BuildState, effect: Opens) -> None:
    state.tree.open(Cloud(effect.reason, effect.below, effect.spares))
    if "/" in effect.below and (not effect.spares or _may_be_any_command(effect)):
        state.doubt_accounts(effect.reason)


def _may_be_any_command(effect: Opens) -> bool:
    """Whether not even the name of the program is known (`"${make_account[@]}"`)."""
    return effect.command is not None and bool(effect.command.argv) and effect.command.argv[0].literal is None


def accounts_along(accounts: Accounts, effects: Iterable[Effect]) -> Iterator[tuple[Effect, Accounts]]:
    """Each effect of a RUN with the accounts that are there when it comes, from those before the RUN."""
    state = BuildState.of(Tree({}).edit(), accounts, "")
    for effect in effects:
        yield effect, state.frozen_accounts()
        apply(state, effect)
