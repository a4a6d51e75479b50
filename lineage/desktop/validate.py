"""Everything that is wrong with a desktop entry file, and whether it then starts and shows.

What is complained of is what desktop-file-validate (desktop-file-utils) complains of, in whichever of its releases asks
least of an entry, with an application's missing command besides. `fatal` is settled by what GLib does with the file:
g_key_file_load_from_data, which Thunar, xfdesktop and Caja read it with, and gio/gdesktopappinfo.c.
"""

from collections.abc import Iterator
from operator import attrgetter
from posixpath import basename
from typing import NamedTuple

from .entry import (
    ACTION_PREFIX,
    KDE_GROUP,
    MAIN_GROUP,
    DesktopEntry,
    EntryGroup,
    KeyEntry,
    is_name,
    parse_entry,
    split_key,
)
from .keys import ACTION_KEYS, DEPRECATED_TYPES, KDE_TYPES, MAIN_KEYS, TYPES, KeyRule
from .levels import LEVELS, Level
from .values import ValueFault, items_of, of_key, of_value_type

_FATAL_FLAWS = ("entry-before-group", "not-an-entry")


class Complaint(NamedTuple):
    """What is wrong, with its place: lines and columns start at 1, `end_column` is exclusive.

    `code` is the short name of the kind, `item` the part of the value or the key that is meant, `other` what belongs to
    it. `key` is empty and `group` too where it concerns the file. `fatal`: desktops do not show the launcher, or cannot
    start it.
    """

    line: int
    column: int
    end_column: int
    code: str
    level: Level
    key: str
    group: str
    value: str
    item: str
    other: str
    fatal: bool


def validate(data: bytes, filename: str) -> tuple[Complaint, ...]:
    """All complaints about a file, by line and column; those of one kind about one thing are made once.

    `filename` is the file's name or path: its suffix counts.
    """
    parsed = parse_entry(data)
    found = dict.fromkeys(_Validator(parsed, filename).complaints())
    ordered = sorted(found, key=attrgetter("line", "column", "code", "item"))
    if parsed.is_true("Hidden"):  # made to be hidden: nothing has to start
        return tuple(complaint._replace(fatal=False) for complaint in ordered)
    return tuple(ordered)


