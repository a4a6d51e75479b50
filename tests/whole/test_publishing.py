"""All that a release needs is in the tree, and every address of ctlint is the one that is set, or one nobody can take."""

import json
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ctlint.lint.version import PUBLISHED, VERSION

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
PUBLISH: dict[str, Any] = runpy.run_path(str(ROOT / "tools" / "publish.py"))
ADDRESS = "https://github.com/acme/ctlint"
SCHEMAS = {
    ".github/workflows/*.yml": "vendor.github-workflows",
    ".github/dependabot.yml": "vendor.dependabot",
    ".github/ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
    ".github/ISSUE_TEMPLATE/[!c]*.yml": "vendor.github-issue-forms",
    "CITATION.cff": "vendor.citation-file-format",
}


def told(capsys: pytest.CaptureFixture[str], *argv: str, root: Path, code: int = 0) -> str:
    main: Callable[[list[str], Path], int] = PUBLISH["main"]
    assert main(list(argv), root) == code
    return capsys.readouterr().out


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what names an address."""
    for path in (*PUBLISH["documents"](ROOT), PUBLISH["variable"](ROOT)):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return tmp_path


def texts(root: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(root.rglob("*")) if path.is_file())


@pytest.mark.parametrize(("files", "schema"), SCHEMAS.items())
def test_hosts_accept_their_files(files: str, schema: str) -> None:
    found = sorted(ROOT.glob(files))
    assert found
    ran = subprocess.run([PROGRAMS / "check-jsonschema", "--builtin-schema", schema, *found], capture_output=True)
    assert ran.returncode == 0, ran.stdout


def test_zizmor_has_nothing_against_the_workflows() -> None:
    asked = [PROGRAMS / "zizmor", "--offline", "--no-progress", "--persona=auditor", ".github"]
    ran = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "No findings to report" in ran.stdout


def test_ci_covers_the_versions_that_the_package_names_and_the_other_systems() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert jobs["test"]["strategy"]["matrix"]["python"] == named
    systems = jobs["elsewhere"]["strategy"]["matrix"]["system"]
    assert [system.partition("-")[0] for system in systems] == ["macos", "windows"]


def test_one_command_names_the_address_everywhere_and_another_moves_it(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, ADDRESS, root=tree)
    text = texts(tree)
    assert "ctlint.example" not in text
    assert f'PUBLISHED = "{ADDRESS}"' in text
    assert f"repository-code: {ADDRESS}\n" in text
    assert f"repo: {ADDRESS}\n" in text
    assert f"{ADDRESS}/security/advisories/new" in text
    assert "uses: acme/ctlint@" in text
    assert "pipx install ctlint " in text
    told(capsys, ADDRESS, root=tree)
    assert texts(tree) == text
    told(capsys, "https://github.com/other/ctlint", root=tree)
    assert "acme/ctlint" not in texts(tree)


def test_a_release_says_what_is_missing(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "https://github.com/acme/other", root=tree)
    (changes := tree / "CHANGELOG.md").write_text("## Unreleased\n- new\n## 9.9.9\n- newer\n", "utf-8")
    said = told(capsys, "--check", ADDRESS, "v9.9.9", root=tree, code=1)
    assert said.count("\n") == 3
    assert f"run tools/publish.py {ADDRESS}" in said
    changes.write_text(f"## Unreleased\n- new\n## {VERSION} (a day)\n- said\n- more\n## 0.0.1\n- old\n", "utf-8")
    told(capsys, ADDRESS, root=tree)
    assert told(capsys, "--notes", root=tree) == "- said\n- more\n"
    assert told(capsys, "--check", ADDRESS, f"v{VERSION}", root=tree).endswith(f"released from {ADDRESS}.\n")


@pytest.mark.parametrize("address", ["acme/ctlint", "http://github.com/a/b", "https://github.com/a/b c", "--chek"])
def test_what_is_no_address_is_not_named(tree: Path, capsys: pytest.CaptureFixture[str], address: str) -> None:
    before = texts(tree)
    told(capsys, address, root=tree, code=2)
    assert texts(tree) == before


def test_the_version_is_the_same_everywhere_and_in_the_changelog() -> None:
    (heading,) = re.findall(r"\A.*?^## (\d\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert heading == VERSION
    extension = json.loads((ROOT / "editors/vscode/package.json").read_text("utf-8"))
    assert extension["version"] == VERSION
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["version"] == VERSION


@pytest.mark.skipif(bool(PUBLISHED), reason="there is an address that is ours")
def test_until_there_is_one_nothing_names_an_address_that_a_stranger_could_take() -> None:
    anybody = re.compile(
        r"pypi\.org/project/ctlint|(?:pip|pipx|uv tool) install (?:--?[\w-]+ )*['\"]?ctlint\b|github\.com/\w+/ctlint\b"
    )
    ours = [*PUBLISH["documents"](ROOT), *(ROOT / "lint").rglob("*.py"), ROOT / "action.yml"]
    named = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in ours
        for found in anybody.finditer(re.sub("(?s)<!-- published.*?-->", "", path.read_text("utf-8")))
        if path.name not in ("release.yml", "releasing.md")
    ]
    assert named == []
