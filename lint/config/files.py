"""Configuration files: where they are found, what TOML they hold, and on which line a key stands."""

import errno
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from ...lineage.late.dataclasses import dataclass, field
from ...lineage.repository.asked import is_file, real
from ...lineage.repository.plain_file import LARGEST_SETTINGS, is_odd, read_plain
from ...lineage.text.errors import UsageError

NAMES = (".ctlint.toml", "ctlint.toml", "pyproject.toml")
"""The names of configuration files; in one folder the earlier wins."""

_SECTION = ("tool", "ctlint")


@dataclass(frozen=True, slots=True)
class FileVersions:
    """The files of this machine, but for those that are held in another version. A pipe or a device counts as a file that
    cannot be read.

    `earlier` has the bytes of these by path (`named`), None for one that was not there. The name counts before what a link
    of that name leads to: a file may have been replaced by a link.
    """

    earlier: Mapping[str, bytes | None] = field(default_factory=lambda: dict[str, bytes | None]())

    def holds(self, path: Path) -> bool:
        key = self._key(path)
        return is_file(path) or is_odd(path) if key is None else self.earlier[key] is not None

    def read(self, path: Path) -> bytes:
        """The bytes of a file. Raises OSError."""
        key = self._key(path)
        data = self.earlier[key] if key is not None else None
        return read_plain(path, LARGEST_SETTINGS) if data is None else data

    def _key(self, path: Path) -> str | None:
        if not self.earlier:
            return None
        return next((key for key in (named(path), os.path.realpath(path)) if key in self.earlier), None)


def named(path: Path | str) -> str:
    """A path whose folder is the real one; its last part may be a link."""
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name)


