"""Files of a repository that are not what their names say: what is written, and what is opened."""

from pathlib import Path

import pytest

from ctlint.lint.cli import main

from .checkouts import Checkout

FILES = {"Dockerfile": 'FROM debian:12.8-slim\nCMD ["/bin/true"]\n'}


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository, beside a file and a folder that are not its."""
    checkout = Checkout.of(tmp_path / "work", FILES)
    (tmp_path / "mine").write_text("mine\n")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(checkout.root)
    return checkout.root


@pytest.mark.parametrize(
    "argv",
    [
        ("lint", "--format", "json", "-o"),
        ("lint", "-o"),
        ("graph", "--format", "json", "-o"),
        ("lint", "--write-baseline"),
        ("inspect", "--export-profile"),
    ],
)
@pytest.mark.parametrize("link", ["report", "out/report", "chain"])
def test_nothing_is_written_through_a_link_that_leads_out(
    work: Path, capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], link: str
) -> None:
    (work / "report").symlink_to("../mine")
    (work / "chain").symlink_to("report")
    (work / "out").symlink_to("../folder")
    assert main([*argv, link]) in (2, 3)
    assert "leads out of the repository" in capsys.readouterr().err
    assert (work.parent / "mine").read_text() == "mine\n"
    assert list((work.parent / "folder").iterdir()) == []


def test_a_link_inside_and_a_path_outside_are_written(work: Path, tmp_path: Path) -> None:
    (work / "report").symlink_to("real")
    assert main(["lint", "-o", "report"]) == 0
    assert (work / "report").is_symlink()
    assert (work / "real").read_text()
    (tmp_path / "latest").symlink_to("folder/one")
    assert main(["lint", "-o", str(tmp_path / "latest")]) == 0
    assert (tmp_path / "folder" / "one").read_text(), "the user named a link of their own"


@pytest.mark.parametrize("link", ["ctlint.toml", ".github", ".github/workflows", ".pre-commit-config.yaml"])
def test_init_writes_through_no_link_that_leads_out(work: Path, capsys: pytest.CaptureFixture[str], link: str) -> None:
    (work / link).parent.mkdir(exist_ok=True)
    outside = work.parent / ("folder" if ".github" in link else "mine")
    (work / link).symlink_to(outside)
    assert main(["init", "--force", "--from", "ctlint==1"]) == 3
    assert "leads out of the repository" in capsys.readouterr().err
    assert (work.parent / "mine").read_text() == "mine\n"
    assert list((work.parent / "folder").iterdir()) == []
