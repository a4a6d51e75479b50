"""The effective configuration: found, merged with what it extends, checked, and every value with its origin."""

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar, Unpack, cast

from ...lineage.late.dataclasses import dataclass, field, replace
from ...lineage.repository.gitignore import GitIgnore
from ...lineage.text.errors import UsageError
from ...rules.base import Severity
from .files import ConfigFile, FileVersions, config_in, find_config, shown, where, with_extended
from .selection import Catalogue, R, Selectable, Selection, SelectionLayer, select_rules

if TYPE_CHECKING:
    from .keys import ConfiguredContext, KeySetting, ParentSource

T = TypeVar("T")
_COMMAND_LINE = "command line"
_SELECTION = ("select", "ignore", "extend-select")


@dataclass(frozen=True, slots=True)
class ValueOrigin:
    """What set a value: a file and the key in it, the command line, or nothing (`default`)."""

    kind: Literal["default", "file", "command line"] = "default"
    file: ConfigFile | None = None
    key: tuple[str, ...] = ()

    def __str__(self) -> str:
        return where(self.file, self.key) if self.file else self.kind


@dataclass(frozen=True, slots=True)
class OriginKey:
    """A line of `ctlint config`: a key (in a table: with the entry's name), its value as JSON has it, its origin."""

    key: tuple[str, ...]
    value: Any
    origin: ValueOrigin


