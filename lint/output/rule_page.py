"""A rule's page as Markdown: its manual, with an example that fails and one that is right."""

from collections.abc import Iterator

from ...rules.base import Rule
from .rule_examples import ExampleFile, example_of

_LANGUAGES = {".sh": "sh", ".desktop": "ini", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".json": "json"}
_LANGUAGE_OF_NAME = {"Dockerfile": "dockerfile", "Makefile": "make"}


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
