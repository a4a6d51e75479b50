"""What the effects of build commands make of an image's accounts, and of the files that belong to them.

Sources: shadow (useradd, usermod, userdel, newusers), Debian's adduser, busybox's adduser.
"""

import re

from ..effects.model import ChangeAccount, MakeAccount, RemoveAccount, RenameAccount
from ..image.accounts import Account, Group
from ..image.tree import UNKNOWN_BLOB, Node
from ..late.dataclasses import replace
from ..text.growing import Growing
from ..text.numbers import natural
from ..text.places import Place
from .build_state import BuildState, umask_of

_SKELETON = "/etc/skel"
_ACCOUNT_FILES = tuple(f"/etc/{name}" for name in ("passwd", "group", "shadow", "gshadow", "subuid", "subgid"))
_USUAL_SKELETON = (".bashrc", ".profile", ".bash_logout")


def make_account(state: BuildState, effect: MakeAccount) -> None:
    name = effect.name.literal
    if name is None:
        state.doubt_accounts(f"{effect.place} makes an account whose name is not known")
        return
    known = state.accounts.get(name)
    if known is None and _finds_its_group(state, effect, name):
        return
    forget_account_files(state)
    if known is not None and known.sure:
        state.refuses(True)
        return  # the command fails, or its line comes behind the one that counts
    uid = effect.uid.literal if effect.uid is not None else None
    number = natural(uid)
    if _is_taken(state, effect, number) and not effect.allows_same_uid:
        return
    home = _home(effect, name)
    state.accounts[name] = Account(name, number, home, effect.place, state.image, effect.sure)
    if effect.makes_home and home is not None and home.startswith("/") and "${" not in home:
        _make_home(state, effect, name, home)


def _finds_its_group(state: BuildState, effect: MakeAccount, name: str) -> bool:
    """Whether useradd is to make a group that is there, and nobody would notice that it fails for it."""
    if not effect.new_group or state.groups is None or effect.command is None or not effect.command.ignores_failure:
        return False
    group = state.groups.get(name)
    return state.refuses(group is not None and group.sure)


def _is_taken(state: BuildState, effect: MakeAccount | ChangeAccount, number: int | None) -> bool:
    """Whether another account surely has the number, and nobody would notice that the command fails for it."""
    if number is None or effect.command is None or not effect.command.ignores_failure:
        return False
    name = effect.name.literal
    found = any(one.uid == number and one.sure and one.name != name for one in state.accounts.values())
    return state.refuses(found)


def _home(effect: MakeAccount, name: str) -> str | None:
    if effect.home is not None:
        return effect.home.canonical if not effect.home.opaque else f"/home/{name}"
    base = effect.base.literal if effect.base is not None else "/home"
    return None if base is None else f"{base.rstrip('/')}/{name}"


def _make_home(state: BuildState, effect: MakeAccount, name: str, home: str) -> None:
    """A home that is already there is left alone, and gets no files."""
    if state.tree.get(home) is not None:
        return
    state.make_parents(home, effect)
    mode = effect.home_mode if effect.home_mode is not None else _usual_home_mode(state, effect)
    made = replace(state.directory(effect, home, mode), owner=name)
    state.settle(home, made, sure=effect.sure)
    skeleton = effect.skeleton.literal if effect.skeleton is not None else _SKELETON
    if skeleton == "":
        return
    files = sorted(state.tree.below(skeleton)) if skeleton else []
    cut = len(state.tree.resolve(skeleton or _SKELETON))
    for path, node in files:
        copied = replace(node, place=effect.place, image=state.image, owner=name, sure=node.sure and effect.sure)
        state.settle(home + path[cut:], copied, sure=copied.sure)
    if skeleton is None or state.tree.closed(skeleton) is not True:
        for usual in _USUAL_SKELETON:
            if state.tree.get(f"{home}/{usual}") is None:
                file = replace(state.node("file", effect, 0o644), owner=name, sure=False)
                state.tree.put(f"{home}/{usual}", file)
        if files or skeleton != _SKELETON:
            state.open(home, f"{effect.place} copies what is in {skeleton or 'its skeleton directory'} there")


def _usual_home_mode(state: BuildState, effect: MakeAccount) -> int | None:
    """HOME_MODE of /etc/login.defs, else its UMASK (login.defs(5))."""
    node = state.tree.get("/etc/login.defs")
    data = node.blob.data if node is not None else None
    lines = "\n".join(line.text for line in node.inserted) if node is not None else ""
    if data is not None or lines:
        text = data.decode("utf-8", "replace") if data is not None else lines
        for key in ("HOME_MODE", "UMASK"):
            if key == "UMASK" and effect.home_umask is not None:
                break
            match = re.search(rf"(?m)^[ \t]*{key}\s+([0-7]{{1,5}})", text)
            if match:
                number = natural(match.group(1), 8) or 0
                return number if key == "HOME_MODE" else 0o777 & ~number
    if effect.home_umask is not None:
        return 0o777 & ~effect.home_umask
    umask = umask_of(effect)
    return None if umask is None else 0o755


