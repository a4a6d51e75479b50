"""`ctlint rule`: the manual of the rules."""

import json
import sys
from collections.abc import Iterator

from ...lineage.text.errors import UsageError
from ...rules.base import Rule
from ...rules.discover import all_rules
from ..config.selection import Catalogue, is_shellcheck
from ..output.console import Color, Console, Line
from ..output.rule_examples import ExampleFile, example_of

_LANGUAGES = {".sh": "sh", ".desktop": "ini", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".json": "json"}
_LANGUAGE_OF_NAME = {"Dockerfile": "dockerfile", "Makefile": "make"}


def rule(wanted: str | None, every: bool, format: str, color: Color) -> int:
    """Print one rule's page, or the list (`every`: the pages) of all. Raises UsageError for an unknown rule."""
    rules = all_rules()
    if wanted is not None:
        rules = (rule_called(wanted),)
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
        raise UsageError(f"There is no rule `{wanted}`{catalogue.proposal(wanted)}. `ctlint rule` lists them.")
    word = catalogue.word_about(wanted)
    if word is not None and not found[1]:
        raise UsageError(word)
    if word is not None:
        sys.stderr.write(f"ctlint: {word}\n")
    return next(each for each in rules if each.code == found[1][0])


def _row(rule: Rule, width: int, columns: int) -> Line:
    head = f"{rule.code}  {rule.name:<{width}}  {rule.severity.label:<7}  "
    text = ("(preview) " if rule.preview else "") + rule.summary
    room = max(columns - len(head), 20)
    return [(head, ""), (text if len(text) <= room else text[: room - 1].rstrip() + "…", "dim")]


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


def page(rule: Rule, *, examples: bool = True) -> str:
    """A rule's page as Markdown, with an example that fails and one that is right."""
    title, _, rest = rule.manual.strip().partition("\n")
    body = rest.strip().replace("\n## ", "\n### ")
    if body.startswith("## "):
        body = "#" + body
    preview = ", in preview: only with `--preview`" if rule.preview else ""
    text = f"## {rule.code} {rule.name}\n\n{title} ({rule.severity.label}{preview})\n\n{body}\n"
    example = example_of(rule.code) if examples else None
    if example is None:
        return text
    before, heading, references = text.partition("### References\n")
    shown = "\n".join([*_section("Example that fails", example.bad), *_section("Example that is right", example.good)])
    return before + shown + "\n" + heading + references


def _section(title: str, files: tuple[ExampleFile, ...]) -> Iterator[str]:
    yield f"### {title}\n"
    for file in files:
        yield from _file(file)


def _file(file: ExampleFile) -> Iterator[str]:
    mode = f", mode {file.mode}" if file.mode is not None else ""
    if file.lines == ("",):
        found = ", with the finding" if file.marked else ""
        yield f"`{file.path}`, an empty file{mode}{found}.\n"
        return
    found = f", with the finding on {_listed(file.marked)}" if file.marked else ""
    yield f"`{file.path}`{mode}{found}:\n"
    yield f"```{'text' if file.marked else _language(file)}"
    for row in file.excerpt():
        gutter = "" if not file.marked else "> " if row is not None and row[0] in file.marked else "  "
        yield (gutter + ("…" if row is None else row[1])).rstrip()
    yield "```\n"


def _listed(numbers: tuple[int, ...]) -> str:
    if len(numbers) == 1:
        return f"line {numbers[0]}"
    return f"lines {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _language(file: ExampleFile) -> str:
    name = file.path.rpartition("/")[2]
    suffix = name[name.rfind(".") :] if "." in name else ""
    by_name = _LANGUAGE_OF_NAME.get(name) or _LANGUAGES.get(suffix)
    return by_name or ("sh" if file.lines[0].startswith("#!") and "sh" in file.lines[0] else "text")
