"""docs/ci.md: every snippet is run or validated as its host would."""

import json
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ctlint.lint.commands.init_files import github
from derived import GIT, PLAIN, SCRIPT, break_it, derived_repository, launcher_in
from runner import path_with

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FILES = {name: text for _, name, text in BLOCKS if name}
SHELL = [text for language, _, text in BLOCKS if language == "sh"]
WORKFLOWS = [name for name in FILES if name.startswith(".github/workflows/")]


@pytest.fixture
def launcher(tmp_path: Path) -> Path:
    return launcher_in(tmp_path / "bin", ROOT)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return derived_repository(tmp_path / "gimp")


def run(
    shell: list[str], script: str, repository: Path, launcher: Path, **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*shell, "-c", script],
        cwd=repository,
        env={**PLAIN, "PATH": path_with(launcher.parent), **more},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def judged(*command: str | Path) -> None:
    program = PROGRAMS / str(command[0])
    ran = subprocess.run([program, *command[1:]], env=GIT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def written(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(FILES[name], "utf-8")
    return path


def test_there_is_a_recipe_for_every_host() -> None:
    assert set(FILES) == {
        ".pre-commit-config.yaml",
        ".github/workflows/ctlint.yml",
        ".github/workflows/ctlint-changes.yml",
        ".gitlab-ci.yml",
        "Jenkinsfile",
        ".github/ctlint-matcher.json",
    }
    assert len(SHELL) == 3
    assert len(BLOCKS) == len(FILES) + len(SHELL)


def test_adopting_a_baseline_makes_a_bad_repository_pass_until_the_next_defect(
    repository: Path, launcher: Path
) -> None:
    break_it(repository)
    adopted = run(["bash", "-e"], SHELL[0], repository, launcher)
    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    (key,) = re.findall(r"^With `(baseline = .+?)` in `ctlint.toml`", PAGE, re.MULTILINE)
    for name, line in (("ctlint.toml", key), ("Dockerfile", "COPY gone.txt /")):
        with (repository / name).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
    later = run(["bash", "-e"], "ctlint lint --format concise", repository, launcher)
    assert later.returncode == 1
    assert re.fullmatch(
        r"Dockerfile:4:6: warning: CT511 .*\nDockerfile:1:1: note: \d checks were not decided\.\n", later.stdout
    )


def test_a_gate_that_must_know_passes_where_the_parent_is_known_and_fails_where_it_is_not(
    repository: Path, launcher: Path
) -> None:
    assert run(["sh", "-e"], SHELL[1], repository, launcher).returncode == 0
    (repository / "Dockerfile").write_text("FROM registry.acme.test/nobody/knows:1\n", "utf-8")
    ran = run(["sh", "-e"], SHELL[1], repository, launcher)
    assert ran.returncode == 1
    assert "registry.acme.test/nobody/knows:1" in ran.stdout


def test_the_plain_commands_report_and_fail(repository: Path, launcher: Path) -> None:
    assert run(["sh", "-e"], SHELL[2], repository, launcher).returncode == 0
    break_it(repository)
    ran = run(["sh", "-e"], SHELL[2], repository, launcher)
    assert ran.returncode == 1
    assert ran.stdout.startswith(f"{SCRIPT}:2:9: error: CT205")
    assert sarif_codes(repository) == ["CT205"]


def sarif_codes(repository: Path) -> list[str]:
    (one,) = json.loads((repository / "ctlint.sarif").read_text("utf-8"))["runs"]
    return [result["ruleId"] for result in one["results"]]


def test_pre_commit_accepts_the_configuration_and_the_hooks_are_there(tmp_path: Path) -> None:
    path = written(tmp_path, ".pre-commit-config.yaml")
    judged("pre-commit", "validate-config", path)
    (one,) = yaml.safe_load(path.read_text("utf-8"))["repos"]
    offered = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    assert {hook["id"] for hook in one["hooks"]} == offered


def steps_of(name: str) -> list[dict[str, Any]]:
    (job,) = yaml.safe_load(FILES[name])["jobs"].values()
    return list(job["steps"])


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_workflows_are_valid_safe_and_use_the_action_as_it_is(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name)
    judged("check-jsonschema", "--builtin-schema", "vendor.github-workflows", path)
    judged("zizmor", "--offline", "--no-progress", "--persona=auditor", path)
    inputs = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"]
    (step,) = (step for step in steps_of(name) if "/ctlint@" in step["uses"])
    assert set(step["with"]) <= set(inputs)


def test_what_init_writes_uses_the_same_release_of_an_action_as_the_recipes_and_ctlints_own_workflows() -> None:
    own = [path.read_text("utf-8") for path in (ROOT / ".github/workflows").glob("*.yml")]
    pins = re.findall(r"uses: actions/checkout@(\S+ # \S+)", "\n".join([*own, PAGE, github("ctlint")]))
    assert len(pins) > 3
    assert len(set(pins)) == 1


def test_the_table_of_inputs_is_the_actions() -> None:
    inputs = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"]
    table = PAGE.partition("| input | is |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE) == list(inputs)


def issues(report: Path) -> list[dict[str, Any]]:
    """The findings in a code quality report."""
    return [each for each in json.loads(report.read_text("utf-8")) if each["check_name"] != "not-decided"]


def test_the_gitlab_job_is_valid_and_its_script_leaves_the_artifacts_it_names(
    repository: Path, launcher: Path, tmp_path: Path
) -> None:
    judged(
        "check-jsonschema",
        "--builtin-schema",
        "vendor.gitlab-ci",
        "--data-transform",
        "gitlab-ci",
        written(tmp_path, ".gitlab-ci.yml"),
    )
    (job,) = yaml.safe_load(FILES[".gitlab-ci.yml"]).values()
    script = "\n".join(job["script"])
    reports = job["artifacts"]["reports"]
    assert run(["bash", "-eo", "pipefail"], script, repository, launcher).returncode == 0
    before = json.loads((repository / reports["codequality"]).read_text("utf-8"))
    assert [issue["check_name"] for issue in before] == ["not-decided"]
    break_it(repository)
    ran = run(["bash", "-eo", "pipefail"], script, repository, launcher)
    assert ran.returncode == 1
    assert "error[CT205 init-environment-missing]" in ran.stdout
    (issue,) = issues(repository / reports["codequality"])
    assert issue["location"] == {"path": SCRIPT, "lines": {"begin": 2, "end": 2}}
    assert 'failures="1"' in (repository / reports["junit"]).read_text("utf-8")


def test_the_jenkins_steps_install_report_and_fail(repository: Path, launcher: Path, tmp_path: Path) -> None:
    text = FILES["Jenkinsfile"]
    assert text.count("{") == text.count("}")
    steps = [long or short for long, short in re.findall(r"sh '''(.*?)'''|sh '([^'\n]+)'", text, re.DOTALL)]
    assert len(steps) == text.count("sh '")
    python = launcher.with_name("python3")
    pip = tmp_path / "pip"
    pip.write_text('#!/bin/sh\ncase "$*" in "install --quiet git+https://"*/ctlint@*) ;; *) exit 1 ;; esac\n', "utf-8")
    python.write_text(
        f'#!/bin/sh -e\n[ "$1 $2" = "-m venv" ]\nmkdir -p "$3/bin"\ncp {pip} {launcher} "$3/bin"\nchmod +x "$3"/bin/*\n',
        "utf-8",
    )
    python.chmod(0o755)
    temporary = {"WORKSPACE_TMP": str(tmp_path / "gimp@tmp")}

    def codes() -> list[int]:
        return [run(["sh", "-xe"], step, repository, launcher, **temporary).returncode for step in steps]

    assert codes() == [0, 0, 0, 0]
    assert stat.S_IXUSR & Path(temporary["WORKSPACE_TMP"], "ctlint", "bin", "ctlint").stat().st_mode
    break_it(repository)
    assert codes() == [0, 0, 0, 1]
    (junit,) = re.findall(r"junit testResults: '([^']+)'", text)
    (sarif,) = re.findall(r"sarif\(pattern: '([^']+)'", text)
    assert 'failures="1"' in (repository / junit).read_text("utf-8")
    assert sarif == "ctlint.sarif"
    assert sarif_codes(repository) == ["CT205"]
    shutil.rmtree(temporary["WORKSPACE_TMP"])


def test_the_problem_matcher_finds_the_findings(repository: Path, launcher: Path) -> None:
    (matcher,) = json.loads(FILES[".github/ctlint-matcher.json"])["problemMatcher"]
    (pattern,) = matcher["pattern"]
    break_it(repository)
    ran = run(["sh"], "ctlint lint --format concise", repository, launcher)
    (found,) = (match for line in ran.stdout.splitlines() if (match := re.match(pattern["regexp"], line)))
    assert [found[pattern[key]] for key in ("file", "line", "column", "severity", "code")] == [
        SCRIPT,
        "2",
        "9",
        "error",
        "CT205",
    ]
