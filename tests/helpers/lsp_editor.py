"""An editor for the tests of `ctlint lsp`: a real client over standard input and output, and what it opens."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Union
from urllib.parse import unquote

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import default_converter

TOP = Path(__file__).resolve().parents[2]
FLEET = TOP / "fixtures" / "fleet"
PATIENCE = 30.0
"""Seconds after which what is waited for will not come. Nothing waits so long where all is well."""

Start = Callable[..., Any]
"""The fixtures that open folders in an editor."""

BASE = """FROM debian:12-slim
ADD https://github.com/just-containers/s6-overlay/releases/download/v2.2.0.3/s6-overlay-amd64.tar.gz /tmp/
RUN tar --exclude=./bin -xzf /tmp/s6-overlay-amd64.tar.gz -C / && tar -xzf /tmp/s6-overlay-amd64.tar.gz -C /usr ./bin
ENV USER_NAME="" DATA=/srv/data
COPY root/ /
ENTRYPOINT ["/init"]
"""
CHILD = """FROM debian:12-slim AS tools
RUN mkdir -p /opt/tools
FROM acme/desktop:1
ARG FLAVOUR=plain
COPY --from=tools /opt/tools /opt/tools
COPY root/ /
RUN echo "$DATA $FLAVOUR"
"""
MAKES_ACCOUNT = '#!/usr/bin/with-contenv sh\nset -e\nid "$USER_NAME" || useradd -m -d "/home/$USER_NAME" "$USER_NAME"\n'
NEEDS_ACCOUNT = '#!/usr/bin/with-contenv sh\nset -e\nchown "$USER_NAME" /srv\n'
WRONG_CHILD = CHILD.replace("acme/desktop:1", "acme/desktop:1\nUSER nobody")
CLEARED = NEEDS_ACCOUNT.replace("#!/usr/bin/with-contenv sh", "#!/bin/sh")


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


def converter() -> Any:
    """The client library's reader of messages, which takes every action that has a command for a bare command."""
    found = default_converter()

    def read(value: Any, _: Any) -> types.Command | types.CodeAction:
        kind = types.Command if isinstance(value.get("command"), str) else types.CodeAction
        return found.structure(value, kind)

    found.register_structure_hook(types.Command | types.CodeAction, read)
    found.register_structure_hook(Union[types.Command, types.CodeAction], read)  # noqa: UP007
    return found


def capabilities(encodings: list[str] | None = None, *, watches: bool = False) -> types.ClientCapabilities:
    found = client_capabilities("visual-studio-code")
    assert found.workspace is not None
    watching = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=watches)
    found.workspace.did_change_watched_files = watching
    found.general = types.GeneralClientCapabilities(position_encodings=encodings) if encodings is not None else None
    return found


class Editor:
    """A client with its documents, which it counts the versions of."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.texts: dict[Path, str] = {}
        self.versions: dict[Path, int] = {}

    def change_folders(self, added: Iterable[Path] = (), removed: Iterable[Path] = ()) -> None:
        event = types.WorkspaceFoldersChangeEvent(named(added), named(removed))
        self.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))

    def open(self, file: Path, text: str | None = None) -> None:
        self.texts[file] = file.read_bytes().decode() if text is None else text
        self.versions[file] = 1
        item = types.TextDocumentItem(file.as_uri(), "dockerfile", 1, self.texts[file])
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def type(self, file: Path, text: str) -> None:
        self.texts[file] = text
        self.versions[file] += 1
        identifier = types.VersionedTextDocumentIdentifier(self.versions[file], file.as_uri())
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))

    def save(self, file: Path) -> None:
        file.write_bytes(self.texts[file].encode())
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(_document(file)))

    def close(self, file: Path) -> None:
        del self.texts[file]
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(_document(file)))

    def changed_on_disk(self, file: Path, kind: types.FileChangeType) -> None:
        event = types.FileEvent(file.as_uri(), kind)
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    def diagnostics(self, file: Path) -> list[types.Diagnostic]:
        return list(self.client.diagnostics.get(file.as_uri(), ()))

    def codes(self, file: Path) -> list[str]:
        return sorted(str(each.code) for each in self.diagnostics(file))

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                assert self.client.error is None, self.client.error
                await asyncio.sleep(0.01)

    async def shows(self, file: Path, *codes: str) -> None:
        """Wait until exactly these findings stand in a file."""
        try:
            await self.until(lambda: self.codes(file) == sorted(codes))
        except TimeoutError:
            logged = [each.message for each in self.client.log_messages]
            pytest.fail(f"{file.name}: {self.codes(file)} instead of {sorted(codes)}; log: {logged}")

    async def hover(self, file: Path, at: types.Position) -> str:
        answer = await self.client.text_document_hover_async(types.HoverParams(_document(file), at))
        if answer is None:
            return ""
        assert isinstance(answer.contents, types.MarkupContent)
        return answer.contents.value

    async def definition(self, file: Path, at: types.Position) -> list[tuple[str, int]]:
        found = await self.client.text_document_definition_async(types.DefinitionParams(_document(file), at))
        locations: Iterable[Any] = found if isinstance(found, (list, tuple)) else [found] if found else []
        return [(each.uri, each.range.start.line) for each in locations]

    async def actions(
        self, file: Path, where: types.Range, only: list[types.CodeActionKind | str] | None = None
    ) -> dict[str, types.CodeAction]:
        context = types.CodeActionContext([], only)
        params = types.CodeActionParams(_document(file), where, context)
        found = await self.client.text_document_code_action_async(params)
        return {each.title: each for each in found or () if isinstance(each, types.CodeAction)}

    def apply(self, edit: types.WorkspaceEdit) -> None:
        """Make the text edits of an answer in the documents, and its renames on disk, as an editor does."""
        for change in edit.document_changes or ():
            if isinstance(change, types.TextDocumentEdit):
                file = file_of(change.text_document.uri)
                assert change.text_document.version == self.versions.get(file)
                edits = [each for each in change.edits if isinstance(each, types.TextEdit)]
                self.type(file, edited(self.texts[file], edits))
            else:
                assert isinstance(change, types.RenameFile)
                file_of(change.old_uri).rename(file_of(change.new_uri))
        for uri, found in (edit.changes or {}).items():
            self.type(file_of(uri), edited(self.texts[file_of(uri)], found))


def named(folders: Iterable[Path]) -> list[types.WorkspaceFolder]:
    """Folders as the protocol has them."""
    return [types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders]


def edited(text: str, edits: Iterable[types.TextEdit]) -> str:
    """A text of the Basic Multilingual Plane after edits; lines end at LF."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for edit in sorted(edits, key=lambda each: (each.range.start.line, each.range.start.character), reverse=True):
        start = starts[edit.range.start.line] + edit.range.start.character
        end = starts[edit.range.end.line] + edit.range.end.character
        text = text[:start] + edit.new_text + text[end:]
    return text


def _document(file: Path) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(file.as_uri())


def file_of(uri: str) -> Path:
    return Path(unquote(uri.removeprefix("file://")))


def at(text: str, mark: str, inside: int = 1) -> types.Position:
    """The position in a text of the first `mark`, or some characters into it."""
    offset = text.index(mark) + inside
    return types.Position(text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset) - 1)
