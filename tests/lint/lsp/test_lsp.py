"""`ctlint lsp`: what it shows while files are opened, edited, saved, and change on disk."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types

from ctlint.lint.cli import main
from ctlint.lint.lsp.room import Room, Stale
from lsp_editor import CHILD, CLEARED, NEEDS_ACCOUNT, WRONG_CHILD, Start, file_of, write

pytest_plugins = ["lsp_fixtures"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

# Diagnostics


async def test_the_findings_are_those_of_the_command_line(
    start_alone: Start, fleet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(fleet)
    main(["lint", "--format", "json"])
    expected: dict[str, list[str]] = {}
    for finding in json.loads(capsys.readouterr().out)["findings"]:
        expected.setdefault(finding["path"], []).append(finding["rule"])
    editor = await start_alone(fleet)
    for dockerfile in sorted(fleet.glob("*/Docker*")):
        editor.open(dockerfile)
    for path, codes in expected.items():
        await editor.shows(fleet / path, *codes)
    assert {file_of(uri) for uri, found in editor.client.diagnostics.items() if found} == {fleet / p for p in expected}


async def test_a_finding_goes_with_the_defect_and_returns_with_it(start: Start, pair: Path) -> None:
    editor = await start(pair)
    script = pair / "viewer/root/etc/cont-init.d/50-own.sh"
    editor.open(script)
    editor.type(script, NEEDS_ACCOUNT.replace("with-contenv sh", "with-contenv bash").replace("#!/usr/bin", "#!/bin"))
    editor.type(script, CLEARED)
    await editor.shows(script, "CT205")
    [found] = editor.diagnostics(script)
    assert found.severity is types.DiagnosticSeverity.Error
    assert found.source == "ctlint"
    assert found.range == types.Range(types.Position(2, 6), types.Position(2, 18))
    editor.type(script, NEEDS_ACCOUNT)
    await editor.shows(script)
    editor.type(script, CLEARED)
    await editor.shows(script, "CT205")
    assert script.read_text() == NEEDS_ACCOUNT


async def test_an_edit_shows_in_the_file_and_the_image_that_it_breaks(start: Start, pair: Path) -> None:
    editor = await start(pair)
    account = pair / "desktop/root/etc/cont-init.d/40-account.sh"
    needs = pair / "viewer/root/etc/cont-init.d/50-own.sh"
    early = pair / "viewer/root/etc/cont-init.d/30-own.sh"
    needs.rename(early)
    editor.open(account)
    await editor.shows(early, "CT202")
    [found] = editor.diagnostics(early)
    assert found.related_information is not None
    assert [(each.location.uri, each.location.range.start.line) for each in found.related_information] == [
        (account.as_uri(), 2)
    ]
    early.rename(needs)
    editor.changed_on_disk(needs, types.FileChangeType.Created)
    await editor.shows(early)
    await editor.shows(needs)


async def test_two_unsaved_documents_are_linted_together(start: Start, pair: Path) -> None:
    editor = await start(pair)
    dockerfile, script = pair / "viewer/Dockerfile", pair / "viewer/root/etc/cont-init.d/50-own.sh"
    editor.open(dockerfile)
    editor.open(script)
    editor.type(script, CLEARED)
    editor.type(dockerfile, WRONG_CHILD)
    await editor.shows(script, "CT205")
    await editor.shows(dockerfile, "CT306")
    editor.type(script, NEEDS_ACCOUNT)
    await editor.shows(script)
    assert editor.codes(dockerfile) == ["CT306"]


async def test_launchers_and_services_are_linted_while_typing(start: Start, fleet: Path) -> None:
    editor = await start(fleet)
    launcher = next((fleet / "cloudtop-imagej-napari").rglob("*.desktop"))
    editor.open(launcher)
    editor.type(launcher, editor.texts[launcher].replace("Type=Application", "Type=Aplication"))
    await editor.until(lambda: "CT408" in editor.codes(launcher))
    run = fleet / "cloudtop-ohif/root/etc/services.d/ohif/run"
    editor.open(run)
    await editor.until(lambda: "CT111" in editor.codes(run))
    lines = editor.texts[run].rstrip("\n").split("\n")
    editor.type(run, "\n".join([*lines[:-1], "exec " + lines[-1], ""]))
    await editor.until(lambda: "CT111" not in editor.codes(run))


async def test_a_deleted_file_is_missed(start: Start, pair: Path) -> None:
    editor = await start(pair)
    dockerfile = pair / "viewer/Dockerfile"
    extra = write(pair, {"viewer/extra.txt": "x\n"}) / "viewer/extra.txt"
    write(pair, {"ctlint.toml": 'workspace = true\nselect = ["CT2", "CT3", "CT511"]\n'})
    editor.open(dockerfile, CHILD + "COPY extra.txt /srv/\n")
    await editor.shows(dockerfile)
    extra.unlink()
    editor.changed_on_disk(extra, types.FileChangeType.Deleted)
    await editor.shows(dockerfile, "CT511")
    write(pair, {"viewer/extra.txt": "x\n"})
    editor.changed_on_disk(extra, types.FileChangeType.Created)
    await editor.shows(dockerfile)


async def test_closing_without_saving_returns_to_the_file(start: Start, pair: Path) -> None:
    editor = await start(pair)
    dockerfile, script = pair / "viewer/Dockerfile", pair / "viewer/root/etc/cont-init.d/50-own.sh"
    editor.open(dockerfile)
    editor.open(script)
    editor.type(script, CLEARED)
    await editor.shows(script, "CT205")
    editor.close(script)
    await editor.shows(script)
    editor.open(script, CLEARED)
    await editor.shows(script, "CT205")
    editor.save(script)
    editor.close(script)
    editor.close(dockerfile)
    await editor.shows(script)


async def test_a_dockerfile_that_is_being_written_is_no_crash(start: Start, pair: Path) -> None:
    editor = await start(pair)
    dockerfile = pair / "viewer/Dockerfile"
    editor.open(dockerfile)
    for text in ("", "F", "FROM", "FROM ", "FROM acme/desktop:1\nCOPY", 'FROM acme/desktop:1\nENV A="', CHILD):
        editor.type(dockerfile, text)
        assert await editor.hover(dockerfile, types.Position(0, 0)) == "", "nothing to say, and all was read"
    editor.type(dockerfile, "FROM acme/desktop:1\nRUM true\n")
    await editor.until(lambda: any("RUM" in each.message for each in editor.diagnostics(dockerfile)))
    await editor.shows(dockerfile, "CT001")
    assert editor.diagnostics(dockerfile)[0].range.start.line == 1
    editor.type(dockerfile, CHILD)
    await editor.shows(dockerfile)


@pytest.mark.parametrize(
    ("encodings", "expected"),
    [(None, ("utf-16", 19, 26)), (["utf-32", "utf-16"], ("utf-32", 17, 24)), (["utf-8"], ("utf-8", 23, 30))],
)
async def test_columns_count_in_the_units_of_the_client(
    start_alone: Start, tmp_path: Path, encodings: list[str] | None, expected: tuple[str, int, int]
) -> None:
    dockerfile = write(tmp_path / "x y#", {"Dockerfile": ""}) / "Dockerfile"
    dockerfile.write_text('FROM debian:12-slim\nENV A="😀😀" LABEL=$USERID\n', "utf-8")
    editor = await start_alone(tmp_path / "x y#", encodings=encodings)
    editor.open(dockerfile)
    await editor.until(lambda: "CT304" in editor.codes(dockerfile))
    [found] = [each for each in editor.diagnostics(dockerfile) if each.code == "CT304"]
    [encoding, start_at, end_at] = expected
    assert (found.range.start, found.range.end) == (types.Position(1, start_at), types.Position(1, end_at)), encoding


async def test_a_file_outside_of_all_folders_is_linted_with_its_own(start: Start, pair: Path, tmp_path: Path) -> None:
    lone = write(tmp_path / "lone", {"Dockerfile": "FROM debian:12-slim\nENV A=$USERID\n"}) / "Dockerfile"
    for folders in ((pair,), ()):
        editor = await start(*folders)
        editor.open(lone)
        await editor.until(lambda editor=editor: "CT304" in editor.codes(lone))
        untitled = types.TextDocumentItem("untitled:Untitled-1", "dockerfile", 1, "FROM x\nENV A=$USERID\n")
        editor.client.text_document_did_open(types.DidOpenTextDocumentParams(untitled))
        editor.close(lone)
        await editor.shows(lone)


async def test_each_workspace_folder_has_its_own_configuration(start: Start, pair: Path, tmp_path: Path) -> None:
    text = "FROM debian:12-slim\nENV A=$USERID\n"
    quiet = write(tmp_path / "quiet", {"Dockerfile": text, "ctlint.toml": 'ignore = ["ALL"]\n'}) / "Dockerfile"
    loud = write(tmp_path / "loud", {"Dockerfile": text, "ctlint.toml": 'select = ["CT304"]\n'}) / "Dockerfile"
    editor = await start(quiet.parent, loud.parent)
    editor.open(quiet)
    editor.open(loud)
    await editor.shows(loud, "CT304")
    assert editor.codes(quiet) == []
    write(quiet.parent, {"ctlint.toml": 'select = ["CT304"]\n'})
    editor.changed_on_disk(quiet.parent / "ctlint.toml", types.FileChangeType.Changed)
    await editor.shows(quiet, "CT304")


async def test_a_wrong_configuration_is_told_once_and_the_last_right_one_stays(start_alone: Start, pair: Path) -> None:
    editor = await start_alone(pair)
    dockerfile, config = pair / "viewer/Dockerfile", pair / "ctlint.toml"
    right = config.read_text()
    editor.open(dockerfile, WRONG_CHILD)
    await editor.shows(dockerfile, "CT306")
    for _ in range(2):
        write(pair, {"ctlint.toml": right + 'selekt = ["CT1"]\n'})
        editor.changed_on_disk(config, types.FileChangeType.Changed)
        await editor.until(lambda: bool(editor.client.messages))
        editor.type(dockerfile, CHILD)
        await editor.shows(dockerfile)
        editor.type(dockerfile, WRONG_CHILD)
        await editor.shows(dockerfile, "CT306")
    [message] = editor.client.messages
    assert message.type is types.MessageType.Error
    assert "selekt" in message.message
    assert "select" in message.message
    write(pair, {"ctlint.toml": right.replace('"CT3"', '"CT1"')})
    editor.changed_on_disk(config, types.FileChangeType.Changed)
    await editor.shows(dockerfile)


async def test_a_crash_is_logged_and_the_server_goes_on(start_alone: Start, pair: Path, tmp_path: Path) -> None:
    code = """import sys
