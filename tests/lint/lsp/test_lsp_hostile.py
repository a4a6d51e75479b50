"""`ctlint lsp` and what no editor sends: addresses that no file can have, texts that nobody writes, questions out of order."""

import time
from pathlib import Path

import pytest
from lsprotocol import types

from ctlint.lint.lsp.positions import Positions, path_of
from ctlint.lint.lsp.spot import expansions_in
from lsp_editor import Start

pytest_plugins = ["lsp_fixtures"]
asynchronous = pytest.mark.asyncio(loop_scope="session")

NO_FILES = (
    "file://[x",
    "file:///a%00b",
    "file:///\ud800",
    "http://x/y",
    "untitled:1",
    "",
    "file:",
    "git:/x?{}",
    "file://other/x",
    "file:///" + "a/" * 3000,
    "file:///" + "a" * 300 + "/Dockerfile",
)
WORD = types.Position(6, 12)


@pytest.mark.parametrize("uri", NO_FILES)
def test_an_address_that_no_file_has_names_none(uri: str) -> None:
    assert path_of(uri) is None


@asynchronous
async def test_a_document_that_no_file_can_be_leaves_the_others_answered(start: Start, pair: Path) -> None:
    """One address that could not be read kept every question about every other document from its answer."""
    editor = await start(pair)
    dockerfile = pair / "viewer/Dockerfile"
    editor.open(dockerfile)
    known = await editor.hover(dockerfile, WORD)
    assert "DATA" in known
    for uri in NO_FILES:
        if (
            uri.isprintable() and "[" not in uri
        ):  # half a character is none that JSON takes; pygls tells of half a host itself
            item = types.TextDocumentItem(uri, "dockerfile", 1, "FROM x\n")
            editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    assert await editor.hover(dockerfile, WORD) == known


@asynchronous
async def test_questions_beyond_a_text_and_before_it_is_opened_are_answered(start: Start, pair: Path) -> None:
    editor = await start(pair)
    dockerfile = pair / "viewer/Dockerfile"
    for file in (dockerfile, pair / "nowhere"):
        assert await editor.hover(file, WORD) == ""
    editor.open(dockerfile)
    far = types.Position(2**31 - 1, 2**31 - 1)
    assert await editor.hover(dockerfile, far) == ""
    assert await editor.definition(dockerfile, far) == []
    backwards = types.Range(far, types.Position(0, 0))
    assert await editor.actions(dockerfile, backwards) == {}
    hints = types.InlayHintParams(types.TextDocumentIdentifier(dockerfile.as_uri()), backwards)
    assert not await editor.client.text_document_inlay_hint_async(hints)
    for text in (
        "FROM x\0\rRUN \U0001f600$A\r\r\n",
        "# ctlint: ignore[" * 500,
        "FROM debian:12-slim\nENV A=\U0001f600$A\n",
    ):
        editor.type(dockerfile, text)
        for character in (0, 5, 7, 2**31 - 1):
            await editor.hover(dockerfile, types.Position(1, character))
            item = types.CompletionParams(
                types.TextDocumentIdentifier(dockerfile.as_uri()), types.Position(0, character)
            )
            await editor.client.text_document_completion_async(item)
    editor.type(dockerfile, editor.texts[dockerfile] + "RUN echo $A\n")
    assert "`A`" in await editor.hover(dockerfile, types.Position(2, 10))


def test_braces_that_nobody_closes_are_gone_through_once() -> None:
    begin = time.process_time()
    found = list(expansions_in("${A" * 20_000))
    assert time.process_time() - begin < 2
    assert len(found) == 20_000
    assert {each.end for each in found} == {60_000}
    nested = [(each.name, each.start, each.end) for each in expansions_in("a ${A:-${B}$C} } ${D {")]
    assert nested == [("A", 2, 14), ("B", 7, 11), ("C", 11, 13), ("D", 17, 22)]


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_positions_within_a_character_lie_behind_it(encoding: str, units: int) -> None:
    positions = Positions("\U0001f600x", encoding)
    for unit in range(1, units + 1):
        assert positions.offset(types.Position(0, unit)) == 1
    assert positions.position(1) == types.Position(0, units)
