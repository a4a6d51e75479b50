"""What cp, mv, install and rsync make of an image's file tree, as GNU coreutils do it."""

from functools import partial
from posixpath import basename, dirname

from ..effects.model import Copy
from ..image.tree import UNKNOWN_BLOB, Node
from ..late.dataclasses import replace
from ..text.paths import normal, within
from .apply_accounts import doubt_all_accounts, take_accounts_from
from .apply_groups import GROUPS, rewrite_groups, text_of_known
from .apply_paths import at, doubt_entries, matches, others_match
from .build_state import BuildState, account_name, umask_of

_ACCOUNTS = "/etc/passwd"


def copy(state: BuildState, effect: Copy) -> None:
    if effect.owner is not None and state.lacks(account_name(effect.owner)):
        return  # install refuses
    target = at(effect.target)
    if target is None:
        state.open(effect.target, f"{effect.place} copies to a place that cannot be read off it")
        if effect.moves:
            _move_to_where_nobody_knows(state, effect)
        return
    several = len(effect.sources) > 1
    taken: list[tuple[str, bool, bool]] = []
    for source in effect.sources:
        paths = matches(state, source, effect.globs)
        if paths is None and effect.moves:
            doubt_entries(state, source)
        if paths is None or others_match(state, source, effect.globs):
            state.open(target, f"{effect.place} copies files there that are not known")
        contents = (source.literal or "").endswith("/.")
        through = contents or (source.literal or "").endswith("/")
        taken += [(path, contents, through) for path in paths or ()]
    several = several or len(taken) > 1
    into = not effect.onto_file and (effect.into or several or state.tree.is_directory(target))
    for path, contents, through in taken:
        if effect.parents:
            destination = normal(f"{target}/{path}")
            _make_source_parents(state, effect, path, target)
        else:
            destination = f"{target}/{basename(path)}" if into and not contents else target
        _copy_one(state, effect, path, normal(destination), contents=contents, through=through)


def _move_to_where_nobody_knows(state: BuildState, effect: Copy) -> None:
    """Wherever it goes, it is no longer where it was."""
    for source in effect.sources:
        paths = matches(state, source, effect.globs)
        if paths is None:
            doubt_entries(state, source)
        for path in paths or ():
            state.take_out(path, sure=effect.sure)


def _make_source_parents(state: BuildState, effect: Copy, path: str, target: str) -> None:
    """`--parents`: the directories above the source come with their modes, too."""
    above = dirname(path)
    todo: list[str] = []
    while above != "/":
        todo.append(above)
        above = dirname(above)
    for folder in reversed(todo):
        source = state.tree.get(folder)
        if state.exists(folder) is False or (source is not None and source.kind != "directory"):
            return  # cp stops where a directory of the source is missing
        place = normal(f"{target}/{folder}")
        if state.tree.get(place) is None:
            node = state.tree.get(folder)
            umask = umask_of(effect)
            mode = node.mode if node is not None else None
            if mode is not None and not effect.keeps_mode:
                mode = None if umask is None else mode & 0o1777 & ~umask
            state.settle(place, state.directory(effect, place, mode), sure=effect.sure)


def _copy_one(state: BuildState, effect: Copy, path: str, destination: str, *, contents: bool, through: bool) -> None:
    follow = through or effect.follows != "none"
    if effect.moves:
        follow = False
    real = state.tree.resolve(path, last=follow)
    if effect.no_clobber and state.exists(destination) is True and not contents:
        return
    if real == state.tree.resolve(destination):
        return  # cp and mv refuse a file that is the target itself
    node = state.tree.nodes.get(real)
    if node is None:
        _copy_unknown(state, effect, real, destination)
        return
    if node.kind == "directory" and not (effect.recursive or effect.moves):
        state.refuses(node.sure)
        return  # cp refuses
    if through and node.kind == "file" and node.sure:
        return  # a file is no directory
    if effect.backup and effect.sure:
        _back_up(state, effect, destination)
    if node.kind == "directory":
        there = state.tree.get(destination)
        if there is not None and there.kind != "directory":
            state.refuses(there.sure)
            return  # cp and mv refuse
        if effect.moves and there is not None:
            full = _holds_something(state, destination)
            if full:
                state.refuses(True)
                return  # rename(2) takes the place of an empty directory alone
            effect = effect if full is False else replace(effect, sure=False)
        _copy_directory(state, effect, real, node, destination)
    else:
        _copy_file(state, effect, node, destination, real)
    if effect.moves:
        _moved_away(state, effect, path)


