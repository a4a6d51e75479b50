"""What the effects of build commands make of an image's groups.

Sources: shadow (useradd, groupadd, groupmod, groupdel, userdel), Debian's adduser.
"""

from ..effects.model import ChangeAccountFiles, MakeGroup
from ..image.accounts import Group
from ..image.tree import Node
from ..text.growing import Growing
from ..text.numbers import natural
from .apply_accounts import forget_account_files
from .build_state import BuildState

GROUPS = "/etc/group"


def make_group(state: BuildState, effect: MakeGroup) -> None:
    forget_account_files(state)
    name = effect.name.literal
    if state.groups is None:
        return
    if name is None:
        state.groups = None
        return
    old = state.groups.get(name)
    if old is not None and old.sure:
        state.refuses(effect.fails_if_there)
        return
    gid = natural(effect.gid.literal) if effect.gid is not None else None
    state.groups[name] = Group(gid, effect.sure)


def change_groups(state: BuildState, effect: ChangeAccountFiles) -> None:
    """Take in that a group is gone, or has another name."""
    forget_account_files(state)
    if state.groups is None or effect.old_group is None:
        return
    old, new = effect.old_group.literal, effect.new_group.literal if effect.new_group is not None else ""
    if old is None or new is None:
        state.groups = None
        return
    before = state.groups.get(old, Group(sure=False))
    if effect.new_gid is not None:
        before = Group(natural(effect.new_gid.literal), before.sure)
    if not new and old in state.accounts:  # whose group it mostly is, and then it is not removed
        state.refuses(True)
        state.groups[old] = Group(before.gid, sure=False)
        return
    if old in state.groups:
        if effect.sure:
            del state.groups[old]
        else:
            state.groups[old] = Group(before.gid, sure=False)
    if new:
        state.groups[new] = Group(before.gid, before.sure and effect.sure)


def rewrite_groups(state: BuildState, text: str | None) -> None:
    """Take in that /etc/group is another file, with that text; None for one that is not known."""
    if text is None:
        state.groups = None
        return
    rows = (line.split(":") for line in text.split("\n"))
    state.groups = Growing({row[0]: Group(natural(row[2])) for row in rows if len(row) >= 3 and row[0]})


def text_of_known(node: Node) -> str | None:
    """The text of a file that is surely there; None where it is not known."""
    data = node.blob.data if node.sure else None
    return None if data is None else data.decode("utf-8", "replace")
