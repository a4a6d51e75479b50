"""Desktop entries are read and judged as desktop-file-validate and GLib do."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from ctlint.lineage.desktop.entry import DesktopEntry, KeyEntry, parse_entry, split_key, unescape
from ctlint.lineage.desktop.exec_line import parse_exec
from ctlint.lineage.desktop.validate import Complaint, validate
from ctlint.rules.ct408_launcher_invalid import worth_telling
from ctlint.rules.shared.launchers.desktop_wording import WORDINGS, worded
from desktop_generate import command_line, entry_file
from desktop_oracle import Said, argv, complaints_of_tool, loads, starts

FIXTURES = Path(__file__).parents[3] / "fixtures"
GENERATED = 3000

NO_GROUP = {"first-group", "group-role-twice", "action-without-group", "filename-dbus"}
NO_KEY = {"key-unknown", "show-in-both", "action-without-group", "filename-dbus", "exec-missing"}
LATER_ENVIRONMENTS = {"COSMIC", "DDE", "Deepin", "Endless", "Phosh"}
LATER_CATEGORIES = {"COSMIC", "DDE", "GameTool", "LauncherStore", "LXQt", "Phosh"}


def said(complaint: Complaint) -> Said:
    """A complaint of ours as the tool would have made it."""
    item = complaint.item
    if complaint.code == "exec-field-code":
        item = item.encode("utf-8", "surrogateescape")[:1].decode("utf-8", "surrogateescape")
    if complaint.code == "exec-field-code-repeated":
        item = ""
    return (
        "warning" if complaint.level == "deprecated" else complaint.level,
        complaint.code,
        "" if complaint.code in NO_GROUP else complaint.group,
        "" if complaint.code in NO_KEY else complaint.key,
        item,
    )


def explained(tool_only: Said | None, ours_only: Said | None, entry: DesktopEntry, tool: set[Said]) -> bool:
    """Whether a difference is one that is meant: see each line."""
    interfaces = entry.get("Implements")
    if ours_only is not None:
        _, code, group, key, item = ours_only
        return (
            code
            in (
                "exec-missing",
                "exec-broken",
                "group-missing",
                "encoding-legacy",
            )  # nobody else says so, and nothing starts
            or (code == "key-name" and split_key(key) is not None)  # GLib refuses what the tool does not look at
            or (code == "key-required" and any(said[1] == "group-role-twice" for said in tool))  # it looks at one only
            or key == "Implements"  # not looked at before 0.27
            or (code.startswith("category-") and item in LATER_CATEGORIES)
            or (
                code.startswith("category-main")
                and any(said[1] == "category-unknown" and said[4] in LATER_CATEGORIES for said in tool)
            )
            or key.partition("[")[0] == "SingleMainWindow"  # a key since 0.27
            or (group in (interfaces.value.split(";") if interfaces else ()))
        )
    assert tool_only is not None
    _, code, group, key, item = tool_only
    repeated = any(said[1] == "group-repeated" or said[1:4:2] == ("key-repeated", "Actions") for said in tool)
    return (
        (code == "version-unknown" and any(found.value == "1.5" for found in every(entry, "Version")))
        or (code == "key-unknown" and item == "SingleMainWindow")
        or (code in ("show-in-unknown", "condition-unknown") and item in LATER_ENVIRONMENTS)
        or (code == "category-unknown" and item in LATER_CATEGORIES)
        or (code == "group-unknown" and interfaces is not None and group in interfaces.value.split(";"))
        # The specification wants Exec in actions only without DBusActivatable; releases after 0.28 too.
        or (code == "key-required" and item == "Exec" and entry.is_true("DBusActivatable"))
        # Of a repeated group the tool reads the keys again, and takes its actions for repeated; so with a repeated key.
        or (code == "list-repeated" and key == "Actions" and repeated)
        or code in ("exec-advised", "keyword-empty", "keyword-redundant", "exec-missing")  # after 0.28
        or (code == "interface-invalid" and item == "")  # the semicolon at the end of a list
    )


def every(entry: DesktopEntry, key: str) -> list[KeyEntry]:
    return [found for group in entry.groups for found in group.entries if found.key == key]


def differences(files: dict[str, bytes]) -> list[str]:
    result: list[str] = []
    answers = complaints_of_tool(files)
    for name, data in files.items():
        tool, ours = answers[name], {said(complaint) for complaint in validate(data, name)}
        entry = parse_entry(data)
        result += [f"tool only {item} {data!r}" for item in tool - ours if not explained(item, None, entry, tool)]
        result += [f"ours only {item} {data!r}" for item in ours - tool if not explained(None, item, entry, tool)]
    return result


def generated(count: int, seed: int = 1) -> dict[str, bytes]:
    random = Random(seed)
    files: dict[str, bytes] = {}
    for number in range(count):
        name, data = entry_file(random)
        files[f"f{number}-{name}"] = data
    return files


def test_generated_entries_get_the_complaints_of_desktop_file_validate() -> None:
    assert differences(generated(GENERATED)) == []


def test_the_fixtures_get_the_complaints_of_desktop_file_validate() -> None:
    files = {
        f"{number}-{path.name}": path.read_bytes() for number, path in enumerate(sorted(FIXTURES.rglob("*.desktop")))
    }
    assert len(files) > 50
    assert differences(files) == []


def test_generated_entries_meet_every_kind_of_complaint() -> None:
    met = Counter(
        complaint.code for name, data in generated(GENERATED, 2).items() for complaint in validate(data, name)
    )
    assert set(WORDINGS) - set(met) == set()


def test_a_fatal_complaint_is_made_where_glib_would_not_start_the_launcher() -> None:
    wrong: list[tuple[bytes, list[str]]] = []
    for name, data in generated(GENERATED, 3).items():
        if parse_entry(data).is_true("Hidden") or b"\r" in data.replace(b"\r\n", b""):
            continue  # not meant to start; and to GLib a lone carriage return does not end a line
        fatal = [complaint.code for complaint in validate(data, name) if complaint.fatal]
        # What is meant for a shell starts a program too, with other arguments than meant.
        surely = [code for code in fatal if code not in ("exec-reserved", "exec-unescaped", "value-control")]
        if starts(data) == bool(surely) and (surely or not fatal):
            wrong.append((data, fatal))
    assert wrong == []


def test_command_lines_are_split_as_glib_splits_them() -> None:
    random = Random(4)
    for _ in range(GENERATED):
        value = command_line(random)
        found = loads(f"[Desktop Entry]\nType=Application\nName=a\nExec={value}\n".encode())
        assert found is not None
        line = parse_exec(value)
        words = None if line.failure else [word.text.encode() for word in line.words]
        assert argv(found["Exec"] or b"") == words, value


def codes(text: str, name: str = "viewer.desktop") -> list[str]:
    return [complaint.code for complaint in validate(text.encode(), name) if complaint.level != "hint"]


def launcher(*lines: str) -> str:
    return "\n".join(("[Desktop Entry]", "Type=Application", "Name=Viewer", *lines, ""))


def test_entries_know_their_places_and_locales() -> None:
    entry = parse_entry("# comment\n[Desktop Entry]\nName = Viewer\n  Name[de]=Schöner\\sBetrachter\nIcon=a=b\n")
    name, german, icon = entry.entries()
    assert (name.key, name.value, name.line, name.column, name.end_column, name.value_column) == (
        "Name",
        "Viewer",
        3,
        1,
        5,
        8,
    )
    assert (german.name, german.locale, german.text) == ("Name", "de", "Schöner Betrachter")
    assert (german.line, german.column, german.value_column) == (4, 3, 12)
    assert (icon.value, icon.locale) == ("a=b", None)
    assert entry.get("Name[de]") == german
    assert entry.get("Exec") is None


def test_of_a_repeated_key_the_last_one_counts() -> None:
    entry = parse_entry(b"[Desktop Entry]\nExec=a\n[X-Own]\nExec=b\n[Desktop Entry]\nExec=c\n")
    found = entry.get("Exec")
    assert found is not None
    assert (found.value, found.line) == ("c", 6)


def test_bytes_that_are_not_utf8_are_one_column_each_and_never_reach_a_message() -> None:
    complaints = validate(launcher("Comment=a").encode() + b"GenericName=\xff\xfe!\nX\xff=1\n", "viewer.desktop")
    found = {complaint.code for complaint in complaints}
    assert found == {"value-utf8", "not-utf8", "key-name", "exec-missing"}
    first = next(complaint for complaint in complaints if complaint.code == "not-utf8")
    assert (first.line, first.column, first.end_column) == (5, 13, 14)
    for complaint in complaints:
        "".join(worded(complaint)).encode("utf-8")


def test_lines_that_end_in_crlf_are_read_and_reported_once() -> None:
    data = launcher("Exec=viewer", "Terminal=true").replace("\n", "\r\n").encode()
    (complaint,) = validate(data, "viewer.desktop")
    assert (complaint.code, complaint.line, complaint.column, complaint.fatal) == ("carriage-return", 1, 16, False)


def test_a_complaint_points_at_the_part_of_the_value_that_it_means() -> None:
    text = launcher("Exec=viewer", "Categories=Graphics;Pictures;X-Own;")
    (complaint,) = validate(text.encode(), "viewer.desktop")
    assert (complaint.code, complaint.line, complaint.column, complaint.end_column) == ("category-unknown", 5, 21, 29)
    assert "Pictures" in worded(complaint).message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "file-empty"),
        ("# nothing\n", "group-missing"),
        ("Name=Viewer\n", "entry-before-group"),
        (launcher(), "exec-missing"),
        (launcher("Exec= "), "exec-missing"),
        (launcher('Exec=sh -c "a'), "exec-unclosed"),
        (launcher("Exec=it's"), "exec-reserved"),
        (launcher("Exec=viewer $HOME/a"), "exec-reserved"),
        (launcher("Exec=~/viewer"), "exec-reserved"),
        (launcher("Exec=a && b"), "exec-reserved"),
        (launcher('Exec="$HOME/viewer" a'), "exec-unescaped"),
        (launcher("Exec=viewer \\\\"), "exec-broken"),
        (launcher("Exec=viewer", "words"), "not-an-entry"),
        (launcher("Exec=viewer", "Encoding=Legacy-Mixed"), "encoding-legacy"),
        ("[Desktop Entry]\nType=Application\nExec=viewer\n", "key-required"),
        ("[Desktop Entry]\nType=Program\nName=Viewer\nExec=viewer\n", "type-unknown"),
        ("[X-Own]\nA=b\n" + launcher("Exec=viewer"), "first-group"),
    ],
)
def test_what_keeps_a_launcher_from_starting_is_fatal(text: str, code: str) -> None:
    assert code in [complaint.code for complaint in validate(text.encode(), "viewer.desktop") if complaint.fatal]


@pytest.mark.parametrize(
    "line",
    [
        "Exec=sh -c 'cd /opt && exec ./viewer'",
        "Exec=firefox http://localhost:8080/viewer?study=1&series=2#top",
        'Exec=sh -c "echo $HOME"',
        "Exec=viewer %x",
        "Exec=viewer\nTerminal=no",
        "Exec=viewer\nOwner=me",
    ],
)
def test_what_desktops_start_all_the_same_is_not_fatal(line: str) -> None:
    complaints = validate(launcher(line).encode(), "viewer.desktop")
    assert complaints
    assert not any(complaint.fatal for complaint in complaints)


@pytest.mark.parametrize(
    "text",
    [
        launcher("Exec=viewer", "Version=1.5", "SingleMainWindow=true"),
        launcher("Exec=viewer", "OnlyShowIn=COSMIC;DDE;", "Categories=Qt;LXQt;Utility;"),
        launcher("Exec=viewer", "Implements=org.example.Viewer;", "", "[org.example.Viewer]", "A=b"),
        "[Desktop Entry]\nType=Link\nName=Handbook\nURL=https://example.net/\n",
    ],
)
def test_what_the_newest_specification_allows_is_allowed(text: str) -> None:
    assert codes(text) == []


def test_an_application_that_the_bus_starts_needs_no_command() -> None:
    text = launcher("DBusActivatable=true", "Actions=new;", "", "[Desktop Action new]", "Name=New")
    assert codes(text, "org.example.Viewer.desktop") == []
    assert codes(text) == ["filename-dbus"]


def test_a_hidden_entry_has_nothing_to_start() -> None:
    complaints = validate(b"[Desktop Entry]\nHidden=true\n", "viewer.desktop")
    assert [complaint.item for complaint in complaints] == ["Name", "Type"]
    assert not any(complaint.fatal for complaint in complaints)


def test_escape_sequences_of_strings() -> None:
    assert unescape(r"a\sb\tc\nd\re\\f\qg") == "a b\tc\nd\re\\f\\qg"


def test_words_of_a_command_line_know_where_they_stand() -> None:
    line = parse_exec(r'sh -c "echo \\"\\$HOME\\" 100%%" %U')
    assert [word.text for word in line.words] == ["sh", "-c", 'echo "$HOME" 100%%', "%U"]
    assert line.problems == ()
    third, last = line.words[2:]
    assert (third.start, third.quoted, third.literal) == (6, True, 'echo "$HOME" 100%')
    assert last.literal is None


@pytest.mark.parametrize(
    ("value", "program"),
    [
        ("viewer %f", "viewer"),
        ('"/opt/my tool/run" a', "/opt/my tool/run"),
        ("env LANG=C viewer a", "viewer"),
        ("/usr/bin/env -i A=b viewer", "viewer"),
        ("env -u A viewer", "env"),
        ("env", "env"),
        ("", None),
        ('"a', None),
    ],
)
def test_the_program_of_a_command_line(value: str, program: str | None) -> None:
    found = parse_exec(value).program
    assert (found.text if found else None) == program


def test_of_a_command_line_the_rule_tells_the_worst_alone() -> None:
    data = launcher("Exec=sh -c 'a' && b > c").encode()
    told = list(worth_telling(validate(data, "viewer.desktop")))
    assert [(complaint.code, complaint.item, complaint.fatal) for complaint in told] == [("exec-reserved", "&", True)]


def test_a_file_without_group_gets_one_finding() -> None:
    complaints = validate(b"Type=Application\nName=Viewer\nExec=viewer\n", "viewer.desktop")
    assert [complaint.code for complaint in worth_telling(complaints)] == ["group-missing"]


def test_hints_are_not_told() -> None:
    complaints = validate(launcher("Exec=viewer", "Categories=Debugger;").encode(), "viewer.desktop")
    assert {complaint.level for complaint in complaints} == {"hint"}
    assert list(worth_telling(complaints)) == []
