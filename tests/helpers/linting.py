"""Linting for tests: a folder's findings as (path, line, code), with paths relative to the folder."""

import os
from collections.abc import Iterable
from pathlib import Path

from ctlint.lineage.repository.discover import Opened, open_targets
from ctlint.lineage.text.errors import InputError
from ctlint.lineage.workspace.workspace import Settings, Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.lint.judging.run import Run
from ctlint.rules.base import Rule
from ctlint.rules.discover import all_rules


def workspace_of(folder: Path, settings: Settings | None = None) -> tuple[Workspace, list[InputError]]:
    found = open_targets([os.curdir], folder)
    opened = [item for item in found if isinstance(item, Opened)]
    errors = [item for item in found if isinstance(item, InputError)]
    return Workspace([(item.snapshot, item.dockerfiles) for item in opened], settings), errors


def run_on(folder: Path, rules: Iterable[Rule] | None = None, *, inherited: bool = False) -> Run:
    workspace, errors = workspace_of(folder)
    return run_rules(workspace, all_rules() if rules is None else rules, errors=errors, inherited=inherited)


def found_in(folder: Path) -> list[tuple[str, int, str]]:
    return [(f.place.path, f.place.line, f.rule) for f in run_on(folder).findings()]
