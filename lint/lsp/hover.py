"""Hover: the page of the rule that a finding is of, and where a variable comes from (LSP 3.17, "Hover Request")."""

from lsprotocol import types

from ...lineage.text.errors import Unknown
from ...lineage.text.places import Place
from ...rules.discover import all_rules
from ..output.rule_page import page
from .diagnostics import Editor, Locator
from .markdown import plain
from .positions import Positions
from .spot import Spot, SpotVariable
from .variables import About, about_variable, is_known_name


def hover(spot: Spot, editor: Editor) -> types.Hover | None:
    """What is known at a spot; None where nothing is to be said."""
    parts: list[str] = []
    found: types.Range | None = None
    variable = spot.variable()
    if variable is not None:
        text = _variable(spot, editor, variable)
        if text:
            parts.append(text)
            found = spot.positions.range_between(variable.start, variable.end)
    pages = {rule.code: rule for rule in all_rules()}
    located = Locator(spot.result, editor)
    for finding in spot.result.findings_in(spot.file):
        location = located(finding.place)
        if location is None or not _holds(location.range, spot.positions, spot.offset):
            continue
        rule = pages.pop(finding.rule, None)
        if rule is not None:
            parts.append(page(rule).strip())
            found = found or location.range
    if not parts:
        return None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, "\n\n---\n\n".join(parts)), found)


def _variable(spot: Spot, editor: Editor, variable: SpotVariable) -> str:
    name = variable.name
    try:
        if not variable.expanded and not is_known_name(spot, name):
            return ""
        found = about_variable(spot, name, expanded=variable.expanded)
    except Unknown as unknown:
        return f"`{name}`: cannot know: {plain(unknown.reason)}"
    return "\n\n".join(_about(each, name, spot, editor) for each in found)


def _about(about: About, name: str, spot: Spot, editor: Editor) -> str:
    lines = [f"**`{name}`** in {', '.join(map(plain, about.images))}", ""]
    for fact in about.facts:
        where = f" ({_link(fact.place, spot, editor)})" if fact.place is not None else ""
        lines.append(f"- {fact.text}{where}")
    return "\n".join(lines)


def _link(place: Place, spot: Spot, editor: Editor) -> str:
    """A place as a link, where it is in a file at hand."""
    file = spot.result.file(place.path)
    if file is None or spot.result.text_of(place.path) is None:
        return plain(str(place))
    return f"[{plain(str(place))}]({editor.uri(file)}#L{place.line})"


def _holds(where: types.Range, positions: Positions, offset: int) -> bool:
    return positions.offset(where.start) <= offset <= positions.offset(where.end)
