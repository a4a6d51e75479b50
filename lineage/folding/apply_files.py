"""What writing, making directories and links, removing, and changing modes and owners make of an image's file tree.

As the GNU programs do it: coreutils' touch, mkdir, ln, rm, rmdir, chmod, chown, and sed -i.
"""

from posixpath import basename, dirname, relpath

from ..commands.find_listing import FOUND
from ..effects.file_modes import changed_mode
from ..effects.model import ChangeMode, ChangeOwner, Link, MakeDirectory, Remove, Write
from ..image.tree import UNKNOWN_BLOB, Blob, Inserted, Node, beside_root_folders, only_packages
from ..late.dataclasses import replace
from ..text.errors import Unknown
from ..text.paths import is_of_the_kernel, normal, within
from ..text.symbolic import Opaque, Text
from .apply_accounts import doubt_all_accounts, renumber, take_accounts_from
from .apply_groups import GROUPS, rewrite_groups
from .apply_paths import at, chosen, matches
from .build_state import BuildState, account_name, umask_of

_STANDARD = frozenset(
    """/bin /boot /etc /home /lib /media /mnt /opt /root /run /sbin /srv /tmp /usr /usr/bin /usr/lib /usr/local /usr/local/bin
    /usr/local/lib /usr/local/share /usr/sbin /usr/share /var /var/cache /var/lib /var/log /var/tmp""".split()
)
"""Directories that every distribution brings (hier(7), Filesystem Hierarchy Standard 3.0)."""


def write(state: BuildState, effect: Write) -> None:
    path = at(effect.path)
    if path is None:
        if effect.path.canonical not in ("/dev/null", "/dev/stdout", "/dev/stderr"):
            state.open(effect.path, f"{effect.place} writes to a place that cannot be read off it")
            _doubt_below(state, effect)
        return
    if is_of_the_kernel(path):
        return
    real = state.tree.resolve(path)
    if (effect.path.literal or "").endswith("/") and state.refuses(not state.tree.is_directory(path)):
        return  # a file has no slash at its end
    if real == "/etc/passwd" and effect.keeps and edits(effect):
        _doubt_edited_accounts(state, effect)
    old = state.tree.nodes.get(real)
    if old is not None and old.kind == "directory":
        state.refuses(old.sure and (not effect.keeps or edits(effect)))  # touch takes a directory
        return
    if old is None and edits(effect) and not state.tree.covered(real):
        state.refuses(True)
        return  # the command fails: nothing comes into being
    if old is None and edits(effect) and effect.command is not None and effect.command.ignores_failure:
        state.refuses(True)
        effect = replace(effect, sure=False)
    if old is None and state.cannot_write(real):
        return
    if effect.reads and not effect.keeps:
        lines = [_has_lines(state, one) for one in effect.reads]
        if not any(one is None or one for one in lines):
            return
        if True not in lines:
            effect = replace(effect, sure=False)
    if real == "/etc/passwd" and not effect.append and not effect.keeps and effect.sure and effect.content is not None:
        take_accounts_from(state, effect.content.canonical, effect.place)
    elif real == "/etc/passwd" and not effect.append and not effect.keeps and effect.content is None:
        doubt_all_accounts(state, f"{effect.place} writes /etc/passwd")
    if real == GROUPS and (effect.content is None or not effect.append):
        whole = not effect.append and not effect.keeps and effect.sure and effect.content is not None
        rewrite_groups(state, effect.content.literal if whole and effect.content is not None else None)
    if old is not None:
        _rewrite(state, effect, path, real, old)
        return
    covered = state.tree.covered(real)
    blob = _content(effect) if not (covered and (effect.append or effect.keeps)) else UNKNOWN_BLOB
    mode = None if covered and not _is_new(state, real) else state.file_mode(effect)
    inserted = tuple(Inserted(line, effect.place) for line in effect.inserts)
    state.tree.put(real, replace(state.node("file", effect, mode), blob=blob, inserted=inserted))


def _has_lines(state: BuildState, path: Text) -> bool | None:
    """Whether a file that a command reads gives it a line; None where that cannot be known."""
    known = at(path)
    if known is None:
        return None
    node = state.tree.get(known)
    if isinstance(node, Node) and node.kind == "file":
        return None if node.blob.data is None else node.blob.data != b""
    return None if isinstance(node, Unknown) else False


