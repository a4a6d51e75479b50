"""Which effects of build commands may bring accounts by the file that holds them, and not by their names."""

from posixpath import basename

from ..effects.model import Copy, Effect, Opens, Write
from ..effects.packages import MAKES_ACCOUNTS
from ..text.symbolic import Text
from .apply_paths import at
from .build_state import BuildState

_DATABASE = "/etc/passwd"


def bring_accounts(state: BuildState, effect: Effect) -> None:
    """Leave the image's accounts open where the effect may put a list of accounts there whose content is not known."""
    if _brings(state, effect):
        state.doubt_accounts(f"{effect.place} may bring accounts")


def _brings(state: BuildState, effect: Effect) -> bool:
    match effect:
        case Write():
            known = effect.content is not None and effect.content.literal is not None
            return not known and not effect.keeps and _is_database(state, effect.path)
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
    return state.exists(inside + below) is not False
