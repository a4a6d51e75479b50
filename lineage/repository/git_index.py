"""Which file is the index of a checkout: the one that is about to be committed."""

import os
from pathlib import Path

from .asked import is_file


def index_of(git_dir: Path) -> Path:
    """The index of a checkout: what is about to be committed.

    To a hook, `git commit -a` and `git commit PATH` name another file of the git directory than `index` (githooks(5),
    GIT_INDEX_FILE); a file elsewhere is none of this checkout's.
    """
    named = os.environ.get("GIT_INDEX_FILE")
    if named and "\0" not in named:
        path = Path(os.path.abspath(named))
        if os.path.realpath(path.parent) == os.path.realpath(git_dir) and is_file(path):
            return path
    return git_dir / "index"
