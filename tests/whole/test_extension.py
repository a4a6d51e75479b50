"""The extension for Visual Studio Code: its conversation with `ctlint lsp`, and what its manifest promises."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "editors" / "vscode"


def test_the_conversation_with_the_server() -> None:
    assert (EXTENSION / "node_modules" / "vscode-languageclient").is_dir(), "`make unit` brings it: npm ci --omit=dev"
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "CTLINT_COMMAND": json.dumps([sys.executable, "-m", "ctlint"]),
    }
    ran = subprocess.run(["npm", "test"], cwd=EXTENSION, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "# pass 2" in ran.stdout


def test_no_repository_decides_which_program_is_run() -> None:
    """A workspace's settings may not name the server: whoever opens a stranger's repository would start it."""
    manifest = json.loads((EXTENSION / "package.json").read_text("utf-8"))
    assert manifest["contributes"]["configuration"]["properties"]["ctlint.path"]["scope"] == "machine"
    assert manifest["main"] == "./build/extension.js"
    # Where Windows looks first for a program without a folder in its name: never the folder that was opened.
    assert "server(command, homedir())" in (EXTENSION / "src" / "extension.ts").read_text("utf-8")
