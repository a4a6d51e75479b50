"""What the effects of build commands make of an image's accounts."""

from dataclasses import replace

from ..effects.model import ChangeAccount, MakeAccount, RemoveAccount, RenameAccount
from ..text.numbers import natural
from .accounts import Account
from .build_state import BuildState


def make_account(state: BuildState, effect: MakeAccount) -> None:
    name = effect.name.literal
    if name is None:
        state.doubt_accounts(f"{effect.place} makes an account whose name is not known")
        return
    uid = effect.uid.literal if effect.uid is not None else None
    home = effect.home.canonical if effect.home is not None and not effect.home.opaque else f"/home/{name}"
    number = natural(uid)
    known = state.accounts.get(name)
    if known is not None and known.sure and not effect.sure:
        return
    state.accounts[name] = Account(name, number, home, effect.place, state.image, effect.sure)
    if effect.makes_home and home.startswith("/"):
        state.tree.put(home, replace(state.node("directory", effect, 0o755), owner=name))
        for skeleton in (".bashrc", ".profile", ".bash_logout"):
            state.tree.put(f"{home}/{skeleton}", replace(state.node("file", effect, 0o644), owner=name, sure=False))


def remove_account(state: BuildState, effect: RemoveAccount) -> None:
    name = effect.name.literal
    if name is None:
        return
    account = state.accounts.pop(name, None)
    if effect.sure:
        state.removed.add(name)
    if account is not None and not effect.sure:
        state.accounts[name] = replace(account, sure=False)
    elif account is not None and effect.removes_home and account.home:
        state.tree.remove(account.home)


def change_account(state: BuildState, effect: ChangeAccount) -> None:
    name = effect.name.literal
    account = state.accounts.get(name) if name is not None else None
    if name is None or account is None:
        return
    uid = effect.uid.literal if effect.uid is not None else None
    home = effect.home.literal if effect.home is not None else None
    state.accounts[name] = replace(
        account,
        uid=natural(uid) if uid is not None else None if effect.uid is not None else account.uid,
        home=home if effect.home is not None else account.home,
    )


def rename_account(state: BuildState, effect: RenameAccount) -> None:
    old, new = effect.name.literal, effect.new_name.literal
    if old is None or new is None:
        state.doubt_accounts(f"{effect.place} renames an account")
        return
    account = state.accounts.pop(old, None)
    sure = effect.sure and (account is None or account.sure)
    state.accounts[new] = replace(account, name=new, sure=sure) if account else Account(new, place=effect.place)
