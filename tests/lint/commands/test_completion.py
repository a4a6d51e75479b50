"""Shell completion: the printed script, sourced by the real shell, completes commands, options, values, rules, files."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ctlint.lint.cli import main
from ctlint.rules.discover import all_rules

SRC = Path(__file__).parents[3] / "src"


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    done = subprocess.run(
        [sys.executable, "-m", "ctlint", "--print-completion", "bash"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(SRC)},
    )
    path = tmp_path_factory.mktemp("completion") / "ctlint.bash"
    path.write_bytes(done.stdout)
    return path


def completed(script: Path, line: str, folder: Path) -> set[str]:
    """What bash offers at the end of a command line, as it finds the function that `complete` registered."""
    words = line.split(" ")
    program = f"""
        source {shlex.quote(str(script))}
        registered=$(complete -p ctlint) || exit 9
        function=$(sed -E 's/.* -F ([^ ]+) .*/\\1/' <<< "$registered")
        COMP_WORDS=({" ".join(shlex.quote(word) for word in words)})
        COMP_CWORD={len(words) - 1}
        COMP_LINE={shlex.quote(line)}
        COMP_POINT=${{#COMP_LINE}}
        "$function" ctlint {shlex.quote(words[-1])} {shlex.quote(words[-2])}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True, cwd=folder)
    return set(done.stdout.split())


def test_commands_options_and_values(script: Path, tmp_path: Path) -> None:
    assert completed(script, "ctlint li", tmp_path) == {"lint"}
    assert completed(script, "ctlint lint --for", tmp_path) == {"--format"}
    assert completed(script, "ctlint lint --format s", tmp_path) == {"sarif"}
    assert completed(script, "ctlint graph --format m", tmp_path) == {"mermaid"}
    assert "--shellcheck" in completed(script, "ctlint lint --sh", tmp_path)


def test_rules_are_offered_by_their_codes(script: Path, tmp_path: Path) -> None:
    codes = {rule.code for rule in all_rules()}
    assert completed(script, "ctlint rule CT2", tmp_path) == {code for code in codes if code.startswith("CT2")}
    offered = completed(script, "ctlint lint --ignore CT31", tmp_path)
    assert {"CT310", "CT316"} <= offered == {code for code in codes if code.startswith("CT31")}


def test_targets_are_files_and_folders(script: Path, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images.txt").touch()
    assert {each.rstrip("/") for each in completed(script, "ctlint lint ima", tmp_path)} == {"images", "images.txt"}
    assert {each.rstrip("/") for each in completed(script, "ctlint cache --cache-dir ima", tmp_path)} == {"images"}


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_a_script_too(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    assert main(["--print-completion", shell]) == 0
    out = capsys.readouterr().out
    assert "lint" in out
    assert "CT205" in out


def test_without_shtab_the_user_is_told_how_to_get_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["--print-completion", "bash"]) == 2
    assert "-m pip install shtab" in capsys.readouterr().err


def test_a_release_of_shtab_that_is_too_old_for_the_shell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shtab.SUPPORTED_SHELLS", ["bash"])
    assert main(["--print-completion", "fish"]) == 2
    assert "knows no fish" in capsys.readouterr().err


def test_an_unknown_shell_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--print-completion", "cmd"]) == 2
    assert "bash" in capsys.readouterr().err
