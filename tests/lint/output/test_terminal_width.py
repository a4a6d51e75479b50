"""The width of the terminal is the one that `shutil` tells."""

import shutil

import pytest

from ctlint.lint.output.terminal_width import terminal_columns


@pytest.mark.parametrize("columns", ["", "60", "0", "-3", "wide", " 70 "])
def test_the_width_is_that_of_shutil(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal_columns() == shutil.get_terminal_size().columns
    assert terminal_columns(33) == shutil.get_terminal_size((33, 24)).columns
