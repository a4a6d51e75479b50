"""What is padded past a limit is refused: a defect cannot be hidden behind what is not read any more.

Each limit is made small in the place of making files large. A run over a fixture whose defect is found otherwise then ends with
3, and names the file.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text import budget
from ctlint.lint.cli import main

FIXTURES = Path(__file__).parents[2] / "fixtures"
Patch = Callable[[pytest.MonkeyPatch], None]


def at(name: str, value: int) -> Patch:
    return lambda monkeypatch: monkeypatch.setattr(f"ctlint.lineage.{name}", value)


def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    real = budget.Budget.spend

    def spend(self: budget.Budget, steps: int = 1) -> None:
        real(self, 1_000_000 * steps)

    monkeypatch.setattr(budget.Budget, "spend", spend)


def few_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    at("commands.interpret.SCRIPT_STEPS", 1)(monkeypatch)
    at("commands.interpret.STEPS_A_CHARACTER", 0)(monkeypatch)


def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Snapshot.leave_out

    def leave_out(self: Snapshot, patterns: tuple[str, ...]) -> Snapshot:
        monkeypatch.setattr(self, "_largest", 10)
        return real(self, patterns)

    monkeypatch.setattr(Snapshot, "leave_out", leave_out)


LIMITS: dict[str, tuple[Patch, tuple[tuple[str, str], ...]]] = {
    "bytes of a Dockerfile": (
        at("dockerfile.parse.LARGEST_FILE", 20),
        (("ct602/bad", "Dockerfile"), ("ct304/bad", "Dockerfile"), ("ct313/bad", "Dockerfile")),
    ),
    "lines of a Dockerfile": (
        at("dockerfile.logical_lines.MOST_LINES", 1),
        (("ct602/bad", "Dockerfile"), ("ct511/bad", "Dockerfile")),
    ),
    "instructions of a Dockerfile": (
        at("dockerfile.logical_lines.MOST_INSTRUCTIONS", 1),
        (("ct602/bad", "Dockerfile"), ("ct511/bad", "Dockerfile")),
    ),
    "bytes of a build file": (
        at("builds.build_files.LARGEST_BUILD_FILE", 10),
        (("ct703/bad", "compose.yaml"), ("ct702/bad-pod", "Makefile")),
    ),
    "bytes of YAML": (
        at("builds.yaml_nodes.LARGEST", 10),
        (("ct703/bad", "compose.yaml"), ("ct712/bad", "compose.yaml")),
    ),
    "depth of YAML": (at("builds.yaml_nodes._DEEPEST", 1), (("ct706/bad", "compose.yaml"),)),
    "steps of a file": (few_steps, (("ct703/bad", "compose.yaml"), ("ct712/bad", "compose.yaml"))),
    "steps of a script": (
        few_commands,
        (("ct202/bad", "30-shared.sh"), ("ct205/bad", "")),
    ),
    "files of all stages": (
        at("workspace.workspace.STAGE_ENTRIES", 1),
        (("ct602/bad", "Dockerfile"), ("ct301/bad", "Dockerfile")),
    ),
    "bytes of what starts": (
        small_files,
        (("ct202/bad", "Dockerfile"), ("ct401/bad", "Dockerfile"), ("ct107/bad-cycle", "Dockerfile")),
    ),
}
CASES = [(how, fixture, file) for how, (_, fixtures) in LIMITS.items() for fixture, file in fixtures]


@pytest.mark.parametrize(("how", "fixture", "file"), CASES)
def test_a_padded_file_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    how: str,
    fixture: str,
    file: str,
) -> None:
    shutil.copytree(FIXTURES / fixture, tmp_path / "x", symlinks=True)
    monkeypatch.chdir(tmp_path / "x")
    assert main(["lint", "--format", "json"]) in (0, 1), "without the limit it is read"
    capsys.readouterr()
    LIMITS[how][0](monkeypatch)
    code = main(["lint", "--format", "json"])
    refused = [found["path"] for found in json.loads(capsys.readouterr().out)["findings"] if found["rule"] == "CT001"]
    assert code == 3
    assert any(path.endswith(file) for path in refused), refused


@pytest.mark.parametrize("name", ["run", "up", "a.desktop", "10-x"])
def test_a_large_text_that_is_read_at_start_is_refused(tmp_path: Path, name: str) -> None:
    """A script, a definition or a launcher that was padded; an installer that holds an archive, or a binary, is not."""
    (tmp_path / name).write_bytes((b"#!/bin/sh\n" if name == "10-x" else b"") + b"# padding\n" * 600_000)
    (tmp_path / "installer").write_bytes(b"#!/bin/sh\n" + bytes(6_000_000))
    (tmp_path / "data").write_bytes(b"a" * 6_000_000)
    from ctlint.lineage.repository.disk import read_folder

    snapshot = read_folder(tmp_path, "")
    for path in (name, "installer", "data"):
        snapshot.content(path)
    assert [path for path, _ in snapshot.troubles] == [name]
