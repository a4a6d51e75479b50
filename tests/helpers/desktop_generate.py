"""Desktop entries for tests: plausible ones with a seeded choice of things that people get wrong."""

from collections.abc import Callable
from random import Random

from ctlint.lineage.desktop.keys import (
    ACTION_KEYS,
    DEPRECATED_TYPES,
    ENVIRONMENTS,
    KDE_TYPES,
    MAIN_KEYS,
    TYPES,
    VERSIONS,
)
from ctlint.lineage.desktop.keys import categories as registered

_ENVIRONMENTS = sorted(ENVIRONMENTS)
_CATEGORIES = sorted(registered())
_LOCALES = [
    "",
    "",
    "",
    "",
    "[de]",
    "[pt_BR]",
    "[sr@latin]",
    "[C.UTF-8]",
    "[]",
    "[d e]",
    "[x!]",
    "[é]",
    "[aé]",
    "[de",
    "de]",
]
_COMMANDS = [
    "xterm", "xterm -e top", "/opt/tool/bin/run --all", "env LANG=C xterm", 'sh -c "echo done"', "true", "viewer %U",
    "viewer %f", "viewer --name %c %i", "viewer -x 100%%",
]  # fmt: skip
_EXEC_PIECES = [
    " ", " ", " ", "a", "b", "word", "'", '"', '"', "\\", "\\\\", "\\\\\\\\", '\\"', '\\\\"', "$", "\\\\$", "$HOME", "`",
    "\\\\`", "~", "~/bin", "*", "?", "#", " #", "&", "&&", ";", "|", ">", "<", "(", ")", "%", "%%", "%f", "%U", "%F", "%u",
    "%i", "%c", "%k", "%d", "%D", "%n", "%N", "%v", "%m", "%x", "% f", "%\"", "%$", "%;", "%\\", "%é", "\\s", "\\n", "\\t",
    "\\r", "\\q", "\t", "=", "é", "\x01", "http://h/p?q=1&r=2",
]  # fmt: skip
_PIECES = ["a", "B", "7", "-", "_", ".", " ", ";", "=", "[", "]", "#", "\\", "/", "X-", "é", "\t", "\x02", "\x7f", "%"]
_MEDIA = [
    "text/plain", "application/x-tool", "inode/directory", "x-scheme-handler/http", "x-directory/normal", "X-own/thing",
    "x-o wn/thing", "message/rfc822", "message/partial", "multipart/related", "multipart/mixed", "example/a", "misc/ultravox",
    "misc/other", "text", "text/", "/plain", "text/a b", "text/a(b", "zz-application/zz-winassoc-xls", "text/plain/x",
    "flv-application/octet-stream", "chemical/x-pdb", "font/ttf", "Text/plain", "image/é", "x-content/cd", "", "x-/a",
]  # fmt: skip
_CONDITIONS = [
    "if-exists tool/conf", "unless-exists", "unless-exists  ", "if-exists /etc/x", "if-exists ../x", "if-exists ..",
    "if-exists ..x", "GNOME /key", "GNOME", "GNOME ", "GNOME3 if-session x", "GNOME3 unless-session", "GNOME3 if-sessionx y",
    "GNOME3 other", "GNOME3", "GSettings a b", "GSettings a", "GSettings a b c", "GSettings  a  b ", "GSettings", "KDE", "KDE ",
    "X-OWN", "X-OWN ", "X-OWN a", "XFCE a b", "none", "none ", "", " if-exists a", "MATE ",
]  # fmt: skip
_OTHER_KEYS = [
    "X-Own", "Own", "name", "Exec2", "Na me", "Näme", "X Own", "X-Ü", "Icon_", "Name.de", "[de]", "Exec-", "X-", "Type ",
]  # fmt: skip
_OTHER_GROUPS = [
    "X-Own", "Own", "", "Desktop Action ", "Desktop Action", "Desktop Action a b", "Desktop Action new", "Desktop Action old",
    "desktop entry", "Desktop Entry", "KDE Desktop Entry", "a[b", "a]b", "a\x01b", "org.example.Viewer", "Ü", "X-[",
]  # fmt: skip


def entry_file(random: Random) -> tuple[str, bytes]:
    """A file's name and content. Some are without fault, most have a few."""
    lines = ["[Desktop Entry]", "Type=Application", "Name=Viewer", f"Exec={random.choice(_COMMANDS)}"]
    lines += _keys(random, sorted(MAIN_KEYS), random.choice((0, 1, 2, 3, 6)))
    if random.random() < 0.4:
        lines += _actions(random)
    for _ in range(random.choice((0, 0, 1, 1, 2, 3, 5))):
        random.choice(_MUTATIONS)(random, lines)
    text = "\n".join(lines) + random.choice(("\n", "\n", "\n", "", "\n\n"))
    name = random.choice(
        ("viewer.desktop",) * 8 + ("org.example.viewer.desktop", "viewer.directory", "viewer.kdelnk", "v")
    )
    return name, _spoil(random, text.encode("utf-8", "surrogateescape"))


def _keys(random: Random, names: list[str], count: int) -> list[str]:
    result: list[str] = []
    for _ in range(count):
        name = random.choice(names)
        suffix = random.choice(_LOCALES) if random.random() < 0.3 else ""
        result.append(f"{name}{suffix}{random.choice(('=', '=', '=', ' = ', '= '))}{_value(random, name)}")
    return result


