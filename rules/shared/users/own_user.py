"""What the start of an image needs root for, and its own USER may not do, as no step of the build lends root."""

import re

from ....lineage.boot.plan import BootPlan, plan_of
from ....lineage.image.accounts import Account
from ....lineage.image.image import EffectiveImage
from ....lineage.image.program_lookup import program_on_path
from ....lineage.image.script_files import text_of
from ....lineage.image.tree import Node
from ....lineage.late.patterns import pattern
from ....lineage.text.numbers import is_digits
from ....lineage.text.symbolic import Text
from .root_needs import BY_OPERAND, RootNeed, is_root, root_needs

_LENDS = pattern(
    r"(?:[ugoa]*\+[rwx]*s[rwx]*\b|\b(?:chmod|mode=|-m)[^\n;&]{0,40}?\b[2467][0-7]{3}\b|\bsetcap\b|\bfixuid\b|\bsudoers\b|\bsetfacl\b)"
)
"""What a step of the build says that lets a program be root's for whoever calls it."""


def need_of_own_user(image: EffectiveImage, boot: BootPlan) -> RootNeed | None:
    """The first thing that the start of an image that says USER surely does and that root alone may: it becomes somebody else
    with a program that cannot do so for others (`gosu`, `su-exec`, `s6-setuidgid`). None where a step may lend it root.
    """
    user = image.user
    if user is None or is_root(user.value) or "$" in user.value:
        return None
    name = user.value.partition(":")[0]
    account = None if is_digits(name) else image.accounts.known.get(name)
    if isinstance(account, Account) and account.uid == 0:
        return None
    if any(_LENDS.search(step.instruction.body.text) for step in image.steps if step.instruction.keyword == "RUN"):
        return None
    for need in root_needs(plan_of(image, Text.of(name)) if boot.steps else boot):
        if need.vital and _is_by_own_user(need, name) and not _is_set_for_all(image, need):
            return need
    return None


def _is_by_own_user(need: RootNeed, name: str) -> bool:
    command = need.effect.command
    if command is None or need.effect.user.literal != name:
        return False
    words = [command.name, *(wrapper.name for wrapper in command.wrappers)]
    return any(word in BY_OPERAND for word in words) and not any(word in ("sudo", "doas") for word in words)


def _is_set_for_all(image: EffectiveImage, need: RootNeed) -> bool:
    """Whether the program has the setuid bit, or is not what its name says: a file of the repository's own, a function."""
    command = need.effect.command
    script = text_of(need.step.script.node) if need.step.script is not None else None
    names = [command.name, *(wrapper.name for wrapper in command.wrappers)] if command is not None else []
    for name in names:
        node = program_on_path(image, name) if name in BY_OPERAND else None
        if (
            name in BY_OPERAND
            and script is not None
            and re.search(rf"\b{name}[ \t]*\(\)|\bfunction[ \t]+{name}\b", script.text)
        ):
            return True
        if isinstance(node, Node) and (node.source is not None or (node.mode or 0) & 0o6000):
            return True
    return False
