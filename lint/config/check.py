"""What is wrong with the text of a configuration file, and where: for editors, before it is saved."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from ...lineage.late.dataclasses import dataclass
from ...lineage.text.errors import UsageError
from ...rules.base import Rule
from .effective import load_config
from .files import FileVersions, find_config, shown


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """The first fault of a file, in characters from 1."""

    message: str
    line: int = 1
    column: int = 1


def fault_in(file: Path, text: str, rules: Iterable[Rule]) -> ConfigFault | None:
    """The first fault of a configuration file with this text; None where it is right, or does not configure ctlint.

    `rules` are those that may be named. A fault in a file that it extends is told at the first line.
    """
    held = FileVersions({os.path.realpath(file): text.encode("utf-8", "replace")})
    try:
        if file.name == "pyproject.toml" and find_config(file.parent, held) != file:
            return None
        config = load_config(file.parent, file, held)
        known = tuple(rules)
        config.selected(known)
        config.severities(known)
        config.ignored_in(file.parent / "Dockerfile", known)
    except UsageError as error:
        return _located(str(error), shown(file))
    return None


def _located(message: str, file: str) -> ConfigFault:
    """A message without the `FILE:LINE: ` before it. TOML's own complaints say line and column in the text."""
    found = re.match(rf"{re.escape(file)}(?::(?P<line>\d+))?: ", message)
    if found is None:
        return ConfigFault(message)
    rest = message[found.end() :]
    if found["line"] is not None:
        return ConfigFault(rest, int(found["line"]))
    at = re.search(r"\(at line (\d+), column (\d+)\)", rest)
    return (
        ConfigFault(rest[:1].upper() + rest[1:], int(at[1]), int(at[2]))
        if at
        else ConfigFault(rest[:1].upper() + rest[1:])
    )
