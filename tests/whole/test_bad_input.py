"""Input that nobody should have to cope with: one clear finding for it, and complete results for the rest."""

import json
import os
import sys
from pathlib import Path

import pytest

from ctlint.lint.cli import main

GOOD = 'FROM debian:12.8-slim\nCMD ["/bin/true"]\n'
FRAMES = 400
"""What Python is allowed where more images descend from each other: a part of the work that its own limit would ask for."""


def lint(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, dict[str, list[dict[str, object]]]]:
    code = main(["lint", "--format", "json", *argv])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, json.loads(captured.out)


def rules_at(report: dict[str, list[dict[str, object]]]) -> list[tuple[object, object]]:
    return [(finding["rule"], finding["path"]) for finding in report["findings"]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "ctlint.toml").write_text("workspace = true\n")
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "Dockerfile").write_text(GOOD)
    (tmp_path / "bad").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def good_is_there(report: dict[str, list[dict[str, object]]]) -> bool:
    return "good/Dockerfile" in [image["id"] for image in report["images"]]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"FROM debian:12.8-slim\nRUN <<EOF\nno end\n", 2),
        (b"FROM debian:12.8-slim\nFOO bar\n", 2),
        (b"FROM debian:12.8-slim\nCOPY onlyone\n", 2),
        (b"\x00\x01FROM a\nFROM x\n\xff\xfe\n", None),
    ],
)
def test_what_buildkit_refuses_is_one_finding(
    capsys: pytest.CaptureFixture[str], folder: Path, content: bytes, line: int | None
) -> None:
    (folder / "bad" / "Dockerfile").write_bytes(content)
    code, report = lint(capsys)
    assert code == 3
    assert good_is_there(report)
    found = [f for f in report["findings"] if f["rule"] == "CT001"]
    assert [f["path"] for f in found] == ["bad/Dockerfile"]
    if line is not None:
        assert found[0]["line"] == line


def test_an_empty_dockerfile_is_told(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "bad" / "Dockerfile").write_bytes(b"")
    code, report = lint(capsys)
    assert code == 3
    assert good_is_there(report)
    assert rules_at(report) == [("CT001", "bad/Dockerfile")]


def test_a_file_without_from_that_is_only_named_like_one_is_passed_over(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "good" / "Dockerfile.nanorc").write_text('syntax "Dockerfile"\n')
    code, report = lint(capsys)
    assert code == 0
    assert [image["id"] for image in report["images"]] == ["good/Dockerfile"]


def test_a_file_of_50_megabytes(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "bad" / "Dockerfile").write_bytes(b"FROM debian:12.8-slim\n" + b"RUN true\n" * (50_000_000 // 9))
    code, report = lint(capsys)
    assert code == 3
    assert good_is_there(report)
    assert rules_at(report) == [("CT001", "bad/Dockerfile")]


def test_text_that_is_no_utf8(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "bad" / "Dockerfile").write_bytes(b"FROM debian:12.8-slim\nLABEL a=\xe9\xff\nRUN echo \xe4\n")
    code, report = lint(capsys)
    assert code == 0
    assert "bad/Dockerfile" in [image["id"] for image in report["images"]]


def test_a_missing_target_does_not_spoil_the_others(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    code, report = lint(capsys, "good", "nosuch")
    assert code == 3
    assert rules_at(report) == [("CT001", "nosuch")]
    assert report["images"]


def test_an_unreadable_file(capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "bad" / "Dockerfile").write_text(GOOD)
    really = os.open

    def refusing(path: object, *more: int) -> int:
        if str(path).endswith("bad/Dockerfile"):
            raise PermissionError(13, "Permission denied", str(path))
        return really(path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refusing)
    code, report = lint(capsys)
    assert code == 3
    assert good_is_there(report)
    assert rules_at(report) == [("CT001", "bad/Dockerfile")]


def test_a_deep_tree(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    here = os.getcwd()
    os.chdir(folder / "bad")
    for _ in range(300):
        os.mkdir("deep")
        os.chdir("deep")
    Path("Dockerfile").write_text(GOOD)
    os.chdir(here)
    (folder / "bad" / "Dockerfile").write_text("FROM debian:12.8-slim\nCOPY deep /deep\n")
    code, report = lint(capsys)
    assert code == 0
    assert good_is_there(report)


def test_links_in_a_circle_and_out_of_the_repository(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "secret").write_text("outside")
    bad = folder / "bad"
    (bad / "Dockerfile").write_text("FROM debian:12.8-slim\nCOPY . /x\nCOPY out /y\nCOPY a /z\n")
    (bad / "a").symlink_to("b")
    (bad / "b").symlink_to("a")
    (bad / "self").symlink_to(".")
    (bad / "out").symlink_to("../secret")
    code, report = lint(capsys)
    assert code in (0, 1)
    assert "outside" not in json.dumps(report)


def test_images_that_descend_from_each_other(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "ctlint.toml").write_text(
        'workspace = true\n[names]\n"good/Dockerfile" = "x/good:1.0"\n"bad/Dockerfile" = "x/bad:1.0"\n'
    )
    (folder / "good" / "Dockerfile").write_text("FROM x/bad:1.0\n")
    (folder / "bad" / "Dockerfile").write_text("FROM x/good:1.0\n")
    code, report = lint(capsys)
    assert code in (0, 1)
    assert len(report["images"]) == 2
    assert main(["graph"]) == 0
    assert "a cycle" in capsys.readouterr().out


def test_a_chain_of_more_images_than_python_has_frames(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    count = FRAMES + 100
    names = ['workspace = true\n[names]\n"good/Dockerfile" = "x/i0:1.0"\n']
    for number in range(1, count):
        repository = folder / f"r{number}"
        repository.mkdir()
        (repository / "Dockerfile").write_text(f"FROM x/i{number - 1}:1.0\n")
        names.append(f'"r{number}/Dockerfile" = "x/i{number}:1.0"\n')
    (folder / "ctlint.toml").write_text("".join(names))
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(FRAMES)
    try:
        code, report = lint(capsys)
    finally:
        sys.setrecursionlimit(usual)
    assert code == 0
    assert len(report["images"]) == count


def test_a_crash_of_one_rule_is_told_and_the_rest_goes_on(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from ctlint.lint.commands import lint as lint_command
    from ctlint.rules.discover import all_rules

    def broken() -> None:
        raise ZeroDivisionError("oops")

    first, *rest = all_rules()
    rules = (replace(first, check=broken, needs=()), *rest)
    monkeypatch.setattr(lint_command, "all_rules", lambda: rules)
    (folder / "bad" / "Dockerfile").write_text('FROM scratch\nENTRYPOINT [ "/init" ]\'\n')
    code, report = lint(capsys)
    assert code == 3
    assert {rule for rule, _ in rules_at(report)} == {"CT002", "CT603"}
    crash = next(f for f in report["findings"] if f["rule"] == "CT002")
    assert "ZeroDivisionError: oops" in str(crash["message"])


def test_a_crash_while_folding_is_told_and_the_other_images_are_there(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ctlint.lineage.folding.fold import StageFold

    really = StageFold.fold

    def breaking(self: StageFold, name: str, *more: object) -> object:
        if name == "bad":
            raise ZeroDivisionError("oops")
        return really(self, name, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(StageFold, "fold", breaking)
    (folder / "bad" / "Dockerfile").write_text(GOOD)
    code, report = lint(capsys)
    assert code == 3
    assert good_is_there(report)
    assert rules_at(report) == [("CT002", "bad/Dockerfile")]
