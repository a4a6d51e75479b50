"""Runs that are killed, disks that are full, a cache that is damaged: a short run of tools/interrupt.py."""

import importlib.util
import resource
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from ctlint.lint.cli import main
from ctlint.lint.fixing import files

TOOL = Path(__file__).parents[2] / "tools" / "interrupt.py"


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("interrupt_tool", TOOL)
    assert spec is not None
    assert spec.loader is not None
    sys.modules["interrupt_tool"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_run_that_is_killed_leaves_nothing_half_done() -> None:
    assert loaded().run(8, 0, 1) == []


def test_a_damaged_cache_gives_the_same_answer_or_none() -> None:
    assert loaded().run(0, 20, 1) == []


@contextmanager
def a_full_disk(most: int) -> Generator[None, None, None]:
    """No file may grow beyond so many bytes, as where the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


BAD = "FROM debian:12.8-slim\nENTRYPOINT /bin/true x\n"


@pytest.mark.parametrize("unnamed", [True, False], ids=["files without names", "temporary files"])
@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (("--write-baseline", "known.json"), "known.json"),
        (("--add-ignores", "known since long"), "Dockerfile"),
        (("--fix", "--unsafe-fixes"), "Dockerfile"),
        (("--format", "json", "-o", "report.json"), "report.json"),
    ],
)
def test_a_full_disk_names_the_file_and_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    argv: tuple[str, ...],
    named: str,
    unnamed: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(BAD)
    if not unnamed:
        monkeypatch.delattr("os.O_TMPFILE")
    with a_full_disk(8):
        code = main(["lint", *argv])
    err = capsys.readouterr().err
    assert code in (2, 3)
    assert named in err
    assert "File too large" in err
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"Dockerfile": BAD}


def test_what_is_written_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("old")
    (tmp_path / "x").chmod(0o750)
    files.replace_file(tmp_path / "x", b"new")
    assert ((tmp_path / "x").read_text(), (tmp_path / "x").stat().st_mode & 0o7777) == ("new", 0o750)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_most_kills_come_while_the_command_runs() -> None:
    """A command that ends sooner than it was thought to is killed sooner the next times."""
    tool = loaded()
    moments = tool.Moments(60.0, tool.random.Random(1))
    waited: list[float] = []

    def killed(argv: tuple[str, ...], after: float) -> bool:
        waited.append(after)
        return after < 0.1

    tool.killed = killed
    for _ in range(200):
        moments.kill(("lint",))
    assert moments.hit == sum(after < 0.1 for after in waited) > 120
    assert max(waited[100:]) > 0.09