class Overrides(TypedDict, total=False):
    """What the command line may set; what is absent or None stays as it is. `build_args` adds, the rest replaces."""

    select: Iterable[str] | None
    ignore: Iterable[str] | None
    extend_select: Iterable[str] | None
    fail_on: Severity | None
    build_args: Mapping[str, str] | None
    baseline: Path | None
    require_reason: bool | None


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration in force for a folder.

    `root` is the folder of the nearest configuration file (without one: the folder that was asked for); the globs of
    `exclude` and `per_file_ignores` are relative to it and written as in a .gitignore. `layers` hold the selection of
    rules, the weakest first. `moving_tags` is None where the rules' own list is in force.
    """

    root: Path
    files: tuple[ConfigFile, ...] = ()
    layers: tuple[SelectionLayer, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=lambda: dict[str, Severity]())
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict[str, tuple[str, ...]]())
    fail_on: Severity = Severity.WARNING
    build_args: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    parents: Mapping[str, "ParentSource"] = field(default_factory=lambda: dict[str, "ParentSource"]())
    aliases: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    names: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict[str, tuple[str, ...]]())
    contexts: Mapping[str, "ConfiguredContext"] = field(default_factory=lambda: dict[str, "ConfiguredContext"]())
    moving_tags: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    baseline: Path | None = None
    require_reason: bool = False
    workspace: bool = False
    given: bool = False
    """Whether the user named the file (`--config`): no other counts then."""
    versions: FileVersions = field(default_factory=FileVersions, repr=False, compare=False)
    """The versions of files that this was read in."""
    origins: Mapping[tuple[str, ...], ValueOrigin] = field(
        default_factory=lambda: dict[tuple[str, ...], ValueOrigin](), repr=False
    )

    def origin(self, *key: str) -> ValueOrigin:
        """What set a key, or an entry of a table: `origin("parents", "acme/base")`."""
        return self.origins.get(key, ValueOrigin())

    def selected(
        self, rules: Iterable[R], *, preview: bool = False, renamed: Mapping[str, str] | None = None
    ) -> Selection[R]:
        """The rules that run. Raises UsageError where a selector of any key names no rule."""
        known = tuple(rules)
        catalogue = Catalogue.of(known, renamed)
        notes: list[str] = []
        tables = [(selector, self.origin("severity", selector)) for selector in self.severity]
        for pattern, selectors in self.per_file_ignores.items():
            tables += [(selector, self.origin("per-file-ignores", pattern)) for selector in selectors]
        for selector, origin in tables:
            catalogue.expand(selector, origin)
            word = catalogue.word_about(selector)
            if word is not None:
                notes.append(f"{origin}: {word}")
        chosen = select_rules(known, self.layers, preview=preview, renamed=renamed)
        return replace(chosen, notes=tuple(dict.fromkeys((*chosen.notes, *notes))))

    def severities(self, rules: Iterable[Selectable], renamed: Mapping[str, str] | None = None) -> dict[str, Severity]:
        """The severities that the configuration sets, by code; the more specific selector wins."""
        catalogue = Catalogue.of(rules, renamed)
        given = [
            (*catalogue.expand(selector, self.origin("severity", selector)), severity)
            for selector, severity in self.severity.items()
        ]
        given.sort(key=lambda each: each[0])
        return {code: severity for _, codes, severity in given for code in codes}

    def ignored_in(
        self, path: str | Path, rules: Iterable[Selectable], renamed: Mapping[str, str] | None = None
    ) -> frozenset[str]:
        """The codes that `per-file-ignores` switches off in a file.

        `path` is absolute, or relative to the working directory. A pattern with `!` before it stands for every file
        that the rest does not match.
        """
        if not self.per_file_ignores:
            return frozenset()
        catalogue = Catalogue.of(rules, renamed)
        found: set[str] = set()
        for pattern, selectors in self.per_file_ignores.items():
            if self._matches([pattern.removeprefix("!")], path) is not pattern.startswith("!"):
                for selector in selectors:
                    found.update(catalogue.expand(selector, self.origin("per-file-ignores", pattern))[1])
        return frozenset(found)

    def excludes(self, path: str | Path) -> bool:
        """Whether `exclude` leaves out a file (`path` relative to the working directory, or absolute)."""
        return bool(self.exclude) and self._matches(self.exclude, path)

    def excluded_in(self, repository: Path | None) -> tuple[str, ...]:
        """The patterns of what is not looked at in the repository in a folder: those in force, and in a run of several
        repositories those that its own configuration has; of one that makes no sense, none.
        """
        file = None if self.given or repository is None else config_in(repository, self.versions)
        if file is None or any(file == each.path for each in self.files):
            return self.exclude
        try:
            return (*self.exclude, *load_config(file.parent, file, self.versions).exclude)
        except UsageError:
            return self.exclude

    def _matches(self, patterns: Iterable[str], path: str | Path) -> bool:
        relative = os.path.relpath(os.path.abspath(path), self.root).replace(os.sep, "/")
        return not relative.startswith("../") and _ignores(tuple(patterns)).ignored(relative, False)

    def file_of(self, key: str, name: str) -> Path:
        """The Dockerfile that an entry of `names` or `contexts` means: relative to the file that holds the entry."""
        file = self.origin(key, name).file
        return Path(os.path.normpath((file.folder if file else self.root) / name))

    def with_options(self, **options: Unpack[Overrides]) -> "Config":
        """This configuration with what the command line says. Selectors are not checked before `selected`."""
        given: dict[str, Any] = {key: value for key, value in options.items() if value is not None}
        origins = dict(self.origins)
        origins.update({(key.replace("_", "-"),): ValueOrigin("command line") for key in given if key != "build_args"})
        layers = self.layers
        selection = {key: tuple(given.pop(key)) for key in ("select", "ignore", "extend_select") if key in given}
        if selection:
            layers = (*layers, SelectionLayer(_COMMAND_LINE, **selection))
        if "build_args" in given:
            origins.update({("build-args", name): ValueOrigin("command line") for name in given["build_args"]})
            given["build_args"] = {**self.build_args, **given["build_args"]}
        return replace(self, layers=layers, origins=origins, **given)

    def entries(self) -> Iterator[OriginKey]:
        """Every key with its value and origin, tables entry by entry, in the order of the documentation."""
        for key in _SELECTION:
            yield OriginKey((key,), self._selectors(key), self.origin(key))
        for name in ("severity", "per-file-ignores", "build-args", "parents", "aliases", "names", "contexts"):
            table: Mapping[str, Any] = getattr(self, name.replace("-", "_"))
            if not table:
                yield OriginKey((name,), {}, ValueOrigin())
            for entry in sorted(table):
                yield OriginKey((name, entry), _plain(table[entry]), self.origin(name, entry))
        for name in ("fail-on", "moving-tags", "exclude", "baseline", "require-reason", "workspace"):
            yield OriginKey((name,), _plain(getattr(self, name.replace("-", "_"))), self.origin(name))

    def _selectors(self, key: str) -> list[str]:
        if key == "select":
            return list(next((layer.select for layer in reversed(self.layers) if layer.select is not None), ("ALL",)))
        given = (layer.ignore if key == "ignore" else layer.extend_select for layer in self._layers_in_force())
        return list(dict.fromkeys(selector for selectors in given for selector in selectors))

    def _layers_in_force(self) -> tuple[SelectionLayer, ...]:
        starts = [number for number, layer in enumerate(self.layers) if layer.select is not None]
        return self.layers[starts[-1] if starts else 0 :]


@lru_cache(maxsize=8192)
def _ignores(patterns: tuple[str, ...]) -> GitIgnore:
    ignore = GitIgnore()
    ignore.add("", "\n".join(patterns))
    return ignore


def load_config(directory: Path, file: Path | None = None, files: FileVersions | None = None) -> Config:
    """The configuration for a folder: of `file` where given (`--config`), else of the nearest folder that has one.

    `files` gives earlier versions of files, for the configuration as it was.

    Raises UsageError, beginning with file and line, for an unknown key, a value of the wrong type, broken TOML, a
    missing file.
    """
    held = files or FileVersions()
    path = Path(os.path.abspath(file)) if file else find_config(directory, held)
    if path is None:
        return Config(Path(os.path.abspath(directory)), versions=held)
    from .keys import settings

    found_files = with_extended(path, held)
    values: dict[str, Any] = {}
    origins: dict[tuple[str, ...], ValueOrigin] = {}
    layers: list[SelectionLayer] = []
    for each in reversed(found_files):
        found = settings(each)
        if each is not found_files[0]:
            found.pop("workspace", None)
        layers.extend(_layer(each, found))
        for key, setting in found.items():
            _take(key, setting, values, origins)
    chosen = {key.replace("-", "_"): value for key, value in values.items() if key not in (*_SELECTION, "extend")}
    return Config(
        path.parent, found_files, tuple(layers), given=file is not None, versions=held, origins=origins, **chosen
    )


def _take(key: str, setting: "KeySetting", values: dict[str, Any], origins: dict[tuple[str, ...], ValueOrigin]) -> None:
    from .keys import TABLES, VALUES

    if key in TABLES:
        for name, entry in setting.entries().items():
            values.setdefault(key, {})[name] = TABLES[key](entry)
            origins[(key, name)] = ValueOrigin("file", setting.file, (key, name))
        return
    values[key] = VALUES[key](setting)
    origins[(key,)] = ValueOrigin("file", setting.file, (key,))


def _layer(file: ConfigFile, found: Mapping[str, "KeySetting"]) -> Iterator[SelectionLayer]:
    from .keys import texts

    given = {key.replace("-", "_"): texts(found[key]) for key in _SELECTION if key in found}
    if given:
        yield SelectionLayer(shown(file.path), **given)


def _plain(value: Any) -> Any:
    from .keys import ConfiguredContext, ParentSource

    if isinstance(value, Severity):
        return value.label
    if isinstance(value, ConfiguredContext):
        named = {"context": value.context, "target": value.target, "build-args": value.build_args}
        return {key: _plain(part) for key, part in named.items() if part is not None}
    if isinstance(value, Path):
        return shown(value)
    if isinstance(value, ParentSource):
        return shown(Path(value.value)) if value.kind == "path" else value.value
    return list(cast("tuple[str, ...]", value)) if isinstance(value, tuple) else value