def forget_account_files(state: BuildState) -> None:
    """The files that hold the accounts have another text now, and what they were is in the copies that the tools keep."""
    for path in _ACCOUNT_FILES:
        forget_content(state, path)
        forget_content(state, path + "-")
        now, before = state.tree.nodes.get(path), state.tree.nodes.get(path + "-")
        if now is not None and before is not None:  # the copy gets what the file has, once there is one
            mode = before.mode if before.mode == now.mode else None
            owner = before.owner if before.owner == now.owner else ""
            state.tree.nodes[path + "-"] = replace(before, mode=mode, owner=owner)


def forget_content(state: BuildState, path: str) -> None:
    """A file that is there has another text now, which cannot be known."""
    node = state.tree.nodes.get(path)
    if node is not None and node.kind == "file":
        state.tree.nodes[path] = replace(node, blob=UNKNOWN_BLOB, text=None)


def remove_account(state: BuildState, effect: RemoveAccount) -> None:
    name = effect.name.literal
    forget_account_files(state)
    if name is None:
        return
    account = state.accounts.pop(name, None)
    if account is None and state.lacks(name):
        return
    if effect.sure:
        state.removed.add(name)
    if account is not None and not effect.sure:
        state.accounts[name] = replace(account, sure=False)
        return
    if account is not None and effect.removes_home and account.home:
        state.tree.remove(account.home)
    if account is not None:
        renumber(state, name, str(account.uid) if account.uid is not None else "")
    if state.groups is not None and name in state.groups:  # userdel takes it along where nobody else is in it
        state.groups[name] = Group(state.groups[name].gid, sure=False)


def renumber(state: BuildState, name: str, owner: str, spared: str | None = None) -> None:
    """Files keep the number of the account that they belonged to, but for those below `spared`."""
    for path, node in list(state.tree.nodes.items()):
        if node.owner == name and not (spared and (path == spared or path.startswith(spared + "/"))):
            state.tree.nodes[path] = replace(node, owner=owner)


def change_account(state: BuildState, effect: ChangeAccount) -> None:
    name = effect.name.literal
    account = state.accounts.get(name) if name is not None else None
    forget_account_files(state)
    if name is None or account is None:
        return
    uid = effect.uid.literal if effect.uid is not None else None
    home = effect.home.literal if effect.home is not None else None
    number = natural(uid)
    if not effect.allows_same_uid and _is_taken(state, effect, number):
        return
    if effect.uid is not None and number != account.uid:
        # usermod gives the files below the home the new number, and no others
        renumber(state, name, str(account.uid) if account.uid is not None else "", account.home)
    changed = replace(
        account,
        uid=account.uid if effect.uid is None else number,
        home=home if effect.home is not None else account.home,
    )
    if not effect.sure:
        changed = replace(
            account,
            uid=account.uid if changed.uid == account.uid else None,
            home=account.home if changed.home == account.home else None,
        )
    elif effect.moves_home and home is not None and account.home:
        _move_home(state, effect, account.home, home)
    state.accounts[name] = changed


def _move_home(state: BuildState, effect: ChangeAccount, old: str, new: str) -> None:
    real = state.tree.resolve(old)
    node = state.tree.nodes.get(real)
    if node is None or state.tree.get(new) is not None or state.cannot_write(new):
        state.refuses(True)
        return  # it is renamed, for which the directory that it comes into must be there
    moved: list[tuple[str, Node]] = [("", node), *((path[len(real) :], one) for path, one in state.tree.below(real))]
    state.tree.remove(real)
    for suffix, one in sorted(moved, key=lambda pair: pair[0]):
        state.tree.put(new + suffix, replace(one, place=effect.place, image=state.image))


def rename_account(state: BuildState, effect: RenameAccount) -> None:
    old, new = effect.name.literal, effect.new_name.literal
    forget_account_files(state)
    if old is None or new is None:
        state.doubt_accounts(f"{effect.place} renames an account")
        return
    account = state.accounts.pop(old, None)
    sure = effect.sure and (account is None or account.sure)
    state.accounts[new] = replace(account, name=new, sure=sure) if account else Account(new, place=effect.place)
    if effect.sure:
        state.removed.add(old)
        renumber(state, old, new)
    elif account is not None:
        state.accounts[old] = replace(account, sure=False)


def doubt_all_accounts(state: BuildState, reason: str) -> None:
    """The accounts have another file now, whose text is not known: each of them may be another, or gone."""
    state.doubt_accounts(reason)
    for name, account in list(state.accounts.items()):
        if name != "root":
            renumber(state, name, str(account.uid) if account.uid is not None else "")
            state.accounts[name] = replace(account, uid=None, home=None, sure=False)


def take_accounts_from(state: BuildState, text: str, place: Place) -> None:
    """The accounts of a file that takes the place of /etc/passwd: there are no others."""
    found: dict[str, Account] = {}
    for line in text.split("\n"):
        fields = line.split(":")
        if len(fields) < 7 or fields[0] in found or not fields[0]:
            continue
        uid = natural(fields[2])
        old = state.accounts.get(fields[0])
        same = old is not None and old.uid == uid and old.home == fields[5]
        found[fields[0]] = old if same and old is not None else Account(fields[0], uid, fields[5], place, state.image)
    state.removed |= state.accounts.keys() - found.keys()
    state.accounts = Growing(found)
    if state.packages:
        state.groups = None  # which the packages have brought
    state.packages = set()
    state.accounts_open = None