def _holds_something(state: BuildState, folder: str) -> bool | None:
    """Whether a directory that is there has an entry; None where that cannot be known."""
    if any(node.sure for _, node in state.tree.below(state.tree.resolve(folder))):
        return True
    return None if state.tree.closed(folder) is not True or state.tree.below(state.tree.resolve(folder)) else False


def _copy_unknown(state: BuildState, effect: Copy, path: str, destination: str) -> None:
    """A source that is not among the known files."""
    there = state.exists(path)
    if there is False:
        state.refuses(True)
        return  # the command fails
    if there is None and effect.command is not None and effect.command.ignores_failure:
        state.refuses(True)
        effect = replace(effect, sure=False)
    if effect.recursive or effect.moves or not _surely_file_target(state, destination):
        state.open(destination, f"{effect.place} copies {path}, which is not known")
        if effect.moves and effect.sure:
            state.tree.remove(path)
        return
    node = replace(state.node("file", effect), mode=effect.mode)
    if effect.keeps_owner or effect.owner is not None:
        node = replace(node, owner=account_name(effect.owner) if effect.owner is not None else "")
    _put_file(state, effect, replace(node, sure=effect.sure), destination)


def _surely_file_target(state: BuildState, destination: str) -> bool:
    """Whether a file copied to that path ends up there, and not in a directory that may be there."""
    node = state.tree.get(destination)
    if node is not None:
        return node.kind != "directory"
    return not state.tree.covered(state.tree.resolve(destination)) or "." in basename(destination)


def _back_up(state: BuildState, effect: Copy, destination: str) -> None:
    real = state.tree.resolve(destination, last=False)
    old = state.tree.nodes.get(real)
    if old is not None and old.kind != "directory":
        state.tree.put(real + effect.backup, old)
        state.tree.remove(real)


def _copy_directory(
    state: BuildState, effect: Copy, real: str, node: Node, destination: str, above: frozenset[str] = frozenset()
) -> None:
    """`above` are the folders through which links led here: cp copies no folder into itself."""
    inside = sorted((below[len(real.rstrip("/")) :], inner) for below, inner in state.tree.below(real))
    state.on_copy(1 + len(inside))
    hidden = next((cloud for cloud in state.tree.clouds if cloud.covers(real.rstrip("/") + "/\0")), None)
    if hidden is not None:
        state.open(destination, hidden.reason)
    there = state.tree.get(destination)
    if there is not None and there.kind != "directory":
        return  # cp and mv refuse
    if there is None:
        if state.cannot_write(destination):
            return
        state.settle(destination, _copied_directory(state, effect, node, destination), sure=node.sure and effect.sure)
    elif effect.keeps_mode and effect.sure:
        state.change(destination, partial(_with_attributes, effect, node))
    if effect.moves:
        for suffix, inner in inside:
            moved = replace(inner, sure=inner.sure and effect.sure, place=effect.place, image=state.image)
            state.settle(destination + suffix, moved, sure=moved.sure)
        return
    for suffix, inner in inside:
        place = destination + suffix
        if inner.kind == "link" and effect.follows == "all":
            target = state.tree.resolve(real + suffix)
            found = state.tree.nodes.get(target)
            if found is None:
                state.open(place, f"{effect.place} copies {target}, which is not known")
            elif found.kind == "directory":
                if not any(within(one, target) for one in (real, *above)):
                    _copy_directory(state, effect, target, found, place, above | {real})
            else:
                _copy_file(state, effect, found, place, target)
        elif inner.kind == "directory":
            if state.tree.get(place) is None:
                made = _copied_directory(state, effect, inner, place)
                state.settle(place, made, sure=inner.sure and effect.sure)
            elif effect.keeps_mode and effect.sure:
                state.change(place, partial(_with_attributes, effect, inner))
        else:
            if effect.no_clobber and state.exists(place, follow=False) is True:
                continue
            _copy_file(state, effect, inner, place, real + suffix)


def _with_attributes(effect: Copy, node: Node, old: Node) -> Node:
    return replace(old, mode=node.mode, owner=node.owner if effect.keeps_owner else old.owner)


