"""The language server: what the editor says comes in here, and what is found goes out (LSP 3.17).

All linting and all answers are worked out by one worker thread, one after the other; the event loop only listens. A
run is given up when what it looks at changes.
"""

import asyncio
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from ...lineage.late.dataclasses import dataclass, field
from ...lineage.repository.discover import repository_of
from ...lineage.text.errors import CtlintError
from ..config.files import NAMES
from ..output.terminal import say
from ..version import VERSION
from .actions import FIX, FIX_ALL, Offer, code_actions, set_mode
from .completion import TRIGGERS, completion
from .definition import definition
from .diagnostics import Document, Editor, diagnostics, of_configuration
from .hover import hover
from .inlay import inlay_hints
from .positions import path_of, written_path_of
from .room import Result, Room, Stale
from .spot import Spot

T = TypeVar("T")
PAUSE = 0.15
"""Seconds without a keystroke after which is linted."""
_WATCH = "ctlint-files"


@dataclass(frozen=True, slots=True)
class Studied:
    """What a run gave for a room: diagnostics by file, and what is wrong with the configuration."""

    found: Mapping[Path, list[types.Diagnostic]]
    problem: str | None = None


@dataclass(slots=True)
class Rooms:
    """The rooms that were opened so far. Used by the worker thread alone."""

    known: dict[Path, Room] = field(default_factory=lambda: dict[Path, Room]())

    def forget(self) -> None:
        for room in self.known.values():
            room.forget()

    def of(self, file: Path, editor: Editor) -> Room:
        """The room of a file: the outermost workspace folder that holds it, else its repository."""
        for folder in sorted(editor.folders, key=lambda folder: len(folder.parts)):
            if file.is_relative_to(folder):
                room = self._room(folder)
                if room.holds(file):
                    return room
        return self._room(repository_of(file))

    def _room(self, root: Path) -> Room:
        return self.known.setdefault(root, Room(root))

    def result(self, file: Path, editor: Editor) -> Result:
        """What is known of the room of a file. Raises what reading it raises."""
        return self.of(file, editor).result(editor.texts)

    def study(self, editor: Editor, stale: Callable[[], bool]) -> dict[Path, Studied | str]:
        """Lint the rooms of all open documents: what was found, or why a room could not be linted. Raises Stale."""
        studied: dict[Path, Studied | str] = {}
        rooms: dict[Path, Room] = {}
        for file in editor.documents:
            try:
                room = self.of(file, editor)
                rooms[room.root] = room
            except Exception as crash:
                studied[file] = _told(crash, file)
        for root, room in rooms.items():
            try:
                result = room.result(editor.texts, stale)
                found = diagnostics(result, editor)
                for file in editor.documents:
                    if file.name in NAMES and self.of(file, editor) is room:
                        found[file] = [*found.get(file, ()), *of_configuration(file, editor)]
                studied[root] = Studied(found, result.problem)
            except Stale:
                raise
            except Exception as crash:
                studied[root] = _told(crash, root)
        return studied


def _told(crash: Exception, where: Path) -> str:
    if isinstance(crash, (CtlintError, OSError)):
        return f"{where}: {crash}"
    return f"{where} could not be linted; this is a defect of ctlint.\n" + "".join(traceback.format_exception(crash))