def _value(random: Random, name: str) -> str:
    if random.random() < 0.1:
        return "".join(random.choice(_PIECES) for _ in range(random.randrange(6)))
    special = _VALUES.get(name)
    if special is not None:
        return special(random)
    rule = MAIN_KEYS.get(name)
    if rule is not None and rule.value == "boolean":
        return random.choice(("true", "false", "true", "false", "0", "1", "True", "yes", "true ", ""))
    return random.choice(("Viewer", "viewer", "VIEWER", "a;b;", "", "An example", "Grüße", "é\udcff"))


def _list(random: Random, items: list[str]) -> str:
    chosen = [random.choice(items) for _ in range(random.randrange(5))]
    if chosen and random.random() < 0.2:
        chosen.append(random.choice(("X-Own", "none", "", "gnome", chosen[0])))
    return ";".join(chosen) + random.choice((";", ";", "", ";;", "; "))


def command_line(random: Random) -> str:
    """A raw value of Exec, more often wrong than right."""
    return random.choice(_COMMANDS[:5]) + "".join(random.choice(_EXEC_PIECES) for _ in range(random.randrange(9)))


_VALUES: dict[str, Callable[[Random], str]] = {
    "Type": lambda random: random.choice((*TYPES, *KDE_TYPES, *DEPRECATED_TYPES, "application", "", "Application ")),
    "Version": lambda random: random.choice((*VERSIONS, "2.0", "1", "1.0 ", "0.9.9", "0.9.2", "0.9.44", "")),
    "Encoding": lambda random: random.choice(("UTF-8", "utf-8", "Legacy-Mixed", "ISO-8859-1", "")),
    "Icon": lambda random: random.choice(
        ("viewer", "viewer.png", "a/b.svg", "/a/b.xpm", "/a/", "a.svgz", "", "x.xpm", "/")
    ),
    "OnlyShowIn": lambda random: _list(random, _ENVIRONMENTS),
    "NotShowIn": lambda random: _list(random, _ENVIRONMENTS),
    "Exec": command_line,
    "Path": lambda random: random.choice(("/opt", "opt", "~", "", "$HOME")),
    "MimeType": lambda random: _list(random, _MEDIA),
    "Categories": lambda random: _list(random, _CATEGORIES),
    "Actions": lambda random: _list(random, ["new", "old", "top", "a-1", "a_b", "Ü"]),
    "Implements": lambda random: _list(
        random, ["org.example.Viewer", "org.example.Tool", "none", "a..b", "a.1b", "a_.b"]
    ),
    "AutostartCondition": lambda random: random.choice(_CONDITIONS),
}


def _actions(random: Random) -> list[str]:
    chosen = random.sample(["new", "old", "top"], random.randrange(1, 4))
    lines = [f"Actions={';'.join(chosen)};"]
    for action in chosen:
        lines += ["", f"[Desktop Action {action}]", f"Name={action}", f"Exec={command_line(random)}"]
        lines += _keys(random, [*ACTION_KEYS, "Comment", "X-Own"], random.choice((0, 0, 1, 3)))
    return lines


def _somewhere(random: Random, lines: list[str]) -> int:
    return random.randrange(len(lines)) if lines else 0


def _drop(random: Random, lines: list[str]) -> None:
    if lines:
        del lines[_somewhere(random, lines)]


def _double(random: Random, lines: list[str]) -> None:
    if lines:
        lines.insert(_somewhere(random, lines), random.choice(lines))


def _add_key(random: Random, lines: list[str]) -> None:
    lines.insert(_somewhere(random, lines), _keys(random, [*MAIN_KEYS, *_OTHER_KEYS], 1)[0])


def _add_group(random: Random, lines: list[str]) -> None:
    lines.insert(_somewhere(random, lines), f"[{random.choice(_OTHER_GROUPS)}]")


_JUNK = [
    "junk", "=value", "[Unclosed", "]", "[", "# comment", " # comment", "   ", "\t", "[X-A] ", "[X-A]=b", "[X-A] b", "a=b=c",
]  # fmt: skip


def _add_junk(random: Random, lines: list[str]) -> None:
    lines.insert(_somewhere(random, lines), random.choice(_JUNK))


def _indent(random: Random, lines: list[str]) -> None:
    if lines:
        at = _somewhere(random, lines)
        lines[at] = random.choice((" ", "\t", "\v", "\f")) + lines[at]


def _extend(random: Random, lines: list[str]) -> None:
    if lines:
        lines[_somewhere(random, lines)] += random.choice((" ", ";", "\\", '"', "\r", "]", "é", "\t", "\f"))


def _set(random: Random, lines: list[str]) -> None:
    name = random.choice(sorted(_VALUES))
    lines.insert(min(len(lines), random.randrange(1, 6)), f"{name}={_value(random, name)}")


_MUTATIONS: list[Callable[[Random, list[str]], None]] = [
    _drop, _double, _add_key, _add_key, _add_group, _add_junk, _indent, _extend, _set, _set, _set,
]  # fmt: skip


def _spoil(random: Random, data: bytes) -> bytes:
    chance = random.random()
    if chance < 0.03:
        return data.replace(b"\n", b"\r\n")
    if chance < 0.04:
        return data.replace(b"\n", b"\r")
    if chance < 0.05:
        return b"\xef\xbb\xbf" + data
    if chance < 0.09:
        at = random.randrange(len(data) + 1)
        return data[:at] + random.choice((b"\xff", b"\0", b"\xc3", b"\xed\xa0\x80", b"\xe9t\xe9", b"\r")) + data[at:]
    if chance < 0.10:
        return b""
    if chance < 0.12:
        return data[: random.randrange(len(data) + 1)]
    return data
