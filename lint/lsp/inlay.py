"""Inlay hints: who makes the account that a variable names, where it is first used (LSP 3.17, "Inlay Hint Request")."""

from collections.abc import Iterator

from lsprotocol import types

from .diagnostics import Editor, Locator
from .spot import Spot, expansions_in
from .variables import accounts_named_by


def inlay_hints(spot: Spot, editor: Editor, wanted: types.Range) -> list[types.InlayHint]:
    """The hints of a document within a range: one for each variable that names an account made at start."""
    first, last = spot.positions.offset(wanted.start), spot.positions.offset(wanted.end)
    return [hint for at, hint in _hints(spot, editor) if first <= at <= last]


def _hints(spot: Spot, editor: Editor) -> Iterator[tuple[int, types.InlayHint]]:
    accounts = accounts_named_by(spot)
    if not accounts:
        return
    located = Locator(spot.result, editor)
    told: set[str] = set()
    for variable in expansions_in(spot.text):
        account = accounts.get(variable.name)
        if account is None or variable.name in told:
            continue
        told.add(variable.name)
        place = account.effect.place
        if place.path == spot.shown:
            continue
        part = types.InlayHintLabelPart(
            f"made at start by {place.path.rpartition('/')[2]}:{place.line}", location=located(place)
        )
        yield (
            variable.end,
            types.InlayHint(spot.positions.position(variable.end), [part], padding_left=True),
        )
