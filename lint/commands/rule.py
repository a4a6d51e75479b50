"""`ctlint rule`: the manual of the rules."""

import json
import textwrap

from ...lineage.text.errors import UsageError
from ...rules.base import Rule
from ...rules.discover import all_rules
from ..config.selection import Catalogue, is_shellcheck
from ..output.complaints import complain
from ..output.console import Color, Console, Line
from ..output.rule_examples import ExampleFile, example_of
from ..output.rule_lines import page_lines
from ..output.rule_page import page
from ..output.terminal import write_document


def rule(wanted: str | None, every: bool, format: str, color: Color) -> int:
    """Print one rule's page, or the list (`every`: the pages) of all. Raises UsageError for an unknown rule."""
    rules = all_rules()
    if wanted is not None:
        rules = (rule_called(wanted),)
    if format == "json":
        write_document(json.dumps([_as_json(each) for each in rules], indent=2, ensure_ascii=False) + "\n")
    elif format == "markdown":
        write_document("\n".join(page(each) for each in rules))
    elif wanted is None and not every:
        console = Console(color=color)
        width = max(len(each.name) for each in rules)
        console.write(
            [line for each in rules for line in _rows(each, width, console.width if console.bounded else None)]
        )
    else:
        _write_pages("\n".join(page(each) for each in rules), color)
    return 0


def _write_pages(text: str, color: Color) -> None:
    """For a terminal with its width and its colours; Markdown for a pipe."""
    console = Console(color=color)
    if console.terminal or console.painted:
        console.write(page_lines(text, console.width))
    else:
        write_document(text)


def rule_called(wanted: str) -> Rule:
    """The rule of that code or name, or that was once called so. Raises UsageError where there is none."""
    rules = all_rules()
    catalogue = Catalogue.of(rules)
    if is_shellcheck(wanted.upper()):
        from ..judging.shellcheck import wiki

        raise UsageError(f"`{wanted}` is a rule of ShellCheck: {wiki(wanted.upper())}")
    found = catalogue.meant(wanted)
    if found is not None and found[0] != Catalogue.WHOLE and found[1]:
        raise UsageError(f"`{wanted}` stands for several rules: `ctlint rule` lists them.")
    if found is None or found[0] != Catalogue.WHOLE:
        raise UsageError(f"There is no rule `{wanted}`{catalogue.proposal(wanted)} `ctlint rule` lists them.")
    word = catalogue.word_about(wanted)
    if word is not None and not found[1]:
        raise UsageError(word)
    if word is not None:
        complain(word)
    return next(each for each in rules if each.code == found[1][0])


def _rows(rule: Rule, width: int, columns: int | None) -> list[Line]:
    """The rule's line; where it is longer than there are columns, its summary goes on below itself."""
    head = f"{rule.code}  {rule.name:<{width}}  {rule.severity.label:<7}  "
    text = ("(preview) " if rule.preview else "") + rule.summary
    room = len(text) if columns is None else max(columns - len(head), 20)
    first, *rest = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
    blank = " " * len(head)
    return [[(head, ""), (first, "dim")], *([(blank, ""), (row, "dim")] for row in rest)]


def _as_json(rule: Rule) -> dict[str, object]:
    example = example_of(rule.code)
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.label,
        "preview": rule.preview,
        "summary": rule.summary,
        "manual": rule.manual.strip(),
        "examples": None
        if example is None
        else {
            "bad": [_file_as_json(file) for file in example.bad],
            "good": [_file_as_json(file) for file in example.good],
        },
    }


def _file_as_json(file: ExampleFile) -> dict[str, object]:
    return {"path": file.path, "mode": file.mode, "text": "\n".join(file.lines), "lines": list(file.marked)}
