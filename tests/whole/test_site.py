"""The documentation's site is built from the documents and the code, all its links lead somewhere, and it loads nothing."""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from ctlint.lint.arguments.parser import parser
from ctlint.lint.config.keys import TABLES, VALUES
from ctlint.lint.output.rule_examples import example_of
from ctlint.rules.discover import all_rules
from mutations import MUTATIONS

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    pages = tmp_path_factory.mktemp("site") / "pages"
    subprocess.run([sys.executable, ROOT / "tools" / "site_pages.py", pages], check=True)
    built = [PROGRAMS / "zensical", "build", "--strict", "--config-file", pages / "mkdocs.yml"]
    ran = subprocess.run(built, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return pages / "site"


def test_every_link_between_its_pages_leads_somewhere(site: Path) -> None:
    texts = {path: path.read_text("utf-8") for path in site.rglob("*.html") if path.name != "404.html"}
    anchors = {path: set(re.findall(r'\bid="?([^"\s>]+)', text)) for path, text in texts.items()}
    dead: list[str] = []
    followed = 0
    for path, text in texts.items():
        for target in re.findall(r'\b(?:href|src)="?([^"\s>]+)', text):
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            file = (path.parent / unquote(parts.path)).resolve() if parts.path not in ("", ".") else path
            file = file / "index.html" if file.is_dir() else file
            followed += 1
            if not file.exists() or (
                parts.fragment and file in anchors and unquote(parts.fragment) not in anchors[file]
            ):
                dead.append(f"{path.relative_to(site)}: {target}")
    assert dead == []
    assert followed > 1000


def test_it_loads_nothing_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        loaded = re.findall(r"<(?:script|img|iframe)[^>]*\bsrc=\"?(https?:[^\">\s]+)", path.read_text("utf-8"))
        loaded += re.findall(r"<link[^>]*rel=\"?stylesheet[^>]*href=\"?(https?:[^\">\s]+)", path.read_text("utf-8"))
        assert loaded == [], path


def test_each_rule_has_a_page_with_its_examples(site: Path) -> None:
    for rule in all_rules():
        text = (site / "rules" / rule.code.lower() / "index.html").read_text("utf-8")
        assert f"{rule.code} {rule.name}" in text
        example = example_of(rule.code)
        assert example is not None
        assert all(file.path in text for file in (*example.bad, *example.good))


def test_the_reference_has_every_key_and_every_command(site: Path) -> None:
    keys = (site / "reference" / "configuration" / "index.html").read_text("utf-8")
    assert [key for key in (*VALUES, *TABLES) if f"<code>{key}</code>" not in keys] == []
    commands = (site / "reference" / "commands" / "index.html").read_text("utf-8")
    for name in ("lint", "graph", "inspect", "rule", "init", "lsp"):
        assert f"usage: ctlint {name}" in commands


def test_the_schemas_are_where_their_addresses_say(site: Path) -> None:
    assert json.loads((site / "schemas" / "lint.json").read_text("utf-8"))["title"]


def test_what_is_said_about_accuracy_is_what_is_on_record() -> None:
    text = (ROOT / "docs" / "trust.md").read_text("utf-8")
    record = json.loads((ROOT / "tools" / "ecosystem-findings.json").read_text("utf-8"))
    defects, repositories = (int(number) for number in re.findall(r"More than (\d+)", text))
    assert len(MUTATIONS) > defects
    assert len(record) > repositories
    assert sum(map(len, record.values())) < 3 * len(record)


COMMAND = re.compile(r"^(?:\$ )?ctlint (.*(?:\\\n.*)*)", re.MULTILINE)
DOCUMENTS = [path for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")) if path.name != "rules.md"]


def test_the_commands_in_the_documents_are_ones_that_ctlint_takes() -> None:
    taken = 0
    for path in DOCUMENTS:
        for block in re.findall(
            r"^```(?:sh|console)[^\n]*\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL
        ):
            for command in COMMAND.findall(block):
                words = subprocess.run(
                    ["bash", "-c", f"printf '%s\\0' {re.split(r' [|>#]|[|][|]|&&', command)[0]}"],
                    capture_output=True,
                    text=True,
                ).stdout.split("\0")[:-1]
                parser().parse_args(words)
                taken += 1
    assert taken >= 15
