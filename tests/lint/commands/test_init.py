"""`ctlint init`: what it writes works, what is there stays, and a second run changes nothing."""

import argparse
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from ctlint.lint.arguments.parser import parser
from ctlint.lint.cli import main
from ctlint.lint.commands.init_files import gitlab, hook, jenkins
from ctlint.lint.commands.precommit_file import with_hook
from ctlint.lint.config.effective import load_config
from ctlint.lint.installed_from import PINNED, page_of, public_address, requirement, site_of, source
from ctlint.lint.output.json_schema import schema
from ctlint.rules.base import Severity
from derived import commit, git

WORKFLOW = Path(".github/workflows/ctlint.yml")
PRE_COMMIT = Path(".pre-commit-config.yaml")
CONFIG = Path("ctlint.toml")


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    top = tmp_path / "top"
    (top / ".git").mkdir(parents=True)
    monkeypatch.chdir(top)
    monkeypatch.setattr("ctlint.lint.commands.init.requirement", lambda: PINNED)
    return top


def said(capsys: pytest.CaptureFixture[str], *argv: str, code: int = 0) -> str:
    assert main(["init", *argv]) == code
    return capsys.readouterr().out


def files() -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def test_it_writes_three_files_and_names_them(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys)
    assert set(files()) == {str(WORKFLOW), str(PRE_COMMIT), str(CONFIG)}
    for path in files():
        assert f"Wrote {path}.\n" in out


def test_a_baseline_that_is_there_is_in_force(capsys: pytest.CaptureFixture[str]) -> None:
    Path("ctlint-baseline.json").write_text('{"version": 1, "findings": []}')
    said(capsys)
    assert load_config(Path()).baseline == Path("ctlint-baseline.json").absolute()


def test_the_configuration_is_valid_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys)
    config = load_config(Path())
    assert config.fail_on is Severity.WARNING
    keys = re.findall(r'^# (\[.+\]|(?:[a-z-]+|CT\d+|".+") = .+)$', CONFIG.read_text(), re.MULTILINE)
    CONFIG.write_text("\n".join(keys))
    config = load_config(Path())
    assert config.layers[0].ignore == ("CT501",)
    assert config.parents["acme/base"].kind == "github"


def test_the_hook_is_one_that_pre_commit_and_ctlint_understand(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys)
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", str(PRE_COMMIT)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout
    (repo,) = yaml.safe_load(PRE_COMMIT.read_text())["repos"]
    (hook,) = repo["hooks"]
    program, *arguments = hook["entry"].split()
    assert program == "ctlint"
    assert isinstance(parser().parse_args(arguments), argparse.Namespace)


