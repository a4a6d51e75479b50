"""What is wrong with the value of one key of a desktop entry.

Sources: Desktop Entry Specification, "Possible value types" and "Recognized desktop entry keys"; Desktop Menu
Specification; Icon Theme Specification. What is asked is what desktop-file-validate asks.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

from ..text.numbers import is_digits
from .entry import KeyEntry, is_name
from .exec_line import parse_exec
from .keys import (
    CONDITIONS,
    DEPRECATED_TYPES,
    ENCODINGS,
    ENVIRONMENTS,
    KDE_TYPES,
    TYPES,
    VERSIONS,
    Category,
    ValueType,
    categories,
)


class ValueFault(NamedTuple):
    """A complaint at offsets of the value (`end` None: up to its end). `breaks`: the launcher fails because of it."""

    code: str
    start: int = 0
    end: int | None = None
    item: str = ""
    other: str = ""
    breaks: bool = False


Siblings = Mapping[str, KeyEntry]
"""The entries of the same group by key, the last of each."""


def items_of(value: str) -> Iterator[tuple[int, str]]:
    """The items of a list with their offsets; the semicolon at the end ends the last one."""
    position = 0
    pieces = value.split(";")
    if pieces[-1] == "":
        pieces.pop()
    for piece in pieces:
        yield position, piece
        position += len(piece) + 1


def _distinct(value: str) -> dict[str, int]:
    """The items with the offset at which each stands first."""
    found: dict[str, int] = {}
    for at, item in items_of(value):
        found.setdefault(item, at)
    return found


def of_value_type(value_type: ValueType, entry: KeyEntry, siblings: Siblings) -> Iterator[ValueFault]:
    """What is wrong with a value of that type, whatever its key."""
    value = entry.value
    if value_type == "boolean":
        if value in ("0", "1"):
            yield ValueFault("boolean-deprecated")
        elif value not in ("true", "false"):
            yield ValueFault("boolean-invalid")
    elif value_type in ("localestring", "localestrings"):
        if any("\udc80" <= char <= "\udcff" for char in value):
            yield ValueFault("value-utf8")
        elif entry.name not in siblings:
            yield ValueFault("key-without-base", item=entry.name)
    else:
        control = next((at for at, char in enumerate(value) if char < " " or char == "\x7f"), None)
        if control is not None:
            yield ValueFault("value-control", control, control + 1)


def of_key(entry: KeyEntry, siblings: Siblings) -> Iterator[ValueFault]:
    """What is wrong with the value, which is one of its type, for its key."""
    check = _CHECKS.get(entry.name)
    if check is not None:
        yield from check(entry, siblings)


def _type(entry: KeyEntry, siblings: Siblings) -> Iterator[ValueFault]:
    if entry.value in DEPRECATED_TYPES:
        yield ValueFault("type-deprecated")
    elif entry.value not in TYPES and entry.value not in KDE_TYPES:
        yield ValueFault("type-unknown", breaks=entry.text not in (*TYPES, *KDE_TYPES, *DEPRECATED_TYPES))


def _version(entry: KeyEntry, siblings: Siblings) -> Iterator[ValueFault]:
    if entry.value not in VERSIONS:
        yield ValueFault("version-unknown")


def _encoding(entry: KeyEntry, siblings: Siblings) -> Iterator[ValueFault]:
    if entry.value not in ENCODINGS:
        yield ValueFault("encoding-unknown", breaks=entry.text.lower() != "utf-8")
    elif entry.value != "UTF-8":
        yield ValueFault("encoding-legacy", breaks=True)


def _comment(entry: KeyEntry, siblings: Siblings) -> Iterator[ValueFault]:
    locale = entry.key[len(entry.name) :]
    for name in ("Name", "GenericName"):
        other = siblings.get(name + locale)
        if other is not None and _lower(other.value) == _lower(entry.value):
            yield ValueFault("comment-redundant", item=other.key)
            return


def _lower(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)


def _icon(entry: KeyEntry, siblings: Siblings) -> Iterator[ValueFault]:
    if entry.value.startswith("/"):
        if entry.value.endswith("/"):
            yield ValueFault("icon-directory")
    elif "/" in entry.value:
        yield ValueFault("icon-relative")
    elif entry.value.endswith((".png", ".xpm", ".svg")):
        yield ValueFault("icon-extension")


def _path(entry: KeyEntry, siblings: Siblings) -> Iterator[ValueFault]:
    if not entry.value.startswith("/"):
        yield ValueFault("path-relative")


def _repeated(entry: KeyEntry) -> Iterator[ValueFault]:
    seen: set[str] = set()
    for at, item in items_of(entry.value):
        if item in seen:
            yield ValueFault("list-repeated", at, at + len(item), item)
        seen.add(item)


def _show_in(entry: KeyEntry, siblings: Siblings) -> Iterator[ValueFault]:
    yield from _repeated(entry)
    for item, at in _distinct(entry.value).items():
        if item not in ENVIRONMENTS and not item.startswith("X-"):
            yield ValueFault("show-in-unknown", at, at + len(item), item)


def _media_types(entry: KeyEntry, siblings: Siblings) -> Iterator[ValueFault]:
    yield from _repeated(entry)
    for item, at in _distinct(entry.value).items():
        verdict = judge_media_type(item)
        if verdict is not None:
            yield ValueFault(f"mime-{verdict[0]}", at, at + len(item), item, verdict[1])


def _categories(entry: KeyEntry, siblings: Siblings) -> Iterator[ValueFault]:
    if not entry.value:
        return
    yield from _repeated(entry)
    first = _distinct(entry.value)
    names = set(first)
    known = categories()
    mains = 0
    for at, item in items_of(entry.value):
        category = known.get(item)
        if category is None:
            if not item.startswith("X-") and at == first[item]:
                yield ValueFault("category-unknown", at, at + len(item), item)
            continue
        if category.kind == "main":
            mains += not _beside(category, names)
            if mains > 1:
                yield ValueFault("category-main-many")
        if at == first[item]:
            yield from _category(at, item, category, names, siblings)
    if mains == 0:
        yield ValueFault("category-main-none")


def _category(at: int, item: str, category: Category, names: set[str], siblings: Siblings) -> Iterator[ValueFault]:
    end = at + len(item)
    if category.kind == "deprecated":
        yield ValueFault("category-deprecated", at, end, item)
    if category.kind == "reserved" and "OnlyShowIn" not in siblings:
        yield ValueFault("category-reserved", at, end, item)
    if category.with_any and not _beside(category, names):
        wanted = " or ".join(" with ".join(choice) for choice in category.with_any)
        yield ValueFault("category-required" if category.required else "category-suggested", at, end, item, wanted)


def _beside(category: Category, names: set[str]) -> bool:
    return any(names.issuperset(choice) for choice in category.with_any)


def _actions(entry: KeyEntry, siblings: Siblings) -> Iterator[ValueFault]:
    seen: set[str] = set()
    for at, item in items_of(entry.value):
        end = at + len(item)
        if not item:
            yield ValueFault("action-empty", at, at + 1)
            return
        if item in seen:
            yield ValueFault("list-repeated", at, end, item)
        elif not is_name(item):
            yield ValueFault("action-name", at, end, item)
            return
        seen.add(item)


def _implements(entry: KeyEntry, siblings: Siblings) -> Iterator[ValueFault]:
    yield from _repeated(entry)
    for at, item in items_of(entry.value):
        if not _is_interface(item):
            yield ValueFault("interface-invalid", at, at + len(item), item)
            return


def _is_interface(text: str) -> bool:
    parts = text.split(".")
    if len(parts) < 2 or len(text) > 255:
        return False
    return all(
        part and not is_digits(part[0]) and part.isascii() and part.replace("_", "a").isalnum() for part in parts
    )


def _exec(entry: KeyEntry, siblings: Siblings) -> Iterator[ValueFault]:
    for found in parse_exec(entry.value).problems:
        yield ValueFault(found.code, found.start, found.end, found.item, breaks=found.breaks)
    foreign = next((at for at, char in enumerate(entry.value) if "\udc80" <= char <= "\udcff"), None)
    if foreign is not None:
        yield ValueFault("exec-broken", foreign, foreign + 1, breaks=True)


def _condition(entry: KeyEntry, siblings: Siblings) -> Iterator[ValueFault]:
    name, blank, rest = entry.value.partition(" ")
    argument = rest.lstrip(" ")
    if name in ("if-exists", "unless-exists"):
        if not argument:
            yield ValueFault("condition-path-missing")
        elif argument.startswith("/"):
            yield ValueFault("condition-path-absolute", item=argument)
        elif argument == ".." or argument.startswith("../"):
            yield ValueFault("condition-path-parent", item=argument)
    elif name in CONDITIONS:
        yield from _registered_condition(name, argument)
    else:
        if name not in ENVIRONMENTS and not name.startswith("X-"):
            yield ValueFault("condition-unknown", 0, len(name), name)
        if blank and not argument:
            yield ValueFault("condition-trailing-space", len(name))


def _registered_condition(name: str, argument: str) -> Iterator[ValueFault]:
    first_words, wanted = CONDITIONS[name]
    if first_words:
        first = next((word for word in first_words if argument.startswith(word)), None)
        if first is None:
            yield ValueFault("condition-first-argument", item=name)
            return
        rest = argument[len(first) :]
        argument = rest.lstrip(" ") if rest[:1] in ("", " ") else argument
    fits = bool(argument) if wanted == 1 else len(argument.split()) == wanted
    if not fits:
        yield ValueFault("condition-arguments", item=name)


_CHECKS: dict[str, Callable[[KeyEntry, Siblings], Iterator[ValueFault]]] = {
    "Type": _type,
    "Version": _version,
    "Encoding": _encoding,
    "Comment": _comment,
    "Icon": _icon,
    "OnlyShowIn": _show_in,
    "NotShowIn": _show_in,
    "Exec": _exec,
    "Path": _path,
    "Dev": _path,
    "MountPoint": _path,
    "MimeType": _media_types,
    "Categories": _categories,
    "Actions": _actions,
    "Implements": _implements,
    "AutostartCondition": _condition,
}


_DESKTOP = ("inode", "x-content", "x-scheme-handler", "chemical")
_DISCRETE = ("application", "audio", "font", "image", "model", "text", "video")
_COMPOSITE = ("message", "multipart")
_ACCEPTED = ("message/rfc822", "multipart/related", "misc/ultravox")
_REPLACEMENTS = {
    "flv-application/octet-stream": "video/x-flv",
    "zz-application/zz-winassoc-123": "application/vnd.lotus-1-2-3",
    "zz-application/zz-winassoc-cab": "application/vnd.ms-cab-compressed",
    "zz-application/zz-winassoc-cdr": "application/vnd.corel-draw",
    "zz-application/zz-winassoc-doc": "application/msword",
    "zz-application/zz-winassoc-hlp": "application/winhlp",
    "zz-application/zz-winassoc-ini": "text/plain",
    "zz-application/zz-winassoc-lwp": "application/vnd.lotus-wordpro",
    "zz-application/zz-winassoc-lzh": "application/x-lha",
    "zz-application/zz-winassoc-mdb": "application/vnd.ms-access",
    "zz-application/zz-winassoc-uu": "text/x-uuencode",
    "zz-application/zz-winassoc-xls": "application/vnd.ms-excel",
}


def judge_media_type(text: str) -> tuple[Literal["discouraged", "invalid"], str] | None:
    """None for a type that is fine; else how bad it is, and the reason as the end of a sentence about "it"."""
    top, slash, subtype = text.partition("/")
    if not slash:
        return "invalid", "it has no subtype"
    if not subtype:
        return "invalid", "its subtype is empty"
    if not _is_token(subtype):
        return "invalid", "its subtype has a character that no media type may have"
    if top in _DESKTOP or top in _DISCRETE or text in _ACCEPTED:
        return None
    if text in _REPLACEMENTS:
        return "discouraged", f"the name for it is `{_REPLACEMENTS[text]}`"
    if top == "x-directory":
        return "discouraged", "`inode/directory` took its place"
    if top[:2].lower() == "x-":
        if not _is_token(top[2:]):
            return "invalid", "its first part has a character that no media type may have"
        return "discouraged", "own types belong below `application/`"
    if top in _COMPOSITE:
        return "discouraged", "it stands for messages and not for files"
    if top == "example":
        return "invalid", "it is reserved for examples"
    return "invalid", f"`{top}` is not a registered top-level type"


def _is_token(text: str) -> bool:
    return all(char > " " and char != "\x7f" and char not in '()<>@,;:\\"/[]?=' for char in text)
