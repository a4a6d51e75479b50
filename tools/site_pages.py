"""Writes the sources of the documentation's site: the documents, and the pages that are made from the code.

Usage: tools/site_pages.py FOLDER. It gets docs/ and mkdocs.yml, which any generator that reads those can build.
The page of a rule is at rules/ctNNN/: SARIF, the language server and the terminal name that address.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from ctlint.lint.arguments.parser import parser  # noqa: E402
from ctlint.lint.installed_from import site_of  # noqa: E402
from ctlint.lint.output.json_schema import SCHEMAS, schema  # noqa: E402
from ctlint.lint.output.rule_page import page  # noqa: E402
from ctlint.lint.version import PUBLISHED, VERSION  # noqa: E402
from ctlint.rules.base import Rule  # noqa: E402
from ctlint.rules.discover import all_rules  # noqa: E402

FAMILIES = {
    "CT1": "s6 and its services",
    "CT2": "Init scripts",
    "CT3": "Users, homes and secrets",
    "CT4": "Launchers",
    "CT5": "Lineage",
    "CT6": "Start and run",
}
OF_THE_ROOT = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
}
GUIDE = (
    ("Extending CloudTop", "extending-cloudtop.md"),
    ("s6-overlay in ten minutes", "s6-in-ten-minutes.md"),
    ("In CI", "ci.md"),
    ("In the editor", "editors.md"),
    ("Real images", "real-images.md"),
)
_FENCE = re.compile(r"^(?P<fence>```+).*?^(?P=fence)$", re.MULTILINE | re.DOTALL)


def pages() -> dict[str, str]:
    """All made pages by their path in the site's sources."""
    made = {name: _of_the_root(source) for source, name in OF_THE_ROOT.items() if (ROOT / source).exists()}
    rules = all_rules()
    made["rules/index.md"] = "\n".join(_list_of(rules))
    made |= {f"rules/{rule.code.lower()}.md": _rule(rule) for rule in rules}
    made["reference/configuration.md"] = "\n".join(_configuration())
    made["reference/commands.md"] = "\n".join(_commands())
    made |= {f"schemas/{name}.json": schema(name) for name in SCHEMAS}
    return made


def navigation(rules: tuple[Rule, ...]) -> list[dict[str, Any]]:
    """The site's contents."""
    of_rules: list[Any] = ["rules/index.md"]
    for family, title in FAMILIES.items():
        own = [
            {f"{rule.code} {rule.name}": f"rules/{rule.code.lower()}.md"}
            for rule in rules
            if rule.code.startswith(family)
        ]
        of_rules += [{title: own}] if own else []
    more = (("Architecture", "ARCHITECTURE.md"), ("Contributing", "CONTRIBUTING.md"), ("Security", "SECURITY.md"))
    return [
        {"Start": "index.md"},
        {"Guide": [{title: path} for title, path in GUIDE]},
        {"Rules": of_rules},
        {
            "Reference": [
                {"Configuration, explained": "configuration.md"},
                {"Every key": "reference/configuration.md"},
                {"Every command": "reference/commands.md"},
            ]
        },
        {
            "About": [
                {"How right it is": "trust.md"},
                {"How fast it is": "performance.md"},
                {"Bundled profiles": "profiles.md"},
                *({title: OF_THE_ROOT[source]} for title, source in more if (ROOT / source).exists()),
                {"Changes": "changelog.md"},
                {"Releasing": "releasing.md"},
            ]
        },
    ]


def _of_the_root(source: str) -> str:
    text = re.sub(r"<!-- published\n.*?-->\n", "", (ROOT / source).read_text("utf-8"), flags=re.DOTALL)

    def link(found: re.Match[str]) -> str:
        target, anchor = found["target"], found["anchor"] or ""
        if target.startswith("docs/"):
            return f"]({target.removeprefix('docs/')}{anchor})"
        if target in OF_THE_ROOT:
            return f"]({OF_THE_ROOT[target]}{anchor})"
        return f"]({PUBLISHED}/blob/HEAD/{target}{anchor})" if PUBLISHED else f"](#{_anchor(text)})"

    return re.sub(r"\]\((?P<target>(?!https?:|#)[^)#\s]+)(?P<anchor>#[^)]*)?\)", link, text)