def test_the_workflow_is_clean_to_zizmor(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys)
    zizmor = shutil.which("zizmor", path=str(Path(sys.executable).parent)) or "zizmor"
    done = subprocess.run(
        [zizmor, "--offline", "--no-progress", str(WORKFLOW)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout


def test_a_second_run_keeps_everything(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys)
    before = files()
    out = said(capsys)
    assert files() == before
    assert out.count("Kept ") == 3
    assert "Wrote" not in out


def test_what_is_there_stays_without_force(capsys: pytest.CaptureFixture[str]) -> None:
    CONFIG.write_text('fail-on = "error"\n')
    WORKFLOW.parent.mkdir(parents=True)
    WORKFLOW.write_text("name: mine\n")
    before = files()
    assert "which is there already (--force replaces it)" in said(capsys)
    assert {path: text for path, text in files().items() if path in before} == before
    PRE_COMMIT.write_text("repos:\n- repo: local\n  hooks: []\n")
    out = said(capsys, "--force")
    assert f"Replaced {CONFIG}." in out
    assert f"Replaced {WORKFLOW}." in out
    assert "name: Lint the images" in WORKFLOW.read_text()
    assert PRE_COMMIT.read_text().startswith("repos:\n- repo: local\n  hooks: []\n"), "it is not ctlint's own file"
    assert said(capsys, "--force").count("Kept ") == 3


@pytest.mark.parametrize(
    "before",
    [
        "repos:\n- repo: https://example.org/a\n  rev: v1\n  hooks:\n  - id: a\n",
        "repos:\n  - repo: https://example.org/a\n    rev: v1\n    hooks:\n      - id: a # why\n",
        "# ours\r\nrepos:\r\n  - repo: local\r\n    hooks: [{id: a, name: a, entry: a, language: system}]\r\n",
        "repos:\n- repo: x\n  hooks: [{id: a}]\n  rev: |\n    one\n    two\n\n\n# the end\n",
        "default_stages: [pre-commit]\nrepos:\n  - repo: x\n    rev: 'é'\n    hooks:\n      - id: a\n        args:\n"
        "          - one\n          # two\n\n# about ci\nci:\n  skip: [a]\n",
        "repos:\n  - repo: x\n    hooks:\n      - id: a",
        "repos:\n  - repo: x\n    hooks:\n      - id: a\n        args: [\n          one,\n        ]\nexclude: >-\n  a\n  b\n",
        "---\nrepos:\n  - repo: x\n    hooks:\n      - id: a\n...\n",
    ],
)
def test_the_hook_joins_others_and_leaves_every_byte(capsys: pytest.CaptureFixture[str], before: str) -> None:
    PRE_COMMIT.write_bytes(before.encode("utf-8"))
    assert f"Added ctlint to {PRE_COMMIT}." in said(capsys)
    after = PRE_COMMIT.read_bytes().decode("utf-8")
    old, new = yaml.safe_load(before), yaml.safe_load(after)
    assert new == {**old, "repos": [*old["repos"], *yaml.safe_load(hook(PINNED))]}
    rows, end = before.splitlines(), "\r\n" if "\r\n" in before else "\n"
    kept = iter(after.split(end))
    assert all(row in kept for row in rows), "a line is gone, or moved"
    assert len(after.splitlines()) == len(rows) + len(hook(PINNED).splitlines())
    assert "which has a hook of ctlint already" in said(capsys)
    assert PRE_COMMIT.read_bytes().decode("utf-8") == after


@pytest.mark.parametrize(
    "before", ["repos: []\n", "repos: [{repo: x, hooks: [{id: a}]}]\n", "{\n", "", "- a\n", "repos:\n", "a: &x [*x]\n"]
)
def test_a_file_that_cannot_be_added_to_is_kept_and_the_hook_is_printed(
    capsys: pytest.CaptureFixture[str], before: str
) -> None:
    PRE_COMMIT.write_text(before)
    out = said(capsys)
    assert PRE_COMMIT.read_text() == before
    assert "    - repo: local\n" in out


def test_bytes_that_are_no_text_are_left_alone() -> None:
    assert with_hook(b"repos:\n- repo: \xff\n", hook(PINNED)) is None


def test_a_hook_of_ctlints_repository_is_a_hook_too() -> None:
    there = b"repos:\n- repo: https://example.org/ctlint\n  rev: v1\n  hooks:\n  - id: ctlint-fix\n"
    assert with_hook(there, hook(PINNED)) == there


@pytest.mark.parametrize("name", [".gitlab-ci.yml", "Jenkinsfile"])
def test_other_ci_files_get_a_snippet_and_stay(capsys: pytest.CaptureFixture[str], name: str) -> None:
    Path(name).write_text("mine\n")
    out = said(capsys)
    assert Path(name).read_text() == "mine\n"
    assert f"For {name}, which stays as it is:" in out
    assert not WORKFLOW.exists(), "this repository is not on GitHub"
    Path(".github").mkdir()
    said(capsys)
    assert WORKFLOW.exists()


def test_the_gitlab_snippet_is_a_job() -> None:
    (job,) = yaml.safe_load(gitlab(PINNED)).values()
    install, report, log = job["script"]
    assert install.startswith("pip install ")
    assert log == "ctlint lint"
    arguments = report.removesuffix(" || true").split()[1:]
    assert parser().parse_args(arguments).format == "gitlab"
    assert str(parser().parse_args(arguments).output) == job["artifacts"]["reports"]["codequality"]


def test_an_existing_configuration_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert "below [tool.ctlint]" in said(capsys)
    CONFIG.unlink()
    Path("pyproject.toml").write_text("[tool.ctlint]\nfail-on = 'error'\n")
    out = said(capsys)
    assert "Kept pyproject.toml, which configures ctlint here" in out
    assert not CONFIG.exists()


def test_from_a_folder_below_it_writes_at_the_top(
    capsys: pytest.CaptureFixture[str], checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / "images").mkdir()
    monkeypatch.chdir(checkout / "images")
    said(capsys)
    assert (checkout / WORKFLOW).exists()
    assert list(Path().iterdir()) == []
    monkeypatch.chdir(checkout.parent)
    assert "Kept " in said(capsys, "top")


def test_what_was_written_before_a_failure_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path(".github").touch()
    assert main(["init"]) == 3
    captured = capsys.readouterr()
    assert captured.out == f"Wrote {CONFIG}.\nWrote {PRE_COMMIT}.\n"
    assert ".github" in captured.err


def test_no_folder_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "nosuch"]) == 2
    assert "nosuch is no folder" in capsys.readouterr().err


