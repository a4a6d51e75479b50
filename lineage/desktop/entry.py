"""Desktop entry files as their readers see them: lines, groups, keys and locale variants with their positions.

Source: Desktop Entry Specification 1.5, "Basic format of the file" and "Localized values for keys"; where the page is
silent, GLib's key file parser, which Xfce, MATE and GNOME read launchers with.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from ..late.dataclasses import dataclass
from ..late.patterns import pattern

MAIN_GROUP = "Desktop Entry"
KDE_GROUP = "KDE Desktop Entry"
ACTION_PREFIX = "Desktop Action "

BLANKS = " \t\n\f\r"
_ESCAPES = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
_NAME = pattern(r"[A-Za-z0-9-]*")
_LOCALE = pattern(r"[A-Za-z0-9._@-]*")

FlawCode = Literal[
    "carriage-return", "not-utf8", "leading-space", "group-trailing-space", "entry-before-group", "not-an-entry"
]


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A line `key=value`.

    `key` is as written, with its locale; `value` is raw (escape sequences not undone), without leading blanks. The key
    stands in columns `column` to `end_column` (exclusive), the value from `value_column` on.
    """

    key: str
    value: str
    line: int
    column: int
    end_column: int
    value_column: int

    @property
    def name(self) -> str:
        """The key without its locale."""
        return self.key.rpartition("[")[0] if self.locale is not None else self.key

    @property
    def locale(self) -> str | None:
        """What stands between the brackets; None where the key has no locale."""
        base, bracket, rest = self.key.rpartition("[")
        return rest[:-1] if bracket and base and rest.endswith("]") else None

    @property
    def text(self) -> str:
        """The value with its escape sequences undone."""
        return unescape(self.value)


class EntryGroup(NamedTuple):
    """A line `[name]` with the entries up to the next one."""

    name: str
    line: int
    column: int
    end_column: int
    entries: tuple[KeyEntry, ...]


class Flaw(NamedTuple):
    """A line that is not as the format wants it, with the columns of what is wrong."""

    code: FlawCode
    line: int
    column: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class DesktopEntry:
    """A file that was read. `groups` are in the order of the file; a name may come twice. `size` is in bytes."""

    groups: tuple[EntryGroup, ...]
    flaws: tuple[Flaw, ...]
    size: int

    def entries(self, group: str = MAIN_GROUP) -> Iterator[KeyEntry]:
        """All entries of the groups with that name."""
        for found in self.groups:
            if found.name == group:
                yield from found.entries

    def get(self, key: str, group: str = MAIN_GROUP) -> KeyEntry | None:
        """The entry that counts: the last one with that key (`Name`, `Name[de]`)."""
        last = None
        for entry in self.entries(group):
            if entry.key == key:
                last = entry
        return last

    def is_true(self, key: str, group: str = MAIN_GROUP) -> bool:
        """Whether a boolean key is set to true (`1` in entries from before version 1.0)."""
        entry = self.get(key, group)
        return entry is not None and entry.value.rstrip(BLANKS) in ("true", "1")


def parse_entry(content: bytes | str) -> DesktopEntry:
    """Read a file. Bytes that are not UTF-8 become lone surrogates (PEP 383), so that a column is a character."""
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    reader = _EntryReader()
    for number, whole in enumerate(data.split(b"\n"), 1):
        column = 1
        for index, piece in enumerate(whole.split(b"\r")):
            text = piece.decode("utf-8", "surrogateescape")
            if index:
                reader.note_once("carriage-return", number, column - 1, column, reader.previous)
            if text:
                reader.take(text, number, column)
            reader.previous = text
            column += len(text) + 1
    return DesktopEntry(reader.finished(), tuple(reader.flaws), len(data))


def split_key(key: str) -> tuple[str, str | None] | None:
    """A key's name and locale; None where it breaks the rules for key names.

    As desktop-file-validate does, the last character of a locale is let pass.
    """
    name, bracket, rest = key.rpartition("[")
    if not bracket:
        return (key, None) if _NAME.fullmatch(key) else None
    if not _NAME.fullmatch(name) or len(rest) < 2 or not rest.endswith("]"):
        return None
    locale = rest[:-1]
    # GLib's strings are bytes: of a character outside ASCII only the last byte would pass unseen.
    passes = _LOCALE.fullmatch(locale[:-1]) and (locale[-1].isascii() or "\udc80" <= locale[-1] <= "\udcff")
    return (name, locale) if passes else None


def is_name(text: str) -> bool:
    """Whether the text is made of the characters that key names and action identifiers may have."""
    return _NAME.fullmatch(text) is not None


def unescape(value: str) -> str:
    r"""A value of type string with `\s`, `\n`, `\t`, `\r` and `\\` undone; an unknown sequence stays as it is."""
    return unescape_with_offsets(value)[0]


def unescape_with_offsets(value: str) -> tuple[str, list[int]]:
    """The same, with the offset in `value` of every character and, last, the end."""
    text: list[str] = []
    offsets: list[int] = []
    position = 0
    while position < len(value):
        char, following = value[position], value[position + 1 : position + 2]
        if char == "\\" and (not following or following in _ESCAPES):
            if following:
                text.append(_ESCAPES[following])
                offsets.append(position)
            position += 2
            continue
        width = 2 if char == "\\" else 1
        text += value[position : position + width]
        offsets += range(position, position + width)
        position += width
    return "".join(text), [*offsets, len(value)]


class _EntryReader:
    """Takes line after line; a carriage return separates lines too."""

    def __init__(self) -> None:
        self.flaws: list[Flaw] = []
        self.previous = ""
        self._seen: set[str] = set()
        self._groups: list[tuple[str, int, int, int]] = []
        self._entries: list[list[KeyEntry]] = []

    def finished(self) -> tuple[EntryGroup, ...]:
        return tuple(
            EntryGroup(*head, tuple(entries)) for head, entries in zip(self._groups, self._entries, strict=True)
        )

    def note(self, code: FlawCode, line: int, column: int, end_column: int, text: str) -> None:
        self.flaws.append(Flaw(code, line, column, end_column, text))

    def note_once(self, code: FlawCode, line: int, column: int, end_column: int, text: str) -> None:
        if code not in self._seen:
            self._seen.add(code)
            self.note(code, line, column, end_column, text)

    def take(self, text: str, line: int, column: int) -> None:
        bad = next((at for at, char in enumerate(text) if char == "\0" or "\udc80" <= char <= "\udcff"), None)
        if bad is not None:
            self.note_once("not-utf8", line, column + bad, column + bad + 1, text)
        text = text.partition("\0")[0]
        stripped = text.lstrip(BLANKS)
        if len(stripped) < len(text):
            self.note("leading-space", line, column, column + len(text) - len(stripped), text)
            column += len(text) - len(stripped)
        if not stripped or stripped.startswith("#"):
            return
        end = column + len(stripped)
        chomped = stripped.rstrip(BLANKS)
        if chomped.startswith("[") and chomped.endswith("]"):
            if len(chomped) < len(stripped):
                self.note("group-trailing-space", line, column + len(chomped), end, stripped)
            self._groups.append((chomped[1:-1], line, column, column + len(chomped)))
            self._entries.append([])
            return
        key, equals, value = stripped.partition("=")
        if not equals or not key:
            self.note("not-an-entry", line, column, end, stripped)
        elif not self._groups:
            self.note("entry-before-group", line, column, end, stripped)
        else:
            name = key.rstrip(BLANKS)
            plain = value.lstrip(BLANKS)
            start = column + len(key) + 1 + len(value) - len(plain)
            self._entries[-1].append(KeyEntry(name, plain, line, column, column + len(name), start))
