"""action.yml, its steps run as GitHub's runner runs them, and judged by the schema and by zizmor."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from derived import PLAIN, SCRIPT, break_it, derived_repository, git, launcher_in
from distributions import distributions, wheel_in
from oci_images import file, image, layout
from runner import Ran, path_with, run_steps

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
PROGRAMS = Path(sys.executable).parent


@pytest.fixture
def launcher(tmp_path: Path) -> Path:
    """A folder whose `ctlint` is the one that is tested."""
    return launcher_in(tmp_path / "bin", ROOT).parent


def act(workspace: Path, path: str, python: str | Path = sys.executable, **inputs: str) -> Ran:
    """Run the action in a repository, with that Python and these inputs (`_` for `-`) and the others' defaults."""
    given = {name: each.get("default", "") for name, each in ACTION["inputs"].items()}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    assert set(given) == set(ACTION["inputs"])
    return run_steps(
        ACTION["runs"]["steps"],
        workspace=workspace,
        temp=workspace.parent / "runner temp",
        inputs=given,
        environment={
            **PLAIN,
            "PIP_NO_COMPILE": "1",  # only what is used is compiled
            "PATH": path,
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "acme/gimp",
            "GITHUB_SHA": "0" * 40,
        },
        provided={"python": {"python-path": str(python)}},
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return derived_repository(tmp_path / "gimp")


def test_python_takes_no_module_of_the_repository() -> None:
    """The steps run in the checkout, where a `venv.py` or `pip.py` would be run in the place of Python's own."""
    scripts = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]
    calls = [
        line.strip() for text in scripts for line in text.splitlines() if re.match(r'\s*"\$\S*python"', line, re.I)
    ]
    assert len(calls) == 3
    assert [line for line in calls if not re.match(r'"\S+" -I ', line)] == []


def test_a_good_repository_passes_and_its_lineage_is_drawn(repository: Path, launcher: Path) -> None:
    ran = act(repository, path_with(launcher), version="installed")
    assert ran.succeeded, ran.log
    assert ran.used == []
    assert ran.outputs["lint"]["exit-code"] == "0"
    assert ran.summary.startswith(
        "## ctlint\n\nNothing among what could be decided in 1 image.\n\n1 check was not decided.\n"
    )
    diagram = re.search(r"### Lineage\n\n```mermaid\n(.+?)\n```\n", ran.summary, re.DOTALL)
    assert diagram
    assert diagram[1].startswith("flowchart LR\n")
    assert re.search(r'n1\["helxplatform/cloudtop.*"\]', diagram[1])
    assert "n1 -->" in diagram[1]


