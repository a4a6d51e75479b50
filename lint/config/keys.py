"""The keys of the configuration: the type of each, and what is said of a wrong one."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeGuard

from ...lineage.late.dataclasses import dataclass
from ...lineage.oci.address import is_image_address, parse_address
from ...lineage.repository.asked import exists
from ...lineage.text.errors import UsageError
from ...rules.base import Severity
from .files import ConfigFile, absolute, where
from .selection import nearest


@dataclass(frozen=True, slots=True)
class ParentSource:
    """Where a parent image is read from: a folder or Dockerfile, a `github:` target, a real image (`oci:`, …), or the name
    of an image that stands for it. `relative`: a real image by its path from the configuration's folder, not from the root."""

    kind: Literal["path", "github", "real", "image"]
    value: str
    relative: bool = False

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class ConfiguredContext:
    """How a Dockerfile is built. `context` is absolute; None where the configuration leaves it to be found."""

    context: Path | None = None
    target: str | None = None
    build_args: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class KeySetting:
    """A value of a file, with the key it has there, for messages and for paths that are relative to the file."""

    file: ConfigFile
    key: tuple[str, ...]
    value: Any

    def wrong(self, expected: str) -> NoReturn:
        """Raises UsageError: file, line, key, what it must be and what it is."""
        _, *inside = self.key
        name = inside[-1] if inside else ""
        hint = f" The key {name} has to stand above the first table." if name in {*VALUES, *TABLES} else ""
        raise UsageError(
            f"{where(self.file, self.key)}: {dotted(self.key)} must be {expected}, not {_kind(self.value)}.{hint}"
        )

    def refuse(self, reason: str) -> NoReturn:
        """Raises UsageError: file, line, and the reason."""
        raise UsageError(f"{where(self.file, self.key)}: {dotted(self.key)} {reason}.")

    def below(self, name: str, value: Any) -> "KeySetting":
        return KeySetting(self.file, (*self.key, name), value)

    def entries(self) -> "dict[str, KeySetting]":
        """The entries of a table."""
        if not _is_table(self.value):
            self.wrong("a table")
        return {name: self.below(name, value) for name, value in self.value.items()}


def text(setting: KeySetting) -> str:
    if not isinstance(setting.value, str):
        setting.wrong("a string" + (" (put it in quotes)" if isinstance(setting.value, int | float) else ""))
    if not setting.value:
        setting.refuse("is empty")
    return setting.value


def any_text(setting: KeySetting) -> str:
    return setting.value if setting.value == "" else text(setting)


def flag(setting: KeySetting) -> bool:
    if not isinstance(setting.value, bool):
        setting.wrong("true or false")
    return setting.value


def texts(setting: KeySetting) -> tuple[str, ...]:
    if not _is_list(setting.value) or not all(isinstance(each, str) for each in setting.value):
        setting.wrong("a list of strings")
    if not all(setting.value):
        setting.refuse("holds an empty string")
    return tuple(setting.value)


def text_or_texts(setting: KeySetting) -> tuple[str, ...]:
    if isinstance(setting.value, str):
        return (text(setting),)
    if not _is_list(setting.value):
        setting.wrong("a string or a list of strings")
    return texts(setting)


def severity(setting: KeySetting) -> Severity:
    try:
        return Severity.parse(setting.value)
    except (ValueError, AttributeError):
        setting.wrong('"error", "warning" or "info"')


def path(setting: KeySetting) -> Path:
    return absolute(setting.file.folder, text(setting))


