"""What desktop-file-validate and GLib say of a launcher, in the terms of ctlint's complaints."""

import ctypes
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

Said = tuple[str, str, str, str, str]
"""(level, code, group, key, item): one complaint without its place."""

_V = r'value "(?P<value>.*)" for '
_KG = r'key "(?P<key>[^"]*)" in group "(?P<group>.*?)"'
_PATTERNS: list[tuple[str, str]] = [
    ("file-empty", r"file is empty"),
    ("not-utf8", r"file contains lines that are not UTF-8 encoded.*"),
    ("carriage-return", r"file contains at least one line ending with a carriage return.*"),
    ("leading-space", r'line ".*" starts with a space\. .*'),
    ("group-trailing-space", r'line ".*" ends with a space, but looks like a group.*'),
    ("entry-before-group", r'file contains entry ".*" before the first group.*'),
    ("not-an-entry", r'file contains line ".*", which is not a comment, a group or an entry'),
    ("first-group", r'first group is not "Desktop Entry"'),
    ("group-repeated", r'file contains multiple groups named "(?P<group>.*)", but multiple groups.*'),
    ("group-name", r'file contains group "(?P<group>.*)", but group names may contain.*'),
    ("group-kde", r'file contains group "(?P<group>.*)", which is deprecated in favor of.*'),
    ("group-role-twice", r"file contains groups .* which play the same role"),
    ("group-action-name", r'file contains group "(?P<group>.*)", which has an invalid action identifier.*'),
    ("group-unknown", r'file contains group "(?P<group>.*)", but groups extending the format.*'),
    ("key-name", r'file contains key "(?P<key>.*)" in group "(?P<group>.*)", but key names must contain only.*'),
    ("key-repeated", r'file contains multiple keys named "(?P<key>.*)" in group "(?P<group>.*)"'),
    ("key-unknown", r'file contains key "(?P<item>.*)" in group "(?P<group>.*)", but keys extending the format.*'),
    (
        "key-not-localizable",
        r'file contains key "(?P<key>.*)" in group "(?P<group>.*)", but "(?P<item>.*)" is not defined as a locale.*',
    ),
    ("key-deprecated", rf"{_KG} is deprecated"),
    ("key-without-base", rf'{_KG} is a localized key, but there is no non-localized key "(?P<item>.*)"'),
    ("value-utf8", rf"{_V}locale string {_KG} contains invalid UTF-8.*"),
    ("value-utf8", rf"{_V}locale string list {_KG} contains invalid UTF-8.*"),
    ("value-control", rf"{_V}string {_KG} contains invalid characters, string values.*"),
    ("value-control", rf"{_V}(?:string|regexp) list {_KG} contains invalid character .*"),
    ("boolean-invalid", rf"{_V}boolean {_KG} contains invalid characters, boolean.*"),
    ("boolean-deprecated", rf'boolean {_KG} has value ".*", which is deprecated.*'),
    ("type-unknown", rf"{_V}{_KG} is not a registered type value.*"),
    ("version-unknown", rf"{_V}{_KG} is not a known version"),
    ("encoding-unknown", rf"{_V}{_KG} is not a registered encoding value.*"),
    ("type-deprecated", rf"{_V}{_KG} is deprecated"),
    ("comment-redundant", rf'{_V}{_KG} looks the same as that of key "(?P<item>.*)"'),
    ("icon-directory", rf"{_V}{_KG} is an absolute path to a directory.*"),
    ("icon-relative", rf"{_V}{_KG} looks like a relative path.*"),
    ("icon-extension", rf"{_V}{_KG} is an icon name with an extension.*"),
    ("path-relative", rf"{_V}{_KG} does not look like an absolute path"),
    ("show-in-both", r'only one of "OnlyShowIn" and "NotShowIn" keys may appear in group "(?P<group>.*)"'),
    ("list-repeated", rf'{_V}{_KG} contains (?:action |interface )?"(?P<item>.*)" more than once'),
    ("unregistered", rf'{_V}{_KG} contains an unregistered value "(?P<item>.*)"; values extending.*'),
    ("mime-discouraged", rf'{_V}{_KG} contains value "(?P<item>.*)" which is a MIME type that should probably.*'),
    ("mime-invalid", rf'{_V}{_KG} contains value "(?P<item>.*)" which is an invalid MIME type.*'),
    ("category-main-many", rf"{_V}{_KG} contains more than one main category.*"),
    ("category-main-none", rf"{_V}{_KG} does not contain a registered main category.*"),
    ("category-deprecated", rf'{_V}{_KG} contains a deprecated value "(?P<item>.*)"'),
    ("category-reserved", rf'value item "(?P<item>.*)" in {_KG} is a reserved category.*'),
    ("category-required", rf'value item "(?P<item>.*)" in {_KG} requires another category.*'),
    ("category-suggested", rf'value item "(?P<item>.*)" in {_KG} can be extended with another category.*'),
    ("action-empty", rf"{_V}{_KG} contains an empty action"),
    ("action-name", rf'{_V}{_KG} contains invalid action identifier "(?P<item>.*)", only.*'),
    ("action-without-group", r'action "(?P<item>.*)" is defined, but there is no matching .*'),
    ("group-without-action", r'action group "(?P<group>.*)" exists, but there is no matching action "(?P<item>.*)"'),
    ("interface-invalid", rf'{_V}{_KG} contains an invalid interface name "(?P<item>.*)"'),
    ("filename-dbus", r"DBusActivatable filename must conform to reverse-DNS notation"),
    ("filename-directory", r'file is of type "Directory", but filename.*'),
    ("filename-kdelnk", r"filename has a \.kdelnk extension.*"),
    ("filename-suffix", r"filename does not have a \.desktop extension"),
    ("key-required", r'required key "(?P<item>.*)" in group "(?P<group>.*)" is not present'),
    ("exec-missing", r'key "Exec" in group "(?P<group>.*)" is required if .*'),
    ("exec-advised", r'key "Exec" in group "(?P<group>.*)" should be specified .*'),
    (
        "key-wrong-type",
        r'key "(?P<key>.*)" is present in group "(?P<group>.*)", but the type is ".*" while .* for type "(?P<item>.*)"',
    ),
    ("condition-path-missing", rf"{_V}{_KG} does not contain a path to a file.*"),
    ("condition-path-absolute", rf'{_V}{_KG} contains a path "(?P<item>.*)" that is absolute.*'),
    ("condition-path-parent", rf'{_V}{_KG} contains a path "(?P<item>.*)" that depends.*'),
    ("condition-trailing-space", rf"{_V}{_KG} has trailing space\(s\)"),
    (
        "condition-first-argument",
        rf'{_V}{_KG} does not contain a valid first argument for condition "(?P<item>.*)"; .*',
    ),
    ("condition-arguments", rf'{_V}{_KG} has (?:\d+ )?too (?:many|few) arguments for condition "(?P<item>.*)"'),
    ("condition-arguments", rf'{_V}{_KG} is missing a last argument for condition "(?P<item>.*)"'),
    ("condition-unknown", rf'{_V}{_KG} contains an unregistered value "(?P<item>.*)" for the condition.*'),
    ("exec-field-code", rf'{_V}{_KG} contains an invalid field code "%(?P<item>.*)"'),
    ("exec-field-code-deprecated", rf'{_V}{_KG} contains a deprecated field code "%(?P<item>.*)"'),
    ("exec-field-code-incomplete", rf"{_V}{_KG} contains a non-complete field code"),
    ("exec-field-code-repeated", rf"{_V}{_KG} may contain at most one .*"),
    ("exec-unescaped", rf"{_V}{_KG} contains a non-escaped character '(?P<item>.*)' in a quote.*"),
    ("exec-reserved", rf"{_V}{_KG} contains a reserved character '(?P<item>.*)' outside of a quote"),
    ("exec-escape-incomplete", rf"{_V}{_KG} ends in an incomplete escape sequence"),
    ("exec-unclosed", rf"{_V}{_KG} contains a quote which is not closed"),
    ("keyword-empty", rf"{_V}{_KG} contains an empty keyword"),
    ("keyword-redundant", rf'{_V}{_KG} contains keyword "(?P<item>.*)" which is the same as.*'),
]
_UNREGISTERED = {"Categories": "category-unknown", "OnlyShowIn": "show-in-unknown", "NotShowIn": "show-in-unknown"}
_NO_ITEM = frozenset(("exec-field-code-repeated",))