def test_a_bad_change_fails_with_annotations_a_table_and_sarif(repository: Path, launcher: Path) -> None:
    break_it(repository)
    ran = act(repository, path_with(launcher), version="installed", sarif="true")
    assert not ran.succeeded
    assert f"::error title=CT205 init-environment-missing,file={SCRIPT},line=2,endLine=2,col=9," in ran.log
    assert "\n\n1 error in 1 image.\n" in ran.summary
    address = f"https://github.com/acme/gimp/blob/{'0' * 40}/{SCRIPT}#L2"
    (row,) = (line for line in ran.summary.splitlines() if "CT205" in line)
    assert f"]({address}) |" in row
    assert "<code>USER&#95;NAME</code> is empty here&#58;" in row
    (uses, given), *more = ran.used
    assert (uses.partition("@")[0], more) == ("github/codeql-action/upload-sarif", [])
    assert given["sarif_file"] == ran.outputs["lint"]["sarif-file"]
    (run,) = json.loads(Path(given["sarif_file"]).read_text("utf-8"))["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["CT205"]


def test_fail_on_baseline_format_and_arguments_are_heeded(repository: Path, launcher: Path) -> None:
    (repository / "ctlint.toml").unlink()
    path = path_with(launcher)
    assert not act(repository, path, version="installed").succeeded
    assert act(repository, path, version="installed", fail_on="error").succeeded
    concise = act(repository, path, version="installed", format="concise", args="--ignore 'CT205, CT501'")
    assert concise.succeeded
    assert concise.log == "Dockerfile:1:1: note: 1 check was not decided.\n"
    subprocess.run(
        [launcher / "ctlint", "lint", "--write-baseline", "known findings.json"],
        cwd=repository,
        env=PLAIN,
        check=True,
        capture_output=True,
    )
    accepted = act(repository, path, version="installed", baseline="known findings.json")
    assert accepted.succeeded, accepted.log


def test_only_what_a_pull_request_touches_is_reported_where_that_is_asked(repository: Path, launcher: Path) -> None:
    (repository / "ctlint.toml").unlink()
    git(repository, "commit", "--quiet", "--all", "--message=a moving tag is reported from here on")
    base = git(repository, "rev-parse", "HEAD").strip()
    break_it(repository)
    ran = act(repository, path_with(launcher), version="installed", args=f"--since {base}")
    assert not ran.succeeded
    assert "CT205" in ran.log
    assert "CT501" not in ran.log


def test_what_a_change_silences_is_in_the_summary(repository: Path, launcher: Path) -> None:
    break_it(repository)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=bad")
    base = git(repository, "rev-parse", "HEAD").strip()
    with (repository / "ctlint.toml").open("a") as config:
        config.write('per-file-ignores = { "*" = ["CT205"] }\n')
    ran = act(repository, path_with(launcher), version="installed", args=f"--since {base}")
    assert ran.succeeded, ran.log
    heading, told = ran.summary.split("### This change silences ")[0], ran.summary.split("### This change silences ")[1]
    assert "CT205" not in heading
    assert told.startswith("1 finding\n\n| | rule | where | what |\n")
    assert re.search(r"^\| \S+ \| CT205 ", told, re.MULTILINE)
    ran = act(repository, path_with(launcher), version="installed", args=f"--since {base} --no-local-silence")
    assert not ran.succeeded


def test_several_targets_may_hold_blanks(tmp_path: Path, launcher: Path) -> None:
    workspace = tmp_path / "fleet"
    for name in ("one image", "two"):
        derived_repository(workspace / name)
    (workspace / "ctlint.toml").write_text('ignore = ["CT501"]\n', "utf-8")
    ran = act(workspace, path_with(launcher), version="installed", targets="'one image'\ntwo\n")
    assert ran.succeeded, ran.log
    assert "in 2 images." in ran.summary


FAKE_PYTHON = """\
#!/bin/sh
[ "$1 $3" = "-I venv" ] || { echo "pip: $*" >&2; exit 1; }
mkdir -p "$4/bin"; cp "$0" "$4/bin/python"
"""
"""A Python that makes environments of itself, and whose pip says how it is called, and fails."""


@pytest.fixture
def fake_python(tmp_path: Path) -> Path:
    python = tmp_path / "fake" / "python"
    python.parent.mkdir()
    python.write_text(FAKE_PYTHON, "utf-8")
    python.chmod(0o755)
    return python


@pytest.mark.parametrize("name", ["targets", "fail_on", "baseline", "args", "format", "version"])
def test_an_input_never_runs(repository: Path, launcher: Path, fake_python: Path, name: str) -> None:
    spoiled = {"version": "installed", name: '$(touch ran)`touch ran`"; touch ran; "'}
    ran = act(repository, path_with(launcher, PROGRAMS), fake_python, **spoiled)
    assert not ran.succeeded
    assert (
        name != "version"
        or ran.log == f"pip: -I -m pip install --quiet --disable-pip-version-check -- {spoiled[name]}\n"
    )
    assert not (repository / "ran").exists()


def test_wrong_use_and_what_cannot_be_read_fail_in_their_own_ways(repository: Path, launcher: Path) -> None:
    path = path_with(launcher)
    wrong = act(repository, path, version="installed", args="--no-such-option", sarif="true")
    assert not wrong.succeeded
    assert wrong.outputs["lint"] == {"exit-code": "2", "sarif-file": ""}
    assert wrong.used == []
    assert wrong.summary == ""
    unquoted = act(repository, path, version="installed", args="'")
    assert not unquoted.succeeded
    assert "error: the input `args` is not quoted right" in unquoted.log
    missing = act(repository, path, version="installed", targets=". nowhere", sarif="true")
    assert not missing.succeeded
    assert missing.outputs["lint"]["exit-code"] == "3"
    assert missing.used
    assert "CT001" in missing.summary


def test_messages_cannot_break_out_of_the_table(repository: Path, launcher: Path) -> None:
    (repository / "Dockerfile").write_text('FROM debian:12\nCOPY ["ctlint.toml", "|<b> (y)|_&.txt", "/"]\n', "utf-8")
    ran = act(repository, path_with(launcher), version="installed")
    (row,) = (line for line in ran.summary.splitlines() if "CT511" in line)
    assert row.count("|") == 5
    assert "<b>" not in row
    assert "&#124;&#60;b&#62; &#40;y&#41;&#124;&#95;&#38;.txt" in row


def test_the_action_installs_itself_and_runs_what_it_installed(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """From the wheel that is built of it; from its checkout pre-commit does, and which of them is asked for is told below."""
    ran = act(repository, PLAIN["PATH"], version=str(wheel_in(distributions(tmp_path_factory))))
    assert ran.succeeded, ran.log
    assert ran.used == [(ACTION["runs"]["steps"][0]["uses"], {"python-version": "3.13", "update-environment": "False"})]
    programs = Path(ran.outputs["install"]["programs"])
    assert (programs / "ctlint").exists()
    assert "Nothing among what could be decided in 1 image." in ran.summary


def test_what_is_installed_follows_the_version(repository: Path, fake_python: Path, tmp_path: Path) -> None:
    """pip's own arguments: by default the action's checkout, a version of the package, or what is given."""
    for version, wanted in (
        ("", "/action"),
        ("0.1.0", "ctlint==0.1.0"),
        ("ctlint>=1", "ctlint>=1"),
        ("--index-url=x", "-- --index-url=x"),
    ):
        ran = run_steps(
            [step for step in ACTION["runs"]["steps"] if step.get("id") == "install"],
            workspace=repository,
            temp=tmp_path / "temp",
            inputs={"version": version},
            environment={**PLAIN, "GITHUB_ACTION_PATH": "/action"},
            provided={"python": {"python-path": str(fake_python)}},
        )
        assert ran.log.rstrip().endswith(wanted)
        assert "pip: -I -m pip install" in ran.log


def test_actions_of_others_are_pinned_to_a_commit() -> None:
    used = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]
    assert len(used) == 2
    for each in used:
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", each)


def test_the_schema_and_zizmor_have_nothing_against_it() -> None:
    for asked in (
        ["check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"],
        ["zizmor", "--offline", "--persona=auditor", "--no-progress", "action.yml"],
    ):
        ran = subprocess.run([PROGRAMS / asked[0], *asked[1:]], cwd=ROOT, env=PLAIN, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_parent_that_moves_is_told_in_the_summary(tmp_path: Path, launcher: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "Dockerfile").write_text("FROM acme/base:1\nRUN useradd -u 1000 kim\n")
    passwd = "root:x:0:0:root:/root:/bin/sh\n"
    for tag, text in (("1", passwd), ("2", f"{passwd}ubuntu:x:1000:1000::/home/ubuntu:/bin/sh\n")):
        layout(tmp_path / f"base-{tag}", {"acme/base:1": image([file("etc/passwd", text)])})
    (app / "ctlint.toml").write_text(f'[parents]\n"acme/base" = "oci:{tmp_path}/base-1"\n')
    ran = act(app, path_with(launcher), version="installed", with_parent=f"acme/base=oci:{tmp_path}/base-2")
    assert not ran.succeeded
    assert ran.summary.startswith("## ctlint\n\n1 error new in 1 image.\n")
    assert "| account | <code>ubuntu</code> |  | uid 1000, home /home/ubuntu |" in ran.summary
    assert "CT714" in ran.summary
