"""The documents do what they say: their files are written, their commands run, and their output compared."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ctlint.lineage.builds import bake, ci_builds, hcl, prepared_files, script_builds, yaml_nodes
from ctlint.lineage.consumers import compose, helm_values, kustomize
from ctlint.lineage.dockerfile import expand_lexer, logical_lines
from ctlint.lineage.image import script_files
from ctlint.lineage.repository import plain_file, snapshot
from ctlint.lineage.text import budget
from ctlint.lint.config.keys import TABLES, VALUES

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(command: str, folder: Path) -> str:
    """What a command of a document prints in the folder, both streams, as a terminal shows it."""
    if command.startswith("ctlint "):
        command = f"{shlex.quote(sys.executable)} -m {command}"
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "GITHUB_ACTIONS")}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.stdout


def follows(document: Path, folder: Path) -> int:
    """Write the files of the document, run its commands and compare what they print; how many commands there were."""
    commands = 0
    for language, name, text in BLOCK.findall(document.read_text(encoding="utf-8")):
        if name:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            mode = file.stat().st_mode if file.exists() else 0o644
            file.write_text(text, encoding="utf-8")
            file.chmod(mode)
        elif language == "console":
            for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, expected = step.partition("\n")
                commands += 1
                assert matches(run(command, folder), expected), f"{command}\n{run(command, folder)}\n---\n{expected}"
    return commands


def matches(output: str, expected: str) -> bool:
    """Whether the output is what is expected; a line `…` stands for any lines."""
    pattern = "".join(".*" if line == "…\n" else re.escape(line) for line in expected.splitlines(keepends=True))
    return re.fullmatch(pattern, output, re.DOTALL) is not None


def test_a_line_of_dots_stands_for_lines_and_nothing_else_does() -> None:
    assert matches("one\ntwo\nthree\n", "one\n…\nthree\n")
    assert not matches("one\ntwo\n", "one\n")
    assert not matches("one\n", "two\n…\n")


@pytest.mark.parametrize(("name", "commands"), [("extending-cloudtop.md", 9), ("configuration.md", 1)])
def test_what_a_document_runs_prints_what_it_says(name: str, commands: int, tmp_path: Path) -> None:
    assert follows(DOCS / name, tmp_path) >= commands


def test_the_example_of_the_configuration_is_accepted(tmp_path: Path) -> None:
    follows(DOCS / "configuration.md", tmp_path)
    shown = run("ctlint config", tmp_path)
    assert "acme/viewer" in shown
    assert "ctlint.toml:" in shown


def test_every_key_of_the_configuration_is_explained() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    for key in (*VALUES, *TABLES):
        assert re.search(rf"^\|[^|]*`{key}`[^|]*\|", text, re.MULTILINE), key


def test_links_between_the_documents_lead_somewhere() -> None:
    for document in (*DOCS.glob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def mib(size: int) -> str:
    assert size % (1 << 20) == 0
    return f"{size >> 20} MiB"


LIMITS = {
    "a Dockerfile": (
        mib(logical_lines.LARGEST_FILE),
        f"{logical_lines.MOST_LINES:,} lines",
        f"{logical_lines.MOST_INSTRUCTIONS:,} instructions",
        f"{logical_lines.LONGEST_LINE:,} characters",
    ),
    "a file of a repository whose content is read": (
        mib(snapshot.LARGEST),
        f"beyond {mib(script_files.LONGEST)} that runs",
    ),
    "a YAML file, a build file, a compose file": (
        mib(yaml_nodes.LARGEST),
        mib(budget.LARGEST_BUILD_FILE),
        f"nested {yaml_nodes.DEEPEST} deep",
    ),
    "any other manifest": (f"{budget.LARGEST_MANIFEST >> 10} KiB",),
    "the reading of one build file": (f"{budget.FILE_STEPS:,} steps",),
    "a value that is put together": (
        f"{budget.LONGEST_VALUE:,} characters",
        mib(expand_lexer.LONGEST_RESULT),
        f"{expand_lexer.DEEPEST_NESTING:,} substitutions",
    ),
    "what one image's instructions ask for": (f"{budget.IMAGE_STEPS:,} steps",),
    "files that the copies": (f"{budget.TREE_COPIES:,}",),
    "files that the changes": (f"{budget.TREE_CHANGES:,}",),
    "files of all stages": (f"{budget.STAGE_ENTRIES:,}",),
    "`inherits` of a bake file": tuple(
        f"{each} deep" for each in (bake.DEEPEST, hcl.DEEPEST, compose.DEEPEST, kustomize.DEEPEST)
    ),
    "a matrix of bake": (f"{bake.MOST} targets", f"{ci_builds.MOST_JOBS} targets or jobs"),
    "files that a Makefile": (f"{script_builds.MOST_INCLUDES}",),
    "words of commands before a build": (f"{prepared_files.MOST_WORDS:,}",),
    "mappings and lists of a values.yaml": (f"{helm_values.MOST_NODES:,}",),
    "a script": (f"{budget.SCRIPT_STEPS:,} steps", f"{budget.STEPS_A_CHARACTER} for each character"),
    "configuration file": (mib(plain_file.LARGEST_SETTINGS),),
    "baseline": (mib(plain_file.LARGEST_LIST),),
}


def test_the_limits_that_are_told_are_those_of_the_code() -> None:
    text = (DOCS / "configuration.md").read_text("utf-8").partition("## Limits")[2]
    rows = dict(re.findall(r"^\| (.+?) \| (.+) \|$", text.partition("|---|---|\n")[2], re.MULTILINE))
    said = {
        row: next((key for key in LIMITS if row == key or (row.startswith(key) and key != "a script")), None)
        for row in rows
    }
    assert set(said.values()) == set(LIMITS)
    wrong = [
        (row, part) for row, key in said.items() for part in LIMITS[key or ""] if part not in f"{row}: {rows[row]}"
    ]
    assert wrong == []
