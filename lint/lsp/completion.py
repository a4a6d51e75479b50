"""Completion inside `# ctlint: ignore[…]`: the rules, those that are found in the file first (LSP 3.17, "Completion Request")."""

import re

from lsprotocol import types

from ...lineage.late.patterns import pattern
from ...rules.discover import all_rules
from ..output.rule_page import page
from .spot import Spot

TRIGGERS = ["[", ","]
_OPEN = pattern(r"#[ \t]*ctlint[ \t]*:[ \t]*ignore(?:-file)?[ \t]*\[(?P<codes>[^\]\n]*)\Z", re.IGNORECASE)


def completion(spot: Spot) -> list[types.CompletionItem] | None:
    """The rules that can stand at a spot, with their pages; None where it is in no ignore comment."""
    found = _OPEN.search(spot.text[: spot.offset].rpartition("\n")[2])
    if found is None:
        return None
    before, comma, begun = found["codes"].rpartition(",")
    begun = begun.lstrip()
    named = {each.strip().upper() for each in (before + comma).split(",")}
    here = {finding.rule for finding in spot.result.findings_in(spot.file)}
    place = spot.positions.range_between(spot.offset - len(begun), spot.offset)
    return [
        types.CompletionItem(
            label=rule.code,
            label_details=types.CompletionItemLabelDetails(description=rule.name),
            detail=rule.summary,
            documentation=types.MarkupContent(types.MarkupKind.Markdown, page(rule, examples=False)),
            kind=types.CompletionItemKind.EnumMember,
            sort_text=f"{0 if rule.code in here else 1}{rule.code}",
            filter_text=f"{rule.code} {rule.name}",
            text_edit=types.TextEdit(place, rule.code),
        )
        for rule in all_rules()
        if rule.code not in named
    ]