class CtlintServer(LanguageServer):
    """A language server for Dockerfiles and all that images take in."""

    def __init__(self) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            "ctlint", VERSION, text_document_sync_kind=types.TextDocumentSyncKind.Full
        )
        self.rooms = Rooms()
        self._worker = ThreadPoolExecutor(1, "ctlint")
        self._generation = 0
        self._disk_changed = False
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._published: dict[str, list[types.Diagnostic]] = {}
        self._studied: dict[Path, Studied] = {}

    # What the editor has

    def editor(self) -> Editor:
        """The open documents and folders as they are now."""
        documents: dict[Path, Document] = {}
        for document in self.workspace.text_documents.values():
            file = path_of(document.uri)
            if file is not None:
                documents[file] = Document(document.uri, document.version, document.source)
        workspace = self.client_capabilities.workspace
        edit = workspace.workspace_edit if workspace is not None else None
        operations = (edit.resource_operations or ()) if edit is not None else ()
        encoding = self.workspace.position_encoding or types.PositionEncodingKind.Utf16
        return Editor(
            encoding=encoding.value if isinstance(encoding, types.PositionEncodingKind) else encoding,
            documents=documents,
            folders=self._folders(),
            edits_documents=bool(edit is not None and edit.document_changes),
            renames=types.ResourceOperationKind.Rename in operations,
        )

    def _folders(self) -> dict[Path, Path]:
        uris = [folder.uri for folder in self.workspace.folders.values()]
        if not uris and self.workspace.root_uri:
            uris = [self.workspace.root_uri]
        found: dict[Path, Path] = {}
        for uri in uris:
            path, written = path_of(uri), written_path_of(uri)
            if path is not None and written is not None and os.path.isdir(path):
                found[path] = written
        return found

    # Linting

    def touch(self, pause: float = 0.0, *, disk: bool = False) -> None:
        """Something changed: lint after a pause (in seconds). `disk`: also what is not open in the editor."""
        self._generation += 1
        self._disk_changed = self._disk_changed or disk
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(pause, self._begin)

    def _begin(self) -> None:
        self._timer = None
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._lint())

    async def _lint(self) -> None:
        """Lint until what was looked at is what there is, or a timer will see to it."""
        generation = -1
        while generation != self._generation and self._timer is None:
            generation = self._generation
            try:
                await self._lint_once(generation)
            except Stale:
                pass
            except Exception as crash:
                self.log(f"Linting failed: {crash!r}\n{traceback.format_exc()}")

    async def _lint_once(self, generation: int) -> None:
        editor = self.editor()
        studied = await self.work(lambda: self.rooms.study(editor, lambda: self._generation != generation))
        self._take(studied)
        self._publish(editor)

    async def work(self, what: Callable[[], T]) -> T:
        """Have the worker do something, with what changed on disk taken into account."""
        if self._disk_changed:
            self._disk_changed = False
            self._worker.submit(self.rooms.forget)
        return await asyncio.get_running_loop().run_in_executor(self._worker, what)

    def _take(self, studied: Mapping[Path, Studied | str]) -> None:
        """Keep what was found. A room that could not be linted keeps what it had; a wrong configuration is told once."""
        kept: dict[Path, Studied] = {}
        for root, each in studied.items():
            before = self._studied.get(root)
            if isinstance(each, str):
                self.log(each)
                kept |= {root: before} if before is not None else {}
                continue
            kept[root] = each
            if each.problem is not None and (before is None or before.problem != each.problem):
                self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"ctlint: {each.problem}"))
        self._studied = kept

    def _publish(self, editor: Editor) -> None:
        """Send the diagnostics of each file where they changed; none any more is a change, too."""
        found: dict[Path, list[types.Diagnostic]] = {}
        for studied in self._studied.values():
            for file, each in studied.found.items():
                known = found.setdefault(file, [])
                known += [diagnostic for diagnostic in each if diagnostic not in known]
        sent = {editor.uri(file): (each, editor.documents.get(file)) for file, each in found.items()}
        for uri in sorted({*sent, *self._published}):
            each, document = sent.get(uri, ([], None))
            if each == self._published.pop(uri, []):
                self._published |= {uri: each} if each else {}
                continue
            if each:
                self._published[uri] = each
            version = document.version if document is not None else None
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, each, version))

    def log(self, text: str) -> None:
        """Tell the client's log and standard error."""
        say(f"ctlint: {text}", sys.stderr)
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, text))

    # Questions

    async def ask(self, uri: str, answer: Callable[[Result, Path, Editor], T]) -> T | None:
        """Answer a question about a document as it is now; None where it cannot be answered, which is logged."""
        file, editor = path_of(uri), self.editor()
        if file is None or file not in editor.documents:
            return None
        try:
            return await self.work(lambda: answer(self.rooms.result(file, editor), file, editor))
        except Exception as crash:
            self.log(_told(crash, file))
            return None

    def set_mode(self, uri: str, mode: str) -> str | None:
        """Set the mode of a file of an open room; the reason why not, if so."""
        file, editor = path_of(uri), self.editor()
        if file is None:
            return f"{uri} is no file of this machine"
        room = self.rooms.of(file, editor)
        if all(self.rooms.of(each, editor) is not room for each in editor.documents):
            return f"{file} is of no repository that is open here"
        return set_mode(file, mode, room.root)

    def shutdown(self) -> None:
        self._worker.shutdown(wait=False, cancel_futures=True)
        super().shutdown()  # type: ignore[no-untyped-call]