def _copied_directory(state: BuildState, effect: Copy, node: Node, destination: str) -> Node:
    if effect.moves:
        return replace(node, place=effect.place, image=state.image)
    umask = umask_of(effect)
    mode = 0o777 if effect.usual_mode else node.mode
    if not effect.keeps_mode:
        mode = None if mode is None or umask is None else (mode & 0o777 & ~umask)
        mode = state.inheriting(destination, mode)
    return replace(node, place=effect.place, image=state.image, mode=mode, owner=_owner(state, effect, node))


def _owner(state: BuildState, effect: Copy, node: Node) -> str:
    if effect.owner is not None:
        return account_name(effect.owner)
    mine = account_name(effect.user)
    return node.owner if effect.moves or (effect.keeps_owner and mine == "root") else mine


def _copy_file(state: BuildState, effect: Copy, node: Node, destination: str, source: str) -> None:
    """A file, or a link that is copied as one."""
    umask = umask_of(effect)
    if effect.makes == "symbolic":
        made = replace(state.node("file", effect, 0o777), kind="link", target=source)
        _put_new(state, effect, made, destination)
        return
    if state.tree.resolve(destination) == GROUPS:
        rewrite_groups(state, text_of_known(node) if effect.sure else None)
    if effect.moves and state.tree.resolve(destination) == _ACCOUNTS:
        _take_accounts(state, effect, node)
    if effect.makes == "hard" or effect.moves:
        _put_new(state, effect, replace(node, place=effect.place, image=state.image), destination)
        if effect.makes == "hard" and effect.sure:
            state.join_names(source, state.tree.resolve(destination, last=False))
        return
    mode = node.mode
    if node.kind == "link":
        copied = replace(node, place=effect.place, image=state.image, owner=_owner(state, effect, node))
        _put_new(state, effect, copied, destination)
        return
    if effect.mode is not None:
        mode = effect.mode
    elif not effect.keeps_mode:
        mode = 0o666 if effect.usual_mode else mode
        mode = None if mode is None or umask is None else mode & 0o777 & ~umask
    copied = replace(node, place=effect.place, image=state.image, mode=mode, owner=_owner(state, effect, node))
    if effect.mode is not None:
        copied = replace(copied, x_in_git_alone=False)
    if state.tree.resolve(destination) == _ACCOUNTS:
        _take_accounts(state, effect, copied)
    if effect.fresh:
        _put_new(state, effect, copied, destination)
    else:
        _put_file(state, effect, copied, destination)


def _take_accounts(state: BuildState, effect: Copy, node: Node) -> None:
    data = node.blob.data
    if data is not None and node.sure and effect.sure:
        take_accounts_from(state, data.decode("utf-8", "replace"), effect.place)
    else:
        doubt_all_accounts(state, f"{effect.place} replaces {_ACCOUNTS}")


def _put_new(state: BuildState, effect: Copy, node: Node, destination: str) -> None:
    """A new entry in the place of whatever was there but a directory."""
    real = state.tree.resolve(destination, last=False)
    old = state.tree.nodes.get(real)
    if (old is not None and old.kind == "directory") or state.cannot_write(real):
        return
    state.detach(real)
    state.settle(real, node, sure=node.sure and effect.sure)


def _put_file(state: BuildState, effect: Copy, node: Node, destination: str) -> None:
    """Content that is written over what is there, which keeps its mode and owner unless they are to be preserved."""
    real = state.tree.resolve(destination)
    old = state.tree.nodes.get(real)
    if old is None:
        through = state.tree.nodes.get(state.tree.resolve(destination, last=False))
        if through is not None and through.kind == "link":
            return  # cp does not write through a link that leads nowhere
        if state.cannot_write(real):
            return
        covered = state.tree.covered(real)
        if covered and effect.mode is None and not effect.keeps_mode:
            node = replace(node, mode=None)
        state.settle(real, node, sure=node.sure and effect.sure)
        return
    if old.kind == "directory":
        return
    if not effect.keeps_mode and effect.mode is None:
        node = replace(node, mode=old.mode)
    if not effect.keeps_owner and effect.owner is None:
        node = replace(node, owner=old.owner)
    sure = node.sure and effect.sure
    if not sure:
        node = replace(node, blob=UNKNOWN_BLOB)
    state.settle(real, replace(node, sure=True) if sure else node, sure=sure)
    state.rewritten(real)


def _moved_away(state: BuildState, effect: Copy, path: str) -> None:
    state.take_out(path, sure=effect.sure)