_NOW = FileVersions()


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A configuration file as read. `values` is the content of `[tool.ctlint]`, or of the whole of a ctlint.toml."""

    path: Path
    values: Mapping[str, Any]
    text: str = field(repr=False, default="")
    section: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        return self.path.parent

    def line(self, key: tuple[str, ...]) -> int | None:
        """The line (from 1) on which the value of `key` begins, None where it cannot be told."""
        whole = (*self.section, *key)
        rows = self.text.split("\n")
        candidates = (number for number, row in enumerate(rows, 1) if _may_begin(row, whole[-1]))
        for number in candidates:
            before = _parsed("\n".join(rows[: number - 1]))
            if before is not None and not _holds(before, whole) and _appears(rows, number, whole):
                return number
        return self.line(key[:-1]) if len(key) > 1 else None


def find_config(directory: Path, files: FileVersions = _NOW) -> Path | None:
    """The configuration file of the nearest folder, from `directory` upwards.

    A pyproject.toml without `[tool.ctlint]` is none.
    Raises UsageError for a pyproject.toml that may be meant and cannot be read.
    """
    start = Path(os.path.abspath(directory))
    return next((path for folder in (start, *start.parents) if (path := config_in(folder, files)) is not None), None)


def config_in(folder: Path, files: FileVersions = _NOW) -> Path | None:
    """The configuration file of a folder itself. Raises UsageError as `find_config` does."""
    for name in NAMES:
        path = folder / name
        if files.holds(path) and (name != "pyproject.toml" or _has_section(path, files)):
            return path
    return None


def read_config(path: Path, files: FileVersions = _NOW) -> ConfigFile:
    """A configuration file, of whatever name. Raises UsageError where it cannot be read or is no TOML."""
    import tomllib

    try:
        text = files.read(path).decode("utf-8-sig")
        document = tomllib.loads(text.replace("\r\n", "\n"))
    except OSError as error:
        raise UsageError(f"{shown(path)}: cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{shown(path)}: is not UTF-8, as TOML must be.") from None
    except (ValueError, RecursionError) as error:  # besides TOMLDecodeError: a number of more digits than int takes
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"{shown(path)}: is not valid TOML: {reason}.") from None
    if path.name != "pyproject.toml":
        return ConfigFile(path, document, text)
    values: Any = document
    for part in _SECTION:
        values = cast("dict[str, Any]", values).get(part, {}) if isinstance(values, dict) else {}
    if not isinstance(values, dict):
        raise UsageError(f"{shown(path)}: tool.ctlint must be a table.")
    return ConfigFile(path, cast("dict[str, Any]", values), text, _SECTION)


def with_extended(path: Path, files: FileVersions = _NOW) -> tuple[ConfigFile, ...]:
    """The file and those that it extends, the nearest (strongest) first.

    Raises UsageError for a circle or a missing file.
    """
    return tuple(_extended(path, files))


def _extended(path: Path, files: FileVersions) -> Iterator[ConfigFile]:
    seen: list[Path] = []
    while True:
        if real(path) in map(real, seen):
            raise UsageError(f"{shown(seen[-1])}: extend leads in a circle back to {shown(path)}.")
        file = read_config(path, files)
        seen.append(path)
        yield file
        extend = file.values.get("extend")
        if extend is None:
            return
        if not isinstance(extend, str) or not extend:
            raise UsageError(f'{where(file, ("extend",))}: extend must be the path of a file, like "../ctlint.toml".')
        path = absolute(file.folder, extend)
        if _leads_out(file.folder, path):
            raise UsageError(
                f"{where(file, ('extend',))}: extend leads out of the repository, to {shown(path)}: a repository may "
                "extend its own files, and a configuration file of a folder above it. Copy the file into the "
                "repository, or give the whole configuration with --config from outside."
            )
        if not files.holds(path):
            raise UsageError(f"{where(file, ('extend',))}: extend names {shown(path)}, which is not there.")


def _leads_out(folder: Path, path: Path) -> bool:
    """Whether a file that a configuration in `folder` extends is of no concern to its git checkout: whoever wrote the
    repository would choose which files of this machine are read."""
    from ...lineage.repository.git_files import enclosing_checkout

    checkout = enclosing_checkout(Path(real(folder)))
    if checkout is None:
        return False
    meant = Path(real(path))
    above = meant.name in NAMES and checkout.root.is_relative_to(meant.parent)
    return not above and not meant.is_relative_to(checkout.root)


def absolute(folder: Path, path: str) -> Path:
    """A path as it is written in a file of `folder`; `~` is the home directory."""
    try:
        written = Path(path).expanduser()
    except RuntimeError:  # no user of that name
        written = Path(path)
    return Path(os.path.normpath(folder / written))


def where(file: ConfigFile, key: tuple[str, ...]) -> str:
    """`FILE:LINE`, as messages begin, or `FILE` where the line cannot be told."""
    line = file.line(key)
    return shown(file.path) if line is None else f"{shown(file.path)}:{line}"


def shown(path: Path) -> str:
    """A path for the user: relative to the working directory where that is no longer."""
    try:
        relative = os.path.relpath(path)
    except ValueError:
        return str(path)
    return min((relative, str(path)), key=len).replace(os.sep, "/")


def _has_section(path: Path, files: FileVersions) -> bool:
    try:
        if b"ctlint" not in files.read(path):
            return False
    except OSError as error:
        if is_odd(path) or error.errno == errno.EFBIG:
            read_config(path, files)
        return False
    return bool(_section_of(path, files))


def _section_of(path: Path, files: FileVersions) -> bool:
    document = _parsed(files.read(path).decode("utf-8", "replace"))
    if document is None:
        read_config(path, files)
        return False
    tool = document.get("tool")
    return isinstance(tool, dict) and "ctlint" in tool


def _parsed(text: str) -> dict[str, Any] | None:
    import tomllib

    try:
        return tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except (ValueError, RecursionError):
        return None


def _may_begin(row: str, name: str) -> bool:
    """Whether a row may be the one that a key stands on: it has its name before `=`, or in a table's header."""
    quoted = rf"""(?:{re.escape(name)}|"{re.escape(name)}"|'{re.escape(name)}')"""
    return re.search(rf"""(?:^|[\s.\[{{,]){quoted}\s*[=.\]]""", row) is not None


def _holds(document: Mapping[str, Any], key: tuple[str, ...]) -> bool:
    value: Any = document
    for part in key:
        if not isinstance(value, dict) or part not in value:
            return False
        value = cast("dict[str, Any]", value)[part]
    return True


def _appears(rows: list[str], number: int, key: tuple[str, ...]) -> bool:
    """Whether the key is in the document once the statement that begins on row `number` is complete."""
    for end in range(number, min(number + 200, len(rows)) + 1):
        document = _parsed("\n".join(rows[:end]))
        if document is not None:
            return _holds(document, key)
    return False
