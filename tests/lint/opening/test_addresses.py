"""Targets as people have them: addresses of files on GitHub, of images on Docker Hub, and images' names."""

import json
from pathlib import Path

import pytest

from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.cli import main
from ctlint.lint.opening.addresses import image_named, in_repository, restrict

FIXTURES = Path(__file__).parents[3] / "fixtures"


@pytest.mark.parametrize(
    ("text", "target", "path"),
    [
        ("https://github.com/a/b/blob/main/x/Dockerfile", "github:a/b@main", "x/Dockerfile"),
        ("https://github.com/a/b/blob/main/Dockerfile#L3-L5", "github:a/b@main", "Dockerfile"),
        ("https://www.github.com/a/b/tree/v1.0/images/web/", "github:a/b@v1.0", "images/web"),
        ("https://raw.githubusercontent.com/a/b/main/x.sh", "github:a/b@main", "x.sh"),
        ("https://raw.githubusercontent.com/a/b/refs/heads/main/x.sh", "github:a/b@main", "x.sh"),
    ],
)
def test_an_address_on_github_is_a_repository_and_a_path(text: str, target: str, path: str) -> None:
    found = in_repository(text)
    assert found is not None
    assert (found.target, found.path) == (target, path)


@pytest.mark.parametrize("text", ["https://github.com/a/b", "https://github.com/a/b/tree/main", "github:a/b@c", "x/y"])
def test_other_targets_are_no_such_address(text: str) -> None:
    assert in_repository(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("heliumdatastage/cloudtop", "heliumdatastage/cloudtop"),
        ("nginx:1.27", "nginx"),
        ("https://hub.docker.com/r/acme/web/tags", "acme/web"),
        ("https://hub.docker.com/_/nginx", "nginx"),
        ("./acme/web", None),
        ("/acme/web", None),
        ("Dockerfile", None),
    ],
)
def test_a_name_is_an_image_unless_it_is_written_as_a_path(text: str, name: str | None, tmp_path: Path) -> None:
    found = image_named(text, tmp_path)
    assert (found.familiar if found is not None else None) == name


def test_a_path_that_exists_wins(tmp_path: Path) -> None:
    (tmp_path / "nginx").mkdir()
    assert image_named("nginx", tmp_path) is None


def test_only_what_lies_at_the_address_is_kept() -> None:
    files = {"a/Dockerfile": "FROM debian:12\n", "b/Dockerfile": "FROM debian:12\n", "b/compose.yaml": "services: {}\n"}
    snapshot = Snapshot.from_mapping("o/r", files)
    workspace = Workspace([(snapshot, dockerfiles(snapshot))])
    address = in_repository("https://github.com/o/r/tree/main/b")
    assert address is not None
    assert restrict(workspace, snapshot, address) is None
    assert [source.path for source in workspace.selected] == ["b/Dockerfile"]
    assert workspace.named == {"o/r/b/Dockerfile", "o/r/b/compose.yaml"}
    nowhere = in_repository("https://github.com/o/r/blob/main/c/Dockerfile")
    assert nowhere is not None
    assert restrict(workspace, snapshot, nowhere) is not None


def test_an_image_is_linted_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM ubuntu:24.04\nRUN useradd -u 1000 app\n")
    (tmp_path / "Makefile").write_text("build:\n\tdocker build -t acme/app:1 .\n")
    monkeypatch.chdir(tmp_path)
    assert main(["lint", "acme/app", "--format", "concise"]) == 1
    assert "CT714" in capsys.readouterr().out
    assert main(["lint", "acme/nothing", "--format", "concise"]) == 3
    assert "CT001" in capsys.readouterr().out
    assert main(["inspect", "heliumdatastage/cloudtop"]) == 0
    assert "bundled profile" in capsys.readouterr().out


def test_an_image_is_shown_as_its_consumer_runs_it_and_impact_ends_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Dockerfile").write_text('FROM debian:12\nRUN useradd -m app\nCOPY x /opt/x/y\nCMD ["sleep", "9"]\n')
    (tmp_path / "x").write_text("x\n")
    compose = "services:\n  web:\n    build: .\n    image: acme/app:1\n    user: '7'\n    environment: {A: b}\n    volumes: ['/srv:/opt/x']\n"
    (tmp_path / "compose.yaml").write_text(compose)
    monkeypatch.chdir(tmp_path)
    assert main(["inspect", "--as", "web"]) == 0
    shown = capsys.readouterr().out
    assert "A=b  compose.yaml:6" in shown
    assert "hides /opt/x/y" in shown
    assert main(["inspect", "--as", "nobody"]) == 2
    capsys.readouterr()
    assert main(["graph", "--impact", "acme/app"]) == 0
    assert "compose.yaml:4  web  runs acme/app" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fixture", "service", "shown"),
    [
        ("ct702/bad", "heartbeat", ("fails       CT702 `init: true`", "✗ is not reached: /init ends first (CT702)")),
        ("ct703/bad", "not-executable", ("fails       CT703 The tmpfs", "✗ is not reached: /init ends first (CT703)")),
        ("ct703/bad-account", "station", ("read-only root", "✗ fails (CT703): this writes to /etc")),
        (
            "ct705/bad",
            "scripts",
            ("fails       CT705 The mount", "✗ does not run: the mount at /etc/cont-init.d hides it (CT705)"),
        ),
        (
            "ct709/bad",
            "heartbeat",
            ("drops capability ALL  compose.yaml:5", "✗ fails (CT709): this needs the capability"),
        ),
    ],
)
def test_the_boot_plan_says_which_steps_fail_under_the_runner(
    fixture: str,
    service: str,
    shown: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(FIXTURES / fixture)
    assert main(["inspect", "--as", service]) == 0
    out = capsys.readouterr().out
    assert [text for text in shown if text not in out] == []
    assert main(["inspect", "--as", service, "--format", "json"]) == 0
    run_by = json.loads(capsys.readouterr().out)["run_by"]
    assert {one["rule"] for one in run_by["findings"]} == {fixture[:5].upper()}
    assert run_by["steps"] != []


def test_the_boot_plan_of_a_runner_that_does_no_harm_marks_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(FIXTURES / "ct702" / "good")
    assert main(["inspect", "--as", "compose.yaml:4"]) == 0
    shown = capsys.readouterr().out
    assert "boot plan" in shown
    assert "✗" not in shown
