"""Running git's plumbing on a checkout, for what its files do not tell directly.

Nothing of the repository is executed: no hook, pager, file-system monitor or transport (a partial clone fetches
nothing), and no variable of a hook's environment (GIT_DIR, GIT_INDEX_FILE) points git elsewhere.
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

_SECONDS = 120
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


def run_git(
    git_dir: Path, root: Path, *arguments: str, given: bytes = b"", extra: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[bytes]":
    """Run git for the work tree at `root`; `given` is its standard input, `extra` more of its environment.

    Raises FileNotFoundError where there is no git, OSError or SubprocessError where it cannot be run or takes too long.
    """
    command = ["git", "--no-pager", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}"]
    command += [f"--git-dir={git_dir}", f"--work-tree={root}", *arguments]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= _ENVIRONMENT
    environment |= extra or {}
    return subprocess.run(
        command, cwd=root, env=environment, input=given, capture_output=True, timeout=_SECONDS, check=False
    )  # fmt: skip
