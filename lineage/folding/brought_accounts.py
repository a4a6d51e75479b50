"""Which effects of build commands may bring accounts by the file that holds them, and not by their names."""

from posixpath import basename

from ..effects.model import Copy, Effect, Opens, Write
from ..effects.packages import MAKES_ACCOUNTS
from ..image.tree import may_hold_accounts
from ..text.symbolic import Text
from .apply_paths import at
from .build_state import BuildState

_DATABASE = "/etc/passwd"
_CHANGES_LINES = frozenset(("sed", "touch"))
"""What keeps the list and adds nothing to it but what can be read off the command; an editor or a patch may add accounts."""


def bring_accounts(state: BuildState, effect: Effect) -> None:
    """Leave the image's accounts open where the effect may put a list of accounts there whose content is not known."""
    if _brings(state, effect):
        state.doubt_accounts(f"{effect.place} may bring accounts")


def _brings(state: BuildState, effect: Effect) -> bool:
    match effect:
        case Write():
            known = effect.content is not None and effect.content.literal is not None
            kept = effect.keeps and effect.command is not None and effect.command.name in _CHANGES_LINES
            return not known and not kept and _is_database(state, effect.path)
        case Copy():
            target = at(effect.target)
            return target is not None and any(_reaches(state, source, target) for source in effect.sources)
        case Opens():
            return effect.command is not None and MAKES_ACCOUNTS.search(str(effect.command)) is not None
        case _:
            return False


def _is_database(state: BuildState, path: Text) -> bool:
    literal = at(path)
    return literal is not None and state.tree.resolve(literal) == _DATABASE


def _reaches(state: BuildState, source: Text, target: str) -> bool:
    """Whether a source that is copied to the target may become the list of accounts, or hold it."""
    if target == _DATABASE:
        return True
    if target not in ("/", "/etc"):
        return False
    literal = source.literal
    if literal is None:
        return not source.prefix.startswith("/") or basename(source.prefix) in ("", "passwd")
    inside = literal.rstrip("*").removesuffix("/.").rstrip("/")
    name = basename(inside)
    if target == "/etc" and name == "passwd":
        return True
    below = "/passwd" if target == "/etc" or name == "etc" else _DATABASE
    there = state.exists(inside + below)
    return there is True or (there is None and may_hold_accounts(state.tree, inside + below))
