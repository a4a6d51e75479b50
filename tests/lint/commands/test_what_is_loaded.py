"""A command loads what it uses: a cold start of `ctlint lint` is most of what a small repository takes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SHOW = """
import json, os, sys
from ctlint.lint.cli import main
code = main(sys.argv[1:])
with open(os.environ["LOADED"], "w") as file:
    json.dump([code, sorted(sys.modules)], file)
"""
HEAVY = {
    "_hashlib",
    "asyncio",
    "dataclasses",
    "difflib",
    "email.message",
    "http.client",
    "importlib.metadata",
    "importlib.resources",
    "inspect",
    "isal",
    "networkx",
    "pygls",
    "requests",
    "rich",
    "shutil",
    "socket",
    "ssl",
    "subprocess",
    "tarfile",
    "tempfile",
    "yaml",
    "zipfile",
    "zstandard",
}
"""What a run does without that neither draws, fetches, unpacks nor reads YAML."""
ROOMS = {
    "boot",
    "builds",
    "commands",
    "consumers",
    "desktop",
    "dockerfile",
    "effects",
    "families",
    "folding",
    "image",
    "interpreter",
    "late",
    "oci",
    "profiles",
    "remote",
    "repository",
    "s6",
    "shell",
    "text",
    "workspace",
}
"""The rooms of `lineage/` that `ctlint lint` may load; of those that only real images and GitHub need, the files below."""
OF_FOREIGN_ROOMS = {
    "ctlint.lineage.oci.address",
    "ctlint.lineage.remote.progress",
    "ctlint.lineage.remote.untrusted",
}


def loaded(tmp_path: Path, repository: Path, *words: str) -> tuple[int, set[str]]:
    """The exit code and the modules of a run of ctlint in a process of its own."""
    told = tmp_path / "loaded.json"
    subprocess.run(
        [sys.executable, "-c", SHOW, *words],
        cwd=repository,
        env={"LOADED": str(told), "PYTHONPATH": ":".join(sys.path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )
    code, modules = json.loads(told.read_text("utf-8"))
    return code, set(modules)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "image"
    folder.mkdir()
    (folder / "Dockerfile").write_text(
        "FROM alpine:3.20\nCOPY start.sh /\nRUN touch a && cd /a\nCMD /start.sh\n", "utf-8"
    )
    (folder / "start.sh").write_text("#!/bin/sh\nif [ -n $A ]; then exec httpd; fi\n", "utf-8")
    return folder


def test_lint_loads_neither_graph_nor_network_nor_what_only_other_files_need(tmp_path: Path, repository: Path) -> None:
    code, modules = loaded(tmp_path, repository, "lint", "--offline")
    assert code == 1
    assert modules & HEAVY - startup(tmp_path) == set()
    rooms = {name.split(".")[2] for name in modules if name.startswith("ctlint.lineage.")}
    assert rooms <= ROOMS
    foreign = {name for name in modules if name.startswith(("ctlint.lineage.oci.", "ctlint.lineage.remote."))}
    assert foreign <= OF_FOREIGN_ROOMS


def test_yaml_is_read_with_its_reader(tmp_path: Path, repository: Path) -> None:
    """The same list would be empty for a run that reads nothing."""
    (repository / "compose.yaml").write_text("services: {app: {build: .}}\n", "utf-8")
    assert "yaml" in loaded(tmp_path, repository, "lint", "--offline")[1]


def startup(tmp_path: Path) -> set[str]:
    """What Python itself loads here before any program, by its site packages."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"],
        env={"PYTHONPATH": ":".join(sys.path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())