def _anchor(text: str) -> str:
    """The anchor of a page's own title: where a file of a repository that has no address yet leads."""
    return re.sub(r"[^\w]+", "-", text.partition("\n")[0].strip("# ").lower()).strip("-")


def _rule(rule: Rule) -> str:
    """The page as `ctlint rule` prints it, with its headings one step up."""
    return _outside_code(page(rule), lambda text: re.sub(r"^##", "#", text, flags=re.MULTILINE))


def _list_of(rules: tuple[Rule, ...]) -> Iterator[str]:
    yield f"# The rules\n\nctlint {VERSION} has {len(rules)} rules. `ctlint rule CT205` prints a page in the terminal.\n"
    for family, title in FAMILIES.items():
        yield f"## {title}\n\n| rule | severity | |\n|---|---|---|"
        for rule in rules:
            if rule.code.startswith(family):
                preview = " (preview)" if rule.preview else ""
                cell = f"[{rule.code} {rule.name}]({rule.code.lower()}.md)"
                yield f"| {cell} | {rule.severity.label}{preview} | {rule.summary.replace('|', chr(92) + '|')} |"
        yield ""


def _configuration() -> Iterator[str]:
    described: dict[str, Any] = json.loads(schema("config"))
    yield f"# Every key of the configuration\n\n{described['description']}"
    yield "Made from the JSON Schema that `ctlint config --schema` prints.\n"
    for name, key in described["properties"].items():
        yield f"## `{name}`\n\n{key.get('description', '')}\n"
        yield f"Type: {_type(key)}" + (f", default `{json.dumps(key['default'])}`" if "default" in key else "") + ".\n"


def _type(key: dict[str, Any]) -> str:
    if "$ref" in key:
        return {"selector": "code, family or name of a rule", "severity": "`error`, `warning` or `info`"}.get(
            key["$ref"].rpartition("/")[2], key["$ref"].rpartition("/")[2]
        )
    if key.get("type") == "array":
        return f"list of {_type(key['items'])}"
    if key.get("type") == "object":
        return "table"
    return str(key.get("type", "see below")).replace("string", "text")


def _commands() -> Iterator[str]:
    top = parser()
    yield f"# Every command\n\nWhat `ctlint COMMAND --help` prints.\n\n```text\n{top.format_help()}```\n"
    for action in top._subparsers._group_actions if top._subparsers else ():
        for name, command in (action.choices or {}).items():  # type: ignore[attr-defined]
            yield f"## {name}\n\n```text\n{command.format_help()}```\n"


def _outside_code(text: str, change: Any) -> str:
    """The text with what stands outside of code blocks changed."""
    pieces: list[str] = []
    at = 0
    for block in _FENCE.finditer(text):
        pieces += [change(text[at : block.start()]), block[0]]
        at = block.end()
    return "".join([*pieces, change(text[at:])])


def titled(markdown: str) -> str:
    """A code block that is a file (```yaml .gitlab-ci.yml) gets its name as title."""
    return re.sub(r"^(```\w+) (\S+)$", r'\1 title="\2"', markdown, flags=re.MULTILINE)


def main(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("rules.md"))
    made = pages() | {path.name: path.read_text("utf-8") for path in (folder / "docs").glob("*.md")}
    for source, name in OF_THE_ROOT.items():
        made = {path: text.replace(f"](../{source}", f"]({name}") for path, text in made.items()}
    for name, text in made.items():
        path = folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(titled(text.replace("](rules.md", "](rules/index.md")), "utf-8")
    configuration = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
    configuration["nav"] = navigation(all_rules())
    if PUBLISHED:
        configuration |= {"site_url": site_of(PUBLISHED), "repo_url": PUBLISHED}
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(configuration, sort_keys=False), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
