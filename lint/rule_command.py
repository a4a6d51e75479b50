"""`ctlint rule`: the manual of the rules."""

import json
import sys

from ..lineage.errors import UsageError
from ..rules.base import Rule
from ..rules.discover import all_rules
from .console import Color, Console, Line
from .selection import nearest


def rule(wanted: str | None, every: bool, format: str, color: Color) -> int:
    """Print one rule's page, or the list (`every`: the pages) of all. Raises UsageError for an unknown rule."""
    rules = all_rules()
    if wanted is not None:
        chosen = [each for each in rules if wanted.upper() == each.code or wanted == each.name]
        if not chosen:
            near = nearest(wanted, [*(r.code for r in rules), *(r.name for r in rules)])
            raise UsageError(
                f"There is no rule {wanted!r}." + (f" Did you mean {near}?" if near else " `ctlint rule` lists them.")
            )
        rules = tuple(chosen)
    if format == "json":
        sys.stdout.write(json.dumps([_as_json(each) for each in rules], indent=2, ensure_ascii=False) + "\n")
    elif format == "markdown":
        sys.stdout.write("\n".join(page(each) for each in rules))
    elif wanted is None and not every:
        console = Console(color=color)
        width = max(len(each.name) for each in rules)
        console.write([_row(each, width, console.width) for each in rules])
    else:
        sys.stdout.write("\n".join(page(each) for each in rules))
    return 0


def _row(rule: Rule, width: int, columns: int) -> Line:
    head = f"{rule.code}  {rule.name:<{width}}  {rule.severity.label:<7}  "
    return [(head, ""), (rule.summary[: max(columns - len(head), 20)], "dim")]


def _as_json(rule: Rule) -> dict[str, object]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.label,
        "preview": rule.preview,
        "summary": rule.summary,
        "manual": rule.manual.strip(),
    }


def page(rule: Rule) -> str:
    """A rule's page as Markdown."""
    title, _, rest = rule.manual.strip().partition("\n")
    body = rest.strip().replace("\n## ", "\n### ")
    if body.startswith("## "):
        body = "#" + body
    return f"## {rule.code} {rule.name}\n\n{title} ({rule.severity.label})\n\n{body}\n"