GIT_SOURCE = "ctlint @ git+https://example.org/a%20b/ctlint.git@0123456789abcdef0123456789abcdef01234567"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
OF_GITHUB = f'{{"url": "https://github.com/acme/ctlint.git", "vcs_info": {{"vcs": "git", "commit_id": "{COMMIT}"}}}}'


@pytest.fixture
def record(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str | None], None]]:
    """Sets what the installation has recorded of where it came from."""
    site = tmp_path_factory.mktemp("site-packages")
    installed = site / "ctlint-0.1.0.dist-info"
    installed.mkdir()
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])

    def record(text: str | None) -> None:
        if text is not None:
            (installed / "direct_url.json").write_text(text, "utf-8")
        source.cache_clear()

    yield record
    source.cache_clear()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ('{"url": "file:///home/me/ctlint", "dir_info": {"editable": true}}', None),
        ('{"url": "file:///tmp/ctlint.whl", "archive_info": {}}', None),
        (
            '{"url": "https://example.org/ctlint-1.whl", "archive_info": {}}',
            "ctlint @ https://example.org/ctlint-1.whl",
        ),
        (
            '{"url": "https://example.org/a%20b/ctlint.git", "vcs_info": {"vcs": "git", '
            '"commit_id": "0123456789abcdef0123456789abcdef01234567"}}',
            GIT_SOURCE,
        ),
        ('{"url": "file:///home/me/ctlint", "vcs_info": {"vcs": "git", "commit_id": "01"}}', None),
        ("[]", None),
        ("{", None),
    ],
)
def test_what_ci_installs_is_what_is_installed_here(
    record: Callable[[str | None], None], text: str | None, expected: str | None
) -> None:
    record(text)
    assert requirement() == expected