def parent(setting: KeySetting) -> ParentSource:
    """A parent's source. A word that could be both is a path where it exists beside the file, else an image."""
    value = text(setting)
    if value.startswith("github:"):
        if not re.fullmatch(r"github:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?/[\w.-]+(?:@[^\s@]+)?", value):
            setting.refuse(f'has the value "{value}", which is not github:OWNER/REPO or github:OWNER/REPO@REF')
        return ParentSource("github", value)
    if is_image_address(value):
        try:
            address = parse_address(value, setting.file.folder)
        except UsageError as error:
            setting.refuse(f"cannot be read: {str(error).removesuffix('.')}")
        if address.reference is not None:
            return ParentSource("real", value)
        return ParentSource(
            "real",
            f"{address.transport}:{address.path}" + (f":{address.name}" if address.name else ""),
            not value.partition(":")[2].startswith(("/", "~")),
        )
    explicit = value in (".", "..", "~") or value.startswith(("./", "../", "/", "~/"))
    where_to = absolute(setting.file.folder, value)
    if explicit or exists(where_to):
        return ParentSource("path", str(where_to))
    from ...lineage.text.reference import InvalidReference, parse

    reference = parse(value)
    if isinstance(reference, InvalidReference):
        setting.refuse(
            f'has the value "{value}", which is neither a path that exists, nor github:OWNER/REPO, nor an image'
        )
    return ParentSource("image", value)


def alias(setting: KeySetting) -> str:
    value = text(setting)
    if value.endswith("/") != setting.key[-1].endswith("/"):
        setting.refuse(f'and its value "{value}" must both end in "/" (all names below), or neither')
    return value


def context(setting: KeySetting) -> ConfiguredContext:
    known: dict[str, Callable[[KeySetting], Any]] = {"context": path, "target": text, "build-args": table(any_text)}
    found: dict[str, Any] = {}
    for name, entry in setting.entries().items():
        if name not in known:
            raise unknown_key(entry, known)
        found[name] = known[name](entry)
    return ConfiguredContext(found.get("context"), found.get("target"), found.get("build-args"))


def table(convert: Callable[[KeySetting], Any]) -> Callable[[KeySetting], dict[str, Any]]:
    """The converter of a table whose values `convert` takes."""

    def converted(setting: KeySetting) -> dict[str, Any]:
        return {name: convert(entry) for name, entry in setting.entries().items()}

    return converted


TABLES: dict[str, Callable[[KeySetting], Any]] = {
    "severity": severity,
    "per-file-ignores": texts,
    "build-args": any_text,
    "parents": parent,
    "aliases": alias,
    "names": text_or_texts,
    "contexts": context,
}
"""Keys that are tables, with the converter of an entry. A file that extends another adds to its tables."""

VALUES: dict[str, Callable[[KeySetting], Any]] = {
    "extend": text,
    "select": texts,
    "ignore": texts,
    "extend-select": texts,
    "fail-on": severity,
    "moving-tags": texts,
    "exclude": texts,
    "baseline": path,
    "require-reason": flag,
    "workspace": flag,
}
"""All other keys. A file that extends another replaces its values."""


def settings(file: ConfigFile) -> dict[str, KeySetting]:
    """The settings of a file, by key, types unchecked.

    Raises UsageError for an unknown key, with the nearest known one.
    """
    found: dict[str, KeySetting] = {}
    for key, value in file.values.items():
        setting = KeySetting(file, (key,), value)
        if key not in VALUES and key not in TABLES:
            raise unknown_key(setting, {**VALUES, **TABLES})
        found[key] = setting
    return found


def unknown_key(setting: KeySetting, known: Mapping[str, Any]) -> UsageError:
    """The error for a key that is not one of `known`."""
    key = dotted(setting.key)
    begin = f"{where(setting.file, setting.key)}: the key {key} is unknown"
    if key == "tool" and not setting.file.section:
        return UsageError(f"{begin}; in {setting.file.path.name} the keys stand at the top, without [tool.ctlint].")
    near = nearest(setting.key[-1], known)
    end = f"; did you mean {dotted((*setting.key[:-1], near))}?" if near else f"; known are {', '.join(sorted(known))}."
    return UsageError(begin + end)


def dotted(key: tuple[str, ...]) -> str:
    """A key as it would be written in TOML: `contexts."a/Dockerfile".target`."""
    return ".".join(part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else f'"{part}"' for part in key)


def _is_table(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, int | float):
        return f"the number {value}" if isinstance(value, float) or abs(value) < 1 << 64 else "a very large number"
    if _is_list(value):
        return "a list" if all(isinstance(each, str) for each in value) else "a list with other things"
    return "a table" if isinstance(value, dict) else f"the date or time {value}"