class _Validator:
    def __init__(self, parsed: DesktopEntry, filename: str) -> None:
        self.parsed = parsed
        self.counting = {entry.key: entry for entry in parsed.entries()}
        self.filename = filename
        self.type = ""
        self.main: EntryGroup | None = None
        self.seen: dict[str, EntryGroup] = {}
        self.actions: dict[str, KeyEntry] = {}
        self.action_groups: dict[str, EntryGroup] = {}
        self.interfaces: set[str] = set()
        self.activatable: KeyEntry | None = None
        self.restricted: list[tuple[KeyEntry, str]] = []

    def complaints(self) -> Iterator[Complaint]:
        if not self.parsed.size:
            yield _say("file-empty", fatal=True)
        for flaw in self.parsed.flaws:
            # GLib takes blanks and tabs behind a group's name, and nothing else.
            fatal = flaw.code in _FATAL_FLAWS or (flaw.code == "group-trailing-space" and "\f" in flaw.text)
            yield _say(flaw.code, flaw.line, flaw.column, flaw.end_column, fatal=fatal)
        for index, group in enumerate(self.parsed.groups):
            yield from self._header(group, first=index == 0)
            following = self.parsed.groups[index + 1 : index + 2]
            if not following or following[0].name != group.name:
                yield from self._entries(group.name, index)
        if self.main is not None:
            for name in (MAIN_GROUP, KDE_GROUP):
                if name in self.seen:
                    yield from self._required(self.seen[name])
            yield from self._for_other_types()
        elif self.parsed.size:
            yield _say("group-missing", fatal=True)
        yield from self._actions()
        yield from self._filename()

    def _header(self, group: EntryGroup, first: bool) -> Iterator[Complaint]:
        if first and group.name not in (MAIN_GROUP, KDE_GROUP):
            yield _of_group("first-group", group, fatal=True)
        if group.name in self.seen:
            yield _of_group("group-repeated", group)
            return
        self.seen[group.name] = group
        if any(char < " " or char in "\x7f[]" for char in group.name):
            yield _of_group("group-name", group, fatal=True)
        elif group.name in (MAIN_GROUP, KDE_GROUP):
            if group.name == KDE_GROUP:
                yield _of_group("group-kde", group, fatal=first)
            if self.main is not None:
                yield _of_group("group-role-twice", group)
            self.main = group
        elif group.name.startswith(ACTION_PREFIX):
            action = group.name.removeprefix(ACTION_PREFIX)
            if is_name(action):
                self.action_groups[action] = group
            else:
                yield _of_group("group-action-name", group)
        elif not group.name.startswith("X-") and group.name not in self.interfaces:
            yield _of_group("group-unknown", group, fatal=not group.name)

    def _entries(self, name: str, last: int) -> Iterator[Complaint]:
        """The entries of a group up to the place where another one begins: of a repeated group, all so far."""
        entries = [entry for group in self.parsed.groups[: last + 1] if group.name == name for entry in group.entries]
        siblings = {entry.key: entry for entry in entries}
        told: set[str] = set()
        counted: dict[str, int] = {}
        for entry in entries:
            counted[entry.key] = counted.get(entry.key, 0) + 1
        shown = False
        for entry in entries:
            parts = split_key(entry.key)
            if parts is None or not _readable_key(entry.key):
                yield _of_entry("key-name", entry, name, fatal=not _readable_key(entry.key))
            if counted[entry.key] > 1 and entry.key not in told:
                told.add(entry.key)
                yield _of_entry("key-repeated", entry, name)
            if parts is None:
                continue
            good = True
            for complaint in self._entry(entry, parts, name, siblings):
                good = good and complaint.code not in ("value-control", "key-not-localizable", "key-unknown")
                yield complaint
            if good and parts[0] in ("OnlyShowIn", "NotShowIn") and _rules_of(name):
                if shown:
                    yield _of_entry("show-in-both", entry, name)
                shown = True

    def _entry(
        self, entry: KeyEntry, parts: tuple[str, str | None], group: str, siblings: dict[str, KeyEntry]
    ) -> Iterator[Complaint]:
        rules = _rules_of(group)
        if rules is None:
            return
        name, locale = parts
        rule = rules.get(name)
        extends = name.startswith("X-")
        if rule is None:
            if not extends:
                yield _of_entry("key-unknown", entry, group, item=name)
            return
        if locale is not None and rule.value not in ("localestring", "localestrings"):
            if not extends:
                yield _of_entry("key-not-localizable", entry, group, item=name)
            return
        if rule.deprecated:
            yield _of_entry("key-deprecated", entry, group)
        if extends:
            return
        counts = group == MAIN_GROUP and self._counts(entry, name)
        own = [fault if counts else fault._replace(breaks=False) for fault in of_key(entry, siblings)]
        general = list(of_value_type(rule.value, entry, siblings))
        if all(fault.code == "boolean-deprecated" for fault in general):
            if rules is MAIN_KEYS:
                self._remember(entry, name, rule.only_for)
            faults = [*general, *own]
        else:
            breaks = any(fault.breaks for fault in own)
            faults = [fault._replace(breaks=breaks) for fault in general]
        for fault in faults:
            yield _of_value(fault, entry, group)

    def _remember(self, entry: KeyEntry, name: str, only_for: str) -> None:
        if only_for:
            self.restricted.append((entry, only_for))
        if name == "Type":
            self.type = entry.value if entry.value in TYPES + KDE_TYPES + DEPRECATED_TYPES else ""
        elif name == "Actions":
            for _, item in items_of(entry.value):
                if not is_name(item) or not item:
                    break
                self.actions.setdefault(item, entry)
        elif name == "DBusActivatable" and entry.value in ("true", "1"):
            self.activatable = entry
        elif name == "Implements":
            self.interfaces.update(item for _, item in items_of(entry.value) if item)

    def _required(self, main: EntryGroup) -> Iterator[Complaint]:
        for name in ("Type", "Name"):
            if self.parsed.get(name, main.name) is None:
                yield _of_group("key-required", main, item=name, fatal=main.name == MAIN_GROUP)
        if main.name != MAIN_GROUP or self.parsed.get("Type") is None or not self._is_application():
            return
        if self.parsed.is_true("Hidden") or self.parsed.is_true("DBusActivatable"):
            return
        command = self.parsed.get("Exec")
        if command is None:
            yield _of_group("exec-missing", main, fatal=True)
        elif not command.value.strip():
            yield _of_entry("exec-missing", command, main.name, fatal=True)

    def _counts(self, entry: KeyEntry, name: str) -> bool:
        """Whether a fault of the main group's entry can do harm: GLib minds any Encoding, else the last one of a key."""
        if name == "Encoding":
            return True
        return self.counting.get(entry.key) is entry and (name != "Exec" or self._is_application())

    def _is_application(self) -> bool:
        kind = self.parsed.get("Type")
        return kind is None or kind.text == "Application"

    def _for_other_types(self) -> Iterator[Complaint]:
        for entry, only_for in self.restricted:
            if self.type and only_for != self.type:
                yield _of_entry("key-wrong-type", entry, self.main.name if self.main else "", item=only_for)

    def _actions(self) -> Iterator[Complaint]:
        by_bus = self.main is not None and self.parsed.is_true("DBusActivatable", self.main.name)
        for action, entry in self.actions.items():
            group = self.action_groups.get(action)
            if group is None:
                yield _of_entry("action-without-group", entry, MAIN_GROUP, item=action)
                continue
            for name in ("Name",) if by_bus else ("Name", "Exec"):
                if self.parsed.get(name, group.name) is None:
                    yield _of_group("key-required", group, item=name)
        for action, group in self.action_groups.items():
            if action not in self.actions:
                yield _of_group("group-without-action", group, item=action)

    def _filename(self) -> Iterator[Complaint]:
        name = basename(self.filename)
        if self.activatable is not None and name.count(".") < 2:
            yield _of_entry("filename-dbus", self.activatable, MAIN_GROUP)
        if self.type == "Directory":
            if not name.endswith(".directory"):
                yield _say("filename-directory")
        elif name.endswith(".kdelnk"):
            yield _say("filename-kdelnk")
        elif not name.endswith(".desktop"):
            yield _say("filename-suffix")