@cache
def _compiled() -> list[tuple[str, re.Pattern[str]]]:
    return [(code, re.compile(pattern, re.DOTALL)) for code, pattern in _PATTERNS]


def complaints_of_tool(files: dict[str, bytes]) -> dict[str, set[Said]]:
    """What desktop-file-validate says of each file, given and answered by its name."""
    answers: dict[str, set[Said]] = {name: set() for name in files}
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        names = list(files)
        for start in range(0, len(names), 200):
            for name, line in _run(folder, names[start : start + 200]):
                answers[name].add(_translated(line))
    return answers


def _run(folder: str, names: Sequence[str]) -> list[tuple[str, str]]:
    done = subprocess.run(
        ["desktop-file-validate", *names],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=False,
    )
    assert not done.stderr, done.stderr
    lines = done.stdout.decode("utf-8", "surrogateescape").split("\n")
    assert lines.pop() == ""
    return [(name, told) for name, _, told in (line.partition(": ") for line in lines)]


def _translated(line: str) -> Said:
    level, _, text = line.partition(": ")
    text = text.removeprefix("(will be fatal in the future): ")
    for code, pattern in _compiled():
        match = pattern.fullmatch(text)
        if match is None:
            continue
        found = match.groupdict()
        key = found.get("key") or ""
        code = _UNREGISTERED.get(key.partition("[")[0], code) if code == "unregistered" else code
        return level, code, found.get("group") or "", key, found.get("item") or ""
    raise AssertionError(f"nothing known of what desktop-file-validate says: {line!r}")