def _is_new(state: BuildState, real: str) -> bool:
    """Whether the file is surely not there yet, though packages may have put others anywhere."""
    return beside_root_folders(real) and all(only_packages(cloud) for cloud in state.tree.clouds if cloud.covers(real))


def _doubt_edited_accounts(state: BuildState, effect: Write) -> None:
    """What sed makes of /etc/passwd is not known; an account that its words do not name stays as it was."""
    state.doubt_accounts(f"{effect.place} edits /etc/passwd")
    words = " ".join(str(word) for word in effect.command.arguments) if effect.command is not None else ""
    for name, account in list(state.accounts.items()):
        if name in words or (account.home is not None and account.home in words) or "${?}" in words:
            renumber(state, name, str(account.uid) if account.uid is not None else "")
            state.accounts[name] = replace(account, uid=None, home=None, sure=name == "root")


def edits(effect: Write) -> bool:
    """Whether the file must be there already, as for `sed -i`."""
    return effect.keeps and effect.command is not None and effect.command.name == "sed"


def _content(effect: Write) -> Blob:
    content = effect.content.literal if effect.content is not None else None
    return UNKNOWN_BLOB if content is None or not effect.sure else Blob.of(content.encode("utf-8", "surrogateescape"))


def _rewrite(state: BuildState, effect: Write, path: str, real: str, old: Node) -> None:
    blob = _content(effect)
    keeps = effect.append or effect.keeps
    if effect.keeps and effect.content is not None and not effect.content.pieces:
        blob = old.blob
    elif effect.append and blob is not UNKNOWN_BLOB and (data := old.blob.data) is not None:
        blob = Blob.of(data + (blob.data or b""))
    elif effect.append or (effect.keeps and not (effect.replaces and effect.content is not None)):
        blob = UNKNOWN_BLOB
    changed = replace(
        old,
        place=effect.place,
        image=state.image,
        blob=blob,
        source=old.source if keeps else None,
        text=None,
        sure=old.sure or effect.sure,
        facts=old.facts if effect.inserts or (keeps and blob is old.blob) else None,
        inserted=(*old.inserted, *(Inserted(line, effect.place) for line in effect.inserts)) if keeps else (),
    )
    if effect.replaces:  # a new file under the name, which may have been a link
        name = state.tree.resolve(path, last=False)
        state.detach(name)
        state.tree.put(name, changed)
        return
    state.tree.nodes[real] = changed
    state.rewritten(real)


def make_directory(state: BuildState, effect: MakeDirectory) -> None:
    path = at(effect.path)
    if path is None:
        prefix = effect.path.prefix
        if effect.parents and prefix.startswith("/"):
            state.make_parents(prefix + "?", effect)
        state.open(effect.path, f"{effect.place} makes a directory whose name cannot be read off it")
        return
    if effect.owner is not None and state.lacks(effect.owner):
        return  # install refuses
    there = state.tree.get(path)
    if there is not None or path == "/" or is_of_the_kernel(path):
        state.refuses(there is not None and there.sure and not effect.parents)
        return
    real = state.tree.resolve(path)
    if effect.parents:
        state.make_parents(real, effect, effect.parents_mode)
    if state.cannot_write(real):
        return
    state.tree.put(real, state.directory(effect, real, effect.mode))