def _rules_of(group: str) -> dict[str, KeyRule] | None:
    if group in (MAIN_GROUP, KDE_GROUP):
        return MAIN_KEYS
    return ACTION_KEYS if group.startswith(ACTION_PREFIX) else None


def _readable_key(key: str) -> bool:
    """Whether GLib's reader takes the key; if not, it refuses the file."""
    name, bracket, rest = key.partition("[")
    if not name or "]" in name or name.endswith(" "):
        return False
    if not bracket:
        return True
    locale = rest.removesuffix("]")
    return rest.endswith("]") and all(char.isalnum() or char in "-_.@" for char in locale)


def _of_group(code: str, group: EntryGroup, item: str = "", fatal: bool = False) -> Complaint:
    return _say(code, group.line, group.column, group.end_column, group=group.name, item=item, fatal=fatal)


def _of_entry(code: str, entry: KeyEntry, group: str, item: str = "", fatal: bool = False) -> Complaint:
    place = entry.line, entry.column, entry.end_column
    return _say(code, *place, key=entry.key, group=group, value=entry.value, item=item, fatal=fatal)


def _of_value(fault: ValueFault, entry: KeyEntry, group: str) -> Complaint:
    end = len(entry.value) if fault.end is None else fault.end
    return _say(
        fault.code,
        entry.line,
        entry.value_column + fault.start,
        entry.value_column + max(end, fault.start + 1 if fault.start < len(entry.value) else fault.start),
        key=entry.key,
        group=group,
        value=entry.value,
        item=fault.item,
        other=fault.other,
        fatal=fault.breaks,
    )


def _say(
    code: str,
    line: int = 1,
    column: int = 1,
    end_column: int = 1,
    *,
    key: str = "",
    group: str = "",
    value: str = "",
    item: str = "",
    other: str = "",
    fatal: bool = False,
) -> Complaint:
    return Complaint(line, column, end_column, code, LEVELS[code], key, group, value, item, other, fatal)
