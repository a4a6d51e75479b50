"""Servers and images for the tests of `ctlint lsp`.

Most tests share one server, as starting it takes longer than what they ask of it.
"""

import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types
from pytest_lsp import LanguageClient
from pytest_lsp.client import register_lsp_features

from lsp_editor import (
    BASE,
    CHILD,
    FLEET,
    MAKES_ACCOUNT,
    NEEDS_ACCOUNT,
    TOP,
    Editor,
    Start,
    capabilities,
    converter,
    named,
    write,
)


async def _client(
    folders: Iterable[Path] = (),
    able: types.ClientCapabilities | None = None,
    args: Iterable[str] = ("--stdio",),
    site: Path | None = None,
    registered: list[str] | None = None,
) -> LanguageClient:
    """A client whose server is started and knows the folders. `site` comes first on the server's PYTHONPATH; what the
    server asks to be told of goes to `registered`.
    """
    able = able if able is not None else capabilities()
    client = LanguageClient(converter_factory=converter)
    register_lsp_features(client)
    if registered is not None:

        @client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def register(params: types.RegistrationParams) -> None:
            registered.extend(each.method for each in params.registrations)

    path = os.pathsep.join(str(each) for each in (site, TOP / "src", os.environ.get("PYTHONPATH")) if each)
    await client.start_io(sys.executable, "-m", "ctlint", "lsp", *args, env={**os.environ, "PYTHONPATH": path})
    await client.initialize_session(types.InitializeParams(capabilities=able, workspace_folders=named(folders) or None))
    return client


async def _end(client: LanguageClient) -> None:
    """Shut a server down, which must end well."""
    await client.shutdown_session()
    assert client._server is not None
    assert client._server.returncode == 0
    await client.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_client() -> AsyncIterator[LanguageClient]:
    client = await _client()
    yield client
    await _end(client)


@pytest_asyncio.fixture(loop_scope="session")
async def start(shared_client: LanguageClient) -> AsyncIterator[Start]:
    """Opens workspace folders in the shared server, which has them closed again in the end."""
    opened: list[tuple[Editor, tuple[Path, ...]]] = []

    async def begin(*folders: Path) -> Editor:
        editor = Editor(shared_client)
        editor.change_folders(added=folders)
        opened.append((editor, folders))
        return editor

    yield begin
    for editor, folders in opened:
        for file in list(editor.texts):
            editor.close(file)
        editor.change_folders(removed=folders)
    await Editor(shared_client).until(lambda: not any(shared_client.diagnostics.values()))
    told = [each.message for each in (*shared_client.log_messages, *shared_client.messages)]
    for heard in (shared_client.diagnostics, shared_client.log_messages, shared_client.messages):
        heard.clear()
    assert told == [], "the server complains of nothing"


@pytest_asyncio.fixture(loop_scope="session")
async def start_alone() -> AsyncIterator[Start]:
    """Starts a server of its own for some workspace folders; all are shut down in the end."""
    clients: list[LanguageClient] = []

    async def begin(
        *folders: Path,
        encodings: list[str] | None = None,
        args: tuple[str, ...] = ("--stdio",),
        simple: bool = False,
        watches: bool = False,
        site: Path | None = None,
        registered: list[str] | None = None,
    ) -> Editor:
        able = types.ClientCapabilities() if simple else capabilities(encodings, watches=watches)
        client = await _client(folders, able, args, site, registered)
        clients.append(client)
        return Editor(client)

    yield begin
    for client in clients:
        await _end(client)


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FLEET, tmp_path / "fleet"))


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """A base image and one built on it, side by side, without a finding."""
    return write(
        tmp_path / "pair",
        {
            "ctlint.toml": 'workspace = true\nselect = ["CT2", "CT3"]\n',
            "desktop/Dockerfile": BASE,
            "desktop/Makefile": "build:\n\tdocker build -t acme/desktop:1 .\n",
            "desktop/root/etc/cont-init.d/40-account.sh": MAKES_ACCOUNT,
            "viewer/Dockerfile": CHILD,
            "viewer/root/etc/cont-init.d/50-own.sh": NEEDS_ACCOUNT,
        },
    )