def link(state: BuildState, effect: Link) -> None:
    path, target = at(effect.path), effect.target.literal
    if path is None or target is None:
        state.open(effect.path, f"{effect.place} makes a link that cannot be read off it")
        return
    there = state.tree.nodes.get(state.tree.resolve(path, last=False))
    onto = effect.onto_file or (effect.onto_link and there is not None and there.kind == "link")
    inside = not onto and state.tree.is_directory(path)
    unseen = not effect.onto_file and path != "/" and state.exists(path) is None
    if effect.into or inside or (unseen and path in _STANDARD):
        path = normal(f"{path}/{basename(target.rstrip('/'))}")
    elif unseen and basename(path) != basename(target.rstrip("/")):
        effect = replace(effect, sure=False)  # what is there may be a directory, that gets the link
    real = state.tree.resolve(path, last=False)
    old = state.tree.nodes.get(real)
    if (old is not None and old.sure and not effect.force) or (old is not None and old.kind == "directory"):
        state.refuses(old.sure)
        return  # ln fails
    if state.cannot_write(real):
        return
    if effect.symbolic:
        if effect.relative and target.startswith("/"):
            target = relpath(state.tree.resolve(target), dirname(real))
        made = replace(state.node("file", effect, 0o777), kind="link", target=target)
        state.detach(real)
        state.settle(real, made, sure=effect.sure)
        return
    _hard_link(state, effect, state.tree.resolve(target), real)


def _hard_link(state: BuildState, effect: Link, target: str, path: str) -> None:
    node = state.tree.nodes.get(target)
    if node is None:
        there = state.exists(target)
        if there is False:
            state.refuses(True)
            return
        let = effect.command is not None and effect.command.ignores_failure
        state.settle(
            path, replace(state.node("file", effect), owner=""), sure=effect.sure and not (there is None and let)
        )
        return
    if node.kind == "directory":
        return  # ln fails
    state.detach(path)
    state.settle(path, replace(node, place=effect.place, image=state.image), sure=effect.sure)
    if effect.sure:
        state.join_names(target, path)


def remove(state: BuildState, effect: Remove) -> None:
    paths = matches(state, effect.path, effect.globs)
    if paths is None:
        _doubt_below(state, effect)
        return
    if effect.empty and not effect.names and not effect.types:
        for path in paths:
            _remove_empty(state, effect, path)
        return
    for path in paths:
        picked = chosen(state, effect, path)
        if picked is not None:
            for one in reversed(picked):
                _remove_one(state, effect, one)
        elif path != "/":
            _remove_one(state, effect, path)


def _remove_one(state: BuildState, effect: Remove, path: str) -> None:
    real = state.tree.resolve(path, last=False)
    node = state.tree.nodes.get(real)
    if node is None and not effect.force and not effect.names:
        state.refuses(state.exists(path, follow=False) is not True)
    if node is not None and node.kind == "directory" and not effect.recursive:
        state.refuses(True)
        return  # rm refuses a directory
    state.take_out(path, sure=effect.sure)


def _remove_empty(state: BuildState, effect: Remove, path: str) -> None:
    """rmdir: goes only where nothing is in the directory."""
    real = state.tree.resolve(path, last=False)
    node = state.tree.nodes.get(real)
    if real == "/" or (node is not None and node.kind != "directory"):
        return
    inside = [one for _, one in state.tree.below(real)]
    if any(one.sure for one in inside):
        state.refuses(True)
        return
    may_hold = any(within(base, real) for cloud in state.tree.clouds for base in cloud.below)
    if effect.sure and not inside and not may_hold and state.tree.closed(real) is True:
        state.tree.remove(real)
    elif node is not None:
        state.tree.nodes[real] = replace(node, sure=False)
    if effect.parents and real.count("/") > 1:
        _remove_empty(state, effect, dirname(real))


def _doubt_below(state: BuildState, effect: Write | Remove | ChangeMode | ChangeOwner) -> None:
    """An operand of which only the beginning is known: each path below it may be the one."""
    prefix = effect.path.prefix
    if not prefix.startswith("/") or prefix == "/":
        if isinstance(effect, ChangeMode):
            _doubt_modes(state, effect)
        return
    folder = dirname(prefix) if not prefix.endswith("/") else prefix.rstrip("/")
    start = normal(prefix) if not prefix.endswith("/") else folder + "/"
    found = any(isinstance(piece, Opaque) and piece.reason == FOUND for piece in effect.path.pieces)
    deep = found or (not isinstance(effect, Write) and effect.recursive)
    literal_end = not any(isinstance(piece, str) and "/" in piece for piece in effect.path.pieces[1:])
    for path, node in state.tree.below(folder or "/"):
        if not path.startswith(start):
            continue
        if literal_end and not deep and "/" in path[len(start) :]:
            continue
        if isinstance(effect, Write):
            if node.kind == "file":
                state.tree.nodes[path] = replace(node, blob=UNKNOWN_BLOB, text=None)
        elif isinstance(effect, Remove):
            state.tree.nodes[path] = replace(node, sure=False)
        elif isinstance(effect, ChangeMode):
            state.tree.nodes[path] = replace(node, mode=None)
        else:
            state.tree.nodes[path] = replace(node, owner="")


