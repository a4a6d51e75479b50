"""`ctlint lsp`: what it answers: hover, code actions that are applied, go to definition."""

import re
from pathlib import Path

import pytest
from lsprotocol import types

from checkouts import Checkout
from ctlint.lint.lsp.diagnostics import Editor as Shown
from ctlint.lint.lsp.diagnostics import diagnostics
from ctlint.lint.lsp.room import Room
from lsp_editor import BASE, CHILD, CLEARED, NEEDS_ACCOUNT, WRONG_CHILD, Editor, Start, at, edited, file_of, write

pytest_plugins = ["lsp_fixtures"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

# Hover


async def test_hover_shows_the_page_of_the_rule(start: Start, pair: Path) -> None:
    editor = await start(pair)
    dockerfile = pair / "viewer/Dockerfile"
    text = WRONG_CHILD
    editor.open(dockerfile, text)
    found = await editor.hover(dockerfile, at(text, "USER nobody"))
    assert found.startswith("## CT306 ")
    assert "### Why it matters at run time" in found
    assert await editor.hover(dockerfile, at(text, "mkdir")) == ""


async def test_hover_shows_where_a_variable_comes_from(start: Start, pair: Path) -> None:
    editor = await start(pair)
    dockerfile, script = pair / "viewer/Dockerfile", pair / "viewer/root/etc/cont-init.d/50-own.sh"
    base, account = pair / "desktop/Dockerfile", pair / "desktop/root/etc/cont-init.d/40-account.sh"
    editor.open(dockerfile)
    editor.open(script)
    inherited = await editor.hover(dockerfile, at(CHILD, "$DATA"))
    assert "`/srv/data` here" in inherited
    assert f"[desktop/Dockerfile:4]({base.as_uri()}#L4)" in inherited
    argument = await editor.hover(dockerfile, at(CHILD, "$FLAVOUR"))
    assert "`plain` here, an argument of the build" in argument
    assert "viewer/Dockerfile:4" in argument
    name = await editor.hover(script, at(NEEDS_ACCOUNT, "$USER_NAME"))
    assert '`""` in the image unless given when the container starts' in name
    assert "acme/desktop" in name
    assert f"is made at start ([desktop/root/etc/cont-init.d/40-account.sh:3]({account.as_uri()}#L3))" in name
    editor.type(script, CLEARED)
    cleared = await editor.hover(script, at(editor.texts[script], "$USER_NAME"))
    assert "s6 clears the environment" in cleared
    assigned = "#!/usr/bin/with-contenv sh\nplace=/srv/x\nmkdir -p ${place}/y\n"
    editor.type(script, assigned)
    assert "`/srv/x`, assigned in this script" in await editor.hover(script, at(assigned, "${place}", 4))
    looped = "#!/usr/bin/with-contenv sh\nfor each in a b; do\n    touch /srv/$each$OTHER\ndone\n"
    editor.type(script, looped)
    assert "- set in this script" in await editor.hover(script, at(looped, "$each"))
    assert "the image does not set it" in await editor.hover(script, at(looped, "$OTHER"))


async def test_hover_where_a_variable_is_declared(start: Start, pair: Path) -> None:
    editor = await start(pair)
    dockerfile, base = pair / "viewer/Dockerfile", pair / "desktop/Dockerfile"
    editor.open(dockerfile)
    editor.open(base)
    assert "an argument of the build, `plain`" in await editor.hover(dockerfile, at(CHILD, "FLAVOUR"))
    found = await editor.hover(base, at(BASE, "USER_NAME"))
    assert "not set" not in found
    assert '`""` in the finished image' in found
    assert "is made at start" in found
    assert await editor.hover(dockerfile, at(CHILD, "from=", 2)) == ""


@pytest.mark.parametrize(
    "value", ["![x](https://x.example/y)", "a`![x](https://x.example/y)", "``![x](https://x.example/y)`"]
)
async def test_hover_fetches_nothing_that_a_repository_names(start: Start, tmp_path: Path, value: str) -> None:
    """A picture in Markdown is fetched by the editor that draws it."""
    folder = write(tmp_path / "![x](y)", {"Dockerfile": f"FROM debian:12\nENV A='{value}'\nRUN echo $A\n"})
    editor = await start(folder)
    editor.open(folder / "Dockerfile")
    found = await editor.hover(folder / "Dockerfile", at(editor.texts[folder / "Dockerfile"], "$A"))
    assert value in found, "the value is told"
    assert "in " in found
    spoken = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", found)  # without code, CommonMark 6.1
    assert "![" not in spoken.replace("\\!", "").replace("\\[", "")
    assert "x.example" not in spoken


async def test_hover_on_an_argument_before_from(start: Start, fleet: Path) -> None:
    editor = await start(fleet)
    dockerfile = fleet / "cloudtop-ohif/Dockerfile"
    editor.open(dockerfile)
    found = await editor.hover(dockerfile, at(editor.texts[dockerfile], "$CLOUDTOP_TAG"))
    assert "`develop-latest`, the default" in found


# Code actions


async def test_a_fix_that_is_applied_leaves_no_finding(start: Start, pair: Path) -> None:
    editor = await start(pair)
    script = pair / "viewer/root/etc/cont-init.d/50-own.sh"
    text = CLEARED
    editor.open(script, text)
    await editor.shows(script, "CT205")
    where = editor.diagnostics(script)[0].range
    actions = await editor.actions(script, where)
    [title] = [title for title in actions if title.startswith("CT205")]
    fix = actions[title]
    assert fix.kind == types.CodeActionKind.QuickFix
    assert fix.diagnostics
    assert fix.diagnostics[0].code == "CT205"
    assert fix.edit is not None
    editor.apply(fix.edit)
    await editor.shows(script)
    assert editor.texts[script] == NEEDS_ACCOUNT
    assert await editor.actions(script, where) == {}


async def test_a_client_without_versioned_edits_gets_plain_ones(start_alone: Start, pair: Path) -> None:
    editor = await start_alone(pair, simple=True)
    script = pair / "viewer/root/etc/cont-init.d/50-own.sh"
    editor.open(script, CLEARED)
    await editor.shows(script, "CT205")
    actions = await editor.actions(script, editor.diagnostics(script)[0].range)
    [action] = [action for title, action in actions.items() if title.startswith("CT205")]
    assert action.edit is not None
    editor.apply(action.edit)
    await editor.shows(script)


async def test_ignoring_a_finding_writes_the_comment(start: Start, pair: Path) -> None:
    editor = await start(pair)
    dockerfile = pair / "viewer/Dockerfile"
    editor.open(dockerfile, WRONG_CHILD)
    await editor.shows(dockerfile, "CT306")
    actions = await editor.actions(dockerfile, editor.diagnostics(dockerfile)[0].range)
    action = actions["Ignore CT306 here"]
    assert action.is_preferred is False
    assert action.edit is not None
    editor.apply(action.edit)
    await editor.shows(dockerfile)
    assert "\n# ctlint: ignore[CT306]\nUSER nobody\n" in editor.texts[dockerfile]


async def test_a_mode_is_set_by_a_command(start_alone: Start, tmp_path: Path) -> None:
    release = "https://github.com/just-containers/s6-overlay/releases/download/v3.1.6.2/s6-overlay"
    s6 = "FROM debian:12-slim\n"
    for part in ("noarch", "x86_64"):
        s6 += f"ADD {release}-{part}.tar.xz /tmp/\nRUN tar -C / -Jxpf /tmp/s6-overlay-{part}.tar.xz\n"
    files = {
        "Dockerfile": s6 + 'COPY root/ /\nENTRYPOINT ["/init"]\n',
        "root/etc/cont-init.d/10-x": "#!/bin/sh\nset -e\ntrue\n",
        "ctlint.toml": 'select = ["CT104"]\n',
    }
    checkout = Checkout.of(tmp_path / "v3", files)
    folder = checkout.root
    script = folder / "root/etc/cont-init.d/10-x"
    editor = await start_alone(folder)
    editor.open(script)
    await editor.shows(script, "CT104")
    actions = await editor.actions(script, editor.diagnostics(script)[0].range)
    [action] = [action for title, action in actions.items() if title.startswith("CT104")]
    assert action.is_preferred is True
    assert action.edit is None
    assert action.command is not None
    params = types.ExecuteCommandParams(action.command.command, action.command.arguments)
    await editor.client.workspace_execute_command_async(params)
    await editor.shows(script)
    assert script.stat().st_mode & 0o777 == 0o755
    assert "100755" in checkout.git("ls-files", "-s")
    outside = write(tmp_path, {"secret": "x"}) / "secret"
    params = types.ExecuteCommandParams("ctlint.fix", [outside.as_uri(), "755"])
    await editor.client.workspace_execute_command_async(params)
    await editor.until(lambda: bool(editor.client.messages))
    assert outside.stat().st_mode & 0o111 == 0


async def test_a_file_is_renamed_by_an_edit(start: Start, pair: Path) -> None:
    folder = pair / "viewer/root/etc/cont-init.d"
    write(folder, {"9-own.sh": "#!/bin/sh\nset -e\ntrue\n"})
    editor = await start(pair)
    script = folder / "9-own.sh"
    editor.open(script)
    await editor.until(lambda: "CT203" in editor.codes(script))
    [found] = [each for each in editor.diagnostics(script) if each.code == "CT203"]
    actions = await editor.actions(script, found.range)
    [action] = [action for title, action in actions.items() if title.startswith("CT203")]
    assert action.edit is not None
    assert action.edit.document_changes
    [rename] = action.edit.document_changes
    assert isinstance(rename, types.RenameFile)
    assert file_of(rename.old_uri) == script
    assert file_of(rename.new_uri).parent == folder
    editor.close(script)
    editor.apply(action.edit)
    editor.open(file_of(rename.new_uri))
    await editor.shows(file_of(rename.new_uri))
    await editor.shows(script)


async def test_all_safe_fixes_at_once(start: Start, pair: Path) -> None:
    editor = await start(pair)
    script = pair / "viewer/root/etc/cont-init.d/50-own.sh"
    editor.open(script, CLEARED)
    await editor.shows(script, "CT205")
    nowhere = types.Range(types.Position(2, 0), types.Position(2, 0))
    actions = await editor.actions(script, nowhere, [types.CodeActionKind.SourceFixAll])
    [action] = actions.values()
    assert action.kind == "source.fixAll.ctlint"
    assert action.edit is not None
    editor.apply(action.edit)
    await editor.shows(script)


# Go to definition


async def test_from_leads_to_the_parent(start: Start, fleet: Path) -> None:
    editor = await start(fleet)
    child = fleet / "cloudtop-ohif/Dockerfile"
    editor.open(child)
    text = editor.texts[child]
    parent = (fleet / "cloudtop/Dockerfile").as_uri()
    assert await editor.definition(child, at(text, "helxplatform/cloudtop")) == [(parent, 0)]
    assert await editor.definition(child, at(text, "node:10")) == []
    builder = text[: text.index("FROM node")].count("\n")
    assert await editor.definition(child, at(text, "--from=builder", 9)) == [(child.as_uri(), builder)]


async def test_a_source_leads_to_the_file(start: Start, pair: Path) -> None:
    write(pair, {"viewer/extra.txt": "x\n"})
    text = CHILD + "COPY extra.txt /srv/\nCOPY --from=acme/desktop:1 /srv /srv\nFROM tools\n"
    dockerfile = pair / "viewer/Dockerfile"
    editor = await start(pair)
    editor.open(dockerfile, text)
    assert await editor.definition(dockerfile, at(text, "extra.txt")) == [((pair / "viewer/extra.txt").as_uri(), 0)]
    script = (pair / "viewer/root/etc/cont-init.d/50-own.sh").as_uri()
    assert await editor.definition(dockerfile, at(text, "root/ /")) == [(script, 0)]
    image = await editor.definition(dockerfile, at(text, "--from=acme", 8))
    assert image == [((pair / "desktop/Dockerfile").as_uri(), 0)]
    assert await editor.definition(dockerfile, at(text, "FROM tools", 6)) == [(dockerfile.as_uri(), 0)]


async def test_a_variable_leads_to_what_sets_it(start: Start, pair: Path) -> None:
    editor = await start(pair)
    dockerfile = pair / "viewer/Dockerfile"
    editor.open(dockerfile)
    assert await editor.definition(dockerfile, at(CHILD, "$DATA")) == [((pair / "desktop/Dockerfile").as_uri(), 3)]


# Addresses, completion, hints, configuration


async def test_a_finding_names_the_page_of_its_rule(start: Start, pair: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = await start(pair)
    found = Room(pair).result({(pair / "viewer/Dockerfile"): WRONG_CHILD})
    monkeypatch.setattr("ctlint.lint.installed_from.PUBLISHED", "https://github.com/acme/ctlint")
    [shown] = diagnostics(found, Shown())[pair / "viewer/Dockerfile"]
    assert shown.code_description == types.CodeDescription("https://acme.github.io/ctlint/rules/ct306/")
    assert editor.client.diagnostics == {}


async def completed(editor: Editor, file: Path, where: types.Position) -> list[types.CompletionItem]:
    params = types.CompletionParams(types.TextDocumentIdentifier(file.as_uri()), where)
    found = await editor.client.text_document_completion_async(params)
    return list(found) if isinstance(found, list | tuple) else []


async def test_rules_are_completed_in_an_ignore_comment(start: Start, pair: Path) -> None:
    editor = await start(pair)
    dockerfile = pair / "viewer/Dockerfile"
    text = WRONG_CHILD.replace("USER nobody", "# ctlint: ignore[CT501, CT]\nUSER nobody")
    editor.open(dockerfile, text)
    found = await completed(editor, dockerfile, at(text, "CT]", 2))
    assert {"CT205", "CT306"} <= {item.label for item in found}
    assert "CT501" not in {item.label for item in found}, "it is there already"
    first = min(found, key=lambda item: item.sort_text or "")
    assert first.label == "CT306", "it is found in this file"
    assert isinstance(first.text_edit, types.TextEdit)
    assert edited(text, [first.text_edit]) == text.replace("CT]", "CT306]")
    assert await completed(editor, dockerfile, at(text, "USER nobody", 3)) == []


async def test_a_hint_says_who_makes_the_user(start: Start, pair: Path) -> None:
    editor = await start(pair)
    script, account = (
        pair / "viewer/root/etc/cont-init.d/50-own.sh",
        pair / "desktop/root/etc/cont-init.d/40-account.sh",
    )
    text = (
        "#!/usr/bin/with-contenv sh\n# $USER_NAME is the user\nset -e\nchown $USER_NAME /srv\nchown $USER_NAME /opt\n"
    )
    editor.open(script, text)
    whole = types.Range(types.Position(0, 0), types.Position(9, 0))
    params = types.InlayHintParams(types.TextDocumentIdentifier(script.as_uri()), whole)
    [hint] = await editor.client.text_document_inlay_hint_async(params) or ()
    assert hint.position == at(text, "$USER_NAME /srv", 10)
    [part] = hint.label
    assert isinstance(part, types.InlayHintLabelPart)
    assert part.value == "made at start by 40-account.sh:3"
    assert part.location is not None
    assert (part.location.uri, part.location.range.start.line) == (account.as_uri(), 2)
    editor.open(account)
    own = types.InlayHintParams(types.TextDocumentIdentifier(account.as_uri()), whole)
    assert not await editor.client.text_document_inlay_hint_async(own), "here it is made"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('workspace = true\nselct = ["CT2"]\n', 1, "select"),
        ("workspace = true\nselect = [\n", 1, "TOML"),
        ('workspace = true\nignore = ["CT998"]\n', 1, "no rule is called `CT998`"),
    ],
)
async def test_a_fault_of_the_configuration_stands_at_its_line(
    start: Start, pair: Path, text: str, line: int, said: str
) -> None:
    editor = await start(pair)
    file = pair / "ctlint.toml"
    editor.open(file, text)
    await editor.until(lambda: bool(editor.diagnostics(file)))
    [found] = editor.diagnostics(file)
    assert said in found.message
    assert abs(found.range.start.line - line) <= 1
    editor.type(file, 'workspace = true\nignore = ["CT003"]\n')
    await editor.until(lambda: not editor.diagnostics(file))
