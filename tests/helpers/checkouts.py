"""Git checkouts for tests, made by git itself, with nobody's configuration but the test's."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLEET = ROOT / "fixtures" / "fleet"


_THEN = "2026-01-01T12:00:00Z"
"""When all commits are made, so that the same files have the same id whenever a test runs."""

_NOT_FOR_LONG = ("maintenance.auto=false", "core.fsync=none")
"""What git does for a repository that is to last, a process of its own for each commit, is nothing for one of a test."""


class Checkout:
    """A git work tree that a test writes to."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def of(cls, root: Path, files: Mapping[str, str] | None = None) -> "Checkout":
        """A new repository with one commit of these files, or of what is in the folder."""
        root.mkdir(parents=True, exist_ok=True)
        made = cls(root)
        made.git("init", "--quiet", "--initial-branch=main")
        made.write(files or {})
        made.commit("first")
        return made

    @classmethod
    def copy(cls, source: Path, root: Path) -> "Checkout":
        """A new repository with one commit of a folder's files."""
        shutil.copytree(source, root)
        return cls.of(root)

    def git(self, *arguments: str) -> str:
        settings = ("user.name=A", "user.email=a@example.org", "protocol.file.allow=always", *_NOT_FOR_LONG)
        identity = [word for setting in settings for word in ("-c", setting)]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        environment |= {"GIT_CONFIG_GLOBAL": str(self.root / ".git" / "nobodys"), "GIT_CONFIG_NOSYSTEM": "1"}
        environment |= {"GIT_AUTHOR_DATE": _THEN, "GIT_COMMITTER_DATE": _THEN}
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_bytes(text.encode())

    def append(self, path: str, text: str) -> None:
        self.write({path: (self.root / path).read_bytes().decode() + text})

    def commit(self, message: str) -> str:
        """Commit all that there is; the commit's id."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


def forget_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what git and pre-commit tell their hooks."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "PRE_COMMIT", "GITHUB_")):
            monkeypatch.delenv(name)