def make_server() -> CtlintServer:
    """A server with all that it answers to."""
    server = CtlintServer()

    @server.feature(types.INITIALIZED)
    def initialized(ls: CtlintServer, _: types.InitializedParams) -> None:
        workspace = ls.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace is not None else None
        if watching is None or not watching.dynamic_registration:
            return
        watchers = [types.FileSystemWatcher(glob_pattern="**/*")]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers=watchers)
        registration = types.Registration(_WATCH, types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        ls.client_register_capability(types.RegistrationParams([registration]))

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(ls: CtlintServer, _: types.DidOpenTextDocumentParams) -> None:
        ls.touch(disk=True)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(ls: CtlintServer, _: types.DidChangeTextDocumentParams) -> None:
        ls.touch(PAUSE)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(ls: CtlintServer, _: types.DidSaveTextDocumentParams) -> None:
        ls.touch(disk=True)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(ls: CtlintServer, _: types.DidCloseTextDocumentParams) -> None:
        ls.touch(disk=True)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(ls: CtlintServer, _: types.DidChangeWatchedFilesParams) -> None:
        ls.touch(PAUSE, disk=True)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(ls: CtlintServer, _: types.DidChangeWorkspaceFoldersParams) -> None:
        ls.touch(disk=True)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def on_hover(ls: CtlintServer, params: types.HoverParams) -> types.Hover | None:
        return await ls.ask(
            params.text_document.uri, lambda result, file, editor: hover(_spot(result, file, editor, params), editor)
        )

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def on_definition(ls: CtlintServer, params: types.DefinitionParams) -> list[types.Location] | None:
        return await ls.ask(
            params.text_document.uri,
            lambda result, file, editor: definition(_spot(result, file, editor, params), editor),
        )

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL]),
    )
    async def on_code_action(ls: CtlintServer, params: types.CodeActionParams) -> list[types.CodeAction] | None:
        only = params.context.only
        kinds = None if only is None else [k.value if isinstance(k, types.CodeActionKind) else k for k in only]
        return await ls.ask(
            params.text_document.uri,
            lambda result, file, editor: code_actions(result, editor, Offer(file, params.range, kinds)),
        )

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=TRIGGERS))
    async def on_completion(ls: CtlintServer, params: types.CompletionParams) -> list[types.CompletionItem] | None:
        return await ls.ask(
            params.text_document.uri, lambda result, file, editor: completion(_spot(result, file, editor, params))
        )

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    async def on_inlay_hint(ls: CtlintServer, params: types.InlayHintParams) -> list[types.InlayHint] | None:
        def answer(result: Result, file: Path, editor: Editor) -> list[types.InlayHint]:
            return inlay_hints(Spot(result, file, editor.positions(file, ""), 0), editor, params.range)

        return await ls.ask(params.text_document.uri, answer)

    @server.command(FIX)
    async def on_fix(ls: CtlintServer, *arguments: Any) -> None:
        if len(arguments) != 2 or not all(isinstance(each, str) for each in arguments):
            ls.log(f"{FIX} takes a URI and a mode")
            return
        uri, mode = arguments
        problem = await ls.work(lambda: ls.set_mode(uri, mode))
        if problem is not None:
            ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"ctlint: {problem}."))
        ls.touch(disk=True)

    return server


def _spot(
    result: Result,
    file: Path,
    editor: Editor,
    params: types.HoverParams | types.DefinitionParams | types.CompletionParams,
) -> Spot:
    positions = editor.positions(file, "")
    return Spot(result, file, positions, positions.offset(params.position))