def test_a_package_index_counts_once_ctlint_is_published(
    record: Callable[[str | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    record(None)
    monkeypatch.setattr("ctlint.lint.installed_from.PUBLISHED", "https://github.com/acme/ctlint")
    assert requirement() == PINNED
    record(OF_GITHUB)
    assert requirement() == f"ctlint @ git+https://github.com/acme/ctlint.git@{COMMIT}"


def test_a_clone_stands_for_the_commit_of_its_origin(record: Callable[[str | None], None], tmp_path: Path) -> None:
    clone = tmp_path / "a clone"
    clone.mkdir()
    git(clone, "init", "--quiet")
    (clone / "a").touch()
    commit(clone)
    record(f'{{"url": "{clone.as_uri()}", "dir_info": {{}}}}')
    assert requirement() is None
    git(clone, "remote", "add", "origin", "https://me:secret@forge.example/acme/ctlint.git")
    head = git(clone, "rev-parse", "HEAD").strip()
    assert requirement() == f"ctlint @ git+https://forge.example/acme/ctlint.git@{head}"


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://forge.example/a/b.git", "https://forge.example/a/b.git"),
        ("https://me:secret@forge.example:8443/a/b?token=x", "https://forge.example:8443/a/b"),
        ("git@forge.example:a/b.git", "https://forge.example/a/b.git"),
        ("ssh://git@forge.example/a/b.git", "https://forge.example/a/b.git"),
        ("/srv/git/b.git", None),
        ("../b.git", None),
        ("file:///srv/git/b.git", None),
        ("http://forge.example/a/b", None),
        ("", None),
    ],
)
def test_of_a_remote_only_what_others_can_reach_is_named(remote: str, address: str | None) -> None:
    assert public_address(remote) == address


def test_pages_are_those_of_what_is_installed_until_ctlint_is_published(
    record: Callable[[str | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    record(None)
    assert page_of("CT205", "init-environment-missing") is None
    record(OF_GITHUB)
    page = page_of("CT205", "init-environment-missing")
    assert page == f"https://github.com/acme/ctlint/blob/{COMMIT}/docs/rules.md#ct205-init-environment-missing"
    monkeypatch.setattr("ctlint.lint.installed_from.PUBLISHED", "https://github.com/Acme/ctlint")
    assert page_of("CT205", "init-environment-missing") == "https://acme.github.io/ctlint/rules/ct205/"
    assert json.loads(schema("lint"))["$id"] == "https://acme.github.io/ctlint/schemas/lint.json"
    assert site_of("https://forge.example/acme/ctlint") is None


def test_a_source_is_named_in_every_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Jenkinsfile").write_text("pipeline {}\n")
    Path(".gitlab-ci.yml").write_text("x: {script: [a]}\n")
    Path(".github").mkdir()
    out = said(capsys, "--from", GIT_SOURCE)
    (item,) = yaml.safe_load(PRE_COMMIT.read_text())["repos"]
    assert item["hooks"][0]["additional_dependencies"] == [GIT_SOURCE]
    step = yaml.safe_load(WORKFLOW.read_text())["jobs"]["ctlint"]["steps"][-1]["run"]
    assert shlex.split(step) == ["pipx", "run", "--spec", GIT_SOURCE, "ctlint", "lint"]
    install = yaml.safe_load(gitlab(GIT_SOURCE))["ctlint"]["script"][0]
    assert shlex.split(install)[-1] == GIT_SOURCE
    assert f"install --quiet \\'{GIT_SOURCE}\\''" in out
    assert jenkins(PINNED).count("\\'") == 0


def test_where_only_this_machine_has_a_source_no_gate_is_written(
    capsys: pytest.CaptureFixture[str], record: Callable[[str | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    record('{"url": "file:///home/me/ctlint", "dir_info": {}}')
    monkeypatch.setattr("ctlint.lint.commands.init.requirement", requirement)
    assert "ctlint init --from 'ctlint @ git+https://" in said(capsys, code=2)
    assert set(files()) == {str(CONFIG)}


def test_force_replaces_the_old_hook_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(".pre-commit-config.yaml")
    path.write_text("repos:\n- repo: https://x.example/y\n  rev: v1\n  hooks:\n  - id: y\n")
    assert main(["init", "--from", "ctlint==0.0.1"]) == 0
    old = path.read_text()
    path.write_text(old + "# the end\n")
    assert main(["init", "--from", "ctlint==0.0.2"]) == 0
    assert "which has a hook of ctlint already (--force replaces it)" in capsys.readouterr().out
    assert main(["init", "--force", "--from", "ctlint==0.0.2"]) == 0
    assert "Replaced the hook of ctlint in .pre-commit-config.yaml." in capsys.readouterr().out
    assert path.read_text() == old.replace("ctlint==0.0.1", "ctlint==0.0.2") + "# the end\n"


def test_force_leaves_a_hook_that_shares_its_entry(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(".pre-commit-config.yaml")
    text = "repos:\n- repo: local\n  hooks:\n  - id: ctlint\n    entry: old\n  - id: y\n"
    path.write_text(text)
    assert main(["init", "--force", "--from", "ctlint==0.0.2"]) == 0
    assert "whose ctlint hook shares its entry with others. It is to be:" in capsys.readouterr().out
    assert path.read_text() == text


@pytest.mark.parametrize(
    "source", ["ctlint @ file:///srv/ctlint", "/srv/ctlint", "ctlint @ git+file:///srv/ctlint@abc"]
)
def test_a_source_of_this_machine_is_told_to_be_one(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--from", source]) == 0
    assert "`--from` names a place of this machine" in capsys.readouterr().out


@pytest.mark.parametrize(
    "source", ["", " ", "x\n::error::y", "x\x1b[31m", "x\u202e", "x\udcff", "x ${{ github.token }}"]
)
def test_a_source_that_a_workflow_would_read_otherwise_is_wrong_use(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert main(["init", "--from", source]) == 2
    assert "--from" in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


HOSTILE = {
    "a tree without end": "repos: &a\n- *a\n",
    "a tree that doubles": "a0: &a0 [x, x]\n"
    + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    + "repos:\n  - repo: x\n    hooks: *a39\n",
    "merges that double": "a0: &a0 {x: y}\n"
    + "".join(f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 16))
    + "repos:\n  - repo: x\n",
    "deep lists": "repos:\n  - " + "[" * 3000,
    "deep mappings": "repos:\n  - " + "{a: " * 3000,
    "no list of lines": "repos: {}\n",
    "two lists": "repos:\n  - repo: x\nrepos:\n  - repo: y\n",
}
ODD = [
    "9" * 5000,
    "2024-13-45",
    "!!timestamp x",
    "!!float 1:9:x",
    "0b_",
    "!!python/object/apply:os.system [x]",
    "!!binary =",
]


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_file_of_pre_commit_is_kept_and_ends_nothing(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / ".pre-commit-config.yaml"
    file.write_text(HOSTILE[how])
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--from", "ctlint==1"]) == 0
    assert "Add to it:" in capsys.readouterr().out
    assert file.read_text() == HOSTILE[how]


@pytest.mark.parametrize("value", ODD)
def test_a_value_that_means_nothing_ends_nothing(value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".pre-commit-config.yaml"
    file.write_text(f"a: {value}\nrepos:\n  - repo: x\n")
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--from", "ctlint==1"]) == 0
    assert file.read_text().startswith(f"a: {value}\nrepos:\n  - repo: x\n  - repo: local\n")