@cache
def _glib() -> Any:
    """GLib, which desktop-file-utils depends on."""
    library = ctypes.CDLL("libglib-2.0.so.0")
    library.g_key_file_new.restype = ctypes.c_void_p
    library.g_key_file_get_string.restype = ctypes.c_void_p
    library.g_key_file_get_value.restype = ctypes.c_void_p
    library.g_key_file_get_start_group.restype = ctypes.c_void_p
    library.g_log_set_default_handler(_silent(), None)
    return library


@cache
def _silent() -> Any:
    return ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(lambda *_: None)


def _taken(pointer: int | None) -> bytes | None:
    if not pointer:
        return None
    text = ctypes.string_at(pointer)
    _glib().g_free(ctypes.c_void_p(pointer))
    return text


def loads(data: bytes) -> dict[str, bytes | None] | None:
    """Some values of the file as GLib reads it, `Name` raw; None where it refuses the file."""
    glib = _glib()
    keys = ctypes.c_void_p(glib.g_key_file_new())
    try:
        if not glib.g_key_file_load_from_data(keys, data, ctypes.c_size_t(len(data)), 0, None):
            return None
        if _taken(glib.g_key_file_get_start_group(keys)) != b"Desktop Entry":
            return None
        found = {
            name: _taken(glib.g_key_file_get_string(keys, b"Desktop Entry", name.encode(), None))
            for name in ("Type", "Exec", "DBusActivatable")
        }
        return {**found, "Name": _taken(glib.g_key_file_get_value(keys, b"Desktop Entry", b"Name", None))}
    finally:
        glib.g_key_file_free(keys)


def argv(command: bytes) -> list[bytes] | None:
    """The words of a command line; None where GLib cannot split it."""
    count, words = ctypes.c_int(), ctypes.POINTER(ctypes.c_char_p)()
    if not _glib().g_shell_parse_argv(command, ctypes.byref(count), ctypes.byref(words), None):
        return None
    result = [words[index] or b"" for index in range(count.value)]
    _glib().g_strfreev(words)
    return result


def starts(data: bytes) -> bool:
    """Whether a desktop that uses GLib shows the launcher and has a command to start, as gio/gdesktopappinfo.c asks."""
    found = loads(data)
    if found is None or found["Name"] is None:
        return False
    if found["Type"] != b"Application":
        return found["Type"] in (b"Link", b"Directory", b"Service", b"ServiceType", b"FSDevice", b"MimeType")
    command = found["Exec"]
    if command and command.strip():
        return argv(command) is not None
    return (found["DBusActivatable"] or b"").strip() in (b"true", b"1")