def _doubt_modes(state: BuildState, effect: ChangeMode) -> None:
    """A chmod of what nobody knows: each file whose path may end so has another mode now."""
    last = effect.path.pieces[-1] if effect.path.pieces else ""
    end = last if isinstance(last, str) and not effect.globs and not effect.recursive else ""
    for path, node in state.tree.below("/"):
        if node.kind == "file" and path.endswith(end) and not (node.mode is not None and node.mode & 0o111):
            state.tree.nodes[path] = replace(node, mode=None)


def _targets(state: BuildState, effect: ChangeMode | ChangeOwner, path: str) -> list[tuple[str, bool]]:
    """(path, whether a link there is followed) of all that an effect on an operand reaches."""
    picked = chosen(state, effect, path)
    if picked is not None:
        return [(one, True) for one in picked]
    if not effect.recursive:
        return [(path, True)]
    trailing = (effect.path.literal or "").endswith("/")
    node = state.tree.nodes.get(state.tree.resolve(path, last=False))
    if node is not None and node.kind == "link" and not trailing and isinstance(effect, ChangeOwner):
        return [(path, False)]  # chown -R does not go through links, nor chmod -R through those below the operand
    below = state.tree.below(path)
    state.on_change(len(below))
    return [(path, True), *((inner, False) for inner, _ in below)]


def change_mode(state: BuildState, effect: ChangeMode) -> None:
    paths = matches(state, effect.path, effect.globs)
    if paths is None:
        _doubt_below(state, effect)
        return
    umask = umask_of(effect)

    def edit(node: Node) -> Node:
        if node.kind == "link":
            return node
        mode = _new_mode(state, effect, node, umask)
        known = mode if effect.sure or mode == node.mode else None
        return replace(node, mode=known, x_in_git_alone=False)

    for path in paths:
        state.refuses(state.exists(path) is not True)
        for one, follow in _targets(state, effect, path):
            state.change(one, edit, follow=follow)


def _new_mode(state: BuildState, effect: ChangeMode, node: Node, umask: int | None) -> int | None:
    if effect.reference is not None:
        path = at(effect.reference)
        other = state.tree.get(path) if path is not None else None
        return other.mode if other is not None else None
    return changed_mode(node.mode, effect.mode, directory=node.kind == "directory", umask=umask)


def change_owner(state: BuildState, effect: ChangeOwner) -> None:
    owner = _new_owner(state, effect)
    if owner is None or state.lacks(owner):
        return
    paths = matches(state, effect.path, effect.globs)
    if paths is None:
        _doubt_below(state, effect)
        return

    def edit(node: Node) -> Node:
        mode = node.mode
        if mode is not None and node.kind == "file" and mode & 0o6000:
            # chown(2) clears the set-user-ID bit, and the set-group-ID bit of what its group may execute
            mode &= ~(0o6000 if mode & 0o010 else 0o4000)
        if not effect.sure:
            return replace(node, owner=owner if owner == node.owner else "", mode=mode if mode == node.mode else None)
        return replace(node, owner=owner, mode=mode)

    for path in paths:
        state.refuses(state.exists(path, follow=not effect.itself) is not True)
        for one, follow in _targets(state, effect, path):
            state.change(one, edit, follow=follow and not effect.itself)


def _new_owner(state: BuildState, effect: ChangeOwner) -> str | None:
    """The owner's name or number, '' where it cannot be known; None where the owner stays."""
    if effect.reference is not None:
        path = at(effect.reference)
        node = state.tree.get(path) if path is not None else None
        return node.owner if node is not None else ""
    if effect.owner is None:
        return None
    name = account_name(effect.owner)
    before, dot, _ = name.partition(".")
    if dot and name not in state.accounts and before in state.accounts:
        return before  # chown's old separator of owner and group
    return name