import ctlint.lint.lsp.room as room
lint = room.Room._lint
def fails(self, disk, texts, stale):
    print("this must not reach the client")
    if any("boom" in text for text in texts.values()):
        raise RuntimeError("kaputt")
    return lint(self, disk, texts, stale)
room.Room._lint = fails
"""
    write(tmp_path / "site", {"sitecustomize.py": code})
    editor = await start_alone(pair, site=tmp_path / "site")
    dockerfile = pair / "viewer/Dockerfile"
    wrong = WRONG_CHILD
    editor.open(dockerfile, wrong)
    await editor.shows(dockerfile, "CT306")
    editor.type(dockerfile, wrong + "# boom\n")
    await editor.until(lambda: bool(editor.client.log_messages))
    assert "kaputt" in editor.client.log_messages[0].message
    assert editor.codes(dockerfile) == ["CT306"]
    editor.type(dockerfile, CHILD)
    await editor.shows(dockerfile)


async def test_of_many_edits_the_last_counts(start: Start, fleet: Path) -> None:
    editor = await start(fleet)
    dockerfile = fleet / "cloudtop/Dockerfile"
    editor.open(dockerfile)
    await editor.until(lambda: "CT304" in editor.codes(dockerfile))
    text = editor.texts[dockerfile]
    for number in range(30):
        editor.type(dockerfile, f"{text}# {number}\n")
    editor.type(dockerfile, text.replace("ENV USER=$USERID", "ENV USER=nobody"))
    await editor.until(lambda: "CT304" not in editor.codes(dockerfile))


async def test_a_run_that_is_stale_is_given_up_and_leaves_nothing_behind(pair: Path) -> None:
    room = Room(pair.resolve())
    documents = {pair.resolve() / "viewer/Dockerfile": WRONG_CHILD}
    with pytest.raises(Stale):
        room.result(documents, lambda: True)
    assert [each.rule for each in room.result(documents).report.findings] == ["CT306"]


@pytest.mark.parametrize("watches", [True, False])
async def test_the_client_is_asked_to_watch_the_files_only_where_it_can(
    start_alone: Start, pair: Path, watches: bool
) -> None:
    asked: list[str] = []
    editor = await start_alone(pair, watches=watches, registered=asked)
    dockerfile = pair / "viewer/Dockerfile"
    editor.open(dockerfile, WRONG_CHILD)
    await editor.shows(dockerfile, "CT306")
    assert asked == ["workspace/didChangeWatchedFiles"] * watches


async def test_folders_come_and_go(start: Start, pair: Path) -> None:
    editor = await start(pair)
    dockerfile = pair / "viewer/Dockerfile"
    editor.open(dockerfile, WRONG_CHILD)
    await editor.shows(dockerfile, "CT306")
    editor.change_folders(removed=[pair])
    # alone, the parent is not known to start s6-overlay
    await editor.shows(dockerfile)
    editor.change_folders(added=[pair])
    await editor.shows(dockerfile, "CT306")


async def test_what_git_ignores_is_not_linted(start: Start, pair: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=pair / "viewer", check=True)
    write(pair / "viewer", {".gitignore": "Dockerfile.new\n"})
    editor = await start(pair / "viewer")
    ignored, dockerfile = pair / "viewer/Dockerfile.new", pair / "viewer/Dockerfile.unsaved"
    editor.open(ignored, "FROM debian:12-slim\nENV A=$USERID\n")
    editor.open(dockerfile, "FROM debian:12-slim\nENV A=$USERID\n")
    await editor.until(lambda: "CT304" in editor.codes(dockerfile))
    assert editor.codes(ignored) == []


async def test_a_folder_behind_a_link_keeps_its_name(start: Start, pair: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(pair)
    editor = await start(tmp_path / "link")
    child = tmp_path / "link/viewer/root/etc/cont-init.d/50-own.sh"
    dockerfile = tmp_path / "link/viewer/Dockerfile"
    child.write_text(CLEARED)
    editor.open(dockerfile, WRONG_CHILD)
    await editor.shows(dockerfile, "CT306")
    await editor.shows(child, "CT205")


async def test_carriage_returns_and_a_byte_order_mark(start: Start, tmp_path: Path) -> None:
    folder = write(tmp_path / "windows", {"Dockerfile": "", "ctlint.toml": 'select = ["CT304"]\n'})
    dockerfile = folder / "Dockerfile"
    text = "FROM debian:12-slim\r\nENV A=$USERID\r\n"
    dockerfile.write_bytes(b"\xef\xbb\xbf" + text.encode())
    editor = await start(folder)
    editor.open(dockerfile, text)
    await editor.shows(dockerfile, "CT304")
    assert editor.diagnostics(dockerfile)[0].range == types.Range(types.Position(1, 6), types.Position(1, 13))
    actions = await editor.actions(dockerfile, editor.diagnostics(dockerfile)[0].range)
    edit = actions["Ignore CT304 here"].edit
    assert edit is not None
    assert edit.document_changes
    [change] = edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    [insertion] = change.edits
    assert isinstance(insertion, types.TextEdit)
    assert insertion.new_text == "# ctlint: ignore[CT304]\r\n"
    assert insertion.range == types.Range(types.Position(1, 0), types.Position(1, 0))


# The command


async def test_the_options_that_editors_give(start_alone: Start, pair: Path) -> None:
    editor = await start_alone(pair, args=())
    dockerfile = pair / "viewer/Dockerfile"
    editor.open(dockerfile, WRONG_CHILD)
    await editor.shows(dockerfile, "CT306")


async def test_without_pygls_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("ctlint.lint.lsp.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "lsprotocol", None)
    monkeypatch.setitem(sys.modules, "pygls", None)
    assert main(["lsp", "--stdio"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "-m pip install pygls" in captured.err
