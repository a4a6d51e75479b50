"""Globs as a shell, git and Go read them, and that one reading serves all who ask."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ctlint.lineage.text.globs import glob_matches, go_match, path_matches, path_within

NAMES = ("a", "b", "^", "-", "]x", "c d", "[!a]", "z9")
GLOBS = (
    "[^a]",
    "[!a]",
    "[[:alpha:]]",
    "[[:alnum:]]*",
    "[]]x",
    "[a-]",
    "[a\\-]",
    "\\[!a]",
    "[z-a]",
    "*",
    "??",
    "c\\ d",
    "z[0-9]",
)


@pytest.mark.parametrize("glob", GLOBS)
def test_a_shell_expands_a_glob_to_the_names_that_match_it(glob: str, tmp_path: Path) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    for name in NAMES:
        (tmp_path / name).touch()
    done = subprocess.run(
        [bash, "-c", f"shopt -s nullglob; printf '%s\\n' {glob}"],
        cwd=tmp_path,
        env={"LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert {name for name in NAMES if path_matches(name, glob)} == set(done.stdout.splitlines()) - {""}


def test_only_in_names_a_star_stands_for_a_slash() -> None:
    assert glob_matches("a/b", "a*")
    assert not path_matches("a/b", "a*")
    assert not path_matches("a/b", "a[!x]b")
    assert path_within("/home/u/Desktop/x.desktop", "/home/*")
    assert not path_within("/home", "/home/*")


def test_go_negates_with_a_caret_alone() -> None:
    assert go_match("[^a]")("b")
    assert not go_match("[^a]")("a")
    assert go_match("[!a]")("!")
    assert not go_match("a*")("a/b")
